//! The evidence of a composed request: clinical statements, answered questionnaires, documents.

use base64::{Engine, engine::general_purpose::STANDARD};
use vigil_domain::{
    code::Code,
    evidence::{ClinicalItem, Document, ItemKind, Value, When},
    request::Request,
};

use super::{Names, coding_members, codings, entry, of, refer};
use crate::fhir::{pas::Attachment, systems, write::Writer};

/// The resources that hold evidence, in order: what supportingInfo points at.
pub(super) fn places(request: &Request) -> Vec<(String, String)> {
    let mut places: Vec<(String, String)> = Vec::new();
    for item in &request.items {
        let place = place(item);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places.extend(request.documents.iter().enumerate().map(|(at, document)| document_place(document, at)));
    places
}

/// Type and id of the resource that holds an item.
fn place(item: &ClinicalItem) -> (String, String) {
    let whole = item.place.split(['#', '.']).next().unwrap_or_default();
    match whole.split_once('/') {
        Some((kind, id)) if !kind.is_empty() && !id.is_empty() => (kind.to_owned(), id.to_owned()),
        _ => {
            (default_kind(&item.kind).to_owned(), format!("item-{}", crate::fhir::document::hex(item.place.as_bytes())))
        }
    }
}

fn default_kind(kind: &ItemKind) -> &'static str {
    match kind {
        ItemKind::Condition => "Condition",
        ItemKind::Procedure => "Procedure",
        ItemKind::Medication => "MedicationStatement",
        ItemKind::Device => "DeviceRequest",
        ItemKind::Encounter => "Encounter",
        ItemKind::Report => "DiagnosticReport",
        ItemKind::Order => "ServiceRequest",
        ItemKind::Answer => "QuestionnaireResponse",
        _ => "Observation",
    }
}

fn document_place(document: &Document, at: usize) -> (String, String) {
    let id = document.place.strip_prefix("DocumentReference/").filter(|id| !id.is_empty());
    ("DocumentReference".to_owned(), id.map_or_else(|| format!("document-{at}"), str::to_owned))
}

/// Every statement and document as an entry.
pub(super) fn entries(w: &mut Writer, request: &Request, attachments: &[Attachment], names: &Names) {
    let mut rest = request.items.as_slice();
    while let Some(first) = rest.first() {
        let home = place(first);
        let together = rest.iter().take_while(|item| place(item) == home).count();
        let (group, later) = rest.split_at(together);
        rest = later;
        entry(w, names, &home.0, &home.1, |w| {
            if home.0 == "QuestionnaireResponse" {
                answers(w, group, names);
            } else {
                statement(w, &home.0, group, names);
            }
        });
    }
    for (at, document) in request.documents.iter().enumerate() {
        let (kind, id) = document_place(document, at);
        let bytes = attachments.iter().find(|attachment| attachment.document == at).map(|attachment| &attachment.bytes);
        entry(w, names, &kind, &id, |w| self::document(w, document, bytes, names));
    }
}

fn when(w: &mut Writer, name: &str, when: Option<When>) {
    match when {
        Some(When::Moment(moment)) => w.moment(name, moment),
        Some(When::Day(day)) => w.day(name, day),
        None => {}
    }
}

fn concept(w: &mut Writer, name: &str, codes: &[Code]) {
    if !codes.is_empty() {
        w.object(name, |w| codings(w, codes.iter().map(of)));
    }
}

