//! Delivery windows of hospital notices: is it owed, from when, by when, and was it given in time.

use serde::{Deserialize, Serialize};

use crate::{codes, law::Confidence, time::Moment};

/// A delivery, or a refusal to sign, which counts as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// When it was given or refused; by telephone, the time of the call.
    pub at: Moment,
    /// Signed, or refusal annotated.
    #[serde(default)]
    pub signed_or_refused: bool,
    /// Explained orally.
    #[serde(default)]
    pub explained: bool,
}

codes! {
    /// Where one notice stands.
    NoticeState {
        /// Not owed on these facts.
        NotOwed = "not-owed",
        /// Not owed yet; it may become so.
        NotYet = "not-yet",
        /// Owed, and the window is open.
        Owed = "owed",
        /// The window passed without delivery.
        Overdue = "overdue",
        /// Given inside the window.
        Delivered = "delivered",
        /// Given after the window.
        DeliveredLate = "delivered-late",
        /// Given before it could count.
        DeliveredEarly = "delivered-early",
    }
}

/// One notice of one stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeDue {
    /// Short name (`MOON`).
    pub short: String,
    /// The notice pack's id (`us.hospital.moon`).
    pub notice: String,
    /// Which copy, where there are several (`first`, `follow-up`).
    #[serde(default)]
    pub copy: Option<String>,
    /// Where it stands.
    pub state: NoticeState,
    /// Not before.
    pub opens_at: Option<Moment>,
    /// No later than.
    pub due_at: Option<Moment>,
    /// Why it is so.
    pub says: String,
    /// The rule.
    pub rule: String,
    /// Its citation.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
}
