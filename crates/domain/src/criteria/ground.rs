//! What a trace leaves open: the criteria a denial could rest on, and one set of criteria that would change the answer.

use std::sync::Arc;

use super::{
    Service, Trace,
    definition::Rule,
    evaluate::children,
    plan::{PlanNode, Step},
};

/// A criterion that is not met or not known, and that no met branch beside it makes idle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The fact it looks at.
    pub fact: Arc<str>,
    /// Its sentence.
    pub says: Arc<str>,
    /// Its citation.
    pub cite: Arc<str>,
}

impl Ground {
    /// Sentence and citation as a determination names them: `The home supports the device (NCD 280.3)`.
    pub fn text(&self) -> String {
        format!("{} ({})", self.says.trim_end_matches('.'), self.cite)
    }
}

/// One way to a met answer: nodes that are leaves, each with the result it must have.
#[derive(Debug, Clone, Default)]
struct Route {
    leaves: Vec<(usize, bool)>,
    cost: u32,
}

/// Routes kept at each node; the cheapest first.
const KEPT: usize = 12;

/// What a criterion shown not to be met costs, beside one that nobody has spoken of: what a route must still show is what
/// is not known, and what is contradicted only where there is no other way.
const CONTRADICTED: u32 = 10;

impl Service {
    /// The criteria a denial on this trace may rest on, each once, in reading order. A trace that is met has none, nor has
    /// one that another version made.
    pub fn grounds(&self, trace: &Trace) -> Vec<Ground> {
        let Some(letters) = self.letters_of(trace) else { return Vec::new() };
        let mut found = Vec::new();
        self.gather(0, &letters, &mut found);
        found
    }

    fn gather(&self, at: usize, letters: &[char], found: &mut Vec<Ground>) {
        // What is met, or does not bind, carries no denial; nor does what stands under it.
        if matches!(letters[at], 'm' | 'x') {
            return;
        }
        match &self.nodes[at].step {
            Step::Leaf { .. } => {
                let ground = self.ground(at);
                if !found.contains(&ground) {
                    found.push(ground);
                }
            }
            // Under NOT the met leaf is the one that stands in the way.
            Step::Group { rule: Rule::Not } => self.gather_all(at, letters, found),
            Step::Group { .. } => children(self, at).for_each(|child| self.gather(child, letters, found)),
        }
    }

    fn gather_all(&self, at: usize, letters: &[char], found: &mut Vec<Ground>) {
        let end = usize::from(self.nodes[at].end);
        for (under, letter) in letters.iter().enumerate().take(end).skip(at) {
            let leaf = matches!(self.nodes[under].step, Step::Leaf { .. });
            if leaf && *letter != 'x' && !found.contains(&self.ground(under)) {
                found.push(self.ground(under));
            }
        }
    }

    fn ground(&self, at: usize) -> Ground {
        let Step::Leaf { fact, leaf, .. } = &self.nodes[at].step else {
            return Ground { fact: Arc::from(""), says: Arc::from(""), cite: Arc::from("") };
        };
        let text = &self.leaves[usize::from(*leaf)];
        Ground { fact: self.facts[usize::from(*fact)].id.clone(), says: text.says.clone(), cite: text.cite.clone() }
    }

    fn letters_of(&self, trace: &Trace) -> Option<Vec<char>> {
        let letters: Vec<char> = trace.nodes.chars().collect();
        (trace.digest == self.digest && letters.len() == self.nodes.len()).then_some(letters)
    }

    /// One set of criteria, true together, that would make this trace met: the one that asks for the least. Only what is
    /// not shown yet is named. Empty when the trace is met, when another version made it, or when no one set can be told.
    pub fn would_change(&self, trace: &Trace) -> Vec<Ground> {
        let Some(letters) = self.letters_of(trace) else { return Vec::new() };
        let Some(route) = self.routes(0, true, &letters).into_iter().next() else { return Vec::new() };
        let mut found = Vec::new();
        for (at, met) in route.leaves {
            let shown = if met { letters[at] == 'm' } else { letters[at] == 'n' };
            // What must be false cannot be said with the sentence of what is true: left to the rule itself.
            if !shown && met && !found.contains(&self.ground(at)) {
                found.push(self.ground(at));
            }
        }
        found
    }

