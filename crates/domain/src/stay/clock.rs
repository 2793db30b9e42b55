//! The stay's clocks: one time limit each, of a law, a payer's contract or the hospital's own UR policy.

use serde::{Deserialize, Serialize};

use crate::{case::event::RulePin, codes, time::Moment};

codes! {
    /// What a clock of a stay watches.
    Watch {
        /// The first review of the stay.
        InitialReview = "initial_review",
        /// The next review of a continuing stay.
        ContinuedReview = "continued_review",
        /// The payer must be told of the admission.
        PayerNotification = "payer_notification",
        /// The payer must be sent clinicals.
        Clinicals = "clinicals",
        /// The payer owes an answer.
        PayerAnswer = "payer_answer",
        /// More days must be asked for before the last covered day ends.
        MoreDays = "more_days",
        /// A physician advisor owes an answer.
        AdvisorAnswer = "advisor_answer",
        /// The attending owes an answer.
        AttendingAnswer = "attending_answer",
        /// The UR committee owes its determination.
        CommitteeDetermination = "committee_determination",
        /// The written notice of the committee's determination.
        CommitteeNotice = "committee_notice",
        /// A review of the UR plan, or its decision and notice: of an extended stay, or by Medicaid's UR rules.
        PlanReview = "plan_review",
        /// A notice to the patient.
        Notice = "notice",
        /// A peer-to-peer talk may be asked for until then.
        PeerToPeer = "peer_to_peer",
        /// A reconsideration is owed its answer.
        Reconsideration = "reconsideration",
        /// The quality improvement organization must have the records.
        QioRecords = "qio_records",
        /// The quality improvement organization owes its answer.
        QioAnswer = "qio_answer",
        /// A post-acute request is owed its answer.
        PostAcute = "post_acute",
        /// A physician query is owed its answer.
        Query = "query",
    }
}

/// What the clock is about, inside the stay: the payer's id, or the number of a notice, an escalation, a dispute, …
pub type About = String;

/// One time limit running on this stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Number inside the stay.
    pub id: u32,
    /// What it watches.
    pub watch: Watch,
    /// What it is about.
    pub about: About,
    /// The rule, contract term or policy that sets it, with its citation; the digest is empty for a contract's term.
    pub pin: RulePin,
    /// How well the source was read, in the packs' words.
    pub confidence: String,
    /// What started it, in words.
    pub from: String,
    /// Start.
    pub started_at: Moment,
    /// Due.
    pub due_at: Moment,
    /// Warning.
    pub warn_at: Moment,
    /// Warned.
    #[serde(default)]
    pub warned_at: Option<Moment>,
    /// Met.
    #[serde(default)]
    pub satisfied_at: Option<Moment>,
    /// Passed unmet.
    #[serde(default)]
    pub lapsed_at: Option<Moment>,
    /// No longer applies: when and why.
    #[serde(default)]
    pub ended: Option<(Moment, String)>,
}

impl Clock {
    /// Still to be met: neither met nor ended. A lapsed clock stays open until the act is done.
    pub fn is_open(&self) -> bool {
        self.satisfied_at.is_none() && self.ended.is_none()
    }

    /// Whether it still asks for something. A chance that has passed (a peer-to-peer talk) is told in the story and asks for
    /// nothing any more; a duty that is overdue asks until it is done.
    pub fn asks(&self) -> bool {
        self.is_open() && !(self.watch == Watch::PeerToPeer && self.lapsed_at.is_some())
    }

    /// Whether an act at this moment is too late. Every due moment is the last second in time.
    pub fn is_past(&self, at: Moment) -> bool {
        at.as_second() > self.due_at.as_second()
    }
}
