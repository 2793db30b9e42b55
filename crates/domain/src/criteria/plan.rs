//! A compiled pack: fact ids resolved to places, the tree laid flat in reading order, so that evaluation hashes nothing.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    evidence::{Bound, Value},
    library::Digest,
};

use super::definition::{Basis, Definition, FactDef, FactKind, Leaf, Node, Rule, Test, Want};

/// A fact's value inside the engine: a choice is its place in the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Datum {
    Unknown,
    Bool(bool),
    Number(f64),
    /// Somewhere on one side of a number.
    Side(Side, f64),
    Choice(u8),
}

/// On which side of a number a value lies, and whether it may be the number itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Side {
    above: bool,
    with_end: bool,
}

impl Datum {
    /// A number that is a bound stands for everything on its side. A bound that is not known stands for nothing.
    pub(super) fn on_side(self, bound: Option<&Bound>) -> Self {
        let (Self::Number(end), Some(bound)) = (self, bound) else { return self };
        let side = |above, with_end| Self::Side(Side { above, with_end }, end);
        match bound {
            Bound::Below => side(false, false),
            Bound::AtMost => side(false, true),
            Bound::AtLeast => side(true, true),
            Bound::Above => side(true, false),
            Bound::Other(_) => Self::Unknown,
        }
    }
}

/// A leaf's comparison inside the engine.
#[derive(Debug, Clone)]
pub(super) enum Probe {
    Bool(bool),
    Choice(u64),
    Number { test: Test, whole: bool },
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Leaf { fact: u16, leaf: u16, probe: Probe },
    Group { rule: Rule },
}

/// One node of the flat tree.
#[derive(Debug, Clone)]
pub(super) struct PlanNode {
    pub step: Step,
    /// The place after the last node under this one.
    pub end: u16,
    /// The place of the group it stands under; the root's own for the root.
    pub parent: u16,
    /// Points under a score group.
    pub points: f64,
    /// The outline's own words for a leaf's comparison, or a group's label.
    pub words: Option<Arc<str>>,
}

/// One leaf's texts, shared so that a trace costs no copies.
#[derive(Debug, Clone)]
pub(super) struct LeafText {
    pub says: Arc<str>,
    pub cite: Arc<str>,
    pub basis: Basis,
    /// Place of its authority in [`Definition::authority`].
    pub authority: Option<u16>,
}

/// One fact, ready for use.
#[derive(Debug, Clone)]
pub(super) struct FactPlan {
    pub id: Arc<str>,
    pub question: Arc<str>,
    /// One value for each way the fact's leaves can come out together; at most 64.
    pub cells: Vec<Datum>,
    /// Other facts that name one of the same machine codes.
    pub siblings: Vec<u16>,
    /// The nodes that are leaves on this fact.
    pub asked_at: Vec<u16>,
}

/// A criteria pack version, compiled.
#[derive(Debug)]
pub struct Service {
    pub(super) definition: Definition,
    pub(super) digest: Digest,
    pub(super) text: Arc<str>,
    pub(super) id: Arc<str>,
    pub(super) version: Arc<str>,
    pub(super) nodes: Vec<PlanNode>,
    pub(super) leaves: Vec<LeafText>,
    pub(super) facts: Vec<FactPlan>,
    pub(super) places: BTreeMap<Arc<str>, u16>,
    /// For each node that is a leaf: over which cells of its fact it is met.
    pub(super) met_cells: Vec<u64>,
    /// The tree holds only `ALL`, `ANY`, `NOT` and leaves.
    pub(super) plain: bool,
}