/// Status, code and time, by the shape of each resource type.
fn statement(w: &mut Writer, kind: &str, group: &[ClinicalItem], names: &Names) {
    let Some((item, components)) = group.split_first() else { return };
    let (status, code, time) = match kind {
        "Observation" => (Some("final"), "code", "effectiveDateTime"),
        "DiagnosticReport" => (Some("final"), "code", "effectiveDateTime"),
        "Procedure" => (Some("completed"), "code", "performedDateTime"),
        "Immunization" => (Some("completed"), "vaccineCode", "occurrenceDateTime"),
        "MedicationStatement" => (Some("active"), "medicationCodeableConcept", "effectiveDateTime"),
        "MedicationRequest" => (Some("active"), "medicationCodeableConcept", "authoredOn"),
        "DeviceRequest" => (Some("active"), "codeCodeableConcept", "occurrenceDateTime"),
        "ServiceRequest" => (Some("active"), "code", "occurrenceDateTime"),
        "Encounter" => (Some("in-progress"), "class", "period"),
        _ => (None, "code", "onsetDateTime"),
    };
    if let Some(status) = status {
        w.text("status", status);
    }
    if matches!(kind, "MedicationRequest" | "DeviceRequest" | "ServiceRequest") {
        w.text("intent", "order");
    }
    if kind == "Encounter" {
        if let Some((class, types)) = item.codes.split_first() {
            let (system, code, display) = of(class);
            w.object("class", |w| coding_members(w, system, code, display));
            w.array_if_any("type", |w| types.iter().for_each(|code| w.item(|w| codings(w, [of(code)]))));
        }
        refer(w, "subject", names, "Patient", "patient");
        if item.when.is_some() {
            w.object("period", |w| when(w, "start", item.when));
        }
        return;
    }
    concept(w, code, &item.codes);
    let subject = if matches!(kind, "Immunization" | "AllergyIntolerance") { "patient" } else { "subject" };
    refer(w, subject, names, "Patient", "patient");
    when(w, time, item.when);
    value(w, item, true);
    w.array_if_any("component", |w| {
        for component in components {
            w.item(|w| {
                concept(w, "code", &component.codes);
                value(w, component, true);
            });
        }
    });
}

/// `value[x]`; an Observation has neither decimals nor days without time.
fn value(w: &mut Writer, item: &ClinicalItem, observation: bool) {
    match (&item.value, item.codes.first()) {
        (None, _) => {}
        (Some(Value::Bool(flag)), _) => w.flag("valueBoolean", *flag),
        (Some(Value::Number(number)), _) if item.unit.is_some() || observation => w.object("valueQuantity", |w| {
            w.decimal("value", *number);
            if let Some(bound) = &item.bound {
                w.text("comparator", bound.word());
            }
            if let Some(unit) = &item.unit {
                w.text("unit", unit);
                w.text("system", systems::UCUM);
                w.text("code", unit);
            }
        }),
        (Some(Value::Number(number)), _) => w.decimal("valueDecimal", *number),
        (Some(Value::Text(_)), Some(code)) if !observation => {
            let (system, value, display) = of(code);
            w.object("valueCoding", |w| coding_members(w, system, value, display));
        }
        (Some(Value::Text(text)), _) => w.text("valueString", text),
        (Some(Value::Day(day)), _) => w.day(if observation { "valueDateTime" } else { "valueDate" }, *day),
    }
}

fn answers(w: &mut Writer, group: &[ClinicalItem], names: &Names) {
    let Some(first) = group.first() else { return };
    if let Some(questionnaire) = &first.questionnaire {
        w.text("questionnaire", questionnaire);
    }
    w.text("status", "completed");
    refer(w, "subject", names, "Patient", "patient");
    when(w, "authored", first.when);
    w.array("item", |w| {
        for answer in group {
            w.item(|w| {
                w.text("linkId", answer.link_id.as_deref().unwrap_or("answer"));
                w.array("answer", |w| w.item(|w| value(w, answer, false)));
            });
        }
    });
}

fn document(w: &mut Writer, document: &Document, bytes: Option<&Vec<u8>>, names: &Names) {
    w.text("status", "current");
    w.concept("type", systems::url_of(&vigil_domain::code::CodeSystem::Loinc), "34133-9", None);
    refer(w, "subject", names, "Patient", "patient");
    w.text("description", &document.title);
    w.array("content", |w| {
        w.item(|w| {
            w.object("attachment", |w| {
                w.text("contentType", &document.media_type);
                match bytes {
                    Some(bytes) => w.text("data", &STANDARD.encode(bytes)),
                    None => w.number("size", document.size),
                }
                if let Some(day) = document.on {
                    w.day("creation", day);
                }
            });
        });
    });
}
