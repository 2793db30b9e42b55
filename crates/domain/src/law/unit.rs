//! The units that time limits are counted in.

use serde::{Deserialize, Serialize};

/// The unit of an amount of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Elapsed minutes.
    Minutes,
    /// Elapsed hours.
    Hours,
    /// Local dates; the day of receipt is day 0.
    CalendarDays,
    /// Monday to Friday less the jurisdiction's holidays.
    BusinessDays,
    /// The same computation as business days, under the statute's own word.
    WorkingDays,
    /// Same day number so many months later, or that month's last day.
    Months,
    /// Noon of the n-th day.
    NoonDays,
    /// No number: an event in words.
    Event,
    /// No unit (an extension that is not allowed).
    None,
}

impl Unit {
    /// Every word, in the order of the list people see.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("minutes", Self::Minutes),
        ("hours", Self::Hours),
        ("calendar_days", Self::CalendarDays),
        ("business_days", Self::BusinessDays),
        ("working_days", Self::WorkingDays),
        ("months", Self::Months),
        ("noon_days", Self::NoonDays),
    ];

    /// The unit of a word such as `calendar_days`.
    pub fn named(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(w, _)| *w == word).map(|(_, unit)| *unit)
    }

    /// The word as packs write it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, unit)| *unit == self).map_or("event", |(word, _)| word)
    }

    /// The words people read, for an amount.
    pub fn spoken(self, amount: u32) -> String {
        let one = amount == 1;
        let name = match self {
            Self::Minutes => ["minute", "minutes"],
            Self::Hours => ["hour", "hours"],
            Self::CalendarDays => ["calendar day", "calendar days"],
            Self::BusinessDays => ["business day", "business days"],
            Self::WorkingDays => ["working day", "working days"],
            Self::Months => ["month", "months"],
            Self::NoonDays => ["day, at noon", "days, at noon"],
            Self::Event | Self::None => ["event", "events"],
        };
        format!("{amount} {}", name[usize::from(!one)])
    }

    /// Counted from an exact instant, not from a date.
    pub fn is_elapsed(self) -> bool {
        matches!(self, Self::Minutes | Self::Hours)
    }
}
