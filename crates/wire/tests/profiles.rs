//! Our responses against the guide's own profiles: both versions, every outcome, plain and UUID senders.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/profile.rs"]
mod profile;

use std::collections::HashSet;

use profile::Guide;
use serde_json::Value;
use vigil_domain::{
    code::{Code, CodeSystem},
    request::Quantity,
};
use vigil_wire::fhir::pas::{
    AaaError, Action, Answer, Base, Granted, InformationRequest, Outcome, Reason, Reviewer, Submission, Wanted,
    compose, read_submit, respond, respond_inquiry,
};

const SUBMIT: &str = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-pas-response-bundle";
const INQUIRY: &str = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-pas-inquiry-response-bundle";
const OURS: [&str; 3] = ["ClaimResponse", "Task", "CommunicationRequest"];

/// Opened once for all tests: unpacking takes longer than checking.
fn guides(reference: &std::path::Path) -> &'static [(Base, Guide, &'static str); 2] {
    static GUIDES: std::sync::OnceLock<[(Base, Guide, &'static str); 2]> = std::sync::OnceLock::new();
    let packages = reference.join("conformance/ig-packages");
    GUIDES.get_or_init(|| {
        [
            (Base::V20, Guide::open(&packages, "davinci_pas_2.0.1.tgz"), "pas-2.0.1"),
            (Base::V22, Guide::open(&packages, "davinci_pas_2.2.1.tgz"), "pas-2.2.1"),
        ]
    })
}

#[test]
fn the_validator_accepts_the_guides_own_responses() {
    let Some(reference) = common::reference() else { return };
    for (_, guide, folder) in guides(&reference) {
        let mut count = 0;
        for path in std::fs::read_dir(reference.join("conformance/examples").join(folder)).unwrap() {
            let path = path.unwrap().path();
            let json: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let mut faults = Vec::new();
            if json["entry"][0]["resource"]["resourceType"] == "ClaimResponse" {
                let own = json["meta"]["profile"][0].as_str().unwrap_or(SUBMIT);
                faults = guide.check_bundle(&json, own, &OURS);
            } else if OURS.iter().any(|kind| json["resourceType"] == *kind) {
                guide.check(&json, json["meta"]["profile"][0].as_str().unwrap(), "$this", &mut faults);
            } else {
                continue;
            }
            count += 1;
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(faults.is_empty(), "{folder}/{name}: {faults:#?}");
        }
        assert!(count >= 7, "{folder}: only {count} examples");
    }
}

#[test]
fn the_validator_sees_what_is_wrong() {
    let Some(reference) = common::reference() else { return };
    let (base, guide, _) = &guides(&reference)[1];
    let base = *base;
    let submission = read_submit(base, &compose::bundle(base, &common::home_oxygen()), common::receipt()).unwrap();
    let response = respond(base, &submission.echo, &common::answer(&submission, Action::CertifiedTotal));
    let good: Value = serde_json::from_slice(&response).unwrap();
    for (pointer, to, expected) in [
        ("/type", Value::from("batch"), "is not \"collection\""),
        ("/timestamp", Value::from("2026-11-23"), "is no instant"),
        ("/entry/0/resource/outcome", Value::from("queued"), "value set"),
        ("/entry/0/resource/use", Value::from("claim"), "is not \"preauthorization\""),
        ("/entry/0/resource/item/0/itemSequence", Value::from(0), "is no positiveInt"),
        ("/entry/0/resource/item/0/adjudication", Value::Array(Vec::new()), "0 times, allowed 1..*"),
        ("/entry/0/resource/insurer", Value::from("x"), "not an object"),
    ] {
        let mut json = good.clone();
        *json.pointer_mut(pointer).unwrap() = to;
        let faults = guide.check_bundle(&json, SUBMIT, &OURS);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{pointer}: {faults:#?}");
    }
}

/// Every answer that a plan gives.
#[allow(clippy::too_many_lines)] // a table
fn answers(submission: &Submission) -> Vec<(&'static str, Answer)> {
    let day = jiff::civil::date;
    let base = |action: Action| {
        let mut answer = common::answer(submission, action);
        answer.reviewer =
            Some(Reviewer { human: true, npi: Some("1234567893".into()), specialty: Some("207R00000X".into()) });
        answer
    };
    let period = (day(2026, 12, 1), day(2027, 11, 30));
    let mut approved = base(Action::CertifiedTotal);
    approved.authorization = Some("A-1".into());
    approved.period = Some(period);
    approved.lines[0].period = Some(period);
    approved.lines[0].issued_on = Some(day(2026, 11, 23));
    let granted = |service| {
        Some(Granted {
            service,
            quantity: Some(Quantity { amount: 6.0, unit: "month".into() }),
            from: Some(period.0),
            through: Some(period.1),
        })
    };
    let mut partial = approved.clone();
    partial.lines[0].action = Action::CertifiedPartial;
    partial.lines[0].granted = granted(None);
    let mut modified = approved.clone();
    modified.lines[0].action = Action::Modified;
    modified.lines[0].granted = granted(Some(Code::new(CodeSystem::Hcpcs, "E1392")));
    let mut denied = base(Action::NotCertified);
    denied.lines[0].reason = Some(Reason { code: Some("01".into()), text: "Criteria not met.".into() });
    denied.lines[0].note = Some("The PaO2 was 61 mm Hg.".into());
    let mut unlicensed = denied.clone();
    unlicensed.lines[0].reason = Some(Reason { code: None, text: "Criteria not met.".into() });
    let mut pended = base(Action::Pended);
    pended.administrative_reference = Some("REF-1".into());
    let mut asking = pended.clone();
    asking.requests = vec![InformationRequest {
        line: 1,
        wanted: vec![
            Wanted { text: "The signed sleep study".into(), loinc: Some("28570-0".into()) },
            Wanted { text: "The oximetry strip".into(), loinc: None },
        ],
        questionnaire_url: Some("http://example.org/Questionnaire/home-oxygen".into()),
        payer_url: Some("https://plan.example.org/pas/2.2/fhir".into()),
        due: Some(common::moment("2026-11-30T22:00:00Z")),
    }];
    let mut error = base(Action::Pended);
    error.lines.clear();
    error.outcome = Outcome::Error(vec![AaaError {
        code: "75".into(),
        element: Some("2010C-NM109".into()),
        path: Some("Bundle.entry[1].resource.identifier[0].value".into()),
        follow_up: Some("C".into()),
        message: Some("The member is not on the roster.".into()),
    }]);
    let mut bare = common::answer(submission, Action::Pended);
    bare.bundle_identifier = None;
    vec![
        ("approved", approved),
        ("partial", partial),
        ("modified", modified),
        ("denied", denied),
        ("denied without a licensed code", unlicensed),
        ("pended", pended),
        ("asking", asking),
        ("cancelled", base(Action::Cancelled)),
        ("contact payer", base(Action::ContactPayer)),
        ("no action", base(Action::NoActionRequired)),
        ("error", error),
        ("bare", bare),
    ]
}

/// Each resource once, each reference resolvable: by fullUrl, or relative to the Bundle's own server part.
fn closed(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().unwrap();
    let urls: Vec<&str> = entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect();
    let mut faults = Vec::new();
    if urls.iter().collect::<HashSet<_>>().len() != urls.len() {
        faults.push(format!("a fullUrl stands twice: {urls:?}"));
    }
    for (entry, url) in entries.iter().zip(&urls) {
        let resource = &entry["resource"];
        let tail = format!("{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
        let server = url.strip_suffix(&tail).unwrap_or_default();
        let mut stack = vec![(resource, "")];
        while let Some((value, name)) = stack.pop() {
            match value {
                Value::Object(map) => stack.extend(map.iter().map(|(name, value)| (value, name.as_str()))),
                Value::Array(list) => stack.extend(list.iter().map(|value| (value, name))),
                Value::String(text)
                    if name == "reference"
                        && !urls.contains(&text.as_str())
                        && !urls.contains(&format!("{server}{text}").as_str()) =>
                {
                    faults.push(format!("{tail}: {text} has no target"));
                }
                _ => {}
            }
        }
    }
    faults
}

#[test]
fn every_answer_is_what_the_profiles_ask_for() {
    let Some(reference) = common::reference() else { return };
    for (base, guide, folder) in guides(&reference) {
        let base = *base;
        let example =
            reference.join("conformance/examples").join(folder).join("Bundle-ReferralAuthorizationBundleExample.json");
        for (sender, body) in [
            ("the guide's referral", std::fs::read(example).unwrap()),
            ("a sender with UUIDs", compose::bundle(base, &common::home_oxygen())),
        ] {
            let submission = read_submit(base, &body, common::receipt()).unwrap();
            for (name, answer) in answers(&submission) {
                let response: Value = serde_json::from_slice(&respond(base, &submission.echo, &answer)).unwrap();
                let mut faults = guide.check_bundle(&response, SUBMIT, &OURS);
                faults.extend(closed(&response));
                assert!(faults.is_empty(), "{folder}, {sender}, {name}: {faults:#?}\n{response:#}");
                let several = [answer.clone(), Answer { response_id: "second".into(), ..answer }];
                let answers = if base == Base::V20 { &several[..1] } else { &several[..] };
                let response: Value =
                    serde_json::from_slice(&respond_inquiry(base, &submission.echo, answers)).unwrap();
                let bundles: Vec<&Value> = match base {
                    Base::V20 => vec![&response],
                    Base::V22 => {
                        response["parameter"].as_array().unwrap().iter().map(|part| &part["resource"]).collect()
                    }
                };
                assert_eq!(bundles.len(), answers.len());
                for bundle in bundles {
                    let mut faults = guide.check_bundle(bundle, INQUIRY, &OURS);
                    faults.extend(closed(bundle));
                    assert!(faults.is_empty(), "{folder}, {sender}, {name}, inquiry: {faults:#?}\n{bundle:#}");
                }
            }
        }
    }
}

#[test]
fn large_attachments_are_not_sent_back() {
    let mut request = common::home_oxygen();
    request.note = Some("long ".repeat(40_000));
    let submission = read_submit(Base::V22, &compose::bundle(Base::V22, &request), common::receipt()).unwrap();
    let response = respond(Base::V22, &submission.echo, &common::answer(&submission, Action::Pended));
    assert!(response.len() < 20_000, "{} bytes", response.len());
    let json: Value = serde_json::from_slice(&response).unwrap();
    let request = &json["entry"][0]["resource"]["request"];
    assert_eq!((&request["reference"], &request["identifier"]["value"]), (&Value::Null, &Value::from("R-2026-0001")));
    assert!(closed(&json).is_empty());
}
