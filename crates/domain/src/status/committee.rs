//! The UR committee of 42 CFR 482.30: who may act for it, and when one physician is enough.

use serde::{Deserialize, Serialize};

use crate::{
    codes,
    time::{Day, Moment},
};

/// A member of one hospital's UR committee, or somebody who would like to act as one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CommitteeMember {
    /// Account name.
    pub person: String,
    /// Name for letters.
    #[serde(default)]
    pub name: String,
    /// `MD`, `DO`, or another licence.
    #[serde(default)]
    pub licence: String,
    /// Title ("physician advisor", "chief medical officer"). A title alone appoints nobody.
    #[serde(default)]
    pub title: String,
    /// First day of the appointment to this hospital's committee; none: not appointed.
    #[serde(default)]
    pub appointed_from: Option<Day>,
    /// Last day of the appointment.
    #[serde(default)]
    pub appointed_through: Option<Day>,
    /// A direct financial interest in the hospital; none until stated.
    #[serde(default)]
    pub financial_interest: Option<bool>,
    /// Professionally involved in the care of this patient; none until stated.
    #[serde(default)]
    pub involved_in_care: Option<bool>,
}

impl CommitteeMember {
    /// Appointed on that day.
    pub fn appointed_on(&self, day: Day) -> bool {
        self.appointed_from.is_some_and(|from| from <= day)
            && self.appointed_through.is_none_or(|through| day <= through)
    }

    /// A doctor of medicine or osteopathy.
    pub fn is_physician(&self) -> bool {
        matches!(self.licence.as_str(), "MD" | "DO")
    }
}

codes! {
    /// What the practitioner responsible for the care says to the committee.
    View {
        Concurs = "concurs",
        Disagrees = "disagrees",
        /// Was asked and presents no view.
        Silent = "presents-no-view",
    }
}

/// The responsible practitioner's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttendingView {
    /// What was said.
    pub view: View,
    /// When.
    pub at: Moment,
    /// By whom.
    #[serde(default)]
    pub by: String,
    /// Whether it is written in the record.
    #[serde(default)]
    pub documented: Option<bool>,
}

/// A determination of the committee that the admission or stay is not medically necessary, or that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Determination {
    /// Inpatient care was not necessary.
    pub not_necessary: bool,
    /// When it was made.
    pub at: Moment,
    /// The member, or both.
    pub members: Vec<CommitteeMember>,
    /// When the responsible practitioner was consulted and could present a view.
    #[serde(default)]
    pub consulted_at: Option<Moment>,
}
