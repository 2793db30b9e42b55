//! Every "no" the case can say: with the rule that says it and what would do.

use serde::{Deserialize, Serialize};

/// The system declines a command. Shown to people as it stands; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{says}")]
pub struct Refusal {
    /// Stable id of the reason (`case.closed`, `adverse.evidence-not-opened`, a law rule's id, …).
    pub rule: String,
    /// The citation, where law is the reason.
    pub cite: Option<String>,
    /// One plain sentence: why not.
    pub says: String,
    /// One plain sentence: what would do.
    pub instead: String,
}

impl Refusal {
    /// A refusal by the house's own rules.
    pub fn house(rule: &str, says: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { rule: rule.to_owned(), cite: None, says: says.into(), instead: instead.into() }
    }

    /// A refusal by law.
    pub fn law(
        rule: impl Into<String>,
        cite: impl Into<String>,
        says: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        Self { rule: rule.into(), cite: Some(cite.into()), says: says.into(), instead: instead.into() }
    }
}

/// One or more refusals; a command is declined with all of its reasons at once.
pub type Refused = Vec<Refusal>;
