//! `Claim/$inquire`: a query by example. Member and provider say who may ask; the rest narrows what is asked about.

use vigil_domain::{
    code::Code,
    request::{Identifier, StatedMember},
    time::Day,
};

use super::{
    Answer, Base, CANCELLED, Echo,
    claim::{Claim, Dates, extension_tail},
    response::{self, Kind},
    submit,
};
use crate::{
    fhir::{bundle, party, pick, write::Writer},
    issue::{Issue, Notes, Read},
    json::Value,
};

/// What an `$inquire` body asks about.
#[derive(Debug, Clone, PartialEq)]
pub struct Inquiry {
    /// The member as stated.
    pub member: StatedMember,
    /// NPIs of the requestor and of the care team: who may ask.
    pub npis: Vec<String>,
    /// The payer as stated.
    pub payer_id: String,
    /// The sender's identifiers of the request asked about.
    pub identifiers: Vec<Identifier>,
    /// Authorization numbers named in the inquiry, the Claim's and its items'.
    pub authorizations: Vec<String>,
    /// Administrative reference numbers named in the inquiry.
    pub reference_numbers: Vec<String>,
    /// Service days asked about: the Claim's billable period, else the days of its items.
    pub days: (Option<Day>, Option<Day>),
    /// Services asked about.
    pub services: Vec<Code>,
    /// What the responses repeat.
    pub echo: Echo,
    /// What the sender should know although the inquiry was accepted.
    pub warnings: Vec<Issue>,
}

/// Reads an `$inquire` body.
pub fn read_inquiry(base: Base, body: &[u8]) -> Read<Inquiry> {
    let json = bundle::parse(body)?;
    let mut notes = Notes::default();
    bundle::note_doubles(&json, &mut notes);
    let root = json.root();
    let entries = submit::envelope(root, &mut notes);
    if !submit::first_is_claim(root, &entries, &mut notes) {
        return Err(notes.issues);
    }
    bundle::walk(&entries, &[CANCELLED], &mut notes);
    let claim = Claim { base, entries: &entries, at: entries.list[0].resource, inquiry: true };
    submit::header(&claim, &mut notes);
    let inquiry = inquiry(&claim, root, &mut notes);
    let (mut inquiry, warnings) = notes.finish(inquiry)?;
    inquiry.warnings = warnings;
    Ok(inquiry)
}

fn inquiry(claim: &Claim<'_, '_>, root: Value<'_>, notes: &mut Notes) -> Option<Inquiry> {
    let echo = Echo::read(claim, root, notes);
    let carers = claim.carers(notes);
    let diagnoses = claim.diagnoses(notes);
    let lines = claim.lines(&carers, &diagnoses, Dates::default(), notes);
    let coverage = submit::coverage(claim, notes);
    let patient = claim.follow(claim.at, "patient").filter(|target| party::is_a(target.resource, "Patient"));
    let member = patient.map(|patient| party::stated_member(patient.resource, coverage, notes));
    let insurer = claim.follow(claim.at, "insurer").map(|target| target.resource);
    let payer = insurer.and_then(|at| party::identifiers(at, notes).into_iter().next());
    let requester = claim
        .follow(claim.at, "provider")
        .map(|target| party::provider(claim.entries, target.entry.unwrap_or(0), target.resource, notes));
    let mut npis: Vec<String> = Vec::new();
    for npi in requester.into_iter().chain(carers.into_iter().map(|carer| carer.provider)).filter_map(|found| found.npi)
    {
        if !npis.contains(&npi) {
            npis.push(npi);
        }
    }
    let own = |tail: &str| {
        let extensions = claim.at.get("extension").into_iter().flat_map(Value::items).filter_map(extension_tail);
        extensions.filter(|(url, _)| url == tail).find_map(|(_, value)| value.text()).map(|text| text.into_owned())
    };
    let mut authorizations: Vec<String> = own("extension-authorizationNumber").into_iter().collect();
    let mut reference_numbers: Vec<String> = own("extension-administrationReferenceNumber").into_iter().collect();
    for line in &lines {
        authorizations.extend(line.service.earlier_authorization.clone());
        reference_numbers.extend(line.reference_number.clone());
    }
    let days = pick::period(claim.at, "billablePeriod", notes).unwrap_or_else(|| {
        let from = lines.iter().filter_map(|line| line.service.from).min();
        (from, lines.iter().filter_map(|line| line.service.through.or(line.service.from)).max())
    });
    Some(Inquiry {
        member: member?,
        npis,
        payer_id: payer.map(|identifier| identifier.value).unwrap_or_default(),
        identifiers: party::identifiers(claim.at, notes),
        authorizations,
        reference_numbers,
        days,
        services: lines.into_iter().map(|line| line.service.service).collect(),
        echo,
        warnings: Vec::new(),
    })
}

/// Writes the answer to an `$inquire`: one response Bundle for each case that was found.
///
/// 2.2.1 answers with Parameters. Its OperationDefinition names the part `return`; its example names it
/// `responseBundle`. The OperationDefinition is what servers are checked against, so `return` is written.
/// 2.0.1 answers with one Bundle that holds a ClaimResponse for each case. An inquiry that found nothing gets empty
/// Parameters in 2.2.1; in 2.0.1 the Bundle needs an answer (its profile asks for entries and a time), so the caller
/// gives one without lines.
pub fn respond_inquiry(base: Base, echo: &Echo, answers: &[Answer]) -> Vec<u8> {
    let mut w = Writer::with_capacity(1024 + answers.len() * 8192);
    w.item(|w| match (base, answers) {
        (Base::V20, answers) => response::bundle(w, base, Kind::Inquiry, echo, answers),
        (Base::V22, answers) => {
            w.text("resourceType", "Parameters");
            w.array_if_any("parameter", |w| {
                for answer in answers {
                    w.item(|w| {
                        w.text("name", "return");
                        w.object("resource", |w| {
                            response::bundle(w, base, Kind::Inquiry, echo, std::slice::from_ref(answer))
                        });
                    });
                }
            });
        }
    });
    w.finish()
}
