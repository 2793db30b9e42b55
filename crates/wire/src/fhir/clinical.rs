//! Clinical statements: one resource or one answered question becomes one [`ClinicalItem`], nothing judged.

use vigil_domain::{
    code::Code,
    evidence::{Bound, ClinicalItem, ItemKind, Value as Stated, When},
};

use super::{
    bundle::Entry,
    pick::{self, Date},
};
use crate::{issue::Notes, json::Value};

/// What kind of item a resource type is, and where its code and its time stand.
fn shape(kind: &str) -> Option<(ItemKind, &'static [&'static str], &'static [&'static str])> {
    Some(match kind {
        "Observation" => {
            (ItemKind::Observation, &["code"], &["effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued"])
        }
        "Condition" => (ItemKind::Condition, &["code"], &["onsetDateTime", "onsetPeriod", "recordedDate"]),
        "Procedure" => (ItemKind::Procedure, &["code"], &["performedDateTime", "performedPeriod"]),
        "Immunization" => (ItemKind::Procedure, &["vaccineCode"], &["occurrenceDateTime"]),
        "MedicationStatement" => {
            (ItemKind::Medication, &["medicationCodeableConcept"], &["effectiveDateTime", "effectivePeriod"])
        }
        "MedicationRequest" => (ItemKind::Medication, &["medicationCodeableConcept"], &["authoredOn"]),
        "DeviceRequest" => {
            (ItemKind::Device, &["codeCodeableConcept"], &["occurrenceDateTime", "occurrencePeriod", "authoredOn"])
        }
        "Encounter" => (ItemKind::Encounter, &["class", "type"], &["period"]),
        "DiagnosticReport" => (ItemKind::Report, &["code"], &["effectiveDateTime", "effectivePeriod", "issued"]),
        "ServiceRequest" => (ItemKind::Order, &["code"], &["occurrenceDateTime", "occurrencePeriod", "authoredOn"]),
        "NutritionOrder" => (ItemKind::Order, &["oralDiet"], &["dateTime"]),
        "AllergyIntolerance" => (ItemKind::Condition, &["code"], &["onsetDateTime", "recordedDate"]),
        _ => return None,
    })
}

/// A statement that its sender withdrew or that says the opposite is no statement.
fn withdrawn(resource: Value<'_>) -> bool {
    let status = resource.get("status").and_then(Value::text);
    let verified = resource.get("verificationStatus").and_then(pick::first_coding).map(|found| found.1);
    let off = |word: &str| matches!(word, "entered-in-error" | "not-done" | "cancelled" | "refuted" | "revoked");
    status.is_some_and(|word| off(&word))
        || verified.is_some_and(|word| off(&word))
        || resource.get("doNotPerform").and_then(Value::boolean) == Some(true)
}

/// The clinical statements of an entry; nothing for other resources.
pub fn items(entry: &Entry<'_>, notes: &mut Notes) -> Vec<ClinicalItem> {
    let resource = entry.resource;
    if entry.kind == "QuestionnaireResponse" {
        return answers(entry, notes);
    }
    let Some((kind, codes, times)) = shape(&entry.kind) else { return Vec::new() };
    if withdrawn(resource) {
        return Vec::new();
    }
    let codes: Vec<Code> = codes
        .iter()
        .flat_map(|name| match resource.get(name) {
            Some(list) if list.items().next().is_some() => {
                list.items().flat_map(|one| pick::concept_codes(one, notes)).collect()
            }
            Some(class) if class.get("code").is_some_and(|code| code.text().is_some()) => {
                pick::coding(class, notes).into_iter().collect()
            }
            Some(_) => pick::codes(resource, name, notes),
            None => Vec::new(),
        })
        .collect();
    let when = when(resource, times, notes);
    let place = entry.place();
    let (value, unit, bound) = value(resource, notes);
    let mut items = Vec::new();
    let components: Vec<_> = pick::objects(resource, "component", notes).collect();
    let mut first = ClinicalItem {
        kind,
        codes,
        link_id: None,
        questionnaire: None,
        value,
        unit,
        bound,
        when,
        doubt: None,
        place: place.clone(),
    };
    if first.value.is_none() && kind_speaks_by_value(&first.kind) && !components.is_empty() {
        // A panel: its components carry the values.
        first.value = None;
    }
    items.push(first);
    for (index, component) in components.into_iter().enumerate() {
        let (value, unit, bound) = self::value(component, notes);
        items.push(ClinicalItem {
            kind: ItemKind::Observation,
            codes: pick::codes(component, "code", notes),
            link_id: None,
            questionnaire: None,
            value,
            unit,
            bound,
            when,
            doubt: None,
            place: format!("{place}.component[{index}]"),
        });
    }
    items
}

