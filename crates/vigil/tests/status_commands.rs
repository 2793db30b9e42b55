//! `vigil status` as a person types it: answers, exit codes, errors.

use std::{fs, process::ExitCode};
use vigil::exit;

use clap::Parser;
use serde_json::Value;

#[path = "../src/cli/status/mod.rs"]
mod status;

#[derive(Parser)]
enum Line {
    Status(status::StatusArgs),
}

/// Runs a command line; exit code, standard output, standard error. `None` when the line itself is wrong.
fn run_over(overlays: &[&std::path::Path], words: &[&str]) -> Option<(ExitCode, String, String)> {
    let library = vigil_packs::open(overlays).expect("the packs open");
    let words = ["vigil", "status"].iter().chain(words);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let Line::Status(args) = Line::try_parse_from(words).ok()?;
    let clock = "2026-11-22T12:00:00Z".parse().expect("a moment");
    let code = status::run(args, &library, clock, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).expect("answers are UTF-8");
    Some((code, text(out), text(err)))
}

fn run(words: &[&str]) -> Option<(ExitCode, String, String)> {
    run_over(&[], words)
}

const STAY: &[&str] = &[
    "decide",
    "--payer",
    "original-medicare",
    "--zone",
    "America/New_York",
    "--first-care",
    "2026-11-17 22:00",
    "--order",
    "2026-11-18 01:00",
    "--need",
    "yes",
    "--now",
    "2026-11-18 03:00",
];

#[test]
fn a_stay_by_flags() {
    let expected = [STAY, &["--expect", "1@2026-11-18 02:00"]].concat();
    let (code, out, err) = run(&expected).expect("a good line");
    assert_eq!(code, ExitCode::SUCCESS, "{err}");
    for part in
        ["Inpatient: benchmark (42 CFR 412.3(d)(1)(i))", "1 so far", "2 expected in all", "Look again Nov 19, 2026"]
    {
        assert!(out.contains(part), "{part} is missing in:\n{out}");
    }
    let (_, out, _) = run(&[STAY, &["--json"]].concat()).expect("a good line");
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((answer["status"].as_str(), answer["basis"].as_str()), (Some("outpatient"), Some("not-shown")));
}

#[test]
fn wrong_lines_say_what_is_wrong() {
    let zone = ["decide", "--payer", "original-medicare"];
    for (words, code, part) in [
        (&zone[..], 64, "--zone is required"),
        (&["decide", "--zone", "America/New_York"][..], 64, "--payer is required"),
        (&["decide", "--payer", "medicare", "--zone", "America/New_York"], 64, "original-medicare"),
        (&["procedure", "nothing", "--facts", "x"], 64, "condition-code-44"),
        (&["procedure", "rebill-w2"], 64, "--facts FILE"),
        (&["procedure", "rebill-w2", "--facts", "/nonexistent.json"], 65, "/nonexistent.json"),
        (&[STAY, &["--expect", "two"]].concat(), 64, "MIDNIGHTS@WHEN"),
        (&[STAY, &["--discharge", "later"]].concat(), 65, "facts"),
    ] {
        let (found, out, err) = run(words).expect("a line that parses");
        assert!(found == ExitCode::from(code) && err.contains(part) && out.is_empty(), "{words:?}: {err}{out}");
    }
}

#[test]
fn a_procedure_from_a_file() {
    let folder = std::env::temp_dir().join(format!("vigil-status-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("facts.json");
    let facts = r#"{
        "stay": {"zone": "America/New_York", "payer": {"line_of_business": "original-medicare", "part_b": false},
            "first_care_at": "2026-11-19 20:10", "order": {"at": "2026-11-19 21:40"},
            "observation": [{"ordered_at": "2026-11-20 11:15"}], "expected_discharge_at": "2026-11-20 17:00"},
        "determination": {"not_necessary": true, "at": "2026-11-20 11:10", "consulted_at": "2026-11-20 09:30",
            "members": [{"person": "adams", "name": "Dr. Adams", "licence": "MD", "title": "physician advisor",
                "financial_interest": false, "involved_in_care": false}]},
        "attending": {"view": "concurs", "at": "2026-11-20 11:05", "documented": true},
        "changed_at": "2026-11-20 11:15", "bill_submitted": false}"#;
    fs::write(&path, facts).expect("a file");
    let file = path.to_str().expect("a path");
    let words = ["procedure", "condition-code-44", "--facts", file, "--now", "2026-11-20 11:30"];
    let (code, out, err) = run(&words).expect("a good line");
    assert_eq!(code, ExitCode::SUCCESS, "{err}");
    assert!(
        out.starts_with("Condition code 44: refused") && out.contains("not appointed") && out.contains("CC44-1"),
        "{out}"
    );
    fs::write(
        &path,
        facts.replace("\"financial_interest\"", "\"appointed_from\": \"2026-01-01\", \"financial_interest\""),
    )
    .expect("a file");
    let (_, out, _) = run(&words).expect("a good line");
    assert!(
        out.starts_with("Condition code 44: open")
            && out.contains("us.hospital.mcsn to the patient, by Nov 20, 2026, 1:00 PM EST"),
        "{out}"
    );
    fs::write(&path, facts.replace("\"first_care_at\"", "\"first_kare_at\"")).expect("a file");
    let (code, _, err) = run(&words).expect("a good line");
    assert!(code == ExitCode::from(65) && err.contains("first_kare_at"), "{err}");
    let (_, out, _) = run(&["procedure", "help"]).expect("a good line");
    assert!(out.lines().count() == 16 && out.contains("observation-hours"), "{out}");
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_published_list_becomes_an_overlay_that_decides() {
    let folder = std::env::temp_dir().join(format!("vigil-status-list-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let csv = folder.join("addendum.csv");
    fs::write(&csv, "Addendum E (made up),,\nHCPCS Code,Descriptor,SI\nX0001,\"A, b\",C\nX0002,C,T\n").expect("a file");
    let packs = folder.join("packs");
    let (file, into) = (csv.to_str().expect("a path"), packs.to_str().expect("a path"));
    let words = [
        "list",
        "--file",
        file,
        "--name",
        "Made up \"2026\"",
        "--from",
        "2026-01-01",
        "--source",
        "made up",
        "--read-on",
        "2026-11-22",
        "--into",
        into,
    ];
    let (code, out, err) = run(&words).expect("a good line");
    assert!(code == ExitCode::SUCCESS && out.contains("1 codes from 2026-01-01, 1 rows"), "{out}{err}");
    for (procedure, basis) in [
        ("X0001@2026-11-18", "inpatient-only-list"),
        ("X0002@2026-11-18", "not-shown"),
        ("X0001@2025-12-31", "not-shown"),
    ] {
        let words = [STAY, &["--procedure", procedure, "--json"]].concat();
        let (_, out, err) = run_over(&[&packs], &words).expect("a good line");
        let answer: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        assert_eq!(answer["basis"], basis, "{procedure}");
    }
    fs::write(&csv, "nothing\n").expect("a file");
    let (code, _, err) = run(&words).expect("a good line");
    assert!(code == ExitCode::from(65) && err.contains("HCPCS"), "{err}");
    fs::remove_dir_all(folder).expect("removed");
}
