//! The parties of a composed request: patient, coverage, insurer, requester, care team, facility.

use vigil_domain::{
    party::{Address, Npi, Provider},
    request::{Request, ServiceLine},
};

use super::{Names, codings, entry, identifier_members, refer};
use crate::fhir::{
    pas::response::{extension, profile},
    systems,
    write::Writer,
};

/// Where a provider stands: an organization by itself, a person through a role.
pub(super) fn home(provider: &Provider, id: &str) -> (&'static str, String) {
    (if provider.organization { "Organization" } else { "PractitionerRole" }, id.to_owned())
}

/// Every party, each once.
pub(super) fn entries(w: &mut Writer, request: &Request, names: &Names) {
    entry(w, names, "Patient", "patient", |w| patient(w, request));
    entry(w, names, "Coverage", "coverage", |w| coverage(w, request, names));
    entry(w, names, "Organization", "insurer", |w| {
        profile(w, "profile-insurer");
        if !request.payer_id.is_empty() {
            let system = if Npi::checked(&request.payer_id).is_some() { systems::NPI } else { "urn:vigil:payer" };
            w.array("identifier", |w| w.item(|w| identifier_members(w, system, &request.payer_id)));
        }
        w.flag("active", true);
        if let Some(name) = &request.payer_name {
            w.text("name", name);
        }
    });
    provider(w, &request.requester, "requester", names);
    for (provider, id) in carers(request) {
        self::provider(w, provider, &id, names);
    }
    if let Some(facility) = &request.facility {
        entry(w, names, "Location", "facility", |w| {
            npi(w, facility);
            if !facility.name.is_empty() {
                w.text("name", &facility.name);
            }
            phone(w, facility.phone.as_deref());
            if let Some(address) = &facility.address {
                w.object("address", |w| address_members(w, address));
            }
        });
    }
}

/// The care team: first the person of the request, then each line's own provider.
fn carers(request: &Request) -> impl Iterator<Item = (&Provider, String)> {
    let own =
        request.lines.iter().filter_map(|line| Some((line.provider.as_ref()?, format!("provider-{}", line.sequence))));
    request.practitioner.iter().map(|person| (person, "practitioner".to_owned())).chain(own)
}

/// The care team sequence of a line's own provider.
pub(super) fn carer_of(request: &Request, line: &ServiceLine) -> Option<u64> {
    line.provider.as_ref()?;
    let id = format!("provider-{}", line.sequence);
    carers(request).position(|(_, known)| known == id).map(|at| at as u64 + 1)
}

pub(super) fn care_team(w: &mut Writer, request: &Request, names: &Names) {
    w.array_if_any("careTeam", |w| {
        for (at, (provider, id)) in carers(request).enumerate() {
            w.item(|w| {
                let whole = id == "practitioner";
                w.array("extension", |w| {
                    extension(w, "extension-careTeamClaimScope", |w| w.flag("valueBoolean", whole))
                });
                w.number("sequence", at as u64 + 1);
                let (kind, id) = home(provider, &id);
                refer(w, "provider", names, kind, &id);
            });
        }
    });
}

fn patient(w: &mut Writer, request: &Request) {
    let member = &request.member;
    profile(w, "profile-beneficiary");
    w.array("identifier", |w| {
        w.item(|w| {
            w.concept("type", systems::IDENTIFIER_TYPE, "MB", None);
            identifier_members(w, "urn:vigil:member", &member.member_id);
        });
    });
    name(w, &member.name.family, &member.name.given);
    phone(w, member.phone.as_deref());
    w.text("gender", member.sex.word());
    if let Some(day) = member.birth_day {
        w.day("birthDate", day);
    }
    if let Some(address) = &member.address {
        w.array("address", |w| w.item(|w| address_members(w, address)));
    }
    if let Some(language) = &member.language {
        w.array("communication", |w| {
            w.item(|w| {
                w.concept("language", "urn:ietf:bcp:47", language, None);
                w.flag("preferred", true);
            });
        });
    }
}

fn coverage(w: &mut Writer, request: &Request, names: &Names) {
    profile(w, "profile-coverage");
    w.array("identifier", |w| {
        w.item(|w| {
            w.concept("type", systems::IDENTIFIER_TYPE, "MB", None);
            identifier_members(w, "urn:vigil:member", &request.member.member_id);
        });
    });
    w.text("status", "active");
    if let Some(subscriber) = &request.member.subscriber_id {
        w.text("subscriberId", subscriber);
    }
    refer(w, "beneficiary", names, "Patient", "patient");
    let relationship = if request.member.subscriber_id.is_none() { "self" } else { "other" };
    w.concept("relationship", "http://terminology.hl7.org/CodeSystem/subscriber-relationship", relationship, None);
    w.array("payor", |w| w.item(|w| w.text("reference", &names.url("Organization", "insurer"))));
    if let Some(plan) = &request.plan_id {
        w.array("class", |w| {
            w.item(|w| {
                w.concept("type", "http://terminology.hl7.org/CodeSystem/coverage-class", "plan", None);
                w.text("value", plan);
            });
        });
    }
}

fn provider(w: &mut Writer, provider: &Provider, id: &str, names: &Names) {
    if provider.organization {
        entry(w, names, "Organization", id, |w| {
            npi(w, provider);
            w.flag("active", true);
            if !provider.name.is_empty() {
                w.text("name", &provider.name);
            }
            phone(w, provider.phone.as_deref());
            if let Some(address) = &provider.address {
                w.array("address", |w| w.item(|w| address_members(w, address)));
            }
        });
        return;
    }
    let person = format!("{id}-person");
    entry(w, names, "PractitionerRole", id, |w| {
        refer(w, "practitioner", names, "Practitioner", &person);
        w.array_if_any("specialty", |w| {
            let system = "http://nucc.org/provider-taxonomy";
            provider.specialties.iter().for_each(|word| w.item(|w| codings(w, [(system, word.as_str(), None)])));
        });
    });
    entry(w, names, "Practitioner", &person, |w| {
        npi(w, provider);
        let (given, family) = provider.name.rsplit_once(' ').unwrap_or(("", &provider.name));
        name(w, family, given);
        phone(w, provider.phone.as_deref());
        if let Some(address) = &provider.address {
            w.array("address", |w| w.item(|w| address_members(w, address)));
        }
    });
}

fn npi(w: &mut Writer, provider: &Provider) {
    if let Some(npi) = &provider.npi {
        w.array("identifier", |w| w.item(|w| identifier_members(w, systems::NPI, npi)));
    }
}

fn name(w: &mut Writer, family: &str, given: &str) {
    if family.is_empty() && given.is_empty() {
        return;
    }
    w.array("name", |w| {
        w.item(|w| {
            if !family.is_empty() {
                w.text("family", family);
            }
            w.array_if_any("given", |w| given.split_whitespace().for_each(|word| w.element(word)));
        });
    });
}

fn phone(w: &mut Writer, phone: Option<&str>) {
    if let Some(number) = phone {
        w.array("telecom", |w| {
            w.item(|w| {
                w.text("system", "phone");
                w.text("value", number);
            });
        });
    }
}

fn address_members(w: &mut Writer, address: &Address) {
    w.array_if_any("line", |w| address.lines.iter().for_each(|line| w.element(line)));
    for (name, text) in [("city", &address.city), ("state", &address.state), ("postalCode", &address.zip)] {
        if !text.is_empty() {
            w.text(name, text);
        }
    }
}
