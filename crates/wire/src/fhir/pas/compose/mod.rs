//! Composing a PAS request out of a domain request: what a hospital sends, what the simulation and the load sends.
//!
//! Reading what was composed gives the request back, as far as the guide has a place for it: networks, specialties of
//! organizations and the digest of a document without its bytes have none. 2.2.1 asks for a place and a service type
//! on every item; a line that has none is sent as place 99 and service type 1.

mod evidence;
mod parties;

use sha2::{Digest, Sha256};
use vigil_domain::{
    code::{Code, CodeSystem},
    request::{Certification, Request, Review, ServiceLine, Urgency},
};

use super::{
    Attachment, Base, CANCELLED, CERTIFICATION, DEFINITIONS, LEVEL_OF_SERVICE, REQUEST_CATEGORY, TEMP, claim,
    response::{extension, profile, quantity},
};
use crate::fhir::{systems, write::Writer};

/// A request Bundle without the bytes of its documents.
pub fn bundle(base: Base, request: &Request) -> Vec<u8> {
    bundle_with(base, request, &[])
}

/// A request Bundle with the bytes of documents.
pub fn bundle_with(base: Base, request: &Request, attachments: &[Attachment]) -> Vec<u8> {
    let bytes: usize = attachments.iter().map(|one| one.bytes.len() * 4 / 3 + 512).sum();
    let mut w = Writer::with_capacity(8192 + bytes + (request.items.len() + request.lines.len()) * 1024);
    let names = Names::of(request);
    w.item(|w| {
        w.text("resourceType", "Bundle");
        profile(w, "profile-pas-request-bundle");
        w.object("identifier", |w| {
            w.text("system", "urn:vigil:message");
            w.text("value", &names.message);
        });
        w.text("type", "collection");
        w.moment("timestamp", request.receipt.received_at);
        w.array("entry", |w| {
            entry(w, &names, "Claim", "claim", |w| claim_members(w, base, request, &names));
            parties::entries(w, request, &names);
            for line in request.lines.iter().filter(|line| needs_order(line)) {
                order(w, line, &names);
            }
            evidence::entries(w, request, attachments, &names);
        });
    });
    w.finish()
}

/// The fullUrls of one message: UUIDs made of the message's identity and each resource's type and id.
struct Names {
    message: String,
}

impl Names {
    fn of(request: &Request) -> Self {
        let mut seed =
            format!("{}|{}|{}", request.receipt.proof, request.receipt.received_at, request.member.member_id);
        for identifier in &request.identifiers {
            seed.push_str(&format!("|{}|{}", identifier.system, identifier.value));
        }
        Self { message: crate::fhir::document::hex(&Sha256::digest(seed)[..16]) }
    }

    fn url(&self, kind: &str, id: &str) -> String {
        format!("urn:uuid:{}", super::response::uuid(&self.message, &format!("{kind}/{id}")))
    }
}

/// One entry: fullUrl, type, id, and the rest.
fn entry(w: &mut Writer, names: &Names, kind: &str, id: &str, members: impl FnOnce(&mut Writer)) {
    w.item(|w| {
        w.text("fullUrl", &names.url(kind, id));
        w.object("resource", |w| {
            w.text("resourceType", kind);
            w.text("id", id);
            members(w);
        });
    });
}

fn refer(w: &mut Writer, name: &str, names: &Names, kind: &str, id: &str) {
    w.object(name, |w| w.text("reference", &names.url(kind, id)));
}

fn claim_members(w: &mut Writer, base: Base, request: &Request, names: &Names) {
    let update = !request.updates.is_empty();
    profile(w, if update { "profile-claim-update" } else { "profile-claim" });
    if request.urgency == Urgency::Expedited {
        w.array("extension", |w| {
            extension(w, "extension-levelOfServiceCode", |w| {
                w.concept("valueCodeableConcept", LEVEL_OF_SERVICE, "U", None)
            });
        });
    }
    w.array_if_any("identifier", |w| {
        for identifier in &request.identifiers {
            w.item(|w| identifier_members(w, &identifier.system, &identifier.value));
        }
    });
    w.text("status", "active");
    w.concept("type", "http://terminology.hl7.org/CodeSystem/claim-type", "professional", None);
    w.text("use", "preauthorization");
    refer(w, "patient", names, "Patient", "patient");
    w.moment("created", request.receipt.received_at);
    refer(w, "insurer", names, "Organization", "insurer");
    let (kind, id) = parties::home(&request.requester, "requester");
    refer(w, "provider", names, kind, &id);
    w.concept("priority", "http://terminology.hl7.org/CodeSystem/processpriority", "normal", None);
    w.array_if_any("related", |w| {
        for earlier in &request.updates {
            w.item(|w| {
                w.object("claim", |w| {
                    w.object("identifier", |w| identifier_members(w, &earlier.system, &earlier.value))
                });
                w.concept(
                    "relationship",
                    "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship",
                    "prior",
                    None,
                );
            });
        }
    });
    if request.facility.is_some() {
        refer(w, "facility", names, "Location", "facility");
    }
    parties::care_team(w, request, names);
    supporting(w, base, request, names);
    diagnoses(w, request);
    w.array("insurance", |w| {
        w.item(|w| {
            w.number("sequence", 1);
            w.flag("focal", true);
            refer(w, "coverage", names, "Coverage", "coverage");
        });
    });
    w.array_if_any("item", |w| request.lines.iter().for_each(|line| w.item(|w| item(w, base, request, line, names))));
}

