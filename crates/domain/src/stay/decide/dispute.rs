//! Disputes with a payer while the patient is in the house: peer-to-peer, expedited reconsideration, and what follows.

use super::{Draft, must_be_listed, must_say, payer::held, refuse, wanted};
use crate::{
    stay::{
        command::Actor,
        event::Event,
        payer::{AnswerKind, DisputeEnd, DisputeKind},
        refusal::{Refusal, Refused},
    },
    time::Moment,
};

pub(super) fn open(
    draft: &mut Draft<'_>,
    by: &Actor,
    payer: String,
    kind: DisputeKind,
    asker: String,
    grounds: String,
    agreed_for: Option<Moment>,
) -> Result<(), Refused> {
    held(draft, &payer)?;
    must_be_listed("dispute.kind", kind.is_known(), kind.word(), "way to dispute an answer")?;
    must_say("dispute.grounds", &grounds, "The ground of the dispute")?;
    let less = |kind: &AnswerKind| matches!(kind, AnswerKind::Denied | AnswerKind::Partial | AnswerKind::Downgraded);
    let denied = draft.stay().payer(&payer).is_some_and(|p| p.answers.iter().any(|(_, a, ..)| less(&a.kind)));
    let leaning = kind == DisputeKind::PeerToPeer;
    if !denied && !leaning {
        return refuse(Refusal::house(
            "dispute.nothing",
            "The payer has answered nothing that could be disputed.",
            "Record the payer's answer first, with its source.",
        ));
    }
    if kind == DisputeKind::ExpeditedReconsideration && !draft.stay().in_house() {
        return refuse(Refusal::law(
            "dispute.not-in-house",
            "42 CFR 422.584(a) (from knowledge, verify)",
            "The stay is over: what is left is payment, and payment is not expedited.",
            "Ask for a standard reconsideration, or dispute it under the contract.",
        ));
    }
    if kind == DisputeKind::PeerToPeer {
        peer_window(draft, &payer, agreed_for)?;
    }
    let dispute = draft.stay().disputes.iter().map(|d| d.id).max().unwrap_or(0) + 1;
    draft.emit(Event::DisputeOpened { dispute, payer, kind, asker, grounds, agreed_for, person: by.person.clone() })
}

/// A talk asked for after the payer's window has closed is refused: the appeal is the way.
fn peer_window(draft: &Draft<'_>, payer: &str, agreed_for: Option<Moment>) -> Result<(), Refused> {
    if agreed_for.is_some_and(|at| at < draft.now) {
        return refuse(Refusal::house(
            "peer-to-peer.past",
            "The time agreed for the talk has passed.",
            "Choose a time that lies ahead.",
        ));
    }
    match wanted::peer_to_peer(draft, payer) {
        Some((_, window)) if draft.now.as_second() > window.due_at.as_second() => refuse(Refusal::law(
            "peer-to-peer.window",
            window.pin.cite,
            "The window for a peer-to-peer talk has closed.",
            "Ask for the expedited reconsideration.",
        )),
        _ => Ok(()),
    }
}

pub(super) fn end(
    draft: &mut Draft<'_>,
    by: &Actor,
    dispute: u32,
    end: DisputeEnd,
    words: String,
) -> Result<(), Refused> {
    if !draft.stay().disputes.iter().any(|d| d.id == dispute && d.ended.is_none()) {
        return refuse(Refusal::house("dispute.closed", "This dispute is not open.", "Reload the stay."));
    }
    must_be_listed("dispute.end", end.is_known(), end.word(), "end of a dispute")?;
    must_say("dispute.words", &words, "What was said")?;
    draft.emit(Event::DisputeEnded { dispute, end, words, person: by.person.clone() })
}
