//! What only PostgreSQL has: several nodes over one store, races between them, a database that comes and goes.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use vigil_store::*;

use crate::common::{
    postgres::{Server, fresh, psql},
    *,
};

fn rich(case: &str, expected: u64) -> Commit {
    let mut commit = events(case, expected, 2);
    let body = format!("{case}/{expected}");
    commit.message = Some(message(body.as_bytes(), body.as_bytes()));
    commit.rows = vec![
        Row::Work(Box::new(work(case, Some(1), expected as i64))),
        Row::Measure(MeasureRow {
            day: day("2026-03-01"),
            line_of_business: "chip".to_owned(),
            urgency: "standard".to_owned(),
            key: "received".to_owned(),
            n: 1,
            seconds: 1,
        }),
    ];
    commit
}

/// Everything acknowledged is there, once; counters agree with it; the chains are sound.
fn whole(store: &Store, kept: &HashMap<String, u64>) {
    for (case, version) in kept {
        let head = store.head(TENANT, &SubjectKey::case(case.clone())).unwrap().unwrap();
        assert!(head.version >= *version, "{case}: {} < {version}", head.version);
        assert_eq!(store.load(TENANT, &SubjectKey::case(case.clone())).unwrap().len() as u64, head.version);
        assert!(store.work(TENANT, case).unwrap().is_some());
        for expected in (0..*version).step_by(2) {
            let key = message(format!("{case}/{expected}").as_bytes(), b"").key;
            assert_eq!(store.message(TENANT, &key).unwrap().unwrap().subject, Some(SubjectKey::case(case.clone())));
        }
    }
    let subjects = store.subjects(TENANT, "case", "", 1_000).unwrap();
    let heads: u64 = subjects.iter().map(|subject| store.head(TENANT, subject).unwrap().unwrap().version).sum();
    let counted = store.measures(TENANT, day("2026-03-01"), day("2026-03-01")).unwrap();
    assert_eq!(counted[0].n as u64 * 2, heads, "each commit counted once");
    // The log as a whole is read up to the nodes' floors. That of a node that lost its connection stands for 30 seconds,
    // and the next that writes takes it away.
    let until = Instant::now() + Duration::from_secs(60);
    let mut verified = store.verify(&mut |_, _| ()).unwrap().events;
    while verified < heads && Instant::now() < until {
        thread::sleep(Duration::from_millis(200));
        let nudge = WriteItem::Setting { name: "nudge".to_owned(), value: verified.to_string() };
        store.write_blocking(Write::of(TENANT, vec![nudge])).unwrap();
        verified = store.verify(&mut |_, _| ()).unwrap().events;
    }
    assert_eq!(verified, heads, "each event stands in the log once");
}

/// Hammers a store from several hands until each has done so many commits; gives what was acknowledged.
fn hammer(stores: &[Store], hands: usize, each: usize) -> HashMap<String, u64> {
    let acknowledged = std::sync::Mutex::new(HashMap::new());
    thread::scope(|scope| {
        for hand in 0..hands {
            let (store, acknowledged) = (&stores[hand % stores.len()], &acknowledged);
            scope.spawn(move || {
                for n in 0..each {
                    // Two hands of different nodes meet on each case.
                    let case = format!("K{}-{}", hand / 2, n % 5);
                    let before = || store.head(TENANT, &SubjectKey::case(&*case));
                    let mut tries = 0;
                    loop {
                        tries += 1;
                        assert!(tries < 400, "{case}: no progress");
                        let Ok(head) = before() else {
                            thread::sleep(Duration::from_millis(20));
                            continue;
                        };
                        let expected = head.map_or(0, |head| head.version);
                        match store.commit_blocking(rich(&case, expected)) {
                            Ok(done) => {
                                let mut kept = acknowledged.lock().unwrap();
                                let last = kept.entry(case.clone()).or_insert(0);
                                *last = done.version.max(*last);
                                break;
                            }
                            Err(CommitError::Conflict { .. } | CommitError::Duplicate { .. }) => {}
                            Err(CommitError::Fault(fault)) if fault.is_busy() => {
                                thread::sleep(Duration::from_millis(20))
                            }
                            Err(other) => panic!("{other}"),
                        }
                    }
                }
            });
        }
    });
    acknowledged.into_inner().unwrap()
}

