//! One commit: the events of one subject and all that must be kept with them, or nothing of it.

use vigil_domain::time::Moment;

use crate::{StoreFault, errand::ErrandId, errand::NewErrand, rows::Row, trail::TrailEntry};

/// A subject of the log: a case, a stay, or a later kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubjectKey {
    /// `case`, `stay`, …
    pub kind: String,
    /// The subject's id inside tenant and kind.
    pub id: String,
}

impl SubjectKey {
    /// A key from its two words.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }

    /// A case's key.
    pub fn case(id: impl Into<String>) -> Self {
        Self::new("case", id)
    }

    /// A stay's key.
    pub fn stay(id: impl Into<String>) -> Self {
        Self::new("stay", id)
    }
}

impl std::fmt::Display for SubjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// An event to append. Times are kept to the microsecond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The event's kind, as its docs name it.
    pub kind: String,
    /// The form (version) of its body.
    pub form: u16,
    /// When it happened in the world.
    pub occurred_at: Moment,
    /// When Vigil learned of it.
    pub recorded_at: Moment,
    /// Who or what did it.
    pub actor: String,
    /// The body: bytes, hashed as stored.
    pub body: Vec<u8>,
}

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The order in the whole store; orders rebuilds and feeds only.
    pub position: u64,
    /// The tenant.
    pub tenant: String,
    /// The subject.
    pub subject: SubjectKey,
    /// 1, 2, 3, … inside the subject.
    pub version: u64,
    /// The event's kind.
    pub kind: String,
    /// The form of its body.
    pub form: u16,
    /// When it happened in the world.
    pub occurred_at: Moment,
    /// When Vigil learned of it.
    pub recorded_at: Moment,
    /// Who or what did it.
    pub actor: String,
    /// The body as it was given.
    pub body: Vec<u8>,
    /// SHA-256 over the previous hash, the header and the body.
    pub hash: [u8; 32],
}

/// Where a subject's chain stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The last version.
    pub version: u64,
    /// The last hash.
    pub hash: [u8; 32],
    /// The last event's position.
    pub position: u64,
}

/// A message as received and as answered, kept byte for byte (DECISIONS 14 and 15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The idempotency key: see [`message_key`].
    pub key: [u8; 32],
    /// `pas`, `portal`, …
    pub channel: String,
    /// The base it came to (`pas/2.2`).
    pub base: String,
    /// The operation (`submit`, `inquire`).
    pub operation: String,
    /// Who sent it (the token's name).
    pub sender: String,
    /// First contact.
    pub received_at: Moment,
    /// The request's bytes.
    pub request: Vec<u8>,
    /// The answer's bytes.
    pub response: Vec<u8>,
    /// The answer's HTTP status.
    pub status: u16,
    /// The sender's own identifier of the message, indexed to flag possible duplicates.
    pub business_id: Option<String>,
}

/// A message as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// The message.
    pub message: NewMessage,
    /// The subject its commit wrote to; none for a refused message.
    pub subject: Option<SubjectKey>,
}

/// A message without its bodies, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageNote {
    /// The idempotency key.
    pub key: [u8; 32],
    /// First contact.
    pub received_at: Moment,
    /// Who sent it.
    pub sender: String,
    /// The base.
    pub base: String,
    /// The operation.
    pub operation: String,
    /// The answer's HTTP status.
    pub status: u16,
    /// The subject its commit wrote to.
    pub subject: Option<SubjectKey>,
}

/// A document that came with a message or was made by Vigil, kept by digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// SHA-256 of the bytes in lower-case hex: see [`digest_of`].
    pub digest: String,
    /// MIME type.
    pub media_type: String,
    /// The first sender's title.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// The text of a law, criteria or template version that a subject has pinned (DECISIONS 16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// SHA-256 of the canonical text in lower-case hex.
    pub digest: String,
    /// The canonical text.
    pub text: String,
}

/// All that one command writes: it is kept whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// The tenant (`main` by default).
    pub tenant: String,
    /// The subject; none when only a refused message is kept.
    pub subject: Option<SubjectKey>,
    /// The subject's version before this commit; 0 for a new subject.
    pub expected: u64,
    /// The events, in order.
    pub events: Vec<NewEvent>,
    /// The message that caused it, with its answer.
    pub message: Option<NewMessage>,
    /// Documents to keep; a digest that is known already is left alone.
    pub documents: Vec<Document>,
    /// Pinned texts; a digest that is known already is left alone.
    pub pins: Vec<Pin>,
    /// Read model rows (upserts and increments).
    pub rows: Vec<Row>,
    /// Errands to run later; a key that is known already is left alone.
    pub errands: Vec<NewErrand>,
    /// Errands this commit finishes.
    pub errands_done: Vec<ErrandId>,
    /// Who looked at or did what.
    pub trail: Vec<TrailEntry>,
}

impl Commit {
    /// An empty commit on a subject at a version.
    pub fn on(tenant: impl Into<String>, subject: SubjectKey, expected: u64) -> Self {
        Self { tenant: tenant.into(), subject: Some(subject), expected, ..Self::default() }
    }

    /// A refused message, kept alone.
    pub fn message_only(tenant: impl Into<String>, message: NewMessage) -> Self {
        Self { tenant: tenant.into(), message: Some(message), ..Self::default() }
    }
}

/// What a commit became. It is durable when this is in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The subject's version now.
    pub version: u64,
    /// The position of the last event written; 0 when none was.
    pub position: u64,
}

/// Why nothing of a commit was kept.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody wrote to the subject first: load again and decide again.
    #[error("the subject is at version {actual}")]
    Conflict {
        /// The version it has now.
        actual: u64,
    },
    /// The same bytes came before: this is the answer that was given.
    #[error("the same message was answered before")]
    Duplicate {
        /// The message with its stored answer.
        message: Box<StoredMessage>,
    },
    /// An errand this commit finishes was finished by another.
    #[error("the errand was finished by another")]
    ErrandGone,
    /// The world broke.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// The idempotency key of a message: SHA-256 over tenant, base, operation, sender and the body's SHA-256.
pub fn message_key(tenant: &str, base: &str, operation: &str, sender: &str, body: &[u8]) -> [u8; 32] {
    let mut seal = crate::chain::Seal::new("vigil-message-1");
    for word in [tenant, base, operation, sender] {
        seal.word(word);
    }
    seal.bytes(&crate::chain::sha256(body));
    seal.close()
}

/// SHA-256 of bytes in lower-case hex, as documents and pins are keyed.
pub fn digest_of(bytes: &[u8]) -> String {
    crate::chain::hex(&crate::chain::sha256(bytes))
}
