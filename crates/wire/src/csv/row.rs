//! One row of a table: fields by name, each read to its type or noted with its line and column.

use vigil_domain::{party::Address, time::Day};

use super::tables::Column;
use crate::{
    fhir::pick,
    issue::{IssueCode, Notes, Severity},
};

pub(super) struct Row<'r> {
    pub header: &'r ::csv::StringRecord,
    pub record: &'r ::csv::StringRecord,
    pub columns: &'static [Column],
    pub line: u64,
}

impl Row<'_> {
    /// The text of a field, if it has one.
    pub fn get(&self, name: &str) -> Option<String> {
        let at = self.header.iter().position(|column| column == name)?;
        self.record.get(at).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// An error at a field.
    pub fn fault(
        &self,
        name: &str,
        code: IssueCode,
        details: impl Into<String>,
        todo: impl Into<String>,
        notes: &mut Notes,
    ) {
        notes.note(Severity::Error, code, format!("line {}, column {name}", self.line), details, todo);
    }

    /// The text of a field that must have one.
    pub fn need(&self, name: &str, notes: &mut Notes) -> Option<String> {
        let text = self.get(name);
        if text.is_none() {
            let meaning = self.columns.iter().find(|column| column.name == name).map_or("", |column| column.meaning);
            self.fault(
                name,
                IssueCode::Required,
                format!("{name} is empty."),
                format!("Give {name}: {meaning}."),
                notes,
            );
        }
        text
    }

    /// A day.
    pub fn day(&self, name: &str, notes: &mut Notes) -> Option<Day> {
        let text = self.get(name)?;
        let day = pick::parse_day(&text);
        if day.is_none() {
            self.fault(name, IssueCode::Value, format!("{text:?} is not a day."), "Write YYYY-MM-DD.", notes);
        }
        day
    }

    /// Yes or no; empty is no.
    pub fn flag(&self, name: &str, notes: &mut Notes) -> bool {
        match self.get(name).as_deref() {
            None | Some("false" | "no" | "0") => false,
            Some("true" | "yes" | "1") => true,
            Some(other) => {
                self.fault(
                    name,
                    IssueCode::Value,
                    format!("{other:?} is neither yes nor no."),
                    "Write yes or no.",
                    notes,
                );
                false
            }
        }
    }

    /// Words with semicolons between.
    pub fn list(&self, name: &str) -> Vec<String> {
        let text = self.get(name).unwrap_or_default();
        text.split(';').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// A two-letter state.
    pub fn state(&self, name: &str, notes: &mut Notes) -> Option<String> {
        let text = self.get(name)?;
        if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Some(text);
        }
        self.fault(
            name,
            IssueCode::Value,
            format!("{text:?} is not a state."),
            "Write two capital letters, such as NY.",
            notes,
        );
        None
    }

    /// An address out of `line1`, `line2`, `city`, the given state column, and `zip`.
    pub fn address(&self, state: &str, notes: &mut Notes) -> Option<Address> {
        let lines: Vec<String> = ["line1", "line2"].iter().filter_map(|name| self.get(name)).collect();
        let city = self.get("city");
        if lines.is_empty() && city.is_none() {
            return None;
        }
        Some(Address {
            lines,
            city: city.unwrap_or_default(),
            state: self.state(state, notes).unwrap_or_default(),
            zip: self.get("zip").unwrap_or_default(),
        })
    }
}
