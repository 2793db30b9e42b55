//! What a rule says of telling an answer beside the member's letter: the provider's own letter, calls, and letters that count
//! from the decision or from a call. Each duty has a clock of its own, which begins when the answer stands.

use super::{
    Draft,
    begin::{next_id, warn},
    clocks::{asked_at, started_as, tells_outcome},
    tick::require_notice_to,
};
use crate::{
    case::{
        Case, Clock,
        command::Delivery,
        event::{Event, Watches},
        refusal::Refused,
    },
    clock::{Step, moment_in_words},
    determination::{Approver, Outcome},
    law::{After, Combine, Deadline, Direction, Listener, Means, Rule, Span, Telling},
    notice::{Audience, NoticeTemplate, Purpose},
    request::{Channel, Urgency},
    time::{Moment, Zone},
};

/// The start of a time that counts from the answer.
const DETERMINED: &str = "determination_made";
/// The start of a time that counts from the call to the provider.
const CALLED: &str = "provider_called";
/// Why the letter's first clock gives way.
const OWN_TIME: &str = "the rule gives the letter a time of its own once the answer stands";

/// What of the answers is told: approved as asked, less than asked.
fn parts(case: &Case) -> (bool, bool) {
    let told = |purpose: Purpose| case.notices.iter().any(|n| n.purpose == purpose);
    (told(Purpose::Approval), told(Purpose::AdverseDetermination) || told(Purpose::PartialApproval))
}

/// What the rules that governed the answer say of telling it, each with the clock that the rule had; of one kind, the one that
/// is due first.
fn duties<'c>(draft: &'c Draft<'_>, (approved, adverse): (bool, bool)) -> Vec<(&'c Clock, Telling)> {
    // What was met before this was asked governed an earlier answer.
    let since = asked_at(draft.case());
    let governs = |c: &&Clock| {
        matches!(c.watches, Watches::Decision | Watches::Notice)
            && c.ended.is_none()
            && c.satisfied_at.is_none_or(|met| met >= since)
    };
    let mut clocks: Vec<&Clock> = draft.case().clocks.iter().filter(governs).collect();
    clocks.sort_by_key(|c| (c.due_at, c.id));
    let mut found: Vec<(&Clock, Telling)> = Vec::new();
    for clock in clocks {
        let rule = draft.books.law.by_digest(&clock.pin.digest);
        for telling in rule.iter().filter_map(|r| r.notice.as_ref()).flat_map(|n| n.tellings(approved, adverse)) {
            let kind = (telling.whom, telling.by == Means::Letter, telling.after);
            if !found.iter().any(|(_, t)| (t.whom, t.by == Means::Letter, t.after) == kind) {
                found.push((clock, *telling));
            }
        }
    }
    found
}

fn watched(telling: &Telling) -> Watches {
    match (telling.whom, telling.by) {
        (Listener::Provider, Means::Letter) => Watches::ProviderLetter,
        (Listener::Provider, _) => Watches::ProviderTold,
        (Listener::Member, Means::Letter) => Watches::Notice,
        (Listener::Member, _) => Watches::MemberTold,
    }
}

/// The provider's own notice becomes owed, where a rule or the notice packs ask for it and the packs have its words. What was
/// approved in the very answer to an electronic request was told by that answer.
pub(super) fn provider_too(draft: &mut Draft<'_>, purpose: Purpose, lines: Vec<u32>) -> Result<(), Refused> {
    let case = draft.case();
    if purpose == Purpose::Approval && answered_at_once(case, &lines) {
        return Ok(());
    }
    let contract = &case.contract;
    let (line, place) = (contract.line_of_business.word(), contract.jurisdiction());
    let Some(words) = draft.books.notices.choose(purpose, line, &place, Audience::Provider) else { return Ok(()) };
    let adverse = matches!(purpose, Purpose::AdverseDetermination | Purpose::PartialApproval);
    let provider = |t: &Telling| t.whom == Listener::Provider && t.by == Means::Letter;
    let by_law = duties(draft, (purpose == Purpose::Approval, adverse)).iter().any(|(_, t)| provider(t));
    let owed = by_law || (adverse && owed_by_packs(words, case));
    if !owed {
        return Ok(());
    }
    require_notice_to(draft, Audience::Provider, purpose, lines)
}

/// Whether a notice names this case's requests among those whose denial the provider is told.
fn owed_by_packs(notice: &NoticeTemplate, case: &Case) -> bool {
    let line = case.contract.line_of_business.word();
    notice.owed.iter().any(|owed| {
        owed.lines_of_business.iter().any(|l| l == line)
            && owed.from.is_none_or(|from| case.received_on() >= from)
            && !(owed.but_drugs && case.lines.iter().all(|l| l.line.drug))
            && case.request.cut.is_none()
    })
}

/// Approved by automation in the answer to an electronic request, with nothing asked for in between.
fn answered_at_once(case: &Case, lines: &[u32]) -> bool {
    let electronic = matches!(case.request.receipt.channel, Channel::Fhir | Channel::X12);
    let automatic = |outcome: &Outcome| matches!(outcome, Outcome::Approved { by: Approver::Automation { .. }, .. });
    let of = |sequence: &u32| case.line(*sequence).and_then(|l| l.outcome.as_ref()).is_some_and(automatic);
    electronic && case.asked_for.is_empty() && case.received.is_empty() && lines.iter().all(of)
}

