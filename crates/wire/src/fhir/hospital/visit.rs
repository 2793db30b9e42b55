//! One encounter as a visit: whether it becomes a stay, its number, and its status over time.

use std::collections::BTreeMap;

use vigil_domain::{
    stay::{
        facility::SiteMap,
        news::{ClassNews, ClassPeriod, Identifier, PatientNews, PatientStatus, Place, StayNews},
    },
    time::{Moment, Zone},
};

use super::gather::{at_fault, moment, reference, word};
use crate::{
    issue::{Issue, IssueCode, Notes},
    json::Value,
};

/// What reading needs beside the resources.
#[derive(Debug, Clone, Copy)]
pub struct FhirReading<'a> {
    /// How the site codes things.
    pub site: &'a SiteMap,
    /// The facility's zone: in which days are counted.
    pub zone: &'a Zone,
    /// The name of the import, as the news' source.
    pub sender: &'a str,
    /// When the resources were written out: what counts as recorded where a resource does not say.
    pub recorded_at: Moment,
}

/// An encounter that becomes a stay.
pub(super) struct Visit<'j> {
    pub(super) id: &'j str,
    pub(super) at: Value<'j>,
    pub(super) patient: String,
    pub(super) status: String,
    pub(super) start: Moment,
    pub(super) end: Option<Moment>,
    pub(super) class: ClassNews,
}

/// Why an encounter does not become one.
pub(super) enum Not {
    Ignored(&'static str),
    Refused(Vec<Issue>),
}

/// The visit number: the first identifier, else the id.
pub(super) fn number(at: Value<'_>, id: &str) -> Identifier {
    let first = at.get("identifier").and_then(|i| i.items().find(|found| found.get("value").is_some()));
    match first {
        Some(found) => Identifier { value: word(found, "value"), authority: word(found, "system"), kind: "VN".into() },
        None => Identifier { value: id.to_owned(), authority: String::new(), kind: "VN".into() },
    }
}

/// Reads an encounter as a visit: one of the hospital's, with its patient, its start and a class that the site map knows.
pub(super) fn visit<'j>(
    id: &'j str,
    at: Value<'j>,
    reading: FhirReading<'_>,
    patients: &BTreeMap<String, PatientNews>,
) -> Result<Visit<'j>, Not> {
    let mut notes = Notes::default();
    let status = word(at, "status");
    let class = ClassNews {
        class: at.get("class").map(|c| word(c, "code")).unwrap_or_default(),
        service: at.get("serviceType").map(|s| word(s, "text")).unwrap_or_default(),
        ..ClassNews::default()
    };
    let mapped = reading.site.status_of(&class, None, &[]);
    match mapped {
        Some(PatientStatus::Outpatient) if !reading.site.outpatients => {
            return Err(Not::Ignored("ambulatory: the site map opens no stay for it"));
        }
        None => {
            let todo = "Add a rule for it to the facility's site map.";
            let issue =
                at_fault("Encounter.class", IssueCode::CodeInvalid, "The class fits no rule of the site map.", todo);
            return Err(Not::Refused(vec![issue]));
        }
        _ => {}
    }
    if status == "entered-in-error" {
        return Err(Not::Ignored("entered in error"));
    }
    let patient = reference(at, "subject");
    if patient.as_ref().is_none_or(|p| !patients.contains_key(p)) {
        let todo = "Send the Patient it names.";
        notes.add(at_fault("Encounter.subject", IssueCode::NotFound, "The patient is not among the records.", todo));
    }
    let period = at.get("period");
    let start = period.and_then(|p| moment(p, "start", reading.zone, &mut notes));
    let end = period.and_then(|p| moment(p, "end", reading.zone, &mut notes));
    if start.is_none() && !notes.refused() {
        let todo = "Send period.start with a time.";
        notes.add(at_fault("Encounter.period.start", IssueCode::Required, "The start is missing.", todo));
    }
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        let todo = "Correct period.start or period.end.";
        notes.add(at_fault("Encounter.period", IssueCode::Invariant, "The visit ends before it starts.", todo));
    }
    if status == "finished" && end.is_none() && !notes.refused() {
        let todo = "Send period.end.";
        notes.add(at_fault("Encounter.period.end", IssueCode::Required, "A finished visit has no end.", todo));
    }
    match (patient, start) {
        (Some(patient), Some(start)) if !notes.refused() => {
            let class = ClassNews { status: mapped, ..class };
            Ok(Visit { id, at, patient, status, start, end, class })
        }
        _ => Err(Not::Refused(notes.issues)),
    }
}

/// Status over time: planned before it began, then each class, and what the encounter's own status adds.
pub(super) fn history(visit: &Visit<'_>, reading: FhirReading<'_>, news: &StayNews) -> Vec<ClassPeriod> {
    let mut notes = Notes::default();
    let own = |status: PatientStatus| ClassNews { status: Some(status), ..visit.class.clone() };
    let place = news.place.as_ref().and_then(|p| p.value()).cloned();
    let mut periods = Vec::new();
    for told in visit.at.get("statusHistory").into_iter().flat_map(Value::items) {
        let from = told.get("period").and_then(|p| moment(p, "start", reading.zone, &mut notes));
        if let ("planned", Some(from)) = (word(told, "status").as_str(), from.filter(|from| *from < visit.start)) {
            periods.push(ClassPeriod { class: own(PatientStatus::PreAdmit), from, place: None });
        }
    }
    match visit.status.as_str() {
        "planned" => periods.push(ClassPeriod { class: own(PatientStatus::PreAdmit), from: visit.start, place: None }),
        "cancelled" => {
            periods.push(ClassPeriod { class: own(PatientStatus::Cancelled), from: visit.start, place: None })
        }
        _ => classes(visit, reading, place, &mut periods),
    }
    if visit.status == "onleave" {
        let from = reading.recorded_at.max(visit.start);
        periods.push(ClassPeriod { class: own(PatientStatus::LeaveOfAbsence), from, place: None });
    }
    periods
}

fn classes(visit: &Visit<'_>, reading: FhirReading<'_>, place: Option<Place>, periods: &mut Vec<ClassPeriod>) {
    let mut notes = Notes::default();
    let told = visit.at.get("classHistory").into_iter().flat_map(Value::items);
    let mut found: Vec<ClassPeriod> = told
        .filter_map(|entry| {
            let from = moment(entry.get("period")?, "start", reading.zone, &mut notes)?;
            let class = ClassNews { class: word(entry.get("class")?, "code"), status: None, ..visit.class.clone() };
            let status = reading.site.status_of(&class, None, &[]);
            Some(ClassPeriod { class: ClassNews { status, ..class }, from, place: None })
        })
        .collect();
    found.sort_by_key(|p| p.from);
    if found.is_empty() {
        found.push(ClassPeriod { class: visit.class.clone(), from: visit.start, place: None });
    }
    found[0].place = place;
    periods.extend(found);
}
