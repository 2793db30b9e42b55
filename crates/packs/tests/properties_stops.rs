//! What must hold for every extension and every stop.

mod common;

use common::*;
use jiff::SignedDuration;
use proptest::prelude::*;
use vigil_domain::{
    calendar::day_of,
    clock::{Extend, Extended, Invalid, Status, Stop},
    law::{Rule, Unit},
    time::{Moment, Zone},
};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

fn extend(amount: u32, notice_at: Moment) -> Extend {
    Extend { amount, unit: Unit::CalendarDays, notice_at }
}

fn stop(at: Moment, after: i64, long: i64) -> Stop {
    let start = at + SignedDuration::from_secs(after);
    Stop::new(start, Some(start + SignedDuration::from_secs(long)), None).expect("ends after it starts")
}

fn tolled(rule: &Rule, at: Moment, zone: &Zone, stops: &[Stop]) -> Option<Moment> {
    let computed = ask(rule, at, zone, stops, None);
    assert!(matches!(computed.status, Status::Due | Status::Tolled));
    computed.due_at
}

/// One of the units that can be stopped, of a length that lets stops fall inside.
fn stoppable() -> impl Strategy<Value = Rule> {
    (1_u32..40, 0_usize..4, places()).prop_map(|(n, unit, place)| {
        let (n, unit) = match unit {
            0 => (n * 12, Unit::Hours),
            1 => (n, Unit::CalendarDays),
            2 => (n, Unit::BusinessDays),
            _ => (n * 700, Unit::Minutes),
        };
        with_stops(rule(n, unit, place))
    })
}

