//! How procedures and windows ask the book: a topic on a day gives a step, a flag or a window with its citation.

use std::borrow::Cow;

use super::{
    book::{StatusBook, StatusRule},
    facts::StatusFacts,
    procedure::{BillFlag, BillPlace, Letter, Met, Step},
};
use crate::{
    law::Confidence,
    time::{Day, Moment},
};

/// The book seen from one stay on one day.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) facts: &'a StatusFacts,
    pub(super) book: &'a StatusBook,
    pub(super) on: Day,
}

/// The stay as its Medicare coverage sees it, wherever in the order of benefits that stands.
pub(super) fn as_beneficiary(facts: &StatusFacts) -> Option<Cow<'_, StatusFacts>> {
    if facts.payer.is_medicare() {
        return Some(Cow::Borrowed(facts));
    }
    let payer = facts.payer.as_beneficiary()?;
    Some(Cow::Owned(StatusFacts { payer, ..facts.clone() }))
}

impl<'a> Rules<'a> {
    pub(super) fn on(facts: &'a StatusFacts, book: &'a StatusBook, at: Moment) -> Self {
        Self { facts, book, on: facts.zone.day(at) }
    }

    pub(super) fn get(&self, topic: &str) -> Option<&'a StatusRule> {
        self.book.rule(topic, &self.facts.payer, &self.facts.jurisdiction, self.on)
    }

    /// One condition under the rule of a topic. A topic without a rule that day leaves the step without a citation.
    pub(super) fn step(&self, id: &str, topic: &str, question: &str, answer: Answered) -> Step {
        let rule = self.get(topic);
        Step {
            id: id.to_owned(),
            question: question.to_owned(),
            met: answer.met,
            why: answer.why,
            instead: answer.instead,
            rule: rule.map_or_else(|| topic.to_owned(), |rule| rule.id.clone()),
            cite: rule.map(|rule| rule.cite.clone()).unwrap_or_default(),
            confidence: rule.map_or(Confidence::FromKnowledgeVerify, |rule| rule.confidence),
            due_at: answer.due_at,
        }
    }

    pub(super) fn flag(&self, bill: u8, place: BillPlace, code: &str, topic: &str, says: &str) -> BillFlag {
        let rule = self.get(topic);
        BillFlag {
            bill,
            place,
            code: code.to_owned(),
            says: says.to_owned(),
            from: None,
            through: None,
            units: None,
            rule: rule.map_or_else(|| topic.to_owned(), |rule| rule.id.clone()),
            cite: rule.map(|rule| rule.cite.clone()).unwrap_or_default(),
            confidence: rule.map_or(Confidence::FromKnowledgeVerify, |rule| rule.confidence),
        }
    }

    pub(super) fn letter(&self, notice: &str, to: &str, topic: &str, due_at: Option<Moment>) -> Letter {
        let rule = self.get(topic);
        Letter {
            notice: notice.to_owned(),
            to: to.to_owned(),
            not_before: None,
            due_at,
            rule: rule.map_or_else(|| topic.to_owned(), |rule| rule.id.clone()),
            cite: rule.map(|rule| rule.cite.clone()).unwrap_or_default(),
        }
    }
}

/// The answer to one condition.
pub(super) struct Answered {
    met: Met,
    why: String,
    instead: String,
    due_at: Option<Moment>,
}

impl Answered {
    pub(super) fn met(why: impl Into<String>) -> Self {
        Self { met: Met::Met, why: why.into(), instead: String::new(), due_at: None }
    }

    pub(super) fn not_met(why: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { met: Met::NotMet, why: why.into(), instead: instead.into(), due_at: None }
    }

    pub(super) fn unknown(why: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { met: Met::Unknown, why: why.into(), instead: instead.into(), due_at: None }
    }

    /// Several parts as one: the first that is not met, else the first unknown, else all of them.
    pub(super) fn worst(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().collect();
        let place = |met: Met| parts.iter().position(|part| part.met == met);
        match place(Met::NotMet).or_else(|| place(Met::Unknown)) {
            Some(place) => parts.swap_remove(place),
            None => Self::met(parts.into_iter().map(|part| part.why).collect::<Vec<_>>().join(" ")),
        }
    }

    /// What to do instead of a part that is not met.
    pub(super) fn instead(self, instead: &str) -> Self {
        if self.met == Met::NotMet { Self { instead: instead.to_owned(), ..self } } else { self }
    }

    pub(super) fn by(self, due_at: Option<Moment>) -> Self {
        Self { due_at, ..self }
    }
}
