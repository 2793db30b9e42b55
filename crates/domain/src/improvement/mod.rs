//! An improvement: a signal in a figure, the causes behind it, and the A3 that people write until it is mended. A subject of
//! the log beside the case, of the same shape: [`Command`] in, [`Event`]s or refusals out, [`Improvement`] the state.

mod decide;
mod event;

pub use decide::{Command, decide};
pub use event::{Cause, Event, FORM, Part, Signal, evolve};

use std::collections::BTreeMap;

use crate::time::Moment;

/// An improvement as its events make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Improvement {
    /// Its id.
    pub id: String,
    /// Events applied.
    pub version: u64,
    /// What it is about, in one line.
    pub title: String,
    /// The signal that began it.
    pub signal: Signal,
    /// The causes counted when it began, most frequent first.
    pub causes: Vec<Cause>,
    /// Who opened it (account name), and when.
    pub opened: (String, Moment),
    /// The parts of the A3 as last written: words, by whom, when.
    pub parts: BTreeMap<Part, (String, String, Moment)>,
    /// How it ended: result, by whom, when.
    pub closed: Option<(String, String, Moment)>,
}

impl Improvement {
    /// The parts nobody has written yet, in the order of the sheet.
    pub fn unwritten(&self) -> Vec<Part> {
        Part::ALL.iter().copied().filter(|part| !self.parts.contains_key(part)).collect()
    }
}
