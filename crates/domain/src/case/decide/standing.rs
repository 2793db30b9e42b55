//! Questions about a line that stand before any criterion: is this the member, is the member covered for these days, can
//! this be asked for at all. None of them is answered by machine: each sends the line to a person.

use super::super::Case;
use crate::{
    party::{PersonName, Sex},
    request::ServiceLine,
    time::Day,
};

/// How far a first day of service may lie from the day of receipt before a person looks, either way; and how far the last
/// day may lie ahead. Own choices: no law is read here, nobody is refused by them.
const FAR_DAYS: i32 = 366;
const FAR_AHEAD_DAYS: i32 = 3 * 366;

/// Every question that is open about a line.
pub(super) fn questions(case: &Case, line: &ServiceLine) -> Vec<String> {
    let mut open = Vec::new();
    identity(case, &mut open);
    coverage(case, line, &mut open);
    days(case, line, &mut open);
    if line.quantity.as_ref().is_some_and(crate::request::Quantity::is_odd) {
        open.push("quantity: none, or a part of something that is only counted whole".into());
    }
    if case.earlier_unknown {
        open.push("earlier request: it names an earlier request that is not known here".into());
    }
    open.extend(twin(case, line));
    open
}

/// Whether the request speaks of the person the roster knows under this number. The words name no name: they are shown on
/// lists.
fn identity(case: &Case, open: &mut Vec<String>) {
    let (known, stated) = (&case.member, &case.request.member);
    if !alike(&known.name, &stated.name) {
        open.push("eligibility: the family name is not the one on the roster".into());
    }
    let other_sex = |a: &Sex, b: &Sex| matches!((a, b), (Sex::Female, Sex::Male) | (Sex::Male, Sex::Female));
    if other_sex(&known.sex, &stated.sex) {
        open.push("eligibility: the sex is not the one on the roster".into());
    }
    if matches!((known.birth_day, stated.birth_day), (Some(a), Some(b)) if a != b) {
        open.push("eligibility: the birth date is not the one on the roster".into());
    }
}

/// Whether two family names are one, however written, or have a word in common (double names). No name says nothing.
fn alike(known: &PersonName, stated: &PersonName) -> bool {
    let words = |name: &PersonName| -> Vec<String> {
        let apart = |letter: char| !letter.is_alphanumeric();
        name.family.to_lowercase().split(apart).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (known, stated) = (words(known), words(stated));
    known.is_empty()
        || stated.is_empty()
        || known.concat() == stated.concat()
        || known.iter().any(|word| stated.contains(word))
}

fn coverage(case: &Case, line: &ServiceLine, open: &mut Vec<String>) {
    let standing = &case.request.member.standing;
    let first = line.from.unwrap_or_else(|| case.received_on());
    let last = line.through.unwrap_or(first);
    match standing.died_on {
        Some(day) if last > day => open.push("eligibility: the service lies after the day of death as stated".into()),
        None if standing.deceased => open.push("eligibility: the member has died, no day is stated".into()),
        _ => {}
    }
    if let Some(word) = &standing.inactive {
        open.push(format!("eligibility: the coverage is stated as {word}"));
    }
    if standing.covered_through.is_some_and(|end| end < first) {
        open.push("eligibility: the coverage as stated ended before the service".into());
    }
    if standing.covered_from.is_some_and(|start| first < start) {
        open.push("eligibility: the coverage as stated begins after the service".into());
    }
    let end = [case.coverage.through, standing.covered_through].into_iter().flatten().min();
    if end.is_some_and(|end| first <= end && last > end) {
        open.push("eligibility: the service runs beyond the end of the coverage".into());
    }
}

fn days(case: &Case, line: &ServiceLine, open: &mut Vec<String>) {
    let received = case.received_on();
    let ahead = |day: Day| received.until(day).map_or(0, |span| span.get_days());
    if line.from.is_some_and(|first| ahead(first) < -FAR_DAYS) {
        open.push("dates: the service began more than a year before the request".into());
    }
    if line.from.is_some_and(|first| ahead(first) > FAR_DAYS)
        || line.through.is_some_and(|last| ahead(last) > FAR_AHEAD_DAYS)
    {
        open.push("dates: the service lies years ahead".into());
    }
}

/// An earlier line of the same request that asks for the same thing on the same days.
fn twin(case: &Case, line: &ServiceLine) -> Option<String> {
    let days = |line: &ServiceLine| {
        let first = line.from.unwrap_or(Day::MIN);
        (first, line.through.or(line.from).unwrap_or(Day::MAX))
    };
    let (first, last) = days(line);
    let before = case.lines.iter().map(|state| &state.line).find(|other| {
        let (from, through) = days(other);
        other.sequence < line.sequence
            && !other.cancelled
            && other.service.same(&line.service)
            && same_modifiers(other, line)
            && from <= last
            && first <= through
    })?;
    Some(format!("possible duplicate of line {} of this request: same service on the same days", before.sequence))
}

fn same_modifiers(a: &ServiceLine, b: &ServiceLine) -> bool {
    a.modifiers.len() == b.modifiers.len() && a.modifiers.iter().all(|modifier| b.modifiers.contains(modifier))
}
