//! Time and urgency, and the ways a case or a line ends without a clinical decision.

use vigil_domain::{case::Case, reason::Reason};

use super::known::{choices, one_line, open_lines};
use crate::web::{
    case::actions::Action,
    panel::{Choice, Field, Kind, Panel},
};

pub(super) fn administrative(action: Action, new: impl Fn(&str) -> Panel, case: &Case) -> Panel {
    match action {
        Action::Clear => {
            let open = case.lines.iter().filter(|l| !l.administrative.is_empty());
            let lines = open.map(|l| {
                Choice::new(
                    l.line.sequence.to_string(),
                    format!("{}. {}", l.line.sequence, l.administrative.join("; ")),
                )
            });
            new("Clear")
                .says("The line goes on to review.")
                .field(Field::select("line", "Check", lines.collect()))
                .field(Field::area("finding", "What you found", 2))
        }
        Action::Administrative => {
            let reasons = Reason::ALL.iter().filter(|r| !r.is_clinical());
            let reasons = reasons.filter_map(|r| Some(Choice::new(r.word(), r.row()?.title)));
            new("Sign denial")
                .says("For benefit, eligibility, network and the like only. As soon as it is a clinical question, refer to the medical director.")
                .field(Field::select("line", "Line", one_line(case)))
                .field(Field::select("reason", "Reason", reasons.collect()))
                .field(Field::area("basis", "On what it rests", 2).hint("Contract section, benefit, roster entry"))
                .field(Field::area("plain", "The reason as the member will read it", 2))
        }
        Action::Eligibility => new("Confirm")
            .field(Field::new(
                "eligible",
                "Covered on the day of service",
                Kind::Radio(choices(&[("true", "Yes"), ("false", "No")])),
            ))
            .field(Field::area("basis", "What you checked", 2)),
        _ => new("Dismiss")
            .says("Ends the request without a decision, with a notice. The reason and its rule go into the notice.")
            .field(Field::area("why", "Why it is not a valid request", 2))
            .field(Field::text("cite", "On what rule").hint("42 CFR 422.568(g), contract section, …")),
    }
}

/// Time, urgency, and the ways a case ends without a clinical decision.
pub(super) fn ending(action: Action, new: impl Fn(&str) -> Panel, case: &Case) -> Panel {
    match action {
        Action::Expedite => {
            new("Expedite").says("Expedited clocks start now; the earlier due time counts.").field(Field::select(
                "asker",
                "Who asked",
                choices(&[
                    ("physician", "Physician"),
                    ("member", "Member"),
                    ("representative", "Representative"),
                    ("staff", "Staff"),
                ]),
            ))
        }
        Action::DeclineExpedite => new("Decline")
            .says("The standard time then runs from the original receipt, and a notice says so.")
            .field(Field::area("why", "Why the standard time does no harm", 2)),
        Action::DeemedApproval => new("Confirm")
            .says("The limit passed and the law approves what was not answered. Confirm the facts that trigger it.")
            .field(Field::area("basis", "What you checked", 3)),
        Action::Withdraw => new("Record withdrawal")
            .field(Field::new("line", "Lines", Kind::Checks(open_lines(case))))
            .field(Field::text("asked_by", "Who took it back, when and how"))
            .field(Field::area("why", "Why", 2)),
        _ => {
            let mut panel = new("Void the case")
                .says("Only for a case entered in error. It ends without a decision and without a notice; the record stays.")
                .field(Field::area("why", "What was entered in error", 2))
                .field(Field::new("sure", "I have checked that nobody is waiting for an answer on this case", Kind::Tick));
            panel.grave = true;
            panel
        }
    }
}