impl Service {
    /// Compiles a definition. `text` is its canonical text and `digest` the SHA-256 of that text.
    ///
    /// Errors: every contradiction inside the definition (a leaf that asks an unknown fact, a word outside the choices,
    /// an authority that is not listed, two facts of one name).
    pub fn compile(definition: Definition, text: impl Into<Arc<str>>, digest: Digest) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut places = BTreeMap::new();
        for (index, fact) in definition.facts.iter().enumerate() {
            if places.insert(Arc::from(fact.id.as_str()), index as u16).is_some() {
                problems.push(format!("fact {} is declared twice", fact.id));
            }
            if fact.choices.len() > 64 || (fact.kind == FactKind::Choice) == fact.choices.is_empty() {
                problems.push(format!("fact {}: a choice has 1 to 64 words, other kinds have none", fact.id));
            }
        }
        let mut service = Self {
            id: Arc::from(definition.id.as_str()),
            version: Arc::from(definition.version.as_str()),
            nodes: Vec::new(),
            leaves: Vec::new(),
            facts: definition.facts.iter().map(|fact| FactPlan::new(fact, &definition.facts)).collect(),
            places,
            met_cells: Vec::new(),
            plain: true,
            digest,
            text: text.into(),
            definition,
        };
        let tree = service.definition.tree.clone();
        service.lay(&tree, 0, 0.0, &mut problems);
        if problems.is_empty() {
            service.cut_cells();
            Ok(service)
        } else {
            Err(problems)
        }
    }

    /// The pack as written.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// SHA-256 of the canonical text.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The canonical text that the digest covers; `packs` reads it back.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The definition of a fact, by id.
    pub fn fact(&self, id: &str) -> Option<&FactDef> {
        self.place(id).map(|place| &self.definition.facts[place])
    }

    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).map(|place| usize::from(*place))
    }

    fn lay(&mut self, node: &Node, parent: usize, points: f64, problems: &mut Vec<String>) {
        let at = self.nodes.len();
        match node {
            Node::Leaf(leaf) => self.lay_leaf(leaf, parent, points, problems),
            Node::Group(group) => {
                self.plain &= matches!(group.rule, Rule::All | Rule::Any | Rule::Not);
                self.nodes.push(PlanNode {
                    step: Step::Group { rule: group.rule },
                    end: 0,
                    parent: parent as u16,
                    points,
                    words: group.label.as_deref().map(Arc::from),
                });
                for (index, child) in group.children.iter().enumerate() {
                    self.lay(child, at, group.points.get(index).copied().unwrap_or(0.0), problems);
                }
            }
        }
        let end = self.nodes.len() as u16;
        if let Some(node) = self.nodes.get_mut(at) {
            node.end = end;
        }
    }

    fn lay_leaf(&mut self, leaf: &Leaf, parent: usize, points: f64, problems: &mut Vec<String>) {
        let Some(place) = self.place(&leaf.fact) else {
            return problems.push(format!("the tree asks fact {}, which is not declared", leaf.fact));
        };
        let fact = &self.definition.facts[place];
        let authority = self.definition.authority.iter().position(|a| a.cite == leaf.cite);
        if authority.is_none() {
            problems.push(format!("fact {}: cite {} is not among the pack's authorities", leaf.fact, leaf.cite));
        }
        match Probe::new(fact, &leaf.test) {
            Err(says) => problems.push(says),
            Ok(probe) => {
                self.nodes.push(PlanNode {
                    step: Step::Leaf { fact: place as u16, leaf: self.leaves.len() as u16, probe },
                    end: 0,
                    parent: parent as u16,
                    points,
                    words: Some(Arc::from(leaf.test.to_string())),
                });
                self.leaves.push(LeafText {
                    says: Arc::from(leaf.says.as_str()),
                    cite: Arc::from(leaf.cite.as_str()),
                    basis: leaf.basis.clone(),
                    authority: authority.map(|place| place as u16),
                });
            }
        }
    }

    /// Cuts each fact's values into cells in which no leaf can tell two values apart.
    fn cut_cells(&mut self) {
        self.met_cells = vec![0; self.nodes.len()];
        for place in 0..self.facts.len() {
            let asked: Vec<(usize, &Probe)> = self
                .nodes
                .iter()
                .enumerate()
                .filter_map(|(at, node)| match &node.step {
                    Step::Leaf { fact, probe, .. } if usize::from(*fact) == place => Some((at, probe)),
                    _ => None,
                })
                .collect();
            let mut seen: Vec<Vec<bool>> = Vec::new();
            let mut cells = Vec::new();
            for datum in candidates(&self.definition.facts[place], &asked) {
                let answers: Vec<bool> = asked.iter().map(|(_, probe)| probe.plain_answer(datum)).collect();
                if cells.len() < 64 && !seen.contains(&answers) {
                    for ((at, _), met) in asked.iter().zip(&answers) {
                        self.met_cells[*at] |= u64::from(*met) << cells.len();
                    }
                    seen.push(answers);
                    cells.push(datum);
                }
            }
            let asked_at = asked.iter().map(|(at, _)| *at as u16).collect();
            self.facts[place].cells = cells;
            self.facts[place].asked_at = asked_at;
        }
    }
}

