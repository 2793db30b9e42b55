//! Inquiries on both bases: read or refused, and either can be answered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigil_wire::fhir::{
    outcome::operation_outcome,
    pas::{Base, read_inquiry, respond_inquiry},
};

fuzz_target!(|body: &[u8]| {
    for base in Base::ALL {
        let answer = match read_inquiry(base, body) {
            Ok(inquiry) => respond_inquiry(base, &inquiry.echo, &[]),
            Err(issues) => operation_outcome(&issues),
        };
        assert!(serde_json::from_slice::<serde_json::Value>(&answer).is_ok(), "an answer is JSON");
    }
});
