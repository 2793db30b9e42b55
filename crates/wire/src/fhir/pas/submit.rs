//! `Claim/$submit`: a request Bundle becomes a typed request with its evidence, or every issue that stands against it.

use vigil_domain::{
    evidence::{ClinicalItem, Document},
    request::{Certification, Identifier, Receipt, Request, Review, Urgency},
    time::Day,
};

use super::{
    Base, CANCELLED, ENCOUNTER, TEMP,
    claim::{Claim, Dates, Line, extension_tail},
    doubt,
    echo::{self, Echo},
};
use crate::{
    fhir::{
        binding,
        bundle::{self, Entries},
        clinical, document, party, pick, pointer, shape,
    },
    issue::{Issue, IssueCode, Notes, Read},
    json::Value,
};

/// What a `$submit` body says.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The request in the domain's shape.
    pub request: Request,
    /// The Bundle's identifier.
    pub bundle_identifier: Option<Identifier>,
    /// What its responses repeat.
    pub echo: Echo,
    /// The bytes of documents that came along.
    pub attachments: Vec<Attachment>,
    /// Administrative reference numbers that items refer to, by sequence.
    pub reference_numbers: Vec<(u32, String)>,
    /// Sequences of items marked as early and periodic screening follow-up (EPSDT).
    pub early_screening: Vec<u32>,
    /// What the sender should know although the request was accepted.
    pub warnings: Vec<Issue>,
}

/// The bytes of one document of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Index into `request.documents`.
    pub document: usize,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Reads a `$submit` body.
pub fn read_submit(base: Base, body: &[u8], receipt: Receipt) -> Read<Submission> {
    let json = bundle::parse(body)?;
    let mut notes = Notes::default();
    bundle::note_doubles(&json, &mut notes);
    let root = json.root();
    let entries = envelope(root, &mut notes);
    if !first_is_claim(root, &entries, &mut notes) {
        return Err(notes.issues);
    }
    bundle::walk(&entries, &[CANCELLED], &mut notes);
    shape::check(&entries, &mut notes);
    binding::check(&entries, &mut notes);
    pointer::check(&entries, &mut notes);
    pointer::provider_numbers(&entries, &mut notes);
    let claim = Claim { base, entries: &entries, at: entries.list[0].resource, inquiry: false };
    not_an_inquiry(&claim, root, &mut notes);
    not_shaped_as_an_inquiry(&claim, &mut notes);
    header(&claim, &mut notes);
    not_of_tomorrow(&claim, &receipt, &mut notes);
    let submission = submission(&claim, root, receipt, &mut notes);
    let (mut submission, warnings) = notes.finish(submission)?;
    submission.warnings = warnings;
    Ok(submission)
}

/// An inquiry that came to the wrong operation says so by its profiles; a case made of it would be a request nobody made.
fn not_an_inquiry(claim: &Claim<'_, '_>, root: Value<'_>, notes: &mut Notes) {
    for at in [root, claim.at] {
        for profile in at.get("meta").and_then(|meta| meta.get("profile")).into_iter().flat_map(Value::items) {
            let url = profile.text().unwrap_or_default();
            let name = url.split('|').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            if matches!(name, "profile-pas-inquiry-request-bundle" | "profile-claim-inquiry") {
                notes.error(
                    IssueCode::Invariant,
                    profile,
                    "This is an inquiry, not a request.",
                    "Send it to Claim/$inquire, or send a request with the profiles of a request.",
                );
            }
        }
    }
}

/// One that names no profile shows by its items: in a request each has a category (both versions of the guide, 1..1), in an
/// inquiry they need none.
fn not_shaped_as_an_inquiry(claim: &Claim<'_, '_>, notes: &mut Notes) {
    let mut items = claim.at.get("item").into_iter().flat_map(Value::items).peekable();
    if items.peek().is_some() && items.all(|item| item.get("category").is_none()) {
        notes.error(
            IssueCode::Required,
            claim.at,
            "No item has a category: this has the form of an inquiry, not of a request.",
            "If it asks about an earlier request, send it to Claim/$inquire. If it asks for a service, add a category to each item.",
        );
    }
}

