//! The disk: the directory's lock and modes, reopening, migration, back-up, kill -9 in the middle.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use rusqlite::Connection;
use vigil_store::*;

use crate::common::*;

#[test]
fn a_second_opener_is_told_and_the_first_goes_on() {
    let dir = Dir::new();
    let store = dir.open();
    let second = Store::open(&dir.0, &Options::default());
    assert!(second.as_ref().is_err_and(StoreFault::is_busy), "{:?}", second.err());
    store.commit_blocking(events("C1", 0, 1)).unwrap();
    drop(store);
    assert_eq!(dir.open().watermark().unwrap(), 1);
}

#[test]
fn everything_is_there_after_reopening() {
    let dir = Dir::new();
    let nested = dir.0.join("a/b");
    let store = Store::open(&nested, &Options::default()).unwrap();
    let mut commit = events("C1", 0, 3);
    commit.message = Some(message(b"request", &vec![7; 2 << 20]));
    commit.rows = vec![Row::Work(Box::new(work("C1", Some(1), 1)))];
    let key = commit.message.as_ref().unwrap().key;
    store.commit_blocking(commit).unwrap();
    store.write_checkpoint_blocking(at(0)).unwrap();
    let (before, rows) = (store.feed(0, 9).unwrap(), store.worklist(TENANT, &WorkFilter::default(), None, 9).unwrap());
    drop(store);
    let store = Store::open(&nested, &Options::default()).unwrap();
    assert_eq!(store.feed(0, 9).unwrap(), before);
    assert_eq!(store.worklist(TENANT, &WorkFilter::default(), None, 9).unwrap(), rows);
    assert_eq!(store.message(TENANT, &key).unwrap().unwrap().message.response, vec![7; 2 << 20]);
    assert_eq!(store.verify(&mut |_, _| ()).unwrap().checkpoints, 1);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new();
    let home = dir.0.join("data");
    let store = Store::open(&home, &Options::default()).unwrap();
    let mut commit = events("C1", 0, 1);
    commit.message = Some(message(b"request", &vec![7; 2 << 20]));
    store.commit_blocking(commit).unwrap();
    let mut open = vec![home];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        let meta = std::fs::metadata(&path).unwrap();
        let mode = meta.permissions().mode() & 0o777;
        assert_eq!(mode, if meta.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        seen += 1;
        if meta.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(seen >= 7, "directory, database, its two companions, lock, body folder and body: {seen}");
}

#[test]
fn a_newer_store_is_refused_with_both_versions() {
    let dir = Dir::new();
    drop(dir.open());
    let conn = Connection::open(dir.database()).unwrap();
    conn.execute("INSERT INTO schema_version (version) VALUES (999)", []).unwrap();
    drop(conn);
    let refused = Store::open(&dir.0, &Options::default());
    assert!(matches!(refused, Err(StoreFault::Newer { found: 999, .. })));
}

#[test]
fn a_closed_store_says_so() {
    on_both(|store| {
        store.commit_blocking(events("C1", 0, 1)).unwrap();
        store.close();
        let late = store.commit_blocking(events("C2", 0, 1));
        assert!(matches!(late, Err(CommitError::Fault(StoreFault::Closed))));
        assert_eq!(store.watermark().unwrap(), 1);
    });
}

#[test]
fn a_full_queue_says_busy_and_keeps_what_it_took() {
    let dir = Dir::new();
    let store = Store::open(&dir.0, &Options { queue_depth: 4, ..Options::default() }).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (kept, busy) = runtime.block_on(async {
        let tasks: Vec<_> = (0..500)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { store.commit(events(&format!("C{n}"), 0, 1)).await })
            })
            .collect();
        let (mut kept, mut busy) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => kept += 1,
                Err(CommitError::Fault(StoreFault::Busy)) => busy += 1,
                Err(other) => panic!("{other}"),
            }
        }
        (kept, busy)
    });
    assert_eq!((kept + busy, store.watermark().unwrap()), (500, kept));
    assert!(busy > 0);
}

