//! Reviews of a stay and the ladder above them, as values: what was looked at, by what criteria, with what result.

use serde::{Deserialize, Serialize};

use super::evidence::{LookedAt, Measured};
use crate::{
    codes,
    time::{Day, Moment},
};

codes! {
    /// Which review of the stay.
    ReviewKind {
        /// The first review.
        Initial = "initial",
        /// A day of a continuing stay.
        Continued = "continued",
        /// An observation stay.
        Observation = "observation",
        /// Whether discharge is ready.
        Discharge = "discharge",
        /// After discharge, before the bill.
        PostDischarge = "post_discharge",
    }
}

codes! {
    /// What a first-level review found. A finding is not a decision on status.
    ReviewResult {
        /// The criteria are met for the level of care.
        Met = "met",
        /// They are not: a physician advisor looks.
        NotMet = "not_met",
        /// Not met, and the hospital's written policy needs no physician for this reason.
        NotMetExempt = "not_met_exempt",
    }
}

/// The criteria a review used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CriteriaUse {
    /// A criteria pack of the library.
    Pack {
        /// Service id.
        service: String,
        /// Pack version.
        version: String,
        /// Digest of its text.
        digest: String,
    },
    /// A licensed product, entered by reference: Vigil holds none of its content.
    Licensed {
        /// The product's name.
        product: String,
        /// Its version.
        version: String,
        /// The subset or guideline used.
        subset: String,
        /// Its result as the product words it.
        result: String,
    },
    /// The two-midnight rule itself, for payers it binds.
    TwoMidnight,
    /// No criteria: the reviewer's judgement, in words.
    Judgement {
        /// Why none was used.
        why: String,
    },
}

/// One review, saved and locked. It is never edited; a later one stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Number inside the stay.
    pub id: u32,
    /// Which.
    pub kind: ReviewKind,
    /// The day reviewed, in the facility's zone.
    pub day: Day,
    /// Criteria used.
    pub criteria: CriteriaUse,
    /// Result.
    pub result: ReviewResult,
    /// The level of care the patient has.
    pub level: String,
    /// The level recommended, when not met.
    pub recommended: Option<String>,
    /// Reason code from the library's list, when not met.
    pub reason: Option<String>,
    /// The reviewer's words.
    pub comments: String,
    /// When to look again; none with `no_further`.
    pub next_review_on: Option<Day>,
    /// No further review is needed, and why.
    pub no_further: Option<String>,
    /// Documents of the record that the reviewer looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked_at: Vec<LookedAt>,
    /// What the record showed of the last 24 hours: the last measurement of each kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<Measured>,
}

codes! {
    /// A rung of the ladder.
    Rung {
        /// The physician advisor on duty.
        Advisor = "advisor",
        /// No advisor on duty: the chief medical officer.
        ChiefMedicalOfficer = "chief_medical_officer",
        /// The attending hears the advice and answers.
        Attending = "attending",
        /// A member of the hospital's UR committee.
        Committee = "committee",
        /// A second physician of the UR committee.
        SecondMember = "second_member",
    }
}

codes! {
    /// What a physician advised. Advice moves no order.
    Advice {
        /// Inpatient care is indicated.
        Inpatient = "inpatient",
        /// Outpatient care with observation is indicated.
        Observation = "observation",
        /// Outpatient care without observation.
        Outpatient = "outpatient",
        /// A lower level of care or discharge is indicated.
        LowerLevel = "lower_level",
        /// More must be known.
        MoreInformation = "more_information",
    }
}

codes! {
    /// What the attending answered.
    AttendingView {
        /// Concurs, and the concurrence is documented in the record.
        Concurs = "concurs",
        /// Disagrees.
        Disagrees = "disagrees",
        /// Was asked and presents no views.
        NoViews = "no_views",
    }
}

/// A physician's seat on the UR committee of one hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The hospital (facility id).
    pub facility: String,
    /// First day of the appointment.
    pub from: Day,
    /// Last day; open when absent.
    #[serde(default)]
    pub through: Option<Day>,
    /// A doctor of medicine or osteopathy.
    pub physician: bool,
    /// Has a direct financial interest in the hospital.
    #[serde(default)]
    pub financial_interest: bool,
}

impl Seat {
    /// Whether the appointment is in force at a hospital on a day.
    pub fn holds(&self, facility: &str, day: Day) -> bool {
        self.facility == facility && self.from <= day && self.through.is_none_or(|through| day <= through)
    }
}

/// One escalation: from a review not met, or a disagreement, up to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// Number inside the stay.
    pub id: u32,
    /// The review it came from.
    pub review: Option<u32>,
    /// Why.
    pub why: String,
    /// Since when.
    pub since: Moment,
    /// Where it stands: rung, account and name of whom it waits for.
    pub at: (Rung, String, String),
    /// Everybody it was given to: when, rung, account, name, why this person.
    pub steps: Vec<(Moment, Rung, String, String, String)>,
    /// Advice given: when, account, name, advice, reasons.
    pub advice: Vec<(Moment, String, String, Advice, String)>,
    /// The attending's answer: when it was given, what, name.
    pub attending: Option<(Moment, AttendingView, String)>,
    /// Committee determinations: when, account, name, whether inpatient care is necessary.
    pub committee: Vec<(Moment, String, String, bool)>,
    /// How it ended.
    pub closed: Option<(Moment, String)>,
}

impl Escalation {
    /// Whether it still waits for somebody.
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }
}
