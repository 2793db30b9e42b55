//! The shape of what a Claim points at: members that R4 and the guide ask for, codes with a required binding, elements of one
//! choice, and periods that run forward. One row a resource type; the Claim itself is read by its own room.

use super::{bundle::Entries, pick};
use crate::{
    issue::{IssueCode, Notes},
    json::{Kind, Value},
};

/// What is asked of a resource type.
struct Shape {
    kind: &'static str,
    /// Members that must be there; `[x]` stands for any type of a choice.
    required: &'static [&'static str],
    /// Members that are codes of a closed set.
    codes: &'static [(&'static str, &'static [&'static str])],
    /// Members that are periods and that no other room reads.
    periods: &'static [&'static str],
    /// Choices of which one type may stand.
    choices: &'static [&'static str],
}

const FINANCIAL: &[&str] = &["active", "cancelled", "draft", "entered-in-error"];
const REQUEST: &[&str] = &["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"];
const INTENT: &[&str] = &[
    "proposal",
    "plan",
    "directive",
    "order",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
    "option",
];
const PRIORITY: &[&str] = &["routine", "urgent", "asap", "stat"];
const ENCOUNTER: &[&str] = &[
    "planned",
    "arrived",
    "triaged",
    "in-progress",
    "onleave",
    "finished",
    "cancelled",
    "entered-in-error",
    "unknown",
];
const MEDICATION: &[&str] =
    &["active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"];
const OBSERVATION: &[&str] =
    &["registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"];
const EVENT: &[&str] =
    &["preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"];
const DOCUMENT: &[&str] = &["current", "superseded", "entered-in-error"];
const ANSWERS: &[&str] = &["in-progress", "completed", "amended", "entered-in-error", "stopped"];

const GENDER: &[&str] = &["male", "female", "other", "unknown"];
const REPORT: &[&str] = &[
    "registered",
    "partial",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "appended",
    "cancelled",
    "entered-in-error",
    "unknown",
];
const LOCATION: &[&str] = &["active", "suspended", "inactive"];

const SHAPES: &[Shape] = &[
    Shape { kind: "Practitioner", required: &[], codes: &[("gender", GENDER)], periods: &[], choices: &[] },
    Shape { kind: "RelatedPerson", required: &["patient"], codes: &[("gender", GENDER)], periods: &[], choices: &[] },
    Shape { kind: "Location", required: &[], codes: &[("status", LOCATION)], periods: &[], choices: &[] },
    Shape {
        kind: "DiagnosticReport",
        required: &["status", "code"],
        codes: &[("status", REPORT)],
        periods: &[],
        choices: &["effective"],
    },
    Shape {
        kind: "Patient",
        required: &["identifier", "name", "gender"],
        codes: &[],
        periods: &[],
        choices: &["deceased"],
    },
    Shape {
        kind: "Coverage",
        required: &["status", "beneficiary", "payor"],
        codes: &[("status", FINANCIAL)],
        periods: &["period"],
        choices: &[],
    },
    Shape {
        kind: "Encounter",
        required: &["status", "class"],
        codes: &[("status", ENCOUNTER)],
        periods: &["period"],
        choices: &[],
    },
    Shape {
        kind: "ServiceRequest",
        required: &["status", "intent", "subject"],
        codes: &[("status", REQUEST), ("intent", INTENT), ("priority", PRIORITY)],
        periods: &[],
        choices: &["quantity", "occurrence"],
    },
    Shape {
        kind: "DeviceRequest",
        required: &["intent", "code[x]", "subject"],
        codes: &[("status", REQUEST), ("intent", INTENT), ("priority", PRIORITY)],
        periods: &[],
        choices: &["code", "occurrence"],
    },
    Shape {
        kind: "MedicationRequest",
        required: &["status", "intent", "medication[x]", "subject"],
        codes: &[("status", MEDICATION), ("intent", INTENT), ("priority", PRIORITY)],
        periods: &[],
        choices: &["medication"],
    },
    Shape {
        kind: "NutritionOrder",
        required: &["status", "intent", "patient", "dateTime"],
        codes: &[("status", REQUEST), ("intent", INTENT)],
        periods: &[],
        choices: &[],
    },
    Shape {
        kind: "Observation",
        required: &["status", "code"],
        codes: &[("status", OBSERVATION)],
        periods: &[],
        choices: &["effective", "value"],
    },
    Shape { kind: "Condition", required: &["subject"], codes: &[], periods: &[], choices: &["onset", "abatement"] },
    Shape {
        kind: "Procedure",
        required: &["status", "subject"],
        codes: &[("status", EVENT)],
        periods: &[],
        choices: &["performed"],
    },
    Shape {
        kind: "DocumentReference",
        required: &["status", "content"],
        codes: &[("status", DOCUMENT)],
        periods: &[],
        choices: &[],
    },
    Shape {
        kind: "QuestionnaireResponse",
        required: &["status"],
        codes: &[("status", ANSWERS)],
        periods: &[],
        choices: &[],
    },
];

/// Checks every entry that has a row; the Claim in the first entry is left to its reader.
pub(super) fn check(entries: &Entries<'_>, notes: &mut Notes) {
    for entry in entries.list.iter().skip(1) {
        let Some(shape) = SHAPES.iter().find(|shape| shape.kind == entry.kind) else { continue };
        let at = entry.resource;
        for name in shape.required.iter().filter(|name| !stands(at, name)) {
            notes.missing(at, name);
        }
        for (name, table) in shape.codes {
            let Some(code) = pick::text(at, name, notes) else { continue };
            if !table.contains(&code.as_ref()) {
                notes.error(
                    IssueCode::CodeInvalid,
                    at.get(name).unwrap_or(at),
                    format!("{name} {code:?} is not a code that FHIR allows here."),
                    format!("Send one of {}.", table.join(", ")),
                );
            }
        }
        for name in shape.periods {
            pick::period(at, name, notes);
        }
        for name in shape.choices {
            one_of(at, name, notes);
        }
    }
}

/// Whether a member is there and says something; an empty array does not.
fn stands(at: Value<'_>, name: &str) -> bool {
    match name.strip_suffix("[x]") {
        Some(begins) => at.members().any(|member| is_choice(&member.name(), begins)),
        None => at.get(name).is_some_and(|found| found.kind() != Kind::Array || found.items().next().is_some()),
    }
}

/// `valueString` is a choice of `value`, `values` is not.
fn is_choice(name: &str, begins: &str) -> bool {
    name.strip_prefix(begins).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Notes a choice that is made twice: the receiver could not know which one holds.
pub(super) fn one_of(at: Value<'_>, name: &str, notes: &mut Notes) {
    let mut made = at.members().filter(|member| is_choice(&member.name(), name));
    let (Some(first), Some(second)) = (made.next(), made.next()) else { return };
    notes.error(
        IssueCode::Structure,
        second,
        format!("{} stands beside {}; only one of them may.", second.name(), first.name()),
        format!("Send {name} once, in one type."),
    );
}