#[test]
fn a_back_up_made_while_writing_opens_and_verifies() {
    on_sqlite(|store| {
        let to = Dir::new();
        for n in 0..200 {
            let mut commit = events(&format!("C{n}"), 0, 2);
            commit.message = Some(message(format!("m{n}").as_bytes(), &vec![b'x'; if n == 7 { 2 << 20 } else { 9 }]));
            store.commit_blocking(commit).unwrap();
        }
        store.write_checkpoint_blocking(at(0)).unwrap();
        let mut told = (0, 0);
        std::thread::scope(|scope| {
            scope.spawn(|| (200..400).for_each(|n| drop(store.commit_blocking(events(&format!("C{n}"), 0, 2)))));
            store.backup(&to.0, "test", at(0), &mut |done, all| told = (done, all)).unwrap();
        });
        assert!(told.0 == told.1 && told.1 > 0, "{told:?}");
        assert!(store.backup(&to.0, "test", at(0), &mut |_, _| ()).is_err(), "a back-up is never written over");
        let copy = to.open();
        let verified = copy.verify(&mut |_, _| ()).unwrap();
        assert!(verified.events >= 400 && verified.checkpoints == 1, "{verified:?}");
        let key = message(b"m7", b"").key;
        assert_eq!(copy.message(TENANT, &key).unwrap().unwrap().message.response.len(), 2 << 20);
        assert_eq!(store.verify(&mut |_, _| ()).unwrap().events, 800);
    });
}

/// A back-up of a store with a large body, a checkpoint and an open sign-in.
fn backed_up(store: &Store, to: &Dir) -> Manifest {
    let mut commit = events("C1", 0, 3);
    commit.message = Some(message(b"m", &vec![b'x'; 2 << 20]));
    store.commit_blocking(commit).unwrap();
    store.write_checkpoint_blocking(at(0)).unwrap();
    let session = Session {
        token_hash: [7; 32],
        tenant: TENANT.to_owned(),
        account: "rivera".to_owned(),
        created_at: at(0),
        expires_at: at(9_999_999),
    };
    store.write_blocking(Write::of(TENANT, vec![WriteItem::Session(session)])).unwrap();
    store.backup(&to.0, "test", at(5), &mut |_, _| ()).unwrap()
}

#[test]
fn a_restore_is_proven_before_it_is_there_and_never_writes_over() {
    let (from, copy, home) = (Dir::new(), Dir::new(), Dir::new());
    let store = from.open();
    let manifest = backed_up(&store, &copy);
    assert_eq!((manifest.events, manifest.files.len(), manifest.checkpoint.as_ref().map(|c| c.0)), (3, 2, Some(1)));
    let to = home.0.join("data");
    let mut told = (0, 0);
    let restored = restore(&copy.0, &to, &mut |done, all| told = (done, all)).unwrap();
    assert_eq!((restored.verified.events, restored.manifest), (3, manifest.clone()));
    assert!(told.0 == told.1 && told.1 > 0, "{told:?}");
    let back = Store::open(&to, &Options::default()).unwrap();
    assert_eq!(back.feed(0, 9).unwrap(), store.feed(0, 9).unwrap());
    let key = message(b"m", b"").key;
    assert_eq!(back.message(TENANT, &key).unwrap().unwrap().message.response.len(), 2 << 20);
    assert_eq!(back.session(&[7; 32]).unwrap(), None, "a sign-in of then is not one of now");
    drop(back);
    let again = restore(&copy.0, &to, &mut |_, _| ());
    assert!(matches!(again, Err(RestoreError::Occupied(_))), "{again:?}");
    let old = home.0.join("old");
    std::fs::create_dir_all(&old).unwrap();
    std::fs::write(old.join("vigil.db-wal"), "the log of a database that was moved away").unwrap();
    let mixed = restore(&copy.0, &old, &mut |_, _| ());
    assert!(matches!(mixed, Err(RestoreError::Occupied(_))), "another database's log is never taken up: {mixed:?}");
    std::fs::write(old.join("vigil.db-wal"), "").unwrap();
    std::fs::write(old.join("vigil.db-shm"), "left over").unwrap();
    restore(&copy.0, &old, &mut |_, _| ()).unwrap();
    assert_eq!(Store::open(&old, &Options::default()).unwrap().watermark().unwrap(), 3);
    let over_itself = restore(&copy.0, &from.0, &mut |_, _| ());
    assert!(over_itself.is_err(), "a directory in use is refused");
}

