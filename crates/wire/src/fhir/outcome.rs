//! Issues as an OperationOutcome: what the sender gets with a 4xx answer.

use super::write::Writer;
use crate::issue::Issue;

/// One OperationOutcome with every issue.
pub fn operation_outcome(issues: &[Issue]) -> Vec<u8> {
    let mut w = Writer::with_capacity(256 + issues.len() * 256);
    w.open('{');
    w.text("resourceType", "OperationOutcome");
    w.array("issue", |w| {
        for issue in issues {
            w.item(|w| {
                w.text("severity", issue.severity.word());
                w.text("code", issue.code.word());
                w.object("details", |w| w.text("text", &issue.details));
                w.text("diagnostics", &issue.diagnostics);
                // FHIRPath only: a line and column of a body that is not JSON is no path.
                if issue.expression.starts_with("line ") {
                    w.array("location", |w| w.element(&issue.expression));
                } else {
                    w.array("expression", |w| w.element(&issue.expression));
                }
            });
        }
    });
    w.close('}');
    w.finish()
}
