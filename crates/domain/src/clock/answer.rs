//! One question, one answer: of all rules that apply, the earliest due time controls and the others stay visible.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    combine::compute,
    explain::{Step, explain, moment_in_words},
    given::{Branch, Computed, Extend, Extended, Given, Invalid, Status},
    stops::Stop,
};
use crate::{
    law::{Flags, LawBook, Rule, Scope},
    time::{Day, Moment, Zone},
};

/// What is asked about.
#[derive(Debug, Clone)]
pub enum Asked {
    /// One rule by id.
    One(String),
    /// A set of candidate rules by id, all taken as matching.
    Set(Vec<String>),
    /// Whatever applies to a scope.
    Scope(Scope),
    /// A rule that is not in the library.
    Inline(Arc<Rule>),
}

/// A question about a due time.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is asked about.
    pub asked: Asked,
    /// Events by name.
    pub events: Vec<(String, Moment)>,
    /// The zone of the clock.
    pub zone: Zone,
    /// The request's urgency.
    pub urgency: String,
    /// The branch for a single rule, or for every rule of a scope that has it.
    pub branch: Option<Branch>,
    /// Branches by rule id.
    pub branches: BTreeMap<String, Branch>,
    /// Facts that choose between versions.
    pub flags: Flags,
    /// An extension taken.
    pub extension: Option<Extend>,
    /// Stops.
    pub stops: Vec<Stop>,
    /// Choose versions of this day.
    pub as_of: Option<Day>,
}

impl Question {
    /// A question with nothing but what is asked about, events and a zone.
    pub fn new(asked: Asked, events: Vec<(String, Moment)>, zone: Zone) -> Self {
        Self {
            asked,
            events,
            zone,
            urgency: String::new(),
            branch: None,
            branches: BTreeMap::new(),
            flags: Flags::default(),
            extension: None,
            stops: Vec::new(),
            as_of: None,
        }
    }

    /// The branch for one rule of the candidates.
    fn branch_for(&self, rule: &Rule) -> Option<Branch> {
        let scope = match &self.asked {
            Asked::One(_) | Asked::Inline(_) => {
                return self.branches.get(&rule.id).or(self.branch.as_ref()).cloned();
            }
            Asked::Set(_) => return self.branches.get(&rule.id).cloned(),
            Asked::Scope(scope) => scope,
        };
        if !rule.combine.needs_branch() {
            return None;
        }
        let fits = |branch: &&Branch| match branch {
            Branch::Key(key) => rule.branches().any(|b| b == key),
            Branch::Index(at) => *at < rule.deadlines.len(),
        };
        let from_scope =
            || rule.branch_from_scope(&scope.line_of_business, &scope.urgency).map(|key| Branch::Key(key.to_owned()));
        let named = self.branches.get(&rule.id).or(self.branch.as_ref().filter(fits)).cloned();
        named.or_else(from_scope)
    }
}

/// One candidate and its outcome.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The branch used.
    pub branch: Option<Branch>,
    /// Its outcome.
    pub computed: Computed,
}

/// The answer to a question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where the set stands.
    pub status: Status,
    /// The earliest due time.
    pub due_at: Option<Moment>,
    /// Every candidate, in the order asked.
    pub candidates: Vec<Candidate>,
    /// The ids of every candidate that shares the earliest due time, in the order asked.
    pub controlling: Vec<String>,
    /// Rules whose reach fits but that do not apply, and why.
    pub passed_over: Vec<(String, String)>,
    /// Rules that apply by a branch that was not said, with the branches: none of them is earlier than the answer.
    pub unsaid: Vec<(String, Vec<String>)>,
    /// Why the question was refused.
    pub error: Option<String>,
}

impl Answer {
    fn refused(error: String) -> Self {
        Self {
            status: Status::Invalid,
            due_at: None,
            candidates: Vec::new(),
            controlling: Vec::new(),
            passed_over: Vec::new(),
            unsaid: Vec::new(),
            error: Some(error),
        }
    }

    /// The first controlling candidate.
    pub fn controlled_by(&self) -> Option<&Candidate> {
        let id = self.controlling.first()?;
        self.candidates.iter().find(|c| &c.rule.id == id)
    }

