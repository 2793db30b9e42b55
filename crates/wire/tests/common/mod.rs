//! What several test files need: the reference folder, a receipt, an answer.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::PathBuf;

use vigil_domain::{
    code::{Code, CodeSystem},
    evidence::{ClinicalItem, ItemKind, Value, When},
    party::{Address, PersonName, Provider, Sex},
    request::{
        Certification, Channel, Diagnosis, Identifier, Quantity, Receipt, Request, Review, ServiceLine, StatedMember,
        Urgency,
    },
    time::{Moment, Zone},
};
use vigil_wire::fhir::pas::{Action, Answer, LineAnswer, Outcome, Submission};

/// The reference folder, or a printed reason why the test is skipped.
pub fn reference() -> Option<PathBuf> {
    let found = std::env::var_os("VIGIL_REFERENCE").map(PathBuf::from);
    if found.is_none() {
        println!("skipped: VIGIL_REFERENCE is not set, so the guide's own examples are not at hand");
    }
    found
}

pub fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

pub fn receipt() -> Receipt {
    Receipt {
        channel: Channel::Fhir,
        received_at: moment("2026-11-23T15:04:05Z"),
        proof: "message 1".into(),
        entered_at: moment("2026-11-23T15:04:05Z"),
        entered_by: "test".into(),
        caller: None,
        authority: None,
        expedite_asked_by: None,
        form_note: None,
    }
}

/// An answer that does the same to every line.
pub fn answer(submission: &Submission, action: Action) -> Answer {
    let sequences: Vec<u32> = submission.request.lines.iter().map(|line| line.sequence).collect();
    answer_lines(&sequences, action)
}

/// An answer that does the same to the lines of these sequences.
pub fn answer_lines(sequences: &[u32], action: Action) -> Answer {
    let lines = sequences.iter().map(|sequence| LineAnswer::new(*sequence, action.clone())).collect();
    Answer {
        case_id: "C-2026-000001".into(),
        response_id: "0b8f4b5e-6c1d-4a57-9d5e-2f1f6a3c9b10".into(),
        answered_at: moment("2026-11-23T15:04:06Z"),
        zone: Zone::named("America/New_York").unwrap(),
        bundle_identifier: None,
        outcome: Outcome::Complete,
        authorization: None,
        administrative_reference: None,
        period: None,
        lines,
        requests: Vec::new(),
        reviewer: None,
    }
}

fn code(system: CodeSystem, value: &str) -> Code {
    Code::new(system, value)
}

/// A home oxygen concentrator for a member with a PaO2 of 54 at rest: the tree of home-oxygen is met.
pub fn home_oxygen() -> Request {
    let day = jiff::civil::date;
    let answer = |link: &str, value: Value| ClinicalItem {
        bound: None,
        doubt: None,
        kind: ItemKind::Answer,
        codes: Vec::new(),
        link_id: Some(link.into()),
        questionnaire: Some("urn:vigil:questionnaire:home-oxygen".into()),
        value: Some(value),
        unit: None,
        when: Some(When::Moment(moment("2026-11-20T14:00:00Z"))),
        place: format!("QuestionnaireResponse/home-oxygen#{link}"),
    };
    let agency = |npi: &str, name: &str| Provider {
        npi: Some(npi.into()),
        name: name.into(),
        organization: true,
        phone: Some("5185550110".into()),
        address: Some(Address {
            lines: vec!["12 Sample Street".into()],
            city: "Albany".into(),
            state: "NY".into(),
            zip: "12207".into(),
        }),
        ..Provider::default()
    };
    Request {
        receipt: receipt(),
        review: Review::Prospective,
        urgency: Urgency::Standard,
        payer_id: "1679576722".into(),
        payer_name: Some("Sample Health Plan".into()),
        plan_id: Some("H9999-001".into()),
        member: StatedMember {
            standing: Default::default(),
            member_id: "M100200300".into(),
            subscriber_id: None,
            name: PersonName { family: "Rivera".into(), given: "Ana Maria".into() },
            birth_day: Some(day(1951, 4, 9)),
            sex: Sex::Female,
            address: None,
            phone: Some("5185550120".into()),
            language: Some("es".into()),
        },
        requester: agency("1234567893", "Sample Oxygen Supply"),
        practitioner: Some(Provider {
            npi: Some("1679576722".into()),
            name: "Robin Example".into(),
            specialties: vec!["207RP1001X".into()],
            ..Provider::default()
        }),
        facility: None,
        diagnoses: vec![Diagnosis {
            sequence: 1,
            code: code(CodeSystem::Icd10Cm, "J96.11"),
            role: Some("principal".into()),
            recorded_on: Some(day(2026, 11, 18)),
        }],
        lines: vec![ServiceLine {
            sequence: 1,
            service: code(CodeSystem::Hcpcs, "E1390"),
            also: vec![code(CodeSystem::ServiceType, "18")],
            modifiers: vec!["RR".into()],
            description: Some("Oxygen concentrator for home use".into()),
            quantity: Some(Quantity { amount: 12.0, unit: "month".into() }),
            from: Some(day(2026, 12, 1)),
            through: Some(day(2027, 11, 30)),
            place: Some(code(CodeSystem::PlaceOfService, "12")),
            provider: None,
            certification: Certification::Initial,
            drug: false,
            diagnoses: vec![1],
            earlier_authorization: None,
            cancelled: false,
            changed: None,
        }],
        items: vec![
            ClinicalItem {
                bound: None,
                doubt: None,
                kind: ItemKind::Observation,
                codes: vec![code(CodeSystem::Loinc, "2703-7")],
                link_id: None,
                questionnaire: None,
                value: Some(Value::Number(54.0)),
                unit: Some("mm[Hg]".into()),
                when: Some(When::Moment(moment("2026-11-18T15:30:00Z"))),
                place: "Observation/pao2".into(),
            },
            answer("test_ordered_evaluated", Value::Bool(true)),
            answer("test_by_dme_supplier", Value::Bool(false)),
            answer("sole_reason", Value::Text("none".into())),
            answer("inpatient_origin", Value::Bool(false)),
            answer("time_of_need_documented", Value::Bool(true)),
        ],
        documents: Vec::new(),
        identifiers: vec![Identifier { system: "urn:vigil:sample:requests".into(), value: "R-2026-0001".into() }],
        updates: Vec::new(),
        circumstances: Vec::new(),
        cut: None,
        note: Some("Titrated at 2 L/min at rest.".into()),
    }
}
