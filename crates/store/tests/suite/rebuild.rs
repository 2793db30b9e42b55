//! Rebuild equals live, while live goes on.

use std::sync::atomic::{AtomicBool, Ordering};

use vigil_store::*;

use crate::common::*;

/// A small department: rows follow from an event and its subject's history alone.
fn rows_of(event: &StoredEvent) -> Vec<Row> {
    let case = &event.subject.id;
    let closed = event.version >= 3;
    let work = WorkRow {
        open: !closed,
        queue: if event.version == 1 { "nurse" } else { "physician" }.to_owned(),
        risk: event.version as i64,
        patient_name: format!("Doe{}, Jane", case.len()),
        authorization: closed.then(|| format!("A{case}")),
        ..work(case, Some(event.version as i64), 0)
    };
    let measure = MeasureRow {
        day: day("2026-03-01"),
        line_of_business: "chip".to_owned(),
        urgency: "standard".to_owned(),
        key: event.kind.clone(),
        n: 1,
        seconds: event.version as i64,
    };
    let deadline = DeadlineRow {
        subject: event.subject.clone(),
        clock_id: "c".to_owned(),
        what: DeadlineKind::Due,
        at: at(event.version as i64),
        done: closed,
    };
    let key = KeyRow { kind: "k".to_owned(), value: case[..2].to_owned(), case_id: case.clone(), at: at(0) };
    vec![Row::Work(Box::new(work)), Row::Measure(measure), Row::Deadline(deadline), Row::Key(key)]
}

fn live_commit(case: &str, expected: u64) -> Commit {
    let mut commit = events(case, expected, 1);
    let subject = SubjectKey::case(case);
    let new = commit.events[0].clone();
    commit.rows = rows_of(&StoredEvent {
        position: 0,
        tenant: TENANT.to_owned(),
        subject,
        version: expected + 1,
        kind: new.kind,
        form: 1,
        occurred_at: new.occurred_at,
        recorded_at: new.recorded_at,
        actor: new.actor,
        body: new.body,
        hash: [0; 32],
    });
    commit
}

fn derived(events: &[StoredEvent]) -> Vec<(String, Row)> {
    events.iter().flat_map(|event| rows_of(event).into_iter().map(|row| (event.tenant.clone(), row))).collect()
}

fn dumps(store: &Store) -> Vec<Vec<String>> {
    View::read_models().iter().map(|table| store.dump_rows(table).unwrap()).collect()
}

fn rebuild(store: &Store) {
    let rebuild = store.begin_rebuild().unwrap();
    let (mut after, upto) = (0, store.watermark().unwrap());
    while after < upto {
        let mut events = store.feed(after, 97).unwrap();
        events.retain(|event| event.position <= upto);
        // The watermark may be a position that no event has.
        let Some(last) = events.last() else { break };
        after = last.position;
        rebuild.write(derived(&events)).unwrap();
    }
    rebuild
        .finish(after, |tail, events| {
            for event in events {
                let loaded = tail.load(&event.tenant, &event.subject)?;
                assert!(loaded.iter().any(|other| other.version == event.version));
            }
            Ok(derived(events))
        })
        .unwrap();
}

/// As the desk does it: each subject as it stands at a moment, then what came after it.
fn rebuild_by_subject(store: &Store) {
    let rebuild = store.begin_rebuild().unwrap();
    let upto = store.watermark().unwrap();
    let mut told: Vec<StoredEvent> = Vec::new();
    loop {
        let more = store.told(told.last(), upto, 97).unwrap();
        if more.is_empty() {
            break;
        }
        told.extend(more);
    }
    let order = |e: &StoredEvent| (e.tenant.clone(), e.subject.kind.clone(), e.subject.id.clone(), e.version);
    assert!(told.is_sorted_by(|a, b| order(a) < order(b)) && told.iter().all(|e| e.position <= upto));
    let subjects: Vec<&[StoredEvent]> = told.chunk_by(|a, b| a.subject == b.subject).collect();
    assert!(subjects.iter().all(|events| events[0].version == 1));
    for some in subjects.chunks(50) {
        let mut rows = Vec::new();
        for events in some {
            let (last, earlier) = events.split_last().unwrap();
            rows.extend(derived(earlier).into_iter().filter(|(_, row)| matches!(row, Row::Measure(_) | Row::Key(_))));
            rows.extend(derived(std::slice::from_ref(last)));
        }
        rebuild.fresh(rows).unwrap();
    }
    rebuild.settle().unwrap();
    // Longer than PostgreSQL waits before it looks for deadlocks: those who commit wait meanwhile, and hold nothing.
    let mut waited = false;
    let tail = move |_: &Tail<'_>, events: &[StoredEvent]| {
        if !std::mem::replace(&mut waited, true) {
            std::thread::sleep(std::time::Duration::from_millis(1_200));
        }
        Ok(derived(events))
    };
    rebuild.finish(upto, tail).unwrap();
}

/// Stops those who commit, whatever happens.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_rebuild_equals_live_while_commits_go_on() {
    on_both(|store| {
        for n in 0..300 {
            store.commit_blocking(live_commit(&format!("{:02}-{n}", n % 7), 0)).unwrap();
        }
        for round in 0..3 {
            let stop = AtomicBool::new(false);
            let mut after = Vec::new();
            std::thread::scope(|scope| {
                for hand in 0..3 {
                    let stop = &stop;
                    scope.spawn(move || {
                        let mut n = hand;
                        // Bounded: what comes during a slow rebuild is its tail, replayed while the writer waits.
                        while !stop.load(Ordering::Relaxed) && n < 1_500 {
                            let case = format!("{:02}-{}", n % 7, n % 900);
                            let head = store.head(TENANT, &SubjectKey::case(&*case)).unwrap();
                            drop(store.commit_blocking(live_commit(&case, head.map_or(0, |head| head.version))));
                            n += 3;
                        }
                    });
                }
                let _stop = Stop(&stop);
                if round == 1 {
                    rebuild(store);
                } else {
                    rebuild_by_subject(store);
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            });
            let live = dumps(store);
            assert!(store.told(None, 0, 9).unwrap().is_empty(), "nothing stands before the first position");
            assert!(live[0].len() >= 300 && live.iter().take(5).all(|rows| !rows.is_empty()));
            rebuild(store);
            after.push(dumps(store));
            assert_eq!(after[0], live);
        }
        // The swapped tables still serve and still hold their rules.
        let page = store.worklist(TENANT, &WorkFilter::default(), None, 5).unwrap();
        assert_eq!(page.rows.len(), 5);
    });
}

#[test]
fn an_abandoned_rebuild_changes_nothing_and_may_begin_again() {
    on_both(|store| {
        store.commit_blocking(live_commit("00-1", 0)).unwrap();
        let live = dumps(store);
        let given_up = store.begin_rebuild().unwrap();
        given_up.write(vec![(TENANT.to_owned(), Row::Work(Box::new(work("ghost", None, 0))))]).unwrap();
        drop(given_up);
        assert_eq!(dumps(store), live);
        let failing = store.begin_rebuild().unwrap();
        let refused = failing.finish(0, |_, _| Err(StoreFault::Busy));
        assert!(matches!(refused, Err(StoreFault::Busy)));
        assert_eq!(dumps(store), live);
        rebuild(store);
        assert_eq!(dumps(store), live);
    });
}
