//! What the engine must know of a stay. Plain values with names; the stay's record fills them, the command line can too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::span::{Because, Span};
use crate::{
    code::Code,
    codes,
    party::LineOfBusiness,
    time::{Day, Moment, Zone},
};

codes! {
    /// What kind of hospital it is, where that changes the rules.
    FacilityKind {
        /// A short-term acute care hospital.
        Acute = "acute",
        CriticalAccess = "critical-access",
        LongTermCare = "ltch",
        Psychiatric = "psychiatric",
        /// Inpatient rehabilitation, a unit included: two-midnight reviews do not apply.
        Rehabilitation = "irf",
    }
}

codes! {
    /// How a stay ended, where that matters to its status.
    Departure {
        Home = "home",
        PostAcute = "post-acute",
        Death = "death",
        Transfer = "transfer",
        AgainstAdvice = "against-advice",
        Hospice = "hospice",
    }
}

/// Who pays first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayerFacts {
    /// The line of business: it chooses the rules.
    pub line_of_business: LineOfBusiness,
    /// The payer, in the contract's words; chooses payer-specific guidelines.
    #[serde(default)]
    pub payer_id: Option<String>,
    /// The plan inside the payer.
    #[serde(default)]
    pub plan_id: Option<String>,
    /// Whether the patient has Part B; unknown until somebody looked.
    #[serde(default)]
    pub part_b: Option<bool>,
    /// The lines of business of the coverages behind the first, in order. Who pays first chooses the rules of status; a
    /// Medicare beneficiary's notices are owed whoever pays first.
    #[serde(default)]
    pub behind: Vec<LineOfBusiness>,
}

impl PayerFacts {
    /// A payer known by its line of business only.
    pub fn of(line_of_business: LineOfBusiness) -> Self {
        Self { line_of_business, payer_id: None, plan_id: None, part_b: None, behind: Vec::new() }
    }

    /// Original Medicare: the presumption, condition code W2 and the change-of-status notice exist here alone.
    pub fn is_original_medicare(&self) -> bool {
        self.line_of_business == LineOfBusiness::OriginalMedicare
    }

    /// Medicare Advantage, integrated dual plans included.
    pub fn is_medicare_advantage(&self) -> bool {
        matches!(self.line_of_business, LineOfBusiness::MedicareAdvantage | LineOfBusiness::DsnpIntegrated)
    }

    /// Either of the two.
    pub fn is_medicare(&self) -> bool {
        self.is_original_medicare() || self.is_medicare_advantage()
    }

    /// The coverage that makes the patient a Medicare beneficiary: the first one, or one that stands behind it.
    pub fn as_beneficiary(&self) -> Option<Self> {
        if self.is_medicare() {
            return Some(self.clone());
        }
        let mut behind = self.behind.iter().map(|line| Self { part_b: self.part_b, ..Self::of(line.clone()) });
        behind.find(Self::is_medicare)
    }

    /// Medicaid, managed or not.
    pub fn is_medicaid(&self) -> bool {
        matches!(self.line_of_business, LineOfBusiness::MedicaidFfs | LineOfBusiness::MedicaidManagedCare)
    }
}

/// An order to admit as inpatient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InpatientOrder {
    /// The time the order says it takes effect.
    pub at: Moment,
    /// When it was written or spoken and entered. An order never takes effect before this.
    #[serde(default)]
    pub entered_at: Option<Moment>,
    /// When it was signed.
    #[serde(default)]
    pub signed_at: Option<Moment>,
    /// Who ordered.
    #[serde(default)]
    pub by: String,
    /// Whether that person has admitting privileges here.
    #[serde(default)]
    pub privileges: Option<bool>,
    /// Whether that person knows the case.
    #[serde(default)]
    pub knows_case: Option<bool>,
    /// Anything else wrong with it, in plain words.
    #[serde(default)]
    pub defect: Option<String>,
}

impl InpatientOrder {
    /// A plain order, signed when written.
    pub fn signed(at: Moment, by: impl Into<String>) -> Self {
        Self {
            at,
            entered_at: Some(at),
            signed_at: Some(at),
            by: by.into(),
            privileges: Some(true),
            knows_case: Some(true),
            defect: None,
        }
    }

