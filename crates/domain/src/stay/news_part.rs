//! The parts of a piece of news: patient, visit, class, place, people, payers, findings, orders, joins.

use serde::{Deserialize, Serialize};

use super::news_kind::{PatientStatus, Told};
use crate::{
    code::Code,
    codes,
    party::{Address, LineOfBusiness, PersonName, Sex},
    time::{Day, Moment},
};

/// An identifier with who gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Identifier {
    /// The number.
    pub value: String,
    /// The assigning authority (PID-3.4, a FHIR system); empty when unsaid.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub authority: String,
    /// Its type (`MR`, `AN`, `VN`, …); empty when unsaid.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
}

impl Identifier {
    /// `authority|value`: how keys and aliases name it.
    pub fn key(&self) -> String {
        format!("{}|{}", self.authority, self.value)
    }
}

/// The patient as the message tells.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PatientNews {
    /// Patient identifiers, the first is the sender's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Told<PersonName>>,
    /// Birth day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_day: Option<Told<Day>>,
    /// Administrative sex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Told<Sex>>,
    /// Home address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Told<Address>>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Told<String>>,
    /// Language, as coded by the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Told<String>>,
    /// When the patient died.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub died_at: Option<Told<Moment>>,
}

/// The visit as the message tells.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VisitNews {
    /// Visit number: the key of the encounter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Identifier>,
    /// Another number for the same visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternate: Option<Identifier>,
    /// Account number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Identifier>,
    /// The visit this one goes on from (FHIR `partOf`, a prior account on a class change).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<Identifier>,
    /// When the visit started, as the message tells (PV1-44). Feeds overwrite it; the first one told is kept as arrival.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Told<Moment>>,
    /// When hospital care began, after triage, where the feed says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub care_started_at: Option<Told<Moment>>,
    /// When admission is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Told<Moment>>,
    /// Elective, urgent, newborn, … as coded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission_type: Option<Told<String>>,
    /// Where the patient came from, as coded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admit_source: Option<Told<String>>,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Told<String>>,
    /// Hidden from lists at the patient's or the law's wish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidential: Option<bool>,
}

/// The class as the site codes it, and what the site map makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClassNews {
    /// Patient class (PV1-2, FHIR `class`).
    pub class: String,
    /// Patient type (PV1-18).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub patient_type: String,
    /// Hospital service (PV1-10).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// Accommodation (PV1-20), financial class in some sites.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub accommodation: String,
    /// What the site map in force at receipt made of it; none when no rule fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PatientStatus>,
}

/// A place: unit, room, bed. A fact apart from status: a bed on an inpatient unit makes nobody an inpatient.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Unit (point of care).
    pub unit: String,
    /// Room.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub room: String,
    /// Bed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bed: String,
    /// Building or campus, as the sender names it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub building: String,
}

impl Place {
    /// `5E 03 A`: as lists show it.
    pub fn listed(&self) -> String {
        let words = [&self.unit, &self.room, &self.bed];
        words.iter().filter(|w| !w.is_empty()).map(|w| w.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// A practitioner as named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Practitioner {
    /// The sender's number for the person.
    pub id: String,
    /// NPI, where the number is one or one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub npi: Option<String>,
    /// Name as listed.
    pub name: String,
}

/// One payer of the stay, in order of benefits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PayerNews {
    /// 1 primary, 2 secondary, …
    pub order: u8,
    /// Plan id as coded (IN1-2).
    pub plan_id: String,
    /// Payer id as coded (IN1-3).
    pub payer_id: String,
    /// Payer's or plan's name.
    pub name: String,
    /// Plan type as coded or worded (IN1-15, FHIR `Coverage.type`).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub plan_type: String,
    /// What the site map makes of it; none when no rule fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_of_business: Option<LineOfBusiness>,
    /// The member number (IN1-36, IN2-6 or 8).
    pub member_id: String,
    /// Group number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// First covered day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Last covered day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<Day>,
    /// Authorization numbers the registration system holds (IN1-14, IN3): told, not proven.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorizations: Vec<String>,
}

/// A diagnosis of the stay.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DiagnosisNews {
    /// The code.
    pub code: Code,
    /// Admitting, working, final, … as coded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Rank, 1 first; 0 when unsaid.
    #[serde(default)]
    pub rank: u8,
}

/// A procedure done or planned.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProcedureNews {
    /// The code.
    pub code: Code,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

codes! {
    /// What became of an order.
    OrderState {
        /// Stands.
        Placed = "placed",
        /// Written or said, not yet signed by one who may.
        Unsigned = "unsigned",
        /// Ended by whoever could; it counted until then.
        Discontinued = "discontinued",
        /// Called off: it never counted.
        Cancelled = "cancelled",
    }
}

/// A practitioner's order for a status: the thing itself, of which a class change is registration's echo.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StatusOrder {
    /// The order's number at the place that wrote it; the same number again is the same order.
    pub number: String,
    /// The code and words ordered.
    pub code: Code,
    /// What the site map makes of it; `Discharged` for a discharge order; none when no rule fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<PatientStatus>,
    /// Standing.
    pub state: OrderState,
    /// When it was written, said or signed: the moment from which it counts. Never before it was entered by law; kept as told.
    pub at: Moment,
    /// When it was discontinued or cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Moment>,
    /// Who ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Practitioner>,
}

/// The end of a stay as told.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DischargeNews {
    /// When (PV1-45); the message's effective time when it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// Disposition as coded (PV1-36).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub disposition: String,
    /// To where (PV1-37).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
}

/// Identities that a merge, move or renumbering joins: the old one is never used again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Joins {
    /// Patient: from the wrong to the right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patient: Option<(Identifier, Identifier)>,
    /// Account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<(Identifier, Identifier)>,
    /// Visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<(Identifier, Identifier)>,
}

codes! {
    /// What a movement message does to the movement it names (ZBE-4).
    MovementAction { Insert = "insert", Update = "update", Cancel = "cancel" }
}

/// A movement by its own number: the one clean way to correct history (IHE PAM's ZBE).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Movement {
    /// Its number at the sender.
    pub id: String,
    /// What is done to it.
    pub action: MovementAction,
}

/// Status over time, told all at once by a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassPeriod {
    /// The class.
    pub class: ClassNews,
    /// Since.
    pub from: Moment,
    /// Where, in that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A piece of the message that no reader knows, kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Kept {
    /// Its name (`ZPV`).
    pub name: String,
    /// Its text.
    pub text: String,
}
