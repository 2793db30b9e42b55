//! The reasons for a due time, in words a nurse understands, each with its citation.

use serde::{Deserialize, Serialize};

use super::{
    given::{Computed, Extended, Given, Status},
    stops::Merged,
};
use crate::{
    calendar::{Calendars, day_of, number_of},
    law::{Combine, Deadline, Rule, Stops, Unit},
    time::{Day, Moment, Zone},
};

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// One sentence.
    pub says: String,
    /// Where the law says so, when it is law and not arithmetic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cite: Option<String>,
}

impl Step {
    /// A reason, with its citation when it has one.
    pub fn new(says: impl Into<String>, cite: Option<&str>) -> Self {
        Self { says: says.into(), cite: cite.map(str::to_owned) }
    }
}

/// RFC 3339 in a zone, with the offset in force then (`+00:00`, never `Z`); fractions of a second are kept.
pub fn print_moment(at: Moment, zone: &Zone) -> String {
    let info = zone.tz().to_offset_info(at);
    let local = info.offset().to_datetime(at);
    let seconds = info.offset().seconds();
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    let fraction = match local.subsec_nanosecond() {
        0 => String::new(),
        nanos => format!(".{nanos:09}").trim_end_matches('0').to_owned(),
    };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}{sign}{:02}:{:02}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second(),
        minutes / 60,
        minutes % 60
    )
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// `Friday, March 6, 2026`.
fn day_in_words(day: Day) -> String {
    let weekday = WEEKDAYS[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())];
    let month = MONTHS[usize::from(day.month().unsigned_abs()) - 1];
    format!("{weekday}, {month} {}, {}", day.day(), day.year())
}

/// `Friday, March 6, 2026, 6:10:00 PM CST`.
pub fn moment_in_words(at: Moment, zone: &Zone) -> String {
    let info = zone.tz().to_offset_info(at);
    let local = info.offset().to_datetime(at);
    let (h, m, s) = (local.hour(), local.minute(), local.second());
    let (half, hour) = (if h < 12 { "AM" } else { "PM" }, if h % 12 == 0 { 12 } else { h % 12 });
    format!("{}, {hour}:{m:02}:{s:02} {half} {}", day_in_words(local.date()), info.abbreviation())
}

/// The reasons for one outcome.
pub fn explain(rule: &Rule, calendars: &Calendars, given: &Given<'_>, computed: &Computed) -> Vec<Step> {
    let mut steps = vec![Step::new(format!("{}: {}", rule.id, rule.says), Some(&rule.cite))];
    match computed.status {
        Status::NotInForce => {
            let why = computed.not.map_or("not in force", |not| not.says());
            steps.push(Step::new(format!("It does not apply here: {why}."), Some(&rule.cite)));
        }
        Status::NoClock => steps.push(Step::new("The rule sets no numeric time limit, so there is no due time.", None)),
        Status::Invalid => {
            let why = computed.invalid.map_or_else(String::new, |why| why.to_string());
            steps.push(Step::new(format!("The question cannot be answered: {why}."), None));
        }
        Status::NotStarted => steps.push(Step::new(waiting(rule), None)),
        Status::Tolled => {
            steps.push(Step::new("The clock is stopped and nobody knows until when, so it has no due time yet.", None));
        }
        Status::Due => due(rule, calendars, given, computed, &mut steps),
    }
    if matches!(computed.status, Status::Due | Status::Tolled | Status::NotStarted) {
        steps.extend(information(rule));
        steps
            .extend(rule.prose_only.as_ref().map(|says| Step::new(format!("In words only: {says}"), Some(&rule.cite))));
        steps.push(Step::new(rule.breach.effect.says(), Some(&rule.cite)));
    }
    steps
}

fn waiting(rule: &Rule) -> String {
    let mut names: Vec<&str> = rule.deadlines.iter().filter(|d| d.numeric().is_some()).map(event_word).collect();
    names.dedup();
    format!("The clock has not started: it waits for {}.", spoken_list(&names))
}

fn event_word(deadline: &Deadline) -> &str {
    deadline.events().first().copied().unwrap_or(&deadline.from)
}

fn spoken_list(names: &[&str]) -> String {
    names.iter().map(|n| n.replace('_', " ")).collect::<Vec<_>>().join(" or ")
}

