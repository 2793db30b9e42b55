//! The laws of clocks on the shipped rules themselves, every one in every zone: ends of days, machine's and writer's zones,
//! extensions, stops, receipts, and that no due time precedes its start.

mod common;

use std::sync::Arc;

use common::*;
use jiff::SignedDuration;
use proptest::prelude::*;
use vigil_domain::{
    clock::{Branch, Computed, Extend, Extended, Given, Invalid, Status, Stop},
    law::{Combine, Direction, Rule, Stops, Unit},
    time::{Moment, Zone},
};

/// Every limit with a number of every shipped rule.
fn limits() -> Vec<(&'static Arc<Rule>, usize)> {
    let rules = LIBRARY.law.rules().iter().filter(|rule| rule.has_clock());
    let limits = rules.flat_map(|rule| (0..rule.deadlines.len()).map(move |at| (rule, at)));
    limits.filter(|(rule, at)| rule.deadlines[*at].numeric().is_some()).collect()
}

/// A shipped rule asked with all its events at one moment, on one branch.
fn asked(
    rule: &Arc<Rule>,
    index: usize,
    at: Moment,
    zone: &Zone,
    stops: &[Stop],
    extension: Option<Extend>,
) -> Computed {
    let events = all_events(rule, at);
    let branch = Branch::Index(index);
    let urgency = rule.deadlines[index].key.as_deref().unwrap_or("standard");
    pinned(rule, &Given { branch: Some(&branch), urgency, stops, extension, ..Given::new(&events, zone) })
}

