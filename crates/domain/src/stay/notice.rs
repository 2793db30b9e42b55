//! Notices a hospital gives to patients, as values: which, to whom, signed how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{codes, status::NoncoverageKind, time::Moment};

codes! {
    /// Which notice. The words are the packs'.
    NoticeKind {
        /// Medicare Outpatient Observation Notice.
        Moon = "moon",
        /// Important Message from Medicare, first copy.
        ImportantMessage = "im",
        /// Important Message from Medicare, follow-up copy.
        ImportantMessageFollowUp = "im_follow_up",
        /// Medicare Change of Status Notice.
        ChangeOfStatus = "mcsn",
        /// Detailed Notice of Discharge.
        DetailedDischarge = "dnd",
        /// New York observation notice.
        NewYorkObservation = "ny_obs",
        /// Hospital-issued notice of noncoverage: before or at admission.
        Hinn1 = "hinn_1",
        /// The hospital asks for review, the attending disagreeing.
        Hinn10 = "hinn_10",
        /// Noncovered service in a covered stay.
        Hinn11 = "hinn_11",
        /// Noncovered continued stay.
        Hinn12 = "hinn_12",
        /// Written notice of the UR committee's determination.
        CommitteeDetermination = "ur_determination",
        /// The same to the practitioner responsible for the care.
        CommitteeToAttending = "ur_determination_attending",
    }
}

impl NoticeKind {
    /// The name people read.
    pub fn title(&self) -> &str {
        match self {
            Self::Moon => "Medicare Outpatient Observation Notice (CMS-10611)",
            Self::ImportantMessage => "Important Message from Medicare (CMS-10065)",
            Self::ImportantMessageFollowUp => "Important Message from Medicare, follow-up copy (CMS-10065)",
            Self::ChangeOfStatus => "Medicare Change of Status Notice (CMS-10868)",
            Self::DetailedDischarge => "Detailed Notice of Discharge (CMS-10066)",
            Self::NewYorkObservation => "New York observation notice",
            Self::Hinn1 => "HINN 1, preadmission or admission",
            Self::Hinn10 => "HINN 10, hospital-requested review",
            Self::Hinn11 => "HINN 11, noncovered service",
            Self::Hinn12 => "HINN 12, noncovered continued stay",
            Self::CommitteeDetermination => "Notice of the UR committee's determination, to the patient",
            Self::CommitteeToAttending => "Notice of the UR committee's determination, to the attending",
            Self::Other(word) => word,
        }
    }

    /// The notice pack that holds its form: number, fields, elements.
    pub fn template(&self) -> Option<&'static str> {
        Some(match self {
            Self::Moon => "us.hospital.moon",
            Self::ImportantMessage | Self::ImportantMessageFollowUp => "us.hospital.im",
            Self::ChangeOfStatus => "us.hospital.mcsn",
            Self::DetailedDischarge => "us.hospital.dnd",
            Self::NewYorkObservation => "us-ny.hospital.observation",
            Self::Hinn1 => "us.hospital.hinn-1",
            Self::Hinn10 => "us.hospital.hinn-10",
            Self::Hinn11 => "us.hospital.hinn-11",
            Self::Hinn12 => "us.hospital.hinn-12",
            Self::CommitteeDetermination | Self::CommitteeToAttending => "us.hospital.ur-determination",
            Self::Other(_) => return None,
        })
    }

    /// A hospital-issued notice of noncoverage, in the status rules' word.
    pub fn noncoverage(&self) -> Option<NoncoverageKind> {
        Some(match self {
            Self::Hinn1 => NoncoverageKind::Admission,
            Self::Hinn10 => NoncoverageKind::RequestedReview,
            Self::Hinn11 => NoncoverageKind::Service,
            Self::Hinn12 => NoncoverageKind::ContinuedStay,
            _ => return None,
        })
    }

    /// It follows from orders, coverage and time, and from nobody's judgement.
    pub fn follows(&self) -> bool {
        matches!(
            self,
            Self::Moon
                | Self::ImportantMessage
                | Self::ImportantMessageFollowUp
                | Self::ChangeOfStatus
                | Self::NewYorkObservation
        )
    }

    /// Whether the patient's signature is part of the delivery.
    pub fn is_signed(&self) -> bool {
        !matches!(
            self,
            Self::DetailedDischarge | Self::Hinn10 | Self::CommitteeDetermination | Self::CommitteeToAttending
        )
    }
}

