//! The chains: how an event is hashed onto its subject's chain, and the Merkle root that a checkpoint keeps.

use sha2::{Digest, Sha256};

use crate::commit::{StoredEvent, SubjectKey};

/// The hash before the first event of a chain.
pub(crate) const START: [u8; 32] = [0; 32];

/// A SHA-256 over a sequence of length-prefixed fields, so that no two sequences share their bytes.
pub(crate) struct Seal(Sha256);

impl Seal {
    pub(crate) fn new(name: &str) -> Self {
        let mut seal = Self(Sha256::new());
        seal.word(name);
        seal
    }

    pub(crate) fn word(&mut self, word: &str) {
        self.bytes(word.as_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as i64);
        self.0.update(bytes);
    }

    pub(crate) fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    pub(crate) fn close(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// The fields of an event that its hash covers, as stored.
pub(crate) struct Link<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) subject_kind: &'a str,
    pub(crate) subject_id: &'a str,
    pub(crate) version: i64,
    pub(crate) kind: &'a str,
    pub(crate) form: i64,
    pub(crate) occurred_at: i64,
    pub(crate) recorded_at: i64,
    pub(crate) actor: &'a str,
    pub(crate) body: &'a [u8],
}

impl Link<'_> {
    /// The hash of this event on top of the one before it.
    pub(crate) fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut seal = Seal::new("vigil-event-1");
        seal.bytes(previous);
        for word in [self.tenant, self.subject_kind, self.subject_id] {
            seal.word(word);
        }
        seal.number(self.version);
        seal.word(self.kind);
        for number in [self.form, self.occurred_at, self.recorded_at] {
            seal.number(number);
        }
        seal.word(self.actor);
        seal.bytes(self.body);
        seal.close()
    }
}

/// The version of the first event of a subject whose hash does not fit; `events` are all of them, in order.
pub fn first_break(events: &[StoredEvent]) -> Option<u64> {
    let mut previous = START;
    for event in events {
        let link = Link {
            tenant: &event.tenant,
            subject_kind: &event.subject.kind,
            subject_id: &event.subject.id,
            version: event.version as i64,
            kind: &event.kind,
            form: i64::from(event.form),
            occurred_at: event.occurred_at.as_microsecond(),
            recorded_at: event.recorded_at.as_microsecond(),
            actor: &event.actor,
            body: &event.body,
        };
        if link.hash(&previous) != event.hash {
            return Some(event.version);
        }
        previous = event.hash;
    }
    None
}

/// The leaf of a subject's head in a checkpoint's tree.
pub(crate) fn leaf(tenant: &str, subject: &SubjectKey, version: u64, head: &[u8; 32]) -> [u8; 32] {
    let mut seal = Seal::new("vigil-head-1");
    for word in [tenant, &subject.kind, &subject.id] {
        seal.word(word);
    }
    seal.number(version as i64);
    seal.bytes(head);
    seal.close()
}

/// The Merkle root over leaves in their order; an odd one rises as it is.
pub(crate) fn merkle_root(mut level: Vec<[u8; 32]>) -> [u8; 32] {
    if level.is_empty() {
        return START;
    }
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => {
                    let mut seal = Seal::new("vigil-node-1");
                    seal.bytes(left);
                    seal.bytes(right);
                    seal.close()
                }
                alone => alone[0],
            })
            .collect();
    }
    level[0]
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
