//! The paper of a notice: the site's own copy of the official form, filled; for a letter that is the hospital's own, the pack's
//! words; without either, or for what has no place on the form, the data sheet that says what it is.

use vigil_domain::{
    notice::{FormPlace, LoadedForm, NoticeTemplate, compose, data_sheet, day_in_words, places_by_name},
    stay::{
        Stay, letter,
        notice::{NoticeDelivery, NoticeState},
        paper::values,
    },
    time::Moment,
};
use vigil_print::{
    Letterhead,
    form::{Entry, FormFault, FormField, Mark, Target, Unwritten, attach, fields, fill, pages},
};
use vigil_store::{Document, StoreFault, Write, WriteItem, digest_of};

use super::records::record;
use crate::{Desk, subject::ActError};

/// The kind under which loaded forms are kept.
pub const FORM: &str = "official-form";
const PDF: &str = "application/pdf";

/// A notice on paper.
#[derive(Debug, Clone)]
pub struct Paper {
    /// The PDF.
    pub document: Document,
    /// What it is.
    pub kind: PaperKind,
    /// Required fields that nobody has filled yet.
    pub missing: Vec<String>,
    /// What did not go onto the form and stands on the sheet behind it.
    pub behind: Vec<Unwritten>,
}

/// What a notice's paper is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperKind {
    /// The site's copy of the official form, filled.
    Form,
    /// The hospital's own letter in the pack's words, whole.
    Letter,
    /// The data sheet alone: it says that it is none of these.
    Sheet,
}