#[test]
fn nodes_that_race_lose_nothing_and_the_feed_shows_each_event_once_in_order() {
    let Some(address) = fresh() else { return };
    let nodes: Vec<Store> = (0..3).map(|_| connect(&address)).collect();
    let stop = AtomicBool::new(false);
    let kept = thread::scope(|scope| {
        // A reader of the feed that begins with the first event and never looks back.
        let reader = scope.spawn(|| {
            let store = connect(&address);
            let (mut after, mut seen, mut versions) = (0, 0, HashMap::new());
            loop {
                let last = stop.load(Ordering::Relaxed);
                let events = store.feed(after, 50).unwrap();
                for event in &events {
                    assert!(event.position > after);
                    after = event.position;
                    let before = versions.insert(event.subject.clone(), event.version).unwrap_or(0);
                    assert_eq!(event.version, before + 1, "{} came out of order", event.subject);
                    seen += 1;
                }
                if last && events.is_empty() {
                    return seen;
                }
            }
        });
        let kept = hammer(&nodes, 6, 40);
        thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::Relaxed);
        let seen = reader.join().unwrap();
        assert_eq!(seen, nodes[0].verify(&mut |_, _| ()).unwrap().events);
        kept
    });
    whole(&nodes[1], &kept);
}

#[test]
fn injected_serialization_failures_are_tried_again_and_seen_by_nobody() {
    let Some(address) = fresh() else { return };
    let nodes: Vec<Store> = (0..2).map(|_| connect(&address)).collect();
    psql(
        &address,
        "CREATE SEQUENCE chaos;
         CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF nextval('chaos') % 3 = 0 THEN RAISE EXCEPTION 'injected' USING ERRCODE = '40001'; END IF;
           IF nextval('chaos') % 7 = 0 THEN RAISE EXCEPTION 'injected' USING ERRCODE = '40P01'; END IF;
           RETURN NULL; END $$;
         CREATE TRIGGER stumble AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION stumble();",
    );
    let kept = hammer(&nodes, 4, 30);
    assert!(psql(&address, "SELECT last_value FROM chaos").parse::<u64>().unwrap() > 60, "nothing was injected");
    whole(&nodes[0], &kept);
}

#[test]
fn serializable_transactions_that_fail_are_tried_again_too() {
    let Some(address) = fresh() else { return };
    let serializable = format!("{address}&isolation=serializable");
    let nodes: Vec<Store> = (0..3).map(|_| connect(&serializable)).collect();
    let kept = hammer(&nodes, 6, 20);
    whole(&nodes[2], &kept);
}

#[test]
fn a_server_that_does_not_answer_is_told_as_busy() {
    if fresh().is_none() || std::env::var("VIGIL_TEST_POSTGRES").is_ok() {
        return;
    }
    let mut server = Server::start(&[]);
    let store = connect(&format!("{}&connect_timeout=1", server.address("vigil")));
    let kept = hammer(std::slice::from_ref(&store), 2, 5);
    server.tell("freeze");
    let began = Instant::now();
    assert!(store.watermark().is_err_and(|fault| fault.is_away()));
    assert!(began.elapsed() < Duration::from_secs(14), "{:?}", began.elapsed());
    // After the first that waited long, nobody else does.
    let began = Instant::now();
    assert!(store.watermark().is_err_and(|fault| fault.is_away()));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    server.tell("thaw");
    store.commit_blocking(rich("K9-9", 0)).unwrap();
    let began = Instant::now();
    while store.watermark().is_err() {
        assert!(began.elapsed() < Duration::from_secs(5));
        thread::sleep(Duration::from_millis(100));
    }
    whole(&store, &kept);
}

