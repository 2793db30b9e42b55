//! Three-valued (Kleene) evaluation of a compiled pack, and the trace that is kept.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{evidence::Value, library::Digest};

use super::{
    definition::{Basis, Rule},
    facts::{Facts, Reading, SetAside, SetAsideWhy},
    plan::{Datum, Service, Step},
    relevance,
};

/// What the tree says. `Unknown` means ask or send to a person; neither it nor `NotMet` is ever a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Shown to be met.
    Met,
    /// Shown not to be met.
    NotMet,
    /// Not shown either way.
    Unknown,
}

impl Outcome {
    /// `met`, `not_met` or `unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::Unknown => "unknown",
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Met => 'm',
            Self::NotMet => 'n',
            Self::Unknown => 'u',
        }
    }

    fn of(answer: Option<bool>) -> Self {
        match answer {
            Some(true) => Self::Met,
            Some(false) => Self::NotMet,
            None => Self::Unknown,
        }
    }
}

/// Which of a pack's authorities bind where a member lives, as a set of their places in the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorities(u64);

impl Authorities {
    /// Every authority of the pack.
    pub const ALL: Self = Self(u64::MAX);

    /// Those for whose place in the pack `binds` says so.
    pub fn such_that(count: usize, binds: impl Fn(usize) -> bool) -> Self {
        Self((0..count.min(64)).filter(|place| binds(*place)).fold(0, |set, place| set | 1 << place))
    }

    /// Whether the authority at this place binds.
    pub fn holds(self, place: usize) -> bool {
        place < 64 && self.0 >> place & 1 == 1
    }
}

/// What a judgement rests on, small enough to store in an event. [`Service::explain`] unfolds it beside the texts of the
/// pack version that [`Trace::digest`] pins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The service.
    pub service: Arc<str>,
    /// The pack's version.
    pub version: Arc<str>,
    /// The pack's digest.
    pub digest: Digest,
    /// The answer.
    pub result: Outcome,
    /// Met, and still met with every leaf whose basis is not `read` set to unknown; never for a pack that is disabled or
    /// illustrative. Only then may automation approve (DECISIONS 6).
    pub approvable: bool,
    /// One letter per node in reading order: `m` met, `n` not met, `u` unknown, `x` a leaf whose authority does not bind here.
    pub nodes: String,
    /// Every current value, with its source.
    pub readings: Arc<Vec<Reading>>,
    /// The facts, not now known, that could still change the answer; empty once it is decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub could_change: Vec<Arc<str>>,
    /// Facts of which two current sources disagree: they are unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Arc<str>>,
    /// Facts whose stated fraction falls between two whole-number bands: a person decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<Arc<str>>,
    /// Statements that were seen and not used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<SetAside>,
}

impl Trace {
    /// The facts worth asking the requester for: those that could change the answer and about which nothing current was
    /// said. Conflicts, fractions between bands and measurements that fit several questions are for a person here.
    pub fn to_ask(&self) -> impl Iterator<Item = &Arc<str>> {
        let ambiguous = |fact: &Arc<str>| self.aside(fact).any(|why| *why == SetAsideWhy::Ambiguous);
        self.could_change
            .iter()
            .filter(move |fact| !self.conflicts.contains(fact) && !self.between.contains(fact) && !ambiguous(fact))
    }

    /// Why what was said of a fact was not used.
    pub fn aside(&self, fact: &str) -> impl Iterator<Item = &SetAsideWhy> {
        self.set_aside.iter().filter(move |aside| &*aside.fact == fact).map(|aside| &aside.why)
    }

    /// The current values of one fact.
    pub fn readings_of(&self, fact: &str) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(move |reading| &*reading.fact == fact)
    }
}

/// Judges with every authority of the pack binding.
pub fn evaluate(service: &Service, facts: &Facts) -> Trace {
    evaluate_where(service, facts, Authorities::ALL)
}