/// The answer stands and its notices are owed: the clocks of telling it begin.
pub(super) fn begin(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let now = draft.now;
    let begins = |telling: &Telling| telling.after == After::Decision && is_owed(draft.case(), telling);
    let duties = duties(draft, parts(draft.case())).into_iter().filter(|(_, telling)| begins(telling));
    let duties: Vec<(Clock, Telling)> = duties.map(|(clock, telling)| (clock.clone(), telling)).collect();
    duties.iter().try_for_each(|(clock, telling)| start(draft, clock, telling, DETERMINED, now))
}

/// Whether there is something to tell in this way: a letter that is owed and was not given, or a call.
fn is_owed(case: &Case, telling: &Telling) -> bool {
    let to = match telling.whom {
        Listener::Member => Audience::Member,
        Listener::Provider => Audience::Provider,
    };
    let open = case.notices.iter().any(|n| n.to == to && tells_outcome(n.purpose) && n.given().is_none());
    let own_time = telling.whom != Listener::Member || telling.within.is_some();
    telling.by != Means::Letter || (open && own_time)
}

/// Starts the clock of one duty. A letter whose rule gives it a time of its own no longer runs by the decision's.
fn start(draft: &mut Draft<'_>, clock: &Clock, telling: &Telling, from: &str, at: Moment) -> Result<(), Refused> {
    let watches = watched(telling);
    let same = |c: &Clock| c.watches == watches && c.pin.digest == clock.pin.digest && c.is_open();
    let Some(rule) = draft.books.law.by_digest(&clock.pin.digest).cloned() else { return Ok(()) };
    let Some(within) = telling.within else {
        if draft.case().clocks.iter().any(same) {
            return Ok(());
        }
        let (pin, from, started_at, due_at) = (clock.pin.clone(), clock.from.clone(), clock.started_at, clock.due_at);
        let (warn_at, day_clock) = (warn(started_at, due_at), clock.day_clock);
        let clock = next_id(draft);
        return draft.emit(Event::ClockStarted { clock, watches, pin, from, started_at, due_at, warn_at, day_clock });
    };
    let early: Vec<u32> = draft.case().clocks.iter().filter(|c| same(c) && c.lapsed.is_none()).map(|c| c.id).collect();
    for clock in early {
        draft.emit(Event::ClockEnded { clock, why: OWN_TIME.to_owned() })?;
    }
    let limited = limited(&rule, within, from);
    match started_as(draft, &limited, None, &Urgency::Standard, &[(from, at)], watches) {
        Some(event) => draft.emit(event),
        None => Ok(()),
    }
}

/// The rule with one limit in the place of its own.
pub(super) fn limited(rule: &Rule, within: Span, from: &str) -> Rule {
    let limit = Deadline {
        amount: Some(within.amount),
        unit: within.unit,
        from: from.to_owned(),
        key: None,
        note: None,
        direction: Direction::After,
    };
    Rule { deadlines: vec![limit], combine: Combine::Earliest, extension: None, ..rule.clone() }
}

/// Whether a clock that watches this under a rule is a duty beside the answer, whose breach has no effect of its own.
pub fn beside(rule: &Rule, watches: Watches) -> bool {
    let stated = || rule.notice.iter().flat_map(|n| &n.tells).any(|telling| watched(telling) == watches);
    matches!(watches, Watches::ProviderLetter | Watches::ProviderTold | Watches::MemberTold) && stated()
}

/// Whether a delivery is the call that a clock waits for: what its rule names, and without a word of it whatever is quick.
pub(super) fn is_call(rule: Option<&Rule>, clock: &Clock, delivery: &Delivery) -> bool {
    let stated = rule.iter().filter_map(|r| r.notice.as_ref()).flat_map(|n| &n.tells);
    let mut means = stated.filter(|t| watched(t) == clock.watches).map(|t| t.by).peekable();
    match means.peek() {
        None => delivery.is_quick(),
        Some(_) => means.any(|by| by != Means::Letter && by.accepts(&delivery.channel)),
    }
}

/// The provider was called under a rule: letters whose time counts from the call begin, as far as they are still owed.
pub(super) fn called(draft: &mut Draft<'_>, clock: &Clock) -> Result<(), Refused> {
    let now = draft.now;
    let (approved, adverse) = parts(draft.case());
    let rule = draft.books.law.by_digest(&clock.pin.digest);
    let after: Vec<Telling> = rule
        .iter()
        .filter_map(|r| r.notice.as_ref())
        .flat_map(|n| n.tellings(approved, adverse))
        .filter(|t| t.after == After::Call)
        .copied()
        .collect();
    for telling in after {
        if is_owed(draft.case(), &telling) {
            start(draft, clock, &telling, CALLED, now)?;
        }
    }
    Ok(())
}

/// The arithmetic of such a clock in words; none for every other clock.
pub fn steps(rule: &Rule, clock: &Clock, zone: &Zone) -> Option<Vec<Step>> {
    let tells = || rule.notice.iter().flat_map(|n| &n.tells).filter(|t| watched(t) == clock.watches);
    let (duties, at): (Vec<String>, Moment) = match clock.from.as_str() {
        DETERMINED => (of_time(tells(), After::Decision), clock.started_at),
        CALLED => (of_time(tells(), After::Call), clock.started_at),
        _ if clock.watches == Watches::Notice => return None,
        _ => (tells().filter(|t| t.within.is_none()).map(Telling::says).collect(), clock.due_at),
    };
    let at = moment_in_words(at, zone);
    let step = |says: String| Step::new(format!("{says}: {at}."), Some(&rule.cite));
    Some(duties.into_iter().map(step).collect()).filter(|steps: &Vec<Step>| !steps.is_empty())
}

fn of_time<'t>(tells: impl Iterator<Item = &'t Telling>, after: After) -> Vec<String> {
    tells.filter(|t| t.after == after && t.within.is_some()).map(Telling::says).collect()
}
