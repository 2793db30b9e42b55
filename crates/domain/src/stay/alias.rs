//! Identities that feeds have joined: wrong numbers to right ones. Merges are repeated and reversed in practice, so joining
//! twice is joining once, and a circle has one answer that does not depend on the order of arrival.

use std::collections::BTreeMap;

use super::news::{Identifier, StayNews};

/// Joined identities of one kind, oldest join first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Aliases {
    to: BTreeMap<Identifier, Identifier>,
    /// Identifiers of joins that closed a circle and were left out.
    pub(super) circles: Vec<(Identifier, Identifier)>,
}

impl Aliases {
    /// Joins in the order in which the source recorded them. The later word on the same wrong number wins; a join that
    /// would close a circle turns the older one round, as a reversed merge means to.
    pub(super) fn of<'n>(joins: impl Iterator<Item = &'n (Identifier, Identifier)>) -> Self {
        let mut aliases = Self::default();
        for (from, into) in joins {
            aliases.join(from, into);
        }
        aliases
    }

    fn join(&mut self, from: &Identifier, into: &Identifier) {
        if from == into || self.to.get(from) == Some(into) {
            return;
        }
        if self.resolve(into) == *from {
            self.circles.push((from.clone(), into.clone()));
            // `into` leads to `from` already: the chain is cut where it enters `from`, and turned.
            let entries: Vec<Identifier> = self.to.iter().filter(|(_, t)| *t == from).map(|(f, _)| f.clone()).collect();
            for entry in entries {
                self.to.insert(entry, into.clone());
            }
            self.to.remove(into);
        }
        self.to.insert(from.clone(), into.clone());
    }

    /// The identity in force. Bounded by the number of joins, so that it ends whatever was joined.
    pub(super) fn resolve(&self, id: &Identifier) -> Identifier {
        let mut here = id;
        for _ in 0..=self.to.len() {
            match self.to.get(here) {
                Some(next) => here = next,
                None => break,
            }
        }
        here.clone()
    }
}

/// The aliases of a stay's news.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Joined {
    pub(super) patients: Aliases,
    pub(super) accounts: Aliases,
    pub(super) visits: Aliases,
}

impl Joined {
    /// From news in recorded order.
    pub(super) fn of(recorded: &[&StayNews]) -> Self {
        let joins = || recorded.iter().filter_map(|n| n.joins.as_ref());
        Self {
            patients: Aliases::of(joins().filter_map(|j| j.patient.as_ref())),
            accounts: Aliases::of(joins().filter_map(|j| j.account.as_ref())),
            visits: Aliases::of(joins().filter_map(|j| j.visit.as_ref())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(value: &str) -> Identifier {
        Identifier { value: value.to_owned(), ..Identifier::default() }
    }

    #[test]
    fn merges_repeat_chain_and_turn() {
        for (joins, asked, answer) in [
            (vec![("a", "b")], "a", "b"),
            (vec![("a", "b"), ("a", "b")], "a", "b"),
            (vec![("a", "b"), ("b", "c")], "a", "c"),
            (vec![("b", "c"), ("a", "b")], "a", "c"),
            (vec![("a", "b"), ("b", "a")], "b", "a"),
            (vec![("a", "b"), ("b", "a")], "a", "a"),
            (vec![("a", "b"), ("b", "c"), ("c", "a")], "b", "a"),
            (vec![("a", "b"), ("b", "c"), ("c", "a")], "c", "a"),
            (vec![("a", "a")], "a", "a"),
        ] {
            let joins: Vec<_> = joins.iter().map(|(f, t)| (id(f), id(t))).collect();
            let aliases = Aliases::of(joins.iter());
            assert_eq!(aliases.resolve(&id(asked)), id(answer), "{joins:?}");
        }
    }
}