/// Judges where only some of the pack's authorities bind. A leaf of another authority is unknown: it can carry neither an
/// approval nor a refusal, so what rests on it goes to a person.
pub fn evaluate_where(service: &Service, facts: &Facts, binding: Authorities) -> Trace {
    let binds = |leaf: usize| service.leaves[leaf].authority.is_some_and(|place| binding.holds(usize::from(place)));
    let mut verdicts = vec![Outcome::Unknown; service.nodes.len()];
    run(service, &facts.data, binds, &mut verdicts);
    let result = verdicts[0];
    let approvable = result == Outcome::Met && !service.definition.disabled && !service.definition.illustrative && {
        let mut strict = vec![Outcome::Unknown; service.nodes.len()];
        run(service, &facts.data, |leaf| binds(leaf) && service.leaves[leaf].basis == Basis::Read, &mut strict);
        strict[0] == Outcome::Met
    };
    let could_change = match result {
        Outcome::Unknown => relevance::could_change(service, &facts.data, &verdicts, binds),
        _ => Vec::new(),
    };
    Trace {
        service: service.id.clone(),
        version: service.version.clone(),
        digest: service.digest.clone(),
        result,
        approvable,
        nodes: letters(service, &verdicts, binds),
        readings: facts.readings.clone(),
        could_change,
        conflicts: facts.conflicts.clone(),
        between: between(service, &facts.data, &verdicts, binds),
        set_aside: facts.set_aside.clone(),
    }
}

fn letters(service: &Service, verdicts: &[Outcome], binds: impl Fn(usize) -> bool) -> String {
    let letter = |(node, verdict): (&super::plan::PlanNode, &Outcome)| match node.step {
        Step::Leaf { leaf, .. } if !binds(usize::from(leaf)) => 'x',
        _ => verdict.letter(),
    };
    service.nodes.iter().zip(verdicts).map(letter).collect()
}

fn between(service: &Service, data: &[Datum], verdicts: &[Outcome], binds: impl Fn(usize) -> bool) -> Vec<Arc<str>> {
    let mut found: Vec<Arc<str>> = Vec::new();
    for (node, verdict) in service.nodes.iter().zip(verdicts) {
        if let Step::Leaf { fact, leaf, .. } = node.step
            && *verdict == Outcome::Unknown
            && data[usize::from(fact)] != Datum::Unknown
            && binds(usize::from(leaf))
        {
            let id = &service.facts[usize::from(fact)].id;
            if !found.contains(id) {
                found.push(id.clone());
            }
        }
    }
    found
}

/// Fills the verdict of every node; a leaf that is not `usable` is unknown.
pub(super) fn run(service: &Service, data: &[Datum], usable: impl Fn(usize) -> bool, verdicts: &mut [Outcome]) {
    // Children stand behind their parent, so walking backwards meets them first.
    for at in (0..service.nodes.len()).rev() {
        let node = &service.nodes[at];
        verdicts[at] = match &node.step {
            Step::Leaf { fact, leaf, probe } => {
                if usable(usize::from(*leaf)) {
                    Outcome::of(probe.answer(data[usize::from(*fact)]))
                } else {
                    Outcome::Unknown
                }
            }
            Step::Group { rule } => group(service, at, *rule, verdicts),
        };
    }
}

/// The places of a group's children.
pub(super) fn children(service: &Service, at: usize) -> impl Iterator<Item = usize> {
    let end = usize::from(service.nodes[at].end);
    let first = Some(at + 1).filter(|child| *child < end);
    std::iter::successors(first, move |child| Some(usize::from(service.nodes[*child].end)).filter(|next| *next < end))
}

fn group(service: &Service, at: usize, rule: Rule, verdicts: &[Outcome]) -> Outcome {
    let mut met = 0_u32;
    let mut unknown = 0_u32;
    let mut count = 0_u32;
    let (mut won, mut open) = (0.0, 0.0);
    for child in children(service, at) {
        count += 1;
        match verdicts[child] {
            Outcome::Met => {
                met += 1;
                won += service.nodes[child].points;
            }
            Outcome::Unknown => {
                unknown += 1;
                open += service.nodes[child].points;
            }
            Outcome::NotMet => {}
        }
    }
    let reach = |got: bool, could: bool| match (got, could) {
        (true, _) => Outcome::Met,
        (false, true) => Outcome::Unknown,
        (false, false) => Outcome::NotMet,
    };
    match rule {
        Rule::All => reach(met == count, met + unknown == count),
        Rule::Any => reach(met >= 1, met + unknown >= 1),
        Rule::AtLeast(n) => reach(met >= n, met + unknown >= n),
        Rule::Not => reach(met + unknown == 0, met == 0),
        Rule::ScoreAtLeast(n) => reach(won >= n, won + open >= n),
    }
}

