//! The request: what a provider asks of the plan, in our own shape, whatever door it came through.

use serde::{Deserialize, Serialize};

use crate::{
    code::Code,
    codes,
    evidence::{ClinicalItem, Document},
    party::{Address, PersonName, Provider, Sex},
    time::{Day, Moment},
};

codes! {
    /// When the review happens, in the words of the law packs' scope.
    Review { Prospective = "prospective", Concurrent = "concurrent", Retrospective = "retrospective" }
}

codes! {
    /// How soon an answer is needed.
    Urgency { Standard = "standard", Expedited = "expedited" }
}

codes! {
    /// The door a request came through.
    Channel {
        Fhir = "fhir",
        X12 = "x12",
        Phone = "phone",
        Fax = "fax",
        Portal = "portal",
        Mail = "mail",
    }
}

codes! {
    /// Who asked that the request be expedited.
    ExpediteAsker { Physician = "physician", Member = "member", Representative = "representative", Staff = "staff" }
}

codes! {
    /// Whether a line is new, or changes something that was answered before (X12 1322, by meaning).
    Certification {
        Initial = "initial",
        Extension = "extension",
        Renewal = "renewal",
        Revised = "revised",
        Cancel = "cancel",
        Appeal = "appeal",
        Notification = "notification",
    }
}

codes! {
    /// What else is true of a request that the law of some places asks about: who takes it in marks it, no code says it.
    Circumstance {
        /// Care for mental health or substance use that a court has ordered, or may order.
        CourtOrdered = "court-ordered",
        /// Care after an emergency was stabilized, asked for from the hospital.
        PostStabilization = "post-stabilization",
        /// A condition that threatens life.
        LifeThreatening = "life-threatening",
        /// The requester asks to be freed from trying another drug first.
        StepTherapy = "step-therapy",
        /// Inpatient rehabilitation after a stay in hospital.
        RehabilitationAfterHospital = "rehabilitation-after-hospital",
        /// Care at home after a stay in hospital.
        HomeCareAfterHospital = "home-care-after-hospital",
        /// A move from the hospital to post-acute care.
        PostAcuteTransfer = "post-acute-transfer",
        /// It came on the state's uniform prior authorization form.
        UniformForm = "uniform-form",
    }
}

/// The facts of receipt: stamped at first contact, never changed by what is found later (DECISIONS 11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The door.
    pub channel: Channel,
    /// When it reached us; may precede entry.
    pub received_at: Moment,
    /// What proves that time: a message key, a fax banner, a call recording number.
    pub proof: String,
    /// When it was entered, for a request typed by staff.
    pub entered_at: Moment,
    /// Who typed it, or the sending system.
    pub entered_by: String,
    /// Who called or sent, with a call-back number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// By what right the requester asks (treating provider, member, appointed representative).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// Who asked to expedite, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expedite_asked_by: Option<ExpediteAsker>,
    /// The request came on a form of its own kind that was not the right one; the clock does not care.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_note: Option<String>,
}

/// What the requester says of a member's life and coverage that bears on whether anything may be approved.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// The member has died.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deceased: bool,
    /// The day of death, when given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub died_on: Option<Day>,
    /// The word for a coverage that is not active (`cancelled`, `draft`, `entered-in-error`); none for an active one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactive: Option<String>,
    /// First day of the coverage as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered_from: Option<Day>,
    /// Last day of the coverage as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered_through: Option<Day>,
}

impl Standing {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The member as the requester stated them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedMember {
    /// Member number on the card.
    pub member_id: String,
    /// Subscriber number, when another was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber_id: Option<String>,
    /// Name.
    pub name: PersonName,
    /// Birth day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_day: Option<Day>,
    /// Administrative sex.
    pub sex: Sex,
    /// Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Life and coverage as stated.
    #[serde(default, skip_serializing_if = "Standing::is_empty")]
    pub standing: Standing,
}

/// A diagnosis, in the order given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Sequence of the request.
    pub sequence: u32,
    /// The code.
    pub code: Code,
    /// `principal`, `admitting`, … as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// When it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_on: Option<Day>,
}

