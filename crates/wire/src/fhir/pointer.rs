//! What a reference may point at, and numbers that must hold: said once for every resource type that a request brings.

use vigil_domain::party::Npi;

use super::{bundle::Entries, systems};
use crate::{
    issue::{IssueCode, Notes},
    json::{Kind, Value},
};

const PERSON: &[&str] = &["Patient"];
const SUBJECT: &[&str] = &["Patient", "Group"];
const MEASURED: &[&str] = &["Patient", "Group", "Device", "Location"];
const CARER: &[&str] = &["Practitioner", "PractitionerRole", "Organization"];
const ORGANIZATION: &[&str] = &["Organization"];

/// Resource type, path of members down to the reference, and the types FHIR R4 lets stand there. The parties of the Claim
/// itself are read, and checked, where the response repeats them.
const POINTERS: &[(&str, &[&str], &[&str])] = &[
    ("Claim", &["insurance", "coverage"], &["Coverage"]),
    ("Claim", &["facility"], &["Location"]),
    ("Claim", &["careTeam", "provider"], CARER),
    ("Claim", &["enterer"], &["Practitioner", "PractitionerRole"]),
    ("Claim", &["related", "claim"], &["Claim"]),
    ("Claim", &["diagnosis", "diagnosisReference"], &["Condition"]),
    ("Claim", &["procedure", "procedureReference"], &["Procedure"]),
    ("Claim", &["referral"], &["ServiceRequest"]),
    ("Coverage", &["beneficiary"], PERSON),
    ("Coverage", &["payor"], &["Organization", "Patient", "RelatedPerson"]),
    ("Coverage", &["subscriber"], &["Patient", "RelatedPerson"]),
    ("Coverage", &["policyHolder"], &["Patient", "RelatedPerson", "Organization"]),
    ("PractitionerRole", &["practitioner"], &["Practitioner"]),
    ("PractitionerRole", &["organization"], ORGANIZATION),
    ("PractitionerRole", &["location"], &["Location"]),
    ("Organization", &["partOf"], ORGANIZATION),
    ("Location", &["managingOrganization"], ORGANIZATION),
    ("Encounter", &["subject"], SUBJECT),
    ("Encounter", &["serviceProvider"], ORGANIZATION),
    ("Encounter", &["location", "location"], &["Location"]),
    ("Condition", &["subject"], SUBJECT),
    ("Procedure", &["subject"], SUBJECT),
    ("MedicationRequest", &["subject"], SUBJECT),
    ("MedicationStatement", &["subject"], SUBJECT),
    ("Observation", &["subject"], MEASURED),
    ("DiagnosticReport", &["subject"], MEASURED),
    ("ServiceRequest", &["subject"], MEASURED),
    ("DeviceRequest", &["subject"], MEASURED),
    ("NutritionOrder", &["patient"], PERSON),
    ("Immunization", &["patient"], PERSON),
    ("AllergyIntolerance", &["patient"], PERSON),
    ("DocumentReference", &["subject"], &["Patient", "Practitioner", "Group", "Device"]),
];

/// Notes every reference that leads to a resource of a type that may not stand there.
pub(super) fn check(entries: &Entries<'_>, notes: &mut Notes) {
    for (index, entry) in entries.list.iter().enumerate() {
        for (_, path, wanted) in POINTERS.iter().filter(|(kind, ..)| *kind == entry.kind) {
            follow(entries, index, entry.resource, path, wanted, notes);
        }
    }
}

fn follow(entries: &Entries<'_>, from: usize, at: Value<'_>, path: &[&str], wanted: &[&str], notes: &mut Notes) {
    let Some((name, rest)) = path.split_first() else { return target(entries, from, at, wanted, notes) };
    let Some(found) = at.get(name) else { return };
    let alone = (found.kind() == Kind::Object).then_some(found);
    for one in alone.into_iter().chain(found.items()) {
        follow(entries, from, one, rest, wanted, notes);
    }
}

fn target(entries: &Entries<'_>, from: usize, at: Value<'_>, wanted: &[&str], notes: &mut Notes) {
    let Some(target) = entries.follow(from, at) else { return };
    let kind = target.resource.get("resourceType").and_then(Value::text).unwrap_or_default();
    if !kind.is_empty() && !wanted.contains(&kind.as_ref()) {
        notes.error(
            IssueCode::Invariant,
            at,
            format!("This points at {}.", with_article(&kind)),
            format!("Point at one of {}.", wanted.join(", ")),
        );
    }
}

/// A resource type with `a` or `an` before it.
pub(super) fn with_article(kind: &str) -> String {
    let vowel = kind.starts_with(['A', 'E', 'I', 'O', 'U']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

/// Notes National Provider Identifiers that are none. Ten digits whose check digit does not hold are a slip of the pen, and an
/// error; what has not ten digits is a number of another kind under this system, which the guide's own examples have.
pub(super) fn provider_numbers(entries: &Entries<'_>, notes: &mut Notes) {
    for value in entries.list.iter().flat_map(|entry| entry.resource.within()) {
        if value.kind() != Kind::Object
            || value.get("system").and_then(Value::text).is_none_or(|url| url != systems::NPI)
        {
            continue;
        }
        let Some((at, number)) = value.get("value").and_then(|at| Some((at, at.text()?))) else { continue };
        if Npi::checked(&number).is_some() {
            continue;
        }
        let todo = "Correct the National Provider Identifier: ten digits, the last a check digit.";
        if number.len() == 10 && number.bytes().all(|byte| byte.is_ascii_digit()) {
            notes.error(IssueCode::Value, at, format!("The check digit of the NPI {number} does not hold."), todo);
        } else {
            notes.warn(IssueCode::Value, at, format!("{number:?} is no NPI."), todo);
        }
    }
}
