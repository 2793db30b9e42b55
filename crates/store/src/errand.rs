//! Errands: work promised by a commit and done after it, at least once, under a lease; once in effect by its key.

use vigil_domain::time::Moment;

use crate::commit::SubjectKey;

/// An errand's number in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrandId(pub i64);

/// An errand to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewErrand {
    /// What to do (`render-notice`, `send-notice`, …).
    pub kind: String,
    /// For whom.
    pub subject: SubjectKey,
    /// Unique in the tenant: the same key twice is one errand, for ever.
    pub key: String,
    /// What the runner needs to know.
    pub body: Vec<u8>,
    /// Not before this moment.
    pub not_before: Moment,
}

/// An errand as leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// Its number.
    pub id: ErrandId,
    /// The tenant.
    pub tenant: String,
    /// What to do.
    pub kind: String,
    /// For whom.
    pub subject: SubjectKey,
    /// Its key.
    pub key: String,
    /// What the runner needs to know.
    pub body: Vec<u8>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}
