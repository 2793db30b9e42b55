//! What is put to the arithmetic, and what comes out of it.

use serde::{Deserialize, Serialize};

use super::stops::Stop;
use crate::{
    law::{Flags, NotBecause, Unit},
    time::{Day, Moment, Zone},
};

/// Nothing stated about the contract.
pub static NO_FLAGS: Flags = Flags {
    pa_required: None,
    rating_period_start: None,
    accreditation: None,
    grandfathered: None,
    uniform_form: None,
};

/// Where a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It runs, and has a due time.
    Due,
    /// Its start event has not happened.
    NotStarted,
    /// The rule does not apply on the day of receipt.
    NotInForce,
    /// The rule has no numeric limit.
    NoClock,
    /// Stopped, and nobody knows until when.
    Tolled,
    /// The question is refused.
    Invalid,
}

impl Status {
    /// The word as answers carry it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::NotStarted => "not_started",
            Self::NotInForce => "not_in_force",
            Self::NoClock => "no_clock",
            Self::Tolled => "tolled",
            Self::Invalid => "invalid",
        }
    }
}

/// Why a question is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Invalid {
    /// A time without an offset, or not a time at all.
    #[error("a time needs a date, a time of day and an offset, as in 2026-03-06T18:10:00-06:00")]
    OffsetRequired,
    /// Not a date.
    #[error("a date is written as in 2026-01-01")]
    BadDate,
    /// Well written, but not in the calendar or not on the clock: 30 February, 25 o'clock.
    #[error("there is no such day in the calendar, or no such time of day")]
    NoSuchTime,
    /// The rule branches and no branch was named.
    #[error("this rule has several limits: say which branch")]
    BranchMissing,
    /// No such branch.
    #[error("this rule has no such branch")]
    BranchUnknown,
    /// The rule allows no extension.
    #[error("this rule allows no extension")]
    ExtensionNotAllowed,
    /// More than the rule allows.
    #[error("the extension is longer than the rule allows")]
    ExtensionTooLong,
    /// Another unit than the rule's.
    #[error("the extension is in another unit than the rule's")]
    ExtensionUnit,
    /// A stop that ends before it starts.
    #[error("a stop ends before it starts")]
    StopEndsBeforeStart,
    /// The rule asks for the contract's rating period.
    #[error("this rule is chosen by the contract's rating period: say when the rating period starts")]
    RatingPeriodMissing,
    /// A date outside what can be counted.
    #[error("the date is out of range")]
    OutOfRange,
    /// The jurisdiction has no calendar in the library.
    #[error("the library has no calendar for this rule's jurisdiction")]
    NoCalendar,
    /// A set without a rule.
    #[error("no rule was named")]
    NoRule,
}

/// A branch, by its key or its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branch {
    /// The deadline's key.
    Key(String),
    /// Its place, from 0.
    Index(usize),
}

impl Branch {
    /// Reads a word: a number is a place, anything else a key.
    pub fn read(word: &str) -> Self {
        word.parse().map_or_else(|_| Self::Key(word.to_owned()), Self::Index)
    }
}

/// An extension taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extend {
    /// How much.
    pub amount: u32,
    /// In which unit.
    pub unit: Unit,
    /// When the notice of it went out.
    pub notice_at: Moment,
}

/// All that is known about one case for one computation.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Events by name.
    pub events: &'a [(&'a str, Moment)],
    /// The zone in which days begin and end.
    pub zone: &'a Zone,
    /// The request's urgency, for rules with a branch each.
    pub urgency: &'a str,
    /// The branch, for rules that need one named.
    pub branch: Option<&'a Branch>,
    /// Facts that choose between versions.
    pub flags: &'a Flags,
    /// An extension taken.
    pub extension: Option<Extend>,
    /// Stops, in any order.
    pub stops: &'a [Stop],
    /// Choose the version of this day instead of the day of receipt.
    pub as_of: Option<Day>,
    /// One of several candidate rules: an extension is applied where it is allowed and ignored elsewhere.
    pub in_set: bool,
}

