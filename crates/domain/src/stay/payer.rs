//! What payers are told and what they said, as facts with their source. A stay never reads a plan's case.

use serde::{Deserialize, Serialize};

use crate::{
    codes,
    party::LineOfBusiness,
    time::{Day, Moment},
};

codes! {
    /// How a payer was reached or reached us.
    Channel {
        Portal = "portal",
        Telephone = "telephone",
        Fax = "fax",
        Interface = "interface",
        Letter = "letter",
        InPerson = "in_person",
    }
}

/// What a payer's contract with the hospital says about telling it of an admission. Loaded, never invented: without terms
/// there is no notification clock, and the payer board says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayerTerms {
    /// The payer.
    pub payer_id: String,
    /// The plan inside the payer; all of its plans when absent.
    #[serde(default)]
    pub plan_id: Option<String>,
    /// The name people know.
    pub name: String,
    /// Line of business.
    pub line_of_business: LineOfBusiness,
    /// Hours to notify an admission.
    #[serde(default)]
    pub notify_hours: Option<u32>,
    /// An admission on a weekend or holiday is notified by this local hour of the next business day.
    #[serde(default)]
    pub weekend_by_hour: Option<u8>,
    /// Observation is notified too.
    #[serde(default)]
    pub observation_too: bool,
    /// So many hours late costs the days before the notice; more puts the whole stay at risk.
    #[serde(default)]
    pub late_hours_whole_stay: Option<u32>,
    /// Hours to send clinicals after the payer is told or asks.
    #[serde(default)]
    pub clinicals_hours: Option<u32>,
    /// Hours after a denial in which a peer-to-peer talk may be asked for.
    #[serde(default)]
    pub peer_to_peer_hours: Option<u32>,
    /// Whether the admission needs an authorization.
    #[serde(default)]
    pub needs_authorization: bool,
    /// The facility is in the plan's network.
    #[serde(default = "yes")]
    pub in_network: bool,
    /// Where the terms stand: contract, section.
    pub cite: String,
    /// How well it was read, in the packs' words.
    pub confidence: String,
    /// The plan takes requests by Prior Authorization Support over this Vigil, under this payer id.
    #[serde(default)]
    pub here: bool,
}

fn yes() -> bool {
    true
}

impl PayerTerms {
    /// The terms that fit a payer and plan most closely.
    pub fn that_fit<'a>(terms: &'a [Self], payer_id: &str, plan_id: &str) -> Option<&'a Self> {
        let fits = |t: &&Self| t.payer_id == payer_id && t.plan_id.as_ref().is_none_or(|plan| plan == plan_id);
        terms.iter().filter(fits).min_by_key(|t| t.plan_id.is_none())
    }
}

/// One coverage of the patient as it stands, in order of benefits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The payer.
    pub payer_id: String,
    /// The plan inside the payer.
    #[serde(default)]
    pub plan_id: String,
    /// The payer's name.
    pub name: String,
    /// The member number.
    pub member_id: String,
    /// Line of business.
    pub line_of_business: LineOfBusiness,
    /// Medicare Part B, where it is known.
    #[serde(default)]
    pub part_b: Option<bool>,
    /// The contract's terms as they stood, where they are loaded.
    #[serde(default)]
    pub terms: Option<Box<PayerTerms>>,
}

codes! {
    /// Why the coverage on record changed.
    CoverageChange {
        /// Stated by registration.
        Registered = "registered",
        /// A Medicaid application is pending.
        MedicaidPending = "medicaid_pending",
        /// Enrolled back to an earlier day.
        Retroactive = "retroactive",
        /// Part A days are used up.
        PartAExhausted = "part_a_exhausted",
        /// A newborn, under the mother's coverage or its own.
        Newborn = "newborn",
        /// Found wrong and put right.
        Corrected = "corrected",
        /// The coverage ended.
        Ended = "ended",
    }
}

codes! {
    /// What is asked of a payer.
    AskKind {
        /// Care after stabilization.
        PostStabilization = "post_stabilization",
        /// The admission.
        Admission = "admission",
        /// More days.
        MoreDays = "more_days",
        /// Post-acute care.
        PostAcute = "post_acute",
    }
}

codes! {
    /// What a payer answered.
    AnswerKind {
        Approved = "approved",
        Partial = "partial",
        Denied = "denied",
        Pended = "pended",
        NotRequired = "not_required",
        /// The payer means to turn an approved admission into something less.
        Downgraded = "downgraded",
        Cancelled = "cancelled",
    }
}

