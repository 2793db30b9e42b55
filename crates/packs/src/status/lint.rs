//! What a compliance officer would ask of the status packs, asked every time.

use std::collections::{BTreeMap, BTreeSet};

use vigil_domain::{status::StatusRule, time::Day};

use super::{
    read::{StatusRead, read},
    rows::{StatusRow, run},
};
use crate::{issue::PackIssue, shelf::Shelf};

/// The topics that the engine asks for, or whose arithmetic it holds, with the figures each must carry.
const TOPICS: &[(&str, &[&str])] = &[
    ("order", &[]),
    ("order-defect", &[]),
    ("benchmark", &["midnights"]),
    ("benchmark-clock", &[]),
    ("unforeseen-circumstance", &[]),
    ("unforeseen-circumstance-guidance", &[]),
    ("case-by-case-exception", &[]),
    ("inpatient-only-list", &["payment_window_days"]),
    ("inpatient-only-phase-out", &[]),
    ("removed-procedure-exemption", &[]),
    ("presumption", &["midnights"]),
    ("presumption-clock", &[]),
    ("long-stay-certification", &["day"]),
    ("critical-access-certification", &["hours"]),
    ("rehabilitation-excluded", &[]),
    ("short-stay-review", &["midnights"]),
    ("medicare-advantage-follows", &[]),
    ("medicare-advantage-no-reopening", &[]),
    ("contract", &[]),
    ("committee-composition", &[]),
    ("committee-conflict", &[]),
    ("committee-one-or-two", &[]),
    ("committee-consult-first", &[]),
    ("committee-notice", &["days"]),
    ("cc44.no-basis", &[]),
    ("cc44.committee", &[]),
    ("cc44.concurrence", &[]),
    ("cc44.before-discharge", &[]),
    ("cc44.no-bill", &[]),
    ("cc44.notice", &[]),
    ("cc44.change-notice", &[]),
    ("cc44.observation", &[]),
    ("cc44.bill", &[]),
    ("w2.original-medicare", &[]),
    ("w2.after-discharge", &[]),
    ("w2.no-basis", &[]),
    ("w2.trigger", &[]),
    ("w2.outpatient-reasonable", &[]),
    ("w2.part-b", &[]),
    ("w2.no-appeal", &[]),
    ("w2.time-limit", &["years"]),
    ("w2.notice", &[]),
    ("w2.again", &[]),
    ("w2.bill", &[]),
    ("w2.leave-off", &[]),
    ("outpatient-span", &[]),
    ("change-of-status-notice", &["hours_before_release", "hospital_days", "inpatient_days_below"]),
    (
        "change-of-status-review",
        &["noon-days", "days", "late_days", "reconsider_noon_days", "reconsider_days", "reconsider_late_days"],
    ),
    ("change-of-status-billing", &[]),
    ("change-of-status-effect", &[]),
    ("change-of-status-retrospective", &[]),
    ("ur-plan", &[]),
    ("extended-stay-review", &["days"]),
    ("medicaid-continued-stay-notice", &["working_days"]),
    ("medicaid-admission-notice", &["working_days"]),
    ("observation-order", &[]),
    ("observation-monitored", &[]),
    ("observation-end", &[]),
    ("observation-rounding", &[]),
    ("observation-codes", &[]),
    ("moon", &["over_hours", "by_hours"]),
    ("important-message-first", &["days", "planned_days"]),
    ("important-message-follow-up", &["days", "hours_before"]),
    ("detailed-notice", &["noon-days"]),
    ("discharge-appeal", &[]),
    ("discharge-liability", &[]),
    ("discharge-records", &["noon-days"]),
    ("noncoverage-hinn-1", &["same_day_hour"]),
    ("noncoverage-hinn-10", &[]),
    ("noncoverage-hinn-11", &[]),
    ("noncoverage-hinn-12", &[]),
    ("ny-observation", &["hours"]),
];

/// Timings that the engine asks for.
const TIMINGS: &[&str] = &[
    "emergency.review",
    "observation.review",
    "observation.long",
    "second-midnight.ahead",
    "long-stay.day",
    "advisor.answer",
    "officer.answer",
    "attending.answer",
    "committee.answer",
    "second-physician.answer",
];

/// What a check of the status packs found.
#[derive(Debug)]
pub struct StatusReport {
    /// Every complaint.
    pub issues: Vec<PackIssue>,
    /// The packs as read.
    pub read: StatusRead,
    /// The worked examples as run.
    pub rows: Vec<StatusRow>,
}