impl<'a> Given<'a> {
    /// Only events and a zone.
    pub fn new(events: &'a [(&'a str, Moment)], zone: &'a Zone) -> Self {
        Self {
            events,
            zone,
            urgency: "",
            branch: None,
            flags: &NO_FLAGS,
            extension: None,
            stops: &[],
            as_of: None,
            in_set: false,
        }
    }

    /// The moment of an event.
    pub fn event(&self, name: &str) -> Option<Moment> {
        self.events.iter().find(|(n, _)| *n == name).map(|(_, at)| *at)
    }

    /// The local date by which versions are chosen: of receipt; without receipt, of the earliest event.
    pub fn received_on(&self) -> Option<Day> {
        if self.as_of.is_some() {
            return self.as_of;
        }
        let first = self.event("request_received").or_else(|| self.events.iter().map(|(_, at)| *at).min())?;
        Some(self.zone.day(first))
    }
}

/// What happened to the extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extended {
    /// It moved the due time.
    Applied,
    /// Its notice came after the original due time: no effect.
    NoticeTooLate,
    /// This rule of the set allows none.
    NotForThisRule,
}

/// The outcome of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computed {
    /// Where the clock stands.
    pub status: Status,
    /// The last instant in time, when due.
    pub due_at: Option<Moment>,
    /// The deadline that decided, by its place in the rule.
    pub deadline: Option<usize>,
    /// When that deadline started.
    pub started_at: Option<Moment>,
    /// The due time before extension and stops, where it differs in kind.
    pub original_due_at: Option<Moment>,
    /// What happened to the extension.
    pub extended: Option<Extended>,
    /// Why it was refused.
    pub invalid: Option<Invalid>,
    /// Why it is not in force.
    pub not: Option<NotBecause>,
}

impl Computed {
    /// An outcome that is only a status.
    pub(super) fn bare(status: Status) -> Self {
        Self {
            status,
            due_at: None,
            deadline: None,
            started_at: None,
            original_due_at: None,
            extended: None,
            invalid: None,
            not: None,
        }
    }

    /// A refusal.
    pub(super) fn refused(why: Invalid) -> Self {
        Self { invalid: Some(why), ..Self::bare(Status::Invalid) }
    }
}

/// Reads a time stamp with its offset, in RFC 3339 (the seconds may be left out): a time without an offset is refused even
/// where it would not be ambiguous, and so is a sixtieth second, which would be another instant.
pub fn read_moment(text: &str) -> Result<Moment, Invalid> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 17
        && bytes.iter().enumerate().take(16).all(|(i, b)| match i {
            4 | 7 => *b == b'-',
            10 => matches!(b, b'T' | b't'),
            13 => *b == b':',
            _ => b.is_ascii_digit(),
        })
        && is_offset(after_seconds(&bytes[16..]));
    if !shaped {
        return Err(Invalid::OffsetRequired);
    }
    text.parse().map_err(|_| Invalid::NoSuchTime)
}

/// `Z`, `z` or `+hh:mm`.
fn is_offset(rest: &[u8]) -> bool {
    match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].iter().all(|x| x.is_ascii_digit()) && [*a, *b] < *b"24",
        _ => false,
    }
}

/// What follows `:05` or `:05.123`; nothing valid follows a sixtieth second.
fn after_seconds(rest: &[u8]) -> &[u8] {
    match rest {
        [b':', b'0'..=b'5', b'0'..=b'9', b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 { &[] } else { &rest[digits..] }
        }
        [b':', b'0'..=b'5', b'0'..=b'9', rest @ ..] => rest,
        [b':', ..] => &[],
        _ => rest,
    }
}

/// Reads a date written as `2026-01-01`.
pub fn read_day(text: &str) -> Result<Day, Invalid> {
    let digit = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    if text.len() != 10 || !text.bytes().enumerate().all(digit) {
        return Err(Invalid::BadDate);
    }
    text.parse().map_err(|_| Invalid::NoSuchTime)
}
