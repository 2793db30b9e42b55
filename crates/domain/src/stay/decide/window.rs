//! From a rule, a policy or a contract's term to a due moment. A window that no book holds is no clock: nothing is invented.

use super::Draft;
use crate::{
    calendar::{Calendar, day_of, number_of},
    case::event::RulePin,
    clock::{self, Branch, Given, NO_FLAGS},
    law::{Rule, Scope, Standing},
    stay::{Stay, payer::PayerTerms},
    time::{Day, Moment},
};

/// A due moment with what sets it.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// The rule, policy or term.
    pub pin: RulePin,
    /// How well its source was read.
    pub confidence: String,
    /// Due.
    pub due_at: Moment,
}

/// A timing of the hospital's UR policy, from a moment.
pub(super) fn policy(draft: &Draft<'_>, id: &str, from: Moment) -> Option<Window> {
    let timing = draft.books.status.timing(id)?;
    let due_at = after(draft, from, timing.amount, &timing.unit)?;
    Some(Window {
        pin: RulePin { rule: timing.id.clone(), digest: String::new(), cite: timing.basis.clone() },
        confidence: timing.confidence.clone(),
        due_at,
    })
}

/// The moment so much later. Days end at 23:59:59 of the local day; the day of the event is day 0.
pub(super) fn after(draft: &Draft<'_>, from: Moment, amount: u32, unit: &str) -> Option<Moment> {
    after_in(draft.stay(), calendar(draft), from, amount, unit)
}

/// The same of a stay; business days need the calendar that names them.
pub(super) fn after_in(
    stay: &Stay,
    calendar: Option<&Calendar>,
    from: Moment,
    amount: u32,
    unit: &str,
) -> Option<Moment> {
    match unit {
        "minutes" => later(from, i64::from(amount) * 60),
        "hours" => later(from, i64::from(amount) * 3_600),
        "days" => {
            let day = day_of(number_of(stay.day(from)) + i32::try_from(amount).ok()?)?;
            at(stay, day, 23, 59, 59)
        }
        "business-days" => {
            let day = calendar?.business_day_after(number_of(stay.day(from)), amount);
            at(stay, day_of(day)?, 23, 59, 59)
        }
        _ => None,
    }
}

/// Seconds later.
pub(super) fn later(from: Moment, seconds: i64) -> Option<Moment> {
    Moment::from_second(from.as_second() + seconds).ok()
}

/// A local wall-clock time.
pub(super) fn at(stay: &Stay, day: Day, hour: i8, minute: i8, second: i8) -> Option<Moment> {
    day.at(hour, minute, second, 0).to_zoned(stay.zone().tz().clone()).ok().map(|z| z.timestamp())
}

/// The facility's calendar of business days.
pub(super) fn calendar<'a>(draft: &'a Draft<'_>) -> Option<&'a Calendar> {
    let calendars = draft.books.law.calendars();
    calendars.of(&draft.stay().hospital.jurisdiction()).or_else(|| calendars.of("US"))
}

/// A rule of the law library that is in force on a day.
pub(super) fn in_force<'a>(draft: &'a Draft<'_>, id: &str, day: Day) -> Option<&'a Rule> {
    let rule = draft.books.law.rule(id)?;
    matches!(rule.standing(&NO_FLAGS, Some(day)), Standing::InForce).then_some(&**rule)
}

/// A rule of the law library by its id, from named events.
pub(super) fn law(
    draft: &Draft<'_>,
    id: &str,
    (urgency, branch): (&str, Option<&str>),
    events: &[(&str, Moment)],
) -> Option<Window> {
    let rule = draft.books.law.rule(id)?;
    let branch = branch.map(Branch::read);
    let given = Given { urgency, branch: branch.as_ref(), ..Given::new(events, draft.stay().zone()) };
    let computed = clock::compute_pinned(rule, draft.books.law.calendars(), &given);
    Some(Window {
        pin: RulePin { rule: rule.id.clone(), digest: rule.digest.clone(), cite: rule.cite.clone() },
        confidence: rule.confidence.word().to_owned(),
        due_at: computed.due_at?,
    })
}

/// The earliest due moment of all rules in force for a scope: when a plan owes its answer.
pub(super) fn plan(draft: &Draft<'_>, scope: &Scope, asked: Moment) -> Option<Window> {
    let on = draft.stay().day(asked);
    let names = ["request_received", "necessary_information_received", "reasonably_necessary_information_received"];
    let events: Vec<(&str, Moment)> = names.iter().map(|name| (*name, asked)).collect();
    let rules = draft.books.law.in_force(scope, on).rules;
    let windows = rules.iter().filter_map(|rule| {
        let branch = rule.branch_from_scope(&scope.line_of_business, &scope.urgency);
        law(draft, &rule.id, (&scope.urgency, branch), &events)
    });
    windows.min_by_key(|window| window.due_at)
}

/// When a payer must be told, by its contract: so many hours, or on a weekend or holiday by an hour of the next business day.
pub(super) fn notification(draft: &Draft<'_>, terms: &PayerTerms, from: Moment) -> Option<Window> {
    let hours = terms.notify_hours?;
    let stay = draft.stay();
    let calendar = calendar(draft)?;
    let today = number_of(stay.day(from));
    let due_at = match terms.weekend_by_hour {
        Some(hour) if !calendar.is_business_day(today) => {
            at(stay, day_of(calendar.business_day_after(today, 1))?, i8::try_from(hour).ok()?, 0, 0)?
        }
        _ => later(from, i64::from(hours) * 3_600)?,
    };
    Some(term(terms, "notification", due_at))
}

/// A term of a payer's contract.
pub(super) fn term(terms: &PayerTerms, what: &str, due_at: Moment) -> Window {
    Window {
        pin: RulePin { rule: format!("{}.{what}", terms.payer_id), digest: String::new(), cite: terms.cite.clone() },
        confidence: terms.confidence.clone(),
        due_at,
    }
}
