//! Our own samples: a request in, what is read of it, and the answer out, as files. `VIGIL_ACCEPT=1` writes the files anew.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::PathBuf;

use vigil_domain::request::Quantity;
use vigil_wire::{
    fhir::{
        outcome::operation_outcome,
        pas::{Action, Base, Granted, InformationRequest, Reason, Wanted, compose, read_submit, respond},
    },
    issue::Issue,
};

/// Compares with the file, or writes it when asked to.
fn golden(name: &str, bytes: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name);
    let json: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    let text = format!("{json:#}\n");
    if std::env::var_os("VIGIL_ACCEPT").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{name} differs; look at it, then accept it with VIGIL_ACCEPT=1 cargo test -p vigil-wire\n{text}"
    );
}

fn sample(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name);
    std::fs::read(path).unwrap()
}

#[test]
fn home_oxygen_is_read_and_approved() {
    golden("home-oxygen.in.json", &compose::bundle(Base::V22, &common::home_oxygen()));
    let submission = read_submit(Base::V22, &sample("home-oxygen.in.json"), common::receipt()).unwrap();
    golden("home-oxygen.read.json", &serde_json::to_vec(&submission.request).unwrap());
    let mut answer = common::answer(&submission, Action::CertifiedTotal);
    answer.authorization = Some("A-2026-000001".into());
    answer.lines[0].issued_on = Some(jiff::civil::date(2026, 11, 23));
    answer.lines[0].period = Some((jiff::civil::date(2026, 12, 1), jiff::civil::date(2027, 11, 30)));
    golden("home-oxygen.approved.json", &respond(Base::V22, &submission.echo, &answer));
}

#[test]
fn home_oxygen_with_missing_facts_is_read_and_asked_about() {
    let mut request = common::home_oxygen();
    request
        .items
        .retain(|item| !matches!(item.link_id.as_deref(), Some("inpatient_origin" | "time_of_need_documented")));
    golden("missing-facts.in.json", &compose::bundle(Base::V22, &request));
    for base in Base::ALL {
        let submission = read_submit(base, &sample("missing-facts.in.json"), common::receipt()).unwrap();
        assert_eq!(submission.request.items.len(), 4);
        let mut answer = common::answer(&submission, Action::Pended);
        answer.administrative_reference = Some("REF-2026-000001".into());
        answer.requests = vec![InformationRequest {
            line: 1,
            wanted: vec![Wanted { text: "Physician's note on the time of need".into(), loinc: Some("11506-3".into()) }],
            questionnaire_url: Some("urn:vigil:questionnaire:home-oxygen".into()),
            payer_url: Some("https://plan.example.org/fhir".into()),
            due: Some(common::moment("2026-11-30T22:00:00Z")),
        }];
        let name = format!("missing-facts.pended.{}.json", base.version());
        golden(&name, &respond(base, &submission.echo, &answer));
    }
}

#[test]
fn home_oxygen_modified_keeps_what_was_asked_and_adds_what_is_granted() {
    let submission = read_submit(Base::V22, &sample("home-oxygen.in.json"), common::receipt()).unwrap();
    let mut answer = common::answer(&submission, Action::Modified);
    answer.authorization = Some("A-2026-000002".into());
    answer.lines[0].reason =
        Some(Reason { code: None, text: "Certified for six months, then to be tested again.".into() });
    answer.lines[0].granted = Some(Granted {
        service: None,
        quantity: Some(Quantity { amount: 6.0, unit: "month".into() }),
        from: Some(jiff::civil::date(2026, 12, 1)),
        through: Some(jiff::civil::date(2027, 5, 31)),
    });
    golden("home-oxygen.modified.json", &respond(Base::V22, &submission.echo, &answer));
}

#[test]
fn a_faulty_request_is_answered_with_every_fault() {
    let found: Vec<Issue> = read_submit(Base::V22, &sample("faulty.in.json"), common::receipt()).unwrap_err();
    golden("faulty.outcome.json", &operation_outcome(&found));
}

/// The table that public code mis-maps: A2 is partial, A3 is not certified, A6 is modified.
#[test]
fn review_actions_have_the_codes_of_the_278() {
    let table = [
        ("A1", Action::CertifiedTotal, "Certified in total", true),
        ("A2", Action::CertifiedPartial, "Certified - partial", true),
        ("A3", Action::NotCertified, "Not certified", false),
        ("A4", Action::Pended, "Pended", false),
        ("A6", Action::Modified, "Modified", true),
        ("C", Action::Cancelled, "Cancelled", false),
        ("CT", Action::ContactPayer, "Contact payer", false),
        ("NA", Action::NoActionRequired, "No action required", false),
    ];
    assert_eq!(table.len(), Action::ALL.len());
    let submission = read_submit(Base::V22, &sample("home-oxygen.in.json"), common::receipt()).unwrap();
    for (code, action, label, numbered) in table {
        assert_eq!((action.word(), action.label(), action.certifies()), (code, Some(label), numbered));
        assert_eq!(Action::read(code), action);
        let mut answer = common::answer(&submission, action);
        answer.authorization = Some("A-1".into());
        let json: serde_json::Value = serde_json::from_slice(&respond(Base::V22, &submission.echo, &answer)).unwrap();
        let parts = &json["entry"][0]["resource"]["item"][0]["adjudication"][0]["extension"][0]["extension"];
        let parts = parts.as_array().unwrap();
        let said = parts.iter().find_map(|part| part.get("valueCodeableConcept")).unwrap();
        assert_eq!(said["coding"][0]["code"], code);
        assert_eq!(parts.iter().any(|part| part["url"] == "number"), numbered, "{code}");
    }
}
