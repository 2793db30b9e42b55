//! Exactly one version of each family applies on each day, for each way the facts may stand; gaps are declared.

use std::collections::BTreeSet;

use vigil_domain::{
    law::{Basis, Family, Flags, Rule, Standing},
    time::Day,
};

use super::Lint;

pub(super) fn check(lint: &mut Lint<'_>) {
    let read = lint.read;
    for family in read.book.families() {
        for conflict in &family.conflicts {
            if read.book.rule(&conflict.with).is_none() {
                about(lint, family, format!("a conflict names {:?}, which is no rule of the library", conflict.with));
            }
        }
        for gap in family.gaps.iter().filter(|gap| gap.reason.trim().is_empty()) {
            let to = gap.to.map_or_else(|| "open".to_owned(), |day| day.to_string());
            about(lint, family, format!("the gap up to {to} gives no reason"));
        }
        for rule in &family.versions {
            if let (Some(from), Some(to)) = (rule.effective.from, rule.effective.to)
                && from > to
            {
                lint.complain(&rule.id, "dead: it ends before it begins");
            }
        }
        one_version(lint, family);
    }
}

fn about(lint: &mut Lint<'_>, family: &Family, message: String) {
    if let Some(rule) = family.versions.first() {
        lint.complain(&rule.id, message);
    }
}

/// The days on which something may change, and their eves.
fn edges(family: &Family) -> BTreeSet<Day> {
    let mut days = BTreeSet::new();
    days.extend(Day::new(1990, 1, 1));
    days.extend(Day::new(2060, 1, 1));
    let mut edge = |day: Option<Day>| {
        for day in day.into_iter().flat_map(|d| [d.yesterday().ok(), Some(d), d.tomorrow().ok()]).flatten() {
            days.insert(day);
        }
    };
    for rule in &family.versions {
        edge(rule.effective.from);
        edge(rule.effective.to);
        edge(rule.scope.gives_way.as_ref().map(|w| w.from));
    }
    for gap in &family.gaps {
        edge(gap.from);
        edge(gap.to);
    }
    days
}

fn one_version(lint: &mut Lint<'_>, family: &Family) {
    // What emptied it was told already, with its place.
    if family.versions.is_empty() {
        return;
    }
    let asks = |rule: &Rule| rule.scope.requires.pa_required.is_some() || rule.scope.gives_way.is_some();
    let facts: &[Option<bool>] =
        if family.versions.iter().any(|r| asks(r)) { &[Some(true), Some(false)] } else { &[None] };
    let rating = family.versions.iter().any(|r| r.effective.basis == Basis::RatingPeriodStart);
    let mut alive: BTreeSet<&str> = BTreeSet::new();
    let mut found: Vec<(String, String)> = Vec::new();
    for pa_required in facts {
        for day in edges(family) {
            let flags =
                Flags { pa_required: *pa_required, rating_period_start: rating.then_some(day), ..Flags::default() };
            let applies: Vec<&str> = family
                .versions
                .iter()
                .filter(|rule| rule.standing(&flags, Some(day)) == Standing::InForce)
                .map(|rule| rule.id.as_str())
                .collect();
            alive.extend(&applies);
            let gap =
                family.gaps.iter().any(|g| g.from.is_none_or(|from| from <= day) && g.to.is_none_or(|to| day <= to));
            let subject = family.versions.last().map_or("", |r| r.id.as_str());
            match applies.as_slice() {
                [_] if !gap => {}
                [] if gap => {}
                [] => found.push((subject.to_owned(), format!("no version applies on {day}, and no gap is declared"))),
                [one] => {
                    found.push(((*one).to_owned(), format!("a gap is declared on {day}, but this version applies")))
                }
                [one, two, ..] => {
                    found.push(((*one).to_owned(), format!("overlaps {two} on {day}: exactly one version may apply; end one the day before the other begins, or give a promise of your own a family of its own")));
                }
            }
        }
    }
    for (rule, message) in found.into_iter().take(3) {
        lint.complain(&rule, message);
    }
    for rule in &family.versions {
        if !alive.contains(rule.id.as_str()) && rule.effective.basis != Basis::Proposed {
            lint.complain(&rule.id, "dead: no day on which it applies");
        }
    }
}