/// A Claim cannot have been made after it came. A day is let pass: clocks and zones differ. Up to a year it is a sender's clock
/// that is wrong, which costs no member an answer; beyond that the day is no day of this request.
fn not_of_tomorrow(claim: &Claim<'_, '_>, receipt: &Receipt, notes: &mut Notes) {
    let Some(created) = pick::day(claim.at, "created", &mut Notes::default()) else { return };
    let received = receipt.received_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    if received.tomorrow().is_ok_and(|tomorrow| created > tomorrow) {
        let at = claim.at.get("created").unwrap_or(claim.at);
        let details = format!("created {created} lies after the day it was received, {received}.");
        let todo = "Correct created, or the clock that wrote it.";
        match received.saturating_add(jiff::Span::new().days(366)) < created {
            true => notes.error(IssueCode::Invariant, at, details, todo),
            false => notes.warn(IssueCode::Invariant, at, details, todo),
        }
    }
}

/// The Bundle around the Claim.
pub(super) fn envelope<'j>(root: Value<'j>, notes: &mut Notes) -> Entries<'j> {
    let kind = root.get("resourceType").and_then(Value::text).unwrap_or_default();
    if kind != "Bundle" {
        notes.error(IssueCode::Structure, root, "The body is not a Bundle.", "Send a PAS request Bundle.");
        return Entries::read(root, &mut Notes::default());
    }
    match pick::text(root, "type", notes) {
        Some(word) if word == "collection" => {}
        Some(word) => {
            let at = root.get("type").unwrap_or(root);
            notes.error(
                IssueCode::Value,
                at,
                format!("The Bundle's type is {word:?}."),
                "Send a Bundle of type collection.",
            );
        }
        None if root.get("type").is_none() => notes.missing(root, "type"),
        None => {}
    }
    for name in ["identifier", "timestamp", "entry"] {
        if root.get(name).is_none() {
            notes.missing(root, name);
        }
    }
    if let Some(pick::Date::Day(_) | pick::Date::Vague) = pick::date(root, "timestamp", notes) {
        let at = root.get("timestamp").unwrap_or(root);
        notes.error(IssueCode::Value, at, "timestamp is not an instant.", "Write date, time and zone offset.");
    }
    Entries::read(root, notes)
}

pub(super) fn first_is_claim(root: Value<'_>, entries: &Entries<'_>, notes: &mut Notes) -> bool {
    match entries.list.first() {
        Some(first) if first.kind == "Claim" => true,
        Some(first) => {
            let details = format!("The first entry is a {}, not the Claim.", first.kind);
            notes.error(IssueCode::Invariant, first.resource, details, "Put the Claim first.");
            false
        }
        None => {
            if root.get("entry").is_some() {
                notes.error(
                    IssueCode::Required,
                    root,
                    "The Bundle has no entries.",
                    "Put the Claim first, then what it points at.",
                );
            }
            false
        }
    }
}

/// Status, use, type, priority and the members that must be there.
pub(super) fn header(claim: &Claim<'_, '_>, notes: &mut Notes) {
    let at = claim.at;
    for (name, wanted) in [("status", "active"), ("use", "preauthorization")] {
        match pick::text(at, name, notes) {
            Some(word) if word == wanted => {}
            Some(word) => {
                let found = at.get(name).unwrap_or(at);
                notes.error(IssueCode::Value, found, format!("{name} is {word:?}."), format!("Send {wanted}."));
            }
            None if at.get(name).is_none() => notes.missing(at, name),
            None => {}
        }
    }
    for name in ["identifier", "type", "created", "priority", "insurance", "item"] {
        let optional = claim.inquiry && name == "item";
        if at.get(name).is_none() && !optional {
            notes.missing(at, name);
        }
    }
    if let Some(kind) = pick::object(at, "type", notes).filter(|_| claim.base == Base::V22) {
        let table = ["institutional", "professional", "oral"];
        super::claim::bound_code(kind, "http://terminology.hl7.org/CodeSystem/claim-type", &table, notes);
    }
    pick::object(at, "priority", notes);
    echo::check_identifier(claim, "insurer", notes);
    echo::check_identifier(claim, "provider", notes);
}

