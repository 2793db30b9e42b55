//! A site's own copy of an official form, and where our fields stand on it. The copy's words are its issuer's; the places
//! are data that the site keeps beside it.

use serde::{Deserialize, Serialize};

use super::template::NoticeTemplate;
use crate::time::Moment;

/// A rectangle of a page, in points from the lower left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// Page, from 1.
    pub page: u32,
    /// Distance from the left edge.
    pub left: f32,
    /// Distance from the lower edge.
    pub bottom: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// Size of the type.
    #[serde(default = "ten")]
    pub size: f32,
}

fn ten() -> f32 {
    10.0
}

/// Where one of our fields goes: a fillable field of the form, or a spot on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormPlace {
    /// Our field (`patient_name`).
    pub field: String,
    /// The form's own field, by its full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdf: Option<String>,
    /// A spot, on a form that has no field for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<Spot>,
}

/// An official form as a site loaded it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadedForm {
    /// The notice pack's id (`us.hospital.moon`).
    pub notice: String,
    /// BCP 47 language of the copy.
    pub language: String,
    /// Name of the file it was loaded from.
    pub file: String,
    /// Digest of the copy, under which it is kept.
    pub document: String,
    /// When it was loaded.
    pub loaded_at: Moment,
    /// Where our fields go. The same field may stand in several places.
    pub places: Vec<FormPlace>,
}

impl LoadedForm {
    /// Required fields of the notice that have no place on this copy; those filled by hand at delivery are left out.
    pub fn unplaced<'a>(&self, template: &'a NoticeTemplate) -> Vec<&'a str> {
        let fields = template.form.iter().flat_map(|form| &form.fields);
        let needed = fields.filter(|field| field.required && !field.at_delivery);
        needed.map(|f| f.id.as_str()).filter(|id| !self.places.iter().any(|place| place.field == *id)).collect()
    }
}

/// The places of a copy whose own field names are ours, letter case and punctuation aside (`Patient Name` is `patient_name`).
pub fn places_by_name<'a>(template: &NoticeTemplate, pdf_fields: impl Iterator<Item = &'a str>) -> Vec<FormPlace> {
    let plain =
        |name: &str| -> String { name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase() };
    let known: Vec<(String, &str)> =
        template.form.iter().flat_map(|form| &form.fields).map(|f| (plain(&f.id), f.id.as_str())).collect();
    pdf_fields
        .filter_map(|pdf| {
            let last = pdf.rsplit('.').next().unwrap_or(pdf);
            let (_, field) = known.iter().find(|(name, _)| *name == plain(pdf) || *name == plain(last))?;
            Some(FormPlace { field: (*field).to_owned(), pdf: Some(pdf.to_owned()), spot: None })
        })
        .collect()
}
