//! What the status rules said last of this stay, as the log keeps it.

use serde::{Deserialize, Serialize};

use crate::time::Moment;

/// The answer of the status rules, in stored words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Judged {
    /// The status the rules support.
    pub status: String,
    /// The basis (`benchmark`, `exception`, `inpatient_only`, `order_missing`, …).
    pub basis: String,
    /// How sure.
    pub confidence: String,
    /// Citation.
    pub cite: String,
    /// Facts used, in words.
    pub used: Vec<String>,
    /// What would change the answer.
    pub would_change: Vec<String>,
    /// What to document.
    pub document: Vec<String>,
    /// When to look again.
    pub look_again_at: Option<Moment>,
}
