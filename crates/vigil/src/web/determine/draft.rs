//! What a physician has put into the form so far, and the decisions it makes: read once, for the page, the preview and
//! the signature alike.

use vigil_domain::{
    case::{
        Case, LineState,
        command::{Actor, Command, LineDecision},
        refusal::Refused,
    },
    code::Code,
    determination::{Finding, Grant, RuleOwner},
    reason::Reason,
    request::Quantity,
};

use crate::web::{case::commands::Problems, form::Form};

/// The decision about one line as the form has it.
#[derive(Debug, Clone, Default)]
pub struct LineDraft {
    /// The line.
    pub line: u32,
    /// `approve`, `partial`, `modify`, `deny`, or nothing yet.
    pub decision: String,
    /// Reason, its word.
    pub reason: String,
    /// Criterion relied on, with its citation.
    pub criterion: String,
    /// Whose rule it is, where no criteria bind.
    pub whose: String,
    /// Rationale.
    pub rationale: String,
    /// The reason as the member reads it, as typed.
    pub plain: String,
    /// Amount granted.
    pub amount: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub through: String,
    /// Service approved instead.
    pub service: String,
}

impl LineDraft {
    /// Less than asked.
    pub fn is_adverse(&self) -> bool {
        matches!(self.decision.as_str(), "partial" | "modify" | "deny")
    }
}

/// Reads the drafts of the open lines.
pub fn drafts(case: &Case, form: &Form) -> Vec<LineDraft> {
    case.open_lines()
        .map(|state| {
            let line = state.line.sequence;
            let text = |name: &str| form.get(&format!("{name}{line}")).to_owned();
            LineDraft {
                line,
                decision: text("d"),
                reason: text("r"),
                criterion: text("c"),
                whose: text("o"),
                rationale: text("w"),
                plain: text("p"),
                amount: text("q"),
                from: text("f"),
                through: text("t"),
                service: text("s"),
            }
        })
        .collect()
}

/// The command of the form.
///
/// # Errors
/// Everything that cannot be read, at once.
pub fn command(case: &Case, form: &Form, by: Actor) -> Result<Command, Refused> {
    let mut problems = Problems::default();
    let mut decisions = Vec::new();
    for draft in drafts(case, form) {
        let Some(state) = case.line(draft.line) else { continue };
        decisions.extend(decision(&draft, state, form, &mut problems));
    }
    let command = Command::Determine {
        by,
        decisions,
        attests_no_conflict: form.ticked("attest"),
        expertise: form.some("expertise"),
    };
    problems.or(command)
}

fn decision(draft: &LineDraft, state: &LineState, form: &Form, problems: &mut Problems) -> Option<LineDecision> {
    let line = draft.line;
    let finding = Finding {
        line,
        reason: Reason::read(&draft.reason),
        rationale: draft.rationale.clone(),
        plain_reason: draft.plain.clone(),
        criterion: Some(draft.criterion.clone()).filter(|c| !c.is_empty()),
        whose: Some(draft.whose.clone()).filter(|w| !w.is_empty()).map(|w| RuleOwner::read(&w)),
    };
    let mut grant = || grant(draft, state, form, problems);
    match draft.decision.as_str() {
        "approve" => Some(LineDecision::Approve { line, grant: grant() }),
        "partial" => Some(LineDecision::Partial { grant: grant(), finding }),
        "modify" => Some(LineDecision::Modify { grant: grant(), finding }),
        "deny" => Some(LineDecision::Deny { finding }),
        _ => None,
    }
}

fn grant(draft: &LineDraft, state: &LineState, form: &Form, problems: &mut Problems) -> Grant {
    let line = draft.line;
    let what = |word: &str| format!("Line {line}, {word}");
    let unit = state.line.quantity.as_ref().map_or_else(|| "unit".to_owned(), |q| q.unit.clone());
    let amount = problems.number(form, &format!("q{line}"), &what("amount"));
    let service =
        (!draft.service.is_empty()).then(|| Code::new(state.line.service.system.clone(), draft.service.clone()));
    Grant {
        authorization: String::new(),
        quantity: amount.map(|amount| Quantity { amount, unit }),
        from: problems.day(form, &format!("f{line}"), &what("first day")),
        through: problems.day(form, &format!("t{line}"), &what("last day")),
        service: service.filter(|_| draft.decision == "modify"),
    }
}
