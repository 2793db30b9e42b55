//! The notice as the member will read it, while it is being decided: with its reading level and what is still missing.

use std::collections::BTreeMap;

use vigil_desk::letter;
use vigil_domain::{
    case::{Case, LineState, NoticeState, command::Actor, decide::decide},
    library::Library,
    notice::{self, Audience, FieldValue, Fields, Purpose},
    reason::Reason,
    request::Quantity,
    time::Moment,
};

use super::draft::{self, LineDraft};
use crate::web::{form::Form, letter as page, words};

/// A notice that the decision would make.
#[derive(Debug, Clone)]
pub struct PreviewView {
    /// `Denial notice`.
    pub title: String,
    /// The letter.
    pub html: String,
    /// `Grade 6.4, Flesch-Kincaid`.
    pub level: String,
    /// Easy enough for a member: grade 8 or lower.
    pub readable: bool,
    /// Elements still missing: what the law asks, what to do, citation.
    pub missing: Vec<(String, String, String)>,
    /// The official form a site must use instead.
    pub standard_form: Option<String>,
}

/// The school grade above which the page says that the text is too hard.
const READABLE_GRADE: f64 = 8.0;

/// The notices that the form as it stands would make. `hidden`: no machine verdict may show through them yet.
pub fn previews(
    case: &Case,
    library: &Library,
    form: &Form,
    by: &Actor,
    now: Moment,
    hidden: bool,
) -> Vec<PreviewView> {
    let drafts = draft::drafts(case, form);
    let language = letter::language(case);
    // When the decision would stand, the letter is made from the very case it would leave behind.
    let decided = draft::command(case, form, by.clone())
        .ok()
        .and_then(|command| decide(Some(case), command, library, now).ok())
        .map(|decided| decided.case);
    let mut found = Vec::new();
    for (purpose, lines) in purposes(&drafts) {
        let state = notice_state(purpose, lines.clone(), now);
        let shown = decided.as_ref().unwrap_or(case);
        let Some(template) = letter::template(library, shown, purpose, Audience::Member) else { continue };
        let mut fields = letter::fields(library, shown, &state, &language, now);
        if decided.is_none() {
            draft_fields(&mut fields, case, library, &drafts, &lines, by, now);
        }
        if hidden && fields.is_filled("what_would_change") {
            fields.set("what_would_change", letter::would_change_at_all(&language));
        }
        let (letter, missing) = notice::preview(template, &language, &fields);
        let level = notice::reading_level_of(&letter.prose(), &letter.language);
        found.push(PreviewView {
            title: words::capital(crate::web::case::story::purpose(purpose)),
            html: page::html(&letter),
            level: format!("Grade {:.1}, {}", level.grade, level.formula),
            readable: level.grade <= READABLE_GRADE,
            missing: missing.into_iter().map(|m| (m.asks, m.what_to_do, m.cite)).collect(),
            standard_form: letter.standard_form.clone(),
        });
    }
    found
}

/// Which notice tells which lines.
fn purposes(drafts: &[LineDraft]) -> Vec<(Purpose, Vec<u32>)> {
    let of = |words: &[&str]| -> Vec<u32> {
        drafts.iter().filter(|d| words.contains(&d.decision.as_str())).map(|d| d.line).collect()
    };
    [
        (Purpose::AdverseDetermination, of(&["deny"])),
        (Purpose::PartialApproval, of(&["partial", "modify"])),
        (Purpose::Approval, of(&["approve"])),
    ]
    .into_iter()
    .filter(|(_, lines)| !lines.is_empty())
    .collect()
}

fn notice_state(purpose: Purpose, lines: Vec<u32>, now: Moment) -> NoticeState {
    NoticeState {
        id: 0,
        purpose,
        to: Audience::Member,
        lines,
        required_at: now,
        composed: None,
        held: Vec::new(),
        filled: BTreeMap::new(),
        deliveries: Vec::new(),
    }
}