/// Checks the status packs of a shelf. `on` is the day on which staleness is judged; without it, staleness is not judged.
pub fn check(shelf: &Shelf, on: Option<Day>) -> StatusReport {
    let mut issues = Vec::new();
    let read = read(shelf, &mut issues);
    let rows = run(shelf, &read, &mut issues);
    let mut complain = |rule: &str, says: String| {
        let place = read.places.get(rule).cloned().unwrap_or_default();
        issues.push(PackIssue::new(place.file, place.line, format!("{rule}: {says}")));
    };
    for rule in read.book.rules() {
        words(rule, on, &mut complain);
    }
    overlaps(read.book.rules(), &mut complain);
    both_sides(read.book.rules(), &rows, &mut complain);
    for id in TIMINGS.iter().filter(|id| read.book.timing(id).is_none()) {
        complain(id, "this timing is missing".to_owned());
    }
    for timing in read.book.timings() {
        if !["minutes", "hours", "days", "business-days"].contains(&timing.unit.as_str()) {
            complain(&timing.id, format!("unit {:?}: use minutes, hours, days or business-days", timing.unit));
        }
    }
    for guideline in read.book.guidelines() {
        let unknown = |c: &&vigil_domain::status::Condition| !c.needs.is_known();
        if let Some(condition) = guideline.all.iter().chain(&guideline.any).find(unknown) {
            complain(&guideline.id, format!("{}: needs {} is unknown", condition.id, condition.needs));
        }
        if guideline.lines_of_business.iter().any(|line| !line.is_known()) {
            complain(&guideline.id, "a line of business is unknown".to_owned());
        }
    }
    issues.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    StatusReport { issues, read, rows }
}

fn words(rule: &StatusRule, on: Option<Day>, complain: &mut impl FnMut(&str, String)) {
    if rule.cite.is_empty() || rule.says.is_empty() || rule.source.is_empty() {
        complain(&rule.id, "cite, says and source are needed".to_owned());
    }
    if rule.jurisdiction != "US" && !(rule.jurisdiction.len() == 5 && rule.jurisdiction.starts_with("US-")) {
        complain(&rule.id, format!("jurisdiction {:?}: write US or US-NY", rule.jurisdiction));
    }
    if let Some(unknown) = rule.lines_of_business.iter().find(|line| !line.is_known()) {
        complain(&rule.id, format!("line of business {unknown} is unknown"));
    }
    match TOPICS.iter().find(|(topic, _)| *topic == rule.topic) {
        None if rule.prose_only.is_empty() => {
            complain(&rule.id, format!("no condition of the engine asks for {:?}: say why in prose_only", rule.topic));
        }
        Some((_, figures)) => {
            for figure in figures.iter().filter(|figure| rule.figure(figure).is_none()) {
                complain(&rule.id, format!("the figure {figure} is missing"));
            }
        }
        None => {}
    }
    let stale = |on: Day| rule.read_on.checked_add(jiff::Span::new().years(1)).is_ok_and(|end| on > end);
    if on.is_some_and(stale) {
        complain(&rule.id, format!("read on {}, more than a year ago: stale", rule.read_on));
    }
}

/// Exactly one version of a topic holds for a line of business in a place on a day.
fn overlaps(rules: &[StatusRule], complain: &mut impl FnMut(&str, String)) {
    let mut by_topic: BTreeMap<(&str, &str), Vec<&StatusRule>> = BTreeMap::new();
    for rule in rules {
        by_topic.entry((&rule.topic, &rule.jurisdiction)).or_default().push(rule);
    }
    for versions in by_topic.values() {
        for (place, a) in versions.iter().enumerate() {
            for b in &versions[place + 1..] {
                let lines = a.lines_of_business.is_empty()
                    || b.lines_of_business.is_empty()
                    || a.lines_of_business.iter().any(|line| b.lines_of_business.contains(line));
                let apart = a.through.zip(b.from).is_some_and(|(end, start)| end < start)
                    || b.through.zip(a.from).is_some_and(|(end, start)| end < start);
                if lines && !apart {
                    complain(&b.id, format!("holds on the same days as {} for the same topic", a.id));
                }
            }
        }
    }
}

/// Every rule that the engine reads has rows on both sides of its boundary: at least two that come out otherwise.
fn both_sides(rules: &[StatusRule], rows: &[StatusRow], complain: &mut impl FnMut(&str, String)) {
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        seen.entry(&row.rule).or_default().insert(&row.expected);
    }
    for rule in rules.iter().filter(|rule| rule.prose_only.is_empty()) {
        let sides = seen.get(rule.id.as_str()).map_or(0, BTreeSet::len);
        if sides < 2 {
            complain(
                &rule.id,
                format!("{sides} worked rows that come out differently: write both sides of its boundary"),
            );
        }
    }
}