/// Why a form was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadFault {
    /// No such notice, or one without a form.
    #[error("there is no notice {0:?} with a form; known: {1}")]
    Unknown(String, String),
    /// The file.
    #[error(transparent)]
    Form(#[from] FormFault),
    /// The places do not fit the form or the notice.
    #[error("{0}")]
    Places(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// A form to be loaded.
#[derive(Debug, Clone)]
pub struct NewForm {
    /// The notice: its pack's id or its short name, any case.
    pub notice: String,
    /// BCP 47 language.
    pub language: String,
    /// Name of the file.
    pub file: String,
    /// The PDF.
    pub bytes: Vec<u8>,
    /// Where our fields go; none takes the form's fields whose names are ours.
    pub places: Option<Vec<FormPlace>>,
}

/// What became of a loaded form.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// As it is kept.
    pub form: LoadedForm,
    /// Required fields without a place: they come on the data sheet behind the form.
    pub unplaced: Vec<String>,
    /// The form's own fields that nothing goes into.
    pub unused: Vec<FormField>,
}

impl Desk {
    /// Every form that the site has loaded, in order of notice and language.
    ///
    /// # Errors
    /// The store.
    pub fn loaded_forms(&self, tenant: &str) -> Result<Vec<LoadedForm>, StoreFault> {
        let read = |record: &vigil_store::Record| {
            serde_json::from_str(&record.body)
                .map_err(|error| StoreFault::Spoiled { what: "official form", why: error.to_string() })
        };
        self.store.records(tenant, FORM)?.iter().map(read).collect()
    }

    /// Loads a site's copy of an official form; the same notice and language replace.
    ///
    /// # Errors
    /// [`LoadFault`]: nothing is kept then.
    pub async fn load_form(&self, tenant: &str, new: NewForm) -> Result<Loaded, LoadFault> {
        let forms = || self.library.notices.forms();
        let named = |t: &&NoticeTemplate| {
            t.id == new.notice || t.short.as_ref().is_some_and(|s| s.eq_ignore_ascii_case(&new.notice))
        };
        let template = forms().find(named).ok_or_else(|| {
            let known: Vec<&str> = forms().map(|t| t.short.as_deref().unwrap_or(&t.id)).collect();
            LoadFault::Unknown(new.notice.clone(), known.join(", "))
        })?;
        let own = fields(&new.bytes)?;
        let places = match new.places {
            Some(places) => places,
            None => places_by_name(template, own.iter().map(|field| field.name.as_str())),
        };
        check(template, &own, pages(&new.bytes)?, &places)?;
        let document = Document {
            digest: digest_of(&new.bytes),
            media_type: PDF.into(),
            name: new.file.clone(),
            bytes: new.bytes,
        };
        let form = LoadedForm {
            notice: template.id.clone(),
            language: new.language.to_lowercase(),
            file: new.file,
            document: document.digest.clone(),
            loaded_at: self.time.now(),
            places,
        };
        let kept = record(FORM, &format!("{}|{}", form.notice, form.language), &form)?;
        self.store.write(Write::of(tenant, vec![WriteItem::Document(document), kept])).await?;
        let used = |field: &FormField| form.places.iter().any(|place| place.pdf.as_ref() == Some(&field.name));
        let unused = own.into_iter().filter(|field| !used(field)).collect();
        let unplaced = form.unplaced(template).into_iter().map(str::to_owned).collect();
        Ok(Loaded { form, unplaced, unused })
    }

    /// The paper of a notice as it stands now, or as it would stand once delivered so. None for a notice without a form.
    ///
    /// # Errors
    /// The store, or a sheet that cannot be set.
    pub fn notice_paper(
        &self,
        tenant: &str,
        stay: &Stay,
        notice: u32,
        delivery: Option<(&str, &NoticeDelivery, Option<&str>)>,
    ) -> Result<Option<Paper>, ActError> {
        let Some(mut state) = stay.notices.iter().find(|n| n.id == notice).cloned() else { return Ok(None) };
        let Some(template) = state.kind.template().and_then(|id| self.library.notices.get(id)) else {
            return Ok(None);
        };
        let mut drawn = None;
        if let Some((person, delivery, path)) = delivery {
            state.delivered = Some((person.to_owned(), delivery.clone()));
            drawn = path;
        }
        let facility = self.facility(tenant, &stay.hospital.id)?;
        let organization = facility.as_ref().and_then(|f| f.quality_organization.as_ref());
        let mut written = values(stay, &state, organization);
        if let Some((person, delivery)) = &state.delivered
            && delivery.explained
        {
            written.entry("oral_explanation_by".to_owned()).or_insert_with(|| person.clone());
        }
        let now = self.time.now();
        let Some(form) = self.form_for(tenant, &state, stay)? else {
            let (kind, (bytes, missing)) = match self.letter(stay, &state, template, now)? {
                Some(letter) => (PaperKind::Letter, (letter, Vec::new())),
                None => {
                    // A letter of our own waits for words in its reader's language: those in another are missing.
                    if template.languages().next().is_some() {
                        letter::keep_language(&mut written, &letter::language(stay, &state, template));
                    }
                    (PaperKind::Sheet, self.sheet(stay, template, &written, now)?)
                }
            };
            return Ok(Some(Paper { document: named(stay, &state, bytes), kind, missing, behind: Vec::new() }));
        };
        let kept = self.store.document(tenant, &form.document)?;
        let blank = kept.ok_or_else(|| ActError::Print(format!("the loaded form {} is gone", form.file)))?.bytes;
        let printed = |fault: FormFault| ActError::Print(fault.to_string());
        let entries = entries(&form, &written, drawn);
        let mut filled = fill(&blank, &entries).map_err(printed)?;
        // A value without a place is told on the sheet; a drawn signature without one is kept as its own picture.
        let placed = |id: &str| form.places.iter().any(|place| place.field == id);
        let fields = template.form.iter().flat_map(|form| &form.fields);
        let homeless = fields.filter(|f| !placed(&f.id) && (written.contains_key(&f.id) || needed(f)));
        let why = || "the loaded form has no place for it".to_owned();
        filled.unwritten.extend(homeless.map(|f| Unwritten { field: f.id.clone(), why: why() }));
        let (sheet, missing) = self.sheet(stay, template, &written, now)?;
        let bytes = match filled.unwritten.is_empty() {
            true => filled.bytes,
            false => attach(&filled.bytes, &sheet).map_err(printed)?,
        };
        let behind = filled.unwritten;
        Ok(Some(Paper { document: named(stay, &state, bytes), kind: PaperKind::Form, missing, behind }))
    }

    /// The copy in the patient's language, else the English one.
    fn form_for(&self, tenant: &str, notice: &NoticeState, stay: &Stay) -> Result<Option<LoadedForm>, StoreFault> {
        let Some(id) = notice.kind.template() else { return Ok(None) };
        let chosen = notice.delivered.as_ref().map(|(_, d)| d.language.as_str());
        let spoken = chosen.or(stay.track.patient.language.as_deref()).unwrap_or("en").to_lowercase();
        let forms = self.loaded_forms(tenant)?;
        let of = |language: &str| forms.iter().find(|f| f.notice == id && f.language == language).cloned();
        let primary = spoken.split('-').next().unwrap_or("en");
        Ok(of(&spoken).or_else(|| of(primary)).or_else(|| of("en")))
    }

    /// The hospital's own letter where the pack has words for it: only when every element of it is there.
    fn letter(
        &self,
        stay: &Stay,
        notice: &NoticeState,
        template: &NoticeTemplate,
        now: Moment,
    ) -> Result<Option<Vec<u8>>, ActError> {
        let language = letter::language(stay, notice, template);
        let Ok(letter) = compose(template, &language, &letter::fields(stay, notice, &language, now)) else {
            return Ok(None);
        };
        vigil_print::pdf(&letter, &head(stay, &language, now)).map(Some).map_err(|e| ActError::Print(e.to_string()))
    }

    fn sheet(
        &self,
        stay: &Stay,
        template: &NoticeTemplate,
        written: &std::collections::BTreeMap<String, String>,
        now: Moment,
    ) -> Result<(Vec<u8>, Vec<String>), ActError> {
        let sheet = data_sheet(template, written, Vec::new())
            .ok_or_else(|| ActError::Print(format!("{} has no form", template.id)))?;
        let pdf = vigil_print::pdf(&sheet.letter, &head(stay, "en", now))
            .map_err(|error| ActError::Print(error.to_string()))?;
        Ok((pdf, sheet.missing))
    }
}

/// The head of the hospital's papers.
fn head(stay: &Stay, language: &str, now: Moment) -> Letterhead {
    Letterhead {
        plan_name: stay.hospital.name.clone(),
        printed_on: day_in_words(stay.day(now), language),
        foot_note: format!("{} · {}", stay.hospital.name, stay.id),
        ..Letterhead::default()
    }
}

fn needed(field: &vigil_domain::notice::FormField) -> bool {
    field.required && !field.at_delivery
}

fn named(stay: &Stay, notice: &NoticeState, bytes: Vec<u8>) -> Document {
    let name = format!("{}-notice-{}.pdf", stay.id, notice.id);
    Document { digest: digest_of(&bytes), media_type: PDF.into(), name, bytes }
}

fn entries<'a>(
    form: &'a LoadedForm,
    written: &'a std::collections::BTreeMap<String, String>,
    drawn: Option<&'a str>,
) -> Vec<Entry<'a>> {
    let entry = |place: &'a FormPlace| {
        let target = match (&place.pdf, place.spot) {
            (Some(pdf), _) => Target::Field(pdf),
            (None, Some(spot)) => Target::Spot(spot),
            (None, None) => return None,
        };
        let mark = match (place.field.as_str(), drawn) {
            ("signature", Some(path)) => Mark::Drawn(path),
            (field, _) => Mark::Words(written.get(field)?),
        };
        Some(Entry { field: &place.field, target, mark })
    };
    form.places.iter().filter_map(entry).collect()
}

/// Every place names a field of the notice, and something that the form has.
fn check(template: &NoticeTemplate, own: &[FormField], pages: usize, places: &[FormPlace]) -> Result<(), LoadFault> {
    let known = template.form.iter().flat_map(|form| &form.fields).map(|f| f.id.as_str()).collect::<Vec<_>>();
    let mut wrong = Vec::new();
    for place in places {
        if !known.contains(&place.field.as_str()) {
            wrong.push(format!("{:?} is no field of the notice; its fields: {}", place.field, known.join(", ")));
        }
        match (&place.pdf, place.spot) {
            (Some(pdf), None) if own.iter().any(|field| field.name == *pdf) => {}
            (Some(pdf), None) => wrong.push(format!("the form has no field {pdf:?}")),
            (None, Some(spot)) if (1..=pages).contains(&(spot.page as usize)) => {}
            (None, Some(spot)) => wrong.push(format!("the form has no page {}", spot.page)),
            _ => wrong
                .push(format!("{:?} needs a field of the form (pdf) or a spot on a page, one of them", place.field)),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(LoadFault::Places(wrong.join("; "))) }
}
