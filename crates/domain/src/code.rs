//! Codes: known or other, never dropped, never a bare string where a closed set is branched on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares a set of words, one line each: `Variant = "word"`. Unknown words are kept as `Other`.
#[macro_export]
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$vmeta])* #[doc = concat!("`", $word, "`")] $variant,)+
            /// A word this release does not know, kept as received.
            Other(String),
        }

        impl $name {
            /// Every known member, in order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word as stored and sent.
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }

            /// Reads a word; an unknown one is kept.
            pub fn read(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }

            /// Whether this release knows the word.
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                Ok(Self::read(&word))
            }
        }
    };
}

codes! {
    /// The code systems Vigil names. The words are our own short names; `wire` maps each standard's URL to them.
    CodeSystem {
        Icd10Cm = "icd10cm",
        Icd10Pcs = "icd10pcs",
        Hcpcs = "hcpcs",
        Cpt = "cpt",
        Loinc = "loinc",
        Snomed = "snomed",
        Ndc = "ndc",
        RxNorm = "rxnorm",
        Revenue = "revenue",
        Drg = "drg",
        PlaceOfService = "pos",
        /// X12 data element 1365.
        ServiceType = "x12-1365",
        /// NUCC provider taxonomy.
        Taxonomy = "nucc",
    }
}

/// A code in an open set, with the words that came with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Code {
    /// Whose code it is.
    pub system: CodeSystem,
    /// The code itself.
    pub value: String,
    /// The sender's own label, if any. Never our copy of a licensed descriptor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl Code {
    /// A code without a label.
    pub fn new(system: CodeSystem, value: impl Into<String>) -> Self {
        Self { system, value: value.into(), label: None }
    }

    /// The same code: system and value, labels apart.
    pub fn same(&self, other: &Self) -> bool {
        self.system == other.system && self.value == other.value
    }
}

impl Code {
    /// A service of behavioral health: X12 service types for psychiatric and mental health care, and HCPCS H codes.
    pub fn is_behavioral_health(&self) -> bool {
        match self.system {
            CodeSystem::ServiceType => {
                matches!(self.value.as_str(), "A4" | "A7" | "A8" | "BB" | "BC" | "MH") || self.is_substance_use()
            }
            CodeSystem::Hcpcs => self.value.starts_with('H'),
            _ => false,
        }
    }

    /// A service for substance use: X12 service types AI, AJ, AK.
    pub fn is_substance_use(&self) -> bool {
        self.system == CodeSystem::ServiceType && matches!(self.value.as_str(), "AI" | "AJ" | "AK")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.label {
            Some(label) => write!(f, "{label} {}", self.value),
            None => f.write_str(&self.value),
        }
    }
}
