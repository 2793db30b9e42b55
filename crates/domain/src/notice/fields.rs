//! What the caller fills in: named values, lists of named values, yes-or-no flags, days.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Day;

/// One value of a notice field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldValue {
    /// Words, printed as given and never read as markup.
    Text(String),
    /// A calendar day, printed in the letter's language.
    Day(Day),
    /// Repeated things: service lines, missing documents, address lines.
    List(Vec<Fields>),
    /// A condition of the letter: `expedited`, `aid_continuing`, …
    Flag(bool),
}

impl FieldValue {
    /// Whether the value says something: words that are not blank, a list with entries, a flag that is set.
    pub fn is_filled(&self) -> bool {
        match self {
            Self::Text(text) => !text.trim().is_empty(),
            Self::Day(_) => true,
            Self::List(items) => !items.is_empty(),
            Self::Flag(on) => *on,
        }
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Day> for FieldValue {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

impl From<bool> for FieldValue {
    fn from(on: bool) -> Self {
        Self::Flag(on)
    }
}

impl From<Vec<Fields>> for FieldValue {
    fn from(items: Vec<Fields>) -> Self {
        Self::List(items)
    }
}

/// Values by field name. The names and what each means are in `packs/notices/fields.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub BTreeMap<String, FieldValue>);

impl Fields {
    /// No values yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one value.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<FieldValue>) -> &mut Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Sets one value where there is one; a caller's `None` leaves a gap that composing will name.
    pub fn set_some(&mut self, name: impl Into<String>, value: Option<impl Into<FieldValue>>) -> &mut Self {
        if let Some(value) = value {
            self.set(name, value);
        }
        self
    }

    /// Sets a list of plain words; each entry is the field `item` inside `{{#each …}}`.
    pub fn set_items(
        &mut self,
        name: impl Into<String>,
        items: impl IntoIterator<Item = impl Into<String>>,
    ) -> &mut Self {
        let list = items.into_iter().map(|item| Self::from_iter([("item", FieldValue::Text(item.into()))])).collect();
        self.set(name, FieldValue::List(list))
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.0.get(name)
    }

    /// Whether the field is there and says something.
    pub fn is_filled(&self, name: &str) -> bool {
        self.get(name).is_some_and(FieldValue::is_filled)
    }

    /// The words of a list made by [`Fields::set_items`]; a plain text counts as one entry.
    pub fn items(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(FieldValue::List(list)) => list
                .iter()
                .filter_map(|entry| match entry.get("item") {
                    Some(FieldValue::Text(text)) => Some(text.clone()),
                    _ => None,
                })
                .collect(),
            Some(FieldValue::Text(text)) if !text.trim().is_empty() => vec![text.clone()],
            _ => Vec::new(),
        }
    }
}

impl<K: Into<String>> FromIterator<(K, FieldValue)> for Fields {
    fn from_iter<I: IntoIterator<Item = (K, FieldValue)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}
