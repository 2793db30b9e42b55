//! The status book: rules by topic and day, timings, guidelines, the inpatient-only list, reasons for delay.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{
    facts::PayerFacts,
    guideline::AdmissionGuideline,
    list::{InpatientOnlyList, ListVersion},
};
use crate::{law::Confidence, party::LineOfBusiness, time::Day};

/// One version of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRule {
    /// Id (`ST-02`).
    pub id: String,
    /// What it is about, in the engine's closed words (`benchmark`, `presumption`, …): the engine asks by topic.
    pub topic: String,
    /// `US`, or `US-NY`.
    #[serde(default = "everywhere")]
    pub jurisdiction: String,
    /// Lines of business; empty for all.
    #[serde(default)]
    pub lines_of_business: Vec<LineOfBusiness>,
    /// First day. Which day is asked (admission, date of service, review) is the topic's own.
    #[serde(default)]
    pub from: Option<Day>,
    /// Last day.
    #[serde(default)]
    pub through: Option<Day>,
    /// The paragraph.
    pub cite: String,
    /// One plain sentence of ours.
    pub says: String,
    /// Where it was seen.
    pub source: String,
    /// When it was read.
    pub read_on: Day,
    /// How sure.
    pub confidence: Confidence,
    /// The figures the engine needs, by name (`midnights`, `hours`).
    #[serde(default)]
    pub figures: BTreeMap<String, i64>,
    /// Dates the engine needs, by name.
    #[serde(default)]
    pub dates: BTreeMap<String, Day>,
    /// Words the rule covers, where it lists some (`death`, `transfer`).
    #[serde(default)]
    pub covers: Vec<String>,
    /// A remark for compliance staff.
    #[serde(default)]
    pub note: String,
    /// The rule is only words: no condition of the engine reads it, and why.
    #[serde(default)]
    pub prose_only: String,
    /// `ID@DIGEST` of the shipped rule that an overlay's rule takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// SHA-256 of its canonical form; set by the loader.
    #[serde(skip)]
    pub digest: String,
    /// The canonical form (JSON of this value): what the log keeps by digest with the first pin.
    #[serde(skip)]
    pub canonical: String,
}

fn everywhere() -> String {
    "US".to_owned()
}

impl StatusRule {
    /// Whether it applies to this line of business, here, on this day.
    pub fn applies(&self, line: &LineOfBusiness, jurisdiction: &str, on: Day) -> bool {
        (self.lines_of_business.is_empty() || self.lines_of_business.contains(line))
            && (self.jurisdiction == "US" || self.jurisdiction == jurisdiction)
            && self.from.is_none_or(|from| from <= on)
            && self.through.is_none_or(|through| on <= through)
    }

    /// A figure by name.
    pub fn figure(&self, name: &str) -> Option<i64> {
        self.figures.get(name).copied()
    }
}

/// A timing of the hospital's own policy: an editable default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Id (`advisor.answer`).
    pub id: String,
    /// One plain sentence.
    pub says: String,
    /// How much.
    pub amount: u32,
    /// `minutes`, `hours`, `days` or `business-days`.
    pub unit: String,
    /// What it rests on.
    pub basis: String,
    /// Where it was seen.
    pub source: String,
    /// When.
    pub read_on: Day,
    /// How sure: `regulator or record`, `trade press`, `single site`, `from knowledge, verify`.
    pub confidence: String,
}

impl Timing {
    /// The length of a timing of minutes, hours or days (of 24 hours). Business days are counted by who knows the calendar.
    pub fn span(&self) -> SignedDuration {
        let amount = i64::from(self.amount);
        match self.unit.as_str() {
            "minutes" => SignedDuration::from_mins(amount),
            "days" | "business-days" => SignedDuration::from_hours(24 * amount),
            _ => SignedDuration::from_hours(amount),
        }
    }
}

/// One reason for a delay or an avoidable day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelayReason {
    /// `HOS-TEST`.
    pub code: String,
    /// `Hospital operations`.
    pub group: String,
    /// The plain reason.
    pub label: String,
    /// Counts as avoidable.
    pub avoidable: bool,
    /// Who owns it.
    pub owner: String,
    /// Free text is required with it.
    #[serde(default)]
    pub needs_text: bool,
    /// A remark on when it may be used.
    #[serde(default)]
    pub note: String,
}

