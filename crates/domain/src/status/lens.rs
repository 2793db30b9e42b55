//! One stay under the lens: its facts, the rules of its day, its counts; and the shapes in which findings are handed on.

use super::{
    answer::{Basis, Change, Counted, DocumentNeed, FactsConfidence, Supported},
    book::{StatusBook, StatusRule},
    count::count,
    facts::{InpatientOrder, ProcedureFact, StatusFacts},
    guideline::GuidelineAnswer,
    list::ListAnswer,
};
use crate::time::{Day, Moment};

/// One stay under the lens.
pub(super) struct Lens<'a> {
    pub(super) facts: &'a StatusFacts,
    pub(super) book: &'a StatusBook,
    pub(super) now: Moment,
    /// The day that chooses the rules: of the order, else of `now`.
    pub(super) day: Day,
    pub(super) counted: Counted,
    pub(super) list: Vec<ListAnswer>,
}

impl<'a> Lens<'a> {
    pub(super) fn new(facts: &'a StatusFacts, book: &'a StatusBook, now: Moment) -> Self {
        let from = facts.order.as_ref().map_or(now, |order| order.effective_at().min(now));
        let day = facts.zone.day(from);
        let mut lens = Self { facts, book, now, day, counted: count(facts, now), list: Vec::new() };
        lens.list = facts.procedures.iter().map(|procedure| lens.ask_list(procedure)).collect();
        lens
    }

    /// The rule of a topic in force on the day of admission.
    pub(super) fn rule(&self, topic: &str) -> Option<&'a StatusRule> {
        self.rule_on(topic, self.day)
    }

    /// The rule of a topic in force on another day (a date of service, today).
    pub(super) fn rule_on(&self, topic: &str, on: Day) -> Option<&'a StatusRule> {
        self.book.rule(topic, &self.facts.payer, &self.facts.jurisdiction, on)
    }

    /// Whether the two-midnight rules bind this payer on the day of admission.
    pub(super) fn two_midnight_binds(&self) -> bool {
        let payer = &self.facts.payer;
        payer.is_original_medicare()
            || payer.is_medicare_advantage() && self.rule("medicare-advantage-follows").is_some()
    }

    /// The inpatient-only list does not exist on a day on or after the end that the phase-out rule gives.
    fn ask_list(&self, procedure: &ProcedureFact) -> ListAnswer {
        let phase_out = self.rule_on("inpatient-only-phase-out", procedure.on);
        let ends = phase_out.and_then(|rule| rule.dates.get("list_end")).copied();
        let exempt = self.rule_on("removed-procedure-exemption", procedure.on).is_some();
        self.book.list().ask(&procedure.code, procedure.on, ends, exempt)
    }

    /// The order that stands: written before the patient left, and not in the future.
    pub(super) fn order(&self) -> Option<&'a InpatientOrder> {
        self.facts.standing_order(self.now)
    }
}

/// What the engine says before the trimmings.
pub(super) struct Draft {
    pub(super) status: Supported,
    pub(super) basis: Basis,
    pub(super) says: String,
    pub(super) cite: String,
    pub(super) rules: Vec<String>,
    pub(super) facts: FactsConfidence,
    pub(super) to_physician_advisor: bool,
}

/// A ground found, or the reason why none was.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) basis: Basis,
    pub(super) says: String,
    pub(super) cite: String,
    pub(super) rules: Vec<String>,
    pub(super) facts: FactsConfidence,
    pub(super) document: Vec<DocumentNeed>,
    pub(super) changes: Vec<Change>,
    pub(super) guideline: Option<GuidelineAnswer>,
}

impl Ground {
    pub(super) fn of(basis: Basis, facts: FactsConfidence, rule: &StatusRule, says: impl Into<String>) -> Self {
        Self {
            basis,
            says: says.into(),
            cite: rule.cite.clone(),
            rules: vec![rule.id.clone()],
            facts,
            document: Vec::new(),
            changes: Vec::new(),
            guideline: None,
        }
    }

    /// Beside the deciding rule, this one.
    pub(super) fn with(mut self, rule: Option<&StatusRule>) -> Self {
        self.rules.extend(rule.map(|rule| rule.id.clone()).filter(|id| !self.rules.contains(id)));
        self
    }

    pub(super) fn document(mut self, rule: &StatusRule, what: impl Into<String>) -> Self {
        self.document.push(DocumentNeed { what: what.into(), rule: rule.id.clone(), cite: rule.cite.clone() });
        self
    }

    pub(super) fn change(mut self, rule: &StatusRule, basis: Basis, when: impl Into<String>) -> Self {
        let then = if basis.holds() { Supported::Inpatient } else { Supported::Outpatient };
        self.changes.push(Change { when: when.into(), then, basis, rule: rule.id.clone() });
        self
    }
}

/// How many midnights the benchmark asks for.
pub(super) fn asked(rule: &StatusRule) -> u32 {
    rule.figure("midnights").and_then(|n| u32::try_from(n).ok()).unwrap_or(2)
}