#[test]
fn a_writer_that_cannot_keep_anything_shows_in_the_pulse_until_it_can() {
    let Some(address) = fresh() else { return };
    let store = connect(&address);
    store.commit_blocking(rich("K0-0", 0)).unwrap();
    assert_eq!((store.pulse().stalled, store.pulse().waiting), (Duration::ZERO, 0));
    assert!(store.pulse().answered > 0 && store.pulse().room > 0);
    thread::scope(|scope| {
        // Reads go on under this lock, writes wait for it: longer than the writer does.
        let held =
            scope.spawn(|| psql(&address, "BEGIN; LOCK TABLE heads IN EXCLUSIVE MODE; SELECT pg_sleep(15); COMMIT"));
        thread::sleep(Duration::from_millis(500));
        let asked = scope.spawn(|| store.commit_blocking(rich("K0-0", 2)));
        thread::sleep(Duration::from_secs(3));
        let pulse = store.pulse();
        assert!(pulse.waiting == 1 && pulse.stalled > Duration::from_secs(2), "{pulse:?}");
        assert!(store.head(TENANT, &SubjectKey::case("K0-0")).is_ok(), "reading is not in its way");
        let refused = asked.join().unwrap();
        assert!(matches!(&refused, Err(CommitError::Fault(fault)) if fault.is_busy()), "{refused:?}");
        let pulse = store.pulse();
        assert!(pulse.waiting == 0 && pulse.failed == 1, "{pulse:?}");
        assert!(pulse.stalled > Duration::from_secs(9), "it was told so, and it is not over: {pulse:?}");
        held.join().unwrap();
    });
    store.commit_blocking(rich("K0-0", 2)).unwrap();
    assert_eq!(store.pulse().stalled, Duration::ZERO);
}

#[test]
fn a_store_made_before_an_index_was_known_gets_it_and_says_so_before() {
    let Some(address) = fresh() else { return };
    let at = Address::parse(&address).unwrap();
    assert_eq!(schema_at(&at).unwrap(), None, "nothing is made by looking");
    drop(connect(&address));
    let whole = schema_at(&at).unwrap().unwrap();
    assert_eq!((whole.found, whole.waiting.len()), (whole.known, 0));
    psql(&address, "DROP INDEX messages_unread, trail_by_number; DELETE FROM schema_version WHERE version >= 2");
    let before = schema_at(&at).unwrap().unwrap();
    assert_eq!((before.found, before.waiting[0].version, before.waiting[0].phase), (1, 2, Phase::Expand));
    drop(connect(&address));
    let waiting = schema_at(&at).unwrap().unwrap().waiting;
    assert!(waiting.iter().all(|step| step.phase == Phase::Contract), "{waiting:?}");
    let indexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema()
        AND indexname IN ('messages_unread', 'trail_by_number')";
    assert_eq!(psql(&address, indexes), "2");
}

#[test]
fn the_tenant_leads_every_key_but_those_that_know_none() {
    let Some(address) = fresh() else { return };
    drop(connect(&address));
    let found = psql(
        &address,
        "SELECT DISTINCT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
         WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace AND a.attname <> 'tenant' ORDER BY 1",
    );
    // Looked for before the tenant is known, or of no tenant; all small.
    let without = ["checkpoints", "codes", "leases", "schema_version", "sessions", "tokens", "writers"];
    assert_eq!(found.lines().collect::<Vec<_>>(), without);
}

#[test]
fn nothing_is_used_that_sharding_engines_lack() {
    let room = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/postgres");
    let mut read = 0;
    for entry in std::fs::read_dir(room).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        read += 1;
        for word in ["pg_advisory", "\"LISTEN", "\"NOTIFY", "pg_notify", "TEMP TABLE", "UNLOGGED", "REFERENCES "] {
            assert!(!text.contains(word), "{word}");
        }
    }
    assert!(read > 10);
}

