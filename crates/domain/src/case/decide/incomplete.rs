//! An incomplete urgent request under a rule that gives it limits of its own: what is missing is told within hours, there is
//! time to answer, and the decision follows the answer or the end of that time (29 CFR 2560.503-1(f)(2)(i) in the packs).

use jiff::SignedDuration;

use super::{
    Draft,
    begin::{RECEIVED, next_id, warn},
};
use crate::{
    case::{
        Case, Clock,
        event::{Event, RulePin, Watches},
        refusal::Refused,
    },
    clock::{Step, moment_in_words},
    law::Rule,
    time::{Moment, Zone},
};

/// The start of a limit that counts from the end of the time to answer.
const TIME_ENDED: &str = "time_to_answer_ended";
/// The start of a limit that counts from the answer.
const ANSWERED: &str = "specified_information_received";
/// Why the clock of telling what is missing ends with the decision.
pub(super) const DECIDED: &str = "the request was answered";
/// Why it ends unmet: nothing was asked in time, so the rule's own limit stands.
pub(super) const NOT_TOLD: &str =
    "nothing was asked for in time: the request counts as complete, and its own limit stands";

fn after(at: Moment, hours: u32) -> Moment {
    at.checked_add(SignedDuration::from_hours(i64::from(hours))).unwrap_or(Moment::MAX)
}

fn begun(draft: &Draft<'_>, watches: Watches, rule: &Rule, from: &str, started_at: Moment, hours: u32) -> Event {
    let due_at = after(started_at, hours);
    Event::ClockStarted {
        clock: next_id(draft),
        watches,
        pin: RulePin { rule: rule.id.clone(), digest: rule.digest.clone(), cite: rule.cite.clone() },
        from: from.to_owned(),
        started_at,
        due_at,
        warn_at: warn(started_at, due_at),
        day_clock: false,
    }
}

fn received(events: &[(&str, Moment)]) -> Option<Moment> {
    events.iter().find(|(name, _)| *name == RECEIVED).map(|(_, at)| *at)
}

/// Beside the limit of a complete request runs the time within which what is missing must be told.
pub(super) fn watch(draft: &mut Draft<'_>, rule: &Rule, events: &[(&str, Moment)]) -> Result<(), Refused> {
    let (Some(steps), Some(at)) = (rule.incomplete, received(events)) else { return Ok(()) };
    let telling = begun(draft, Watches::Information, rule, RECEIVED, at, steps.ask_within_hours);
    draft.emit(telling)
}

/// What was missing in the request that came then was told in time: the limit of a complete one is not started again.
pub(super) fn was_told(case: &Case, rule: &Rule, events: &[(&str, Moment)]) -> bool {
    let told = |c: &Clock| c.watches == Watches::Information && c.pin.rule == rule.id && c.satisfied_at.is_some();
    case.clocks.iter().any(|c| told(c) && received(events) == Some(c.started_at))
}

/// Information is asked for. In time, the rule's limit gives way to one that counts from the end of the time to answer.
pub(super) fn told(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let now = draft.now;
    let in_time = |c: &&Clock| c.watches == Watches::Information && c.is_open() && !c.is_past(now);
    let telling: Vec<Clock> = draft.case().clocks.iter().filter(in_time).cloned().collect();
    for told in telling {
        draft.emit(Event::ClockSatisfied { clock: told.id, late: false })?;
        let Some(rule) = draft.books.law.by_digest(&told.pin.digest).cloned() else { continue };
        let Some(steps) = rule.incomplete else { continue };
        let why =
            "what is missing was told in time: the limit counts from the answer, or from the end of the time for it";
        let until = after(now, steps.answer_at_least_hours);
        give_way(draft, &rule, |c| c.from == RECEIVED, why, (TIME_ENDED, until, steps.decide_within_hours))?;
    }
    Ok(())
}

/// The information that was asked for came before the time to answer was over: the limit counts from then.
pub(super) fn answered(draft: &mut Draft<'_>, at: Moment) -> Result<(), Refused> {
    let waiting = |c: &&Clock| c.is_open() && c.from == TIME_ENDED && at < c.started_at;
    let pinned: Vec<_> = draft.case().clocks.iter().filter(waiting).map(|c| c.pin.digest.clone()).collect();
    for digest in pinned {
        let Some(rule) = draft.books.law.by_digest(&digest).cloned() else { continue };
        let Some(steps) = rule.incomplete else { continue };
        let why = "the information came: the limit counts from then";
        give_way(draft, &rule, |c| c.from == TIME_ENDED, why, (ANSWERED, at, steps.decide_within_hours))?;
    }
    Ok(())
}

/// The open clocks of a rule that counted from one event count from another: start, moment, hours.
fn give_way(
    draft: &mut Draft<'_>,
    rule: &Rule,
    which: impl Fn(&Clock) -> bool,
    why: &str,
    (from, at, hours): (&str, Moment, u32),
) -> Result<(), Refused> {
    let ours = |c: &&Clock| c.pin.digest == rule.digest && c.is_open() && c.lapsed.is_none() && which(c);
    let open: Vec<Clock> = draft.case().clocks.iter().filter(ours).cloned().collect();
    for clock in open {
        draft.emit(Event::ClockEnded { clock: clock.id, why: why.to_owned() })?;
        let next = begun(draft, clock.watches, rule, from, at, hours);
        draft.emit(next)?;
    }
    Ok(())
}

/// The arithmetic of such a clock in words; none for every other clock.
pub fn steps(rule: &Rule, clock: &Clock, zone: &Zone) -> Option<Vec<Step>> {
    let limits = rule.incomplete?;
    let hours = |n: u32, what: &str| format!("{n} hours {what} {}.", moment_in_words(clock.started_at, zone));
    let says = match (clock.watches, clock.from.as_str()) {
        (Watches::Information, _) => vec![
            hours(limits.ask_within_hours, "to tell what is missing, if anything is, from receipt:"),
            "Told in time, the limit counts from the answer; not told, the request counts as complete.".to_owned(),
        ],
        (_, TIME_ENDED) => vec![
            format!("There are at least {} hours to answer from when it was asked.", limits.answer_at_least_hours),
            hours(limits.decide_within_hours, "to decide, from the end of the time to answer:"),
        ],
        (_, ANSWERED) => vec![hours(limits.decide_within_hours, "to decide, from the answer:")],
        _ => return None,
    };
    Some(says.into_iter().map(|says| Step::new(says, Some(&rule.cite))).collect())
}
