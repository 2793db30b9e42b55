//! The case's clocks: started at receipt by the rules in force that day, each pinned; stopped, extended, met.

use super::{
    Draft,
    begin::{RECEIVED, next_id, warn},
    incomplete,
};
use crate::{
    case::{
        Case, Clock,
        event::{Event, RulePin, Watches},
        refusal::Refused,
    },
    clock::{self, Branch, Computed, Extend, Given, Stop},
    law::{Rule, Stops, Unit},
    notice::Purpose,
    request::{Review, Urgency},
    time::Moment,
};

const INFORMED: &str = "necessary_information_received";
const REASONABLY_INFORMED: &str = "reasonably_necessary_information_received";
/// For a request to be freed from step therapy: the documents that support it.
const SUPPORTED: &str = "supporting_documentation_received";
/// For a request on the state's uniform form: the form, with nothing missing in it.
const FORM_COMPLETED: &str = "completed_uniform_PA_form_received";
/// For a review of care already given: the request is the claim (29 CFR 2560.503-1(m)(3): a claim that is not pre-service).
pub(super) const CLAIMED: &str = "claim_received";
/// The start events that are the receipt of complete information.
const INFORMATION: [&str; 4] = [INFORMED, REASONABLY_INFORMED, SUPPORTED, FORM_COMPLETED];

/// Starts every clock that the law in force on the day of receipt starts for this request.
pub(super) fn start_at_receipt(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let received = draft.case().request.receipt.received_at;
    start_at(draft, received)
}

/// The same for what an update asks anew, from the moment it came.
pub(super) fn start_at(draft: &mut Draft<'_>, received: Moment) -> Result<(), Refused> {
    let urgency = draft.case().urgency.clone();
    let retrospective = draft.case().request.review == Review::Retrospective;
    let claimed = retrospective.then_some((CLAIMED, received));
    let events: Vec<(&str, Moment)> = std::iter::once((RECEIVED, received)).chain(claimed).collect();
    start(draft, &urgency, &events)
}

/// A request for which nothing was asked is complete as it came: clocks that count from complete information run from
/// then, and no case is open without a clock.
pub(super) fn complete_as_it_came(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let case = draft.case();
    let watched = |case: &Case| case.clocks.iter().any(|c| c.watches == Watches::Decision && c.is_open());
    if case.is_determined() || case.awaiting.is_some() {
        return Ok(());
    }
    let complete = complete_since(case);
    information_complete(draft, complete)?;
    if draft.case().urgency == Urgency::Expedited && !watched(draft.case()) {
        // No rule speaks of an expedited review of this kind: it is owed at least what a standard one is.
        return start(draft, &Urgency::Standard, &[(RECEIVED, complete), (INFORMED, complete)]);
    }
    Ok(())
}

/// When the information was complete: with the last that came, or with the request. Asked only while nothing is awaited.
pub(super) fn complete_since(case: &Case) -> Moment {
    case.received.last().map_or(case.request.receipt.received_at, |r| r.received_at)
}

/// The start events of complete information, unless something is awaited.
pub(super) fn informed(case: &Case, at: Moment) -> impl Iterator<Item = (&'static str, Moment)> {
    let complete = case.awaiting.is_none();
    INFORMATION.into_iter().filter(move |_| complete).map(move |event| (event, at))
}

/// Something needed turns out to be missing: clocks that count from complete information have not begun, and begin when it
/// comes. The others run on, and what has lapsed stays lapsed.
pub(super) fn information_is_missing(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let now = draft.now;
    let early =
        |c: &&Clock| c.is_open() && c.lapsed.is_none() && !c.is_past(now) && INFORMATION.contains(&c.from.as_str());
    let ended: Vec<u32> = draft.case().clocks.iter().filter(early).map(|c| c.id).collect();
    for clock in ended {
        let why = "information was asked for: this clock begins when it is complete".to_owned();
        draft.emit(Event::ClockEnded { clock, why })?;
    }
    Ok(())
}