impl FactPlan {
    fn new(fact: &FactDef, all: &[FactDef]) -> Self {
        let shares = |other: &FactDef| {
            other.id != fact.id && other.codes.iter().any(|code| fact.codes.iter().any(|own| own.same(code)))
        };
        Self {
            id: Arc::from(fact.id.as_str()),
            question: Arc::from(fact.question.as_str()),
            cells: Vec::new(),
            asked_at: Vec::new(),
            siblings: (0..all.len()).filter(|i| shares(&all[*i])).map(|i| i as u16).collect(),
        }
    }
}

/// Values that between them lie in every cell a fact's leaves can tell apart.
fn candidates(fact: &FactDef, asked: &[(usize, &Probe)]) -> Vec<Datum> {
    match fact.kind {
        FactKind::Boolean => vec![Datum::Bool(true), Datum::Bool(false)],
        FactKind::Choice => (0..fact.choices.len()).map(|i| Datum::Choice(i as u8)).collect(),
        _ => {
            let mut bounds: Vec<f64> = asked.iter().flat_map(|(_, probe)| probe.bounds()).collect();
            bounds.sort_by(f64::total_cmp);
            bounds.dedup();
            let mut values = vec![0.0];
            for (index, bound) in bounds.iter().enumerate() {
                if fact.whole {
                    values.extend([bound.floor() - 1.0, bound.floor(), bound.ceil(), bound.ceil() + 1.0]);
                } else {
                    let next = bounds.get(index + 1).copied().unwrap_or(bound + 2.0);
                    values.extend([bound - 1.0, *bound, f64::midpoint(*bound, next)]);
                }
            }
            values.into_iter().map(Datum::Number).collect()
        }
    }
}

impl Probe {
    fn new(fact: &FactDef, test: &Test) -> Result<Self, String> {
        let id = &fact.id;
        match &fact.kind {
            FactKind::Boolean => match test {
                Test::Eq(Want::Bool(b)) => Ok(Self::Bool(*b)),
                Test::Ne(Want::Bool(b)) => Ok(Self::Bool(!*b)),
                other => Err(format!("fact {id} is boolean: {other} does not fit; write = true or = false")),
            },
            FactKind::Choice => {
                let mask = |items: &[Want]| {
                    items.iter().try_fold(0_u64, |mask, item| match item {
                        Want::Word(word) => match fact.choices.iter().position(|c| c == word) {
                            Some(place) => Ok(mask | 1 << place),
                            None => Err(format!("fact {id}: {word:?} is not one of {}", fact.choices.join(", "))),
                        },
                        other => Err(format!("fact {id} is a choice: {other} is not one of its words")),
                    })
                };
                match test {
                    Test::Eq(want) => mask(std::slice::from_ref(want)).map(Self::Choice),
                    Test::Ne(want) => mask(std::slice::from_ref(want)).map(|m| Self::Choice(!m)),
                    Test::In(items) => mask(items).map(Self::Choice),
                    Test::NotIn(items) => mask(items).map(|m| Self::Choice(!m)),
                    other => Err(format!("fact {id} is a choice: {other} does not fit")),
                }
            }
            _ => {
                let numbers = match test {
                    Test::Eq(want) | Test::Ne(want) => matches!(want, Want::Number(_)),
                    Test::In(items) | Test::NotIn(items) => items.iter().all(|i| matches!(i, Want::Number(_))),
                    _ => true,
                };
                if numbers {
                    Ok(Self::Number { test: test.clone(), whole: fact.whole })
                } else {
                    Err(format!("fact {id} is a quantity: {test} does not fit; compare it with a number"))
                }
            }
        }
    }

    fn bounds(&self) -> Vec<f64> {
        let Self::Number { test, .. } = self else { return Vec::new() };
        match test {
            Test::Eq(Want::Number(n)) | Test::Ne(Want::Number(n)) => vec![*n],
            Test::Lt(n) | Test::Le(n) | Test::Gt(n) | Test::Ge(n) => vec![*n],
            Test::Between(a, b) => vec![*a, *b],
            Test::In(items) | Test::NotIn(items) => items.iter().filter_map(Want::number).collect(),
            _ => Vec::new(),
        }
    }

