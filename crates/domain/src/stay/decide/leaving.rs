//! Toward discharge: post-acute care, choice, barriers, avoidable days, grouping, and physician queries.

use super::{Draft, must_be_listed, must_say, payer::held, refuse};
use crate::{
    stay::{
        command::{Actor, Command, EnteredDelay},
        delay::{AvoidableDays, QueryKind},
        event::Event,
        payer::PostAcuteStep,
        refusal::{Refusal, Refused},
    },
    time::Day,
};

/// Days held by a patient's appeal of discharge.
pub const QIO_DAYS: &str = "PT-QIO";

pub(super) fn act(draft: &mut Draft<'_>, command: Command) -> Result<(), Refused> {
    match command {
        Command::AskPostAcute { by, kind, payer, facility, at } => {
            if let Some(payer) = &payer {
                held(draft, payer)?;
            }
            must_be_listed("post-acute.kind", kind.is_known(), kind.word(), "kind of post-acute care")?;
            draft.must_not_be_ahead(at)?;
            let request = draft.stay().post_acute.iter().map(|p| p.id).max().unwrap_or(0) + 1;
            draft.emit(Event::PostAcuteAsked { request, kind, payer, facility, at, person: by.person })
        }
        Command::MovePostAcute { by, request, step, said_by, authorization, words, at } => {
            let Some(known) = draft.stay().post_acute.iter().find(|p| p.id == request) else {
                return refuse(Refusal::house("post-acute.unknown", "There is no such request.", "Reload the stay."));
            };
            let number = authorization.as_ref().is_some_and(|a| !a.trim().is_empty());
            if step == PostAcuteStep::Approved && known.payer_id.is_some() && !number {
                return refuse(Refusal::house(
                    "post-acute.number",
                    "An approval has its authorization number.",
                    "Ask the payer for it; until then record it as pended.",
                ));
            }
            must_be_listed("post-acute.step", step.is_known(), step.word(), "step of a post-acute request")?;
            must_say("post-acute.said-by", &said_by, "Who said so")?;
            draft.must_not_be_ahead(at)?;
            let person = by.person;
            draft.emit(Event::PostAcuteMoved { request, step, said_by, authorization, words, at, person })
        }
        Command::GiveChoice { by, offered, chosen, disclosed } => choice(draft, &by, offered, chosen, disclosed),
        Command::AddBarrier { by, code, note } => {
            known_reason(draft, &code)?;
            let barrier = draft.stay().barriers.iter().map(|b| b.id).max().unwrap_or(0) + 1;
            draft.emit(Event::BarrierFound { barrier, code, note, person: by.person })
        }
        Command::ClearBarrier { by, barrier } => {
            if !draft.stay().barriers.iter().any(|b| b.id == barrier && b.cleared.is_none()) {
                return refuse(Refusal::house("barrier.cleared", "This barrier is not open.", "Reload the stay."));
            }
            draft.emit(Event::BarrierCleared { barrier, person: by.person })
        }
        Command::RecordAvoidableDays { by, delay } => avoidable(draft, &by, *delay),
        Command::WithdrawAvoidableDays { by, stretch, why } => {
            must_say("avoidable.why", &why, "Why it is taken back")?;
            if !draft.stay().delays.iter().any(|d| d.id == stretch) {
                return refuse(Refusal::house("avoidable.unknown", "There is no such stretch.", "Reload the stay."));
            }
            draft.emit(Event::AvoidableDaysWithdrawn { stretch, why, person: by.person })
        }
        Command::Group { by, grouping } => draft.emit(Event::Grouped { grouping, person: by.person }),
        Command::AskPhysician { by, kind, to, question, because } => {
            must_be_listed("query.kind", kind.is_known(), kind.word(), "kind of query")?;
            must_say("query.to", &to, "Whom to ask")?;
            must_say("query.question", &question, "The question")?;
            must_say("query.because", &because, "What in the record made the question")?;
            ask(draft, kind, to, question, because, by.person)
        }
        Command::AnswerQuery { by, query, outcome, words } => {
            if !draft.stay().queries.iter().any(|q| q.id == query && q.answered.is_none()) {
                return refuse(Refusal::house("query.closed", "This query is not open.", "Reload the stay."));
            }
            must_be_listed("query.outcome", outcome.is_known(), outcome.word(), "outcome of a query")?;
            draft.emit(Event::QueryAnswered { query, outcome, words, person: by.person })
        }
        _ => Ok(()),
    }
}

