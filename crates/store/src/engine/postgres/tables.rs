//! The log's tables as sheets, and the texts that look into them and write them.

use super::{
    cell::Kind::{self, Bytes, Text, Whole},
    sheet::Table,
};

const SUBJECT: [(&str, Kind); 3] = [("tenant", Text), ("subject_kind", Text), ("subject_id", Text)];

pub(crate) const EVENTS: Table = Table {
    name: "events",
    columns: &[
        SUBJECT[0],
        SUBJECT[1],
        SUBJECT[2],
        ("version", Whole),
        ("position", Whole),
        ("kind", Text),
        ("form", Whole),
        ("occurred_at", Whole),
        ("recorded_at", Whole),
        ("actor", Text),
        ("hash", Bytes),
        ("body", Bytes),
        ("packed", Whole),
    ],
    key: 4,
    as_they_came: false,
    then: "",
};

pub(crate) const NEW_HEADS: Table = Table {
    name: "heads",
    columns: &[SUBJECT[0], SUBJECT[1], SUBJECT[2], ("version", Whole), ("position", Whole), ("hash", Bytes)],
    key: 3,
    as_they_came: false,
    then: "ON CONFLICT DO NOTHING",
};

pub(crate) const MOVED_HEADS: Table = Table {
    name: "heads",
    columns: &[
        SUBJECT[0],
        SUBJECT[1],
        SUBJECT[2],
        ("expected", Whole),
        ("version", Whole),
        ("position", Whole),
        ("hash", Bytes),
    ],
    key: 3,
    as_they_came: false,
    then: "",
};

pub(crate) const MESSAGES: Table = Table {
    name: "messages",
    columns: &[
        ("tenant", Text),
        ("key", Bytes),
        ("channel", Text),
        ("base", Text),
        ("operation", Text),
        ("sender", Text),
        ("received_at", Whole),
        ("status", Whole),
        ("business_id", Text),
        ("subject_kind", Text),
        ("subject_id", Text),
        ("response", Bytes),
        ("request", Bytes),
    ],
    key: 2,
    as_they_came: true,
    then: "ON CONFLICT (tenant, key) DO NOTHING",
};

pub(crate) const DOCUMENTS: Table = Table {
    name: "documents",
    columns: &[
        ("tenant", Text),
        ("digest", Text),
        ("media_type", Text),
        ("name", Text),
        ("size", Whole),
        ("body", Bytes),
    ],
    key: 2,
    as_they_came: false,
    then: "ON CONFLICT (tenant, digest) DO NOTHING",
};

pub(crate) const PINS: Table = Table {
    name: "pins",
    columns: &[("tenant", Text), ("digest", Text), ("body", Bytes)],
    key: 2,
    as_they_came: false,
    then: "ON CONFLICT (tenant, digest) DO NOTHING",
};

pub(crate) const ERRANDS: Table = Table {
    name: "errands",
    columns: &[
        ("tenant", Text),
        ("key", Text),
        ("kind", Text),
        ("subject_kind", Text),
        ("subject_id", Text),
        ("ready_at", Whole),
        ("attempts", Whole),
        ("done", Whole),
        ("body", Bytes),
    ],
    key: 2,
    as_they_came: true,
    then: "ON CONFLICT (tenant, key) DO NOTHING",
};

pub(crate) const TRAIL: Table = Table {
    name: "trail",
    columns: &[("tenant", Text), ("number", Whole), ("at", Whole), ("actor", Text), ("action", Text), ("detail", Text)],
    key: 2,
    as_they_came: false,
    then: "",
};

pub(crate) const TRAIL_SUBJECTS: Table = Table {
    name: "trail_subjects",
    columns: &[SUBJECT[0], SUBJECT[1], SUBJECT[2], ("number", Whole)],
    key: 4,
    as_they_came: false,
    then: "ON CONFLICT DO NOTHING",
};

/// The heads of subjects.
pub(crate) const FIND_HEADS: &str = "SELECT h.tenant, h.subject_kind, h.subject_id, h.version, h.position, h.hash
  FROM unnest(?1::text[], ?2::text[], ?3::text[]) AS s (tenant, subject_kind, subject_id)
  JOIN heads h ON h.tenant = s.tenant AND h.subject_kind = s.subject_kind AND h.subject_id = s.subject_id";

/// The messages whose keys are taken.
pub(crate) const FIND_MESSAGES: &str = "SELECT m.tenant, m.key
  FROM unnest(?1::text[], ?2::bytea[]) AS s (tenant, key) JOIN messages m ON m.tenant = s.tenant AND m.key = s.key";

/// The errands that nobody has finished.
pub(crate) const FIND_ERRANDS: &str = "SELECT id FROM errands WHERE id = ANY(?1::bigint[]) AND done = 0";

/// Finishes errands that nobody has finished; their keys stay, so that they are never enqueued again.
pub(crate) const FINISH_ERRANDS: &str = "UPDATE errands SET done = 1, body = ''::bytea, lease_owner = NULL
  WHERE id = ANY(?1::bigint[]) AND done = 0";

pub(crate) const DRAW_POSITIONS: &str = "SELECT nextval('event_positions') FROM generate_series(1, ?1)";
pub(crate) const DRAW_NUMBERS: &str = "SELECT nextval('trail_numbers') FROM generate_series(1, ?1)";

/// Moves this node's floor to the last position it has drawn: it comes true with the events themselves. A node whose row
/// was taken away (it was silent too long) keeps nothing and begins again.
pub(crate) const MOVE_FLOOR: &str =
    "UPDATE writers SET floor = GREATEST(floor, ?2), until = now() + interval '30 seconds'
  WHERE node = ?1 AND floor IS NOT NULL";

/// The texts that write the sheets, made once.
pub(crate) struct Texts {
    pub(crate) events: String,
    pub(crate) new_heads: String,
    pub(crate) moved_heads: String,
    pub(crate) messages: String,
    pub(crate) documents: String,
    pub(crate) pins: String,
    pub(crate) errands: String,
    pub(crate) trail: String,
    pub(crate) trail_subjects: String,
}

impl Texts {
    pub(crate) fn new() -> Self {
        let moved_heads = format!(
            "UPDATE heads AS old SET version = sheet.version, position = sheet.position, hash = sheet.hash FROM {}
             WHERE old.tenant = sheet.tenant AND old.subject_kind = sheet.subject_kind
             AND old.subject_id = sheet.subject_id AND old.version = sheet.expected",
            MOVED_HEADS.unnest()
        );
        Self {
            events: EVENTS.insert(""),
            new_heads: NEW_HEADS.insert(""),
            moved_heads,
            messages: MESSAGES.insert(""),
            documents: DOCUMENTS.insert(""),
            pins: PINS.insert(""),
            errands: ERRANDS.insert(""),
            trail: TRAIL.insert(""),
            trail_subjects: TRAIL_SUBJECTS.insert(""),
        }
    }
}
