//! Fields as told: a value, nothing said, or none any more; times in the facility's zone; every fault with its place.

use vigil_domain::{
    code::{Code, CodeSystem},
    stay::news::{Identifier, Place, Practitioner, Told},
    time::{Day, Moment, Zone},
};

use super::{
    lexer::{Field, Segment},
    time,
};
use crate::issue::{IssueCode, Notes, Severity};

/// What is wrong so far, and in which zone times are read.
pub(super) struct Desk<'z> {
    pub(super) zone: &'z Zone,
    pub(super) notes: Notes,
}

impl Desk<'_> {
    /// A time that decides something: one that cannot be read is a fault of the message.
    pub(super) fn moment(&mut self, segment: Option<Segment<'_>>, number: usize) -> Option<Told<Moment>> {
        let segment = segment?;
        let field = segment.field(number)?;
        if field.is_removed() {
            return Some(Told::Removed);
        }
        let place = segment.place(number);
        match time::moment(&field.text(1), self.zone) {
            Some(read) => {
                if read.unsure {
                    self.notes.note(
                        Severity::Warning,
                        IssueCode::Value,
                        place,
                        "The time stands in an hour that the clocks repeat or skip that night; it was read as the first such hour.",
                        "Send times with their offset from UTC.",
                    );
                }
                Some(Told::Is(read.at))
            }
            None => {
                let todo = "Send YYYYMMDDHHMM, with seconds and offset where known.";
                self.notes.note(Severity::Error, IssueCode::Value, place, "The time cannot be read.", todo);
                None
            }
        }
    }

    /// A time as a plain value.
    pub(super) fn at(&mut self, segment: Option<Segment<'_>>, number: usize) -> Option<Moment> {
        self.moment(segment, number).and_then(|told| told.value().copied())
    }

    /// A day that decides nothing by itself: one that cannot be read is said, and left out.
    pub(super) fn day(&mut self, segment: Segment<'_>, number: usize) -> Option<Told<Day>> {
        let field = segment.field(number)?;
        if field.is_removed() {
            return Some(Told::Removed);
        }
        let day = time::day(&field.text(1));
        if day.is_none() {
            let (place, todo) = (segment.place(number), "Send YYYYMMDD.");
            self.notes.note(
                Severity::Warning,
                IssueCode::Value,
                place,
                "The date cannot be read; it was left out.",
                todo,
            );
        }
        day.map(Told::Is)
    }

    /// A field that must be there is not.
    pub(super) fn missing(&mut self, place: &str, what: &str) {
        let details = format!("Missing: {what}.");
        self.notes.note(Severity::Error, IssueCode::Required, place, details, format!("Send {what} in {place}."));
    }
}

/// A component as told.
pub(super) fn text(segment: Segment<'_>, number: usize, component: usize) -> Option<Told<String>> {
    told(segment, number, |field| Some(field.text(component)).filter(|text| !text.is_empty()))
}

/// A field as told, by a reader of its first repeat; a reader that finds nothing says nothing.
pub(super) fn told<T>(segment: Segment<'_>, number: usize, read: impl Fn(Field<'_>) -> Option<T>) -> Option<Told<T>> {
    let field = segment.field(number)?;
    if field.is_removed() { Some(Told::Removed) } else { read(field).map(Told::Is) }
}

/// An identifier with its authority and type (CX).
pub(super) fn identifier(field: Field<'_>) -> Option<Identifier> {
    let value = field.text(1);
    let named = !value.is_empty() && !field.is_removed();
    named.then(|| Identifier { value, authority: field.text(4), kind: field.text(5) })
}

/// A place (PL).
pub(super) fn place(field: Field<'_>) -> Option<Place> {
    let place = Place { unit: field.text(1), room: field.text(2), bed: field.text(3), building: field.text(7) };
    (place != Place::default()).then_some(place)
}

/// A practitioner (XCN).
pub(super) fn practitioner(field: Field<'_>) -> Option<Practitioner> {
    let (id, family, given) = (field.text(1), field.text(2), field.text(3));
    let name = match (family.is_empty(), given.is_empty()) {
        (false, false) => format!("{family}, {given}"),
        _ => format!("{family}{given}"),
    };
    let npi = vigil_domain::party::Npi::checked(&id).map(|npi| npi.digits().to_owned());
    (!id.is_empty() || !name.is_empty()).then_some(Practitioner { id, npi, name })
}

/// A code with its words and system (CE, CWE).
pub(super) fn code(field: Field<'_>) -> Option<Code> {
    let (value, label) = (field.text(1), field.text(2));
    if value.is_empty() && label.is_empty() {
        return None;
    }
    let system = match field.text(3).to_ascii_uppercase().as_str() {
        "I10" | "I10C" | "ICD10" | "ICD-10" | "ICD-10-CM" | "ICD10CM" => CodeSystem::Icd10Cm,
        "I10P" | "ICD10PCS" | "ICD-10-PCS" => CodeSystem::Icd10Pcs,
        "C4" | "CPT" | "CPT4" => CodeSystem::Cpt,
        "HCPCS" | "HPC" => CodeSystem::Hcpcs,
        "LN" => CodeSystem::Loinc,
        "SCT" => CodeSystem::Snomed,
        other => CodeSystem::Other(other.to_ascii_lowercase()),
    };
    Some(Code { system, value, label: Some(label).filter(|l| !l.is_empty()) })
}