    /// The reasons in words: the controlling rule step by step, then what became of the others.
    pub fn steps(&self, book: &LawBook, question: &Question) -> Vec<Step> {
        let events = borrowed(&question.events);
        let mut steps = Vec::new();
        if let Some(candidate) = self.controlled_by().or(self.candidates.first()) {
            let given = given(question, &events, candidate.branch.as_ref());
            steps.extend(explain(&candidate.rule, book.calendars(), &given, &candidate.computed));
        }
        for candidate in self.candidates.iter().filter(|c| !self.controlling.contains(&c.rule.id)) {
            let (rule, computed) = (&candidate.rule, &candidate.computed);
            if self.controlling.is_empty() && std::ptr::eq(candidate, &self.candidates[0]) {
                continue;
            }
            let says = match (computed.due_at, computed.not) {
                (Some(at), _) => {
                    format!("{} also applies; it is due later, {}.", rule.id, moment_in_words(at, &question.zone))
                }
                (None, Some(why)) => format!("{} does not apply: {}.", rule.id, why.says()),
                (None, None) => format!("{} applies but gives no due time: {}.", rule.id, computed.status.word()),
            };
            steps.push(Step::new(says, Some(&rule.cite)));
        }
        for (id, branches) in &self.unsaid {
            let says =
                format!("{id} also applies, by {}, whichever is meant: none is due earlier.", branches.join(" or "));
            steps.push(Step::new(says, book.rule(id).map(|r| r.cite.as_str())));
        }
        for (id, why) in &self.passed_over {
            steps.push(Step::new(format!("{id} does not apply: {why}."), book.rule(id).map(|r| r.cite.as_str())));
        }
        steps
    }
}

/// Answers a question from the library.
pub fn answer(book: &LawBook, question: &Question) -> Answer {
    let events = borrowed(&question.events);
    let mut passed_over = Vec::new();
    let rules = match candidates(book, question, &events, &mut passed_over) {
        Ok(rules) => rules,
        Err(error) => return Answer { passed_over, ..Answer::refused(error) },
    };
    let mut answered: Vec<Candidate> = Vec::with_capacity(rules.len());
    let mut open: Vec<(Arc<Rule>, Vec<Candidate>)> = Vec::new();
    for rule in rules {
        let branch = question.branch_for(&rule);
        if branch.is_none() && rule.combine.needs_branch() && matches!(question.asked, Asked::Scope(_)) {
            let ways = ways(book, question, &events, &rule);
            if let Some(why) = ways.iter().find_map(|way| way.computed.invalid) {
                return Answer { passed_over, ..Answer::refused(refusal(&rule, why)) };
            }
            match settled(&ways) {
                Some(at) => answered.extend(ways.into_iter().nth(at)),
                None => open.push((rule, ways)),
            }
            continue;
        }
        let computed = compute(&rule, book.calendars(), &given(question, &events, branch.as_ref()));
        if let Some(why) = computed.invalid {
            let error = refusal(&rule, why);
            return Answer { passed_over, ..Answer::refused(error) };
        }
        answered.push(Candidate { rule, branch, computed });
    }
    let all_refuse = |c: &Candidate| c.computed.extended == Some(Extended::NotForThisRule);
    if matches!(question.asked, Asked::Scope(_)) && !answered.is_empty() && answered.iter().all(all_refuse) {
        return Answer { passed_over, ..Answer::refused(Invalid::ExtensionNotAllowed.to_string()) };
    }
    let earliest = answered.iter().filter_map(|c| c.computed.due_at).min();
    let mut unsaid = Vec::new();
    for (rule, ways) in open {
        let soonest = ways.iter().filter_map(|c| c.computed.due_at).min();
        if earliest.is_none() || soonest < earliest {
            return Answer { passed_over, ..Answer::refused(refusal(&rule, Invalid::BranchMissing)) };
        }
        unsaid.push((rule.id.clone(), ways.iter().map(branch_name).collect()));
    }
    Answer { unsaid, ..settle(answered, passed_over) }
}

/// Every branch of a rule that the scope leaves open, computed: the branches of the other urgency are not meant.
fn ways(book: &LawBook, question: &Question, events: &[(&str, Moment)], rule: &Arc<Rule>) -> Vec<Candidate> {
    let fast = |key: &str| ["expedited", "urgent", "emergent"].iter().any(|word| key.starts_with(word));
    let meant = |index: &usize| {
        let key = rule.deadlines[*index].key.as_deref().unwrap_or_default();
        question.urgency != "standard" || !fast(key)
    };
    (0..rule.deadlines.len())
        .filter(meant)
        .map(|index| {
            let branch = Branch::Index(index);
            let computed = compute(rule, book.calendars(), &given(question, events, Some(&branch)));
            Candidate { rule: rule.clone(), branch: Some(branch), computed }
        })
        .collect()
}