fn submission(claim: &Claim<'_, '_>, root: Value<'_>, receipt: Receipt, notes: &mut Notes) -> Option<Submission> {
    let echo = Echo::read(claim, root, notes);
    let created = pick::day(claim.at, "created", notes);
    let info = supporting(claim, notes);
    let carers = claim.carers(notes);
    let diagnoses = claim.diagnoses(notes);
    let lines = claim.lines(&carers, &diagnoses, info.dates, notes);
    if lines.is_empty() && claim.at.get("item").is_some() && !notes.refused() {
        notes.error(IssueCode::Required, claim.at, "The Claim has no items.", "Add the service asked for as an item.");
    }
    let level = claim.level_of_service(notes);
    let (items, documents, attachments) = evidence(claim, notes);
    let coverage = coverage(claim, notes);
    // A patient that is none has been told of already.
    let patient = claim.follow(claim.at, "patient").filter(|target| party::is_a(target.resource, "Patient"));
    let member = patient.map(|patient| {
        let member = party::stated_member(patient.resource, coverage, notes);
        born_before(patient.resource, member.birth_day, created, notes);
        member
    });
    let insurer = claim.follow(claim.at, "insurer").map(|target| target.resource);
    let by_identifier = || claim.at.get("insurer")?.get("identifier")?.get("value")?.text();
    let payer_id =
        insurer.and_then(|at| party::identifiers(at, notes).into_iter().next()).map(|identifier| identifier.value);
    let payer_id = payer_id.or_else(|| by_identifier().map(|text| text.into_owned())).unwrap_or_default();
    let requester = claim
        .follow(claim.at, "provider")
        .map(|target| party::provider(claim.entries, target.entry.unwrap_or(0), target.resource, notes));
    let practitioner =
        carers.iter().filter(|carer| carer.whole).map(|carer| &carer.provider).find(|carer| !carer.organization);
    let request = Request {
        receipt,
        review: review(&lines, created, info.dates),
        urgency: urgency(claim, level.as_deref(), &lines),
        payer_id,
        payer_name: insurer.and_then(|at| at.get("name")?.text()).map(|name| name.into_owned()),
        plan_id: coverage.and_then(plan),
        member: member?,
        requester: requester.unwrap_or_default(),
        practitioner: practitioner.cloned(),
        facility: facility(claim, &carers, notes),
        diagnoses,
        items,
        documents,
        identifiers: party::identifiers(claim.at, notes),
        updates: updates(claim, notes),
        circumstances: Vec::new(),
        cut: None,
        note: (!info.words.is_empty()).then(|| info.words.join("\n")),
        lines: Vec::new(),
    };
    let mut reference_numbers = Vec::new();
    let mut early_screening = Vec::new();
    let mut services = Vec::with_capacity(lines.len());
    for line in lines {
        let sequence = line.service.sequence;
        reference_numbers.extend(line.reference_number.map(|number| (sequence, number)));
        early_screening.extend(line.early_screening.then_some(sequence));
        services.push(line.service);
    }
    Some(Submission {
        request: Request { lines: services, ..request },
        bundle_identifier: echo.bundle_identifier.clone(),
        echo,
        attachments,
        reference_numbers,
        early_screening,
        warnings: Vec::new(),
    })
}

/// Nobody asks for a service before being born.
fn born_before(patient: Value<'_>, born: Option<Day>, created: Option<Day>, notes: &mut Notes) {
    if let (Some(born), Some(created)) = (born, created)
        && created < born
    {
        let at = patient.get("birthDate").unwrap_or(patient);
        let details = format!("The birth date {born} lies after the day the Claim was created, {created}.");
        notes.error(IssueCode::Invariant, at, details, "Correct birthDate or created.");
    }
}

/// The Coverage of the focal insurance.
pub(super) fn coverage<'j>(claim: &Claim<'j, '_>, notes: &mut Notes) -> Option<Value<'j>> {
    let list: Vec<_> = pick::objects(claim.at, "insurance", notes).collect();
    let mut focal = None;
    for at in &list {
        if pick::positive(*at, "sequence", notes).is_none() && at.get("sequence").is_none() {
            notes.missing(*at, "sequence");
        }
        match pick::flag(*at, "focal", notes) {
            Some(true) if focal.is_some() => notes.error(
                IssueCode::Invariant,
                *at,
                "Two insurances are focal.",
                "Mark the coverage this request is for as focal, and no other.",
            ),
            Some(true) => focal = Some(*at),
            Some(false) => {}
            None if at.get("focal").is_none() => notes.missing(*at, "focal"),
            None => {}
        }
        if at.get("coverage").is_none() {
            notes.missing(*at, "coverage");
        }
    }
    let target = claim.follow(focal.or_else(|| list.first().copied())?, "coverage")?;
    Some(target.resource)
        .filter(|found| found.get("resourceType").and_then(Value::text).is_some_and(|kind| kind == "Coverage"))
}

