//! Patients, coverages, organizations, practitioners and places, as the sender states them.

use vigil_domain::{
    party::{Address, PersonName, Provider, Sex},
    request::{Identifier, Standing, StatedMember},
};

use super::{bundle::Entries, pick, systems};
use crate::{
    issue::{IssueCode, Notes},
    json::Value,
};

/// The identifiers of a resource that have a value.
pub fn identifiers(at: Value<'_>, notes: &mut Notes) -> Vec<Identifier> {
    pick::objects(at, "identifier", notes)
        .filter_map(|found| {
            let value = pick::text(found, "value", notes)?.into_owned();
            let system = found.get("system").and_then(Value::text).unwrap_or_default().into_owned();
            Some(Identifier { system, value })
        })
        .collect()
}

/// The value of the identifier with a v2-0203 type code.
pub(crate) fn identifier_typed(at: Value<'_>, code: &str) -> Option<String> {
    let found = at.get("identifier")?.items().find(|found| {
        let typed = found.get("type").and_then(|kind| kind.get("coding"));
        typed.is_some_and(|coding| {
            coding.items().any(|item| item.get("code").and_then(Value::text).is_some_and(|found| found == code))
        }) && found.get("value").is_some()
    })?;
    Some(found.get("value")?.text()?.into_owned())
}

/// The value of the identifier of a system.
pub(crate) fn identifier_of(at: Value<'_>, system: &str) -> Option<String> {
    let of = |found: &Value<'_>| found.get("system").and_then(Value::text).is_some_and(|url| url == system);
    Some(at.get("identifier")?.items().find(of)?.get("value")?.text()?.into_owned())
}

/// The member number on a Patient: typed `MB`, else the first that is neither a social security nor a record number.
pub(crate) fn member_number(patient: Value<'_>) -> Option<String> {
    identifier_typed(patient, "MB").or_else(|| {
        let usable = |found: &Value<'_>| {
            let system = found.get("system").and_then(Value::text).unwrap_or_default();
            let record = found
                .get("type")
                .and_then(pick::first_coding)
                .is_some_and(|(_, code)| matches!(code.as_ref(), "MR" | "SS" | "DL" | "PPN" | "AN" | "TAX"));
            system != systems::SSN && !record && found.get("value").is_some()
        };
        Some(patient.get("identifier")?.items().find(usable)?.get("value")?.text()?.into_owned())
    })
}

/// A HumanName: the first that has a family or given name.
pub(crate) fn person_name(at: Value<'_>, notes: &mut Notes) -> PersonName {
    let mut name = PersonName::default();
    for found in pick::objects(at, "name", notes) {
        let family = pick::text(found, "family", notes).unwrap_or_default();
        let given: Vec<_> = found.get("given").into_iter().flat_map(Value::items).filter_map(Value::text).collect();
        if !family.is_empty() || !given.is_empty() {
            name = PersonName { family: family.into_owned(), given: given.join(" ") };
            break;
        }
        if let Some(text) = found.get("text").and_then(Value::text) {
            name.family = text.into_owned();
            break;
        }
    }
    name
}

/// An address: `address` may be an array (people, organizations) or one object (places).
pub(crate) fn address(at: Value<'_>) -> Option<Address> {
    let found = at.get("address")?;
    let found = found.items().next().unwrap_or(found);
    let text = |name: &str| found.get(name).and_then(Value::text).unwrap_or_default().into_owned();
    let lines = found.get("line").into_iter().flat_map(Value::items).filter_map(Value::text);
    Some(Address {
        lines: lines.map(|line| line.into_owned()).collect(),
        city: text("city"),
        state: text("state"),
        zip: text("postalCode"),
    })
}

/// The first telephone number.
pub(crate) fn phone(at: Value<'_>) -> Option<String> {
    let phone = |found: &Value<'_>| found.get("system").and_then(Value::text).is_some_and(|system| system == "phone");
    Some(at.get("telecom")?.items().find(phone)?.get("value")?.text()?.into_owned())
}

fn language(patient: Value<'_>) -> Option<String> {
    let spoken = patient.get("communication")?;
    let preferred = |found: &Value<'_>| found.get("preferred").and_then(Value::boolean) == Some(true);
    let found = spoken.items().find(preferred).or_else(|| spoken.items().next())?;
    Some(pick::first_coding(found.get("language")?)?.1.into_owned())
}

/// Administrative gender, a required binding.
pub(crate) fn sex(patient: Value<'_>, notes: &mut Notes) -> Sex {
    let Some(word) = pick::text(patient, "gender", notes) else { return Sex::Unknown };
    let sex = Sex::read(&word);
    if let (false, Some(at)) = (sex.is_known(), patient.get("gender")) {
        notes.error(
            IssueCode::CodeInvalid,
            at,
            format!("gender {word:?} is not a code of administrative-gender."),
            "Send male, female, other or unknown.",
        );
    }
    sex
}

