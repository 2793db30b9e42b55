//! Stops: half-open stretches in which a clock that can be tolled does not run.

use serde::{Deserialize, Serialize};

use super::given::Invalid;
use crate::time::Moment;

/// One stop, `[start, end)`; without an end it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// When the clock stopped.
    pub start: Moment,
    /// When it ran again; none: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Moment>,
}

impl Stop {
    /// A stop that ends at the earlier of its end and the last day to respond.
    pub fn new(start: Moment, end: Option<Moment>, respond_by: Option<Moment>) -> Result<Self, Invalid> {
        let end = match (end, respond_by) {
            (Some(end), Some(by)) => Some(end.min(by)),
            (end, by) => end.or(by),
        };
        if end.is_some_and(|end| end < start) {
            return Err(Invalid::StopEndsBeforeStart);
        }
        Ok(Self { start, end })
    }
}

/// Stops in order, overlapping and touching ones joined, empty ones dropped.
#[derive(Debug, Clone, Default)]
pub(super) struct Merged(pub(super) Vec<Stop>);

impl Merged {
    pub(super) fn of(stops: &[Stop]) -> Self {
        if stops.is_empty() {
            return Self::default();
        }
        let mut sorted: Vec<Stop> = stops.iter().copied().filter(|s| s.end.is_none_or(|end| end > s.start)).collect();
        sorted.sort_unstable_by_key(|s| s.start);
        let mut merged: Vec<Stop> = Vec::with_capacity(sorted.len());
        for stop in sorted {
            match merged.last_mut() {
                Some(last) if last.end.is_none_or(|end| stop.start <= end) => {
                    last.end = match (last.end, stop.end) {
                        (Some(a), Some(b)) => Some(a.max(b)),
                        _ => None,
                    };
                }
                _ => merged.push(stop),
            }
        }
        Self(merged)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The stop that holds an instant.
    pub(super) fn holding(&self, at: Moment) -> Option<&Stop> {
        let next = self.0.partition_point(|s| s.start <= at);
        let stop = self.0.get(next.checked_sub(1)?)?;
        stop.end.is_none_or(|end| at < end).then_some(stop)
    }

    /// The end of the last stop, if it is known.
    pub(super) fn last_end(&self) -> Option<Moment> {
        self.0.last().and_then(|s| s.end)
    }
}
