//! Delays, barriers, physician queries and the expected length of stay, as values.

use serde::{Deserialize, Serialize};

use crate::{
    codes,
    time::{Day, Moment},
};

/// One stretch of delay, coded. It stands apart from criteria met or not met: a day may be both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AvoidableDays {
    /// Number inside the stay.
    pub id: u32,
    /// Code of the taxonomy.
    pub code: String,
    /// Its group, as the library names it.
    pub group: String,
    /// In words.
    pub says: String,
    /// Whether the taxonomy counts it as avoidable.
    pub counts: bool,
    /// First day.
    pub from: Day,
    /// Last day, included.
    pub through: Day,
    /// Hours of it, where less than whole days.
    #[serde(default)]
    pub hours: Option<u32>,
    /// Unit where the patient was.
    pub unit: String,
    /// Department that owns the reason.
    pub department: String,
    /// More words.
    #[serde(default)]
    pub note: String,
}

impl AvoidableDays {
    /// Whole or part days.
    pub fn days(&self) -> f64 {
        match self.hours {
            Some(hours) => f64::from(hours) / 24.0,
            None => f64::from(crate::calendar::number_of(self.through) - crate::calendar::number_of(self.from)) + 1.0,
        }
    }
}

/// Something that stands between the patient and discharge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barrier {
    /// Number inside the stay.
    pub id: u32,
    /// What, in the taxonomy's code.
    pub code: String,
    /// In words.
    pub note: String,
    /// Found, by whom.
    pub found: (Moment, String),
    /// Cleared, by whom.
    pub cleared: Option<(Moment, String)>,
}

codes! {
    /// What a physician is asked about.
    QueryKind {
        /// The expectation of two midnights is not documented.
        ExpectedMidnights = "expected_midnights",
        /// A diagnosis that treatment points to is missing.
        MissingDiagnosis = "missing_diagnosis",
        /// Orders contradict each other.
        ConflictingOrders = "conflicting_orders",
        /// An order is unsigned or was signed late.
        OrderSignature = "order_signature",
        /// Anything else clinical documentation integrity asks.
        Clarification = "clarification",
    }
}

codes! {
    /// What came of a query.
    QueryOutcome {
        Documented = "documented",
        Disagreed = "disagreed",
        NoAnswer = "no_answer",
        Withdrawn = "withdrawn",
    }
}

/// A physician query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Number inside the stay.
    pub id: u32,
    /// About what.
    pub kind: QueryKind,
    /// To whom.
    pub to: String,
    /// The question, which leads to no answer.
    pub question: String,
    /// What in the record made it.
    pub because: String,
    /// Asked: when, by whom (`vigil` when the system found it).
    pub asked: (Moment, String),
    /// Answered: when, outcome, words.
    pub answered: Option<(Moment, QueryOutcome, String)>,
}

/// The grouping of a stay and its expected length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grouping {
    /// MS-DRG.
    pub ms_drg: String,
    /// A working grouping, before final coding.
    pub working: bool,
    /// Geometric mean length of stay in days, from the imported table.
    pub gmlos: Option<f64>,
    /// The table: file and fiscal year.
    pub table: Option<String>,
}

/// The expected length of stay of one MS-DRG over a time (IPPS Table 5), as a site loads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpectedStay {
    /// MS-DRG, three digits.
    pub ms_drg: String,
    /// First day of discharge it applies to.
    pub from: Day,
    /// Last day.
    pub through: Day,
    /// Geometric mean length of stay, in days.
    pub gmlos: f64,
    /// The file it was read from.
    pub table: String,
}