codes! {
    /// How a notice was received.
    Receipt {
        /// Signed with date and time.
        Signed = "signed",
        /// Refused: the staff member certifies it.
        Refused = "refused",
        /// The representative was told by telephone; the notice was mailed the same day.
        Telephone = "telephone",
        /// The representative could not be reached: sent by certified mail.
        CertifiedMail = "certified_mail",
        /// Handed over; this notice needs no signature.
        Handed = "handed",
    }
}

/// One delivery of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeDelivery {
    /// When it was delivered (a call's date is the delivery's date).
    pub at: Moment,
    /// `patient`, or the representative's name and standing.
    pub to: String,
    /// How it was received.
    pub receipt: Receipt,
    /// Who signed, or the staff member who certifies a refusal, with title.
    pub signer: String,
    /// The notice was explained aloud.
    pub explained: bool,
    /// A paper copy was given.
    pub paper_copy: bool,
    /// BCP 47 language.
    pub language: String,
    /// Digest of the signed or shown document, where it is kept.
    #[serde(default)]
    pub document: Option<String>,
    /// Digest of the drawn signature, where one was drawn.
    #[serde(default)]
    pub signature: Option<String>,
}

/// A notice owed or given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeState {
    /// Number inside the stay.
    pub id: u32,
    /// Which.
    pub kind: NoticeKind,
    /// Why it is owed.
    pub why: String,
    /// Citation.
    pub cite: String,
    /// When it became owed.
    pub owed_at: Moment,
    /// The moment that ends its window where a person set it: admission, a request, a service, the start of liability.
    pub before: Option<Moment>,
    /// What was written for its form: when, by whom, by field.
    pub prepared: Option<(Moment, String, BTreeMap<String, String>)>,
    /// Delivered: by whom (account), how.
    pub delivered: Option<(String, NoticeDelivery)>,
    /// No longer owed: when, why.
    pub ended: Option<(Moment, String)>,
}

impl NoticeState {
    /// Still to be given.
    pub fn is_open(&self) -> bool {
        self.delivered.is_none() && self.ended.is_none()
    }
}

codes! {
    /// What a patient appeals to the quality improvement organization.
    AppealOf {
        /// The discharge of an inpatient.
        Discharge = "discharge",
        /// The change from inpatient to outpatient with observation.
        ChangeOfStatus = "change_of_status",
    }
}

/// Of appeals stored before a change of status could be appealed: the discharge.
pub(super) fn discharge() -> AppealOf {
    AppealOf::Discharge
}

/// A reconsideration of the organization's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconsideration {
    /// When the patient asked.
    pub asked_at: Moment,
    /// By noon of the day after the decision.
    pub timely: bool,
    /// Outcome: when, upheld the hospital or not, words.
    pub decided: Option<(Moment, bool, String)>,
}

/// A patient's appeal, of discharge or of a change of status, to the quality improvement organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QioAppeal {
    /// When the patient called.
    pub called_at: Moment,
    /// Who took or learned of the call.
    pub learned_by: String,
    /// When the organization told the hospital.
    pub told_at: Moment,
    /// In time. Of discharge: by midnight of its planned day, the patient still in the hospital. Of a change of status:
    /// before release.
    pub timely: bool,
    /// Records sent.
    pub records_at: Option<Moment>,
    /// Outcome: when, upheld the discharge (or the change) or not, words.
    pub decided: Option<(Moment, bool, String)>,
    /// The reconsideration that was asked for.
    pub reconsidered: Option<Reconsideration>,
    /// Whether the patient may be charged, and from when: never while the review runs.
    pub liable_from: Option<Moment>,
}

impl QioAppeal {
    /// The organization owes an answer: to the appeal, or to its reconsideration.
    pub fn runs(&self) -> bool {
        self.decided.is_none() || self.reconsidered.as_ref().is_some_and(|again| again.decided.is_none())
    }

    /// The last decision: when, upheld the hospital or not, words.
    pub fn last_decision(&self) -> Option<&(Moment, bool, String)> {
        self.reconsidered.as_ref().and_then(|again| again.decided.as_ref()).or(self.decided.as_ref())
    }
}
