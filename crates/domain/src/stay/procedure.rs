//! Guided procedures as the log keeps them: each condition that was checked, and what follows.

use serde::{Deserialize, Serialize};

use crate::{codes, time::Moment};

codes! {
    /// A guided procedure.
    ProcedureKind {
        /// Inpatient to outpatient before discharge.
        ConditionCode44 = "cc44",
        /// Part B inpatient rebilling after a self-denial.
        RebillW2 = "w2",
        /// Post-discharge review: Part A stands.
        BillPartA = "part_a",
        /// Post-discharge review: no bill.
        NoBill = "no_bill",
        /// Post-discharge review of a stay that another payer than Original Medicare pays: its contract decides.
        ByContract = "by_contract",
    }
}

/// One condition as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Stable id.
    pub id: String,
    /// The question.
    pub question: String,
    /// `met`, `not_met`, `unknown`.
    pub met: String,
    /// Why, with the facts.
    pub why: String,
    /// Citation.
    pub cite: String,
    /// How well the source was read.
    pub confidence: String,
}

/// A procedure whose conditions all held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Every condition, in order.
    pub conditions: Vec<Condition>,
    /// Letters and notices that follow.
    pub letters: Vec<String>,
    /// Flags for billing.
    pub flags: Vec<String>,
    /// The observation order that the change of status came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation_order_at: Option<Moment>,
}