pub(super) fn start(draft: &mut Draft<'_>, urgency: &Urgency, events: &[(&str, Moment)]) -> Result<(), Refused> {
    let on = draft.case().received_on();
    let mut controlling: Option<(Moment, Event)> = None;
    for scope in draft.case().law_scopes(urgency) {
        for rule in draft.books.law.in_force(&scope, on).rules {
            let Some(started) = started(draft, &rule, urgency, events, Watches::Decision) else { continue };
            if already(draft, &started) || incomplete::was_told(draft.case(), &rule, events) {
                continue;
            }
            let due = due_of(&started);
            draft.emit(started)?;
            incomplete::watch(draft, &rule, events)?;
            if controlling.as_ref().is_none_or(|(earliest, _)| due < *earliest)
                && let Some(notice) = self::started(draft, &rule, urgency, events, Watches::Notice)
            {
                controlling = Some((due, notice));
            }
        }
    }
    match controlling {
        Some((_, notice)) => {
            let id = next_id(draft);
            draft.emit(with_id(notice, id))
        }
        None => Ok(()),
    }
}

/// Starts the clock of a notice that must go out before something is done, by a rule that counts back from it. People are
/// warned a day ahead, and at once when that has passed.
pub(super) fn start_notice(draft: &mut Draft<'_>, rule: &Rule, events: &[(&str, Moment)]) -> Result<(), Refused> {
    let urgency = draft.case().urgency.clone();
    let Some(mut event) = started(draft, rule, &urgency, events, Watches::Notice) else { return Ok(()) };
    if let Event::ClockStarted { due_at, warn_at, .. } = &mut event {
        *warn_at = Moment::from_second(due_at.as_second() - 86_400).unwrap_or(draft.now);
    }
    draft.emit(event)
}

fn with_id(event: Event, id: u32) -> Event {
    match event {
        Event::ClockStarted { watches, pin, from, started_at, due_at, warn_at, day_clock, .. } => {
            Event::ClockStarted { clock: id, watches, pin, from, started_at, due_at, warn_at, day_clock }
        }
        other => other,
    }
}

fn due_of(event: &Event) -> Moment {
    match event {
        Event::ClockStarted { due_at, .. } => *due_at,
        _ => Moment::MAX,
    }
}

/// The same rule with the same due moment runs already.
fn already(draft: &Draft<'_>, event: &Event) -> bool {
    let Event::ClockStarted { pin, due_at, watches, .. } = event else { return false };
    draft
        .case()
        .clocks
        .iter()
        .any(|c| c.is_open() && c.watches == *watches && c.pin.rule == pin.rule && c.first_due_at <= *due_at)
}

/// The event that starts a rule's clock, if its start event is there.
pub(super) fn started(
    draft: &Draft<'_>,
    rule: &Rule,
    urgency: &Urgency,
    events: &[(&str, Moment)],
    watches: Watches,
) -> Option<Event> {
    let branch = draft.case().branch_of(rule, urgency);
    started_as(draft, rule, branch.as_ref(), urgency, events, watches)
}

/// The same for a branch that is named.
pub(super) fn started_as(
    draft: &Draft<'_>,
    rule: &Rule,
    branch: Option<&Branch>,
    urgency: &Urgency,
    events: &[(&str, Moment)],
    watches: Watches,
) -> Option<Event> {
    let contract = &draft.case().contract;
    let given = Given { urgency: urgency.word(), branch, ..Given::new(events, &contract.zone) };
    // The version was chosen by the day of receipt already; its dates are not asked again.
    let computed = clock::compute_pinned(rule, draft.books.law.calendars(), &given);
    let due_at = computed.due_at?;
    let started_at = computed.started_at?;
    let deadline = rule.deadlines.get(computed.deadline?)?;
    let from = deadline.events().first().map_or_else(|| deadline.from.clone(), |name| (*name).to_owned());
    Some(Event::ClockStarted {
        clock: next_id(draft),
        watches,
        pin: RulePin { rule: rule.id.clone(), digest: rule.digest.clone(), cite: rule.cite.clone() },
        from,
        started_at,
        due_at,
        warn_at: warn(started_at, due_at),
        day_clock: !deadline.unit.is_elapsed(),
    })
}

/// When what is open was asked: with the request, or with the change of a decided one from which its clocks count anew.
pub(super) fn asked_at(case: &Case) -> Moment {
    let begun =
        |at: &Moment| case.clocks.iter().any(|c| c.ended.is_none() && c.from == RECEIVED && c.started_at == *at);
    let changes = case.received.iter().map(|receipt| receipt.received_at).filter(begun);
    changes.max().unwrap_or(case.request.receipt.received_at)
}

/// All that was asked for is here: clocks that wait for complete information start, and may be due earlier.
pub(super) fn information_complete(draft: &mut Draft<'_>, at: Moment) -> Result<(), Refused> {
    incomplete::answered(draft, at)?;
    let received = asked_at(draft.case());
    let urgency = draft.case().urgency.clone();
    let events: Vec<_> = std::iter::once((RECEIVED, received)).chain(informed(draft.case(), at)).collect();
    start(draft, &urgency, &events)
}