/// Who said it, when and how; a fact is worth its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerSource {
    /// How it came.
    pub channel: Channel,
    /// Who said so, by name or role.
    pub said_by: String,
    /// When they said so.
    pub said_at: Moment,
    /// The payer's reference of the call or message.
    #[serde(default)]
    pub reference: Option<String>,
    /// The message that carried it, when it came by interface.
    #[serde(default)]
    pub message: Option<String>,
}

/// What a payer answered about days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayerAnswer {
    /// What.
    pub kind: AnswerKind,
    /// The authorization number.
    #[serde(default)]
    pub authorization: Option<String>,
    /// First authorized day.
    #[serde(default)]
    pub from: Option<Day>,
    /// Last covered day.
    #[serde(default)]
    pub through: Option<Day>,
    /// Authorized days.
    #[serde(default)]
    pub days: Option<u32>,
    /// Level of care.
    #[serde(default)]
    pub level: Option<String>,
    /// The payer's next review.
    #[serde(default)]
    pub next_review_on: Option<Day>,
    /// The payer's reason in its own words, for less than asked.
    #[serde(default)]
    pub reason: Option<String>,
    /// The criteria the payer named.
    #[serde(default)]
    pub criteria: Option<String>,
    /// Until when a peer-to-peer talk may be asked for, as the payer said.
    #[serde(default)]
    pub peer_to_peer_until: Option<Moment>,
}

impl PayerAnswer {
    /// It gives days.
    pub fn grants(&self) -> bool {
        matches!(self.kind, AnswerKind::Approved | AnswerKind::Partial)
    }

    /// It takes days, or refuses them.
    pub fn takes(&self) -> bool {
        matches!(self.kind, AnswerKind::Denied | AnswerKind::Downgraded | AnswerKind::Cancelled)
    }

    /// What it says of a day: covered, not covered, or nothing. A denial that names no day is about what was asked, and says
    /// nothing of days approved before.
    pub fn says_of(&self, day: Day) -> Option<bool> {
        let names = self.from.is_some() || self.through.is_some();
        let speaks = if self.grants() { self.through.is_some() } else { self.takes() };
        let speaks = speaks && (names || self.kind != AnswerKind::Denied);
        let named = self.from.is_none_or(|from| from <= day) && self.through.is_none_or(|through| day <= through);
        (speaks && named).then(|| self.grants())
    }
}

codes! {
    /// A way to dispute a payer's answer.
    DisputeKind {
        PeerToPeer = "peer_to_peer",
        ExpeditedReconsideration = "expedited_reconsideration",
        StandardReconsideration = "standard_reconsideration",
        ContractDispute = "contract_dispute",
        ExternalReview = "external_review",
    }
}

codes! {
    /// How a dispute ended.
    DisputeEnd {
        Overturned = "overturned",
        PartlyOverturned = "partly_overturned",
        Upheld = "upheld",
        NotHeld = "not_held",
        Withdrawn = "withdrawn",
    }
}

/// A dispute with a payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Number inside the stay.
    pub id: u32,
    /// The payer.
    pub payer_id: String,
    /// Which way.
    pub kind: DisputeKind,
    /// Who asks: the treating physician, the enrollee, the hospital.
    pub asker: String,
    /// What it says.
    pub grounds: String,
    /// When a talk was agreed for.
    #[serde(default)]
    pub agreed_for: Option<Moment>,
    /// When it was opened.
    pub opened_at: Moment,
    /// How it ended, when, with whose words.
    #[serde(default)]
    pub ended: Option<(Moment, DisputeEnd, String)>,
}

/// A payer asked: when, for what, how many days, how, with which proof.
pub type Asking = (Moment, AskKind, Option<u32>, Channel, Option<String>);

/// Where the hospital stands with one payer over this stay. Telling a payer is not an authorization: two objects, two
/// clocks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PayerState {
    /// The payer.
    pub payer_id: String,
    /// Told: when, by whom, how, the payer's reference.
    pub notified: Option<(Moment, String, Channel, Option<String>)>,
    /// What telling it late puts at risk, in words.
    pub late: Option<String>,
    /// Clinicals sent: when, by whom, how, confirmation.
    pub clinicals: Vec<(Moment, String, Channel, String)>,
    /// Asked: when, what, days, how, reference.
    pub asked: Vec<Asking>,
    /// Reviews the payer asked for: when, what.
    pub reviews_asked: Vec<(Moment, String)>,
    /// Answers in the order they came, with their source and who recorded them.
    pub answers: Vec<(Moment, PayerAnswer, AnswerSource, String)>,
    /// The evidence of an approved admission is locked: authorization, approver, when approved.
    pub locked: Option<(String, String, Moment)>,
}

