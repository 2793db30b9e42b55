//! Trigger points: the moments at which somebody must look at the stay.

use serde::{Deserialize, Serialize};

use crate::{codes, law::Confidence, time::Moment};

codes! {
    /// Which trigger point.
    AlertKind {
        EmergencyHours = "emergency-hours",
        SecondMidnight = "second-midnight",
        ObservationHours = "observation-hours",
        ObservationReview = "observation-review",
        OutpatientNotice = "outpatient-notice",
        ShortInpatientDischarge = "short-inpatient-discharge",
        LongStayCertification = "long-stay-certification",
        OrderHeld = "order-held",
    }
}

/// One trigger point of one stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Which.
    pub kind: AlertKind,
    /// When it is reached.
    pub at: Moment,
    /// It is reached now.
    pub raised: bool,
    /// The plain sentence.
    pub says: String,
    /// Rule or timing behind it.
    pub rule: String,
    /// Citation, or the policy's basis.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
}
