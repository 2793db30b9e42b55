//! `vigil criteria` as a person types it: answers, exit codes, errors.

use std::{fs, process::ExitCode};
use vigil::exit;

use clap::Parser;
use serde_json::Value;

#[path = "../src/cli/criteria.rs"]
mod criteria;

#[derive(Parser)]
enum Line {
    Criteria(criteria::CriteriaArgs),
}

/// Runs a command line; exit code, standard output, standard error. `None` when the line itself is wrong.
fn run(words: &[&str]) -> Option<(ExitCode, String, String)> {
    let library = vigil_packs::open(&[]).expect("the shipped packs open");
    let words = ["vigil", "criteria"].iter().chain(words);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let Line::Criteria(args) = Line::try_parse_from(words).ok()?;
    let code = criteria::run(args, &library, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).expect("answers are UTF-8");
    Some((code, text(out), text(err)))
}

#[test]
fn one_question() {
    let good = [
        "evaluate",
        "--service",
        "home-oxygen",
        "--fact",
        "test_ordered_evaluated=yes",
        "--fact",
        "test_by_dme_supplier=false",
        "--fact",
        "sole_reason=none",
        "--fact",
        "inpatient_origin=false",
        "--fact",
        "time_of_need_documented=true",
        "--fact",
        "pao2_rest=55",
        "--json",
    ];
    let (code, out, _) = run(&good).expect("a good line");
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        (code, answer["result"].as_str(), &answer["approvable"]),
        (ExitCode::SUCCESS, Some("met"), &Value::from(true))
    );
    let (_, out, _) = run(&good[..good.len() - 3]).expect("a good line");
    assert!(out.starts_with("unknown: ") && out.contains("pao2_rest") && out.contains("could still change"), "{out}");
    for (words, part) in [
        (&["evaluate", "--service", "nothing"][..], "no such service"),
        (&["evaluate", "--service", "home-oxygen", "--fact", "nothing=1"], "no such fact"),
        (&["evaluate", "--service", "home-oxygen", "--fact", "pao2_rest=low"], "quantity"),
        (&["evaluate", "--service", "home-oxygen", "--fact", "pao2_rest"], "NAME=VALUE"),
        (&["evaluate", "--service", "home-oxygen", "--fact", "sole_reason=some"], "angina"),
    ] {
        let (code, out, err) = run(words).expect("a line clap takes");
        assert_eq!((code, out.as_str()), (ExitCode::from(64), ""), "{words:?}");
        assert!(err.contains(part), "{err}");
    }
    assert!(run(&["evaluate"]).is_none());
}

