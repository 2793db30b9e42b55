//! What keeps a statement of the Bundle from proving anything: another person's, nobody's, or not finished.

use vigil_domain::evidence::Doubt;

use super::claim::Claim;
use crate::{
    fhir::{bundle::Target, party, pick},
    json::Value,
};

/// The doubt about every statement of an entry.
///
/// US Core asks for the subject, so a statement without one proves nothing: that the message is about one patient does not
/// make the statement his. A QuestionnaireResponse is held to the same.
pub(super) fn of(claim: &Claim<'_, '_>, index: usize) -> Option<Doubt> {
    let resource = claim.entries.list[index].resource;
    person(claim, index, resource).or_else(|| (!is_final(resource)).then_some(Doubt::NotFinal))
}

fn person(claim: &Claim<'_, '_>, index: usize, resource: Value<'_>) -> Option<Doubt> {
    let Some(subject) = resource.get("subject").or_else(|| resource.get("patient")) else {
        return Some(Doubt::NoPerson);
    };
    let patient = claim.follow(claim.at, "patient")?;
    let Some(text) = subject.get("reference").and_then(Value::text) else {
        return match subject.get("identifier") {
            Some(identifier) if identifiers(patient.resource).any(|own| same(own, identifier)) => None,
            Some(_) => Some(Doubt::OtherPerson),
            None => Some(Doubt::NoPerson),
        };
    };
    match claim.entries.resolve(index, &text) {
        Some(target) if one_person(&target, &patient) => None,
        _ => Some(Doubt::OtherPerson),
    }
}

/// The same entry, or two Patients with an identifier in common.
fn one_person(found: &Target<'_>, patient: &Target<'_>) -> bool {
    found.entry.is_some() && found.entry == patient.entry
        || party::is_a(found.resource, "Patient")
            && identifiers(found.resource).any(|one| identifiers(patient.resource).any(|other| same(one, other)))
}

fn identifiers<'j>(at: Value<'j>) -> impl Iterator<Item = Value<'j>> {
    at.get("identifier").into_iter().flat_map(Value::items)
}

fn same(one: Value<'_>, other: Value<'_>) -> bool {
    let text = |at: Value<'_>, name: &str| at.get(name).and_then(Value::text).unwrap_or_default().into_owned();
    !text(one, "value").is_empty() && ["system", "value"].iter().all(|name| text(one, name) == text(other, name))
}

/// Whether a statement is finished, by the status words of its type. Types whose status speaks of an order and not of a
/// finding are not asked.
fn is_final(resource: Value<'_>) -> bool {
    let status = resource.get("status").and_then(Value::text).unwrap_or_default();
    let status = status.as_ref();
    match resource.get("resourceType").and_then(Value::text).as_deref() {
        Some("Observation" | "DiagnosticReport") => matches!(status, "final" | "amended" | "corrected" | "appended"),
        Some("QuestionnaireResponse") => matches!(status, "completed" | "amended"),
        Some("Procedure" | "Immunization") => status == "completed",
        Some("Condition" | "AllergyIntolerance") => {
            let word = |name: &str| resource.get(name).and_then(pick::first_coding).map(|(_, code)| code);
            word("verificationStatus").is_none_or(|code| code == "confirmed")
                && word("clinicalStatus")
                    .is_none_or(|code| matches!(code.as_ref(), "active" | "recurrence" | "relapse"))
        }
        _ => true,
    }
}
