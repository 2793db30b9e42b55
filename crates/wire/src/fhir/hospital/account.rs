//! What became of every record.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::issue::Issue;

/// A record that was not taken although it should have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Type of the resource; `unknown` when it could not be read.
    pub kind: String,
    /// File and line, or Bundle entry.
    pub place: String,
    /// What is wrong, without the patient's data.
    pub why: Vec<String>,
    /// The same, each with its place in the resource.
    #[serde(skip)]
    pub issues: Vec<Issue>,
}

/// The account of an import: the three add up to the records read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Records read.
    pub records: u64,
    /// Taken, by type.
    pub taken: BTreeMap<String, u64>,
    /// Ignored, by type and reason.
    pub ignored: BTreeMap<String, BTreeMap<String, u64>>,
    /// Refused, each with its reasons.
    pub refused: Vec<Refused>,
}

impl Account {
    pub(super) fn take(&mut self, kind: &str) {
        *self.taken.entry(kind.to_owned()).or_default() += 1;
    }

    /// Counts records of a type that nothing is read from.
    pub fn ignore(&mut self, kind: &str, why: &str, count: u64) {
        if count > 0 {
            *self.ignored.entry(kind.to_owned()).or_default().entry(why.to_owned()).or_default() += count;
        }
    }

    pub(super) fn refuse(&mut self, kind: &str, place: &str, issues: &[Issue]) {
        let why = issues.iter().map(ToString::to_string).collect();
        let issues = issues.to_vec();
        self.refused.push(Refused { kind: kind.to_owned(), place: place.to_owned(), why, issues });
    }

    /// How many records are accounted for; equals `records` when nothing was lost.
    pub fn accounted(&self) -> u64 {
        let ignored: u64 = self.ignored.values().flat_map(BTreeMap::values).sum();
        self.taken.values().sum::<u64>() + ignored + u64::try_from(self.refused.len()).unwrap_or(u64::MAX)
    }
}
