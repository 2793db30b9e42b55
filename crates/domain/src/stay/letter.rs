//! The fields of a hospital's own letter about a stay, in the words and days of the letter's language. What a person wrote for
//! the notice goes before what the record gives; what neither gives is a gap that composing names.

use std::collections::BTreeMap;

use super::{
    Stay,
    notice::{NoticeKind, NoticeState},
    paper,
    review::AttendingView,
};
use crate::{
    notice::{FieldValue, Fields, NoticeTemplate, tongue},
    time::Moment,
};

/// The language of a letter: the practitioner's is English; the patient's is the patient's where the notice has words in it.
pub fn language(stay: &Stay, notice: &NoticeState, template: &NoticeTemplate) -> String {
    if is_for_practitioner(notice) {
        return "en".to_owned();
    }
    let chosen = notice.delivered.as_ref().map(|(_, delivery)| delivery.language.as_str());
    let spoken = chosen.or(stay.track.patient.language.as_deref()).unwrap_or("en").to_lowercase();
    template.language_for(&spoken).unwrap_or("en").to_owned()
}

/// Takes away what a person wrote for the reader in another language.
pub fn keep_language(values: &mut BTreeMap<String, String>, language: &str) {
    values.retain(|field, text| !SENTENCES.contains(&field.as_str()) || tongue::fits(text, language));
}

/// What a person writes for the reader, in sentences.
const SENTENCES: [&str; 4] = ["reasons", "effect", "determination", "attending_view"];

fn is_for_practitioner(notice: &NoticeState) -> bool {
    notice.kind == NoticeKind::CommitteeToAttending
}

/// Every field that this stay can fill for a letter of the moment in a language. What a person wrote in another language stays
/// out of it: the letter waits for the words.
pub fn fields(stay: &Stay, notice: &NoticeState, language: &str, now: Moment) -> Fields {
    let mut values = paper::values(stay, notice, None);
    keep_language(&mut values, language);
    let mut written = notice.prepared.as_ref().map(|(_, _, written)| written.clone()).unwrap_or_default();
    keep_language(&mut written, language);
    let said = |field: &str| written.get(field).filter(|text| !text.trim().is_empty()).cloned();
    let day_or = |field: &str, at: Option<Moment>| {
        said(field).map(FieldValue::Text).or_else(|| at.map(|at| FieldValue::Day(stay.day(at))))
    };
    let determined = paper::determination(stay, notice);
    let mut fields = Fields::new();
    fields.set("hospital_name", stay.hospital.name.as_str());
    fields.set("notice_on", stay.day(now));
    fields.set("patient_name", stay.track.patient.name.spoken());
    for field in ["patient_number", "determined_by", "attending", "reasons", "effect"] {
        fields.set_some(field, values.get(field).cloned());
    }
    fields.set_some("admitted_on", day_or("admitted_on", stay.admitted_at()));
    fields.set_some("determined_on", day_or("determined_at", determined.map(|(_, at)| at)));
    fields.set_some("status_changed_on", day_or("status_changed_at", stay.changed_at()));
    fields.set_some("determination_stated", said("determination"));
    match (said("attending_view"), determined.and_then(|(escalation, _)| escalation.attending.as_ref())) {
        (Some(stated), _) => fields.set("view_stated", stated),
        (None, Some((_, AttendingView::Concurs, _))) => fields.set("view_concurs", true),
        (None, Some((_, AttendingView::Disagrees, _))) => fields.set("view_disagrees", true),
        (None, Some((_, AttendingView::NoViews, _))) => fields.set("view_none", true),
        (None, _) => &mut fields,
    };
    reader(&mut fields, stay, notice, now);
    fields
}

/// Who reads it, and where it is handed over: at the bedside while the patient is here, else at home; to the practitioner in
/// the hospital.
fn reader(fields: &mut Fields, stay: &Stay, notice: &NoticeState, now: Moment) {
    if is_for_practitioner(notice) {
        fields.set("to_practitioner", true);
        fields.set_some("recipient_name", fields.get("attending").cloned());
        fields.set_items("recipient_address_lines", [stay.hospital.name.as_str()]);
        return;
    }
    fields.set("recipient_name", stay.track.patient.name.spoken());
    let (unit, bed) = stay.place_at(now);
    let lines = match (&stay.track.patient.address, stay.in_house()) {
        (Some(address), false) => {
            let last = format!("{}, {} {}", address.city, address.state, address.zip);
            let lines = address.lines.iter().cloned().chain([last]);
            lines.filter(|line| line.trim() != "," && !line.trim().is_empty()).collect()
        }
        (_, true) if !(bed.is_empty() && unit.is_empty()) => {
            vec![stay.hospital.name.clone(), if bed.is_empty() { unit } else { bed }]
        }
        (_, true) => vec![stay.hospital.name.clone()],
        // Not here any more, and nobody told where the patient lives: the letter waits for an address.
        (None, false) => Vec::new(),
    };
    fields.set_items("recipient_address_lines", lines);
}