/// A trace unfolded beside its texts, for pages, letters and the command line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "node")]
pub enum Explained {
    /// A comparison.
    Leaf(ExplainedLeaf),
    /// A group.
    Group {
        /// `ALL`, `ANY`, `AT LEAST 2`, `NOT`, `SCORE 6`.
        rule: String,
        /// Words for display.
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<Arc<str>>,
        /// Its verdict.
        result: Outcome,
        /// Its children.
        children: Vec<Explained>,
    },
}

/// A comparison with its verdict and everything known about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedLeaf {
    /// The fact's id.
    pub fact: Arc<str>,
    /// The question.
    pub question: Arc<str>,
    /// The comparison in the outline's words: `<= 55`.
    pub test: Arc<str>,
    /// The fact's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// One plain sentence.
    pub says: Arc<str>,
    /// Its source.
    pub cite: Arc<str>,
    /// How well the source is known.
    pub basis: Basis,
    /// Its authority binds here.
    pub binds: bool,
    /// Its verdict.
    pub result: Outcome,
    /// The value that was judged; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Every current value of the fact, with its source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// The fact could still change the answer.
    pub could_change: bool,
}

impl Service {
    /// Unfolds a trace that this very version made; `None` when it was made by another (compare the digest).
    pub fn explain(&self, trace: &Trace) -> Option<Explained> {
        let letters: Vec<char> = trace.nodes.chars().collect();
        if trace.digest != self.digest || letters.len() != self.nodes.len() {
            return None;
        }
        Some(self.unfold(0, &letters, trace))
    }

    /// The leaves of a trace in reading order; empty when another version made it.
    pub fn leaves(&self, trace: &Trace) -> Vec<ExplainedLeaf> {
        let mut found = Vec::new();
        if let Some(tree) = self.explain(trace) {
            collect(tree, &mut found);
        }
        found
    }

    fn unfold(&self, at: usize, letters: &[char], trace: &Trace) -> Explained {
        let node = &self.nodes[at];
        let result = match letters[at] {
            'm' => Outcome::Met,
            'n' => Outcome::NotMet,
            _ => Outcome::Unknown,
        };
        match &node.step {
            Step::Group { rule } => Explained::Group {
                rule: rule.to_string(),
                label: node.words.clone(),
                result,
                children: children(self, at).map(|child| self.unfold(child, letters, trace)).collect(),
            },
            Step::Leaf { fact, leaf, .. } => {
                let (text, place) = (&self.leaves[usize::from(*leaf)], usize::from(*fact));
                let fact = self.facts[place].id.clone();
                let readings: Vec<Reading> = trace.readings_of(&fact).cloned().collect();
                let agreed = !trace.conflicts.contains(&fact);
                Explained::Leaf(ExplainedLeaf {
                    question: self.facts[place].question.clone(),
                    test: node.words.clone().unwrap_or_default(),
                    unit: self.definition.facts[place].unit.clone(),
                    says: text.says.clone(),
                    cite: text.cite.clone(),
                    basis: text.basis.clone(),
                    binds: letters[at] != 'x',
                    result,
                    value: readings.first().filter(|_| agreed).map(|reading| reading.value.clone()),
                    could_change: trace.could_change.contains(&fact),
                    readings,
                    fact,
                })
            }
        }
    }
}

fn collect(tree: Explained, found: &mut Vec<ExplainedLeaf>) {
    match tree {
        Explained::Leaf(leaf) => found.push(leaf),
        Explained::Group { children, .. } => children.into_iter().for_each(|child| collect(child, found)),
    }
}
