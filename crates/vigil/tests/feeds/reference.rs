//! The simulated hospital of the reference: its FHIR files through `vigil import`, and the same hospital as ADT messages through
//! a real MLLP connection. What is expected is counted from the files, so that any file of the kind will do.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use vigil_desk::{
    MAIN_TENANT,
    hospital::import::{Census, as_events},
};
use vigil_wire::{
    fhir::hospital::{FhirReading, Gathering},
    hl7::made::Maker,
};

use crate::{
    house::Folder,
    messages::{Hospital, facility},
};

const ARCHIVE: &str = "data/patients/clinosim-us-3000-dev-seed42.tar.xz";
const DAY: &str = "2026-11-21";

/// The archive, unpacked; none when there is no reference.
fn unpacked(folder: &Folder) -> Option<PathBuf> {
    let Some(reference) = std::env::var_os("VIGIL_REFERENCE") else {
        eprintln!("VIGIL_REFERENCE is not set: the simulated hospital is not replayed");
        return None;
    };
    let archive = Path::new(&reference).join(ARCHIVE);
    let done = Command::new("tar").arg("-xJf").arg(&archive).arg("-C").arg(folder.path()).status().unwrap();
    assert!(done.success(), "tar could not unpack {}", archive.display());
    Some(folder.path().join("fhir_r4"))
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn class(encounter: &Value) -> &str {
    encounter["class"]["code"].as_str().unwrap()
}

fn visit(encounter: &Value) -> String {
    encounter["identifier"][0]["value"].as_str().unwrap().to_owned()
}

fn vigil(data: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigil"));
    command.args(["--data-dir", data.path().to_str().unwrap()]).args(arguments);
    let out = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

fn example() -> String {
    format!("{}/../../docs/operate/facility.example.toml", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_simulated_hospital_is_imported_whole_and_every_record_accounted_for() {
    let (files, data) = (Folder::new(), Folder::new());
    let Some(fhir) = unpacked(&files) else { return };
    let (code, out, err) = vigil(&data, &["import", &example()]);
    assert_eq!(code, 0, "{out}{err}");
    let arguments = ["import", "--json", "--facility", "mercy", "--as-of", DAY, fhir.to_str().unwrap()];
    let (code, out, err) = vigil(&data, &arguments);
    assert_eq!(code, 0, "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let encounters = lines(&fhir.join("Encounter.ndjson"));
    let hospital: Vec<&Value> = encounters.iter().filter(|e| class(e) != "AMB").collect();
    let open: BTreeSet<String> = hospital.iter().filter(|e| e["status"] == "in-progress").map(|e| visit(e)).collect();
    assert_eq!((encounters.len(), hospital.len(), open.len()), (2_499, 298, 7), "the file is the one we know");
    assert_eq!(report["taken"]["Encounter"], hospital.len());
    assert_eq!(report["stays"], hospital.len());
    assert_eq!(report["refused"].as_array().unwrap().len(), 0, "{}", report["refused"]);
    let told: BTreeSet<String> = report["census"]["open"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["visit"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, open);
    for line in report["census"]["open"].as_array().unwrap() {
        assert_eq!(line["status"], "inpatient");
        // A newborn may have no coverage of its own yet; a payer that is told is one the site map knows.
        assert_eq!(line["line_of_business"] == "", line["payer"] == "", "the payer is known: {line}");
        assert_ne!(line["place"], "");
    }
    let records: u64 = std::fs::read_dir(&fhir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "ndjson"))
        .map(|path| std::fs::read_to_string(path).unwrap().lines().filter(|l| !l.trim().is_empty()).count() as u64)
        .sum();
    let ignored: u64 = report["ignored"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|reasons| reasons.as_object().unwrap().values())
        .map(|n| n.as_u64().unwrap())
        .sum();
    let taken: u64 = report["taken"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(report["records"], records, "every line of every file was read");
    assert_eq!(taken + ignored, records, "every record is accounted for");
    // Again: nothing new.
    let (code, out, err) = vigil(&data, &arguments);
    assert_eq!(code, 0, "{err}");
    let again: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&again["stays"], &again["begun"]), (&report["stays"], &Value::from(0)));
    assert_eq!(again["census"], report["census"]);
}

fn gather(fhir: &Path) -> Gathering {
    let mut gathering = Gathering::new(facility().zone);
    for kind in ["Patient", "Encounter", "Coverage", "Condition", "Location", "Organization", "Practitioner"] {
        let text = std::fs::read_to_string(fhir.join(format!("{kind}.ndjson"))).unwrap();
        text.lines().enumerate().for_each(|(n, line)| gathering.read(&format!("{kind}:{n}"), line.as_bytes()));
    }
    gathering
}

/// What both roads must agree on.
fn shown(census: &Census) -> Vec<[String; 7]> {
    let line = |l: &vigil_desk::hospital::import::CensusLine| {
        [&l.visit, &l.patient, &l.status, &l.place, &l.attending, &l.payer, &l.line_of_business].map(Clone::clone)
    };
    census.open.iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_hospital_as_messages_gives_the_same_census() {
    let files = Folder::new();
    let Some(fhir) = unpacked(&files) else { return };
    let facility = facility();
    let written_at = "2026-11-22T03:18:22Z".parse().unwrap();
    let reading = FhirReading { site: &facility.site, zone: &facility.zone, sender: "import", recorded_at: written_at };
    let news = gather(&fhir).finish(reading).news;
    let maker = Maker { application: "REG".into(), facility: "MERCY".into(), zone: facility.zone.clone() };
    let mut events: Vec<_> = news.iter().flat_map(as_events).collect();
    events.sort_by_key(|e| e.effective_at);
    let messages: Vec<String> =
        events.iter().enumerate().filter_map(|(n, e)| maker.message(e, &format!("C{n}"))).collect();
    assert!(messages.len() > 2 * 298, "an opening and an end for nearly every stay: {}", messages.len());

    let imported = Hospital::open("2026-11-22T12:00:00Z").await;
    let report =
        imported.app.desk.import_hospital(MAIN_TENANT, &facility, gather(&fhir), "import", written_at).await.unwrap();
    assert_eq!(report.stays, 298);
    let fed = Hospital::open("2026-11-22T12:00:00Z").await;
    let answers = fed.send(&messages, 128).await;
    let refused: Vec<&String> = answers.iter().filter(|a| !a.contains("MSA|AA|")).collect();
    assert!(refused.is_empty(), "{refused:?}");
    for day in [DAY, "2026-11-01", "2026-10-15", "2026-09-01"] {
        let (one, other) = (shown(&imported.census(day)), shown(&fed.census(day)));
        assert!(day != DAY || one.len() == 7, "{one:?}");
        assert!(!one.is_empty(), "somebody is in the house on {day}");
        assert_eq!(one, other, "{day}");
    }
}
