//! What a response must say again: the parties under their own fullUrl, the identifiers, the numbers of each item.

use serde::{Deserialize, Serialize};
use vigil_domain::{request::Identifier, time::Day};

use super::claim::{Claim, extension_tail};
use crate::{
    fhir::{bundle::Target, party, pick, pointer::with_article},
    issue::{IssueCode, Notes},
    json::{Kind, Value},
};

/// The parts of a request that its responses repeat, character by character.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Echo {
    /// The request Bundle's identifier.
    pub bundle_identifier: Option<Identifier>,
    /// Server part of the Claim's fullUrl, when it is RESTful.
    pub(super) base: Option<String>,
    /// `Claim.type` as JSON.
    pub(super) claim_type: String,
    /// `Claim.identifier` entries as JSON.
    pub(super) identifiers: Vec<String>,
    /// References as JSON objects.
    pub(super) patient: String,
    pub(super) insurer: String,
    pub(super) requestor: Option<String>,
    pub(super) claim: String,
    /// Owner and requester of a Task, as identifiers in JSON.
    pub(super) insurer_identifier: Option<String>,
    pub(super) requestor_identifier: Option<String>,
    /// Contained parties as JSON.
    pub(super) contained: Vec<String>,
    /// Entries to repeat.
    pub(super) resources: Vec<Echoed>,
    /// The items.
    pub(super) items: Vec<EchoedItem>,
    /// Places that led to no party; a response cannot point at them.
    #[serde(skip)]
    queue: Vec<usize>,
}

/// A resource to repeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Echoed {
    pub url: String,
    pub json: String,
}

/// What is repeated of an item.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct EchoedItem {
    pub sequence: u32,
    /// `itemTraceNumber` identifiers as JSON.
    pub traces: Vec<String>,
    pub earlier_authorization: Option<String>,
    pub reference_number: Option<String>,
    pub serviced: (Option<Day>, Option<Day>),
    /// `productOrService` as JSON.
    pub service: String,
}

impl Echo {
    /// Collects the echo of a Claim; a party that is absent is an error, because nothing can be answered about it.
    pub(super) fn read(claim: &Claim<'_, '_>, bundle: Value<'_>, notes: &mut Notes) -> Self {
        let entry = &claim.entries.list[0];
        let mut echo = Self {
            bundle_identifier: pick::object(bundle, "identifier", notes).and_then(|found| {
                let value = pick::text(found, "value", notes)?.into_owned();
                Some(Identifier { system: pick::text(found, "system", notes).unwrap_or_default().into_owned(), value })
            }),
            base: entry.base().map(str::to_owned),
            claim_type: claim.at.get("type").map_or_else(String::new, |found| found.raw().to_owned()),
            identifiers: pick::objects(claim.at, "identifier", notes).map(|found| found.raw().to_owned()).collect(),
            claim: reference_json(&if entry.base().is_some() { entry.place() } else { entry.url.clone().into_owned() }),
            items: items(claim, notes),
            ..Self::default()
        };
        echo.patient = echo.party(claim, "patient", true, notes).unwrap_or_default();
        echo.insurer = echo.party(claim, "insurer", true, notes).unwrap_or_default();
        echo.requestor = echo.party(claim, "provider", true, notes);
        echo.insurer_identifier = party_identifier(claim, "insurer");
        echo.requestor_identifier = party_identifier(claim, "provider");
        echo.collect(claim);
        echo
    }

    fn party(&mut self, claim: &Claim<'_, '_>, name: &str, required: bool, notes: &mut Notes) -> Option<String> {
        let Some(reference) = pick::object(claim.at, name, notes) else {
            if required && claim.at.get(name).is_none() {
                notes.missing(claim.at, name);
            }
            return None;
        };
        let Some(text) = reference.get("reference").and_then(Value::text) else {
            if reference.get("identifier").is_none() || name == "patient" {
                notes.missing(reference, "reference");
            }
            return Some(reference.raw().to_owned());
        };
        let Target { resource, entry, strict } = claim.entries.resolve(0, &text)?;
        let kind = resource.get("resourceType").and_then(Value::text).unwrap_or_default();
        let wanted: &[&str] = match name {
            "patient" => &["Patient"],
            "insurer" => &["Organization"],
            _ => &["Organization", "PractitionerRole", "Practitioner"],
        };
        if !wanted.contains(&kind.as_ref()) {
            let todo = format!("Point at one of {}.", wanted.join(", "));
            notes.error(IssueCode::Invariant, reference, format!("{name} points at {}.", with_article(&kind)), todo);
        }
        let Some(index) = entry else {
            self.contained.push(resource.raw().to_owned());
            return Some(reference_json(&text));
        };
        self.queue.push(index);
        Some(reference_json(if strict { &text } else { &claim.entries.list[index].url }))
    }

