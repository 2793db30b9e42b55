//! The two counters of midnights: all hospital care (the benchmark's) and inpatient time after the order (the presumption's).

use super::{
    answer::{Counted, NotCounted},
    facts::{Expectation, StatusFacts},
    span::{Because, Span, midnights_between, next_midnight},
};
use crate::time::Moment;

/// Counts the midnights of a stay up to its end or `now`.
pub fn count(facts: &StatusFacts, now: Moment) -> Counted {
    let zone = &facts.zone;
    let end = facts.counted_to(now);
    let order = facts.standing_order(now).map(|o| o.effective_at());
    let Some(from) = facts.care_began_at().or(order).filter(|from| *from <= end) else {
        return Counted { from: facts.care_began_at(), ..Counted::default() };
    };
    let less = not_care(facts);
    let so_far = midnights_between(from, end, zone, &less);
    let outpatient = midnights_between(from, order.unwrap_or(end).max(from), zone, &less);
    let after_order = order.map_or(0, |order| midnights_between(order, end, zone, &less));
    let written = facts.expectation.as_ref().filter(|e| e.documented_at <= end);
    let expected = written.map_or(0, |e| midnights_between(from, e.documented_at, zone, &less) + e.further_midnights);
    Counted {
        from: Some(from),
        so_far,
        outpatient,
        after_order,
        expected: expected.max(so_far),
        not_counted: left_out(facts, from, end),
    }
}

/// The expectation, when it was in the record before the patient left.
pub(super) fn written_expectation(facts: &StatusFacts, now: Moment) -> Option<&Expectation> {
    let end = facts.counted_to(now);
    facts.expectation.as_ref().filter(|e| e.documented_at <= end)
}

/// Midnights of all care from its start to a later moment than the stay has reached.
pub(super) fn midnights_to(facts: &StatusFacts, at: Moment) -> u32 {
    facts.care_began_at().map_or(0, |from| midnights_between(from, at, &facts.zone, &not_care(facts)))
}

/// The moment of the n-th midnight of hospital care, time that does not count left out.
pub(super) fn nth_midnight(facts: &StatusFacts, n: u32) -> Option<Moment> {
    let from = facts.care_began_at()?;
    let less = not_care(facts);
    let mut at = from;
    for _ in 0..n + 366 {
        at = next_midnight(at, &facts.zone)?;
        if midnights_between(from, at, &facts.zone, &less) >= n {
            return Some(at);
        }
    }
    None
}

fn not_care(facts: &StatusFacts) -> Vec<Span> {
    facts.leave.iter().copied().chain(facts.delays.iter().map(|delay| delay.span)).collect()
}

fn left_out(facts: &StatusFacts, from: Moment, end: Moment) -> Vec<NotCounted> {
    let leave = facts.leave.iter().map(|span| Because { span: *span, why: "leave of absence".to_owned() });
    let all = leave.chain(facts.delays.iter().cloned());
    all.filter_map(|because| {
        let plain = midnights_between(from, end, &facts.zone, &[]);
        let midnights = plain - midnights_between(from, end, &facts.zone, std::slice::from_ref(&because.span));
        (midnights > 0).then_some(NotCounted { because, midnights })
    })
    .collect()
}
