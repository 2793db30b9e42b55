//! What a simulated span came to, in figures.

use std::collections::BTreeMap;

use serde::Serialize;

use super::invariants::Failure;

/// The figures of one run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Days simulated, the drain apart.
    pub days: i64,
    /// Requests sent or typed, repeated bytes apart.
    pub asked: u64,
    /// Cases made.
    pub received: u64,
    /// Requests answered with the guide's business error or an OperationOutcome.
    pub turned_away: u64,
    /// Cases by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// Cases with a decision that no person made.
    pub automated: u64,
    /// Decision clocks that lapsed.
    pub decision_lapses: u64,
    /// Notice clocks that lapsed.
    pub notice_lapses: u64,
    /// Notices given.
    pub notices: u64,
    /// Notices that were held for a missing element, by what is missing.
    pub held: BTreeMap<String, u64>,
    /// Why cases went to a queue of people.
    pub queued: BTreeMap<String, u64>,
    /// Commands the case refused, by rule.
    pub refusals: BTreeMap<String, u64>,
    /// Faults injected, by kind.
    pub faults: BTreeMap<String, u64>,
    /// Events written.
    pub events: u64,
    /// Checks made.
    pub checks: u64,
    /// SHA-256 over every event of every case, in hex.
    pub trace: String,
    /// What did not hold.
    pub failures: Vec<Failure>,
}

impl Report {
    /// Decisions of any kind.
    pub fn decided(&self) -> u64 {
        ["approved", "partially_approved", "modified", "not_approved", "administrative_adverse"]
            .iter()
            .filter_map(|word| self.outcomes.get(*word))
            .sum()
    }

    /// One more of a kind.
    pub(super) fn count(of: &mut BTreeMap<String, u64>, word: &str) {
        *of.entry(word.to_owned()).or_default() += 1;
    }

    /// The report as people read it.
    pub fn text(&self) -> String {
        let mut text = format!(
            "seed {}: {} days, {} requests asked, {} cases, {} turned away\n",
            self.seed, self.days, self.asked, self.received, self.turned_away
        );
        let share = self.automated * 100 / self.decided().max(1);
        text.push_str(&format!("decided {} ({share} % without a person)\n", self.decided()));
        for (name, of) in [
            ("outcome", &self.outcomes),
            ("queued", &self.queued),
            ("held", &self.held),
            ("refused", &self.refusals),
            ("fault", &self.faults),
        ] {
            for (word, n) in of {
                text.push_str(&format!("  {name:<8} {n:>6}  {word}\n"));
            }
        }
        text.push_str(&format!(
            "lapsed: {} decision clocks, {} notice clocks; {} notices given\n{} events, {} checks, trace {}\n",
            self.decision_lapses, self.notice_lapses, self.notices, self.events, self.checks, self.trace
        ));
        match self.failures.as_slice() {
            [] => text.push_str("every check held\n"),
            failures => {
                text.push_str(&format!("{} CHECKS FAILED\n", failures.len()));
                for failure in failures {
                    text.push_str(&format!("  {failure}\n"));
                }
            }
        }
        text
    }
}