    /// From when it makes the patient an inpatient: never before it was written.
    pub fn effective_at(&self) -> Moment {
        self.entered_at.map_or(self.at, |entered| entered.max(self.at))
    }
}

/// Observation under an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservationOrder {
    /// When observation was ordered. No order, no hours.
    pub ordered_at: Moment,
    /// When observation care began, as documented; the order when not said.
    #[serde(default)]
    pub began_at: Option<Moment>,
    /// When it ended: all medically necessary care done, or another status began.
    #[serde(default)]
    pub ended_at: Option<Moment>,
}

impl ObservationOrder {
    /// When observation services began: the documented start of care, never before the order.
    pub fn begins(&self) -> Moment {
        self.began_at.map_or(self.ordered_at, |began| began.max(self.ordered_at))
    }

    /// The stretch the order backs.
    pub fn span(&self) -> Span {
        Span { from: self.begins(), to: self.ended_at }
    }
}

/// Care in another hospital before this one; it counts toward the benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferIn {
    /// When hospital care began there, after triage.
    pub care_began_at: Moment,
    /// Which hospital.
    #[serde(default)]
    pub from: String,
}

/// The admitting practitioner's expectation, as written in the medical record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Midnights of hospital care expected after the time of writing.
    pub further_midnights: u32,
    /// When it was written.
    pub documented_at: Moment,
    /// By whom.
    #[serde(default)]
    pub by: String,
    /// What it rests on, as written: history, comorbidities, severity, current needs, risk of an adverse event.
    #[serde(default)]
    pub because: Vec<String>,
}

/// Factors that support an inpatient stay of less than two expected midnights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The patient's own factors, as written in the record. Without one there is no exception.
    pub factors: Vec<String>,
    /// When they were written.
    pub documented_at: Moment,
    /// By whom.
    #[serde(default)]
    pub by: String,
    /// A minor procedure that keeps the patient less than 24 hours: an exception is unlikely.
    #[serde(default)]
    pub minor_procedure: bool,
}

/// A procedure done or planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcedureFact {
    /// What.
    pub code: Code,
    /// Date of service, done or planned: it chooses the version of the inpatient-only list.
    pub on: Day,
}

/// The end of the stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discharge {
    /// When the patient left.
    pub at: Moment,
    /// How.
    #[serde(default = "home")]
    pub how: Departure,
    /// The record shows improvement that nobody could expect at admission.
    #[serde(default)]
    pub rapid_improvement: bool,
}

fn home() -> Departure {
    Departure::Home
}

/// What a licensed criteria product said, entered by reference. Vigil ships none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductResult {
    /// Name of the product.
    pub product: String,
    /// Version.
    #[serde(default)]
    pub version: String,
    /// Subset used.
    #[serde(default)]
    pub subset: String,
    /// Whether it found inpatient care supported.
    pub met: bool,
    /// When the review was done.
    pub at: Moment,
}

