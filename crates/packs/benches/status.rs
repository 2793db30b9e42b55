//! Figures of the status room: how long one decision and one guided procedure take.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use serde_json::json;
use vigil_domain::{
    status::{Cc44Facts, StatusFacts, condition_code_44, decide_status},
    time::Moment,
};
use vigil_packs::{shelf::Shelf, status};

fn main() {
    let shelf = Shelf::read(&[]).expect("the embedded packs");
    let mut issues = Vec::new();
    let start = Instant::now();
    let book = status::load(&shelf, &mut issues);
    println!("open {} status rules: {:?}", book.rules().len(), start.elapsed());
    let medicare = json!({"line_of_business": "original-medicare", "part_b": true});
    let order = json!({"at": "2026-11-18T06:00:00Z", "entered_at": "2026-11-18T06:00:00Z", "signed_at": "2026-11-18T06:00:00Z"});
    let expectation = json!({"further_midnights": 1, "documented_at": "2026-11-18T07:00:00Z", "because": ["sepsis"]});
    let day = json!({"zone": "America/New_York", "payer": medicare, "first_care_at": "2026-11-18T03:00:00Z",
        "order": order, "hospital_need": true, "expectation": expectation});
    let mut long = day.clone();
    long["leave"] = json!([{"from": "2026-11-25T20:00:00Z", "to": "2026-11-26T20:00:00Z"}]);
    long["delays"] = json!([{"from": "2026-12-02T20:00:00Z", "to": "2026-12-04T20:00:00Z", "why": "weekend"}]);
    long["discharge"] = json!({"at": "2026-12-18T20:00:00Z"});
    let observation = json!({"zone": "America/New_York", "payer": medicare, "first_care_at": "2026-11-18T03:00:00Z",
        "hospital_need": true, "observation": [{"ordered_at": "2026-11-18T06:00:00Z"}]});
    let commercial = json!({"zone": "America/New_York", "order": order, "first_care_at": "2026-11-18T03:00:00Z",
        "payer": {"line_of_business": "commercial-insured", "payer_id": "DEMO-COMMERCIAL"}});
    for (name, facts, now) in [
        ("inpatient, first night", &day, "2026-11-18T08:00:00Z"),
        ("observation, alerts to come", &observation, "2026-11-18T20:00:00Z"),
        ("thirty days, leave and delay, discharged", &long, "2026-12-19T12:00:00Z"),
        ("payer guideline", &commercial, "2026-11-19T12:00:00Z"),
    ] {
        let facts: StatusFacts = serde_json::from_value(facts.clone()).expect("facts");
        let now: Moment = now.parse().expect("a moment");
        println!("status decision, {name}: {:?}", each(|| decide_status(black_box(&facts), &book, now)));
    }
    let cc44: Cc44Facts = serde_json::from_value(json!({"stay": day, "bill_submitted": false})).expect("facts");
    let now: Moment = "2026-11-18T15:00:00Z".parse().expect("a moment");
    println!("condition code 44: {:?}", each(|| condition_code_44(black_box(&cc44), &book, now)));
}

fn each<T>(mut work: impl FnMut() -> T) -> Duration {
    const TIMES: u32 = 20_000;
    let start = Instant::now();
    for _ in 0..TIMES {
        black_box(work());
    }
    start.elapsed() / TIMES
}