#[test]
fn a_data_directory_moves_into_postgresql_whole() {
    let Some(address) = fresh() else { return };
    let dir = Dir::new();
    let store = dir.open();
    for n in 0..60 {
        let mut commit = rich(&format!("C{n}"), 0);
        let body = vec![b'x'; if n == 7 { 3 << 20 } else { 40 }];
        commit.documents = vec![Document {
            digest: digest_of(&body),
            media_type: "text/plain".to_owned(),
            name: "note.txt".to_owned(),
            bytes: body,
        }];
        commit.errands = vec![NewErrand {
            kind: "send-notice".to_owned(),
            subject: SubjectKey::case(format!("C{n}")),
            key: format!("k{n}"),
            body: b"{}".to_vec(),
            not_before: at(0),
        }];
        commit.trail = vec![TrailEntry {
            at: at(n),
            actor: "rivera".to_owned(),
            action: "read".to_owned(),
            subjects: vec![SubjectKey::case("C1")],
            detail: String::new(),
        }];
        store.commit_blocking(commit).unwrap();
    }
    store.write_checkpoint_blocking(at(0)).unwrap().unwrap();
    let to = Address::parse(&address).unwrap();
    let rows = store.copy_to(&to, &mut |_| ()).unwrap();
    assert!(rows > 600, "{rows}");
    assert!(matches!(store.copy_to(&to, &mut |_| ()), Err(StoreFault::NotEmpty)));
    let moved = connect(&address);
    assert_eq!(moved.feed(0, 500).unwrap(), store.feed(0, 500).unwrap());
    assert_eq!(moved.verify(&mut |_, _| ()).unwrap(), store.verify(&mut |_, _| ()).unwrap());
    assert_eq!(moved.cases(TENANT, None, 99).unwrap(), store.cases(TENANT, None, 99).unwrap());
    let (trail, case) = (|s: &Store| s.trail_of_actor(TENANT, "rivera", None, 99).unwrap(), SubjectKey::case("C1"));
    assert_eq!(trail(&moved), trail(&store));
    assert_eq!(moved.trail(TENANT, &case, None, 99).unwrap().len(), 60);
    let big = digest_of(&vec![b'x'; 3 << 20]);
    assert_eq!(moved.document(TENANT, &big).unwrap().unwrap().bytes.len(), 3 << 20);
    // Life goes on after the last number.
    let done = moved.commit_blocking(rich("C0", 2)).unwrap();
    assert_eq!((done.version, done.position), (4, 122));
    assert_eq!(moved.lease_errands_blocking("n", at(0), at(60), &[], 99).unwrap().len(), 60);
}

#[test]
fn cut_connections_lose_nothing_that_was_acknowledged() {
    let Some(address) = fresh() else { return };
    let nodes: Vec<Store> = (0..2).map(|_| connect(&address)).collect();
    let stop = AtomicBool::new(false);
    let kept = thread::scope(|scope| {
        let cutter = scope.spawn(|| {
            let mut cuts = 0;
            while !stop.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(60));
                let cut =
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'vigil'
                  AND pid <> pg_backend_pid() AND query LIKE '%' AND backend_start < now() - interval '30 milliseconds'
                  AND pid IN (SELECT pid FROM pg_locks WHERE relation IN (SELECT oid FROM pg_class WHERE relnamespace =
                    current_schema()::regnamespace))";
                cuts += psql(&address, cut).parse::<u64>().unwrap();
            }
            cuts
        });
        let kept = hammer(&nodes, 4, 60);
        stop.store(true, Ordering::Relaxed);
        let cuts = cutter.join().unwrap();
        eprintln!("{cuts} connections cut");
        kept
    });
    whole(&nodes[0], &kept);
}

