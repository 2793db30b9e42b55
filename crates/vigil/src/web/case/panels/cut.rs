//! Cutting what was approved.

use vigil_domain::{
    case::decide::cut::{exceptions, may_be_cut},
    law::NoticeException,
};

use super::known::{Known, choices};
use crate::web::{
    case::actions::Action,
    panel::{Choice, Field, Kind, Panel},
};

/// Cutting what was approved: where the law locks the approval the rule answers; elsewhere a case of its own decides.
pub(super) fn cut(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    let case = known.case;
    match action {
        Action::Reduce => {
            let granted = case.lines.iter().filter(|l| l.outcome.as_ref().and_then(|o| o.grant()).is_some());
            let granted = granted
                .map(|l| Choice::new(l.line.sequence.to_string(), format!("{}. {}", l.line.sequence, l.line.title())));
            let lines = Field::select("line", "Line", granted.collect());
            if !may_be_cut(known.library, case, known.now) {
                return new("Reduce")
                    .says("An approval is protected by law in most places. Try it, and the rule will answer.")
                    .field(lines)
                    .field(Field::area("why", "Why", 2));
            }
            let proposal = new("Propose the cut")
                .says("Nothing changes now. A case of its own goes to a medical director; the member is told in advance and may ask to keep the service.")
                .field(lines)
                .field(Field::new("keeps", "What would stay", Kind::Number).hint("In the unit of the approval. Empty: the service would stop"))
                .field(Field::new("effective_on", "First day on which less is given", Kind::Day))
                .field(Field::area("why", "What changed since the approval", 3));
            let allowed = exceptions(known.library, case, known.now);
            if allowed.is_empty() {
                return proposal.says("No rule in force makes an exception to the advance notice here.");
            }
            let told = |e: &NoticeException| {
                let ahead = match e.amount {
                    0 => "by the first day".to_owned(),
                    amount => format!("{} ahead", e.unit.spoken(amount)),
                };
                Choice::new(e.key.clone(), format!("Told {ahead}: {} {} ({})", e.says, e.cite, e.confidence.word()))
            };
            let none = Choice::new("", "None: the full advance notice");
            let choices = std::iter::once(none).chain(allowed.iter().map(told)).collect();
            proposal
                .field(Field::select("exception", "Exception to the advance notice", choices))
                .field(Field::text("exception_basis", "How it is known that the exception holds"))
        }
        Action::Postpone => new("Postpone")
            .says("A cut is only put off, never brought forward. The letter is written again.")
            .field(Field::new("effective_on", "New first day", Kind::Day))
            .field(Field::area("why", "Why", 2)),
        _ => new("Record")
            .says("Asked in time, the service goes on while the appeal is decided.")
            .field(Field::select(
                "asker",
                "Who asks",
                choices(&[
                    ("member", "Member"),
                    ("representative", "Appointed representative"),
                    ("provider", "Provider"),
                ]),
            ))
            .field(Field::text("asked_by", "Name, and how it was asked"))
            .field(Field::new("asked_at", "Reached us", Kind::DayTime).hint(case.contract.zone.name())),
    }
}
