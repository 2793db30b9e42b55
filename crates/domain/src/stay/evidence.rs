//! What the record shows and a feed told of: documents, and measurements with a machine code. A person opens and weighs them;
//! nothing here decides.

use serde::{Deserialize, Serialize};

use crate::{code::Code, time::Moment};

/// A document of the record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentNews {
    /// Its id at the source: a later word on the same id takes the place of the earlier.
    pub id: String,
    /// What it is, in the source's words.
    pub title: String,
    /// Media type.
    pub media_type: String,
    /// SHA-256 of its bytes, where they came along and are kept; none when the source keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// `current`, `superseded` or `entered-in-error`.
    pub state: String,
}

/// A measurement: a vital sign with its code and time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Measured {
    /// What was measured.
    pub code: Code,
    /// When.
    pub at: Moment,
    /// The number, as sent.
    pub value: String,
    /// Its unit, as sent.
    pub unit: String,
}

/// A document that a reviewer looked at, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedAt {
    /// Its id at the source.
    pub document: String,
    /// What it is.
    pub title: String,
    /// SHA-256 of its bytes, where they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}
