//! What is kept beside the log under a digest: a byte of it that was changed shows, and the row is named.

use rusqlite::Connection;
use vigil_store::*;

use crate::common::*;

const LARGE: usize = (1 << 20) + 9;

fn said(n: usize) -> Vec<u8> {
    format!("{{\"resourceType\":\"Bundle\",\"n\":{n},\"says\":\"{}\"}}", "oxygen at home, ".repeat(20)).into_bytes()
}

fn document(bytes: Vec<u8>) -> Document {
    Document { digest: digest_of(&bytes), media_type: "text/plain".into(), name: "note.txt".into(), bytes }
}

fn pin(n: usize) -> Pin {
    let text = format!("rule {n}: {}", "as the law says, ".repeat(20));
    Pin { digest: digest_of(text.as_bytes()), text }
}

/// Seven cases, each with a message, a document and a pinned text; the fourth's document lies in a file of its own.
fn filled(store: &Store) {
    for n in 0..7 {
        let mut commit = events(&format!("C{n}"), 0, 1);
        commit.message = Some(message(&said(n), b"{\"resourceType\":\"Bundle\"}"));
        let body = if n == 3 { vec![b'x'; LARGE] } else { said(100 + n) };
        commit.documents = vec![document(body)];
        commit.pins = vec![pin(n)];
        store.commit_blocking(commit).unwrap();
    }
    store.commit_blocking(Commit::message_only(TENANT, message(b"refused", b"no"))).unwrap();
}

fn fault(store: &Store) -> FirstFault {
    match store.verify(&mut |_, _| ()) {
        Err(VerifyError::Broken(fault)) => *fault,
        other => panic!("not found: {other:?}"),
    }
}

#[test]
fn everything_kept_under_a_digest_is_walked_and_counted() {
    on_both(|store| {
        filled(store);
        let (mut last, mut all) = (0, 0);
        let found = store.verify(&mut |done, of| {
            assert!(done >= last && done <= of, "{done} of {of} after {last}");
            (last, all) = (done, of);
        });
        let found = found.unwrap();
        assert_eq!((found.messages, found.unproven, found.documents, found.pins), (8, 0, 7, 7));
        assert_eq!((last, all), (7 + 8 + 7 + 7, 7 + 8 + 7 + 7), "the last step says that all of it is done");
    });
}

/// What the vandal does to the store of [`filled`], and what the fault's row begins with.
const VANDALS: &[(&str, &str)] = &[
    ("UPDATE messages SET sender = 'another' WHERE subject_id = 'C4'", "message "),
    ("UPDATE messages SET key = zeroblob(32) WHERE subject_id = 'C4'", "message "),
    (
        "UPDATE messages SET request = (SELECT request FROM messages WHERE subject_id = 'C5'),
           response = (SELECT response FROM messages WHERE subject_id = 'C5') WHERE subject_id = 'C4'",
        "message ",
    ),
    ("UPDATE messages SET request = substr(request, 1, length(request) - 4) WHERE subject_id = 'C4'", "message "),
    ("UPDATE messages SET request = X'' WHERE subject_id = 'C4'", "message "),
    (
        "UPDATE documents SET body = (SELECT body FROM documents d WHERE d.digest <> documents.digest AND d.size < 1000 LIMIT 1)
           WHERE rowid = 2",
        "document ",
    ),
    ("UPDATE documents SET body = substr(body, 1, length(body) / 2) WHERE rowid = 2", "document "),
    ("UPDATE documents SET digest = '00' || substr(digest, 3) WHERE rowid = 2", "document 00"),
    ("UPDATE pins SET body = (SELECT body FROM pins p WHERE p.digest <> pins.digest LIMIT 1) WHERE rowid = 5", "pinned text "),
];

#[test]
fn every_change_beside_the_log_shows_at_its_row() {
    for (sql, begins) in VANDALS {
        let dir = Dir::new();
        let store = dir.open();
        filled(&store);
        store.verify(&mut |_, _| ()).unwrap();
        let vandal = Connection::open(dir.database()).unwrap();
        vandal.execute_batch(sql).unwrap();
        assert!(vandal.total_changes() > 0, "{sql}: changed nothing");
        let fault = fault(&store);
        let row = fault.row.clone().unwrap_or_default();
        assert!(row.starts_with(begins), "{sql}: {fault}");
        assert_eq!(fault.tenant.as_deref(), Some(TENANT), "{sql}");
        let subject = fault.subject.as_ref().map(|s| s.id.as_str());
        assert_eq!(subject, begins.starts_with("message").then_some("C4"), "{sql}: {fault}");
        assert!(fault.to_string().starts_with(&row), "{sql}: the sentence names the row: {fault}");
    }
}

#[test]
fn a_changed_byte_of_a_body_in_a_file_of_its_own_shows_and_so_does_a_file_that_is_gone() {
    for gone in [false, true] {
        let dir = Dir::new();
        let store = dir.open();
        filled(&store);
        let digest = digest_of(&vec![b'x'; LARGE]);
        let file = files(&dir.0).into_iter().find(|path| path.ends_with(&digest)).expect("a large body has its file");
        if gone {
            std::fs::remove_file(&file).unwrap();
        } else {
            let mut bytes = std::fs::read(&file).unwrap();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            std::fs::write(&file, bytes).unwrap();
        }
        let fault = fault(&store);
        assert_eq!(fault.row, Some(format!("document {digest}")), "{fault}");
    }
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let inside = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    inside.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_message_whose_key_had_words_that_were_not_kept_is_counted_and_not_called_changed() {
    let store = Store::in_memory().unwrap();
    let mut kept = message(b"a transaction of before", b"{}");
    kept.operation = "transaction".to_owned();
    store.commit_blocking(Commit::message_only(TENANT, kept)).unwrap();
    let found = store.verify(&mut |_, _| ()).unwrap();
    assert_eq!((found.messages, found.unproven), (1, 1));
}