/// Everything the engine reads. What is not known stays empty: the answer then says what to document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusFacts {
    /// The facility's zone: midnights are local.
    pub zone: Zone,
    /// `US-NY`: the facility's jurisdiction.
    #[serde(default)]
    pub jurisdiction: String,
    /// Kind of hospital or unit.
    #[serde(default = "acute")]
    pub facility: FacilityKind,
    /// Who pays first.
    pub payer: PayerFacts,
    /// When the patient came through the door (registration, triage); starts no clock of the benchmark.
    #[serde(default)]
    pub arrived_at: Option<Moment>,
    /// When hospital care began here, after triage.
    #[serde(default)]
    pub first_care_at: Option<Moment>,
    /// The patient came from another hospital.
    #[serde(default)]
    pub transfer: Option<TransferIn>,
    /// The order to admit, if there is one. Of several, the first that was not cancelled.
    #[serde(default)]
    pub order: Option<InpatientOrder>,
    /// When the status was changed from inpatient to outpatient (condition code 44): from then on the order makes no
    /// inpatient, and the whole episode is outpatient.
    #[serde(default)]
    pub changed_at: Option<Moment>,
    /// Observation, ordered; in order of time.
    #[serde(default)]
    pub observation: Vec<ObservationOrder>,
    /// Leaves of absence.
    #[serde(default)]
    pub leave: Vec<Span>,
    /// Time kept for convenience, custodial reasons or delay: it does not count as hospital care.
    #[serde(default)]
    pub delays: Vec<Because>,
    /// The written expectation.
    #[serde(default)]
    pub expectation: Option<Expectation>,
    /// Whether the record shows a need that only a hospital can meet.
    #[serde(default)]
    pub hospital_need: Option<bool>,
    /// Case-by-case factors, if written.
    #[serde(default)]
    pub exception: Option<Exception>,
    /// Procedures done and planned.
    #[serde(default)]
    pub procedures: Vec<ProcedureFact>,
    /// The end of the stay.
    #[serde(default)]
    pub discharge: Option<Discharge>,
    /// When the patient is expected to leave; an order to discharge gives it.
    #[serde(default)]
    pub expected_discharge_at: Option<Moment>,
    /// What a licensed product said.
    #[serde(default)]
    pub product: Option<ProductResult>,
    /// Answers to the questions of a payer's guideline, by condition id.
    #[serde(default)]
    pub answers: BTreeMap<String, bool>,
    /// The Medicare Outpatient Observation Notice was delivered.
    #[serde(default)]
    pub outpatient_notice_at: Option<Moment>,
    /// The certification of a long stay was signed.
    #[serde(default)]
    pub certified_at: Option<Moment>,
}

fn acute() -> FacilityKind {
    FacilityKind::Acute
}

impl StatusFacts {
    /// Facts of a stay of which nothing is known but who pays and where it is.
    pub fn new(zone: Zone, payer: PayerFacts) -> Self {
        Self {
            zone,
            jurisdiction: String::new(),
            facility: FacilityKind::Acute,
            payer,
            arrived_at: None,
            first_care_at: None,
            transfer: None,
            order: None,
            changed_at: None,
            observation: Vec::new(),
            leave: Vec::new(),
            delays: Vec::new(),
            expectation: None,
            hospital_need: None,
            exception: None,
            procedures: Vec::new(),
            discharge: None,
            expected_discharge_at: None,
            product: None,
            answers: BTreeMap::new(),
            outpatient_notice_at: None,
            certified_at: None,
        }
    }

    /// When the benchmark's clock begins: the sending hospital's care, else the first care here.
    pub fn care_began_at(&self) -> Option<Moment> {
        match (&self.transfer, self.first_care_at) {
            (Some(transfer), Some(here)) => Some(transfer.care_began_at.min(here)),
            (Some(transfer), None) => Some(transfer.care_began_at),
            (None, here) => here,
        }
    }

    /// When the patient's time in this hospital began, the emergency department and observation included.
    pub fn care_began_here(&self) -> Option<Moment> {
        let observation = self.observation.iter().map(ObservationOrder::begins).min();
        self.first_care_at.or(self.arrived_at).or(observation)
    }

    /// The moment up to which time is counted: discharge, or `now`.
    pub fn counted_to(&self, now: Moment) -> Moment {
        self.discharge.as_ref().map_or(now, |d| d.at.min(now))
    }

    /// The order that stands: written before the patient left, not in the future, and not undone by a change of status.
    pub fn standing_order(&self, now: Moment) -> Option<&InpatientOrder> {
        let end = self.counted_to(now);
        let changed = self.changed_at.is_some_and(|changed| changed <= end);
        self.order.as_ref().filter(|order| order.effective_at() <= end && !changed)
    }

    /// Whether the patient has left.
    pub fn has_left(&self, now: Moment) -> bool {
        self.discharge.as_ref().is_some_and(|d| d.at <= now)
    }

    /// When the patient left, or is about to: a planned discharge that has passed says nothing.
    pub fn leaves_at(&self, now: Moment) -> Option<Moment> {
        let left = self.discharge.as_ref().map(|d| d.at);
        left.or(self.expected_discharge_at.filter(|at| *at > now))
    }

    /// The observation that runs now.
    pub fn running_observation(&self, now: Moment) -> Option<&ObservationOrder> {
        self.observation.iter().find(|o| o.begins() <= now && o.ended_at.is_none_or(|ended| ended > now))
    }
}
