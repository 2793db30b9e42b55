//! Observation hours: order-backed time less monitored procedures, rounded once, with every deduction and its reason. A
//! different counter from the two-midnight clock.

use serde::{Deserialize, Serialize};

use super::{
    facts::ObservationOrder,
    span::{Because, Span},
};
use crate::time::{Moment, Zone};

/// What observation is counted from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservationFacts {
    /// The facility's zone, for showing.
    pub zone: Zone,
    /// Observation under orders.
    pub orders: Vec<ObservationOrder>,
    /// Time that is not observation: procedures whose monitoring is part of them, with preparation and recovery.
    #[serde(default)]
    pub monitored: Vec<Because>,
    /// When medically necessary observation ended, whatever the patient waited for then.
    #[serde(default)]
    pub care_ended_at: Option<Moment>,
}

/// Time taken off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deduction {
    /// The stretch.
    pub from: Moment,
    /// Its end.
    pub to: Moment,
    /// Whole minutes.
    pub minutes: i64,
    /// Why.
    pub why: String,
}

/// The count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservationHours {
    /// Whole minutes before rounding.
    pub minutes: i64,
    /// Hours to report, rounded once to the nearest.
    pub hours: u32,
    /// What counted, in order of time.
    pub counted: Vec<Span>,
    /// What was taken off, and why.
    pub deductions: Vec<Deduction>,
}

/// Counts to the end of each order's time, or to `now` while it runs.
pub fn observation_hours(facts: &ObservationFacts, now: Moment) -> ObservationHours {
    let backed = union(facts.orders.iter().map(|order| (order.begins(), order.span().end(now).max(order.begins()))));
    let mut left = backed;
    let mut deductions = Vec::new();
    if let Some(ended) = facts.care_ended_at {
        take(&mut left, (ended, Moment::MAX), "medically necessary observation had ended", &mut deductions);
    }
    let mut monitored: Vec<&Because> = facts.monitored.iter().collect();
    monitored.sort_by_key(|because| because.span.from);
    for because in monitored {
        take(&mut left, (because.span.from, because.span.end(now)), &because.why, &mut deductions);
    }
    let seconds: i64 = left.iter().map(|(from, to)| to.as_second() - from.as_second()).sum();
    deductions.sort_by_key(|deduction| deduction.from);
    ObservationHours {
        minutes: seconds / 60,
        hours: u32::try_from((seconds + 1800) / 3600).unwrap_or(0),
        counted: left.into_iter().map(|(from, to)| Span::closed(from, to)).collect(),
        deductions,
    }
}

type Stretch = (Moment, Moment);

fn union(stretches: impl Iterator<Item = Stretch>) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = stretches.filter(|(from, to)| from < to).collect();
    all.sort_unstable();
    let mut merged: Vec<Stretch> = Vec::new();
    for (from, to) in all {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// Takes a stretch off what is left, and writes down what it really took.
fn take(left: &mut Vec<Stretch>, (from, to): Stretch, why: &str, deductions: &mut Vec<Deduction>) {
    let mut kept = Vec::with_capacity(left.len() + 1);
    for (start, end) in left.drain(..) {
        let (cut_from, cut_to) = (from.max(start), to.min(end));
        if cut_from >= cut_to {
            kept.push((start, end));
            continue;
        }
        let minutes = (cut_to.as_second() - cut_from.as_second()) / 60;
        deductions.push(Deduction { from: cut_from, to: cut_to, minutes, why: why.to_owned() });
        kept.extend([(start, cut_from), (cut_to, end)].into_iter().filter(|(from, to)| from < to));
    }
    *left = kept;
}
