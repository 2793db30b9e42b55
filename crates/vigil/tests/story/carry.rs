//! What is carried in and out in bulk: import of folders, export as Parquet.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use vigil::export::{Wanted, export};
use vigil_store::{SubjectKey, TrailEntry, WriteItem};

use super::{
    commands::{aside, out},
    house::{Folder, House},
    interface::{REQUEST, request_of, submit},
};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p1","identifier":[{"value":"M1"}],"name":[{"family":"Novak","given":["Eva"]}],"gender":"female","birthDate":"1951-04-09"}"#;
const COVERAGE: &str = r#"{"resourceType":"Coverage","status":"active","beneficiary":{"reference":"Patient/p1"},"payor":[{"reference":"Organization/plan"}],"class":[{"type":{"coding":[{"code":"plan"}]},"value":"001"}],"period":{"start":"2026-01-01"}}"#;
const PLAN: &str = r#"{"resourceType":"Organization","id":"plan","type":[{"coding":[{"code":"pay"}]}],"identifier":[{"value":"P9"}],"name":"Plan"}"#;
const PERSON: &str = r#"{"resourceType":"Practitioner","id":"d1","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}],"name":[{"family":"Example","given":["Robin"]}]}"#;
const ROLE: &str = r#"{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner/d1"},"specialty":[{"coding":[{"code":"207R00000X"}]}]}"#;

fn one_line(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json).unwrap().to_string()
}

/// A bulk export as a payer's old system writes it, with three things wrong in it.
fn bulk(folder: &Path) -> PathBuf {
    let bulk = folder.join("bulk");
    fs::create_dir_all(bulk.join("later")).unwrap();
    let write = |name: &str, text: String| fs::write(bulk.join(name), text).unwrap();
    write("Coverage.ndjson", format!("{COVERAGE}\n"));
    write("Organization.ndjson", format!("{PLAN}\n"));
    let cut = PATIENT.replace("\"M1\"", "\"M2\"").replace("\"p1\"", "\"p2\"").replace("1951-04-09", "1951");
    let second = PATIENT.replace("\"M1\"", "\"M3\"").replace("\"p1\"", "\"p3\"").replace("1951-04-09", "bad");
    write("Patient.ndjson", format!("{PATIENT}\n{second}\n{cut}\n{{\"resourceType\":"));
    write("Practitioner.ndjson", format!("{PERSON}\n"));
    write("PractitionerRole.ndjson", format!("{ROLE}\n"));
    let requests: Vec<String> = (1..4).map(|n| one_line(&request_of(n))).collect();
    write("later/requests.ndjson", requests.join("\n") + "\n");
    write("later/request.json", REQUEST.to_owned());
    write("later/faulty.json", REQUEST.replace("\"active\"", "\"draft\""));
    write("notes.txt", "not for Vigil".to_owned());
    bulk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_imported_once_and_each_refusal_is_told() {
    let house = House::open(&[]).await;
    let folder = Folder::new();
    let bulk = bulk(folder.path()).display().to_string();
    let arguments = ["import", &bulk, "--payer-id", "P1", "--json"];
    let first = aside(&house.data(), &arguments, b"").await;
    let told = String::from_utf8_lossy(&first.stderr).into_owned();
    let report: serde_json::Value = serde_json::from_slice(&first.stdout).unwrap_or_else(|e| panic!("{e}: {told}"));
    let taken = serde_json::json!({"members": 2, "coverages": 1, "providers": 1, "requests": 4});
    assert_eq!((first.status.code(), &report["taken"]), (Some(65), &taken), "{report:#}");
    let refused: BTreeMap<String, Vec<String>> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["file"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(), texts(&r["issues"])))
        .collect();
    assert_eq!(refused.keys().collect::<Vec<_>>(), ["Patient.ndjson", "faulty.json"], "{report:#}");
    assert_eq!(refused["Patient.ndjson"].len(), 2, "{report:#}");
    assert!(refused["Patient.ndjson"].iter().any(|issue| issue.contains("line 4")), "{report:#}");
    assert!(refused["faulty.json"].iter().all(|issue| issue.contains("Bundle")), "{report:#}");
    assert!(told.contains("Coverage.ndjson"), "progress names the files: {told}");
    let store = &house.app.desk.store;
    let coverage = &store.coverages("main", "P9", "M1").unwrap()[0];
    assert_eq!((coverage.plan_id.as_str(), coverage.payer_id.as_str()), ("001", "P9"), "joined over three files");
    assert_eq!(store.provider("main", "1234567893").unwrap().unwrap().specialties, ["207R00000X"]);
    let cases = store.subjects("main", "case", "", 100).unwrap().len();
    quiet(&house).await;
    let events = store.watermark().unwrap();

    let again = aside(&house.data(), &arguments, b"").await;
    let report: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&report["taken"], &report["before"]), (&serde_json::json!({"members": 2}), &6.into()), "{report:#}");
    assert_eq!(store.subjects("main", "case", "", 100).unwrap().len(), cases, "no request is judged twice");
    assert_eq!(store.watermark().unwrap(), events);
    let text = aside(&house.data(), &["import", &bulk, "--payer-id", "P1", "--again"], b"").await;
    assert!(out(&text).contains("1 coverages") && out(&text).contains("4 requests"), "{}", out(&text));
    assert_eq!(store.watermark().unwrap(), events, "the same bytes get the stored answer");
    house.close().await;
}

