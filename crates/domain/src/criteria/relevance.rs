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

/// What must come out at a node.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Goal {
    /// Unknown on account of the fact in question.
    Open,
    /// Anything but met.
    NotMet,
    /// Anything but not met.
    NotFailed,
}

pub(super) fn could_change(
    service: &Service,
    data: &[Datum],
    verdicts: &[Outcome],
    binds: impl Fn(usize) -> bool,
) -> Vec<Arc<str>> {
    let bound: Vec<bool> = (0..service.leaves.len()).map(binds).collect();
    let mut open = vec![false; service.facts.len()];
    mark_open(service, verdicts, &bound, 0, &mut open);
    let cells: Vec<u64> = (0..service.facts.len()).map(|fact| possible(service, data[fact], fact)).collect();
    let needed = |fact: &usize| {
        let mut search = Search { service, verdicts, bound: &bound, fact: *fact, steps: 0 };
        !service.plain || search.solve(&mut vec![(0, Goal::Open)], &cells)
    };
    (0..service.facts.len())
        .filter(|fact| open[*fact])
        .filter(needed)
        .map(|fact| service.facts[fact].id.clone())
        .collect()
}

/// Facts of unknown leaves under unknown groups all the way down: no other fact can matter.
fn mark_open(service: &Service, verdicts: &[Outcome], bound: &[bool], at: usize, open: &mut [bool]) {
    if verdicts[at] != Outcome::Unknown {
        return;
    }
    match &service.nodes[at].step {
        Step::Leaf { fact, leaf, .. } => open[usize::from(*fact)] |= bound[usize::from(*leaf)],
        Step::Group { .. } => children(service, at).for_each(|child| mark_open(service, verdicts, bound, child, open)),
    }
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
    let mut mask = u64::MAX;
    for (at, node) in service.nodes.iter().enumerate() {
        if let Step::Leaf { fact: own, probe, .. } = &node.step
            && usize::from(*own) == fact
        {
            let met = probe.answer(Datum::Number(value)) == Some(true);
            mask &= if met { service.met_cells[at] } else { !service.met_cells[at] };
        }
    }
    mask
}

struct Search<'a> {
    service: &'a Service,
    verdicts: &'a [Outcome],
    bound: &'a [bool],
    fact: usize,
    steps: u32,
}

impl Search<'_> {
    /// Whether the goals can all be reached by values inside the cells. Complete: it tries every choice.
    fn solve(&mut self, goals: &mut Vec<(usize, Goal)>, cells: &[u64]) -> bool {
        self.steps += 1;
        if self.steps > BUDGET {
            return true;
        }
        let Some((at, goal)) = goals.pop() else { return true };
        let solved = match (self.verdicts[at], goal) {
            (Outcome::Met, Goal::NotFailed) | (Outcome::NotMet, Goal::NotMet) => self.solve(goals, cells),
            (Outcome::Unknown, _) => match &self.service.nodes[at].step {
                Step::Leaf { fact, leaf, .. } => {
                    self.leaf(at, usize::from(*fact), usize::from(*leaf), goal, goals, cells)
                }
                Step::Group { rule } => self.group(at, *rule, goal, goals, cells),
            },
            _ => false,
        };
        goals.push((at, goal));
        solved
    }

    fn leaf(
        &mut self,
        at: usize,
        fact: usize,
        leaf: usize,
        goal: Goal,
        goals: &mut Vec<(usize, Goal)>,
        cells: &[u64],
    ) -> bool {
        match goal {
            // A leaf that does not bind stays unknown for ever, and the fact in question is unknown by assumption.
            Goal::NotMet | Goal::NotFailed if !self.bound[leaf] || fact == self.fact => self.solve(goals, cells),
            Goal::Open => self.bound[leaf] && fact == self.fact && self.solve(goals, cells),
            Goal::NotMet | Goal::NotFailed => {
                let met = self.service.met_cells[at];
                let left = cells[fact] & if goal == Goal::NotFailed { met } else { !met };
                if left == 0 {
                    return false;
                }
                let mut narrowed = cells.to_vec();
                narrowed[fact] = left;
                self.solve(goals, &narrowed)
            }
        }
    }

    fn group(&mut self, at: usize, rule: Rule, goal: Goal, goals: &mut Vec<(usize, Goal)>, cells: &[u64]) -> bool {
        let service = self.service;
        let every = match (rule, goal) {
            (Rule::Not, _) => {
                let turned = match goal {
                    Goal::Open => Goal::Open,
                    Goal::NotMet => Goal::NotFailed,
                    Goal::NotFailed => Goal::NotMet,
                };
                goals.extend(children(service, at).map(|child| (child, turned)));
                let solved = self.solve(goals, cells);
                goals.pop();
                return solved;
            }
            // ALL is not failed when no child is failed; ANY is not met when no child is met.
            (Rule::All, Goal::NotFailed) | (Rule::Any, Goal::NotMet) => true,
            _ => false,
        };
        let depth = goals.len();
        if every {
            goals.extend(children(service, at).map(|child| (child, goal)));
            let solved = self.solve(goals, cells);
            goals.truncate(depth);
            return solved;
        }
        let rest = if rule == Rule::All { Goal::NotFailed } else { Goal::NotMet };
        children(service, at).any(|chosen| {
            if goal == Goal::Open {
                goals.extend(children(service, at).filter(|c| *c != chosen).map(|child| (child, rest)));
            }
            goals.push((chosen, goal));
            let solved = self.solve(goals, cells);
            goals.truncate(depth);
            solved
        })
    }
}
