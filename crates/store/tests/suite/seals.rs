//! Chains and checkpoints: what was changed or cut shows, at the first place.

use rusqlite::Connection;
use vigil_store::*;

use crate::common::*;

/// Ten cases of three events under two checkpoints, and one event after them.
fn filled(store: &Store) {
    for n in 0..10 {
        store.commit_blocking(events(&format!("C{n}"), 0, 2)).unwrap();
    }
    assert_eq!(store.write_checkpoint_blocking(at(1)).unwrap().unwrap().subjects, 10);
    for n in 0..10 {
        store.commit_blocking(events(&format!("C{n}"), 2, 1)).unwrap();
    }
    assert_eq!(store.write_checkpoint_blocking(at(2)).unwrap().unwrap().number, 2);
    store.commit_blocking(events("C3", 3, 1)).unwrap();
}

fn verify(store: &Store) -> Result<Verified, VerifyError> {
    store.verify(&mut |_, _| ())
}

#[test]
fn an_untouched_log_verifies_and_counts() {
    on_both(|store| {
        assert_eq!(verify(store).unwrap(), Verified::default());
        filled(store);
        let whole = Verified { subjects: 10, events: 31, checkpoints: 2, ..Verified::default() };
        assert_eq!(verify(store).unwrap(), whole);
        assert_eq!(store.write_checkpoint_blocking(at(3)).unwrap().unwrap().subjects, 1);
        assert_eq!(store.write_checkpoint_blocking(at(4)).unwrap(), None);
        assert_eq!(store.last_checkpoint().unwrap().unwrap().number, 3);
        assert!(store.check_file().unwrap().is_empty());
    });
}

/// What the vandal does, and the checkpoint, subject and version that must be named.
type Vandal = (&'static str, Option<u64>, Option<&'static str>, Option<u64>);

const VANDALS: &[Vandal] = &[
    (
        "UPDATE events SET body = CAST(replace(body, '\"n\":1', '\"n\":2') AS BLOB) WHERE subject_id = 'C4' AND version = 2",
        Some(1),
        Some("C4"),
        Some(2),
    ),
    ("UPDATE events SET actor = 'nurse:other' WHERE subject_id = 'C7' AND version = 3", Some(2), Some("C7"), Some(3)),
    (
        "UPDATE events SET occurred_at = occurred_at + 1 WHERE subject_id = 'C0' AND version = 1",
        Some(1),
        Some("C0"),
        Some(1),
    ),
    ("UPDATE events SET kind = 'noted ' WHERE position = 31", None, Some("C3"), Some(4)),
    ("UPDATE events SET hash = zeroblob(32) WHERE subject_id = 'C2' AND version = 1", Some(1), Some("C2"), Some(1)),
    ("DELETE FROM events WHERE subject_id = 'C5' AND version = 1", Some(1), Some("C5"), Some(1)),
    // A tail cut after the last checkpoint, its head left: the head tells.
    ("DELETE FROM events WHERE position = 31", None, Some("C3"), Some(4)),
    // A tail cut under a checkpoint, head left and head adjusted.
    ("DELETE FROM events WHERE subject_id = 'C6' AND version = 3", Some(2), Some("C6"), Some(3)),
    (
        "DELETE FROM events WHERE subject_id = 'C6' AND version = 3; UPDATE heads SET version = 2, position = 14,
      hash = (SELECT hash FROM events WHERE subject_id = 'C6' AND version = 2) WHERE subject_id = 'C6'",
        Some(2),
        None,
        None,
    ),
    // A whole subject removed without a trace but the seal.
    ("DELETE FROM events WHERE subject_id = 'C8'; DELETE FROM heads WHERE subject_id = 'C8'", Some(1), None, None),
    // The whole log cut short of its checkpoint.
    ("DELETE FROM events WHERE position > 25; DELETE FROM heads WHERE position > 25", Some(2), None, None),
    ("DELETE FROM checkpoints WHERE number = 1", Some(1), None, None),
    ("UPDATE checkpoints SET root = zeroblob(32) WHERE number = 2", Some(2), None, None),
    ("UPDATE heads SET hash = zeroblob(32) WHERE subject_id = 'C9'", None, Some("C9"), Some(3)),
    ("DELETE FROM heads WHERE subject_id = 'C9'", None, None, None),
];

#[test]
fn every_change_shows_at_its_place() {
    for (sql, checkpoint, subject, version) in VANDALS {
        let dir = Dir::new();
        let store = dir.open();
        filled(&store);
        let vandal = Connection::open(dir.database()).unwrap();
        vandal.execute_batch(sql).unwrap();
        assert!(vandal.total_changes() > 0, "{sql}: changed nothing");
        let Err(VerifyError::Broken(fault)) = verify(&store) else { panic!("{sql}: not found") };
        let found = (fault.checkpoint, fault.subject.map(|s| s.id), fault.version);
        assert_eq!(found, (*checkpoint, subject.map(str::to_owned), *version), "{sql}: {}", fault.what);
    }
}

#[test]
fn one_flipped_byte_of_the_file_shows() {
    let dir = Dir::new();
    let store = dir.open();
    filled(&store);
    store.close();
    drop(store);
    let mut bytes = std::fs::read(dir.database()).unwrap();
    let needle = br#"{"case":"C4","n":1}"#;
    let place = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[place + 10] ^= 1;
    std::fs::write(dir.database(), &bytes).unwrap();
    let store = dir.open();
    let Err(VerifyError::Broken(fault)) = verify(&store) else { panic!("not found") };
    assert_eq!((fault.checkpoint, fault.subject, fault.version), (Some(1), Some(SubjectKey::case("C4")), Some(2)));
}

#[test]
fn a_damaged_page_is_reported_apart_from_the_chain() {
    let dir = Dir::new();
    let store = dir.open();
    for n in 0..400 {
        store.commit_blocking(events(&format!("C{n}"), 0, 4)).unwrap();
    }
    drop(store);
    let conn = Connection::open(dir.database()).unwrap();
    let root: i64 =
        conn.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'events'", [], |r| r.get(0)).unwrap();
    drop(conn);
    let mut bytes = std::fs::read(dir.database()).unwrap();
    let start = (root as usize - 1) * 4096;
    bytes[start..start + 64].fill(0xAA);
    std::fs::write(dir.database(), &bytes).unwrap();
    let store = dir.open();
    let outcome = verify(&store);
    assert!(matches!(outcome, Err(VerifyError::Damaged(_))), "{outcome:?}");
    assert!(!store.check_file().unwrap().is_empty());
}
