//! The book of notices: find the one that fits a purpose, a line of business, a place and a reader.

use std::collections::BTreeMap;

use super::{
    template::{Audience, NoticeTemplate, Purpose},
    words::primary,
};

/// Every notice of the library, by id.
#[derive(Debug, Default, Clone)]
pub struct NoticeBook {
    templates: BTreeMap<String, NoticeTemplate>,
    words: BTreeMap<String, Words>,
}

/// What letters in another language than English call units, services, criteria and fields of medicine.
#[derive(Debug, Default, Clone)]
pub struct Words {
    /// A unit's English word to its singular and plural.
    pub units: BTreeMap<String, [String; 2]>,
    /// An English name or sentence to the one of this language.
    pub words: BTreeMap<String, String>,
}

impl NoticeBook {
    /// A book of templates; of two with one id the last one stays (the loader complains before that).
    pub fn new(templates: impl IntoIterator<Item = NoticeTemplate>) -> Self {
        Self {
            templates: templates.into_iter().map(|template| (template.id.clone(), template)).collect(),
            words: BTreeMap::new(),
        }
    }

    /// Adds the words of a language; of two for one English text the later ones stay.
    pub fn learn(&mut self, language: &str, more: Words) {
        let known = self.words.entry(primary(language).to_owned()).or_default();
        known.units.extend(more.units);
        known.words.extend(more.words);
    }

    /// An English name or sentence in a letter's language: itself in English, none where it has no words.
    pub fn say<'a>(&'a self, english: &'a str, language: &str) -> Option<&'a str> {
        match primary(language) {
            "en" => Some(english),
            other => self.words.get(other)?.words.get(english.trim()).map(String::as_str),
        }
    }

    /// A name in a letter's language; one without words stands in quotation marks, as the proper name it is.
    pub fn name(&self, english: &str, language: &str) -> String {
        self.say(english, language).map_or_else(|| format!("«{english}»"), str::to_owned)
    }

    /// A unit in a letter's language, one or many; a code that nobody has a word for stays as it is.
    pub fn unit(&self, unit: &str, many: bool, language: &str) -> String {
        let english = if unit.is_empty() { "unit" } else { unit };
        let other = self.words.get(primary(language)).and_then(|w| w.units.get(english));
        match other {
            Some(forms) => forms[usize::from(many)].clone(),
            None => format!("{english}{}", if many { "s" } else { "" }),
        }
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
