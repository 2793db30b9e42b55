//! The book of notices: find the one that fits a purpose, a line of business, a place and a reader.

use std::collections::BTreeMap;

use super::template::{Audience, NoticeTemplate, Purpose};

/// Every notice of the library, by id.
#[derive(Debug, Default, Clone)]
pub struct NoticeBook {
    templates: BTreeMap<String, NoticeTemplate>,
}

impl NoticeBook {
    /// A book of templates; of two with one id the last one stays (the loader complains before that).
    pub fn new(templates: impl IntoIterator<Item = NoticeTemplate>) -> Self {
        Self { templates: templates.into_iter().map(|template| (template.id.clone(), template)).collect() }
    }

    /// The notice with words for this purpose and reader: the state's own before the federal one, one for this line of
    /// business before one for every line, in that order.
    pub fn choose(
        &self,
        purpose: Purpose,
        line_of_business: &str,
        jurisdiction: &str,
        audience: Audience,
    ) -> Option<&NoticeTemplate> {
        self.templates
            .values()
            .filter(|t| t.form.is_none() && t.purposes.contains(&purpose) && t.audience.contains(&audience))
            .filter(|t| t.jurisdiction == "US" || t.jurisdiction == jurisdiction)
            .filter(|t| {
                t.lines_of_business.is_empty() || t.lines_of_business.iter().any(|line| line == line_of_business)
            })
            .max_by_key(|t| (t.jurisdiction == jurisdiction && jurisdiction != "US", !t.lines_of_business.is_empty()))
    }

    /// One notice by id.
    pub fn get(&self, id: &str) -> Option<&NoticeTemplate> {
        self.templates.get(id)
    }

    /// All notices in order of id, official forms included.
    pub fn all(&self) -> impl Iterator<Item = &NoticeTemplate> {
        self.templates.values()
    }

    /// The official forms only, in order of id.
    pub fn forms(&self) -> impl Iterator<Item = &NoticeTemplate> {
        self.templates.values().filter(|template| template.form.is_some())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.templates.len()
    }

    /// Whether the book is empty.
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty()
    }
}
