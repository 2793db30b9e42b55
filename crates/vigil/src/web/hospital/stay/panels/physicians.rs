//! Forms about what physicians say: advice, the attending's answer, the committee, condition code 44, queries, the bill.

use vigil_domain::stay::{
    delay::{QueryKind, QueryOutcome},
    review::{Advice, AttendingView},
};

use super::super::{
    actions::Action,
    known::{Known, words_of},
    story,
};
use crate::web::{
    panel::{Choice, Field, Kind, Panel},
    words,
};

fn escalations(known: &Known<'_>) -> Field {
    let open = known.stay.escalations.iter().filter(|e| e.is_open());
    known.numbered("Second-level review", open.map(|e| Choice::new(e.id.to_string(), e.why.clone())).collect())
}

/// The advisor’s advice.
pub(super) fn advise(panel: Panel, known: &Known<'_>) -> Panel {
    panel
        .says("Advice moves no order. The attending answers it; then the UR committee, where it is needed.")
        .field(escalations(known))
        .field(Field::new("advice", "Advice", Kind::Radio(words_of!(Advice))))
        .field(Field::area("rationale", "Reasons, on this patient’s record", 4))
}

/// What the attending said.
pub(super) fn attending(panel: Panel, known: &Known<'_>) -> Panel {
    panel
        .field(escalations(known))
        .field(Field::text("attending", "Attending").value(known.stay.attending_at(known.now)))
        .field(Field::new("view", "Answer", Kind::Radio(words_of!(AttendingView))))
        .field(
            Field::text("documented", "Where the record has it")
                .hint("Progress note of …; a concurrence counts only when documented"),
        )
        .field(known.when("at", "Given"))
}

/// The UR committee’s determination.
pub(super) fn determine(panel: Panel, known: &Known<'_>) -> Panel {
    let found =
        vec![Choice::new("no", "Inpatient care is not necessary"), Choice::new("yes", "Inpatient care is necessary")];
    let mut panel = panel
        .says("As a member of this hospital’s UR committee (42 CFR 482.30). One physician where the attending concurs or presents no views, two where the attending disagrees.")
        .field(escalations(known))
        .field(Field::new("necessary", "Determination", Kind::Radio(found)))
        .field(Field::area("rationale", "Reasons", 4))
        .field(Field::new("attests", "I was not professionally involved in this patient’s care and have no financial interest in this hospital", Kind::Tick));
    panel.grave = true;
    panel
}

/// Condition code 44.
pub(super) fn code_44(panel: Panel, known: &Known<'_>) -> Panel {
    let asked = vec![Choice::new("no", "No inpatient bill was submitted"), Choice::new("yes", "One was submitted")];
    let mut panel = panel
        .says("Every condition is checked in order; the first unmet one is shown with its citation, and nothing changes. Observation counts from an order written now, never from before.")
        .field(Field::new("observation", "Observation services are ordered", Kind::Tick))
        .field(Field::new("observation_at", "Observation order written", Kind::DayTime).hint(words::zone_name(known.now, known.stay.zone())))
        .field(Field::new("bill_submitted", "Billing was asked", Kind::Radio(asked)));
    panel.grave = true;
    panel
}

/// Queries of physicians, and alerts.
pub(super) fn query(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    match action {
        Action::Query => new("Ask")
            .says("A question leads to no answer.")
            .field(Field::select("kind", "About", words_of!(QueryKind)).value("expected_midnights"))
            .field(Field::text("to", "To").value(known.stay.attending_at(known.now)))
            .field(Field::area("question", "Question", 3))
            .field(Field::area("because", "What in the record made it", 2)),
        Action::AnswerQuery => {
            let open = known.stay.queries.iter().filter(|q| q.answered.is_none());
            let open = open.map(|q| Choice::new(q.id.to_string(), q.question.clone())).collect();
            new("Record")
                .field(known.numbered("Query", open))
                .field(Field::select("outcome", "Outcome", words_of!(QueryOutcome)).value("documented"))
                .field(Field::area("words", "In words", 2))
        }
        _ => {
            let open = known.stay.alerts.iter().filter(|a| a.cleared.is_none());
            let open = open.map(|a| Choice::new(a.id.clone(), a.says.clone())).collect();
            new("Clear").field(known.numbered("Alert", open)).field(Field::area("why", "How it was dealt with", 2))
        }
    }
}

/// The bill’s route, its submission, and the end of reviews.
pub(super) fn bill(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    match action {
        Action::Bill => {
            let mut panel = new("Check and route")
                .says("Each route’s conditions are checked in order; an unmet one refuses it with its citation.")
                .field(Field::new("route", "Route", Kind::Radio(routes(known))));
            if known.stay.is_original_medicare() {
                let before = vec![Choice::new("yes", "They were"), Choice::new("no", "None were")];
                panel = panel.field(
                    Field::new("before_order", "Outpatient services before the inpatient order", Kind::Radio(before))
                        .hint("For W2: where they were, a third bill carries them"),
                );
                let care = vec![Choice::new("yes", "It would have been"), Choice::new("no", "It would not")];
                panel = panel.field(
                    Field::new(
                        "outpatient_reasonable",
                        "Outpatient care, reasonable and necessary instead",
                        Kind::Radio(care),
                    )
                    .hint("For W2: without it there is no bill. Leave it empty where the record states it already"),
                );
                let pending = vec![Choice::new("no", "None is"), Choice::new("yes", "One is pending")];
                panel = panel.field(
                    Field::new("appeal_pending", "An appeal of Part A", Kind::Radio(pending))
                        .hint("For W2: the code attests that none is pending"),
                );
            }
            panel = panel.field(Field::area("rationale", "Reasons", 3));
            panel.grave = true;
            panel
        }
        Action::BillOut => new("Record").field(known.when("at", "Submitted")),
        _ => new("End reviews").field(Field::area("why", "Why no further review is needed", 2)),
    }
}

/// The ways this stay’s bill may go: by what was changed before discharge, and by who pays.
fn routes(known: &Known<'_>) -> Vec<Choice> {
    let changed = known.stay.changed_at().is_some().then_some("cc44");
    let review: &[&str] =
        if known.stay.is_original_medicare() { &["part_a", "w2", "no_bill"] } else { &["by_contract"] };
    let words = changed.into_iter().chain(review.iter().copied());
    words.map(|word| Choice::new(word, story::procedure_title(word))).collect()
}
