//! Issues as an OperationOutcome: what the sender gets with a 4xx answer.

use super::write::Writer;
use crate::{
    issue::Issue,
    json::{Json, Limits, Value},
};

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
/// What an OperationOutcome says, one sentence an issue: for people who read a report. Nothing when the body is another resource.
pub fn words_of_outcome(body: &[u8]) -> Vec<String> {
    let Ok(json) = Json::parse(body, Limits::default()) else { return Vec::new() };
    let root = json.root();
    if root.get("resourceType").and_then(Value::text).is_none_or(|kind| kind != "OperationOutcome") {
        return Vec::new();
    }
    let one = |issue: Value<'_>| {
        let text = |value: Option<Value<'_>>| value.and_then(Value::text).unwrap_or_default().into_owned();
        let place = ["expression", "location"].iter().find_map(|name| issue.get(name)?.items().next());
        let details = text(issue.get("details").and_then(|details| details.get("text")));
        format!("{}: {details} {}", text(place), text(issue.get("diagnostics")))
    };
    root.get("issue").into_iter().flat_map(Value::items).map(one).collect()
}
