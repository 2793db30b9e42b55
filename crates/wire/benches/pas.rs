//! How long one PAS request takes to read and to answer, on one core: `cargo bench -p vigil-wire`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{hint::black_box, time::Instant};

use vigil_wire::{
    fhir::pas::{Action, Base, compose, read_submit, respond},
    json::{Json, Limits},
};

/// Best mean of five runs, in microseconds: the least disturbed one.
fn time(name: &str, limit: f64, mut work: impl FnMut()) {
    const ROUNDS: u32 = 4000;
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        (0..ROUNDS).for_each(|_| work());
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
    }
    let verdict = if best <= limit { "within" } else { "OVER" };
    println!("{name:<28} {best:>8.2} us   ({verdict} {limit} us)");
}

fn main() {
    let request = common::home_oxygen();
    let mut body = compose::bundle(Base::V22, &request);
    // Most senders indent; whitespace is part of the real cost.
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    body = serde_json::to_vec_pretty(&json).unwrap();
    println!("body {} bytes, {} values", body.len(), Json::parse(&body, Limits::default()).unwrap().len());
    time("parse", 25.0, || {
        black_box(Json::parse(black_box(&body), Limits::default()).unwrap());
    });
    let receipt = common::receipt();
    time("read_submit", 45.0, || {
        black_box(read_submit(Base::V22, black_box(&body), receipt.clone()).unwrap());
    });
    let submission = read_submit(Base::V22, &body, receipt).unwrap();
    let answer = common::answer(&submission, Action::CertifiedTotal);
    println!("response {} bytes", respond(Base::V22, &submission.echo, &answer).len());
    time("respond", 15.0, || {
        black_box(respond(Base::V22, black_box(&submission.echo), black_box(&answer)));
    });
    time("compose", 45.0, || {
        black_box(compose::bundle(Base::V22, black_box(&request)));
    });
    let Some(reference) = common::reference() else { return };
    let example = reference.join("conformance/examples/pas-2.0.1/Bundle-ReferralAuthorizationBundleExample.json");
    let body = std::fs::read(example).unwrap();
    println!("the guide's referral example: {} bytes", body.len());
    time("parse, guide", 25.0, || {
        black_box(Json::parse(black_box(&body), Limits::default()).unwrap());
    });
    let receipt = common::receipt();
    time("read_submit, guide", 45.0, || {
        black_box(read_submit(Base::V20, black_box(&body), receipt.clone()).unwrap());
    });
}