fn plan(coverage: Value<'_>) -> Option<String> {
    let of = |found: &Value<'_>| found.get("type").and_then(pick::first_coding).is_some_and(|(_, code)| code == "plan");
    Some(coverage.get("class")?.items().find(of)?.get("value")?.text()?.into_owned())
}

struct Info {
    dates: Dates,
    words: Vec<String>,
}

/// Dates, words and pointers of supportingInfo; sequences are unique, and evidence must be pointed at.
fn supporting(claim: &Claim<'_, '_>, notes: &mut Notes) -> Info {
    let mut info = Info { dates: Dates::default(), words: Vec::new() };
    let mut seen = Vec::new();
    for at in pick::objects(claim.at, "supportingInfo", notes) {
        match pick::positive(at, "sequence", notes) {
            Some(sequence) if seen.contains(&sequence) => {
                let at = at.get("sequence").unwrap_or(at);
                notes.error(
                    IssueCode::Duplicate,
                    at,
                    format!("Sequence {sequence} is used twice."),
                    "Give each entry its own sequence.",
                );
            }
            Some(sequence) => seen.push(sequence),
            None if at.get("sequence").is_none() => notes.missing(at, "sequence"),
            None => {}
        }
        let Some(category) = pick::object(at, "category", notes) else {
            if at.get("category").is_none() {
                notes.missing(at, "category");
            }
            continue;
        };
        for choice in ["timing", "value"] {
            shape::one_of(at, choice, notes);
        }
        let Some((system, code)) = pick::first_coding(category) else { continue };
        if system != TEMP {
            continue;
        }
        let period = |notes: &mut Notes| match pick::day(at, "timingDate", notes) {
            Some(day) => (Some(day), None),
            None => pick::period(at, "timingPeriod", notes).unwrap_or_default(),
        };
        match code.as_ref() {
            "patientEvent" => info.dates.event = period(notes),
            "admissionDates" => info.dates.admission = period(notes).0,
            "dischargeDates" => {
                let (start, end) = period(notes);
                info.dates.discharge = end.or(start);
            }
            "freeFormMessage" => info.words.extend(pick::text(at, "valueString", notes).map(|text| text.into_owned())),
            _ => {}
        }
    }
    if let (Some(admission), Some(discharge)) = (info.dates.admission, info.dates.discharge)
        && discharge < admission
    {
        notes.error(
            IssueCode::Invariant,
            claim.at.get("supportingInfo").unwrap_or(claim.at),
            "The discharge stands before the admission.",
            "Correct the dates.",
        );
    }
    info
}

type Evidence = (Vec<ClinicalItem>, Vec<Document>, Vec<Attachment>);

/// Every clinical statement and document of the Bundle, in its order. What an item orders is said by its line.
fn evidence(claim: &Claim<'_, '_>, notes: &mut Notes) -> Evidence {
    let entries = claim.entries;
    let (mut items, mut documents, mut attachments) = (Vec::new(), Vec::new(), Vec::new());
    let mut spoken_for = vec![false; entries.list.len()];
    ordered(claim).for_each(|index| spoken_for[index] = true);
    for index in (1..entries.list.len()).filter(|index| !spoken_for[*index]) {
        let stated = clinical::items(&entries.list[index], notes);
        if !stated.is_empty() {
            let doubt = doubt::of(claim, index);
            items.extend(stated.into_iter().map(|item| ClinicalItem { doubt: doubt.clone(), ..item }));
        }
        for (document, bytes) in document::documents(entries, index, notes) {
            attachments.extend(bytes.map(|bytes| Attachment { document: documents.len(), bytes }));
            documents.push(document);
        }
    }
    (items, documents, attachments)
}

/// The entries that the items of the Claim order.
fn ordered(claim: &Claim<'_, '_>) -> impl Iterator<Item = usize> {
    let items = claim.at.get("item").into_iter().flat_map(Value::items);
    let extensions =
        items.flat_map(|item| item.get("extension").into_iter().flat_map(Value::items)).filter_map(extension_tail);
    let orders = extensions.filter(|(url, _)| url == "extension-requestedService");
    orders.filter_map(|(_, reference)| claim.entries.follow(0, reference)?.entry)
}

