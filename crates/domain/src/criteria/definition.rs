//! What a criteria pack says, field by field: authorities, codes, questions and the tree. Read by `packs`, compiled by
//! [`super::Service`].

use serde::{Deserialize, Serialize};

use crate::{
    code::{Code, CodeSystem},
    codes,
    time::Day,
};

use super::outline;

codes! {
    /// How well the text behind a leaf is known. Only `read` may support an automatic approval; none supports a denial.
    Basis {
        /// The cited document was read.
        Read = "read",
        /// Only somebody's summary was read.
        SecondarySummary = "secondary-summary",
        /// An older edition was read; later amendments are from knowledge.
        ReadOlderEdition = "read-older-edition",
        /// The cited document was not read.
        NotRead = "not-read",
        /// Our own rule, not policy.
        OwnWork = "own-work",
    }
}

codes! {
    /// Where an authority stands in the hierarchy of DECISIONS 5, strongest first.
    Rank {
        /// Statute or regulation of the United States.
        Federal = "federal",
        /// National Coverage Determination.
        Ncd = "ncd",
        /// Local Coverage Determination or its article.
        Lcd = "lcd",
        /// A state's rule.
        State = "state",
        /// The plan's own policy.
        PlanPolicy = "plan-policy",
        /// A licensed product.
        Licensed = "licensed",
        /// Our own, for illustration.
        OwnWork = "own-work",
    }
}

/// One source a pack rests on, and what of it was really read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// The words leaves cite: `NCD 240.2`.
    pub cite: String,
    /// Its title.
    pub title: String,
    /// Its place in the hierarchy.
    pub rank: Rank,
    /// First effective day of the edition that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Day>,
    /// Last effective day, when an end was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Day>,
    /// Where the official text lives (not always what was opened).
    pub source_url: String,
    /// `primary`, `mirror` or `secondary`.
    pub tier: String,
    /// `source seen` or `from knowledge, verify`.
    pub confidence: String,
    /// What was opened.
    pub seen_via: String,
    /// Whose Local Coverage Determination it is, as the source says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contractor: Option<String>,
    /// The contractors in whose areas it binds, in the words contracts use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contractors: Vec<String>,
    /// Published alike by every contractor of its kind, so that it binds in the whole country (the DME contractors' LCDs).
    #[serde(default, skip_serializing_if = "is_false")]
    pub nationwide: bool,
}

impl Authority {
    /// Whether it binds where these contractors are: always, unless it is a Local Coverage Determination of another.
    pub fn binds_for(&self, contractors: &[String]) -> bool {
        self.rank != Rank::Lcd
            || self.nationwide
            || contractors.iter().any(|c| {
                self.contractors.iter().any(|own| own.eq_ignore_ascii_case(c))
                    || self.contractor.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(c))
            })
    }
}

/// For whom, where and at what age the pack may be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppliesTo {
    /// `Medicare FFS`, `Medicare Advantage`, `any`, or a line-of-business word of the law packs.
    pub lines_of_business: Vec<String>,
    /// Settings, for the reader.
    pub settings: Vec<String>,
    /// The age rule in words.
    pub age: String,
    /// Youngest age in years, where the words give one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_from: Option<i16>,
    /// Oldest age in years, where the words give one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_through: Option<i16>,
    /// Certification types of a line it speaks of (`initial`, `extension`, `renewal`); empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certifications: Vec<String>,
    /// A remark.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Codes by system. Diagnosis codes are search hints and never bind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceCodes {
    /// HCPCS Level II.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hcpcs: Vec<String>,
    /// CPT: never shipped; a licensed site's overlay may fill it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cpt: Vec<String>,
    /// ICD-10-CM, hints only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icd10cm: Vec<String>,
    /// ICD-10-PCS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icd10pcs: Vec<String>,
    /// MS-DRG.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drg: Vec<String>,
    /// Revenue codes, four digits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revenue: Vec<String>,
    /// A remark.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl ServiceCodes {
    /// Every code that binds a service line to the pack (not the diagnosis hints).
    pub fn binding(&self) -> impl Iterator<Item = (CodeSystem, &str)> {
        [
            (CodeSystem::Hcpcs, &self.hcpcs),
            (CodeSystem::Cpt, &self.cpt),
            (CodeSystem::Icd10Pcs, &self.icd10pcs),
            (CodeSystem::Drg, &self.drg),
            (CodeSystem::Revenue, &self.revenue),
        ]
        .into_iter()
        .flat_map(|(system, values)| values.iter().map(move |value| (system.clone(), value.as_str())))
    }

    /// Whether one of the codes that bind is this one.
    pub fn names(&self, code: &Code) -> bool {
        self.binding().any(|(system, value)| system == code.system && value == code.value)
    }
}

