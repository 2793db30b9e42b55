//! Forms about payers: told, sent, asked, answered, disputed, and the coverage itself.

use vigil_domain::stay::payer::{AnswerKind, AskKind, Channel, CoverageChange, DisputeEnd, DisputeKind};

use super::super::{
    actions::Action,
    known::{Known, words_of},
};
use crate::web::{
    panel::{Choice, Field, Kind, Panel},
    words,
};

/// What is told to, sent to, asked of and heard from a payer.
pub(super) fn payer(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    let channel = || Field::select("channel", "How", words_of!(Channel)).value("portal");
    match action {
        Action::Notify => new("Record")
            .says("Telling a payer is not an authorization.")
            .field(known.payer())
            .field(channel())
            .field(known.when("at", "Told"))
            .field(Field::text("reference", "The payer’s reference")),
        Action::Clinicals => new("Record")
            .field(known.payer())
            .field(channel())
            .field(known.when("at", "Sent"))
            .field(Field::text("what", "What was sent"))
            .field(Field::text("confirmation", "Confirmation of receipt")),
        Action::Ask => new("Record")
            .field(known.payer())
            .field(Field::select("ask", "For", words_of!(AskKind)).value("more_days"))
            .field(Field::new("days", "Days", Kind::Number))
            .field(channel())
            .field(known.when("at", "Asked"))
            .field(Field::text("reference", "Reference")),
        Action::PayerReview => new("Record").field(known.payer()).field(Field::area("what", "What the payer asks", 2)),
        Action::Dispute => new("Open")
            .field(known.payer())
            .field(Field::select("kind", "Way", words_of!(DisputeKind)).value("peer_to_peer"))
            .field(
                Field::select(
                    "asker",
                    "Asked by",
                    vec![
                        Choice::new("treating_physician", "Treating physician"),
                        Choice::new("enrollee", "Patient"),
                        Choice::new("hospital", "Hospital"),
                    ],
                )
                .value("treating_physician"),
            )
            .field(
                Field::new("agreed", "Talk agreed for", Kind::DayTime)
                    .hint(words::zone_name(known.now, known.stay.zone())),
            )
            .field(Field::area("grounds", "Grounds", 3)),
        Action::DisputeEnd => {
            let open = known.stay.disputes.iter().filter(|d| d.ended.is_none());
            let open = open.map(|d| Choice::new(d.id.to_string(), words::plain(d.kind.word()))).collect();
            new("Record")
                .field(known.numbered("Dispute", open))
                .field(Field::select("end", "Outcome", words_of!(DisputeEnd)).value("overturned"))
                .field(Field::area("words", "In words", 2))
        }
        _ => new("Record")
            .says("A fact is worth its source: who said so, when, how. An answer covers the days it names: a later approval takes no earlier day back, a denial or cancellation takes back the days it names.")
            .field(known.payer())
            .field(Field::select("answer", "Answer", words_of!(AnswerKind)).value("approved"))
            .field(Field::text("authorization", "Authorization number"))
            .field(Field::new("from", "First day it is about", Kind::Day))
            .field(Field::new("through", "Last day it is about", Kind::Day))
            .field(Field::new("days", "Days", Kind::Number))
            .field(Field::text("level", "Level of care"))
            .field(Field::new("next", "Payer’s next review", Kind::Day))
            .field(Field::area("reason", "Reason, in the payer’s words", 2))
            .field(Field::text("criteria", "Criteria the payer named"))
            .field(Field::new("talk_until", "Peer-to-peer until", Kind::DayTime))
            .field(Field::text("said_by", "Said by"))
            .field(channel())
            .field(known.when("said_at", "Said"))
            .field(Field::text("reference", "Call or message reference")),
    }
}

/// The coverage.
pub(super) fn coverage(panel: Panel, known: &Known<'_>) -> Panel {
    let lines = vigil_domain::party::LineOfBusiness::ALL.iter().map(|l| Choice::new(l.word(), l.title())).collect();
    let first = known.stay.primary();
    panel
        .says("The payer that pays first, from now on. What payers said before stays on record.")
        .field(Field::text("payer_id", "Payer number").value(first.map(|h| h.payer_id.clone()).unwrap_or_default()))
        .field(
            Field::text("plan_id", "Plan number")
                .value(first.map(|h| h.plan_id.clone()).unwrap_or_default())
                .hint("The contract’s terms are found by payer and plan"),
        )
        .field(Field::text("name", "Payer").value(first.map(|h| h.name.clone()).unwrap_or_default()))
        .field(Field::text("member_id", "Member number").value(first.map(|h| h.member_id.clone()).unwrap_or_default()))
        .field(
            Field::select("line", "Line of business", lines)
                .value(first.map_or("original-medicare", |h| h.line_of_business.word())),
        )
        .field(Field::select(
            "part_b",
            "Medicare Part B",
            vec![Choice::new("", "Not known"), Choice::new("yes", "Has Part B"), Choice::new("no", "No Part B")],
        ))
        .field(Field::select("change", "Why it changed", words_of!(CoverageChange)).value("corrected"))
        .field(Field::new("from", "From which day", Kind::Day))
        .field(Field::text("basis", "On what ground").hint("Eligibility answer of …, card shown, …"))
}
