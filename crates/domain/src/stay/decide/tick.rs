//! Time passing: warnings before due, limits that passed unmet, each recorded; nothing lapses in silence.

use super::Draft;
use crate::stay::{
    clock::{Clock, Watch},
    event::Event,
    refusal::Refused,
};

/// Warns and lapses. What time makes owed is brought in line afterwards.
pub(super) fn tick(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let now = draft.now;
    let open: Vec<Clock> = draft.stay().clocks.iter().filter(|c| c.is_open()).cloned().collect();
    for clock in open {
        if clock.warned_at.is_none() && clock.warn_at <= now {
            draft.emit(Event::ClockWarned { clock: clock.id })?;
        }
        if clock.lapsed_at.is_none() && clock.is_past(now) {
            lapse(draft, &clock)?;
        }
    }
    Ok(())
}

/// Records that a limit passed unmet, and what follows.
pub(super) fn lapse(draft: &mut Draft<'_>, clock: &Clock) -> Result<(), Refused> {
    let effect = effect(draft, clock);
    draft.emit(Event::ClockLapsed { clock: clock.id, watch: clock.watch.clone(), effect })
}

/// What follows, in words: of the law where the rule says so, else what the limit means.
fn effect(draft: &Draft<'_>, clock: &Clock) -> String {
    if let Some(rule) = draft.books.law.by_digest(&clock.pin.digest).filter(|_| !clock.pin.digest.is_empty()) {
        return rule.breach.detail.clone().unwrap_or_else(|| rule.breach.effect.says().to_owned());
    }
    match &clock.watch {
        Watch::PayerNotification => "The payer was not told in time: days before the notice may be lost.",
        Watch::MoreDays => "The last covered day ended without more days being asked for: days are at risk.",
        Watch::Notice => "The notice was not given inside its window.",
        Watch::CommitteeNotice => "The notice of the committee's determination was not given in time.",
        Watch::PlanReview => {
            "The UR plan owed a review, or a decision with its notice, by this day: it did not come in time."
        }
        Watch::PeerToPeer => "The window for a peer-to-peer talk has closed; the reconsideration is the way.",
        Watch::QioRecords => "The records did not reach the organization in time.",
        Watch::AdvisorAnswer | Watch::AttendingAnswer | Watch::CommitteeDetermination => {
            "No answer inside the policy's time: the next rung is due."
        }
        _ => "The hospital's own timing passed; no law attaches an effect to it.",
    }
    .to_owned()
}
