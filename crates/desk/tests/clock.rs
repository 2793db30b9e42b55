//! The clock of the machine jumps: nothing is lost, nothing is recorded twice, and the log stays whole.

#![allow(clippy::unwrap_used, reason = "a test that cannot get what it needs fails")]

use std::sync::Arc;

use jiff::SignedDuration;
use vigil_desk::{
    Desk, MAIN_TENANT, Membership, Settings,
    errand::{MailRoom, Printer},
    time::Time,
};
use vigil_domain::{case::event::Event, time::Moment};
use vigil_store::Store;
use vigil_wire::fhir::pas::Base;

const REQUEST: &str = include_str!("../../wire/tests/samples/home-oxygen.in.json");

fn desk() -> Desk {
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{} pack issues", issues.len()));
    let settings = Settings { membership: Membership::Provisional, ..Settings::default() };
    Desk::new(Store::in_memory().unwrap(), Arc::new(library), Time::simulated(start()), settings)
}

fn start() -> Moment {
    "2026-06-01T13:00:00Z".parse().unwrap()
}

async fn submit(desk: &Desk, n: u32) -> String {
    let body = REQUEST
        .replace("M100200300", &format!("M{n:09}"))
        .replace("b3132e1f2a883ea832c81864733dce4e", &format!("{n:032x}"))
        .replace("R-2026-0001", &format!("R-{n}"))
        // An oxygen pressure that does not meet the criteria: the case waits for people under its clocks.
        .replace("\"value\": 54", "\"value\": 70");
    let now = desk.time.now();
    desk.submit(MAIN_TENANT, Base::V22, "sender", now, body.into_bytes()).await.unwrap().case.expect("a case")
}

async fn everything_due(desk: &Desk) {
    let mail = MailRoom { printer: Printer::Text, outbox: None };
    for _ in 0..10 {
        desk.tick(100).await.unwrap();
        desk.run_errands("clock-test", &mail, 100).await.unwrap();
    }
}

fn count(desk: &Desk, case: &str, of: impl Fn(&Event) -> bool) -> usize {
    let history = desk.history(MAIN_TENANT, case).unwrap().unwrap();
    history.events.iter().filter(|e| of(&e.event)).count()
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_and_back_loses_nothing_and_misses_nothing_twice() {
    let desk = desk();
    let first = submit(&desk, 1).await;
    everything_due(&desk).await;

    // A year ahead: what the wrong clock makes due is recorded, once.
    desk.time.set(start() + SignedDuration::from_hours(365 * 24));
    everything_due(&desk).await;
    let lapsed = |case: &str| count(&desk, case, |e| matches!(e, Event::ClockLapsed { .. }));
    let missed = lapsed(&first);
    assert_eq!(desk.next_deadline().unwrap().filter(|at| *at <= desk.time.now()), None, "nothing is left due");

    // Back to where it was, and a day further back: work goes on, and what was recorded is not recorded again.
    for hours in [0, -24] {
        desk.time.set(start() + SignedDuration::from_hours(hours));
        let n = u32::try_from(10 + hours.abs()).unwrap();
        let later = submit(&desk, n).await;
        everything_due(&desk).await;
        assert_eq!(lapsed(&first), missed);
        assert_eq!(lapsed(&later), 0, "its time has only begun");
        let case = desk.load(MAIN_TENANT, &later).unwrap().expect("it is there");
        assert!(case.clocks.iter().all(|c| c.due_at > desk.time.now()), "clocks run from the moment of receipt");
    }

    // And on again, past every due time of the later ones.
    desk.time.set(start() + SignedDuration::from_hours(60 * 24));
    everything_due(&desk).await;
    assert_eq!(lapsed(&first), missed);
    let before: Vec<_> = vigil_store::View::read_models().iter().map(|t| desk.store.dump_rows(t).unwrap()).collect();
    let verified = desk.store.verify(&mut |_, _| ()).unwrap();
    assert_eq!(verified.subjects, 3);
    tokio::task::spawn_blocking({
        let desk = desk.clone();
        move || desk.rebuild(|_| ()).unwrap()
    })
    .await
    .unwrap();
    let after: Vec<_> = vigil_store::View::read_models().iter().map(|t| desk.store.dump_rows(t).unwrap()).collect();
    assert_eq!(before, after, "rebuild equals live, whatever the clock did");
}