#[test]
fn a_back_up_that_was_touched_is_refused_and_leaves_nothing() {
    let (from, home) = (Dir::new(), Dir::new());
    let store = from.open();
    let mut next = 0;
    let mut refused = |spoil: &dyn Fn(&std::path::Path, &Manifest)| {
        let copy = Dir::new();
        let manifest = match next {
            0 => backed_up(&store, &copy),
            _ => store.backup(&copy.0, "test", at(5), &mut |_, _| ()).unwrap(),
        };
        next += 1;
        spoil(&copy.0, &manifest);
        let to = home.0.join(format!("data{next}"));
        let error = restore(&copy.0, &to, &mut |_, _| ()).unwrap_err();
        assert!(!to.join("vigil.db").exists() && !to.join("restoring").exists(), "{error}");
        error
    };
    let cut = refused(&|copy, _| std::fs::remove_file(copy.join(MANIFEST)).unwrap());
    assert!(matches!(cut, RestoreError::NotWhole(_)), "{cut}");
    let lost = refused(&|copy, m| std::fs::remove_file(copy.join(&m.files[0].path)).unwrap());
    assert!(matches!(lost, RestoreError::Changed { .. }), "{lost}");
    let flipped = refused(&|copy, m| {
        let path = copy.join(&m.files[1].path);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).unwrap();
    });
    assert!(matches!(flipped, RestoreError::Changed { .. }), "{flipped}");
    let outside = refused(&|copy, _| {
        let text = std::fs::read_to_string(copy.join(MANIFEST)).unwrap();
        std::fs::write(copy.join(MANIFEST), text.replace("vigil.db", "../vigil.db")).unwrap();
    });
    assert!(matches!(outside, RestoreError::Fault(_)), "{outside}");
    // Someone who rewrites history and the list with it is found by the walk over the chain.
    let rewritten = refused(&|copy, _| {
        let conn = Connection::open(copy.join("vigil.db")).unwrap();
        conn.execute("UPDATE events SET body = x'00' WHERE position = 2", []).unwrap();
        drop(conn);
        let text = std::fs::read_to_string(copy.join(MANIFEST)).unwrap();
        let mut manifest: Manifest = serde_json::from_str(&text).unwrap();
        for file in manifest.files.iter_mut().filter(|f| f.path == "vigil.db") {
            let bytes = std::fs::read(copy.join("vigil.db")).unwrap();
            (file.bytes, file.sha256) = (bytes.len() as u64, digest_of(&bytes));
        }
        std::fs::write(copy.join(MANIFEST), serde_json::to_string(&manifest).unwrap()).unwrap();
    });
    assert!(matches!(rewritten, RestoreError::Unsound(_)), "{rewritten}");
}

/// Not a test of its own: another process that asks for the whole database file.
#[test]
fn child_that_asks_for_the_file_alone() {
    let Ok(path) = std::env::var(ASKER) else { return };
    let conn = Connection::open(path).unwrap();
    let mode = conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0));
    println!("\nmode {mode:?}");
}

const ASKER: &str = "VIGIL_STORE_ASKER";

