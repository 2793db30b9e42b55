//! Short simulated spans on every test run; the whole years are `scripts/soak`.

use std::sync::Arc;

use vigil_desk::sim::{Plan, Report, run};
use vigil_domain::library::Library;

fn library() -> Arc<Library> {
    Arc::new(vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("the shipped packs open: {issues:?}")))
}

fn live(plan: Plan) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(run(library(), plan)).expect("the span is lived through")
}

fn span(seed: u64, days: i64, requests: usize) -> Plan {
    Plan { seed, days, ..Plan::year(seed, requests) }
}

#[test]
fn spring_weeks_hold_every_check() {
    for seed in 1..=3 {
        let from = jiff::civil::date(2026, 2, 20);
        let report = live(Plan { from, ..span(seed, 40, 120) });
        assert!(report.failures.is_empty(), "{}", report.text());
        assert!(report.received > 80 && report.checks > 5_000, "{}", report.text());
    }
}
