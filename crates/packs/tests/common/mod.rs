//! What the property tests share: a library, made-up rules, and receipts that crowd around midnight and clock changes.

#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, tz::TimeZone};
use proptest::prelude::*;
use vigil_domain::{
    calendar::{Calendar, number_of},
    clock::{Computed, Extend, Given, Status, Stop, compute, compute_pinned},
    law::{Deadline, Direction, Extension, Rule, Stops, Tolling, Unit},
    library::Library,
    time::{Day, Moment, Zone},
};

pub static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{issues:#?}")));

pub const ZONES: [&str; 9] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
];

pub const PLACES: [&str; 5] = ["US", "US-NY", "US-MA", "US-CA", "US-TX"];
pub const DAY_UNITS: [Unit; 3] = [Unit::CalendarDays, Unit::BusinessDays, Unit::WorkingDays];

pub fn zone(name: &str) -> Zone {
    Zone::named(name).expect("a bundled zone")
}

pub fn calendar(place: &str) -> &'static Calendar {
    LIBRARY.law.calendars().of(place).expect("a calendar")
}

/// A made-up rule of one limit.
pub fn rule(amount: u32, unit: Unit, place: &str) -> Rule {
    let mut rule = Rule::clone(LIBRARY.law.rule("MADV-OD-STD-14").expect("a shipped rule"));
    rule.id = "MADE-UP".to_owned();
    rule.jurisdiction = place.to_owned();
    rule.scope.gives_way = None;
    rule.deadlines = vec![Deadline {
        amount: Some(amount),
        unit,
        from: "request_received".to_owned(),
        key: None,
        note: None,
        direction: Direction::After,
    }];
    rule.extension = None;
    rule
}

pub fn with_stops(mut rule: Rule) -> Rule {
    rule.tolling = Tolling { stops: Stops::Always, says: Some("stopped while information is awaited".to_owned()) };
    rule
}

pub fn with_extension(mut rule: Rule, most: u32, unit: Unit) -> Rule {
    rule.extension = Some(Extension {
        amount: Some(most),
        unit,
        max_count: Some(1),
        conditions: None,
        notice: None,
        when: Vec::new(),
    });
    rule
}

pub fn ask(rule: &Rule, at: Moment, zone: &Zone, stops: &[Stop], extension: Option<Extend>) -> Computed {
    let events = [("request_received", at)];
    compute(rule, LIBRARY.law.calendars(), &Given { stops, extension, ..Given::new(&events, zone) })
}

/// The due time of a plain question.
pub fn due(rule: &Rule, at: Moment, zone: &Zone) -> Moment {
    let computed = ask(rule, at, zone, &[], None);
    assert_eq!(computed.status, Status::Due);
    computed.due_at.expect("a due clock has a due time")
}

pub fn day_number(at: Moment, zone: &Zone) -> i32 {
    number_of(zone.day(at))
}

/// Every event of a shipped rule at one moment.
pub fn all_events(rule: &Rule, at: Moment) -> Vec<(&str, Moment)> {
    let mut names = vec![("request_received", at)];
    for deadline in &rule.deadlines {
        match deadline.events() {
            [] => names.push((&deadline.from, at)),
            aliases => names.extend(aliases.iter().map(|name| (*name, at))),
        }
    }
    names
}

pub fn pinned(rule: &Arc<Rule>, given: &Given<'_>) -> Computed {
    compute_pinned(rule, LIBRARY.law.calendars(), given)
}

pub fn zones() -> impl Strategy<Value = Zone> {
    prop::sample::select(&ZONES[..]).prop_map(zone)
}

pub fn places() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&PLACES[..])
}

/// A zone and a receipt of 2020 to 2040: one third near a clock change, one third near local midnight.
pub fn receipts() -> impl Strategy<Value = (Zone, Moment)> {
    (zones(), 0_i64..7670, 0_i64..86_400, 0_u8..3, -10_800_i64..10_800, -2_i64..3).prop_map(
        |(zone, days, seconds, kind, around, beside)| {
            let day = Day::new(2020, 1, 1).expect("a date") + SignedDuration::from_hours(24 * days);
            let midnight = zone.tz().to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).expect("a moment");
            let at = match kind {
                0 => near_change(zone.tz(), midnight, around),
                1 => midnight + SignedDuration::from_secs(beside),
                _ => midnight + SignedDuration::from_secs(seconds),
            };
            (zone, at)
        },
    )
}

fn near_change(tz: &TimeZone, from: Moment, around: i64) -> Moment {
    let change = tz.following(from).next().map_or(from, |t| t.timestamp());
    change + SignedDuration::from_secs(around)
}
