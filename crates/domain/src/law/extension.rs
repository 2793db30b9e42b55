//! May a limit be lengthened: by how much, how often, and on which of the rule's own conditions.

use serde::{Deserialize, Serialize};

use super::unit::Unit;

/// May the limit be lengthened, by how much, on which conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The most that may be added; none: the law names no maximum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u32>,
    /// Its unit.
    pub unit: Unit,
    /// How often; 0: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_count: Option<u32>,
    /// When it is allowed, in the words of the published table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
    /// What must be said to whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The same conditions one by one: one of them must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<ExtensionCondition>,
}

/// One condition on which a rule allows more time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionCondition {
    /// Its word; rules that name the same condition use the same word.
    pub key: String,
    /// What must hold, in one sentence of ours.
    pub says: String,
    /// The paragraph, where it is narrower than the rule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<String>,
    /// What a letter tells the member; empty where only a person can say it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub letter: String,
    /// The letter's sentence is the whole reason; otherwise a person says in the letter what it is in this case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_reason: bool,
}

/// The condition under which more time was taken, as it stands in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionTaken {
    /// The rule's word for it.
    pub key: String,
    /// What it says.
    pub says: String,
    /// The paragraph.
    pub cite: String,
}

impl Extension {
    /// More time may be taken at all.
    pub fn is_allowed(&self) -> bool {
        self.max_count != Some(0) && self.unit != Unit::None
    }

    /// The conditions to choose from. A rule that was pinned before its conditions stood one by one has one: its words.
    pub fn choices(&self) -> Vec<ExtensionCondition> {
        if !self.is_allowed() {
            return Vec::new();
        }
        if !self.when.is_empty() {
            return self.when.clone();
        }
        let stated = self.conditions.iter().map(|says| ExtensionCondition {
            key: "as-stated".to_owned(),
            says: says.clone(),
            cite: None,
            letter: String::new(),
            whole_reason: false,
        });
        stated.collect()
    }

    /// The condition of a word.
    pub fn choice(&self, key: &str) -> Option<ExtensionCondition> {
        self.choices().into_iter().find(|choice| choice.key == key)
    }
}