/// Asks a physician to document.
pub(super) fn ask(
    draft: &mut Draft<'_>,
    kind: QueryKind,
    to: String,
    question: String,
    because: String,
    person: String,
) -> Result<(), Refused> {
    let query = draft.stay().queries.iter().map(|q| q.id).max().unwrap_or(0) + 1;
    draft.emit(Event::QueryAsked { query, kind, to, question, because, person })
}

fn choice(
    draft: &mut Draft<'_>,
    by: &Actor,
    offered: Vec<String>,
    chosen: Option<String>,
    disclosed: String,
) -> Result<(), Refused> {
    if offered.is_empty() {
        return refuse(Refusal::law(
            "choice.list",
            "42 CFR 482.43(c) (from knowledge, verify)",
            "The list of providers is empty.",
            "Give the patient the list of participating providers in the area.",
        ));
    }
    if chosen.as_ref().is_some_and(|c| !offered.contains(c)) {
        return refuse(Refusal::house(
            "choice.not-offered",
            "The choice is not on the list that was given.",
            "Add the provider to the list, or record the choice as made.",
        ));
    }
    draft.emit(Event::ChoiceGiven { offered, chosen, disclosed, person: by.person.clone() })
}

fn known_reason(draft: &Draft<'_>, code: &str) -> Result<(), Refused> {
    if code == QIO_DAYS || draft.books.status.delay(code).is_some() {
        return Ok(());
    }
    refuse(Refusal::house(
        "avoidable.code",
        format!("{code} is no code of the list of reasons."),
        "Choose a code of the list; OTH asks for words.",
    ))
}

/// Days under a timely appeal of discharge: from the call until the organization has decided.
fn appealed(draft: &Draft<'_>, from: Day, through: Day) -> bool {
    let stay = draft.stay();
    stay.qio.as_ref().filter(|q| q.timely).is_some_and(|q| {
        let first = stay.day(q.called_at);
        let last = q.decided.as_ref().map(|(at, ..)| stay.day(*at));
        through >= first && last.is_none_or(|last| from <= last)
    })
}

fn avoidable(draft: &mut Draft<'_>, by: &Actor, entered: EnteredDelay) -> Result<(), Refused> {
    known_reason(draft, &entered.code)?;
    let stay = draft.stay();
    let used = stay.days_used(draft.now);
    let inside = used.first().is_some_and(|first| *first <= entered.from)
        && used.last().is_some_and(|last| entered.through <= *last)
        && entered.from <= entered.through;
    if !inside {
        return refuse(Refusal::house(
            "avoidable.days",
            "The days lie outside the days of the stay; the day of discharge is none of them.",
            "Choose days between the first day and the day before discharge.",
        ));
    }
    let reason = draft.books.status.delay(&entered.code).cloned();
    let counts = reason.as_ref().is_some_and(|r| r.avoidable);
    if counts && appealed(draft, entered.from, entered.through) {
        return refuse(Refusal::law(
            "avoidable.qio",
            "42 CFR 405.1206; 42 CFR 422.622 (from knowledge, verify)",
            "The patient has appealed discharge in time; days of the appeal are not avoidable.",
            "Record them as PT-QIO, or record the days before the call.",
        ));
    }
    if reason.as_ref().is_some_and(|r| r.needs_text) && entered.note.trim().is_empty() {
        return refuse(Refusal::house("avoidable.words", "This code asks for words.", "Say what held the patient."));
    }
    let qio = entered.code == QIO_DAYS;
    let stretch = AvoidableDays {
        id: stay.delays_made + 1,
        group: reason.as_ref().map_or_else(|| "Patient, family and social".to_owned(), |r| r.group.clone()),
        says: reason.as_ref().map_or_else(|| "Appeal of discharge to the QIO".to_owned(), |r| r.label.clone()),
        counts: counts && !qio,
        from: entered.from,
        through: entered.through,
        hours: entered.hours,
        unit: stay.place_at(draft.now).0,
        department: entered.department.or_else(|| reason.map(|r| r.owner)).unwrap_or_default(),
        note: entered.note,
        code: entered.code,
    };
    let overlaps =
        stay.delays.iter().any(|d| d.code == stretch.code && d.from <= stretch.through && stretch.from <= d.through);
    if overlaps {
        return refuse(Refusal::house(
            "avoidable.twice",
            "These days are recorded under this code already.",
            "Take the other stretch back first.",
        ));
    }
    draft.emit(Event::AvoidableDaysRecorded { stretch: Box::new(stretch), person: by.person.clone() })
}
