//! The trail: who looked at whom, when, and how. Reading is recorded as writing is.

use serde::{Deserialize, Serialize};
use vigil_domain::time::Moment;

use crate::commit::SubjectKey;

/// One look or act. A list page writes one entry that names all its subjects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailEntry {
    /// When.
    pub at: Moment,
    /// The account or token.
    pub actor: String,
    /// `read`, `list`, `search`, `sign-in`, …
    pub action: String,
    /// Whom it concerned.
    pub subjects: Vec<SubjectKey>,
    /// Where and why: page, reason given.
    pub detail: String,
}

/// An entry as kept, newest first in lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailNote {
    /// Its number: page with it.
    pub number: i64,
    /// When.
    pub at: Moment,
    /// The account or token.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// Where and why.
    pub detail: String,
}

/// A look or an act as an export reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailRow {
    /// Its number in the store.
    pub number: i64,
    /// The tenant.
    pub tenant: String,
    /// When.
    pub at: Moment,
    /// The account or token.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// Where and why.
    pub detail: String,
}

/// Whom an entry of the trail concerned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrailSubject {
    /// The subject.
    pub subject: SubjectKey,
    /// The entry's number.
    pub number: i64,
}