/// Stops the clocks whose rule lets them stop.
pub(super) fn toll_where_allowed(draft: &mut Draft<'_>, why: &str) -> Result<(), Refused> {
    let stops: Vec<u32> = draft
        .case()
        .clocks
        .iter()
        .filter(|c| c.is_open() && !c.is_tolled() && c.lapsed.is_none())
        .filter(|c| draft.books.law.by_digest(&c.pin.digest).is_some_and(|rule| rule.tolling.stops == Stops::Always))
        .map(|c| c.id)
        .collect();
    for clock in stops {
        draft.emit(Event::ClockTolled { clock, why: why.to_owned() })?;
    }
    Ok(())
}

/// The stopped clocks run again.
pub(super) fn resume(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let stopped: Vec<Clock> = draft.case().clocks.iter().filter(|c| c.is_open() && c.is_tolled()).cloned().collect();
    for clock in stopped {
        resume_one(draft, clock)?;
    }
    Ok(())
}

/// One stopped clock runs again, due later by the time it stood still.
fn resume_one(draft: &mut Draft<'_>, mut clock: Clock) -> Result<Clock, Refused> {
    if let Some((_, until)) = clock.stops.last_mut() {
        *until = Some(draft.now);
    }
    clock.due_at = recompute(draft, &clock, None).and_then(|c| c.due_at).unwrap_or(clock.due_at);
    clock.warn_at = warn(clock.started_at, clock.due_at);
    draft.emit(Event::ClockResumed { clock: clock.id, due_at: clock.due_at, warn_at: clock.warn_at })?;
    Ok(clock)
}

pub(super) fn recompute(draft: &Draft<'_>, clock: &Clock, extension: Option<Extend>) -> Option<Computed> {
    let rule = draft.books.law.by_digest(&clock.pin.digest)?;
    let stops: Vec<Stop> = clock.stops.iter().map(|(start, end)| Stop { start: *start, end: *end }).collect();
    let taken = clock.extension.as_ref().map(|(days, at, _)| days_of(*days, *at));
    let events = [(clock.from.as_str(), clock.started_at)];
    let case = draft.case();
    let urgency = case.urgency.word();
    let branch = case.branch_of_clock(rule, clock);
    let given = Given {
        urgency,
        branch: branch.as_ref(),
        extension: extension.or(taken),
        stops: &stops,
        ..Given::new(&events, &case.contract.zone)
    };
    Some(clock::compute_pinned(rule, draft.books.law.calendars(), &given))
}

pub(super) fn days_of(days: i64, at: Moment) -> Extend {
    Extend { amount: u32::try_from(days).unwrap_or(0), unit: Unit::CalendarDays, notice_at: at }
}

/// Every line is final: decision clocks are met, or end when nothing was decided. A missed one is recorded first.
pub(super) fn decided(draft: &mut Draft<'_>, by_decision: bool) -> Result<(), Refused> {
    let open: Vec<Clock> = draft.case().clocks.iter().filter(|c| c.is_open()).cloned().collect();
    for mut clock in open {
        if clock.watches == Watches::Information {
            draft.emit(Event::ClockEnded { clock: clock.id, why: incomplete::DECIDED.into() })?;
            continue;
        }
        if by_decision && clock.watches.is_telling() {
            continue;
        }
        if clock.is_tolled() {
            // The time it stood still is not counted against the decision.
            clock = resume_one(draft, clock)?;
        }
        let late = lapse_if_late(draft, &clock)?;
        if by_decision {
            draft.emit(Event::ClockSatisfied { clock: clock.id, late })?;
        } else {
            draft.emit(Event::ClockEnded { clock: clock.id, why: "the request ended without a decision".into() })?;
        }
    }
    Ok(())
}

/// Whether a clock's due time has passed; a miss that nobody recorded yet is recorded first.
pub(super) fn lapse_if_late(draft: &mut Draft<'_>, clock: &Clock) -> Result<bool, Refused> {
    let late = clock.is_past(draft.now);
    if late && clock.lapsed.is_none() {
        super::tick::lapse(draft, clock.id)?;
    }
    Ok(late)
}

/// Whether a notice tells the answer to the request.
pub(super) fn tells_outcome(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Approval | Purpose::PartialApproval | Purpose::AdverseDetermination | Purpose::Dismissal)
}