/// Stops around a receipt: some before it, some long after.
fn gaps() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((-400_000_i64..2_500_000, 0_i64..900_000), 0..7)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    // Property 19.
    #[test]
    fn an_extension_adds_its_dates_and_keeps_the_local_time((zone, at) in receipts(), hours in 1_u32..200, days in 1_u32..60, e in 1_u32..15) {
        for (n, unit) in [(hours, Unit::Hours), (days, Unit::CalendarDays), (days, Unit::BusinessDays)] {
            let rule = with_extension(rule(n, unit, "US"), 14, Unit::CalendarDays);
            let original = due(&rule, at, &zone);
            let got = ask(&rule, at, &zone, &[], Some(extend(e, original)));
            prop_assert_eq!(got.extended, Some(Extended::Applied));
            let end = got.due_at.unwrap();
            prop_assert!(end > original);
            let (was, is) = (zone.at(original), zone.at(end));
            let gap = zone.tz().to_ambiguous_timestamp(
                day_of(day_number(original, &zone) + e as i32).unwrap().to_datetime(was.time())).is_ambiguous();
            if !gap {
                prop_assert_eq!(day_number(end, &zone) - day_number(original, &zone), e as i32);
                prop_assert_eq!(was.time(), is.time());
            }
        }
    }

    // Property 20.
    #[test]
    fn the_notice_counts_up_to_the_original_due_time_and_not_a_second_longer((zone, at) in receipts(), n in 1_u32..60, part in 0_i64..1001) {
        let rule = with_extension(rule(n, Unit::CalendarDays, "US"), 14, Unit::CalendarDays);
        let original = due(&rule, at, &zone);
        let seconds = original.duration_since(at).as_secs() * part / 1000;
        let when = at + SignedDuration::from_secs(seconds);
        let in_time = ask(&rule, at, &zone, &[], Some(extend(14, when)));
        prop_assert_eq!(in_time.due_at, ask(&rule, at, &zone, &[], Some(extend(14, original))).due_at);
        let late = ask(&rule, at, &zone, &[], Some(extend(14, original + SECOND)));
        prop_assert_eq!((late.due_at, late.extended), (Some(original), Some(Extended::NoticeTooLate)));
    }

    // Property 21.
    #[test]
    fn too_long_an_extension_is_refused_and_never_shortened((zone, at) in receipts(), most in 0_u32..30, over in 1_u32..30) {
        let allowed = with_extension(rule(7, Unit::CalendarDays, "US"), most, Unit::CalendarDays);
        let refused = |rule: &Rule, e: Extend| ask(rule, at, &zone, &[], Some(e)).invalid;
        prop_assert_eq!(refused(&allowed, extend(most + over, at)), Some(Invalid::ExtensionTooLong));
        prop_assert_eq!(refused(&rule(7, Unit::CalendarDays, "US"), extend(1, at)), Some(Invalid::ExtensionNotAllowed));
        let hours = Extend { amount: 1, unit: Unit::Hours, notice_at: at };
        prop_assert_eq!(refused(&allowed, hours), Some(Invalid::ExtensionUnit));
    }

    // Properties 22, 23, 26.
    #[test]
    fn only_what_is_stopped_matters_not_how_it_is_written(rule in stoppable(), (zone, at) in receipts(), gaps in gaps(), cut in 0_i64..1001, beside in 0_i64..1_000_000) {
        let stops: Vec<Stop> = gaps.iter().map(|(after, long)| stop(at, *after, *long)).collect();
        let whole = tolled(&rule, at, &zone, &stops);
        let mut turned = stops.clone();
        turned.reverse();
        prop_assert_eq!(tolled(&rule, at, &zone, &turned), whole);
        let mut split = Vec::new();
        for s in &stops {
            let (start, end) = (s.start, s.end.unwrap());
            let middle = start + SignedDuration::from_secs(end.duration_since(start).as_secs() * cut / 1000);
            split.push(Stop { start, end: Some(middle) });
            split.push(Stop { start: middle, end: Some(end) });
            split.push(Stop { start: middle, end: Some(middle) });
        }
        prop_assert_eq!(tolled(&rule, at, &zone, &split), whole);
        prop_assert_eq!(tolled(&rule, at, &zone, &[]), Some(due(&rule, at, &zone)));
        let before = Stop { start: at - SignedDuration::from_secs(beside + 1), end: Some(at - SignedDuration::from_secs(1)) };
        let end = whole.unwrap();
        let after = Stop { start: end + SECOND, end: Some(end + SignedDuration::from_secs(beside + 2)) };
        let mut more = stops.clone();
        more.extend([before, after]);
        prop_assert_eq!(tolled(&rule, at, &zone, &more), whole);
    }

    // Property 24.
    #[test]
    fn an_hour_clock_is_later_by_exactly_what_was_stopped((zone, at) in receipts(), n in 1_u32..900, gaps in gaps()) {
        let rule = with_stops(rule(n, Unit::Hours, "US"));
        let stops: Vec<Stop> = gaps.iter().map(|(after, long)| stop(at, *after, *long)).collect();
        let end = tolled(&rule, at, &zone, &stops).unwrap();
        let stopped = stopped_within(&stops, at, end);
        prop_assert_eq!(end.duration_since(due(&rule, at, &zone)).as_secs(), stopped);
        for s in &stops {
            prop_assert!(!(s.start < end && end < s.end.unwrap()));
        }
    }

    // Property 25.
    #[test]
    fn one_stop_shifts_a_calendar_clock_by_its_dates((zone, at) in receipts(), n in 0_u32..60, after in 0_i64..6_000_000, long in 0_i64..3_000_000) {
        let rule = with_stops(rule(n, Unit::CalendarDays, "US"));
        let s = stop(at, after, long);
        let plain = day_number(due(&rule, at, &zone), &zone);
        let end = day_number(tolled(&rule, at, &zone, &[s]).unwrap(), &zone);
        let shift = day_number(s.end.unwrap(), &zone) - day_number(s.start, &zone);
        let counts = day_number(s.start, &zone) <= plain;
        prop_assert_eq!(end - plain, if counts { shift } else { 0 });
    }

    // Properties 27 and 28: tolling never shortens.
    #[test]
    fn a_longer_stop_is_never_due_earlier_and_an_open_one_has_no_due_time(rule in stoppable(), (zone, at) in receipts(), after in 0_i64..2_000_000, long in 0_i64..900_000, more in 0_i64..900_000) {
        let plain = due(&rule, at, &zone);
        let short = tolled(&rule, at, &zone, &[stop(at, after, long)]).unwrap();
        let longer = tolled(&rule, at, &zone, &[stop(at, after, long + more)]).unwrap();
        prop_assert!(plain <= short && short <= longer);
        let open = Stop { start: at + SignedDuration::from_secs(after), end: None };
        let got = ask(&rule, at, &zone, &[open], None);
        if open.start < plain {
            prop_assert_eq!((got.status, got.due_at), (Status::Tolled, None));
        } else if open.start > plain {
            prop_assert_eq!(got.due_at, Some(plain));
        }
        let mut deaf = rule.clone();
        deaf.tolling = vigil_domain::law::Tolling::default();
        prop_assert_eq!(tolled(&deaf, at, &zone, &[open, stop(at, after, long)]), Some(plain));
    }

    // Property 37, with a hundred stops.
    #[test]
    fn a_hundred_stops_break_nothing(rule in stoppable(), (zone, at) in receipts(), gaps in prop::collection::vec((-400_000_i64..9_000_000, 0_i64..90_000), 100)) {
        let stops: Vec<Stop> = gaps.iter().map(|(after, long)| stop(at, *after, *long)).collect();
        prop_assert!(tolled(&rule, at, &zone, &stops).unwrap() >= due(&rule, at, &zone));
    }
}

/// Stopped seconds inside [start, end), overlaps counted once: counted naively over the sorted edges.
fn stopped_within(stops: &[Stop], start: Moment, end: Moment) -> i64 {
    let mut edges: Vec<Moment> = stops.iter().flat_map(|s| [s.start, s.end.expect("closed")]).collect();
    edges.extend([start, end]);
    edges.retain(|at| *at >= start && *at <= end);
    edges.sort();
    edges.dedup();
    edges
        .windows(2)
        .filter(|w| stops.iter().any(|s| s.start <= w[0] && w[1] <= s.end.expect("closed")))
        .map(|w| w[1].duration_since(w[0]).as_secs())
        .sum()
}

#[test]
fn an_extension_of_no_days_changes_nothing() {
    let zone = zone("America/New_York");
    let at: Moment = "2026-10-31T02:30:00-04:00".parse().unwrap();
    let rule = with_extension(rule(24, Unit::Hours, "US"), 14, Unit::CalendarDays);
    assert_eq!(ask(&rule, at, &zone, &[], Some(extend(0, at))).due_at, Some(due(&rule, at, &zone)));
}
