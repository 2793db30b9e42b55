//! Test helpers of the store room: stores on both engines, and samples.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use vigil_domain::time::{Day, Moment};
use vigil_store::*;

pub mod authority;
pub mod postgres;

pub const TENANT: &str = "main";

/// A directory of its own that is removed at the end.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("vigil-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn open(&self) -> Store {
        Store::open(&self.0, &Options::default()).unwrap()
    }

    pub fn database(&self) -> PathBuf {
        self.0.join("vigil.db")
    }
}

impl AsRef<Path> for Dir {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Runs a test on both engines: on SQLite in memory and on disk, and on PostgreSQL.
pub fn on_both(test: impl Fn(&Store)) {
    on_sqlite(&test);
    if let Some(address) = postgres::fresh() {
        test(&connect(&address));
    }
}

/// Runs a test on SQLite, in memory and on disk.
pub fn on_sqlite(test: impl Fn(&Store)) {
    test(&Store::in_memory().unwrap());
    let dir = Dir::new();
    test(&dir.open());
}

/// A node on a store in PostgreSQL.
pub fn connect(address: &str) -> Store {
    Store::connect(Address::parse(address).unwrap(), &Options::default()).unwrap()
}

pub fn at(seconds: i64) -> Moment {
    Moment::from_second(1_770_000_000 + seconds).unwrap()
}

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub fn event(kind: &str, body: &str) -> NewEvent {
    NewEvent {
        kind: kind.to_owned(),
        form: 1,
        occurred_at: at(0),
        recorded_at: at(1),
        actor: "nurse:rivera".to_owned(),
        body: body.as_bytes().to_vec(),
    }
}

/// A commit of `n` events on a case.
pub fn events(case: &str, expected: u64, n: usize) -> Commit {
    let mut commit = Commit::on(TENANT, SubjectKey::case(case), expected);
    commit.events = (0..n).map(|i| event("noted", &format!("{{\"case\":\"{case}\",\"n\":{i}}}"))).collect();
    commit
}

/// An errand that may be run from a second on.
pub fn errand(key: &str, second: i64) -> NewErrand {
    NewErrand {
        kind: "send-notice".to_owned(),
        subject: SubjectKey::case("A"),
        key: key.to_owned(),
        body: b"{}".to_vec(),
        not_before: at(second),
    }
}

pub fn message(body: &[u8], response: &[u8]) -> NewMessage {
    NewMessage {
        key: message_key(TENANT, "pas/2.2", "submit", "clinic", body),
        channel: "pas".to_owned(),
        base: "pas/2.2".to_owned(),
        operation: "submit".to_owned(),
        sender: "clinic".to_owned(),
        received_at: at(0),
        request: body.to_vec(),
        response: response.to_vec(),
        status: 200,
        business_id: Some("urn:b|1".to_owned()),
    }
}

pub fn work(case: &str, due: Option<i64>, risk: i64) -> WorkRow {
    WorkRow {
        case_id: case.to_owned(),
        stage: "initial-clinical-review".to_owned(),
        queue: "nurse".to_owned(),
        open: true,
        line_of_business: "medicare-advantage".to_owned(),
        urgency: "standard".to_owned(),
        patient_name: "Doe, Jane".to_owned(),
        member_id: format!("M-{case}"),
        due_at: due.map(at),
        risk,
        received_at: at(0),
        ..WorkRow::default()
    }
}