fn kind_speaks_by_value(kind: &ItemKind) -> bool {
    *kind == ItemKind::Observation
}

fn when(resource: Value<'_>, names: &[&str], notes: &mut Notes) -> Option<When> {
    for name in names {
        let date = match resource.get(name) {
            None => continue,
            Some(_) if name.to_lowercase().ends_with("period") => {
                pick::object(resource, name, notes).and_then(|period| pick::date(period, "start", notes))
            }
            Some(_) => pick::date(resource, name, notes),
        };
        match date {
            Some(Date::Moment(moment, _)) => return Some(When::Moment(moment)),
            Some(Date::Day(day)) => return Some(When::Day(day)),
            _ => {}
        }
    }
    None
}

/// The `value[x]` of an Observation, a component or an answer, with its unit and, for a quantity, its comparator.
fn value(at: Value<'_>, notes: &mut Notes) -> (Option<Stated>, Option<String>, Option<Bound>) {
    let bound = || at.get("valueQuantity")?.get("comparator")?.text().map(|word| Bound::read(&word));
    let (value, unit) = plain_value(at, notes);
    (value, unit, bound())
}

fn plain_value(at: Value<'_>, notes: &mut Notes) -> (Option<Stated>, Option<String>) {
    let Some(found) = at.members().find(|member| member.name().starts_with("value")) else { return (None, None) };
    let text = || found.text().map(|text| Stated::Text(text.into_owned()));
    let number = || found.number().and_then(|text| text.parse().ok()).map(Stated::Number);
    match found.name().as_ref() {
        "valueBoolean" => (pick::flag(at, "valueBoolean", notes).map(Stated::Bool), None),
        "valueDecimal" | "valueInteger" => (number(), None),
        "valueQuantity" => {
            let unit = found.get("code").or_else(|| found.get("unit")).and_then(Value::text);
            (pick::decimal(found, "value", notes).map(Stated::Number), unit.map(|unit| unit.into_owned()))
        }
        "valueDate" | "valueDateTime" => {
            let name = found.name();
            (pick::day(at, &name, notes).map(Stated::Day), None)
        }
        "valueCoding" => (pick::coding(found, notes).map(|code| Stated::Text(code.value)), None),
        "valueCodeableConcept" => {
            let code = pick::concept_codes(found, notes).into_iter().next().map(|code| code.value);
            let words = || found.get("text").and_then(Value::text).map(|text| text.into_owned());
            (code.or_else(words).map(Stated::Text), None)
        }
        "valueReference" => {
            (found.get("reference").and_then(Value::text).map(|text| Stated::Text(text.into_owned())), None)
        }
        _ => (text(), None),
    }
}

/// The answered questions of a QuestionnaireResponse, however deep.
fn answers(entry: &Entry<'_>, notes: &mut Notes) -> Vec<ClinicalItem> {
    let resource = entry.resource;
    let mut found = Vec::new();
    if withdrawn(resource) {
        return found;
    }
    let sheet = Sheet {
        questionnaire: pick::text(resource, "questionnaire", notes).map(|text| text.into_owned()),
        when: when(resource, &["authored"], notes),
        place: entry.place(),
    };
    collect(resource, &sheet, &mut found, notes);
    found
}

struct Sheet {
    questionnaire: Option<String>,
    when: Option<When>,
    place: String,
}

/// Depth is bounded by the depth limit of the document.
fn collect(at: Value<'_>, sheet: &Sheet, found: &mut Vec<ClinicalItem>, notes: &mut Notes) {
    for item in pick::objects(at, "item", notes) {
        let link_id = pick::text(item, "linkId", notes).map(|text| text.into_owned());
        if link_id.is_none() {
            notes.missing(item, "linkId");
        }
        for answer in pick::objects(item, "answer", notes) {
            let (value, unit, bound) = value(answer, notes);
            if value.is_some() {
                let codes = answer.get("valueCoding").and_then(|coding| pick::coding(coding, notes));
                found.push(ClinicalItem {
                    kind: ItemKind::Answer,
                    codes: codes.into_iter().collect(),
                    link_id: link_id.clone(),
                    questionnaire: sheet.questionnaire.clone(),
                    value,
                    unit,
                    bound,
                    when: sheet.when,
                    doubt: None,
                    place: format!("{}#{}", sheet.place, link_id.as_deref().unwrap_or_default()),
                });
            }
            collect(answer, sheet, found, notes);
        }
        collect(item, sheet, found, notes);
    }
}
