//! Time passing, and notices: warnings before due, breaches recorded with their legal effect, never silent.

use std::collections::BTreeMap;

use super::{Draft, refuse};
use crate::{
    case::{
        Stage,
        command::{Actor, Command},
        event::{Event, Queue, Watches},
        refusal::{Refusal, Refused},
    },
    law::BreachEffect,
    notice::{Audience, Purpose},
};

/// Warns, lapses, and brings to a person what only waits.
pub(super) fn tick(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let now = draft.now;
    let to_warn: Vec<u32> = draft
        .case()
        .clocks
        .iter()
        .filter(|c| c.is_open() && !c.is_tolled() && c.warned_at.is_none() && c.warn_at <= now)
        .map(|c| c.id)
        .collect();
    for clock in &to_warn {
        draft.emit(Event::ClockWarned { clock: *clock })?;
    }
    let lapsed: Vec<u32> = draft
        .case()
        .clocks
        .iter()
        .filter(|c| c.is_open() && !c.is_tolled() && c.lapsed.is_none() && c.is_past(now))
        .map(|c| c.id)
        .collect();
    for clock in &lapsed {
        lapse(draft, *clock)?;
    }
    let waiting = matches!(draft.case().stage, Stage::Screening) && !draft.case().is_determined();
    if waiting && !(to_warn.is_empty() && lapsed.is_empty()) {
        let lines = draft.case().open_lines().map(|l| l.line.sequence).collect();
        let why = "information was asked for and has not come: decide on what is here before the due time".into();
        draft.emit(Event::Queued { queue: Queue::Nurse, lines, why })?;
    }
    Ok(())
}

/// Records the breach of one clock with its effect in law, and the notice the law asks for.
pub(super) fn lapse(draft: &mut Draft<'_>, clock: u32) -> Result<(), Refused> {
    let Some(state) = draft.case().clocks.iter().find(|c| c.id == clock) else { return Ok(()) };
    let (watches, pin) = (state.watches, state.pin.clone());
    if watches == Watches::Information {
        return draft.emit(Event::ClockEnded { clock, why: super::incomplete::NOT_TOLD.into() });
    }
    let Some(rule) = draft.books.law.by_digest(&pin.digest) else {
        return refuse(Refusal::house(
            "law.pin-missing",
            format!("The pinned text of {} is not on the shelf.", pin.rule),
            "Open the library with the pinned rules of this data directory.",
        ));
    };
    let (effect, detail) = match super::telling::beside(rule, watches) {
        // The rule's effect is that of an answer that is late, and not of a word beside it.
        true => (BreachEffect::None, "The answer was not told in time.".to_owned()),
        false => {
            let effect = rule.breach.effect;
            (effect, rule.breach.detail.clone().unwrap_or_else(|| effect.says().to_owned()))
        }
    };
    let denied = effect == BreachEffect::DeemedDenied;
    draft.emit(Event::ClockLapsed { clock, effect, detail, cite: pin.cite })?;
    let forwards = matches!(effect, BreachEffect::AutoForwardIre | BreachEffect::AutoForwardIreIfUntimely);
    let purpose = match effect {
        _ if watches != Watches::Decision => None,
        _ if denied => Some(Purpose::Untimely),
        _ if forwards => Some(Purpose::ForwardedForReview),
        _ => None,
    };
    let Some(purpose) = purpose.filter(|purpose| asked_for(draft, *purpose)) else { return Ok(()) };
    let told = draft.case().notices.iter().any(|n| n.purpose == purpose);
    if !told && !draft.case().is_determined() {
        let lines = draft.case().open_lines().map(|l| l.line.sequence).collect();
        require_notice(draft, purpose, lines)?;
    }
    Ok(())
}

/// Whether the law of this contract asks for a notice that follows a missed limit: where it does, the notice packs have its
/// elements.
fn asked_for(draft: &Draft<'_>, purpose: Purpose) -> bool {
    let contract = &draft.case().contract;
    let (line, place) = (contract.line_of_business.word(), contract.jurisdiction());
    draft.books.notices.choose(purpose, line, &place, Audience::Member).is_some()
}

/// A notice becomes owed; an errand composes it after commit.
pub(super) fn require_notice(draft: &mut Draft<'_>, purpose: Purpose, lines: Vec<u32>) -> Result<(), Refused> {
    require_notice_to(draft, Audience::Member, purpose, lines)
}

/// The same to a reader who is named.
pub(super) fn require_notice_to(
    draft: &mut Draft<'_>,
    to: Audience,
    purpose: Purpose,
    lines: Vec<u32>,
) -> Result<(), Refused> {
    let notice = draft.case().notices.iter().map(|n| n.id).max().unwrap_or(0) + 1;
    draft.emit(Event::NoticeRequired { notice, purpose, lines, to })
}

/// A person fills what a held notice lacks. What the letter says already is never changed this way.
pub(super) fn fill_notice(
    draft: &mut Draft<'_>,
    by: &Actor,
    notice: u32,
    mut fields: BTreeMap<String, String>,
) -> Result<(), Refused> {
    let Some(known) = draft.case().notices.iter().find(|n| n.id == notice) else {
        return refuse(Refusal::house(
            "notice.unknown",
            "This case has no such notice.",
            "Reload the case and choose the notice that is held.",
        ));
    };
    if known.held.is_empty() {
        return refuse(Refusal::house(
            "notice.not-held",
            "This notice is not held: it lacks nothing.",
            "Record its delivery, or correct the roster for the letters to come.",
        ));
    }
    fields.retain(|_, words| !words.trim().is_empty());
    if fields.is_empty() {
        return refuse(Refusal::house(
            "notice.nothing-filled",
            "Nothing was filled in.",
            "Fill at least one of the elements that the notice lacks.",
        ));
    }
    if draft.case().request.cut.is_some() && fields.contains_key("effective_on") {
        return refuse(Refusal::house(
            "cut.effective-on",
            "From which day less is given is not written into the letter by hand: it must leave the member time.",
            "Postpone the cut; the letter is written again with the new day.",
        ));
    }
    draft.emit(Event::NoticeFilled { notice, person: by.person.clone(), fields })
}

/// What the errands and the mail room report back about a notice.
pub(super) fn notice(draft: &mut Draft<'_>, command: Command) -> Result<(), Refused> {
    match command {
        Command::RecordNotice { notice, template, template_digest, document, language, reading_level } => {
            let known = draft.case().notices.iter().find(|n| n.id == notice);
            if known.is_some_and(|n| n.composed.as_ref().is_some_and(|c| c.document == document)) {
                return Ok(());
            }
            draft.emit(Event::NoticeComposed { notice, template, template_digest, document, language, reading_level })
        }
        Command::NoticeIncomplete { notice, missing } => {
            let known = draft.case().notices.iter().find(|n| n.id == notice);
            if known.is_some_and(|n| n.held == missing) {
                return Ok(());
            }
            draft.emit(Event::NoticeHeld { notice, missing })
        }
        Command::DeliverNotice { by, notice, delivery } => {
            let known = draft.case().notices.iter().find(|n| n.id == notice);
            if known.is_some_and(|n| n.deliveries.iter().any(|(_, d)| *d == delivery)) {
                return Ok(());
            }
            let to = delivery.clone();
            draft.emit(Event::NoticeDelivered { notice, by, delivery })?;
            super::told::delivered(draft, notice, &to)
        }
        _ => Ok(()),
    }
}
