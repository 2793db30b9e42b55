//! Evidence: what is known clinically, who said so, and when.
//!
//! `wire` reads a message into [`ClinicalItem`]s (nothing judged); [`crate::criteria`] turns them into [`Fact`]s by the
//! definitions of a criteria pack (code, unit, window). A fact always keeps its source.

use serde::{Deserialize, Serialize};

use crate::{
    code::Code,
    codes,
    library::Digest,
    time::{Day, Moment},
};

codes! {
    /// What kind of clinical statement an item is; the words are FHIR's resource names in lower case.
    ItemKind {
        Observation = "observation",
        Condition = "condition",
        Procedure = "procedure",
        Medication = "medication",
        Device = "device",
        Encounter = "encounter",
        Report = "report",
        Order = "order",
        /// One answered question of a questionnaire.
        Answer = "answer",
    }
}

/// A value as stated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A number; the unit stands beside it.
    Number(f64),
    /// A word or a code.
    Text(String),
    /// A calendar day.
    Day(Day),
}

/// When a clinical statement holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// An instant.
    Moment(Moment),
    /// A day without a time.
    Day(Day),
}

codes! {
    /// Which side of the number beside it a measured value lies on; the words are FHIR's comparators.
    Bound { Below = "<", AtMost = "<=", AtLeast = ">=", Above = ">" }
}

codes! {
    /// What keeps a statement from proving anything, whatever it says. It is kept and shown.
    Doubt {
        /// It speaks of somebody other than the patient of the request.
        OtherPerson = "other-person",
        /// It does not say of whom it speaks.
        NoPerson = "no-person",
        /// Not a finished statement: preliminary, in progress, not confirmed.
        NotFinal = "not-final",
    }
}

/// One clinical statement read from a message, before any criterion looks at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClinicalItem {
    /// What it is.
    pub kind: ItemKind,
    /// Codes of the thing stated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
    /// Questionnaire link id, for answers; equals a fact id (DECISIONS 8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_id: Option<String>,
    /// The questionnaire's canonical URL or the service id it speaks of, for answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questionnaire: Option<String>,
    /// The value, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// UCUM unit of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The value is not the number itself but lies on this side of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// When it was so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Why it proves nothing, when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// Where in the message it stands (`Observation/pao2`), for the reader.
    pub place: String,
}

/// A document that came with a request; the bytes are kept by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// SHA-256 of the bytes; absent when only a reference or a promise came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The sender's title.
    pub title: String,
    /// MIME type.
    pub media_type: String,
    /// Size in bytes.
    pub size: u64,
    /// The day of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
    /// Where in the message it stands.
    pub place: String,
}

/// Who says a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A resource of the message, by its place.
    Resource(String),
    /// An answer of a questionnaire response, by its place.
    Questionnaire(String),
    /// A reviewer, by account name, who read it in the named document or heard it.
    Reviewer {
        /// Account name.
        person: String,
        /// Document, page or call in which it was found.
        found_in: String,
    },
    /// The roster (age, sex, coverage).
    Roster,
}

/// A fact a criterion may look at, keyed by (service, fact id).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The service of the criteria pack.
    pub service: String,
    /// The fact id inside it.
    pub id: String,
    /// Its value, in the pack's unit.
    pub value: Value,
    /// The day it speaks of, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
    /// Who says so.
    pub source: Source,
}