/// Expedited when the level of service is urgent (U) or emergency (03), when the priority is `stat`, or when an
/// ordered service is `urgent`, `asap` or `stat`. Asking is enough: whether it holds is judged elsewhere.
fn urgency(claim: &Claim<'_, '_>, level: Option<&str>, lines: &[Line]) -> Urgency {
    let priority = claim.at.get("priority").and_then(pick::first_coding);
    let stat = priority.is_some_and(|(_, code)| code == "stat");
    if matches!(level, Some("U" | "03")) || stat || lines.iter().any(|line| line.urgent_order) {
        Urgency::Expedited
    } else {
        Urgency::Standard
    }
}

/// Retrospective when every line lies before the day the Claim was created; concurrent when a line extends an earlier
/// certification, or a stay has begun and not ended by that day (request type AR or HS); prospective otherwise.
fn review(lines: &[Line], created: Option<Day>, dates: Dates) -> Review {
    let Some(created) = created else { return Review::Prospective };
    let over = |line: &Line| line.service.through.or(line.service.from).is_some_and(|last| last < created);
    if !lines.is_empty() && lines.iter().all(over) {
        return Review::Retrospective;
    }
    let inside = dates.admission.is_some_and(|day| day <= created) && dates.discharge.is_none_or(|day| day >= created);
    let hospital = |line: &Line| matches!(line.category.as_deref(), Some("AR" | "HS") | None);
    let extends = |line: &Line| line.service.certification == Certification::Extension;
    if lines.iter().any(|line| extends(line) || (inside && hospital(line))) {
        Review::Concurrent
    } else {
        Review::Prospective
    }
}

/// The facility: Claim.facility, else the encounter's place or provider, else an organization of the care team.
fn facility(
    claim: &Claim<'_, '_>,
    carers: &[super::claim::Carer],
    notes: &mut Notes,
) -> Option<vigil_domain::party::Provider> {
    let provider = |target: bundle::Target<'_>, notes: &mut Notes| {
        party::provider(claim.entries, target.entry.unwrap_or(0), target.resource, notes)
    };
    if let Some(target) = claim.follow(claim.at, "facility") {
        return Some(provider(target, notes));
    }
    let encounter = claim.extension(ENCOUNTER, notes).and_then(|reference| claim.entries.follow(0, reference));
    if let Some(encounter) = encounter {
        let from = encounter.entry.unwrap_or(0);
        let place = || {
            let location = encounter.resource.get("location")?.items().next()?.get("location")?;
            claim.entries.follow(from, location)
        };
        let owner = encounter.resource.get("serviceProvider").and_then(|owner| claim.entries.follow(from, owner));
        if let Some(target) = owner.or_else(place) {
            return Some(provider(target, notes));
        }
    }
    carers.iter().find(|carer| carer.whole && carer.provider.organization).map(|carer| carer.provider.clone())
}

/// Identifiers of the Claims that this one updates.
fn updates(claim: &Claim<'_, '_>, notes: &mut Notes) -> Vec<Identifier> {
    let mut found = Vec::new();
    for related in pick::objects(claim.at, "related", notes) {
        if let Some(reference) = pick::object(related, "reference", notes) {
            let value = pick::text(reference, "value", notes).unwrap_or_default().into_owned();
            let system = pick::text(reference, "system", notes).unwrap_or_default().into_owned();
            found.push(Identifier { system, value });
        }
        let Some(earlier) = pick::object(related, "claim", notes) else { continue };
        if let Some(target) = claim.entries.follow(0, earlier) {
            found.extend(party::identifiers(target.resource, notes));
        } else if let Some(value) = earlier.get("identifier").and_then(|identifier| identifier.get("value")?.text()) {
            let system =
                earlier.get("identifier").and_then(|identifier| identifier.get("system")?.text()).unwrap_or_default();
            found.push(Identifier { system: system.into_owned(), value: value.into_owned() });
        } else if let Some(text) = earlier.get("reference").and_then(Value::text) {
            found.push(Identifier { system: "reference".to_owned(), value: text.into_owned() });
        }
    }
    found
}
