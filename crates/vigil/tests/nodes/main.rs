//! Three nodes over one PostgreSQL, as real processes: load, a node killed, a rolling restart, a replica promoted. What was
//! acknowledged is there, once; whoever sends the same bytes again sees no error; any node serves any page.

#![allow(clippy::unwrap_used, reason = "a test that cannot get what it needs fails")]

#[path = "../../../store/tests/common/postgres.rs"]
mod postgres;

mod fleet;
mod load;

use std::{thread, time::Duration};

use fleet::Fleet;
use load::Load;
use postgres::{Server, fresh, psql};

#[test]
fn a_killed_node_and_a_rolling_restart_lose_nothing_and_show_no_error() {
    let Some(address) = fresh() else { return };
    let mut fleet = Fleet::start(&address, 3);
    let load = Load::start(&fleet.token, fleet.places(), 6);
    thread::sleep(Duration::from_secs(3));
    fleet.kill(0);
    thread::sleep(Duration::from_secs(2));
    fleet.begin(0);
    for node in 0..3 {
        thread::sleep(Duration::from_secs(1));
        fleet.stop(node);
        fleet.begin(node);
    }
    thread::sleep(Duration::from_secs(2));
    let answered = load.end();
    assert!(answered.len() > 50, "only {} were answered", answered.len());
    // The same bytes, at every node: the same answer, byte for byte.
    for (sent, answer) in answered.iter().step_by(answered.len() / 40 + 1) {
        for place in fleet.places().lock().unwrap().iter() {
            let again = load::submit(*place, &fleet.token, sent).unwrap();
            assert_eq!((again.status, &again.body), (200, answer));
        }
    }
    let messages: usize = psql(&address, "SELECT count(*) FROM messages WHERE status = 200").parse().unwrap();
    assert!(messages >= answered.len());
    let cases: usize = psql(&address, "SELECT count(*) FROM heads WHERE subject_kind = 'case'").parse().unwrap();
    assert_eq!(cases, messages, "each message made one case");
    assert!(fleet.verify().contains("sound"));
    errands_were_done_once_in_effect(&address);
}

/// Every notice that came to be owed is composed and handed over once, whichever nodes were killed meanwhile.
fn errands_were_done_once_in_effect(address: &str) {
    let count = |sql: &str| psql(address, sql).parse::<u64>().unwrap();
    let mut left = u64::MAX;
    for _ in 0..240 {
        left = count("SELECT count(*) FROM errands WHERE done = 0");
        if left == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(left, 0, "errands are left undone");
    let twice = count(
        "SELECT count(*) FROM (SELECT subject_id, kind, count(*) AS n FROM events WHERE kind IN ('notice_composed',
         'notice_delivered') GROUP BY subject_id, kind, body) AS e WHERE n > 1",
    );
    assert_eq!(twice, 0, "a notice was sent twice");
}

#[test]
fn any_node_serves_any_page() {
    let Some(address) = fresh() else { return };
    let fleet = Fleet::start(&address, 3);
    fleet.account("nora", "nurse");
    let places = fleet.places().lock().unwrap().clone();
    let cookie = load::sign_in(places[0], "nora", fleet::PASSWORD);
    let sent = load::request(7);
    assert_eq!(load::submit(places[1], &fleet.token, &sent).unwrap().status, 200);
    let case = psql(&address, "SELECT subject_id FROM heads WHERE subject_kind = 'case'");
    for place in &places {
        for path in ["/", "/worklist", "/cases", &format!("/case/{case}"), "/measures", "/library", "/account"] {
            let page = load::get(*place, path, &cookie);
            assert_eq!(page.status, 200, "{place}{path}: {}", page.text());
        }
    }
    let looked: usize = psql(&address, "SELECT count(*) FROM trail WHERE actor = 'nora'").parse().unwrap();
    assert!(looked >= 3, "each node kept its trail");
}

#[test]
fn a_database_that_is_away_is_a_503_with_a_time_to_wait_and_then_everything_goes_on() {
    if fresh().is_none() || std::env::var("VIGIL_TEST_POSTGRES").is_ok() {
        return;
    }
    let mut server = Server::start(&[]);
    let address = server.address("vigil");
    let fleet = Fleet::start(&address, 2);
    let places = fleet.places().lock().unwrap().clone();
    assert_eq!(load::submit(places[0], &fleet.token, &load::request(1)).unwrap().status, 200);
    server.tell("stop");
    // The token is believed for some seconds without a look into the store; then it cannot be looked up either.
    for (n, place) in places.iter().enumerate() {
        let away = load::submit(*place, &fleet.token, &load::request(2 + n as u32)).unwrap();
        assert_eq!(away.status, 503, "{}", away.text());
        let wait: u32 = away.header("retry-after").expect("it says when to try again").parse().unwrap();
        assert!((1..=30).contains(&wait));
        assert_eq!(load::get(*place, "/health", "").status, 200, "the process lives");
        assert_eq!(load::get(*place, "/ready", "").status, 503, "and is not ready");
    }
    server.tell("start");
    for (n, place) in places.iter().enumerate() {
        let mut tries = 0;
        while load::submit(*place, &fleet.token, &load::request(2 + n as u32)).unwrap().status != 200 {
            tries += 1;
            assert!(tries < 40, "it does not come back");
            thread::sleep(Duration::from_millis(250));
        }
    }
    let cases: usize = psql(&address, "SELECT count(*) FROM heads WHERE subject_kind = 'case'").parse().unwrap();
    assert_eq!(cases, 3, "each request made one case");
}

