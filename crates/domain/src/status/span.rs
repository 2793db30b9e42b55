//! Stretches of time inside a stay, and the local midnights they cross.

use serde::{Deserialize, Serialize};

use crate::{
    calendar::number_of,
    time::{Moment, Zone},
};

/// A stretch of time, open-ended while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// When it began.
    pub from: Moment,
    /// When it ended; none while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
}

/// A stretch that does not count, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// The stretch.
    #[serde(flatten)]
    pub span: Span,
    /// Why, in plain words ("waited for a family meeting").
    #[serde(default)]
    pub why: String,
}

impl Span {
    /// A closed stretch.
    pub fn closed(from: Moment, to: Moment) -> Self {
        Self { from, to: Some(to) }
    }

    /// Its end, or `now` while it lasts. Never before its start.
    pub fn end(&self, now: Moment) -> Moment {
        self.to.unwrap_or(now).max(self.from)
    }

    /// Whether a local midnight falls into it: it began before and had not ended. The same reading as for a stay, so that
    /// a leave of exactly one stay takes all of its midnights.
    fn takes(&self, midnight: Moment) -> bool {
        self.from < midnight && self.to.is_none_or(|to| midnight <= to)
    }
}

/// Local midnights crossed between two moments: a patient there before 00:00 and still there at 00:00 has crossed it, so
/// the count is the difference of the local dates, whatever the clocks did that night. Midnights inside `less` are not
/// counted.
pub fn midnights_between(from: Moment, to: Moment, zone: &Zone, less: &[Span]) -> u32 {
    let (first, last) = (zone.day(from), zone.day(to));
    let crossed = u32::try_from(number_of(last) - number_of(first)).unwrap_or(0);
    if less.is_empty() || crossed == 0 {
        return crossed;
    }
    let mut taken = 0;
    let mut day = first;
    while let Ok(next) = day.tomorrow() {
        if next > last {
            break;
        }
        if zone.start_of(next).is_some_and(|midnight| less.iter().any(|span| span.takes(midnight))) {
            taken += 1;
        }
        day = next;
    }
    crossed - taken
}

/// The first local midnight after a moment.
pub fn next_midnight(after: Moment, zone: &Zone) -> Option<Moment> {
    zone.start_of(zone.day(after).tomorrow().ok()?)
}
