//! The same seed lives the same life on both engines: event for event, row for row.
#![allow(clippy::unwrap_used, reason = "a test that cannot get what it needs fails")]

#[path = "../../store/tests/common/postgres.rs"]
mod postgres;

use std::sync::Arc;

use vigil_desk::{
    Desk, Settings,
    sim::{Plan, Report, run},
    time::Time,
};
use vigil_domain::{library::Library, time::Moment};
use vigil_store::{Address, Options, Store, View};

fn library() -> Arc<Library> {
    Arc::new(vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("the shipped packs open: {issues:?}")))
}

fn live(library: &Arc<Library>, address: Option<&str>) -> Report {
    let plan = Plan {
        from: jiff::civil::date(2026, 2, 20),
        days: 12,
        drain: 30,
        address: address.map(|address| Address::parse(address).unwrap()),
        ..Plan::year(11, 50)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(run(Arc::clone(library), plan)).unwrap()
}

#[test]
fn the_same_seed_leaves_the_same_trace_and_a_rebuild_equals_live() {
    let Some(address) = postgres::fresh() else { return };
    let library = library();
    let (lite, pg) = (live(&library, None), live(&library, Some(&address)));
    assert!(pg.failures.is_empty() && pg.received > 20, "{}", pg.text());
    assert_eq!((&lite.trace, lite.events, &lite.outcomes), (&pg.trace, pg.events, &pg.outcomes));
    let store = Store::connect(Address::parse(&address).unwrap(), &Options::default()).unwrap();
    let dump = || View::read_models().iter().map(|table| store.dump_rows(table).unwrap()).collect::<Vec<_>>();
    let lived = dump();
    assert!(lived.iter().map(Vec::len).sum::<usize>() > 100);
    let desk = Desk::new(store.clone(), library, Time::simulated(Moment::UNIX_EPOCH), Settings::default());
    let rebuilt = desk.rebuild(|_| ()).unwrap();
    assert_eq!(rebuilt.events, pg.events);
    assert_eq!(dump(), lived);
    assert_eq!(store.verify(&mut |_, _| ()).unwrap().events, pg.events);
}
