//! What several test files need: the reference folder, a receipt, an answer.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::PathBuf;

use vigil_domain::{
    request::{Channel, Receipt},
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