    /// The answer for a value that is known and needs no rounding.
    fn plain_answer(&self, datum: Datum) -> bool {
        match (self, datum) {
            (Self::Bool(want), Datum::Bool(is)) => *want == is,
            (Self::Choice(mask), Datum::Choice(place)) => mask >> place & 1 == 1,
            (Self::Number { test, .. }, Datum::Number(n)) => test.holds(n),
            _ => false,
        }
    }

    /// The answer that every value on one side of `end` gives; `None` where two of them disagree. No test can tell two
    /// values apart that have no bound of the test between them, so one value of each stretch speaks for it.
    fn answer_of_side(&self, side: Side, end: f64) -> Option<bool> {
        let mut marks: Vec<f64> = self.bounds();
        marks.retain(|mark| if side.above { *mark > end } else { *mark < end });
        let way = if side.above { 1.0 } else { -1.0 };
        marks.sort_by(|a, b| (a * way).total_cmp(&(b * way)));
        let mut values: Vec<f64> = side.with_end.then_some(end).into_iter().collect();
        let mut last = end;
        for mark in marks {
            values.extend([f64::midpoint(last, mark), mark]);
            last = mark;
        }
        // Half a step and a whole one: beyond the last mark a rule in whole numbers sees no other kind of value.
        values.extend([last + way / 2.0, last + way]);
        let mut answers = values.into_iter().map(|value| self.answer(Datum::Number(value)));
        let first = answers.next()??;
        answers.all(|answer| answer == Some(first)).then_some(first)
    }

    /// Met, not met, or `None` where the value is not known or falls between two whole numbers that disagree.
    pub(super) fn answer(&self, datum: Datum) -> Option<bool> {
        match (self, datum) {
            (_, Datum::Unknown) => None,
            (Self::Number { .. }, Datum::Side(side, end)) => self.answer_of_side(side, end),
            (Self::Number { test, whole: true }, Datum::Number(n)) if n.fract() != 0.0 => {
                let below = test.holds(n.floor());
                (below == test.holds(n.ceil())).then_some(below)
            }
            _ => Some(self.plain_answer(datum)),
        }
    }
}

impl Want {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            _ => None,
        }
    }
}

impl Test {
    // Criteria compare the stated number with the stated number, exactly.
    fn holds(&self, n: f64) -> bool {
        match self {
            Self::Eq(want) => want.number() == Some(n),
            Self::Ne(want) => want.number() != Some(n),
            Self::Lt(limit) => n < *limit,
            Self::Le(limit) => n <= *limit,
            Self::Gt(limit) => n > *limit,
            Self::Ge(limit) => n >= *limit,
            Self::Between(low, high) => *low <= n && n <= *high,
            Self::In(items) => items.iter().any(|i| i.number() == Some(n)),
            Self::NotIn(items) => !items.iter().any(|i| i.number() == Some(n)),
        }
    }
}

impl Service {
    pub(super) fn datum(&self, place: usize, value: &Value) -> Result<Datum, String> {
        let fact = &self.definition.facts[place];
        match (&fact.kind, value) {
            (FactKind::Boolean, Value::Bool(b)) => Ok(Datum::Bool(*b)),
            (FactKind::Quantity, Value::Number(n)) if n.is_finite() => Ok(Datum::Number(*n)),
            (FactKind::Choice, Value::Text(word)) => match fact.choices.iter().position(|c| c == word) {
                Some(index) => Ok(Datum::Choice(index as u8)),
                None => Err(format!("{}: {word:?} is not one of {}", fact.id, fact.choices.join(", "))),
            },
            (kind, _) => Err(format!("{}: a value of type {kind} is expected", fact.id)),
        }
    }
}

impl Service {
    /// Whether a leaf of the tree asks this fact.
    pub fn asks(&self, id: &str) -> bool {
        let asked = |node: &PlanNode| matches!(&node.step, Step::Leaf { fact, .. } if &*self.facts[usize::from(*fact)].id == id);
        self.nodes.iter().any(asked)
    }
}
