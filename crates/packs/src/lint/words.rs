//! Cited, read, fresh, well-formed; and a rule that claims to tighten does.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use vigil_domain::{
    law::{Basis, Combine, Confidence, Rule, Unit, Vocabulary},
    party::LineOfBusiness,
    time::Day,
};

use super::Lint;
use crate::{law, probe, shelf::Shelf};

pub(super) fn check(lint: &mut Lint<'_>, on: Option<Day>) {
    let read = lint.read;
    for rule in read.book.rules() {
        cited(lint, rule, on);
        shaped(lint, rule);
        points(lint, rule);
    }
    strange(lint);
}

/// A rule of an overlay that uses a word which no shipped rule uses is never asked for: no case says the word.
fn strange(lint: &mut Lint<'_>) {
    let read = lint.read;
    let own = |rule: &&Arc<Rule>| read.places.get(&rule.id).is_some_and(|place| place.layer > 0);
    let rules: Vec<&Arc<Rule>> = read.book.rules().iter().filter(own).collect();
    if rules.is_empty() {
        return;
    }
    static SHIPPED: LazyLock<Vocabulary> = LazyLock::new(|| {
        Shelf::read(&[]).map(|shelf| law::load(&shelf, &mut Vec::new()).vocabulary()).unwrap_or_default()
    });
    for rule in rules {
        let used = [
            ("kind of review", rule.scope.reviews.iter().map(String::as_str).collect::<Vec<_>>(), &SHIPPED.reviews),
            ("subject", rule.scope.subject.as_deref().into_iter().collect(), &SHIPPED.subjects),
            ("event", events(rule), &SHIPPED.events),
        ];
        for (what, words, known) in used {
            for word in words.into_iter().filter(|word| !known.contains(*word)) {
                let known = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                lint.complain(
                    &rule.id,
                    format!("dead: no shipped rule and no case knows the {what} {word:?}; one of {known}"),
                );
            }
        }
    }
}

fn events(rule: &Rule) -> Vec<&str> {
    let limits = rule.deadlines.iter().filter(|d| d.numeric().is_some());
    limits
        .flat_map(|d| match d.events() {
            [] => vec![d.from.as_str()],
            names => names.to_vec(),
        })
        .collect()
}

fn cited(lint: &mut Lint<'_>, rule: &Rule, on: Option<Day>) {
    if rule.cite.trim().is_empty() {
        lint.complain(&rule.id, "no citation");
    }
    if rule.says.trim().is_empty() {
        lint.complain(&rule.id, "no sentence that says what it means");
    }
    match (rule.read_on, rule.confidence) {
        (None, Confidence::SourceSeen) => {
            lint.complain(&rule.id, "confidence says the source was seen, but read_on is missing")
        }
        (Some(_), Confidence::SourceSeen) if rule.source.is_empty() && rule.verification.is_none() => {
            lint.complain(&rule.id, "confidence says the source was seen, but no source is named");
        }
        (Some(read), _) if on.is_some_and(|on| a_year_after(read) < on) => {
            lint.complain(&rule.id, format!("stale: read on {read}, more than a year ago"));
        }
        _ => {}
    }
    let jurisdiction_known = lint.read.book.calendars().of(&rule.jurisdiction).is_some();
    if !jurisdiction_known {
        lint.complain(&rule.id, format!("no calendar names the jurisdiction {:?}", rule.jurisdiction));
    }
}

fn a_year_after(day: Day) -> Day {
    Day::new(day.year() + 1, day.month(), day.day()).or_else(|_| Day::new(day.year() + 1, 3, 1)).unwrap_or(day)
}

fn shaped(lint: &mut Lint<'_>, rule: &Rule) {
    let mut wrong: Vec<String> = Vec::new();
    let proposed = rule.effective.basis == Basis::Proposed;
    if rule.scope.lines_of_business.is_empty() && !proposed {
        wrong.push("dead: it names no line of business".to_owned());
    }
    if rule.scope.reviews.is_empty() && !proposed {
        wrong.push("dead: it names no kind of review".to_owned());
    }
    let known: Vec<&str> = LineOfBusiness::ALL.iter().map(LineOfBusiness::word).collect();
    wrong.extend(
        rule.scope
            .lines_of_business
            .iter()
            .filter(|l| !LineOfBusiness::read(l).is_known())
            .map(|l| format!("unknown line of business {l:?}; one of {}", known.join(", "))),
    );
    if !["standard", "expedited", "any"].contains(&rule.scope.urgency.as_str()) {
        wrong.push(format!("urgency {:?}: one of standard, expedited, any", rule.scope.urgency));
    }
    for deadline in &rule.deadlines {
        if deadline.amount.is_none() != matches!(deadline.unit, Unit::Event | Unit::None) {
            wrong.push("a limit has an amount with a unit, or neither (unit event)".to_owned());
        }
    }
    wrong.extend(more_time(rule));
    let keys: BTreeSet<&str> = rule.branches().collect();
    let keyed = rule.branches().count();
    if rule.combine.needs_branch() && (keys.len() != keyed || keyed != rule.deadlines.len()) {
        wrong.push("each of its limits needs a key of its own, to be named by".to_owned());
    }
    let wants: &[&str] = match rule.combine {
        Combine::ByUrgency => &["standard", "expedited"],
        Combine::Conditional => &["normal", "next-day-weekend-or-holiday"],
        _ => &[],
    };
    wrong
        .extend(wants.iter().filter(|k| !keys.contains(**k)).map(|k| format!("a limit with the key {k:?} is missing")));
    for message in wrong {
        lint.complain(&rule.id, message);
    }
}

/// A rule that allows more time says on which conditions, one by one.
fn more_time(rule: &Rule) -> Vec<String> {
    let Some(allowed) = rule.extension.as_ref().filter(|e| e.is_allowed()) else { return Vec::new() };
    let mut wrong = Vec::new();
    if allowed.when.is_empty() {
        wrong.push("it allows more time, but `when` of its extension names no condition".to_owned());
    }
    let mut keys = BTreeSet::new();
    for condition in &allowed.when {
        let key = &condition.key;
        if key.trim().is_empty() || !keys.insert(key.as_str()) {
            wrong.push(format!("condition {key:?} of its extension needs a key of its own"));
        }
        if !condition.says.trim_end().ends_with('.') || condition.letter.trim().is_empty() {
            wrong.push(format!("condition {key:?} of its extension needs `says` (a sentence) and `letter`"));
        }
    }
    wrong
}

/// Names of other rules are names of rules, and claims about them are proven.
fn points(lint: &mut Lint<'_>, rule: &Rule) {
    let book = &lint.read.book;
    if let Some(way) = &rule.scope.gives_way
        && book.rule(&way.to).is_none_or(|to| to.family != rule.family)
    {
        lint.complain(&rule.id, format!("gives way to {:?}, which is no version of its family", way.to));
    }
    let Some(target) = &rule.tightens else { return };
    match book.rule(target) {
        None => lint.complain(&rule.id, format!("claims to tighten {target:?}, which is no rule of the library")),
        Some(wider) => {
            if let Some(example) = probe::later(rule, wider, book.calendars()) {
                lint.complain(&rule.id, format!("claims to tighten {target}, but is later: {example}"));
            }
        }
    }
}