/// The key of the branch that a candidate went by.
fn branch_name(candidate: &Candidate) -> String {
    match &candidate.branch {
        Some(Branch::Key(key)) => key.clone(),
        Some(Branch::Index(at)) => candidate.rule.deadlines.get(*at).and_then(|d| d.key.clone()).unwrap_or_default(),
        None => String::new(),
    }
}

/// The one outcome that stands whichever branch is meant, by its place; none when it depends on the branch.
fn settled(ways: &[Candidate]) -> Option<usize> {
    let due: Vec<usize> = (0..ways.len()).filter(|at| ways[*at].computed.due_at.is_some()).collect();
    match due.as_slice() {
        [] => (!ways.is_empty()).then_some(0),
        [first, rest @ ..] => {
            let same = rest.iter().all(|at| ways[*at].computed.due_at == ways[*first].computed.due_at);
            same.then_some(*first)
        }
    }
}

/// The rules to compute: named, or found by scope.
fn candidates(
    book: &LawBook,
    question: &Question,
    events: &[(&str, Moment)],
    passed_over: &mut Vec<(String, String)>,
) -> Result<Vec<Arc<Rule>>, String> {
    let named = |id: &String| book.rule(id).cloned().ok_or_else(|| format!("unknown rule {id:?}"));
    match &question.asked {
        Asked::One(id) => Ok(vec![named(id)?]),
        Asked::Inline(rule) => Ok(vec![rule.clone()]),
        Asked::Set(ids) if ids.is_empty() => Err(Invalid::NoRule.to_string()),
        Asked::Set(ids) => ids.iter().map(named).collect(),
        Asked::Scope(scope) => {
            let probe = given(question, events, None);
            let Some(day) = probe.received_on() else {
                return Err("say at least one event, such as request_received, or a day with as-of".to_owned());
            };
            let selection = book.in_force(scope, day);
            passed_over.extend(selection.passed_over.iter().map(|(id, why)| (id.clone(), (*why).to_owned())));
            match selection.unsettled.first() {
                Some(id) => Err(format!("{id}: {}", Invalid::RatingPeriodMissing)),
                None => Ok(selection.rules),
            }
        }
    }
}

fn borrowed(events: &[(String, Moment)]) -> Vec<(&str, Moment)> {
    events.iter().map(|(name, at)| (name.as_str(), *at)).collect()
}

fn given<'a>(question: &'a Question, events: &'a [(&'a str, Moment)], branch: Option<&'a Branch>) -> Given<'a> {
    Given {
        events,
        zone: &question.zone,
        urgency: &question.urgency,
        branch,
        flags: &question.flags,
        extension: question.extension,
        stops: &question.stops,
        as_of: question.as_of,
        in_set: matches!(question.asked, Asked::Set(_) | Asked::Scope(_)),
    }
}

/// A refusal in words, with the branches where one is asked for.
fn refusal(rule: &Rule, why: Invalid) -> String {
    match why {
        Invalid::BranchMissing | Invalid::BranchUnknown => {
            let list: Vec<&str> = rule.branches().collect();
            format!("{}: {why}; one of {}", rule.id, list.join(", "))
        }
        _ => format!("{}: {why}", rule.id),
    }
}

/// The earliest due time controls; without one, tolled, not started, not in force, no clock, in this order.
fn settle(candidates: Vec<Candidate>, passed_over: Vec<(String, String)>) -> Answer {
    let due_at = candidates.iter().filter_map(|c| c.computed.due_at).min();
    let mut controlling: Vec<String> = Vec::new();
    if due_at.is_some() {
        for candidate in candidates.iter().filter(|c| c.computed.due_at == due_at) {
            if !controlling.contains(&candidate.rule.id) {
                controlling.push(candidate.rule.id.clone());
            }
        }
    }
    let has = |status: Status| candidates.iter().any(|c| c.computed.status == status);
    let order = [Status::Due, Status::Tolled, Status::NotStarted, Status::NotInForce, Status::NoClock];
    let fallback = if passed_over.is_empty() { Status::NoClock } else { Status::NotInForce };
    let status = order.into_iter().find(|s| has(*s)).unwrap_or(fallback);
    Answer { status, due_at, candidates, controlling, passed_over, unsaid: Vec::new(), error: None }
}
