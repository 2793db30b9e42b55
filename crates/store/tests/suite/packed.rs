//! Bodies packed with a dictionary: what was stored before is read beside them, and nothing is packed while an older Vigil may
//! come back.

use rusqlite::Connection;
use vigil_store::*;

use crate::common::{
    postgres::{fresh, psql},
    *,
};

/// Bodies like those the product writes, one that is too short to be packed, and one that cannot become smaller.
fn bodies() -> Vec<NewEvent> {
    let noise: String =
        (0..900_u32).map(|n| char::from(33 + (n.wrapping_mul(2_654_435_761) >> 20) as u8 % 90)).collect();
    [
        r#"{"clock_started":{"clock":1,"watches":"decision","from":"request_received","day_clock":true}}"#,
        r#"{"queued":{"queue":"nurse","lines":[1],"why":"no criteria bind here: a person decides"}}"#,
        r#"{"n":1}"#,
        &noise,
    ]
    .map(|body| event("noted", body))
    .into()
}

/// A case with a message; the request differs by its number.
fn case(n: u32) -> Commit {
    let mut commit = Commit::on(TENANT, SubjectKey::case(format!("C{n}")), 0);
    commit.events = bodies();
    let request = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"n":{n}}}}}]}}"#);
    commit.message = Some(message(request.as_bytes(), br#"{"resourceType":"Bundle","entry":[]}"#));
    commit
}

fn holds(store: &Store, n: u32) {
    let events = store.load(TENANT, &SubjectKey::case(format!("C{n}"))).unwrap();
    let read: Vec<&[u8]> = events.iter().map(|event| &event.body[..]).collect();
    let given = bodies();
    assert_eq!(read, given.iter().map(|event| &event.body[..]).collect::<Vec<_>>(), "case {n}");
    assert_eq!(first_break(&events), None, "the chain stands over the bodies as they were given");
    let given = case(n).message.unwrap();
    assert_eq!(store.message(TENANT, &given.key).unwrap().unwrap().message, given);
}

/// `old` asks how many events lie packed, and how many messages.
fn before_and_after(store: Store, again: &dyn Fn() -> Store, packed: &dyn Fn() -> (i64, i64)) {
    store.commit_blocking(case(1)).unwrap();
    assert_eq!(packed(), (0, 0), "an older Vigil may come back");
    let waiting = store.schema().unwrap().waiting;
    assert_eq!(waiting.iter().map(|step| step.phase).collect::<Vec<_>>(), [Phase::Contract]);
    store.contract().unwrap();
    store.commit_blocking(case(2)).unwrap();
    assert_eq!(packed(), (2, 1));
    assert!(store.schema().unwrap().waiting.is_empty());
    store.close();
    drop(store);
    let store = again();
    store.commit_blocking(case(3)).unwrap();
    assert_eq!(packed(), (4, 2), "a new opening goes on");
    (1..=3).for_each(|n| holds(&store, n));
    assert_eq!(store.verify(&mut |_, _| ()).unwrap().events, 12);
    let (fed, told) = (store.feed(0, 99).unwrap(), store.told(None, 99, 99).unwrap());
    assert!(fed.len() == 12 && told.len() == 12 && fed.iter().all(|event| told.contains(event)));
    assert!(
        matches!(store.commit_blocking(case(3)), Err(CommitError::Duplicate { message }) if message.message.status == 200)
    );
}

#[test]
fn a_store_of_before_packs_only_once_it_is_contracted_and_all_is_read() {
    let dir = Dir::new();
    drop(dir.open());
    // As a Vigil that only expanded leaves it.
    let sql = |sql: &str| Connection::open(dir.database()).unwrap().execute_batch(sql).unwrap();
    sql("DELETE FROM schema_version WHERE version = 6");
    let packed = || {
        let count = "SELECT (SELECT COUNT(*) FROM events WHERE packed = 1 AND length(body) < 80),
          (SELECT COUNT(*) FROM messages WHERE substr(request, 1, 2) = x'0402')";
        let conn = Connection::open(dir.database()).unwrap();
        conn.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    before_and_after(dir.open(), &|| dir.open(), &packed);
}

#[test]
fn on_postgres_too() {
    let Some(address) = fresh() else { return };
    drop(connect(&address));
    assert_eq!(psql(&address, "SELECT contracted FROM schema_version WHERE version = 4"), "1", "a new store packs");
    psql(&address, "UPDATE schema_version SET contracted = 0 WHERE version = 4");
    let packed = || {
        let number = |sql: &str| psql(&address, sql).parse().unwrap();
        let events = number("SELECT COUNT(*) FROM events WHERE packed = 1 AND length(body) < 80");
        (events, number("SELECT COUNT(*) FROM messages WHERE substr(request, 1, 2) = '\\x0402'"))
    };
    before_and_after(connect(&address), &|| connect(&address), &packed);
}

#[test]
fn a_new_store_packs_and_a_packed_event_that_was_changed_is_named() {
    let dir = Dir::new();
    let store = dir.open();
    for n in 1..=3 {
        store.commit_blocking(case(n)).unwrap();
    }
    (1..=3).for_each(|n| holds(&store, n));
    store.close();
    drop(store);
    let spoil = |sql: &str| assert_eq!(Connection::open(dir.database()).unwrap().execute(sql, []).unwrap(), 1);
    let found = || match dir.open().verify(&mut |_, _| ()).unwrap_err() {
        VerifyError::Broken(fault) => (fault.subject.map(|subject| subject.id), fault.version),
        other => panic!("{other}"),
    };
    // Cut short, it cannot be unpacked; with another's body, it can.
    spoil("UPDATE events SET body = substr(body, 1, length(body) - 2) WHERE subject_id = 'C3' AND version = 1");
    assert_eq!(found(), (Some("C3".to_owned()), Some(1)));
    assert!(dir.open().load(TENANT, &SubjectKey::case("C3")).is_err());
    spoil(
        "UPDATE events SET body = (SELECT body FROM events WHERE position = 1) WHERE subject_id = 'C2' AND version = 2",
    );
    assert_eq!(found(), (Some("C2".to_owned()), Some(2)));
    spoil("UPDATE events SET packed = 77 WHERE subject_id = 'C1' AND version = 2");
    assert_eq!(found(), (Some("C1".to_owned()), Some(2)));
    let fault = dir.open().load(TENANT, &SubjectKey::case("C1")).unwrap_err();
    assert!(fault.to_string().contains("dictionary 77"), "{fault}");
}
