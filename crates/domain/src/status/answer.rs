//! The answer: what the facts support, on what basis, how sure, and what would change it.

use serde::{Deserialize, Serialize};

use super::{alert::Alert, guideline::GuidelineAnswer, list::ListAnswer, span::Because};
use crate::{codes, law::Confidence, time::Moment};

codes! {
    /// The status the rules support on these facts.
    Supported {
        Inpatient = "inpatient",
        /// Outpatient, with observation services under an order.
        Observation = "observation",
        Outpatient = "outpatient",
        /// The order is late or defective: the UR committee reviews it; nothing is denied by that.
        Hold = "hold-for-review",
        /// Other rules than these decide (inpatient rehabilitation).
        OtherRules = "other-rules",
        /// The contract or state rule decides, and none is on file.
        AskThePayer = "ask-the-payer",
    }
}

codes! {
    /// What orders and registration make of the patient today, whatever the rules support.
    Standing {
        Inpatient = "inpatient",
        Observation = "observation",
        Outpatient = "outpatient",
    }
}

codes! {
    /// Why.
    Basis {
        /// Two midnights expected, or spent, with hospital-level need in the record.
        Benchmark = "benchmark",
        /// Fewer expected, and the record supports it case by case.
        Exception = "case-by-case-exception",
        /// The expectation was reasonable and something unforeseen cut the stay short.
        Unforeseen = "unforeseen-circumstance",
        /// A procedure on the inpatient-only list on its date of service.
        InpatientOnly = "inpatient-only-list",
        /// A payer's own admission guideline.
        Guideline = "payer-guideline",
        /// A licensed product, where contract or state rule leave it to one.
        Product = "licensed-criteria",
        /// There is no order to admit.
        NoOrder = "no-order",
        /// The status was changed to outpatient; the order makes no inpatient any more.
        Changed = "changed-to-outpatient",
        /// The order is signed late or has a defect.
        DefectiveOrder = "defective-order",
        /// The record answers, and the answer supports no inpatient status.
        NotSupported = "not-supported",
        /// The record does not say enough.
        NotShown = "not-shown",
        /// Inpatient rehabilitation has rules of its own.
        Rehabilitation = "rehabilitation-rules",
        /// Contract or state rule, and none on file.
        Contract = "contract",
    }
}

impl Basis {
    /// Whether it makes inpatient status stand, so that condition code 44 is refused.
    pub fn holds(&self) -> bool {
        matches!(
            self,
            Self::Benchmark
                | Self::Exception
                | Self::Unforeseen
                | Self::InpatientOnly
                | Self::Guideline
                | Self::Product
        )
    }
}

codes! {
    /// Where a finished inpatient stay stands before billing.
    ReviewTier {
        /// Two midnights after the order: presumed appropriate (Original Medicare only).
        Presumption = "presumption",
        /// Two midnights in all: report the outpatient midnights.
        BenchmarkMet = "benchmark-met",
        /// Cut short by something unforeseen: document it.
        Rescued = "unforeseen-circumstance",
        /// Inpatient-only list, or removed from it and still exempt.
        Exempt = "exempt",
        /// Case-by-case exception on record.
        Exception = "exception",
        /// A second-level review before the bill goes out.
        SecondLevel = "second-level-review",
        /// The contract decides.
        ByContract = "by-contract",
    }
}

/// How well the facts carry the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FactsConfidence {
    /// Something needed is missing or contradicts.
    Low,
    /// Enough to act on, something is still to be written.
    Medium,
    /// Everything the basis needs is in the record.
    High,
}

/// A midnight that was crossed and does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotCounted {
    /// The stretch and why.
    #[serde(flatten)]
    pub because: Because,
    /// How many midnights it takes away.
    pub midnights: u32,
}

/// The midnights of the stay.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counted {
    /// When the benchmark's clock began.
    pub from: Option<Moment>,
    /// Midnights of hospital care so far, outpatient and inpatient, sending hospital included.
    pub so_far: u32,
    /// Of these, before the inpatient order.
    pub outpatient: u32,
    /// Midnights after the inpatient order.
    pub after_order: u32,
    /// Midnights expected in all; at least those already spent.
    pub expected: u32,
    /// What was crossed and not counted.
    #[serde(default)]
    pub not_counted: Vec<NotCounted>,
}

/// One fact and what it was used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// The fact, in plain words with its value.
    pub fact: String,
    /// The rule that asked for it.
    pub rule: String,
}

/// Something that would change the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What would have to be so.
    pub when: String,
    /// What the answer would be.
    pub then: Supported,
    /// On what basis.
    pub basis: Basis,
    /// The rule behind it.
    pub rule: String,
}

/// Something to write into the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentNeed {
    /// What, in plain words.
    pub what: String,
    /// The rule that asks.
    pub rule: String,
    /// Its citation.
    pub cite: String,
}

/// What the engine says of one stay at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusAnswer {
    /// What the rules support.
    pub status: Supported,
    /// Why.
    pub basis: Basis,
    /// What orders make of the patient today.
    pub standing: Standing,
    /// The basis that would hold if an order to admit were written now; none when no basis would.
    pub would_hold: Option<Basis>,
    /// Where a finished stay stands before billing.
    pub tier: Option<ReviewTier>,
    /// A physician advisor should look (exceptions, late orders, no basis).
    pub to_physician_advisor: bool,
    /// The weakest of the rules it rests on.
    pub law: Confidence,
    /// How well the facts carry it.
    pub facts: FactsConfidence,
    /// The midnights.
    pub midnights: Counted,
    /// Rule ids it rests on, the deciding one first.
    pub rules: Vec<String>,
    /// The plain sentence.
    pub says: String,
    /// The deciding citation.
    pub cite: String,
    /// Facts used.
    pub used: Vec<Used>,
    /// What would change it.
    pub would_change: Vec<Change>,
    /// What to document.
    pub document: Vec<DocumentNeed>,
    /// When to look again; none when the stay is over.
    pub look_again_at: Option<Moment>,
    /// Trigger points, those to come included.
    pub alerts: Vec<Alert>,
    /// What the inpatient-only list said.
    #[serde(default)]
    pub list: Vec<ListAnswer>,
    /// What the payer's guideline said.
    #[serde(default)]
    pub guideline: Option<GuidelineAnswer>,
    /// The rule that says who reviews short stays today (Original Medicare).
    #[serde(default)]
    pub reviewed_by: Option<String>,
}