/// What the form says, where the decision would not stand yet: the same names that the desk fills from a decided case.
fn draft_fields(
    fields: &mut Fields,
    case: &Case,
    library: &Library,
    drafts: &[LineDraft],
    lines: &[u32],
    by: &Actor,
    now: Moment,
) {
    let about: Vec<(&LineDraft, &LineState)> =
        drafts.iter().filter(|d| lines.contains(&d.line)).filter_map(|d| Some((d, case.line(d.line)?))).collect();
    fields.set("decided_on", case.contract.zone.day(now));
    let language = letter::language(case);
    let rows: Vec<Fields> = about.iter().map(|(draft, state)| line_fields(library, &language, draft, state)).collect();
    fields.set("lines", FieldValue::List(rows));
    if about.iter().any(|(draft, _)| draft.decision != "deny") {
        fields.set("authorization_number", case.authorization.as_str());
    }
    let Some((first, state)) = about.iter().find(|(draft, _)| draft.is_adverse()) else { return };
    let reason = Reason::read(&first.reason);
    let set = |fields: &mut Fields, name: &str, text: String| {
        fields.set_some(name, Some(text).filter(|t| !t.trim().is_empty()));
    };
    fields.set("partial", first.decision != "deny").set("clinical", reason.is_clinical());
    set(fields, "reason_plain", first.plain.clone());
    set(fields, "rationale", first.rationale.clone());
    set(fields, "criteria_citation", first.criterion.clone());
    set(fields, "reviewer_name", by.name.clone());
    if let Some(licence) = by.credential.licences.first() {
        let title = letter::profession(&licence.kind, &language).to_owned();
        set(fields, "reviewer_title", title);
    }
    let specialty = by.credential.specialties.first().and_then(|s| letter::specialty(library, s, &language));
    set(fields, "reviewer_specialty", specialty.unwrap_or_default());
    let pack = state.evaluation.as_ref().and_then(|e| library.criteria.by_digest(&e.pack));
    let name = pack.map(|p| library.notices.name(&p.definition().name, &language));
    fields
        .set("criteria_name", name.unwrap_or_else(|| letter::the_rule(&language).to_owned()))
        .set("what_would_change", letter::would_change(library, state, &language));
    let opened: Vec<String> = case
        .opened_by(&by.person)
        .iter()
        .map(|o| letter::evidence_words(library, case, &o.evidence, &language))
        .collect();
    fields.set_items("information_relied_on", opened);
}

fn line_fields(library: &Library, language: &str, draft: &LineDraft, state: &LineState) -> Fields {
    let mut fields = Fields::new();
    let of = |amount: f64, unit: &str| letter::amount(library, &Quantity { amount, unit: unit.to_owned() }, language);
    let asked = state.line.quantity.as_ref();
    let asked = asked.map_or_else(|| letter::as_requested(language).to_owned(), |q| of(q.amount, &q.unit));
    fields
        .set("service", letter::service(library, state, language))
        .set("code", state.line.service.value.as_str())
        .set("asked", asked.as_str());
    if draft.decision != "deny" {
        let unit = state.line.quantity.as_ref().map_or("unit", |q| q.unit.as_str());
        let given = draft.amount.parse::<f64>().ok().map(|a| of(a, unit));
        fields.set("approved", given.unwrap_or_else(|| asked.clone()));
        fields.set_some("from", draft.from.parse::<vigil_domain::time::Day>().ok().or(state.line.from));
        fields.set_some("through", draft.through.parse::<vigil_domain::time::Day>().ok().or(state.line.through));
    }
    if draft.is_adverse() {
        let rest = match (draft.amount.parse::<f64>().ok(), &state.line.quantity) {
            (Some(given), Some(q)) if draft.decision == "partial" && q.amount > given => of(q.amount - given, &q.unit),
            _ if draft.decision == "deny" => asked,
            _ => letter::the_rest(language).to_owned(),
        };
        fields.set("not_approved", rest);
    }
    fields
}