    /// Takes the parties and everything they point at, each once, in the order found; then the Claim and what it points
    /// at, so that `ClaimResponse.request` resolves. Where that would send large attachments back, the Claim is named
    /// by its identifier alone.
    fn collect(&mut self, claim: &Claim<'_, '_>) {
        let mut found = Vec::new();
        reach(claim, std::mem::take(&mut self.queue), &mut found);
        let parties = found.len();
        reach(claim, vec![0], &mut found);
        let size: usize = found.iter().map(|index| claim.entries.list[*index].resource.raw().len()).sum();
        if size > LARGEST_ECHO {
            found.truncate(parties);
            if let Some(identifier) = self.identifiers.first() {
                self.claim = format!("{{\"type\":\"Claim\",\"identifier\":{identifier}}}");
            }
        }
        self.resources.extend(found.into_iter().map(|index| {
            let entry = &claim.entries.list[index];
            Echoed { url: entry.url.clone().into_owned(), json: entry.resource.raw().to_owned() }
        }));
    }

    /// What is repeated of one item.
    pub(super) fn item(&self, sequence: u32) -> Option<&EchoedItem> {
        self.items.iter().find(|item| item.sequence == sequence)
    }
}

fn party_identifier(claim: &Claim<'_, '_>, name: &str) -> Option<String> {
    let reference = claim.at.get(name)?;
    let target = claim.entries.follow(0, reference).map(|target| target.resource);
    let own = |at: Value<'_>| {
        at.get("identifier")?.items().find(|found| found.get("value").is_some()).map(|found| found.raw().to_owned())
    };
    if let Some(found) = target.and_then(own) {
        return Some(found);
    }
    if let Some(resource) = target
        && let Some(person) = resource.get("practitioner").and_then(|person| claim.entries.follow(0, person))
    {
        return own(person.resource);
    }
    reference.get("identifier").map(|found| found.raw().to_owned())
}

fn items(claim: &Claim<'_, '_>, notes: &mut Notes) -> Vec<EchoedItem> {
    let mut items = Vec::new();
    for at in pick::objects(claim.at, "item", notes) {
        let Some(sequence) = at.get("sequence").and_then(|found| found.number()?.parse().ok()) else { continue };
        let mut item = EchoedItem { sequence, ..EchoedItem::default() };
        for (url, value) in at.get("extension").into_iter().flat_map(Value::items).filter_map(extension_tail) {
            match url.as_ref() {
                "extension-itemTraceNumber" => item.traces.push(value.raw().to_owned()),
                "extension-authorizationNumber" => {
                    item.earlier_authorization = value.text().map(|text| text.into_owned())
                }
                "extension-administrationReferenceNumber" => {
                    item.reference_number = value.text().map(|text| text.into_owned())
                }
                _ => {}
            }
        }
        item.service = at.get("productOrService").map_or_else(String::new, |found| found.raw().to_owned());
        let mut quiet = Notes::default();
        item.serviced = match pick::day(at, "servicedDate", &mut quiet) {
            Some(day) => (Some(day), None),
            None => pick::period(at, "servicedPeriod", &mut quiet).unwrap_or_default(),
        };
        items.push(item);
    }
    items
}

/// The most that is sent back of a request.
const LARGEST_ECHO: usize = 128 * 1024;

/// Adds the entries of the queue and all that they point at.
fn reach(claim: &Claim<'_, '_>, mut queue: Vec<usize>, found: &mut Vec<usize>) {
    let mut seen = vec![false; claim.entries.list.len()];
    found.iter().for_each(|index| seen[*index] = true);
    let mut at = 0;
    while let Some(index) = queue.get(at).copied() {
        at += 1;
        if std::mem::replace(&mut seen[index], true) {
            continue;
        }
        found.push(index);
        let resource = claim.entries.list[index].resource;
        let references = resource.within().filter(|value| value.kind() == Kind::Text && value.name() == "reference");
        for reference in references.filter_map(Value::text) {
            queue.extend(claim.entries.resolve(index, &reference).and_then(|target| target.entry));
        }
    }
}

/// A Reference object as JSON.
fn reference_json(to: &str) -> String {
    let mut w = crate::fhir::write::Writer::with_capacity(to.len() + 20);
    w.item(|w| w.text("reference", to));
    String::from_utf8(w.finish()).unwrap_or_default()
}

/// Checks that a party carries what the response needs of it.
pub(super) fn check_identifier(claim: &Claim<'_, '_>, name: &str, notes: &mut Notes) {
    if let Some(target) = claim.follow(claim.at, name)
        && party::identifiers(target.resource, notes).is_empty()
        && !matches!(target.resource.get("resourceType").and_then(Value::text).as_deref(), Some("PractitionerRole"))
    {
        notes.warn(
            IssueCode::Required,
            target.resource,
            format!("The {name} has no identifier."),
            "Add an identifier (NPI), so that it can be found.",
        );
    }
}
