//! Which facts, not now known, could still change the answer.
//!
//! A fact is in the set exactly when there is a way to fill in all the *other* unknown facts such that the tree still
//! answers unknown until this one is known. So nobody is asked for a fact that cannot matter, and none that can is left
//! out. The search is exact for trees of `ALL`, `ANY` and `NOT`; with counting rules, or when the search grows past its
//! budget, facts are kept rather than dropped.

use std::sync::Arc;

use super::{
    definition::Rule,
    evaluate::{Outcome, children},
    plan::{Datum, Service, Step},
};

/// Steps after which a fact is kept without proof. Shipped packs need a few hundred.
const BUDGET: u32 = 20_000;

/// What must come out at a node that stands beside the way to the fact in question.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Goal {
    /// Anything but met.
    NotMet,
    /// Anything but not met.
    NotFailed,
}

impl Goal {
    fn turned(self) -> Self {
        if self == Self::NotMet { Self::NotFailed } else { Self::NotMet }
    }
}

pub(super) fn could_change(
    service: &Service,
    data: &[Datum],
    verdicts: &[Outcome],
    binds: impl Fn(usize) -> bool,
) -> Vec<Arc<str>> {
    let bound: Vec<bool> = (0..service.leaves.len()).map(binds).collect();
    let mut search = Search {
        service,
        verdicts,
        bound: &bound,
        cells: (0..service.facts.len()).map(|fact| possible(service, data[fact], fact)).collect(),
        free: vec![(false, false); service.nodes.len()],
        goals: Vec::new(),
        fact: 0,
        steps: 0,
    };
    search.find_free();
    (0..service.facts.len()).filter(|fact| search.matters(*fact)).map(|fact| service.facts[fact].id.clone()).collect()
}

/// The cells a fact's value may turn out to lie in: all when nothing is known, the two neighbours of a fraction.
fn possible(service: &Service, datum: Datum, fact: usize) -> u64 {
    let plan = &service.facts[fact];
    match datum {
        Datum::Number(n) if n.fract() != 0.0 && service.definition.facts[fact].whole => {
            cell_of(service, fact, n.floor()) | cell_of(service, fact, n.ceil())
        }
        _ if plan.cells.len() == 64 => u64::MAX,
        _ => (1 << plan.cells.len()) - 1,
    }
}

fn cell_of(service: &Service, fact: usize, value: f64) -> u64 {
    service.facts[fact].asked_at.iter().fold(u64::MAX, |mask, at| {
        let at = usize::from(*at);
        let Step::Leaf { probe, .. } = &service.nodes[at].step else { return mask };
        let met = probe.answer(Datum::Number(value)) == Some(true);
        mask & if met { service.met_cells[at] } else { !service.met_cells[at] }
    })
}

struct Search<'a> {
    service: &'a Service,
    verdicts: &'a [Outcome],
    bound: &'a [bool],
    /// The cells each fact may still lie in.
    cells: Vec<u64>,
    /// Whether a node can be made not met, and not failed, by facts that no other leaf asks: such a goal costs nothing.
    free: Vec<(bool, bool)>,
    goals: Vec<(usize, Goal)>,
    /// The fact in question: it stays unknown.
    fact: usize,
    steps: u32,
}