    /// The cheapest ways to make a node met, or not met.
    fn routes(&self, at: usize, met: bool, letters: &[char]) -> Vec<Route> {
        let PlanNode { step, .. } = &self.nodes[at];
        let kids: Vec<usize> = children(self, at).collect();
        match step {
            Step::Leaf { .. } => match (letters[at], met) {
                ('x', _) => Vec::new(),
                ('u', _) => vec![Route { leaves: vec![(at, met)], cost: 1 }],
                ('m', true) | ('n', false) => vec![Route { leaves: vec![(at, met)], cost: 0 }],
                _ => vec![Route { leaves: vec![(at, met)], cost: CONTRADICTED }],
            },
            Step::Group { rule } => match (rule, met) {
                (Rule::Not, _) => kids.first().map(|child| self.routes(*child, !met, letters)).unwrap_or_default(),
                (Rule::All, true) | (Rule::Any, false) => self.enough(&kids, met, letters, kids.len() as f64, false),
                (Rule::Any, true) | (Rule::All, false) => self.enough(&kids, met, letters, 1.0, false),
                (Rule::AtLeast(n), true) => self.enough(&kids, met, letters, f64::from(*n), false),
                (Rule::AtLeast(n), false) => {
                    self.enough(&kids, met, letters, (kids.len() + 1) as f64 - f64::from(*n), false)
                }
                (Rule::ScoreAtLeast(points), true) => self.enough(&kids, met, letters, *points, true),
                // Keeping a score low is nobody's way to an approval.
                (Rule::ScoreAtLeast(_), false) => Vec::new(),
            },
        }
    }

    /// Ways in which children worth this much come out as wanted, without one fact having to be two things at once.
    fn enough(&self, kids: &[usize], met: bool, letters: &[char], wanted: f64, scored: bool) -> Vec<Route> {
        let mut states: Vec<(f64, Route)> = vec![(0.0, Route::default())];
        for child in kids {
            let worth = if scored { self.nodes[*child].points } else { 1.0 };
            let ways = self.routes(*child, met, letters);
            let mut next = states.clone();
            for (have, so_far) in states.iter().filter(|(have, _)| *have < wanted) {
                for way in &ways {
                    let mut leaves = so_far.leaves.clone();
                    leaves.extend(way.leaves.iter().filter(|leaf| !so_far.leaves.contains(leaf)));
                    if self.hold_together(&leaves) {
                        next.push((have + worth, Route { leaves, cost: so_far.cost + way.cost }));
                    }
                }
            }
            next.sort_by(|(a, left), (b, right)| b.total_cmp(a).then(left.cost.cmp(&right.cost)));
            let mut kept: Vec<(f64, Route)> = Vec::new();
            for (have, route) in next {
                if kept.iter().filter(|(other, _)| other.total_cmp(&have).is_eq()).count() < KEPT {
                    kept.push((have, route));
                }
            }
            states = kept;
        }
        let mut routes: Vec<Route> =
            states.into_iter().filter(|(have, _)| *have >= wanted).map(|(_, route)| route).collect();
        routes.sort_by_key(|route| (route.cost, route.leaves.len()));
        routes.truncate(KEPT);
        routes
    }

    /// Whether each fact has one value that gives every leaf on it the wanted result.
    fn hold_together(&self, leaves: &[(usize, bool)]) -> bool {
        let fact_of = |at: usize| match &self.nodes[at].step {
            Step::Leaf { fact, .. } => usize::from(*fact),
            Step::Group { .. } => usize::MAX,
        };
        leaves.iter().all(|(at, _)| {
            let fact = fact_of(*at);
            let Some(plan) = self.facts.get(fact) else { return false };
            let all = if plan.cells.len() >= 64 { u64::MAX } else { (1 << plan.cells.len()) - 1 };
            let left = leaves.iter().filter(|(other, _)| fact_of(*other) == fact).fold(all, |mask, (other, met)| {
                mask & if *met { self.met_cells[*other] } else { !self.met_cells[*other] }
            });
            left != 0
        })
    }
}
