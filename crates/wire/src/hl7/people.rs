//! PID, PV1, PV2, DG1, PR1: the patient and the visit.

use vigil_domain::{
    party::{Address, PersonName, Sex},
    stay::news::{
        ClassNews, DiagnosisNews, DischargeNews, Identifier, PatientNews, ProcedureNews, StayNews, Told, VisitNews,
    },
};

use super::{
    fields::{self, Desk},
    lexer::{Message, Segment},
};

/// The patient of a PID segment.
pub(super) fn patient(desk: &mut Desk<'_>, pid: Segment<'_>) -> PatientNews {
    let mut identifiers: Vec<Identifier> = pid.repeats(3).filter_map(fields::identifier).collect();
    if identifiers.is_empty() {
        identifiers.extend(pid.repeats(2).filter_map(fields::identifier));
    }
    // The medical record number leads, whatever the order of the repeats.
    identifiers.sort_by_key(|id| id.kind != "MR");
    PatientNews {
        identifiers,
        name: fields::told(pid, 5, |f| {
            let given = format!("{} {}", f.text(2), f.text(3)).trim().to_owned();
            let name = PersonName { family: f.text(1), given };
            (name != PersonName::default()).then_some(name)
        }),
        birth_day: desk.day(pid, 7),
        sex: fields::text(pid, 8, 1).map(|told| match told {
            Told::Is(word) => Told::Is(match word.as_str() {
                "F" => Sex::Female,
                "M" => Sex::Male,
                "O" | "A" => Sex::OtherSex,
                _ => Sex::Unknown,
            }),
            Told::Removed => Told::Removed,
        }),
        address: fields::told(pid, 11, |f| {
            let lines = [f.text(1), f.text(2)].into_iter().filter(|l| !l.is_empty()).collect();
            let address = Address { lines, city: f.text(3), state: f.text(4), zip: f.text(5) };
            (address != Address::default()).then_some(address)
        }),
        phone: fields::text(pid, 13, 1),
        language: fields::text(pid, 15, 1),
        died_at: desk.moment(Some(pid), 29),
    }
}

/// Fills in what PID, PV1 and PV2 say of the visit.
pub(super) fn visit(desk: &mut Desk<'_>, news: &mut StayNews, pid: Segment<'_>, message: Segments<'_>) {
    let Segments { pv1, pv2 } = message;
    news.visit.account = pid.field(18).and_then(fields::identifier);
    let Some(pv1) = pv1 else { return };
    let visit = VisitNews {
        number: pv1.field(19).and_then(fields::identifier),
        alternate: pv1.field(50).and_then(fields::identifier),
        started_at: desk.moment(Some(pv1), 44),
        expected_at: desk.moment(pv2, 8),
        admission_type: fields::text(pv1, 4, 1),
        admit_source: fields::text(pv1, 14, 1),
        reason: pv2.and_then(|pv2| fields::text(pv2, 3, 2).or_else(|| fields::text(pv2, 3, 1))),
        confidential: pv2.and_then(|pv2| flag(pv2, 22)),
        ..std::mem::take(&mut news.visit)
    };
    news.visit = visit;
    let class = ClassNews {
        class: pv1.text(2, 1),
        patient_type: pv1.text(18, 1),
        service: pv1.text(10, 1),
        accommodation: pv1.text(20, 1),
        status: None,
    };
    news.class = (class != ClassNews::default()).then_some(class);
    news.place = fields::told(pv1, 3, fields::place);
    news.prior_place = pv1.field(6).and_then(fields::place);
    news.attending = fields::told(pv1, 7, fields::practitioner);
    news.admitting = fields::told(pv1, 17, fields::practitioner);
    news.expected_discharge = desk.moment(pv2, 9);
    news.discharge = discharge(desk, pv1);
}

/// The segments of one visit.
#[derive(Clone, Copy)]
pub(super) struct Segments<'m> {
    pub(super) pv1: Option<Segment<'m>>,
    pub(super) pv2: Option<Segment<'m>>,
}

fn flag(segment: Segment<'_>, number: usize) -> Option<bool> {
    match segment.text(number, 1).as_str() {
        "Y" => Some(true),
        "N" => Some(false),
        _ => None,
    }
}

fn discharge(desk: &mut Desk<'_>, pv1: Segment<'_>) -> Option<Told<DischargeNews>> {
    let at = match desk.moment(Some(pv1), 45) {
        Some(Told::Removed) => return Some(Told::Removed),
        other => other.and_then(|told| told.value().copied()),
    };
    let told = DischargeNews { at, disposition: pv1.text(36, 1), to: pv1.text(37, 1) };
    (told != DischargeNews::default()).then_some(Told::Is(told))
}

/// The diagnoses of the message: all of them, or nothing said.
pub(super) fn diagnoses(message: &Message) -> Option<Vec<DiagnosisNews>> {
    let segments: Vec<Segment<'_>> = message.segments().filter(|s| s.name() == "DG1").collect();
    let read = |dg1: &Segment<'_>| {
        let code = dg1.field(3).and_then(fields::code)?;
        Some(DiagnosisNews { code, kind: dg1.text(6, 1), rank: dg1.text(15, 1).parse().unwrap_or(0) })
    };
    (!segments.is_empty()).then(|| segments.iter().filter_map(read).collect())
}

/// The procedures of the message: all of them, or nothing said.
pub(super) fn procedures(desk: &mut Desk<'_>, message: &Message) -> Option<Vec<ProcedureNews>> {
    let segments: Vec<Segment<'_>> = message.segments().filter(|s| s.name() == "PR1").collect();
    if segments.is_empty() {
        return None;
    }
    let mut read = Vec::new();
    for pr1 in segments {
        if let Some(code) = pr1.field(3).and_then(fields::code) {
            read.push(ProcedureNews { code, at: desk.at(Some(pr1), 5) });
        }
    }
    Some(read)
}
