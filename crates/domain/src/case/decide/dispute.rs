//! Peer-to-peer: the talk before or after an adverse determination. It never moves a clock.

use super::{Draft, refuse};
use crate::{
    case::{
        command::{Actor, PeerTalk},
        event::Event,
        refusal::{Refusal, Refused},
    },
    time::Moment,
};

pub(super) fn schedule(draft: &mut Draft<'_>, by: &Actor, at: Moment, with: String) -> Result<(), Refused> {
    if with.trim().is_empty() {
        return refuse(Refusal::house(
            "peer-to-peer.with",
            "The talk needs a name and a telephone number.",
            "Enter whom to call and at what number.",
        ));
    }
    if at < draft.now {
        return refuse(Refusal::house(
            "peer-to-peer.past",
            "The time agreed for the talk has passed.",
            "Choose a time that lies ahead.",
        ));
    }
    // When the decision is late already, a talk makes it no later than it is.
    let late = (!draft.case().is_determined())
        .then(|| draft.case().decision_clock().filter(|c| c.is_open() && at > c.due_at && !c.is_past(draft.now)))
        .flatten();
    if let Some(clock) = late {
        return refuse(Refusal::law(
            clock.pin.rule.clone(),
            clock.pin.cite.clone(),
            "The talk would come after the decision is due, and a talk does not stop the clock.",
            "Agree an earlier time, or offer the talk after the notice.",
        ));
    }
    draft.emit(Event::PeerToPeerScheduled { person: by.person.clone(), at, with })
}

/// Where the law wants the talk offered before less than asked is decided, it must have been: agreed, declined, or tried.
pub(super) fn must_be_offered(draft: &Draft<'_>) -> Result<(), Refused> {
    let case = draft.case();
    if case.peer_to_peer.is_some() {
        return Ok(());
    }
    let scope = case.scope_about("notice", "pre-denial-discussion");
    match draft.books.law.in_force(&scope, case.received_on()).rules.first() {
        Some(rule) => refuse(Refusal::law(
            rule.id.clone(),
            rule.cite.clone(),
            rule.says.clone(),
            "Agree a talk with the requester first; that it was declined, or nobody was reached, is recorded on it.",
        )),
        None => Ok(()),
    }
}

pub(super) fn record(draft: &mut Draft<'_>, by: &Actor, outcome: PeerTalk, summary: String) -> Result<(), Refused> {
    match &draft.case().peer_to_peer {
        None => {
            return refuse(Refusal::house(
                "peer-to-peer.none",
                "No peer-to-peer talk was agreed.",
                "Agree a time first; a talk held at once is agreed for now.",
            ));
        }
        Some(talk) if talk.held.is_some() => {
            return refuse(Refusal::house(
                "peer-to-peer.recorded",
                "This talk is recorded already.",
                "Agree another talk, or add a note.",
            ));
        }
        Some(_) => {}
    }
    let before_determination = !draft.case().is_determined();
    draft.emit(Event::PeerToPeerRecorded { person: by.person.clone(), outcome, summary, before_determination })
}
