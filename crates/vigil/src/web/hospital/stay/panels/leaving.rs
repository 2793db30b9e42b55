//! Forms about leaving: post-acute care, choice, barriers, avoidable days, the working MS-DRG.

use vigil_domain::stay::payer::{PostAcuteKind, PostAcuteStep};

use super::super::{
    actions::Action,
    known::{Known, reasons, words_of},
};
use crate::web::{
    panel::{Choice, Field, Kind, Panel},
    words,
};

/// Post-acute care, choice, barriers, delays and grouping.
pub(super) fn leaving(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    let codes = || Field::select("code", "Reason", reasons(known.library));
    match action {
        Action::PostAcute => new("Record")
            .field(Field::select("kind", "What", words_of!(PostAcuteKind)).value("skilled_nursing"))
            .field(known.payer())
            .field(Field::text("facility", "Facility or agency"))
            .field(known.when("at", "Asked")),
        Action::PostAcuteMove => {
            let all = known.stay.post_acute.iter();
            let all = all.map(|p| Choice::new(p.id.to_string(), words::plain(p.kind.word()))).collect();
            new("Record")
                .field(known.numbered("Request", all))
                .field(Field::select("step", "Step", words_of!(PostAcuteStep)).value("approved"))
                .field(Field::text("said_by", "Said by"))
                .field(Field::text("authorization", "Authorization number"))
                .field(known.when("at", "When"))
                .field(Field::area("words", "In words", 2))
        }
        Action::Choice => new("Record")
            .field(Field::area("offered", "Offered, one a line", 4))
            .field(Field::text("chosen", "Chosen"))
            .field(Field::text("disclosed", "Financial interests told").value("none")),
        Action::Barrier => new("Record").field(codes()).field(Field::area("note", "In words", 2)),
        Action::ClearBarrier => {
            let open = known.stay.barriers.iter().filter(|b| b.cleared.is_none());
            let open = open.map(|b| Choice::new(b.id.to_string(), format!("{} {}", b.code, b.note))).collect();
            new("Clear").field(known.numbered("Barrier", open))
        }
        Action::Delay => new("Record")
            .says("Recorded apart from criteria: a day may be both met and delayed.")
            .field(codes())
            .field(known.day("from", "First day"))
            .field(known.day("through", "Last day"))
            .field(Field::new("hours", "Hours, where less than a day", Kind::Number))
            .field(Field::text("department", "Department").hint("Empty: the reason’s owner"))
            .field(Field::area("note", "In words", 2)),
        Action::WithdrawDelay => {
            let all = known.stay.delays.iter();
            let all = all.map(|d| Choice::new(d.id.to_string(), format!("{} {}", d.code, d.says))).collect();
            new("Take back").field(known.numbered("Delay", all)).field(Field::area("why", "Why", 2))
        }
        Action::Group => new("Group")
            .says("The expected days come from the loaded table of the discharge day.")
            .field(Field::text("ms_drg", "MS-DRG, three digits"))
            .field(Field::new("final", "Final coding", Kind::Tick)),
        _ => new("Record"),
    }
}