fn backwards(rule: &Rule, decided: usize) -> bool {
    rule.combine == Combine::MinimumNotice || rule.deadlines[decided].direction == Direction::Before
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    // Properties 2, 5 to 9 and 13, and that no due time precedes its start: on every limit of every rule.
    #[test]
    fn every_limit_ends_where_its_unit_says_and_never_before_its_start((zone, at) in receipts(), other in zones(), later in 0_i64..900_000) {
        for (rule, index) in limits() {
            let got = asked(rule, index, at, &zone, &[], None);
            prop_assert_eq!(got.status, Status::Due, "{}", rule.id);
            let (due, decided) = (got.due_at.unwrap(), got.deadline.unwrap());
            let unit = rule.deadlines[decided].numeric().unwrap().1;
            prop_assert!(backwards(rule, decided) || due >= at, "{} is due before it starts", rule.id);
            let local = zone.at(due).time();
            match unit {
                Unit::Minutes | Unit::Hours => {
                    // The zone changes the printed offset only; where a day clock stands beside it, the choice may change.
                    let elapsed = rule.deadlines.iter().all(|d| d.numeric().is_none_or(|(_, unit)| unit.is_elapsed()));
                    let elsewhere = asked(rule, index, at, &other, &[], None).due_at;
                    prop_assert!(!elapsed || elsewhere == Some(due), "{}", rule.id);
                }
                Unit::NoonDays => prop_assert_eq!(local.to_string(), "12:00:00", "{}", rule.id),
                _ => prop_assert_eq!(local.to_string(), "23:59:59", "{}", rule.id),
            }
            if rule.combine != Combine::Conditional {
                let next = asked(rule, index, at + SignedDuration::from_secs(later), &zone, &[], None);
                prop_assert!(next.due_at.unwrap() >= due, "{}: a later receipt is due earlier", rule.id);
            }
            let all_days = rule.deadlines.iter().all(|d| d.numeric().is_none_or(|(_, unit)| !unit.is_elapsed()));
            if all_days {
                let day = zone.day(at);
                let first = zone.tz().to_timestamp(day.at(0, 0, 0, 0)).unwrap();
                let last = zone.tz().to_timestamp(day.at(23, 59, 59, 0)).unwrap();
                prop_assert_eq!(asked(rule, index, first, &zone, &[], None).due_at, Some(due), "{}", rule.id);
                prop_assert_eq!(asked(rule, index, last, &zone, &[], None).due_at, Some(due), "{}", rule.id);
            }
        }
    }

    // Properties 19 to 21: where the rule lengthens, and where it does not.
    #[test]
    fn every_rule_lengthens_only_as_far_as_it_says((zone, at) in receipts(), part in 0_i64..1001, days in 1_u32..15) {
        for (rule, index) in limits() {
            let original = asked(rule, index, at, &zone, &[], None).due_at.unwrap();
            let extend = |amount, unit, notice_at| Some(Extend { amount, unit, notice_at });
            let ask = |extension| asked(rule, index, at, &zone, &[], extension);
            let allowed = rule.extension.as_ref().filter(|e| e.max_count != Some(0));
            let Some(allowed) = allowed else {
                prop_assert_eq!(ask(extend(days, Unit::CalendarDays, at)).invalid, Some(Invalid::ExtensionNotAllowed), "{}", rule.id);
                continue;
            };
            let when = at + SignedDuration::from_secs(original.duration_since(at).as_secs() * part / 1000);
            let longer = ask(extend(days, allowed.unit, when));
            prop_assert_eq!(longer.extended, Some(Extended::Applied), "{}", rule.id);
            prop_assert_eq!(longer.due_at, ask(extend(days, allowed.unit, original)).due_at, "{}", rule.id);
            prop_assert!(longer.due_at.unwrap() > original, "{}", rule.id);
            prop_assert_eq!(day_number(longer.due_at.unwrap(), &zone) - day_number(original, &zone), days as i32, "{}", rule.id);
            let late = ask(extend(days, allowed.unit, original + SignedDuration::from_secs(1)));
            prop_assert_eq!((late.due_at, late.extended), (Some(original), Some(Extended::NoticeTooLate)), "{}", rule.id);
            prop_assert_eq!(ask(extend(days, Unit::Hours, at)).invalid, Some(Invalid::ExtensionUnit), "{}", rule.id);
            if let Some(most) = allowed.amount {
                prop_assert_eq!(ask(extend(most + days, allowed.unit, at)).invalid, Some(Invalid::ExtensionTooLong), "{}", rule.id);
            }
        }
    }

    // Properties 22 to 28: a stop never shortens; where the rule does not stop, it changes nothing.
    #[test]
    fn no_stop_ever_shortens_a_shipped_clock((zone, at) in receipts(), after in -400_000_i64..3_000_000, long in 0_i64..3_000_000, more in 0_i64..900_000) {
        let start = at + SignedDuration::from_secs(after);
        let stop = |seconds: i64| Stop { start, end: Some(start + SignedDuration::from_secs(seconds)) };
        for (rule, index) in limits() {
            let extension = (rule.tolling.stops == Stops::WithExtension)
                .then_some(Extend { amount: 15, unit: Unit::CalendarDays, notice_at: at });
            let ask = |stops: &[Stop]| asked(rule, index, at, &zone, stops, extension);
            let plain = ask(&[]).due_at;
            let (short, longer) = (ask(&[stop(long)]).due_at, ask(&[stop(long + more)]).due_at);
            prop_assert!(plain <= short && short <= longer, "{}", rule.id);
            let open = ask(&[Stop { start, end: None }]);
            if rule.tolling.stops == Stops::Never {
                prop_assert_eq!((short, longer, open.due_at), (plain, plain, plain), "{}", rule.id);
            } else {
                let tolled = Some(start) < plain;
                prop_assert_eq!(open.status == Status::Tolled, tolled, "{}", rule.id);
                // Without the extension the stop does not count.
                let bare = asked(rule, index, at, &zone, &[stop(long)], None);
                prop_assert_eq!(bare.due_at, asked(rule, index, at, &zone, &[], None).due_at, "{}", rule.id);
            }
        }
    }
}

// Property 29 for the rules that a rating period chooses.
#[test]
fn a_rating_period_that_starts_on_the_day_brings_the_new_rule_and_the_day_before_keeps_the_old_one() {
    use vigil_domain::law::{Flags, Standing};
    let (old, new) = ("MCD-MC-STD-OLD", "MCD-MC-STD");
    let first: vigil_domain::time::Day = "2026-01-01".parse().unwrap();
    let stands = |id: &str, start| {
        let flags = Flags { rating_period_start: Some(start), ..Flags::default() };
        LIBRARY.law.rule(id).unwrap().standing(&flags, Some("2026-06-30".parse().unwrap())) == Standing::InForce
    };
    let before = first.yesterday().unwrap();
    assert!(stands(old, before) && !stands(new, before), "{old}");
    assert!(!stands(old, first) && stands(new, first), "{new}");
}