#[test]
fn a_server_that_stops_is_told_as_busy_and_everything_goes_on_when_it_is_back() {
    if fresh().is_none() || std::env::var("VIGIL_TEST_POSTGRES").is_ok() {
        return;
    }
    let mut server = Server::start(&[]);
    let address = server.address("vigil");
    let nodes: Vec<Store> = (0..2).map(|_| connect(&address)).collect();
    let mut kept = hammer(&nodes, 4, 10);
    for word in ["stop", "kill"] {
        let before = thread::scope(|scope| {
            let load = scope.spawn(|| hammer(&nodes, 4, 40));
            thread::sleep(Duration::from_millis(100));
            server.tell(word);
            let began = Instant::now();
            let read = nodes[0].watermark();
            assert!(read.is_err_and(|fault| fault.is_busy()), "a read says that the database is away");
            let write = nodes[0].commit_blocking(events("away", 0, 1));
            assert!(matches!(write, Err(CommitError::Fault(fault)) if fault.is_busy()));
            assert!(began.elapsed() < Duration::from_secs(12), "nobody waits long: {:?}", began.elapsed());
            server.tell("start");
            load.join().unwrap()
        });
        for (case, version) in before {
            let last = kept.entry(case).or_insert(0);
            *last = version.max(*last);
        }
    }
    whole(&nodes[1], &kept);
}

