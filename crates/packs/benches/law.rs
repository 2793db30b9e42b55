//! Figures of the law room: `cargo bench -p vigil-packs --bench law`. One core, no warm-up tricks, medians of five runs.

#![allow(missing_docs, reason = "a bench has no readers but its output")]

use std::{hint::black_box, time::Instant};

use vigil_domain::{
    clock::{Branch, Given, Status, compute, explain},
    law::{Flags, LawBook, Rule, Scope},
    time::{Day, Moment, Zone},
};

/// The median rate of five runs, per second.
fn rate(count: usize, mut run: impl FnMut()) -> f64 {
    let mut rates: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            run();
            count as f64 / start.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[2]
}

struct Work<'a> {
    rule: &'a Rule,
    events: Vec<Vec<(&'a str, Moment)>>,
    branch: Option<Branch>,
}

/// Every rule with a clock, every start event given, 200 receipts over three years.
fn work(book: &LawBook) -> Vec<Work<'_>> {
    let base: Moment = "2026-01-02T15:04:05Z".parse().expect("a moment");
    let mut all = Vec::new();
    for rule in book.rules().iter().filter(|rule| rule.has_clock()) {
        let names: Vec<&str> = rule.deadlines.iter().map(|d| d.from.as_str()).chain(["request_received"]).collect();
        let events = (0..200_i64)
            .map(|i| {
                let at = base + jiff::SignedDuration::from_secs(i * 473_911);
                names.iter().map(|name| (*name, at)).collect()
            })
            .collect();
        let branch = rule.combine.needs_branch().then_some(Branch::Index(0));
        all.push(Work { rule, events, branch });
    }
    all
}

fn main() {
    let opened: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            black_box(vigil_packs::open(&[]).expect("the shipped packs open"));
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    let worst = opened.iter().copied().fold(0.0, f64::max);
    println!("open the whole library: {worst:.1} ms at worst of five (target 200)");

    let library = vigil_packs::open(&[]).expect("the shipped packs open");
    let book = &library.law;
    let zone = Zone::named("America/New_York").expect("a zone");
    let flags = Flags { rating_period_start: Day::new(2026, 7, 1).ok(), ..Flags::default() };
    let all = work(book);
    let count: usize = all.iter().map(|w| w.events.len()).sum();
    let mut due = 0_usize;
    let plain = rate(count * 5, || {
        for _ in 0..5 {
            for w in &all {
                for events in &w.events {
                    let given = Given { branch: w.branch.as_ref(), flags: &flags, ..Given::new(events, &zone) };
                    let computed = compute(black_box(w.rule), book.calendars(), &given);
                    due += usize::from(computed.status == Status::Due);
                }
            }
        }
    });
    println!("due times, explanation off: {plain:.0} a second over {} rules (target 1,000,000)", all.len());
    let told = rate(count, || {
        for w in &all {
            for events in &w.events {
                let given = Given { branch: w.branch.as_ref(), flags: &flags, ..Given::new(events, &zone) };
                let computed = compute(w.rule, book.calendars(), &given);
                black_box(explain(w.rule, book.calendars(), &given, &computed));
            }
        }
    });
    println!("due times, explanation on: {told:.0} a second (target 100,000)");
    let scope = Scope {
        line_of_business: "medicaid-managed-care".to_owned(),
        jurisdiction: "US-NY".to_owned(),
        review: "prospective".to_owned(),
        urgency: "standard".to_owned(),
        subject: None,
        flags,
    };
    let day = Day::new(2026, 8, 3).expect("a day");
    let chosen = rate(100_000, || {
        for _ in 0..100_000 {
            black_box(book.in_force(black_box(&scope), day));
        }
    });
    println!("rules in force for a scope: {:.2} microseconds a question", 1e6 / chosen);
    assert!(due > 0, "the bench computes real due times");
}