impl Search<'_> {
    fn find_free(&mut self) {
        for at in (0..self.service.nodes.len()).rev() {
            self.free[at] = match (self.verdicts[at], &self.service.nodes[at].step) {
                (Outcome::Met, _) => (false, true),
                (Outcome::NotMet, _) => (true, false),
                (Outcome::Unknown, Step::Leaf { fact, leaf, .. }) => {
                    let fact = usize::from(*fact);
                    let (met, cells) = (self.service.met_cells[at], self.cells[fact]);
                    let alone = self.service.facts[fact].asked_at.len() == 1;
                    let bound = self.bound[usize::from(*leaf)];
                    (!bound || alone && cells & !met != 0, !bound || alone && cells & met != 0)
                }
                (Outcome::Unknown, Step::Group { rule }) => {
                    let mut under = children(self.service, at).map(|child| self.free[child]);
                    match rule {
                        Rule::Not => under.next().map_or((false, false), |(met, failed)| (failed, met)),
                        Rule::All => under.fold((false, true), |(met, failed), (m, f)| (met || m, failed && f)),
                        _ => under.fold((true, false), |(met, failed), (m, f)| (met && m, failed || f)),
                    }
                }
            };
        }
    }

    /// Whether some filling of the other facts leaves the root unknown on account of this one.
    fn matters(&mut self, fact: usize) -> bool {
        self.fact = fact;
        self.steps = 0;
        let service = self.service;
        service.facts[fact].asked_at.iter().any(|at| self.opens(usize::from(*at)))
    }

    /// Whether the way from this leaf up to the root can be kept unknown.
    fn opens(&mut self, leaf_at: usize) -> bool {
        let service = self.service;
        let Step::Leaf { leaf, .. } = service.nodes[leaf_at].step else { return false };
        if self.verdicts[leaf_at] != Outcome::Unknown || !self.bound[usize::from(leaf)] {
            return false;
        }
        self.goals.clear();
        let mut at = leaf_at;
        while at != 0 {
            let parent = usize::from(service.nodes[at].parent);
            if self.verdicts[parent] != Outcome::Unknown {
                return false;
            }
            let beside = match &service.nodes[parent].step {
                Step::Group { rule: Rule::All } => Some(Goal::NotFailed),
                Step::Group { rule: Rule::Any } => Some(Goal::NotMet),
                _ => None,
            };
            if let Some(goal) = beside {
                let free = &self.free;
                let beside = children(service, parent).filter(|child| *child != at && !is_free(free, *child, goal));
                self.goals.extend(beside.map(|child| (child, goal)));
            }
            at = parent;
        }
        // A counting rule above or beside: kept without proof.
        !service.plain || self.solve()
    }

    /// Whether all goals can be reached by values inside the cells. Complete: it tries every choice.
    fn solve(&mut self) -> bool {
        self.steps += 1;
        if self.steps > BUDGET {
            return true;
        }
        let Some((at, goal)) = self.goals.pop() else { return true };
        let solved = match (self.verdicts[at], &self.service.nodes[at].step) {
            _ if is_free(&self.free, at, goal) => self.solve(),
            (Outcome::Unknown, Step::Leaf { fact, leaf, .. }) => {
                self.leaf(at, usize::from(*fact), usize::from(*leaf), goal)
            }
            (Outcome::Unknown, Step::Group { rule }) => self.group(at, *rule, goal),
            _ => false,
        };
        self.goals.push((at, goal));
        solved
    }

    fn leaf(&mut self, at: usize, fact: usize, leaf: usize, goal: Goal) -> bool {
        // A leaf that does not bind stays unknown for ever, and the fact in question is unknown by assumption.
        if !self.bound[leaf] || fact == self.fact {
            return self.solve();
        }
        let met = self.service.met_cells[at];
        let before = self.cells[fact];
        self.cells[fact] = before & if goal == Goal::NotFailed { met } else { !met };
        let solved = self.cells[fact] != 0 && self.solve();
        self.cells[fact] = before;
        solved
    }

    fn group(&mut self, at: usize, rule: Rule, goal: Goal) -> bool {
        let service = self.service;
        let depth = self.goals.len();
        let goal = if rule == Rule::Not { goal.turned() } else { goal };
        // NOT has one child; ALL is not failed when no child is failed; ANY is not met when no child is met.
        if matches!((rule, goal), (Rule::Not, _) | (Rule::All, Goal::NotFailed) | (Rule::Any, Goal::NotMet)) {
            let free = &self.free;
            let under = children(service, at).filter(|child| !is_free(free, *child, goal));
            self.goals.extend(under.map(|child| (child, goal)));
            let solved = self.solve();
            self.goals.truncate(depth);
            return solved;
        }
        children(service, at).any(|chosen| {
            self.goals.push((chosen, goal));
            let solved = self.solve();
            self.goals.truncate(depth);
            solved
        })
    }
}

fn is_free(free: &[(bool, bool)], at: usize, goal: Goal) -> bool {
    if goal == Goal::NotMet { free[at].0 } else { free[at].1 }
}
