//! The cost of one request on one core, step by step, without I/O: `cargo bench -p vigil --bench cost`.
//!
//! The request is the sample of 15.7 kB (home oxygen, Medicare Advantage, approved by automation). Best mean of five rounds.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{hint::black_box, sync::Arc, time::Instant};

use vigil_desk::{Desk, MAIN_TENANT, Membership, Settings, answer, ids, party::Eligibility, project, time::Time};
use vigil_domain::{
    case::{command::Command, decide::decide},
    request::{Channel, Receipt},
    time::Moment,
};
use vigil_store::Store;
use vigil_wire::fhir::pas::{Base, read_submit, respond};

const REQUEST: &[u8] = include_bytes!("../../wire/tests/samples/home-oxygen.in.json");

/// Best mean of five rounds, in microseconds: the least disturbed one.
fn time(name: &str, mut work: impl FnMut()) -> f64 {
    const TIMES: u32 = 1_000;
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        (0..TIMES).for_each(|_| work());
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES));
    }
    println!("  {name:<44} {best:>8.1} us");
    best
}

fn receipt(at: Moment) -> Receipt {
    Receipt {
        channel: Channel::Fhir,
        received_at: at,
        proof: "message".into(),
        entered_at: at,
        entered_by: "bench".into(),
        caller: None,
        authority: None,
        expedite_asked_by: None,
        form_note: None,
    }
}

fn main() {
    let now: Moment = "2026-11-23T16:00:00Z".parse().unwrap();
    let library = Arc::new(vigil_packs::open(&[]).unwrap());
    let settings = Settings { membership: Membership::Provisional, ..Settings::default() };
    let desk = Desk::new(Store::in_memory().unwrap(), Arc::clone(&library), Time::simulated(now), settings);
    let submission = read_submit(Base::V22, REQUEST, receipt(now)).unwrap();
    let resolved = match desk.eligibility(MAIN_TENANT, &submission.request).unwrap() {
        Eligibility::Known(resolved) | Eligibility::Provisional(resolved) => resolved,
        Eligibility::Rejected(errors) => panic!("{errors:?}"),
    };
    let key = [7; 32];
    let command = || {
        let case = ids::case_number(now, &key);
        Command::Receive {
            authorization: ids::authorization_number(&case),
            case,
            request: Box::new(submission.request.clone()),
            resolved: resolved.clone(),
            scenario: None,
        }
    };
    let decided = decide(None, command(), &library, now).unwrap();
    let kinds: Vec<&str> = decided.events.iter().map(|e| e.kind()).collect();
    println!(
        "one request of {} bytes: {} ({})",
        REQUEST.len(),
        decided.case.outcome_word().unwrap_or("open"),
        kinds.join(", ")
    );
    let read = time("read the message, every issue looked for", || {
        black_box(read_submit(Base::V22, black_box(REQUEST), receipt(now)).unwrap());
    });
    let copy = time("(copy the request, part of the next)", || {
        black_box(command());
    });
    let judge = time("judge: clocks, requirement, criteria, events", || {
        black_box(decide(None, command(), &library, now).unwrap());
    });
    let respond_us = time("write the response", || {
        let answer = answer::of_case(&decided.case, &key, now, &desk.settings);
        black_box(respond(Base::V22, &submission.echo, &answer));
    });
    println!("  {:<44} {:>8.1} us", "judged without I/O, reading included", read + judge - copy + respond_us);
    time("events as JSON", || {
        for event in &decided.events {
            black_box(serde_json::to_vec(event).unwrap());
        }
    });
    let bytes: usize = decided.events.iter().map(|e| serde_json::to_vec(e).unwrap().len()).sum();
    println!("  {:<44} {bytes:>8} bytes", "  their size");
    time("rows for the pages", || {
        black_box(project::rows(&decided.case, &decided.events, now));
    });
    println!("  {:<44} {:>8}", "  their number", project::rows(&decided.case, &decided.events, now).len());
    time("the key of the message (SHA-256)", || {
        black_box(vigil_store::message_key(MAIN_TENANT, "2.2", "submit", "bench", REQUEST));
    });
}