/// How much is asked or granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    /// The amount.
    pub amount: f64,
    /// `unit`, `day`, `visit`, `hour`, `month`: as stated.
    pub unit: String,
}

/// Units of things that are counted one by one, in the words and codes senders use: half of one cannot be asked for.
const COUNTED: &[&str] = &[
    "1", "ea", "each", "unit", "units", "un", "visit", "visits", "vs", "session", "sessions", "item", "items", "device",
];

impl Quantity {
    /// A fraction of something that is only counted whole, or nothing at all.
    pub fn is_odd(&self) -> bool {
        let unit = self.unit.trim_matches(['{', '}']).to_ascii_lowercase();
        self.amount <= 0.0 || self.amount.fract() != 0.0 && COUNTED.contains(&unit.as_str())
    }
}

/// One service line: what is asked, how much, when, where, by whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceLine {
    /// Sequence of the request; unique in it.
    pub sequence: u32,
    /// The service asked for.
    pub service: Code,
    /// Further codes that say the same or more (procedure, product, revenue, service type).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Code>,
    /// Modifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<String>,
    /// The requester's words for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// First day of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Last day of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Day>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Code>,
    /// Who will provide it, when not the requester.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// New, extension, cancel, …
    pub certification: Certification,
    /// A drug or biological under the medical benefit (Part B drug rules apply).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drug: bool,
    /// Diagnosis sequences it points to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnoses: Vec<u32>,
    /// An authorization number the requester refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_authorization: Option<String>,
    /// The sender marks the line as cancelled (Claim update).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
    /// The sender marks the line as changed or added (Claim update).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
}

impl ServiceLine {
    /// Every code of the line.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        std::iter::once(&self.service).chain(&self.also)
    }

    /// The words a page shows for the service.
    pub fn title(&self) -> String {
        match (&self.description, &self.service.label) {
            (Some(words), _) | (None, Some(words)) if *words != self.service.value => {
                format!("{words} {}", self.service.value)
            }
            _ => self.service.value.clone(),
        }
    }
}

/// An identifier with its owner, as senders give them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// Whose number it is.
    #[serde(default)]
    pub system: String,
    /// The number.
    pub value: String,
}

/// What a plan proposes to cut of a course that it approved: reduced, suspended or stopped from a day on. No provider asks for
/// it; the plan makes a case of it, so that it is judged, told in advance and signed like any other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposedCut {
    /// The case that approved the course.
    pub case: String,
    /// Its line.
    pub line: u32,
    /// Its authorization number, which goes on to count.
    pub authorization: String,
    /// What would stay; none when the service would stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeps: Option<Quantity>,
    /// The first day on which less would be given.
    pub effective_on: Day,
    /// Why, for the physician who decides.
    pub why: String,
    /// The exception of the law under which the member is told later than otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<CutException>,
}

/// An exception to the advance notice of a cut, as a proposal takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutException {
    /// Its word in the rule.
    pub key: String,
    /// How it is known that it holds: a document, a call, a returned letter.
    pub basis: String,
}

/// What is asked: one or more service lines for one member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The facts of receipt.
    pub receipt: Receipt,
    /// Before, during or after the service.
    pub review: Review,
    /// Standard or expedited.
    pub urgency: Urgency,
    /// The payer as stated (identifier), to find the contract.
    pub payer_id: String,
    /// The payer's name as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_name: Option<String>,
    /// The plan as stated on the coverage, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
    /// The member as stated.
    pub member: StatedMember,
    /// Who asks.
    pub requester: Provider,
    /// The person of the care team who would provide or order it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<Provider>,
    /// The facility.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<Provider>,
    /// Diagnoses in order.
    pub diagnoses: Vec<Diagnosis>,
    /// Service lines in order.
    pub lines: Vec<ServiceLine>,
    /// Clinical statements that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ClinicalItem>,
    /// Documents that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    /// The sender's identifiers of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Identifiers of an earlier request that this one updates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<Identifier>,
    /// The requester's free words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What else is true of it that some law asks about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub circumstances: Vec<Circumstance>,
    /// The plan's own proposal to cut what it approved, when the case is about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<ProposedCut>,
}