#[test]
fn a_promoted_replica_is_found_and_has_everything_that_was_acknowledged() {
    if fresh().is_none() || std::env::var("VIGIL_TEST_POSTGRES").is_ok() {
        return;
    }
    let mut server = Server::start(&[]);
    server.tell("clone");
    let (primary, both) = (server.address("vigil"), server.either("vigil"));
    let nodes: Vec<Store> = (0..2).map(|_| connect(&both)).collect();
    // An answer is given when the replica has it too.
    psql(&primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    psql(&primary, "SELECT pg_reload_conf()");
    thread::sleep(Duration::from_millis(500));
    let mut kept = hammer(&nodes, 4, 10);
    let during = thread::scope(|scope| {
        let load = scope.spawn(|| hammer(&nodes, 4, 40));
        thread::sleep(Duration::from_millis(200));
        server.tell("kill");
        thread::sleep(Duration::from_millis(300));
        server.tell("promote");
        psql(
            &server.address("vigil").replacen("&schema", "/r&schema", 1),
            "ALTER SYSTEM RESET synchronous_standby_names",
        );
        psql(&server.address("vigil").replacen("&schema", "/r&schema", 1), "SELECT pg_reload_conf()");
        load.join().unwrap()
    });
    for (case, version) in during {
        let last = kept.entry(case).or_insert(0);
        *last = version.max(*last);
    }
    whole(&nodes[0], &kept);
}

#[test]
fn a_silent_nodes_floor_holds_the_watermark_until_it_is_buried() {
    let Some(address) = fresh() else { return };
    let store = connect(&address);
    store.commit_blocking(events("A", 0, 2)).unwrap();
    assert_eq!(store.watermark().unwrap(), 2);
    psql(&address, "INSERT INTO writers VALUES ('silent', 2, 1, now() + interval '1 hour')");
    store.commit_blocking(events("B", 0, 3)).unwrap();
    assert_eq!(store.watermark().unwrap(), 2, "the silent node may still write beneath");
    assert_eq!(store.feed(0, 99).unwrap().len(), 2);
    psql(&address, "UPDATE writers SET until = now() - interval '1 second' WHERE node = 'silent'");
    let began = Instant::now();
    while store.watermark().unwrap() < 5 {
        assert!(began.elapsed() < Duration::from_secs(30), "nobody buried it");
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_node_whose_floor_was_taken_away_writes_nothing_beneath_the_watermark() {
    let Some(address) = fresh() else { return };
    let store = connect(&address);
    for n in 0..30 {
        // As if the node had been silent too long, between any two of its transactions.
        psql(&address, "DELETE FROM writers");
        store.commit_blocking(events(&format!("C{n}"), 0, 1)).unwrap();
    }
    assert_eq!(store.verify(&mut |_, _| ()).unwrap().subjects, 30);
}

#[test]
fn nodes_that_open_a_fresh_store_at_once_all_come_up() {
    let Some(address) = fresh() else { return };
    thread::scope(|scope| {
        for n in 0..6 {
            let address = &address;
            scope.spawn(move || connect(address).commit_blocking(events(&format!("C{n}"), 0, 1)).unwrap());
        }
    });
    let store = connect(&address);
    assert_eq!(store.verify(&mut |_, _| ()).unwrap().subjects, 6);
    let migrated = Store::migrate(&Address::parse(&address).unwrap(), true).unwrap();
    assert_eq!((migrated.expanded, migrated.contracted), (0, 0));
}

#[test]
fn a_newer_store_is_refused_by_an_older_node() {
    let Some(address) = fresh() else { return };
    drop(connect(&address));
    psql(&address, "INSERT INTO schema_version VALUES (999, 0)");
    let refused = Store::connect(Address::parse(&address).unwrap(), &Options::default());
    let Err(StoreFault::Newer { found: 999, .. }) = refused else { panic!("opened") };
}

#[test]
fn a_task_is_held_by_one_node_until_it_lets_go_or_falls_silent() {
    let Some(address) = fresh() else { return };
    let (one, two) = (connect(&address), connect(&address));
    assert!(one.hold("clock", 1).unwrap());
    assert!(one.hold("clock", 1).unwrap(), "renewed");
    assert!(!two.hold("clock", 1).unwrap());
    assert!(two.hold("checkpoint", 1).unwrap(), "another task");
    thread::sleep(Duration::from_millis(1_200));
    assert!(two.hold("clock", 30).unwrap(), "the hold ran out");
    assert!(!one.hold("clock", 30).unwrap());
}

#[test]
fn errands_go_to_one_node_each() {
    let Some(address) = fresh() else { return };
    let nodes: Vec<Store> = (0..4).map(|_| connect(&address)).collect();
    let errands = (0..200).map(|n| {
        WriteItem::Errand(NewErrand {
            kind: "send-notice".to_owned(),
            subject: SubjectKey::case("A"),
            key: format!("k{n}"),
            body: b"{}".to_vec(),
            not_before: at(0),
        })
    });
    nodes[0].write_blocking(Write::of(TENANT, errands.collect())).unwrap();
    let taken = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for (place, node) in nodes.iter().enumerate() {
            let taken = &taken;
            scope.spawn(move || {
                loop {
                    let owner = format!("n{place}");
                    let mine = node.lease_errands_blocking(&owner, at(0), at(60), &["send-notice"], 7).unwrap();
                    if mine.is_empty() {
                        break;
                    }
                    taken.lock().unwrap().extend(mine.into_iter().map(|errand| errand.key));
                }
            });
        }
    });
    let taken = taken.into_inner().unwrap();
    let different: HashSet<&String> = taken.iter().collect();
    assert_eq!((taken.len(), different.len()), (200, 200));
}

#[test]
fn changes_behind_vigils_back_show_in_postgresql_too() {
    let table = [
        ("UPDATE events SET body = 'x' WHERE subject_id = 'C2' AND version = 2", Some("C2"), Some(2)),
        ("UPDATE events SET actor = 'someone else' WHERE subject_id = 'C2' AND version = 1", Some("C2"), Some(1)),
        ("DELETE FROM events WHERE subject_id = 'C3' AND version = 1", Some("C3"), Some(1)),
        ("DELETE FROM events WHERE subject_id = 'C4'; DELETE FROM heads WHERE subject_id = 'C4'", None, None),
        ("UPDATE heads SET version = 9 WHERE subject_id = 'C1'", Some("C1"), Some(3)),
    ];
    for (sql, subject, version) in table {
        let Some(address) = fresh() else { return };
        let store = connect(&address);
        for n in 0..6 {
            store.commit_blocking(events(&format!("C{n}"), 0, 2)).unwrap();
        }
        store.write_checkpoint_blocking(at(0)).unwrap().unwrap();
        assert!(store.verify(&mut |_, _| ()).is_ok());
        psql(&address, sql);
        let Err(VerifyError::Broken(fault)) = store.verify(&mut |_, _| ()) else { panic!("{sql}: not found") };
        assert_eq!(
            (fault.subject.map(|s| s.id).as_deref(), fault.version),
            (subject, version),
            "{sql}: {}",
            fault.what
        );
    }
}