/// What a book is made of.
#[derive(Debug, Clone, Default)]
pub struct BookParts {
    /// Rules.
    pub rules: Vec<StatusRule>,
    /// Policy timings.
    pub timings: Vec<Timing>,
    /// Payer guidelines.
    pub guidelines: Vec<AdmissionGuideline>,
    /// The inpatient-only list.
    pub list: InpatientOnlyList,
    /// Reasons for delay, in order.
    pub delays: Vec<DelayReason>,
    /// SHA-256 over every status pack file.
    pub digest: String,
}

/// The book the engine reads.
#[derive(Debug, Default)]
pub struct StatusBook {
    parts: BookParts,
    /// Places of rules by topic, newest first.
    topics: BTreeMap<String, Vec<usize>>,
}

impl StatusBook {
    /// Puts the parts in order.
    pub fn new(parts: BookParts) -> Self {
        let mut topics: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, rule) in parts.rules.iter().enumerate() {
            topics.entry(rule.topic.clone()).or_default().push(place);
        }
        for places in topics.values_mut() {
            places.sort_by_key(|place| std::cmp::Reverse(parts.rules[*place].from));
        }
        Self { parts, topics }
    }

    /// The same book with more versions of the inpatient-only list.
    pub fn with_lists(&self, more: Vec<ListVersion>) -> Self {
        let mut parts = self.parts.clone();
        let versions = parts.list.versions().iter().cloned().chain(more).collect();
        parts.list = InpatientOnlyList::new(versions);
        Self::new(parts)
    }

    /// The rule of a topic in force for this payer, here, on this day; a state's own before the federal one.
    pub fn rule(&self, topic: &str, payer: &PayerFacts, jurisdiction: &str, on: Day) -> Option<&StatusRule> {
        let line = &payer.line_of_business;
        let places = self.topics.get(topic)?;
        let found = places.iter().map(|place| &self.parts.rules[*place]).filter(|r| r.applies(line, jurisdiction, on));
        found.min_by_key(|rule| rule.jurisdiction == "US")
    }

    /// The rule with this id that is in force on a day, else its newest version.
    pub fn by_id(&self, id: &str, on: Day) -> Option<&StatusRule> {
        let all = || self.parts.rules.iter().filter(|rule| rule.id == id);
        let current = all().find(|r| r.from.is_none_or(|f| f <= on) && r.through.is_none_or(|t| on <= t));
        current.or_else(|| all().max_by_key(|rule| rule.from))
    }

    /// The rule whose canonical form has this digest.
    pub fn by_digest(&self, digest: &str) -> Option<&StatusRule> {
        self.parts.rules.iter().find(|rule| rule.digest == digest)
    }

    /// Every rule.
    pub fn rules(&self) -> &[StatusRule] {
        &self.parts.rules
    }

    /// A policy timing.
    pub fn timing(&self, id: &str) -> Option<&Timing> {
        self.parts.timings.iter().find(|timing| timing.id == id)
    }

    /// Every policy timing.
    pub fn timings(&self) -> &[Timing] {
        &self.parts.timings
    }

    /// The guideline that binds this payer most closely on this day of admission.
    pub fn guideline(&self, payer: &PayerFacts, jurisdiction: &str, on: Day) -> Option<&AdmissionGuideline> {
        let bound = self.parts.guidelines.iter().filter(|g| g.binds(payer, jurisdiction, on));
        bound.max_by_key(|guideline| guideline.closeness())
    }

    /// Every guideline.
    pub fn guidelines(&self) -> &[AdmissionGuideline] {
        &self.parts.guidelines
    }

    /// The inpatient-only list.
    pub fn list(&self) -> &InpatientOnlyList {
        &self.parts.list
    }

    /// A reason for delay by its code.
    pub fn delay(&self, code: &str) -> Option<&DelayReason> {
        self.parts.delays.iter().find(|delay| delay.code == code)
    }

    /// Every reason for delay, in order.
    pub fn delays(&self) -> &[DelayReason] {
        &self.parts.delays
    }

    /// SHA-256 over every status pack file.
    pub fn digest(&self) -> &str {
        &self.parts.digest
    }
}
