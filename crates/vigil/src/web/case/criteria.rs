//! The criteria checklist beside its evidence: each leaf met, not met or open, with its sentence, value, source, citation.

use std::collections::BTreeMap;

use vigil_domain::{
    case::{Case, Evaluation, LineState},
    criteria::{Basis, Explained, ExplainedLeaf, Outcome as Met, Reading, Service},
    determination::Outcome,
    evidence::{Bound, Source, Value},
    library::Library,
};

use super::story;
use crate::web::words;

/// The criteria of one line.
#[derive(Debug, Clone)]
pub struct CriteriaView {
    /// The line.
    pub line: u32,
    /// The service as asked.
    pub service: String,
    /// The pack's service id; empty when none binds.
    pub pack: String,
    /// The pack's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its authorities, strongest first.
    pub authorities: Vec<String>,
    /// The whole tree's result; none when hidden or not judged.
    pub result: Option<Mark>,
    /// The tree in reading order.
    pub rows: Vec<RowView>,
    /// Questions that could still change the answer: fact id, question.
    pub asks: Vec<(String, String)>,
    /// Facts on which two sources disagree.
    pub conflicts: Vec<String>,
    /// Statements seen and not used, with why.
    pub set_aside: Vec<String>,
    /// Why no criteria were judged, where none were.
    pub unjudged: Unjudged,
    /// Why no criteria bind.
    pub unbound: Vec<String>,
    /// Whether review is required, and on whose authority.
    pub requirement: Option<(String, String)>,
    /// The machine's verdict is hidden until the reviewer has marked their own.
    pub hidden: bool,
    /// The line's answer, once final.
    pub outcome: Option<String>,
    /// The pack is for illustration or switched off.
    pub not_for_use: bool,
    /// How the pack reads doubtful text of its source, and what the source warns of.
    pub notes: Vec<String>,
}

/// Why the criteria of a line were not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unjudged {
    /// The line needs no review.
    NotNeeded,
    /// An administrative question comes first: what is asked, and which cases it may repeat.
    Held {
        /// The questions.
        questions: Vec<String>,
        /// The cases.
        repeats: Vec<String>,
    },
    /// None bind: a person decides.
    NoneBind,
}

fn unjudged(case: &Case, state: &LineState) -> Unjudged {
    if matches!(state.outcome, Some(Outcome::NoReviewRequired { .. })) {
        return Unjudged::NotNeeded;
    }
    if state.evaluation.is_some() || state.administrative.is_empty() {
        return Unjudged::NoneBind;
    }
    let repeats = case.overlaps.iter().filter(|o| o.line == state.line.sequence).map(|o| o.case.clone());
    Unjudged::Held { questions: state.administrative.clone(), repeats: repeats.collect() }
}

impl CriteriaView {
    /// In one sentence, why no criteria were judged here.
    pub fn why_unjudged(&self) -> String {
        match &self.unjudged {
            Unjudged::NotNeeded => format!("{} needs no review.", self.service),
            Unjudged::NoneBind => format!("No criteria bind for {}.", self.service),
            Unjudged::Held { repeats, .. } if repeats.is_empty() => {
                format!("The criteria of {} were not reached: an administrative question comes first.", self.service)
            }
            Unjudged::Held { repeats, .. } => format!(
                "The criteria of {} were not reached: it is held as a possible duplicate of case {}.",
                self.service,
                repeats.join(" and ")
            ),
        }
    }
}

/// A verdict as shown: never by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The class of the stylesheet.
    pub class: &'static str,
    /// The sign.
    pub sign: &'static str,
    /// The word.
    pub word: &'static str,
}

impl Mark {
    /// The mark of a verdict.
    pub fn of(result: Met) -> Self {
        match result {
            Met::Met => Self { class: "met", sign: "✓", word: "met" },
            Met::NotMet => Self { class: "unmet", sign: "✗", word: "not met" },
            Met::Unknown => Self { class: "open", sign: "?", word: "open" },
        }
    }

    /// The mark when the verdict is hidden.
    pub const HIDDEN: Self = Self { class: "hidden", sign: "·", word: "for you to mark" };
}

/// One row of the tree.
#[derive(Debug, Clone)]
pub struct RowView {
    /// How deep it stands.
    pub depth: usize,
    /// Its verdict.
    pub mark: Mark,
    /// A group's words: `All of these`; empty for a leaf.
    pub group: String,
    /// A leaf.
    pub leaf: Option<LeafView>,
}

