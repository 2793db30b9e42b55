//! The public figures of a year, folded case by case: approvals, denials, time to decide, by line of business and urgency
//! (42 CFR 422.122(c), 438.210(f), 457.732(c), 156.223(c); from knowledge, verify).

use std::collections::BTreeMap;

use vigil_domain::{
    case::{Case, event::Watches},
    determination::Outcome,
};

/// Line of business and urgency.
pub type Key = (String, String);

/// The figures of one line of business and urgency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Requests received.
    pub received: u64,
    /// Decided: at least one line approved or denied, and every line final.
    pub decided: u64,
    /// Approved whole.
    pub approved: u64,
    /// Approved in part.
    pub partial: u64,
    /// Denied, on clinical grounds.
    pub denied: u64,
    /// Denied on administrative grounds.
    pub administrative: u64,
    /// No review required.
    pub not_required: u64,
    /// Still open.
    pub open: u64,
    /// Decided without a person.
    pub automated: u64,
    /// Decided after the decision clock had lapsed.
    pub late: u64,
    /// Seconds from receipt to decision, summed.
    pub seconds: u64,
    /// How long decisions took: one count a minute below two days, one a quarter of an hour above.
    times: BTreeMap<u32, u64>,
}

/// All groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    groups: BTreeMap<Key, Group>,
    /// Requests that eligibility or their own form turned away.
    pub turned_away: u64,
}

impl Figures {
    /// Counts a case as it ended; `machine` when automation alone decided it.
    pub fn add(&mut self, case: &Case, machine: bool) {
        let key = (case.contract.line_of_business.word().to_owned(), case.urgency.word().to_owned());
        let group = self.groups.entry(key).or_default();
        group.received += 1;
        let Some(word) = case.outcome_word() else {
            group.open += 1;
            return;
        };
        group.automated += u64::from(machine);
        if !case.lines.iter().filter_map(|l| l.outcome.as_ref()).any(Outcome::is_decision) {
            group.not_required += 1;
            return;
        }
        group.decided += 1;
        match word {
            "approved" => group.approved += 1,
            "partially_approved" | "modified" => group.partial += 1,
            "administrative_adverse" => group.administrative += 1,
            _ => group.denied += 1,
        }
        let late = case.clocks.iter().any(|c| c.watches == Watches::Decision && c.lapsed.is_some());
        group.late += u64::from(late);
        let taken = case.decided_at().map_or(0, |at| at.as_second() - case.request.receipt.received_at.as_second());
        let taken = u64::try_from(taken).unwrap_or(0);
        group.seconds += taken;
        *group.times.entry(slot(taken)).or_default() += 1;
    }

    /// Adds another worker's figures.
    pub fn fold(&mut self, other: &Self) {
        self.turned_away += other.turned_away;
        for (key, theirs) in &other.groups {
            let ours = self.groups.entry(key.clone()).or_default();
            ours.received += theirs.received;
            ours.decided += theirs.decided;
            ours.approved += theirs.approved;
            ours.partial += theirs.partial;
            ours.denied += theirs.denied;
            ours.administrative += theirs.administrative;
            ours.not_required += theirs.not_required;
            ours.open += theirs.open;
            ours.automated += theirs.automated;
            ours.late += theirs.late;
            ours.seconds += theirs.seconds;
            for (slot, n) in &theirs.times {
                *ours.times.entry(*slot).or_default() += n;
            }
        }
    }

    /// Every group in the order of its words.
    pub fn groups(&self) -> impl Iterator<Item = (&Key, &Group)> {
        self.groups.iter()
    }

    /// Requests of every group, those turned away included.
    pub fn requests(&self) -> u64 {
        self.turned_away + self.groups.values().map(|g| g.received).sum::<u64>()
    }

    /// Decisions of every group.
    pub fn decided(&self) -> u64 {
        self.groups.values().map(|g| g.decided).sum()
    }
}

impl Group {
    /// Mean hours from receipt to decision.
    pub fn mean_hours(&self) -> f64 {
        hours(self.seconds) / (self.decided.max(1) as f64)
    }

    /// Median hours from receipt to decision, to the slot.
    pub fn median_hours(&self) -> f64 {
        let half = self.decided.div_ceil(2);
        let mut sum = 0;
        for (slot, n) in &self.times {
            sum += n;
            if sum >= half {
                return hours(seconds(*slot));
            }
        }
        0.0
    }
}

fn hours(seconds: u64) -> f64 {
    seconds as f64 / 3_600.0
}

const TWO_DAYS: u64 = 2 * 24 * 60;

fn slot(seconds: u64) -> u32 {
    let minutes = seconds / 60;
    let slot = if minutes < TWO_DAYS { minutes } else { TWO_DAYS + (minutes - TWO_DAYS) / 15 };
    u32::try_from(slot).unwrap_or(u32::MAX)
}

fn seconds(slot: u32) -> u64 {
    let slot = u64::from(slot);
    60 * if slot < TWO_DAYS { slot } else { TWO_DAYS + (slot - TWO_DAYS) * 15 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_keep_minutes_and_quarters() {
        for (given, kept) in [(0, 0), (59, 0), (61, 60), (172_799, 172_740), (172_800, 172_800), (173_699, 172_800)] {
            assert_eq!(seconds(slot(given)), kept, "{given}");
        }
    }

    #[test]
    fn the_median_is_the_middle_one() {
        let mut group = Group { decided: 3, ..Group::default() };
        for taken in [3_600, 7_200, 360_000] {
            *group.times.entry(slot(taken)).or_default() += 1;
        }
        assert!((group.median_hours() - 2.0).abs() < 0.01);
    }
}
