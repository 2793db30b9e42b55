//! The ladder of second-level review: who is asked next, and by when.

use serde::{Deserialize, Serialize};

use super::committee::AttendingView;
use crate::{codes, time::Moment};

codes! {
    /// Who is asked.
    Role {
        Nurse = "nurse",
        PhysicianAdvisor = "physician-advisor",
        ChiefMedicalOfficer = "chief-medical-officer",
        Attending = "attending",
        /// A second physician appointed to the UR committee of this hospital.
        SecondPhysician = "second-committee-physician",
        /// Nobody: the ladder is at its end.
        Nobody = "nobody",
    }
}

/// Where a review stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalationFacts {
    /// When first-level review was not met, or nurse and attending disagreed.
    pub raised_at: Moment,
    /// A physician advisor is on duty.
    pub advisor_on_duty: bool,
    /// The chief medical officer can be reached.
    #[serde(default)]
    pub officer_on_duty: bool,
    /// The chief medical officer is appointed to the UR committee today.
    #[serde(default)]
    pub officer_appointed: bool,
    /// When the advisor, or the officer in the advisor's place, advised.
    #[serde(default)]
    pub advised_at: Option<Moment>,
    /// The advice: inpatient status is supported.
    #[serde(default)]
    pub advice_supports: Option<bool>,
    /// What the attending then said.
    #[serde(default)]
    pub attending: Option<AttendingView>,
    /// A second committee physician has determined.
    #[serde(default)]
    pub second_determined_at: Option<Moment>,
}

/// One rung: who, why, by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Who is asked now.
    pub role: Role,
    /// When that one was reached.
    pub since: Moment,
    /// By when policy wants an answer.
    pub due_at: Option<Moment>,
    /// Why.
    pub says: String,
    /// Timing or rule behind it.
    pub rule: String,
    /// Citation or basis.
    pub cite: String,
}