/// The member as stated by a Patient and, where there is one, a Coverage.
pub(crate) fn stated_member(patient: Value<'_>, coverage: Option<Value<'_>>, notes: &mut Notes) -> StatedMember {
    let subscriber =
        coverage.and_then(|coverage| pick::text(coverage, "subscriberId", notes)).map(|id| id.into_owned());
    let on_coverage = coverage.and_then(|coverage| identifier_typed(coverage, "MB"));
    let typed = identifier_typed(patient, "MB");
    let member_id = typed.or(on_coverage).or_else(|| member_number(patient)).or_else(|| subscriber.clone());
    if member_id.is_none() {
        notes.error(
            IssueCode::Required,
            patient,
            "The patient has no member number.",
            "Add Patient.identifier (type MB) or Coverage.subscriberId.",
        );
    }
    let member_id = member_id.unwrap_or_default();
    StatedMember {
        standing: standing(patient, coverage),
        subscriber_id: subscriber.filter(|id| *id != member_id),
        member_id,
        name: person_name(patient, notes),
        birth_day: pick::day(patient, "birthDate", notes),
        sex: sex(patient, notes),
        address: address(patient),
        phone: phone(patient),
        language: language(patient),
    }
}

/// What is said of life and coverage. Faults in these members are told where the resources' shapes are checked.
fn standing(patient: Value<'_>, coverage: Option<Value<'_>>) -> Standing {
    let unheard = &mut Notes::default();
    let died_on = pick::day(patient, "deceasedDateTime", unheard);
    let status = coverage.and_then(|coverage| coverage.get("status")?.text());
    let period = coverage.and_then(|coverage| pick::period(coverage, "period", unheard)).unwrap_or_default();
    Standing {
        deceased: patient.get("deceasedDateTime").is_some()
            || patient.get("deceasedBoolean").and_then(Value::boolean) == Some(true),
        died_on,
        inactive: status.filter(|word| word != "active").map(|word| word.into_owned()),
        covered_from: period.0,
        covered_through: period.1,
    }
}

/// NUCC codes or specialty words of a `specialty` or `qualification` list.
fn specialties(at: Value<'_>, name: &str) -> Vec<String> {
    let list = at.get(name).into_iter().flat_map(Value::items);
    list.filter_map(|found| pick::first_coding(found.get("code").unwrap_or(found)))
        .map(|(_, code)| code.into_owned())
        .collect()
}

pub(crate) fn is_a(at: Value<'_>, kind: &str) -> bool {
    at.get("resourceType").and_then(Value::text).is_some_and(|said| said == kind)
}

/// A provider out of an Organization, Practitioner, PractitionerRole, Location or HealthcareService.
pub(crate) fn provider(entries: &Entries<'_>, from: usize, at: Value<'_>, notes: &mut Notes) -> Provider {
    if !is_a(at, "PractitionerRole") {
        return alone(at, notes);
    }
    let role = Provider { specialties: specialties(at, "specialty"), ..common(at) };
    // One step, and only to what the standard lets stand there: roles that point at each other have no end.
    let of = |name: &str, kind: &str| {
        let found = at.get(name).and_then(|found| entries.follow(from, found));
        found.map(|target| target.resource).filter(|resource| is_a(*resource, kind))
    };
    if let Some(person) = of("practitioner", "Practitioner") {
        let stated = alone(person, notes);
        return Provider {
            npi: role.npi.or(stated.npi),
            phone: role.phone.or(stated.phone),
            specialties: if role.specialties.is_empty() { stated.specialties } else { role.specialties },
            ..stated
        };
    }
    match of("organization", "Organization") {
        Some(group) => {
            let stated = alone(group, notes);
            Provider { specialties: role.specialties, npi: role.npi.or(stated.npi.clone()), ..stated }
        }
        None => role,
    }
}

/// What is said of every kind of provider.
fn common(at: Value<'_>) -> Provider {
    Provider { npi: identifier_of(at, systems::NPI), phone: phone(at), address: address(at), ..Provider::default() }
}

/// A provider out of one resource, whatever it points at.
fn alone(at: Value<'_>, notes: &mut Notes) -> Provider {
    if is_a(at, "Practitioner") {
        let name = person_name(at, notes).spoken();
        return Provider { name, specialties: specialties(at, "qualification"), ..common(at) };
    }
    let name = at.get("name").and_then(Value::text).unwrap_or_default().into_owned();
    Provider { organization: true, name, ..common(at) }
}