fn texts(value: &serde_json::Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

/// Waits until nothing more is recorded beside the answers: letters, deadlines.
async fn quiet(house: &House) {
    let store = &house.app.desk.store;
    let (mut last, mut still) = (0, 0);
    while still < 30 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let now = store.watermark().unwrap();
        still = if now == last { still + 1 } else { 0 };
        last = now;
    }
}

/// Every Parquet file below a folder with its bytes, by its path inside.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(here) = open.pop() {
        for entry in fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "parquet") {
                let inside = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(inside, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// The rows of a table as text, read by the Parquet crate's own reader.
fn rows(files: &BTreeMap<String, Vec<u8>>, table: &str) -> Vec<String> {
    let of_table = files.iter().filter(|(path, _)| path.starts_with(&format!("{table}/tenant=main/")));
    let mut rows = Vec::new();
    for (path, bytes) in of_table {
        let reader =
            SerializedFileReader::new(bytes::Bytes::from(bytes.clone())).unwrap_or_else(|e| panic!("{path}: {e}"));
        rows.extend(reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()));
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_whole_the_same_twice_and_goes_on() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    house.account("dana", "nurse").await;
    for n in 0..6 {
        assert_eq!(submit(&house, &token, request_of(n).as_bytes()).await.status, 200);
        house.later(12_000);
    }
    let looked = TrailEntry {
        at: house.app.desk.time.now(),
        actor: "dana".into(),
        action: "read".into(),
        subjects: vec![SubjectKey::case("C1"), SubjectKey::new("member", "P1|M000000001")],
        detail: "Rivera, Ana".into(),
    };
    house.write(WriteItem::Trail(looked)).await;
    quiet(&house).await;
    let store = house.app.desk.store.clone();
    let folder = Folder::new();
    let wanted = |name: &str, patients: bool| Wanted {
        to: folder.path().join(name),
        patients,
        now: house.app.desk.time.now(),
        window: 7,
    };
    let run = |wanted: Wanted| {
        let store = store.clone();
        tokio::task::spawn_blocking(move || export(&store, &wanted, &mut |_| ()))
    };
    let done = run(wanted("a", false)).await.unwrap().unwrap();
    let a = files(&folder.path().join("a"));
    let end = store.watermark().unwrap();
    assert_eq!((done.rows["events"], rows(&a, "events").len() as u64, done.windows_kept), (end, end, 0));
    assert_eq!((rows(&a, "work").len(), done.rows["work"]), (6, 6));
    assert!(rows(&a, "measures").iter().any(|row| row.contains("received")));
    assert!(
        a.keys().filter(|path| path.starts_with("events/tenant=main/date=2026-06-0")).count() > 4,
        "{:?}",
        a.keys()
    );
    let whole = a.keys().cloned().collect::<Vec<_>>().join(" ")
        + &["events", "work", "trail", "trail_subjects", "decided"].map(|t| rows(&a, t).join(" ")).join(" ");
    for secret in ["Rivera", "M000000001", "1951-04-09"] {
        assert!(!whole.contains(secret), "{secret} goes along only when asked for");
    }
    run(wanted("b", false)).await.unwrap().unwrap();
    assert_eq!(files(&folder.path().join("b")), a, "the same log gives the same bytes");
    // An export that goes on is the same as one made at once.
    assert_eq!(submit(&house, &token, request_of(7).as_bytes()).await.status, 200);
    quiet(&house).await;
    let more = run(wanted("a", false)).await.unwrap().unwrap();
    assert!(more.windows_kept >= end / 7 && end > 14, "{more:?}");
    assert!(more.rows["events"] < store.watermark().unwrap(), "{more:?}");
    run(wanted("c", false)).await.unwrap().unwrap();
    assert_eq!(files(&folder.path().join("a")), files(&folder.path().join("c")));
    assert!(run(wanted("a", true)).await.unwrap().is_err(), "another kind of export is not mixed in");
    run(wanted("with", true)).await.unwrap().unwrap();
    let with = files(&folder.path().join("with"));
    assert!(rows(&with, "work").iter().any(|row| row.contains("Rivera") && row.contains("M000000001")));
    assert!(rows(&with, "events").iter().all(|row| row.contains("body: \"{")), "bodies are JSON");

    let parquet = folder.path().join("cli").display().to_string();
    let told = aside(&house.data(), &["export", "--to", &parquet, "--json"], b"").await;
    assert_eq!(told.status.code(), Some(0), "{}", String::from_utf8_lossy(&told.stderr));
    others_read_it(Path::new(&parquet), store.watermark().unwrap());
    house.close().await;
}

/// DuckDB and Arrow read the export, where scripts/test could install them; `VIGIL_PARQUET_PYTHON` names their Python.
fn others_read_it(folder: &Path, events: u64) {
    let Some(python) = std::env::var_os("VIGIL_PARQUET_PYTHON") else {
        println!("skipped: VIGIL_PARQUET_PYTHON is not set, so DuckDB and Arrow do not read the export");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/story/read_parquet.py");
    let read = Command::new(python).arg(script).arg(folder).arg(events.to_string()).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}
