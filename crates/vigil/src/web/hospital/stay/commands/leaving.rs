//! From posted forms to commands about leaving: post-acute care, choice, barriers, delays, physician queries, alerts.

use vigil_domain::stay::{
    command::{Actor, Command, EnteredDelay},
    delay::{QueryKind, QueryOutcome},
    payer::{PostAcuteKind, PostAcuteStep},
};

use super::{super::actions::Action, Reader};

/// The command of a form about leaving.
pub(super) fn leaving(action: Action, read: &mut Reader<'_>, by: Actor) -> Command {
    match action {
        Action::PostAcute => Command::AskPostAcute {
            by,
            kind: PostAcuteKind::read(read.form.get("kind")),
            payer: read.form.some("payer"),
            facility: read.form.some("facility"),
            at: read.at("at", "Asked"),
        },
        Action::PostAcuteMove => Command::MovePostAcute {
            by,
            request: read.about(),
            step: PostAcuteStep::read(read.form.get("step")),
            said_by: read.text("said_by"),
            authorization: read.form.some("authorization"),
            words: read.text("words"),
            at: read.at("at", "When"),
        },
        Action::Choice => Command::GiveChoice {
            by,
            offered: read.form.lines("offered"),
            chosen: read.form.some("chosen"),
            disclosed: read.text("disclosed"),
        },
        Action::Barrier => Command::AddBarrier { by, code: read.text("code"), note: read.text("note") },
        Action::ClearBarrier => Command::ClearBarrier { by, barrier: read.about() },
        Action::Delay => {
            let today = read.stay.day(read.now);
            let delay = EnteredDelay {
                code: read.text("code"),
                from: read.day("from", "First day").unwrap_or(today),
                through: read.day("through", "Last day").unwrap_or(today),
                hours: read.whole("hours", "Hours"),
                department: read.form.some("department"),
                note: read.text("note"),
            };
            Command::RecordAvoidableDays { by, delay: Box::new(delay) }
        }
        Action::WithdrawDelay => Command::WithdrawAvoidableDays { by, stretch: read.about(), why: read.text("why") },
        Action::Query => Command::AskPhysician {
            by,
            kind: QueryKind::read(read.form.get("kind")),
            to: read.text("to"),
            question: read.text("question"),
            because: read.text("because"),
        },
        Action::AnswerQuery => Command::AnswerQuery {
            by,
            query: read.about(),
            outcome: QueryOutcome::read(read.form.get("outcome")),
            words: read.text("words"),
        },
        _ => Command::ClearAlert { by, alert: read.text("about"), why: read.text("why") },
    }
}
