//! The guide's own examples: every request reads, every inquiry reads, and every one of them can be answered.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use vigil_wire::fhir::pas::{Action, Base, read_inquiry, read_submit, respond, respond_inquiry};

/// Every request Bundle under a folder: a Bundle that starts with a Claim.
fn bundles(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            (json["entry"][0]["resource"]["resourceType"] == "Claim")
                .then(|| (path.file_name().unwrap().to_string_lossy().into_owned(), bytes))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn every_example_request_reads_and_can_be_answered() {
    let Some(reference) = common::reference() else { return };
    let conformance = reference.join("conformance");
    let mut count = 0;
    for (folder, base) in
        [("examples/pas-2.0.1", Base::V20), ("examples/pas-2.2.1", Base::V22), ("replay/pas-2.0.1", Base::V20)]
    {
        for (name, bytes) in bundles(&conformance.join(folder)) {
            count += 1;
            if name.to_lowercase().contains("inqui") {
                let inquiry =
                    read_inquiry(base, &bytes).unwrap_or_else(|issues| panic!("{folder}/{name}: {issues:#?}"));
                assert_eq!(inquiry.member.member_id, "12345678901");
                assert_eq!(inquiry.npis.first().map(String::as_str), Some("8189991234"));
                let answer = common::answer_lines(&[1], Action::Pended);
                let response = respond_inquiry(base, &inquiry.echo, &[answer]);
                let json: serde_json::Value = serde_json::from_slice(&response).unwrap();
                let bundle = if base == Base::V20 { &json } else { &json["parameter"][0]["resource"] };
                assert_eq!(bundle["entry"][0]["resource"]["resourceType"], "ClaimResponse", "{folder}/{name}");
                continue;
            }
            let submission = read_submit(base, &bytes, common::receipt()).unwrap_or_else(|issues| {
                panic!("{folder}/{name}: {}", issues.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
            });
            for issue in &submission.warnings {
                println!("{folder}/{name}: {issue}");
            }
            let response = respond(base, &submission.echo, &common::answer(&submission, Action::CertifiedTotal));
            let json: serde_json::Value = serde_json::from_slice(&response).unwrap();
            assert_eq!(json["entry"][0]["resource"]["resourceType"], "ClaimResponse");
            let sequences =
                json["entry"][0]["resource"]["item"].as_array().unwrap().iter().map(|item| &item["itemSequence"]);
            assert!(sequences.eq(submission.request.lines.iter().map(|line| line.sequence)), "{folder}/{name}");
        }
    }
    assert!(count >= 12, "only {count} request examples found");
}

#[test]
fn the_referral_example_reads_to_what_it_says() {
    let Some(reference) = common::reference() else { return };
    let bytes =
        std::fs::read(reference.join("conformance/examples/pas-2.2.1/Bundle-ReferralAuthorizationBundleExample.json"))
            .unwrap();
    let submission = read_submit(Base::V22, &bytes, common::receipt()).unwrap();
    let request = &submission.request;
    assert_eq!(request.member.member_id, "12345678901");
    assert_eq!(request.member.subscriber_id.as_deref(), Some("1122334455"));
    assert_eq!(request.payer_id, "1234567893");
    assert_eq!(request.requester.npi.as_deref(), Some("8189991234"));
    assert_eq!(request.practitioner.as_ref().unwrap().name, "SUSAN WATSON");
    assert_eq!(request.urgency.word(), "expedited");
    assert_eq!(request.review.word(), "prospective");
    assert_eq!(request.diagnoses[0].code.value, "G89.4");
    assert_eq!(request.diagnoses[0].recorded_on.unwrap().to_string(), "2021-05-10");
    let line = &request.lines[0];
    assert_eq!((line.service.system.word(), line.service.value.as_str()), ("x12-1365", "3"));
    assert_eq!(line.quantity.as_ref().unwrap().amount, 1.0);
    assert_eq!(line.earlier_authorization.as_deref(), Some("1122445"));
    assert_eq!(request.documents.len(), 1);
    assert_eq!(submission.attachments[0].bytes, b"This is sample base64 encoding.");
    assert_eq!(submission.reference_numbers, [(1, "9988311".to_owned())]);
}