/// A leaf and the evidence beside it.
#[derive(Debug, Clone)]
pub struct LeafView {
    /// The fact's id.
    pub fact: String,
    /// Its sentence.
    pub says: String,
    /// The question, as asked of people.
    pub question: String,
    /// Its citation.
    pub cite: String,
    /// A doubt about the source, in words; empty when it was read.
    pub doubt: &'static str,
    /// It binds here.
    pub binds: bool,
    /// The values known, each with its source.
    pub readings: Vec<ReadingView>,
    /// Could still change the answer.
    pub could_change: bool,
}

/// A value and who says so.
#[derive(Debug, Clone)]
pub struct ReadingView {
    /// `56 mmHg`.
    pub value: String,
    /// `Mar 1, 2026`.
    pub on: String,
    /// Who says so.
    pub source: String,
    /// Where exactly it stands in the message, for whoever must find it there; empty when the source says all.
    pub place: String,
}

/// The criteria of every line of a case.
pub fn views(case: &Case, library: &Library, names: &BTreeMap<String, String>, hide: bool) -> Vec<CriteriaView> {
    case.lines.iter().map(|line| view(case, line, library, names, hide && line.outcome.is_none())).collect()
}

fn view(
    case: &Case,
    state: &LineState,
    library: &Library,
    names: &BTreeMap<String, String>,
    hide: bool,
) -> CriteriaView {
    let mut view = CriteriaView {
        line: state.line.sequence,
        service: state.line.title(),
        pack: String::new(),
        name: String::new(),
        version: String::new(),
        authorities: Vec::new(),
        result: None,
        rows: Vec::new(),
        asks: Vec::new(),
        conflicts: Vec::new(),
        set_aside: Vec::new(),
        unjudged: unjudged(case, state),
        unbound: state.unbound.iter().map(|why| named(why, library)).collect(),
        requirement: state.requirement.as_ref().map(|r| (r.says.clone(), r.cite.clone())),
        hidden: hide,
        outcome: state.outcome.as_ref().map(|o| o.title().to_owned()),
        not_for_use: false,
        notes: Vec::new(),
    };
    if let Some(evaluation) = &state.evaluation {
        fill(&mut view, evaluation, library, names);
    }
    view
}

fn fill(view: &mut CriteriaView, evaluation: &Evaluation, library: &Library, names: &BTreeMap<String, String>) {
    let trace = &evaluation.trace;
    view.pack.clone_from(&evaluation.service);
    view.version.clone_from(&evaluation.version);
    view.result = Some(if view.hidden { Mark::HIDDEN } else { Mark::of(trace.result) });
    let Some(service) = library.criteria.by_digest(&evaluation.pack) else {
        view.name.clone_from(&evaluation.service);
        return;
    };
    let definition = service.definition();
    view.name.clone_from(&definition.name);
    view.not_for_use = definition.disabled || definition.illustrative;
    view.notes.clone_from(&definition.notes);
    view.authorities = definition.authority.iter().map(|a| a.cite.clone()).collect();
    if let Some(tree) = service.explain(trace) {
        unfold(&tree, 0, view, names);
    }
    // What is open is a verdict too: where it is hidden, so is what would change it.
    if !view.hidden {
        view.asks = trace.to_ask().map(|id| (id.to_string(), question(service, id))).collect();
        view.conflicts = trace.conflicts.iter().map(|id| question(service, id)).collect();
    }
    view.set_aside = trace
        .set_aside
        .iter()
        .map(|aside| {
            format!("{}: {} ({})", question(service, &aside.fact), aside.why.says(), source(&aside.source, names))
        })
        .collect();
}

/// Why a pack does not bind, with the pack's name for its id.
fn named(why: &str, library: &Library) -> String {
    let pack = why.split_once(": ").and_then(|(id, rest)| Some((library.criteria.latest(id)?, rest)));
    pack.map_or_else(|| why.to_owned(), |(pack, rest)| format!("{}: {rest}", pack.definition().name))
}

fn question(service: &Service, fact: &str) -> String {
    service.fact(fact).map_or_else(|| words::plain(fact), |f| f.question.clone())
}

