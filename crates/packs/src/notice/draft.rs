//! The files of notice packs as written: `notice.toml`, `common/*.toml`, `fields.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use vigil_domain::notice::{
    Audience, Element, FieldSpec, NoticeTemplate, OfficialForm, Owed, Purpose, Signature, StandardForm, Window,
};

/// `notice.toml` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    pub id: String,
    short: Option<String>,
    purposes: Vec<Purpose>,
    audience: Vec<Audience>,
    #[serde(default)]
    lines_of_business: Vec<String>,
    jurisdiction: String,
    trigger: String,
    to_whom: String,
    title: BTreeMap<String, String>,
    #[serde(default)]
    pub include: Vec<String>,
    #[serde(default)]
    window: Vec<Window>,
    #[serde(default)]
    owed: Vec<Owed>,
    #[serde(default)]
    element: Vec<Element>,
    #[serde(default)]
    language_rules: Vec<String>,
    signature: Option<Signature>,
    form: Option<OfficialForm>,
    standard_form: Option<StandardForm>,
    #[serde(default)]
    notes: Vec<String>,
    pub replaces: Option<String>,
    pub loosens: Option<String>,
}

impl Draft {
    /// The template, still without common sets, fields, words and digest.
    pub(super) fn into_template(self) -> NoticeTemplate {
        NoticeTemplate {
            id: self.id,
            short: self.short,
            purposes: self.purposes,
            audience: self.audience,
            lines_of_business: self.lines_of_business,
            jurisdiction: self.jurisdiction,
            trigger: self.trigger,
            to_whom: self.to_whom,
            title: self.title,
            window: self.window,
            owed: self.owed,
            elements: self.element,
            language_rules: self.language_rules,
            signature: self.signature,
            form: self.form,
            standard_form: self.standard_form,
            notes: self.notes,
            fields: BTreeMap::new(),
            bodies: BTreeMap::new(),
            digest: String::new(),
            canonical: String::new(),
        }
    }
}

/// A file of `common/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommonFile {
    pub set: Vec<CommonSet>,
}

/// Elements that several notices share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommonSet {
    pub id: String,
    /// For the reader of the pack only.
    #[serde(rename = "says")]
    _says: String,
    #[serde(default)]
    pub element: Vec<Element>,
    #[serde(default)]
    pub language_rules: Vec<String>,
}

/// `words.es.toml`: what letters of a language call things.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsFile {
    pub language: String,
    #[serde(default)]
    pub unit: BTreeMap<String, [String; 2]>,
    #[serde(default)]
    pub words: BTreeMap<String, String>,
}

/// `fields.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldsFile {
    pub field: BTreeMap<String, FieldSpec>,
}
