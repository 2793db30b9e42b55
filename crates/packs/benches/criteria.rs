//! Figures of the criteria room: how long one judgement takes, and opening the packs.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use vigil_domain::{
    criteria::{Facts, Service, evaluate},
    evidence::{Source, Value},
};
use vigil_packs::{criteria, shelf::Shelf};

fn main() {
    let shelf = Shelf::read(&[]).expect("the embedded packs");
    let mut issues = Vec::new();
    let start = Instant::now();
    let book = criteria::load(&shelf, &mut issues);
    println!("open {} criteria packs: {:?}", book.iter().count(), start.elapsed());
    let oxygen = book.latest("home-oxygen").expect("home oxygen is shipped");
    let begin = [
        ("test_ordered_evaluated", Value::Bool(true)),
        ("test_by_dme_supplier", Value::Bool(false)),
        ("inpatient_origin", Value::Bool(false)),
        ("time_of_need_documented", Value::Bool(true)),
        ("sole_reason", Value::Text("none".into())),
    ];
    let mut met = begin.to_vec();
    met.push(("pao2_rest", Value::Number(55.0)));
    let mut between = begin.to_vec();
    between.push(("pao2_rest", Value::Number(57.0)));
    for (name, values) in [
        ("met", met),
        ("unknown, 57 mm[Hg]", between),
        ("unknown, no gas", begin.to_vec()),
        ("nothing known", Vec::new()),
    ] {
        let facts = Facts::from_values(oxygen, values, &Source::Roster).expect("facts fit");
        println!("home-oxygen, {name}: {:?}", each(oxygen, &facts));
    }
    let slowest = book.iter().map(|s| (each(s, &Facts::none(s)), s.definition().id.clone())).max();
    println!("slowest with nothing known: {slowest:?}");
}

fn each(service: &Service, facts: &Facts) -> Duration {
    const TIMES: u32 = 20_000;
    let start = Instant::now();
    for _ in 0..TIMES {
        black_box(evaluate(black_box(service), black_box(facts)));
    }
    start.elapsed() / TIMES
}
