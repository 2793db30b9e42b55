//! Every rule has worked examples on both sides of each of its boundaries.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use vigil_domain::{
    clock::{Extended, Status},
    law::{Basis, Combine, Rule, Stops},
    time::Day,
};

use super::Lint;
use crate::{issue::PackIssue, table::Row};

pub(super) fn check(lint: &mut Lint<'_>, rows: &[Row]) {
    let read = lint.read;
    let mut by_rule: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        if read.book.rule(&row.rule).is_none() {
            let message = format!("a row for {:?}, which is no rule of the library", row.rule);
            lint.issues.push(PackIssue::new(&row.file, row.line, message));
        }
        by_rule.entry(&row.rule).or_default().push(row);
    }
    for rule in read.book.rules() {
        let mine = by_rule.get(rule.id.as_str()).map_or(&[][..], Vec::as_slice);
        if mine.is_empty() {
            lint.complain(&rule.id, "no worked example");
            continue;
        }
        if rule.effective.basis == Basis::Proposed {
            continue;
        }
        limits(lint, rule, mine);
        days(lint, rule, mine);
        changes(lint, rule, mine);
    }
}

fn status(row: &Row) -> Option<Status> {
    row.computed.map(|c| c.status)
}

/// Each numeric limit: two due times, and two starts one second apart, one on each side of a boundary.
fn limits(lint: &mut Lint<'_>, rule: &Rule, rows: &[&Row]) {
    let starts: Vec<_> = rows.iter().filter_map(|r| r.computed.and_then(|c| c.started_at)).collect();
    for (index, deadline) in rule.deadlines.iter().enumerate() {
        if deadline.numeric().is_none() {
            continue;
        }
        let of_it: Vec<_> = rows
            .iter()
            .filter_map(|r| r.computed)
            .filter(|c| c.status == Status::Due && c.deadline.is_some_and(|at| same(rule, at, index)))
            .collect();
        let neighbours = of_it
            .iter()
            .filter_map(|c| c.started_at)
            .any(|at| starts.iter().any(|other| other.duration_since(at).abs() == SignedDuration::from_secs(1)));
        if of_it.len() < 2 || !neighbours {
            let name = deadline.key.as_deref().unwrap_or(&deadline.from);
            lint.complain(&rule.id, format!("the limit {name:?} has no two worked examples one second apart"));
        }
    }
}

/// The same limit; or two limits that start together and of which the earlier one always decides.
fn same(rule: &Rule, decided: usize, index: usize) -> bool {
    let from = |at: usize| rule.deadlines.get(at).map(|d| &d.from);
    decided == index || (rule.combine == Combine::Earliest && from(decided) == from(index))
}

/// Each effective date: the last day without and the first day with, or the other way round.
fn days(lint: &mut Lint<'_>, rule: &Rule, rows: &[&Row]) {
    let rating = rule.effective.basis == Basis::RatingPeriodStart;
    let on = |row: &Row| if rating { row.flags.rating_period_start } else { row.received_on };
    let has = |day: Option<Day>, applies: bool| {
        day.is_some_and(|day| {
            rows.iter().any(|r| on(r) == Some(day) && (status(r) != Some(Status::NotInForce)) == applies)
        })
    };
    let effective = &rule.effective;
    let from = effective.from.map(|day| (day.yesterday().ok(), Some(day)));
    let to = effective.to.map(|day| (day.tomorrow().ok(), Some(day)));
    for (outside, inside) in [from, to].into_iter().flatten() {
        if !has(outside, false) || !has(inside, true) {
            let day = inside.map_or_else(String::new, |d| d.to_string());
            lint.complain(&rule.id, format!("no worked examples on both sides of {day}: one received on the day outside, with status = \"not_in_force\", and one on the day inside, with its due time"));
        }
    }
    if let Some(way) = &rule.scope.gives_way {
        let stated = |row: &Row, day: Option<Day>| {
            row.flags.pa_required == Some(way.pa_required) && row.received_on.is_some() && row.received_on == day
        };
        let before = way.from.yesterday().ok();
        let kept = rows.iter().any(|r| stated(r, before) && status(r) == Some(Status::Due));
        let gave = rows.iter().any(|r| stated(r, Some(way.from)) && status(r) == Some(Status::NotInForce));
        if !kept || !gave {
            lint.complain(&rule.id, format!("no worked examples on both sides of giving way on {}", way.from));
        }
    }
}

/// Extension and stops: in time and too late, counted and not.
fn changes(lint: &mut Lint<'_>, rule: &Rule, rows: &[&Row]) {
    let extended = |what: Extended| rows.iter().any(|r| r.computed.is_some_and(|c| c.extended == Some(what)));
    let allowed = rule.extension.as_ref().is_some_and(|e| e.max_count != Some(0));
    if allowed && rule.has_clock() && !(extended(Extended::Applied) && extended(Extended::NoticeTooLate)) {
        lint.complain(&rule.id, "no worked examples of an extension noticed in time and too late");
    }
    if rule.tolling.stops != Stops::Never && !rows.iter().any(|r| r.has_stops && status(r) == Some(Status::Due)) {
        lint.complain(&rule.id, "no worked example of a stopped clock");
    }
}