impl PayerState {
    /// The last answer.
    pub fn last(&self) -> Option<&PayerAnswer> {
        self.answers.last().map(|(_, answer, _, _)| answer)
    }

    /// The last authorization number.
    pub fn authorization(&self) -> Option<&str> {
        self.answers.iter().rev().find_map(|(_, a, _, _)| a.authorization.as_deref())
    }

    /// Whether the payer's last word on a day covers it. An answer speaks of the days it names and of no other: an approval
    /// that ends sooner than an earlier one takes no day back, a denial takes back the days it names, and a cancellation that
    /// names none takes back what stands under its number, or everything. A dispute that was won is followed by a new answer.
    pub fn covers(&self, day: Day) -> bool {
        let mut cancelled: Vec<&String> = Vec::new();
        for (_, answer, ..) in self.answers.iter().rev() {
            if let (AnswerKind::Cancelled, None, None, Some(number)) =
                (&answer.kind, answer.from, answer.through, &answer.authorization)
            {
                cancelled.push(number);
                continue;
            }
            let gone = answer.grants() && answer.authorization.as_ref().is_some_and(|n| cancelled.contains(&n));
            if let Some(covered) = answer.says_of(day).filter(|_| !gone) {
                return covered;
            }
        }
        false
    }

    /// The last day that the payer's last word covers.
    pub fn through(&self) -> Option<Day> {
        let mut ends: Vec<Day> =
            self.answers.iter().filter(|(_, a, ..)| a.grants()).filter_map(|(_, a, ..)| a.through).collect();
        // What was taken back shortens an approval: the day before it is the last one covered.
        let cut = self.answers.iter().filter(|(_, a, ..)| a.takes()).filter_map(|(_, a, ..)| a.from?.yesterday().ok());
        ends.extend(cut);
        ends.into_iter().filter(|day| self.covers(*day)).max()
    }

    /// It gave a final answer at this moment or later.
    pub fn answered_since(&self, at: Moment) -> bool {
        self.answers.iter().any(|(_, answer, source, _)| answer.kind != AnswerKind::Pended && source.said_at >= at)
    }

    /// No authorization is asked for here.
    pub fn not_required(&self) -> bool {
        self.last().is_some_and(|a| a.kind == AnswerKind::NotRequired)
    }
}

codes! {
    /// Where a patient goes next.
    PostAcuteKind {
        SkilledNursing = "skilled_nursing",
        InpatientRehabilitation = "inpatient_rehabilitation",
        LongTermAcute = "long_term_acute",
        HomeHealth = "home_health",
        Equipment = "equipment",
        Transport = "transport",
    }
}

codes! {
    /// Where a post-acute request stands with the payer or the facility.
    PostAcuteStep {
        Requested = "requested",
        Pended = "pended",
        Approved = "approved",
        Denied = "denied",
        /// A facility took the patient.
        Accepted = "accepted",
        /// A facility declined.
        Declined = "declined",
        Withdrawn = "withdrawn",
    }
}

/// A post-acute request and all its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostAcute {
    /// Number inside the stay.
    pub id: u32,
    /// What.
    pub kind: PostAcuteKind,
    /// The payer asked; none when no authorization is needed.
    pub payer_id: Option<String>,
    /// The facility or agency asked.
    pub facility: Option<String>,
    /// Steps: when, what, who said so, authorization, words.
    pub steps: Vec<(Moment, PostAcuteStep, String, Option<String>, String)>,
}

impl PostAcute {
    /// Where it stands.
    pub fn step(&self) -> PostAcuteStep {
        self.steps.last().map_or(PostAcuteStep::Requested, |(_, step, ..)| step.clone())
    }

    /// Still waiting for an answer.
    pub fn is_open(&self) -> bool {
        matches!(self.step(), PostAcuteStep::Requested | PostAcuteStep::Pended)
    }

    /// Hours between the request and the payer's decision, once there is one.
    pub fn answered_at(&self) -> Option<Moment> {
        self.steps
            .iter()
            .find(|(_, s, ..)| matches!(s, PostAcuteStep::Approved | PostAcuteStep::Denied))
            .map(|(at, ..)| *at)
    }
}
