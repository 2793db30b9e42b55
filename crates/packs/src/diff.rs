//! What a new set of packs would change, before it is put in force: rules, and the due times of open clocks.

use std::collections::BTreeMap;

use vigil_domain::{
    clock::{Candidate, Question, answer, print_moment},
    law::{LawBook, Rule},
};

/// What one open case asks of the law: enough to ask it again of other packs.
#[derive(Debug, Clone)]
pub struct OpenClock {
    /// The case, in the reader's words (its number).
    pub case: String,
    /// One rule, or the scope of the case: then rules that come new or go are seen as well.
    pub question: Question,
}

/// A due time that would be another one, had the clock started under the new packs. Clocks that run keep theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueChange {
    /// The case.
    pub case: String,
    /// The rule.
    pub rule: String,
    /// Due time (RFC 3339) or status under the packs in force; `no such clock` where the rule does not reach the case.
    pub before: String,
    /// Due time or status under the new packs.
    pub after: String,
}

/// One rule that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    /// The rule.
    pub rule: String,
    /// Digest before.
    pub before: String,
    /// Digest after.
    pub after: String,
    /// The parts that differ.
    pub parts: Vec<PartChange>,
}

/// One part of a rule that differs, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartChange {
    /// Its name, as packs write it.
    pub name: String,
    /// What it says in the old one; empty where it is not there.
    pub before: String,
    /// What it says in the new one; empty where it is not there.
    pub after: String,
}

/// The difference between two libraries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Rules only in the new one.
    pub added: Vec<String>,
    /// Rules only in the old one.
    pub removed: Vec<String>,
    /// Rules that differ.
    pub changed: Vec<RuleChange>,
    /// Open clocks whose due time would differ.
    pub dues: Vec<DueChange>,
}

impl Difference {
    /// Nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares two libraries, and what they say about open clocks.
pub fn difference(old: &LawBook, new: &LawBook, clocks: impl IntoIterator<Item = OpenClock>) -> Difference {
    let only = |a: &LawBook, b: &LawBook| -> Vec<String> {
        a.rules().iter().filter(|r| b.rule(&r.id).is_none()).map(|r| r.id.clone()).collect()
    };
    let changed = old.rules().iter().filter_map(|was| {
        let is = new.rule(&was.id).filter(|is| is.digest != was.digest)?;
        Some(RuleChange {
            rule: was.id.clone(),
            before: was.digest.clone(),
            after: is.digest.clone(),
            parts: parts(was, is),
        })
    });
    let mut difference =
        Difference { added: only(new, old), removed: only(old, new), changed: changed.collect(), dues: Vec::new() };
    for clock in clocks {
        let (before, after) = (by_rule(old, &clock.question), by_rule(new, &clock.question));
        let mut rules: Vec<&String> = before.keys().chain(after.keys()).collect();
        rules.sort();
        rules.dedup();
        let shown =
            |dues: &BTreeMap<String, String>, rule: &String| dues.get(rule).map_or(NONE, String::as_str).to_owned();
        for rule in rules {
            let (before, after) = (shown(&before, rule), shown(&after, rule));
            if before != after {
                difference.dues.push(DueChange { case: clock.case.clone(), rule: rule.clone(), before, after });
            }
        }
    }
    difference
}

/// Said of a rule that does not reach a case.
const NONE: &str = "no such clock";

/// What each rule says of one case; a refusal stands under the question's own name.
fn by_rule(book: &LawBook, question: &Question) -> BTreeMap<String, String> {
    let answer = answer(book, question);
    if let Some(error) = answer.error {
        return BTreeMap::from([("question".to_owned(), error)]);
    }
    let shown = |c: &Candidate| match c.computed.due_at {
        Some(at) => print_moment(at, &question.zone),
        None => c.computed.status.word().to_owned(),
    };
    answer.candidates.iter().map(|c| (c.rule.id.clone(), shown(c))).collect()
}

/// The canonical fields that differ, with what they say.
fn parts(was: &Rule, is: &Rule) -> Vec<PartChange> {
    let read = |rule: &Rule| serde_json::from_str::<serde_json::Map<_, _>>(&rule.canonical()).unwrap_or_default();
    let (was, is): (serde_json::Map<String, serde_json::Value>, _) = (read(was), read(is));
    let mut names: Vec<String> = was.keys().chain(is.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| was.get(name) != is.get(name))
        .map(|name| PartChange { before: said(was.get(&name)), after: said(is.get(&name)), name })
        .collect()
}

/// A canonical value as people read it: a time limit as one, words as they are, a list or a table part by part.
fn said(value: Option<&serde_json::Value>) -> String {
    use serde_json::Value;
    let words = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => said(Some(other)),
    };
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(words).collect::<Vec<_>>().join("; "),
        Some(Value::Object(parts)) => {
            let limit = parts.get("amount").zip(parts.get("unit")).zip(parts.get("from"));
            if let Some(((amount, unit), from)) = limit {
                return format!("{amount} {} from {}", words(unit), words(from));
            }
            let each = parts.iter().filter(|(_, part)| !part.is_null());
            each.map(|(name, part)| format!("{name} {}", words(part))).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}