#[test]
fn a_back_up_leaves_the_engines_locks_and_needs_no_quiet_readers() {
    let (from, first, second) = (Dir::new(), Dir::new(), Dir::new());
    let store = from.open();
    for n in 0..50 {
        store.commit_blocking(events(&format!("C{n}"), 0, 3)).unwrap();
    }
    let manifest = store.backup(&first.0, "test", at(0), &mut |_, _| ()).unwrap();
    let bytes = std::fs::read(first.database()).unwrap();
    assert_eq!((manifest.files[0].bytes, &manifest.files[0].sha256), (bytes.len() as u64, &digest_of(&bytes)));
    // Who closes a file lets go of the locks on it: another process would then take the database for its own.
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "suite::disk::child_that_asks_for_the_file_alone", "--nocapture"])
        .env(ASKER, from.database())
        .output()
        .unwrap();
    let says = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(says.contains("mode Err(") && says.contains("locked"), "{says}");
    // A reader of before keeps the log from the file; the copy is made page by page then.
    let reader = Connection::open(from.database()).unwrap();
    reader.execute_batch("BEGIN; SELECT COUNT(*) FROM events").unwrap();
    store.commit_blocking(events("D", 0, 3)).unwrap();
    let manifest = store.backup(&second.0, "test", at(0), &mut |_, _| ()).unwrap();
    drop(reader);
    let bytes = std::fs::read(second.database()).unwrap();
    assert_eq!((manifest.events, &manifest.files[0].sha256), (153, &digest_of(&bytes)));
    drop(store);
    for (copy, events) in [(first, 150), (second, 153)] {
        assert_eq!(copy.open().verify(&mut |_, _| ()).unwrap().events, events);
    }
}

const CHILD: &str = "VIGIL_STORE_CHILD";

/// Not a test of its own: the process that is killed runs it.
#[test]
fn child_that_commits_until_it_is_killed() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let store = Store::open(path.as_ref(), &Options::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let round = std::process::id();
    runtime.block_on(async {
        let hands = (0..16).map(|hand| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0_u64.. {
                    let case = format!("{round}-{hand}-{n}");
                    let mut commit = events(&case, 0, 2);
                    commit.message = Some(message(case.as_bytes(), case.as_bytes()));
                    commit.rows = vec![Row::Work(Box::new(work(&case, Some(1), 0)))];
                    store.commit(commit).await.unwrap();
                    // One write call, so that a line is whole or absent.
                    use std::io::Write;
                    std::io::stdout().lock().write_all(format!("\nkept {case}\n").as_bytes()).unwrap();
                }
            })
        });
        for hand in hands.collect::<Vec<_>>() {
            hand.await.unwrap();
        }
    });
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_once() {
    let dir = Dir::new();
    let mut kept = HashSet::new();
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "suite::disk::child_that_commits_until_it_is_killed", "--nocapture"])
            .env(CHILD, &dir.0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let before = kept.len();
        let out = BufReader::new(child.stdout.take().unwrap());
        for line in out.lines() {
            let line = line.unwrap();
            kept.extend(line.strip_prefix("kept ").map(str::to_owned));
            if kept.len() - before > 40 + round * 130 {
                // kill() is SIGKILL on Unix; lines already in the pipe are still read.
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(kept.len() > before, "the child kept nothing");
        let store = dir.open();
        for case in &kept {
            assert_eq!(store.load(TENANT, &SubjectKey::case(case.clone())).unwrap().len(), 2, "{case}");
            assert_eq!(store.work(TENANT, case).unwrap().map(|row| row.case_id).as_ref(), Some(case));
            let key = message(case.as_bytes(), b"").key;
            assert_eq!(store.message(TENANT, &key).unwrap().unwrap().message.response, case.as_bytes());
        }
        let verified = store.verify(&mut |_, _| ()).unwrap();
        assert_eq!(verified.events, verified.subjects * 2, "no half of a commit");
        assert!(verified.subjects >= kept.len() as u64);
    }
}