#[test]
fn a_batch_answers_every_line_in_order() {
    let file = std::env::temp_dir().join(format!("vigil-criteria-{}.jsonl", std::process::id()));
    let lines = [
        (r#"{"id": "a", "service": "lumbar-mri", "facts": {}}"#, "a", "unknown"),
        (
            r#"{"id": 2, "service": "home-oxygen", "facts": {"test_by_dme_supplier": true, "pao2_rest": null}}"#,
            "2",
            "not_met",
        ),
        (r#"{"id": "c", "service": "nothing", "facts": {}}"#, "c", "error"),
        (r#"{"id": "d", "service": "home-oxygen", "facts": {"nothing": 1}}"#, "d", "error"),
        (r#"{"id": "e", "service": "home-oxygen", "facts": {"pao2_rest": "55"}}"#, "e", "error"),
        (r#"{"id": "f", "service": "home-oxygen", "facts": {"pao2_rest": true}}"#, "f", "error"),
        (r#"{"id": "g", "service": "home-oxygen", "facts": {"pao2_rest": [55]}}"#, "g", "error"),
        (r#"{"id": "h", "service": "home-oxygen", "facts": {"sole_reason": "some"}}"#, "h", "error"),
        (r#"{"id": "i", "service": "home-oxygen"}"#, "i", "error"),
        ("not json", "null", "error"),
    ];
    fs::write(&file, lines.map(|(line, ..)| line).join("\n")).expect("a scratch file");
    let (code, out, _) = run(&["evaluate", "--batch", &file.to_string_lossy(), "--json"]).expect("a good line");
    fs::remove_file(&file).expect("the scratch file goes");
    assert_eq!((code, out.lines().count()), (ExitCode::SUCCESS, lines.len()));
    for (answer, (line, id, result)) in out.lines().zip(lines) {
        let answer: Value = serde_json::from_str(answer).expect("JSON");
        assert_eq!(
            (answer["id"].to_string().trim_matches('"'), answer["result"].as_str()),
            (id, Some(result)),
            "{line}"
        );
        assert!(answer["trace"].is_array());
        assert_eq!(answer["result"] == "error", answer["errors"].is_array());
    }
    let (code, ..) = run(&["evaluate", "--batch", "/nowhere/at/all", "--json"]).expect("a good line");
    assert_eq!(code, ExitCode::from(65));
}

#[test]
fn the_list_names_every_service() {
    let (_, out, _) = run(&["list"]).expect("a good line");
    assert_eq!(out.lines().count(), 33);
    assert!(out.lines().any(|line| line.starts_with("lumbar-mri") && line.contains("disabled")));
    let (_, out, _) = run(&["list", "--json"]).expect("a good line");
    let list: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(list.as_array().map(Vec::len), Some(33));
}

/// The worked examples of the reference, through the command: results and order.
#[test]
fn the_reference_examples_come_out_of_a_batch() {
    let Ok(folder) = std::env::var("VIGIL_REFERENCE") else {
        return eprintln!("skipped: VIGIL_REFERENCE does not name the reference folder");
    };
    let text = fs::read_to_string(format!("{folder}/domain/criteria.json")).expect("the reference criteria");
    let reference: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let (mut lines, mut want) = (Vec::new(), Vec::new());
    for service in &reference {
        for (index, example) in service["boundary_cases"].as_array().into_iter().flatten().enumerate() {
            let id = format!("{}-{index}", service["id"].as_str().unwrap_or_default());
            want.push((id.clone(), example["expected"].clone()));
            let line = serde_json::json!({"id": id, "service": service["id"], "facts": example["facts"]});
            lines.push(line.to_string());
        }
    }
    let file = std::env::temp_dir().join(format!("vigil-criteria-reference-{}.jsonl", std::process::id()));
    fs::write(&file, lines.join("\n")).expect("a scratch file");
    let (_, out, _) = run(&["evaluate", "--batch", &file.to_string_lossy(), "--json"]).expect("a good line");
    fs::remove_file(&file).expect("the scratch file goes");
    let got: Vec<(String, Value)> = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .map(|answer| (answer["id"].as_str().unwrap_or_default().to_owned(), answer["result"].clone()))
        .collect();
    assert_eq!(got, want);
}

#[test]
fn a_line_that_cannot_be_answered_keeps_its_id_and_says_why() {
    let folder = std::env::temp_dir().join(format!("vigil-criteria-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("odd.jsonl");
    let lines = [
        r#"{"id": "far", "service": "home-oxygen", "facts": {"pao2_rest": 1e999}}"#,
        r#"{"id": "twice", "service": "home-oxygen", "facts": {"pao2_rest": 50, "pao2_rest": 90}}"#,
        r#"{"id": "below", "service": "home-oxygen", "facts": {"pao2_rest": -5}}"#,
        r#"{"id": "rise", "service": "home-oxygen", "facts": {"sao2_sleep_fall": -1}}"#,
    ];
    fs::write(&path, lines.join("\n")).expect("a file");
    let (_, out, _) = run(&["evaluate", "--batch", path.to_str().expect("a path"), "--json"]).expect("a good line");
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let said: Vec<(&str, &str)> =
        answers.iter().map(|a| (a["id"].as_str().unwrap_or("none"), a["result"].as_str().unwrap_or("none"))).collect();
    assert_eq!(said, [("far", "error"), ("twice", "error"), ("below", "unknown"), ("rise", "unknown")]);
    assert!(answers[1]["error"].as_str().is_some_and(|says| says.contains("pao2_rest: stands twice")));
    assert_eq!(answers[2]["set_aside"][0]["why"], "impossible");
    assert_eq!(answers[3]["set_aside"], serde_json::json!([]));
    fs::remove_dir_all(folder).expect("removed");
}