fn identifier_members(w: &mut Writer, system: &str, value: &str) {
    if !system.is_empty() {
        w.text("system", system);
    }
    w.text("value", value);
}

fn supporting(w: &mut Writer, base: Base, request: &Request, names: &Names) {
    let mut sequence = 0;
    let mut next = || {
        sequence += 1;
        sequence
    };
    w.array_if_any("supportingInfo", |w| {
        let mut info = |w: &mut Writer, category: &str, value: &dyn Fn(&mut Writer)| {
            w.item(|w| {
                if category == "additionalInformation" && base == Base::V22 {
                    w.array("extension", document_information);
                }
                w.number("sequence", next());
                w.concept("category", TEMP, category, None);
                value(w);
            });
        };
        let extends = request.lines.iter().any(|line| line.certification == Certification::Extension);
        if request.review == Review::Concurrent && !extends {
            let day = jiff::tz::TimeZone::UTC.to_datetime(request.receipt.received_at).date();
            info(w, "admissionDates", &|w| w.day("timingDate", day));
        }
        if let Some(note) = &request.note {
            info(w, "freeFormMessage", &|w| w.text("valueString", note));
        }
        for (kind, id) in evidence::places(request) {
            info(w, "additionalInformation", &|w| refer(w, "valueReference", names, &kind, &id));
        }
    });
}

/// What kind of report it is (X12 755 code 77, support data for verification: from knowledge, verify), and that it came with the message.
fn document_information(w: &mut Writer) {
    w.item(|w| {
        w.array("extension", |w| {
            w.item(|w| {
                w.text("url", "reportTypeCode");
                w.concept("valueCodeableConcept", "https://codesystem.x12.org/005010/755", "77", None);
            });
            w.item(|w| {
                w.text("url", "transmissionMethod");
                w.concept("valueCodeableConcept", "https://codesystem.x12.org/005010/756", "EL", None);
            });
        });
        w.text("url", &format!("{DEFINITIONS}extension-documentInformation"));
    });
}

fn diagnoses(w: &mut Writer, request: &Request) {
    w.array_if_any("diagnosis", |w| {
        for diagnosis in &request.diagnoses {
            w.item(|w| {
                if let Some(day) = diagnosis.recorded_on {
                    w.array("extension", |w| {
                        extension(w, "extension-diagnosisRecordedDate", |w| w.day("valueDate", day))
                    });
                }
                w.number("sequence", diagnosis.sequence.into());
                code(w, "diagnosisCodeableConcept", &diagnosis.code);
                if let Some(role) = &diagnosis.role {
                    w.array("type", |w| w.item(|w| codings(w, [(TEMP, role.as_str(), None)])));
                }
            });
        }
    });
}

fn code(w: &mut Writer, name: &str, code: &Code) {
    w.concept(name, systems::url(code), &code.value, code.label.as_deref());
}

/// `coding` of a CodeableConcept.
fn codings<'a>(w: &mut Writer, list: impl IntoIterator<Item = (&'a str, &'a str, Option<&'a str>)>) {
    w.array_if_any("coding", |w| {
        for (system, code, display) in list {
            w.item(|w| coding_members(w, system, code, display));
        }
    });
}

fn coding_members(w: &mut Writer, system: &str, code: &str, display: Option<&str>) {
    if !system.is_empty() {
        w.text("system", system);
    }
    w.text("code", code);
    if let Some(display) = display {
        w.text("display", display);
    }
}

fn of(code: &Code) -> (&str, &str, Option<&str>) {
    (systems::url(code), &code.value, code.label.as_deref())
}