codes! {
    /// What kind of answer a fact has.
    FactKind { Boolean = "boolean", Quantity = "quantity", Choice = "choice" }
}

codes! {
    /// What the roster knows about a member that a fact may be read from.
    RosterField {
        /// Age in whole years.
        Age = "age",
        /// Eighteen years or older.
        Adult = "adult",
        /// Administrative sex.
        SexWord = "sex",
    }
}

/// One question a tree may ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactDef {
    /// Its id inside the service; a questionnaire's `linkId` equals it.
    pub id: String,
    /// The question as people read it.
    pub question: String,
    /// Yes or no, a number, or one of a list.
    #[serde(rename = "type")]
    pub kind: FactKind,
    /// UCUM unit of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Where in a record it is usually found.
    pub from: String,
    /// How old the value may be, in words.
    pub window: String,
    /// Judged by a rule in whole numbers: a fraction is never rounded.
    #[serde(default, skip_serializing_if = "is_false")]
    pub whole: bool,
    /// May lie below zero: a change, a difference, a time before or after something. Other quantities cannot.
    #[serde(default, skip_serializing_if = "is_false")]
    pub signed: bool,
    /// The allowed words of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Machine codes of the thing measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
    /// Oldest age in days at which a machine value still counts. Without it, resources are not read (DECISIONS 8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<i32>,
    /// Why `max_age_days` is what it is, where the source's window is words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_choice: Option<String>,
    /// Read from the roster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roster: Option<RosterField>,
}

/// How a leaf compares its fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Equal.
    Eq(Want),
    /// Different.
    Ne(Want),
    /// Smaller.
    Lt(f64),
    /// Smaller or equal.
    Le(f64),
    /// Greater.
    Gt(f64),
    /// Greater or equal.
    Ge(f64),
    /// Both ends included.
    Between(f64, f64),
    /// One of these.
    In(Vec<Want>),
    /// None of these.
    NotIn(Vec<Want>),
}

/// A value a leaf compares with.
#[derive(Debug, Clone, PartialEq)]
pub enum Want {
    /// Yes or no.
    Bool(bool),
    /// A number in the fact's unit.
    Number(f64),
    /// A word of the fact's choices.
    Word(String),
}

/// A leaf of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// The fact it looks at.
    pub fact: String,
    /// The comparison.
    pub test: Test,
    /// The authority, in the words of [`Authority::cite`].
    pub cite: String,
    /// One plain sentence of ours.
    pub says: String,
    /// How well the source is known.
    pub basis: Basis,
}

/// A node of a criteria tree. It is written and read as an outline ([`outline`]).
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Compare one fact.
    Leaf(Leaf),
    /// A group of nodes.
    Group(Group),
}

/// How a group counts its children.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Every child.
    All,
    /// At least one child.
    Any,
    /// This many children or more.
    AtLeast(u32),
    /// The reverse of its one child.
    Not,
    /// Points of met children reach this.
    ScoreAtLeast(f64),
}

/// Children under one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The rule.
    pub rule: Rule,
    /// Words for display.
    pub label: Option<String>,
    /// The children in order.
    pub children: Vec<Node>,
    /// Points of each child, for [`Rule::ScoreAtLeast`]; empty otherwise.
    pub points: Vec<f64>,
}

impl Serialize for Node {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&outline::print(self))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        outline::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A criteria pack: one version of the criteria for one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The service's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The version's word.
    pub version: String,
    /// First day in force; open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Last day in force; open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Day>,
    /// Why `from` is what it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from_note: String,
    /// Not for use: never binds, still evaluates.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// Not policy: never binds.
    #[serde(default, skip_serializing_if = "is_false")]
    pub illustrative: bool,
    /// Fields of expertise that fit the service (words of the authority packs).
    #[serde(default)]
    pub specialties: Vec<String>,
    /// Whose choice the specialties are.
    #[serde(default)]
    pub specialties_basis: String,
    /// Amounts, durations and settings that coverage is limited to.
    #[serde(default)]
    pub limits: Vec<String>,
    /// What the record must show.
    #[serde(default)]
    pub documentation: Vec<String>,
    /// What is nationally or locally not covered.
    #[serde(default)]
    pub not_covered: Vec<String>,
    /// How doubtful text was read.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The tree.
    pub tree: Node,
    /// For whom, where, at what age.
    pub applies_to: AppliesTo,
    /// Codes.
    #[serde(default)]
    pub codes: ServiceCodes,
    /// Sources.
    pub authority: Vec<Authority>,
    /// Questions.
    pub facts: Vec<FactDef>,
}

impl Definition {
    /// Whether this version is in force on a day.
    pub fn in_force(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.through.is_none_or(|through| day <= through)
    }
}

fn is_false(flag: &bool) -> bool {
    !*flag
}