fn due(rule: &Rule, calendars: &Calendars, given: &Given<'_>, computed: &Computed, steps: &mut Vec<Step>) {
    let (Some(due_at), Some(started), Some(index)) = (computed.due_at, computed.started_at, computed.deadline) else {
        return;
    };
    let deadline = &rule.deadlines[index];
    let Some((amount, unit)) = deadline.numeric() else { return };
    let zone = given.zone;
    if rule.deadlines.len() > 1 {
        steps.push(Step::new(choice(rule, deadline), None));
    }
    let event = spoken_list(&[event_word(deadline)]);
    steps.push(Step::new(format!("The clock counts from {event}: {}.", moment_in_words(started, zone)), None));
    let stated = match unit {
        _ if rule.combine == Combine::MinimumNotice => "counted back from that date; nothing rolls",
        Unit::Minutes | Unit::Hours => "elapsed time; nights, weekends and holidays count",
        Unit::CalendarDays => {
            "that local date is day 0; weekends and holidays count, and a last day on one stays there"
        }
        Unit::BusinessDays | Unit::WorkingDays => "that local date is day 0; only Monday to Friday less holidays count",
        Unit::Months => "the same day of the month, or the month's last day; nothing rolls",
        _ => "noon of the day after",
    };
    steps.push(Step::new(format!("The limit is {}: {stated}.", unit.spoken(amount)), Some(&rule.cite)));
    if matches!(unit, Unit::BusinessDays | Unit::WorkingDays) {
        skipped(rule, calendars, zone.day(started), zone.day(computed.original_due_at.unwrap_or(due_at)), steps);
    }
    stopped(rule, given, computed, due_at, steps);
    extension(rule, given, computed, steps);
    let (before, after) = (zone.tz().to_offset(started), zone.tz().to_offset(due_at));
    if before != after && due_at > started {
        let change = if after > before { "forward" } else { "back" };
        steps.push(Step::new(
            format!("The clocks go {change} in between; the due time carries the offset in force then."),
            None,
        ));
    }
    let last = if rule.combine == Combine::MinimumNotice { "The last moment to act is" } else { "It is due" };
    steps.push(Step::new(format!("{last} {}.", moment_in_words(due_at, zone)), Some(&rule.cite)));
}

fn choice(rule: &Rule, deadline: &Deadline) -> String {
    let branch = deadline.key.as_deref().or(deadline.note.as_deref()).unwrap_or("this one");
    match rule.combine {
        Combine::Earliest => format!("Of its limits the earliest that has started decides: {branch}."),
        Combine::Latest => format!("Of its limits the latest that has started decides: {branch}."),
        Combine::Conditional => format!("The calendar decides between its limits: {branch}."),
        _ => format!("Of its limits this one is meant: {branch}."),
    }
}

/// Names the holidays that fell inside, and counts the weekend days.
fn skipped(rule: &Rule, calendars: &Calendars, from: Day, to: Day, steps: &mut Vec<Step>) {
    let Some(calendar) = calendars.of(&rule.jurisdiction) else { return };
    let mut weekend = 0;
    let mut holidays = Vec::new();
    for number in (number_of(from) + 1..=number_of(to)).take(400) {
        if calendar.is_business_day(number) {
            continue;
        }
        let Some(day) = day_of(number) else { break };
        match calendar.holiday_on(number) {
            Some(holiday) if day.weekday().to_monday_zero_offset() < 5 => {
                holidays.push(format!("{} ({})", day_in_words(day), holiday.name));
            }
            _ => weekend += 1,
        }
    }
    if weekend + holidays.len() > 0 {
        let mut parts = Vec::new();
        if weekend > 0 {
            parts.push(format!("{weekend} weekend days"));
        }
        parts.extend(holidays);
        steps.push(Step::new(format!("Not counted: {}.", parts.join(", ")), Some(&calendar.cite)));
    }
}

fn stopped(rule: &Rule, given: &Given<'_>, computed: &Computed, due_at: Moment, steps: &mut Vec<Step>) {
    if given.stops.is_empty() {
        return;
    }
    let counts = match rule.tolling.stops {
        Stops::Never => false,
        Stops::Always => true,
        Stops::WithExtension => computed.extended == Some(Extended::Applied),
    };
    if !counts {
        let why = if rule.tolling.stops == Stops::Never {
            "Waiting for information does not stop this clock."
        } else {
            "Stops count here only once an extension has taken effect; none has."
        };
        steps.push(Step::new(why, Some(&rule.cite)));
        return;
    }
    for stop in Merged::of(given.stops).0.iter().filter(|s| s.start < due_at) {
        let Some(end) = stop.end else { continue };
        steps.push(Step::new(
            format!(
                "The clock stood still from {} to {}.",
                moment_in_words(stop.start, given.zone),
                moment_in_words(end, given.zone)
            ),
            Some(&rule.cite),
        ));
    }
}

fn extension(rule: &Rule, given: &Given<'_>, computed: &Computed, steps: &mut Vec<Step>) {
    let (Some(extend), Some(outcome)) = (given.extension, computed.extended) else { return };
    let says = match outcome {
        Extended::Applied => {
            format!("Extended by {}, added to the original due time.", extend.unit.spoken(extend.amount))
        }
        Extended::NoticeTooLate => {
            "The extension notice went out after the original due time, so the original due time stays.".to_owned()
        }
        Extended::NotForThisRule => "This rule allows no extension; the one taken does not move it.".to_owned(),
    };
    steps.push(Step::new(says, None));
    let Some(allowed) = rule.extension.as_ref().filter(|_| outcome == Extended::Applied) else { return };
    if let Some(conditions) = &allowed.conditions {
        steps.push(Step::new(format!("It may be taken only when this holds: {conditions}."), Some(&rule.cite)));
    }
    if let Some(notice) = &allowed.notice {
        steps.push(Step::new(format!("Its notice says: {notice}."), Some(&rule.cite)));
    }
}

/// The duty to ask for what is missing, where the rule has one.
fn information(rule: &Rule) -> Option<Step> {
    let parts = rule.info_request.as_ref().filter(|parts| !parts.is_empty())?;
    let said: Vec<String> = parts.iter().map(|(what, says)| format!("{}: {says}", what.replace('_', " "))).collect();
    Some(Step::new(format!("When something is missing, it is asked for ({}).", said.join("; ")), Some(&rule.cite)))
}