/// A line whose code the guide does not allow as a product, or that is a drug without saying so, goes by an order.
fn needs_order(line: &ServiceLine) -> bool {
    !claim::is_service(&line.service) || (line.drug && !line.codes().any(claim::is_drug))
}

fn order_kind(line: &ServiceLine) -> &'static str {
    if line.drug { "MedicationRequest" } else { "ServiceRequest" }
}

fn order(w: &mut Writer, line: &ServiceLine, names: &Names) {
    let kind = order_kind(line);
    entry(w, names, kind, &format!("order-{}", line.sequence), |w| {
        w.text("status", "active");
        w.text("intent", "order");
        let name = if kind == "MedicationRequest" { "medicationCodeableConcept" } else { "code" };
        w.object(name, |w| codings(w, product_codes(line).map(of)));
        refer(w, "subject", names, "Patient", "patient");
    });
}

/// The codes of a line that say the product: neither revenue nor service type, unless that is all it asks for.
fn product_codes(line: &ServiceLine) -> impl Iterator<Item = &Code> {
    let elsewhere = |code: &&Code| !matches!(code.system, CodeSystem::Revenue | CodeSystem::ServiceType);
    std::iter::once(&line.service).chain(line.also.iter().filter(elsewhere))
}

fn item(w: &mut Writer, base: Base, request: &Request, line: &ServiceLine, names: &Names) {
    w.array("extension", |w| {
        let category = if request.review == Review::Concurrent { "AR" } else { "HS" };
        extension(w, "extension-serviceItemRequestType", |w| {
            w.concept("valueCodeableConcept", REQUEST_CATEGORY, category, None)
        });
        extension(w, "extension-certificationType", |w| {
            w.concept("valueCodeableConcept", CERTIFICATION, claim::certification_code(&line.certification), None);
        });
        if let Some(number) = &line.earlier_authorization {
            extension(w, "extension-authorizationNumber", |w| w.text("valueString", number));
        }
        if needs_order(line) {
            let id = format!("order-{}", line.sequence);
            extension(w, "extension-requestedService", |w| refer(w, "valueReference", names, order_kind(line), &id));
        }
        if let Some(changed) = &line.changed {
            extension(w, "extension-infoChanged", |w| w.text("valueCode", changed));
        }
    });
    if line.cancelled {
        w.array("modifierExtension", |w| {
            w.item(|w| {
                w.text("url", CANCELLED);
                w.flag("valueBoolean", true);
            });
        });
    }
    w.number("sequence", line.sequence.into());
    w.array_if_any("careTeamSequence", |w| {
        if let Some(sequence) = parties::carer_of(request, line) {
            w.number_element(sequence);
        }
    });
    w.array_if_any("diagnosisSequence", |w| {
        line.diagnoses.iter().for_each(|number| w.number_element((*number).into()))
    });
    let revenue = line.also.iter().filter(|code| code.system == CodeSystem::Revenue);
    let mut revenue = revenue.peekable();
    if revenue.peek().is_some() {
        w.object("revenue", |w| codings(w, revenue.map(of)));
    }
    category(w, line);
    product(w, line);
    w.array_if_any("modifier", |w| {
        let system = systems::url_of(&CodeSystem::Hcpcs);
        line.modifiers.iter().for_each(|modifier| w.item(|w| codings(w, [(system, modifier.as_str(), None)])));
    });
    match (line.from, line.through) {
        (None, None) => {}
        (Some(day), None) => w.day("servicedDate", day),
        (from, through) => w.period("servicedPeriod", from, through),
    }
    match &line.place {
        Some(place) => code(w, "locationCodeableConcept", place),
        None if base.asks_more_of_items() => {
            w.concept("locationCodeableConcept", systems::url_of(&CodeSystem::PlaceOfService), "99", None);
        }
        None => {}
    }
    if let Some(amount) = &line.quantity {
        quantity(w, "quantity", amount);
    }
}

fn category(w: &mut Writer, line: &ServiceLine) {
    let mut types = line.codes().filter(|code| code.system == CodeSystem::ServiceType).peekable();
    if types.peek().is_some() {
        w.object("category", |w| codings(w, types.map(of)));
    } else {
        w.concept("category", systems::url_of(&CodeSystem::ServiceType), "1", None);
    }
}

fn product(w: &mut Writer, line: &ServiceLine) {
    w.object("productOrService", |w| {
        if claim::is_service(&line.service) {
            codings(w, product_codes(line).map(of));
        } else {
            codings(w, [("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-applicable", None)]);
        }
        if let Some(words) = &line.description {
            w.text("text", words);
        }
    });
}
