//! Facts of the record that a person states: what the status rules ask and no feed can tell. The stored form is the stay's
//! own; `status_facts` puts it in the status room's words.

use serde::{Deserialize, Serialize};

use crate::{
    status::Duty,
    time::{Day, Moment},
};

/// One stated fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stated {
    /// The admitting practitioner's expectation, as written.
    Expectation {
        /// Midnights of hospital care expected after the time of writing.
        further_midnights: u32,
        /// When it was written.
        documented_at: Moment,
        /// By whom.
        by: String,
        /// What it rests on: history, comorbidities, severity, needs, risk.
        because: Vec<String>,
    },
    /// Whether the record shows a need that only a hospital can meet.
    HospitalNeed(bool),
    /// Factors for an inpatient stay of less than two expected midnights.
    Exception {
        /// The patient's own factors, as written.
        factors: Vec<String>,
        /// When they were written.
        documented_at: Moment,
        /// By whom.
        by: String,
        /// A minor procedure of less than 24 hours.
        minor_procedure: bool,
    },
    /// Care in a sending hospital.
    Transfer {
        /// When hospital care began there, after triage.
        care_began_at: Moment,
        /// Which hospital.
        from: String,
    },
    /// When hospital care began here, after triage.
    FirstCare(Moment),
    /// How the stay ended, in the status room's words, and improvement nobody could expect.
    Departure {
        /// `home`, `transfer`, `death`, `against-advice`, `hospice`, `post-acute`.
        how: String,
        /// The record shows it.
        rapid_improvement: bool,
    },
    /// What a licensed product said, by reference.
    Product {
        /// Its name.
        product: String,
        /// Version.
        version: String,
        /// Subset used.
        subset: String,
        /// It found inpatient care supported.
        met: bool,
        /// When.
        at: Moment,
    },
    /// A stretch that does not count as hospital care.
    Delay {
        /// When it began.
        from: Moment,
        /// When it ended; none while it lasts.
        until: Option<Moment>,
        /// Why.
        why: String,
    },
    /// The certification of a long stay was signed.
    Certified(Moment),
    /// When discharge is expected.
    ExpectedDischarge(Moment),
    /// A yes or no, by the id of the condition that asks.
    Answer {
        /// Its id (`ny.oasas-program`, a guideline's condition).
        id: String,
        /// Yes.
        yes: bool,
    },
    /// What the hospital's UR plan owes by a day: the day that was assigned, and when it was done. What one statement leaves
    /// out, an earlier one of the same duty and day still says.
    PlanDuty {
        /// Which.
        duty: Duty,
        /// The day that the plan or the committee assigned for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assigned_on: Option<Day>,
        /// When the hospital learned of an application for Medicaid after admission.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        learned_on: Option<Day>,
        /// When it was reviewed, or decided and told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        done_on: Option<Day>,
        /// Assigned in error: nothing is owed for this day.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        void: bool,
    },
}

impl Stated {
    /// What is replaced by a later statement of the same.
    pub fn key(&self) -> String {
        match self {
            Self::Expectation { .. } => "expectation".into(),
            Self::HospitalNeed(_) => "hospital_need".into(),
            Self::Exception { .. } => "exception".into(),
            Self::Transfer { .. } => "transfer".into(),
            Self::FirstCare(_) => "first_care".into(),
            Self::Departure { .. } => "departure".into(),
            Self::Product { .. } => "product".into(),
            Self::Delay { from, .. } => format!("delay {from}"),
            Self::Certified(_) => "certified".into(),
            Self::ExpectedDischarge(_) => "expected_discharge".into(),
            Self::Answer { id, .. } => format!("answer {id}"),
            Self::PlanDuty { duty, assigned_on, .. } => match assigned_on {
                Some(day) => format!("plan_duty {duty} {day}"),
                None => format!("plan_duty {duty}"),
            },
        }
    }
}

/// A stated fact with its place in the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Documented {
    /// The fact.
    pub fact: Stated,
    /// Where the record has it.
    pub found_in: String,
}