#[test]
fn a_node_that_can_read_and_not_write_is_not_ready() {
    let Some(address) = fresh() else { return };
    let fleet = Fleet::start(&address, 1);
    let place = fleet.places().lock().unwrap()[0];
    assert_eq!(load::get(place, "/ready", "").status, 200);
    thread::scope(|scope| {
        scope.spawn(|| psql(&address, "BEGIN; LOCK TABLE heads IN EXCLUSIVE MODE; SELECT pg_sleep(16); COMMIT"));
        thread::sleep(Duration::from_millis(500));
        let asked = scope.spawn(|| load::submit(place, &fleet.token, &load::request(1)).unwrap().status);
        assert_eq!(asked.join().unwrap(), 503);
        thread::sleep(Duration::from_millis(500));
        let ready = load::get(place, "/ready", "");
        assert!(ready.status == 503 && ready.text().contains("does not write"), "{}", ready.text());
        assert_eq!(load::get(place, "/health", "").status, 200, "the process lives");
    });
    assert_eq!(load::submit(place, &fleet.token, &load::request(1)).unwrap().status, 200);
    assert_eq!(load::get(place, "/ready", "").status, 200);
}

#[test]
fn the_password_of_the_store_is_shown_nowhere() {
    let shown = fleet::vigil(&["config", "--store", "postgres://vigil:hush@db.example.org/vigil"]);
    let all = format!("{}{}", String::from_utf8_lossy(&shown.stdout), String::from_utf8_lossy(&shown.stderr));
    assert!(all.contains("postgres://vigil@db.example.org:5432/vigil"), "{all}");
    assert!(!all.contains("hush"));
    for wrong in ["postgres://vigil:hush@db:port/x", "mysql://vigil:hush@db/x", "postgres://vigil:hush@db/x?colour=red"]
    {
        let refused = fleet::vigil(&["config", "--store", wrong]);
        let all = format!("{}{}", String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
        assert_eq!(refused.status.code(), Some(64), "{all}");
        assert!(!all.contains("hush"), "{all}");
    }
    let away = fleet::vigil(&["verify", "--store", "postgres://vigil:hush@127.0.0.1:9/x?connect_timeout=1"]);
    let all = format!("{}{}", String::from_utf8_lossy(&away.stdout), String::from_utf8_lossy(&away.stderr));
    assert_eq!(away.status.code(), Some(75), "{all}");
    assert!(!all.contains("hush"), "{all}");
}

#[test]
fn migrate_says_what_it_did_and_an_older_binary_refuses_a_newer_store() {
    let Some(address) = fresh() else { return };
    let look = |more: &[&str]| {
        let out = fleet::vigil(&[&["migrate", "--check", "--store", &address], more].concat());
        (out.status.code(), [out.stdout, out.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat())
    };
    let (code, says) = look(&[]);
    assert!(code == Some(65) && says.contains("holds no store"), "{code:?} {says}");
    let first = fleet::vigil(&["migrate", "--store", &address]);
    assert_eq!(first.status.code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr));
    let again = fleet::vigil(&["migrate", "--contract", "--store", &address]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("0 added, 0 removed"));
    let (code, says) = look(&[]);
    let known: u32 = psql(&address, "SELECT MAX(version) FROM schema_version").parse().unwrap();
    assert!(known >= 2 && code == Some(0) && says.contains(&format!("this Vigil knows {known}")), "{code:?} {says}");
    psql(&address, &format!("DELETE FROM schema_version WHERE version = {known}"));
    let (code, says) = look(&["--json"]);
    assert_eq!(code, Some(1), "steps wait: {says}");
    let said: serde_json::Value = serde_json::from_str(&says).unwrap();
    assert_eq!((&said["found"], &said["waiting"][0]["phase"]), (&(known - 1).into(), &"expand".into()));
    psql(&address, "INSERT INTO schema_version VALUES (999, 0)");
    assert_eq!(look(&[]).0, Some(65));
    let refused = fleet::vigil(&["verify", "--store", &address]);
    let says = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(65), "{says}");
    assert!(says.contains("schema 999") && says.contains("use a newer Vigil"), "{says}");
}
