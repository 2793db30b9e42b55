//! Prior authorization requests on both bases: read or refused, never a panic; what is refused can be said.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigil_domain::request::{Channel, Receipt};
use vigil_wire::fhir::{
    outcome::operation_outcome,
    pas::{Base, read_submit},
};

fuzz_target!(|body: &[u8]| {
    for base in Base::ALL {
        match read_submit(base, body, receipt()) {
            Ok(submission) => {
                assert!(!submission.request.lines.is_empty(), "a request has lines");
                for attachment in &submission.attachments {
                    assert!(attachment.document < submission.request.documents.len());
                }
            }
            Err(issues) => {
                assert!(!issues.is_empty(), "a refusal says why");
                let outcome = operation_outcome(&issues);
                assert!(serde_json::from_slice::<serde_json::Value>(&outcome).is_ok(), "an outcome is JSON");
            }
        }
    }
});

fn receipt() -> Receipt {
    let at = "2026-11-23T15:04:05Z".parse().expect("a moment");
    Receipt {
        channel: Channel::Fhir,
        received_at: at,
        proof: "message 1".into(),
        entered_at: at,
        entered_by: "fuzz".into(),
        caller: None,
        authority: None,
        expedite_asked_by: None,
        form_note: None,
    }
}
