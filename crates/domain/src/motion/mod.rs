//! A motion before the UM committee: to retire a service from review, on the figures of the rule-value board. What the
//! committee decides is recorded with its quorum and minutes; the packs change by people, never by a vote alone.

mod decide;
mod event;

pub use decide::{Command, decide};
pub use event::{Event, FORM, Figures, Vote, evolve};

use crate::time::Moment;

/// A motion as its events make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Motion {
    /// Its id.
    pub id: String,
    /// Events applied.
    pub version: u64,
    /// The service code asked about.
    pub code: String,
    /// The service, in words.
    pub service: String,
    /// The figures it rests on.
    pub figures: Figures,
    /// Why.
    pub why: String,
    /// Who put it (account name), and when.
    pub put: (String, Moment),
    /// What the committee decided: the vote, who recorded it, when.
    pub decided: Option<(Vote, String, Moment)>,
    /// Taken back: why, by whom, when.
    pub withdrawn: Option<(String, String, Moment)>,
}

impl Motion {
    /// The stable word for where it stands.
    pub fn word(&self) -> &'static str {
        match (&self.withdrawn, &self.decided) {
            (Some(_), _) => "withdrawn",
            (None, None) => "open",
            (None, Some((vote, ..))) if vote.carried() => "carried",
            (None, Some(_)) => "rejected",
        }
    }
}