fn unfold(node: &Explained, depth: usize, view: &mut CriteriaView, names: &BTreeMap<String, String>) {
    match node {
        Explained::Group { rule, label, result, children } => {
            let mark = if view.hidden { Mark::HIDDEN } else { Mark::of(*result) };
            let said = group(rule);
            let words = label.as_ref().map_or_else(|| said.clone(), |l| format!("{l}: {}", lower_first(&said)));
            view.rows.push(RowView { depth, mark, group: words, leaf: None });
            for child in children {
                unfold(child, depth + 1, view, names);
            }
        }
        Explained::Leaf(leaf) => {
            let mark = match (view.hidden, leaf.binds) {
                (true, _) => Mark::HIDDEN,
                (false, false) => Mark { class: "apart", sign: "–", word: "does not bind here" },
                (false, true) => Mark::of(leaf.result),
            };
            view.rows.push(RowView {
                depth,
                mark,
                group: String::new(),
                leaf: Some(leaf_view(leaf, names, view.hidden)),
            });
        }
    }
}

fn leaf_view(leaf: &ExplainedLeaf, names: &BTreeMap<String, String>, hidden: bool) -> LeafView {
    LeafView {
        fact: leaf.fact.to_string(),
        says: leaf.says.to_string(),
        question: leaf.question.to_string(),
        cite: leaf.cite.to_string(),
        doubt: doubt(&leaf.basis),
        binds: leaf.binds,
        readings: leaf
            .readings
            .iter()
            .map(|reading| ReadingView {
                value: bounded(reading, leaf.unit.as_deref()),
                on: words::day_or(reading.on, ""),
                source: source(&reading.source, names),
                place: place(&reading.source),
            })
            .collect(),
        could_change: leaf.could_change && !hidden,
    }
}

/// What a group asks of its children.
pub fn group(rule: &str) -> String {
    match rule.split_once(' ') {
        None => match rule {
            "ALL" => "All of these".to_owned(),
            "ANY" => "Any one of these".to_owned(),
            "NOT" => "This must not be so".to_owned(),
            other => other.to_owned(),
        },
        Some(("AT", rest)) => format!("At least {} of these", rest.trim_start_matches("LEAST ")),
        Some(("SCORE", points)) => format!("{points} points or more of these"),
        _ => rule.to_owned(),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|f| f.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// A doubt about how well a source is known.
pub fn doubt(basis: &Basis) -> &'static str {
    match basis {
        Basis::Read => "",
        Basis::SecondarySummary => "known from a summary: verify",
        Basis::ReadOlderEdition => "read in an older edition: verify",
        Basis::NotRead => "source not read: verify",
        Basis::OwnWork => "our own rule, not policy",
        Basis::Other(_) => "basis unknown: verify",
    }
}

/// A reading as people write it: a bound says on which side of the number the value lies.
fn bounded(reading: &Reading, unit: Option<&str>) -> String {
    let number = value(&reading.value, unit);
    match &reading.bound {
        None => number,
        Some(Bound::Below) => format!("below {number}"),
        Some(Bound::AtMost) => format!("at most {number}"),
        Some(Bound::AtLeast) => format!("at least {number}"),
        Some(Bound::Above) => format!("above {number}"),
        Some(Bound::Other(word)) => format!("{word} {number}"),
    }
}

/// A value as people write it.
pub fn value(value: &Value, unit: Option<&str>) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(n) => {
            let unit = unit.map(ucum).unwrap_or_default();
            format!("{} {unit}", words::number(*n)).trim().to_owned()
        }
        Value::Text(text) => words::plain(text),
        Value::Day(day) => words::day(*day),
    }
}

/// UCUM units as people write them.
pub fn ucum(unit: &str) -> String {
    match unit {
        "mm[Hg]" => "mmHg".to_owned(),
        "1" | "{score}" => String::new(),
        "a" => "years".to_owned(),
        "mo" => "months".to_owned(),
        "wk" => "weeks".to_owned(),
        "d" => "days".to_owned(),
        other => other.trim_matches(['{', '}']).to_owned(),
    }
}

/// Who says a value.
pub fn source(source: &Source, names: &BTreeMap<String, String>) -> String {
    match source {
        Source::Resource(place) => match place.split_once('/') {
            Some((kind, _)) => format!("{} of the request", lower_first(&spaced(kind))),
            None => "request".to_owned(),
        },
        Source::Questionnaire(_) => "answered on the questionnaire".to_owned(),
        Source::Reviewer { person, found_in } => format!("{}, found in {found_in}", story::name_of(names, person)),
        Source::Roster => "member roster".to_owned(),
    }
}

/// Where exactly a value stands in the message.
fn place(source: &Source) -> String {
    match source {
        Source::Resource(place) | Source::Questionnaire(place) => place.clone(),
        Source::Reviewer { .. } | Source::Roster => String::new(),
    }
}

/// `DocumentReference` as `Document reference`.
fn spaced(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push(' ');
            out.extend(letter.to_lowercase());
        } else {
            out.push(letter);
        }
    }
    out
}
