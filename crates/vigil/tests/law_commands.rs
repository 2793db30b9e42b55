//! `vigil clock due` and `vigil packs …` as a person types them: answers, exit codes, and errors that list the words.

use std::{fs, process::ExitCode};
use vigil::exit;

use clap::Parser;
use serde_json::Value;

#[path = "../src/cli/clock.rs"]
mod clock;
#[path = "../src/cli/packs.rs"]
mod packs;

#[derive(Parser)]
enum Line {
    Clock(clock::ClockArgs),
    Packs(packs::PacksArgs),
}

/// Runs a command line; exit code, standard output, standard error.
fn run(words: &str) -> (ExitCode, String, String) {
    let words = std::iter::once("vigil").chain(words.split_whitespace());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = match Line::try_parse_from(words).unwrap_or_else(|e| panic!("{e}")) {
        Line::Clock(args) => clock::run(args, &mut out, &mut err),
        Line::Packs(args) => packs::run(args, &mut out, &mut err),
    };
    let text = |bytes| String::from_utf8(bytes).expect("answers are UTF-8");
    (code, text(out), text(err))
}

fn is(code: ExitCode, number: u8) -> bool {
    code == ExitCode::from(number)
}

const MEDICARE: &str =
    "clock due --line-of-business medicare-advantage --jurisdiction US --review prospective --urgency standard";

#[test]
fn a_friday_evening_request_is_due_seven_days_later_over_the_clock_change() {
    let (code, out, _) = run(&format!(
        "{MEDICARE} --pa-required=true --event request_received=2026-03-06T18:10:00-06:00 --zone America/Chicago --json"
    ));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert!(is(code, 0));
    assert_eq!(answer["due_at"], "2026-03-13T23:59:59-05:00");
    assert_eq!(answer["rule"], "MADV-OD-STD-PA");
    assert_eq!(answer["confidence"], "source seen");
    assert!(answer["citation"].as_str().unwrap().contains("422.568"));
    assert!(answer["steps"].as_array().unwrap().len() > 3);
}

#[test]
fn the_earliest_of_all_rules_controls_and_the_others_stay_visible() {
    let (code, out, _) = run(
        "clock due --line-of-business commercial-insured --jurisdiction US-NY --review prospective --urgency standard \
         --event request_received=2026-08-03T10:00:00-04:00 --event necessary_information_received=2026-08-03T10:00:00-04:00 \
         --accreditation ncqa --zone America/New_York --json",
    );
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert!(is(code, 0));
    assert_eq!(answer["rule"], "NY-PRE-STD");
    let also: Vec<_> = answer["also"].as_array().unwrap().iter().map(|a| a["rule"].as_str().unwrap()).collect();
    assert_eq!(also, ["ERISA-PRE", "NCQA-NONURG-PRE"]);
    assert_eq!(answer["also"][1]["due_at"], "2026-08-10T23:59:59-04:00");
}

#[test]
fn extension_and_stop_are_read_and_explained() {
    let (code, out, _) = run(
        "clock due --rule ERISA-PRE --event request_received=2026-05-01T10:00:00-04:00 --zone America/New_York \
         --extend 15,calendar_days,2026-05-11T10:00:00-04:00 --toll 2026-05-11T10:00:00-04:00..2026-05-31T16:00:00-04:00",
    );
    assert!(is(code, 0));
    assert!(out.starts_with("Due 2026-06-20T23:59:59-04:00 under ERISA-PRE"), "{out}");
    assert!(out.contains("The clock stood still from Monday, May 11, 2026"), "{out}");
}

#[test]
fn wrong_words_are_usage_errors_that_list_the_right_ones() {
    let at = "--event request_received=2026-03-06T18:10:00-06:00";
    let zone = "--zone America/Chicago";
    for (line, says) in [
        (format!("{MEDICARE} {at}"), "--zone is required"),
        (format!("{MEDICARE} {at} --zone Chicago"), "unknown time zone"),
        (format!("{MEDICARE} {zone} --event request_received=2026-03-06T18:10:00"), "offset"),
        (format!("{MEDICARE} {zone} --event request_received=2026-02-30T18:10:00Z"), "no such day in the calendar"),
        (format!("{MEDICARE} {zone} --event request_received=2026-03-06T25:10:00Z"), "no such time of day"),
        (format!("{MEDICARE} {zone} {at} --event request_received=2026-03-07T18:10:00Z"), "given twice"),
        (format!("{MEDICARE} {zone} --event request_recieved=2026-03-06T18:10:00Z"), "necessary_information_received"),
        (format!("{MEDICARE} {zone} {at} --subject shoes"), "part-b-drug"),
        (format!("{MEDICARE} {zone} {at} --as-of 2026-13-01"), "no such day in the calendar"),
        (format!("{MEDICARE} {zone} {at} --as-of 13/1/2026"), "a date is written"),
        (format!("{MEDICARE} {zone} {at} --extend 14,days,2026-03-07T00:00:00Z"), "calendar_days"),
        (format!("{MEDICARE} {zone} {at} --toll 2026-03-09T00:00:00Z..2026-03-08T00:00:00Z"), "ends before it starts"),
        (format!("clock due --line-of-business ma {zone} {at}"), "medicare-advantage"),
        (format!("clock due --rule MADV {zone} {at}"), "MADV-OD-STD-PA"),
        (
            format!("clock due --rule NY-EXT-FILE {zone} --event FAD_received=2026-03-06T18:10:00Z"),
            "enrollee, provider",
        ),
        (
            format!("clock due --rule PD-CD-STD {zone} {at} --extend 14,calendar_days,2026-03-07T00:00:00Z"),
            "no extension",
        ),
        (format!("clock due --rule MCD-MC-STD {zone} {at}"), "rating period"),
    ] {
        let (code, out, err) = run(&line);
        assert!(is(code, 64) && out.is_empty() && err.contains(says), "{line}\n{out}{err}");
    }
}

#[test]
fn a_batch_gives_one_answer_a_line_in_order_and_refuses_only_the_unreadable_file() {
    let folder = std::env::temp_dir().join(format!("vigil-law-batch-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("cases.jsonl");
    let good = r#"{"id":"a","rule":null,"rules":["NCQA-NONURG-PRE","MADV-OD-STD-PA"],"events":{"request_received":"2026-08-03T10:00:00-04:00"},"zone":"America/New_York"}"#;
    fs::write(&file, format!("{good}\nnot json\n{{\"id\":3,\"rule\":\"NO-SUCH\",\"zone\":\"UTC\"}}\n")).unwrap();
    let (code, out, _) = run(&format!("clock due --json --batch {}", file.display()));
    let answers: Vec<Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(is(code, 0));
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["controlling"], serde_json::json!(["NCQA-NONURG-PRE", "MADV-OD-STD-PA"]));
    assert_eq!(answers[0]["rule"], "NCQA-NONURG-PRE");
    assert!(answers[1..].iter().all(|a| a["status"] == "invalid" && a["error"].is_string()));
    assert_eq!(answers[2]["id"], 3);
    let (code, _, err) = run(&format!("clock due --batch {}", folder.join("none").display()));
    assert!(is(code, 65) && !err.is_empty());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_shipped_packs_are_clean_and_an_empty_overlay_changes_nothing() {
    let (code, out, _) = run("packs check --on 2026-11-22 --json");
    assert!(is(code, 0), "{out}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["rules"], 170);
    let folder = std::env::temp_dir().join(format!("vigil-law-overlay-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (code, out, _) = run(&format!("packs diff --overlay {}", folder.display()));
    assert!(is(code, 0) && out.contains("change no rule"), "{out}");
    fs::remove_dir_all(folder).unwrap();
}

/// The blocks of `packs/README.md` that follow the name of a file.
fn example(file: &str) -> String {
    let readme = include_str!("../../../packs/README.md");
    let (_, rest) = readme.split_once(&format!("`{file}`")).expect(file);
    let (_, rest) = rest.split_once("```toml\n").expect("a block");
    rest.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn the_promise_of_the_readme_is_sound_and_its_difference_is_told() {
    let folder = std::env::temp_dir().join(format!("vigil-law-promise-{}", std::process::id()));
    fs::create_dir_all(folder.join("law")).unwrap();
    for file in ["promise.toml", "promise.cases.toml"] {
        fs::write(folder.join("law").join(file), example(&format!("ours/law/{file}"))).unwrap();
    }
    let ours = folder.display();
    let (code, out, _) = run(&format!("packs check --overlay {ours} --on 2026-11-22"));
    assert!(is(code, 0), "{out}");
    let (code, out, _) = run(&format!("packs diff {ours}"));
    assert!(is(code, 0), "{out}");
    for says in
        ["added   OUR-STD-5 (Provider manual 2026, section 4.2)", "in five calendar days", "In force from 2026-12-01."]
    {
        assert!(out.contains(says), "{says} is not in {out}");
    }
    let due = "clock due --line-of-business medicare-advantage --jurisdiction US --review prospective --urgency standard \
               --pa-required=true --event request_received=2026-12-04T18:10:00-05:00 --zone America/New_York --json";
    let (code, out, _) = run(&format!("{due} --overlay {ours}"));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert!(is(code, 0));
    assert_eq!(
        (&answer["rule"], &answer["due_at"]),
        (&"OUR-STD-5".into(), &"2026-12-09T23:59:59-05:00".into()),
        "{out}"
    );
    assert!(
        answer["also"].as_array().unwrap().iter().any(|a| a["rule"] == "MADV-OD-STD-PA"),
        "the law stays visible: {out}"
    );
    // A figure that changes is told as it was and as it will be.
    fs::write(folder.join("law/promise.toml"), example("ours/law/promise.toml").replace("amount = 5", "amount = 4"))
        .unwrap();
    let other = folder.with_extension("old");
    fs::create_dir_all(other.join("law")).unwrap();
    fs::write(other.join("law/promise.toml"), example("ours/law/promise.toml")).unwrap();
    let (code, out, _) = run(&format!("packs diff {} {ours}", other.display()));
    assert!(is(code, 0), "{out}");
    for says in ["changed OUR-STD-5", "5 calendar_days from request_received", "4 calendar_days from request_received"]
    {
        assert!(out.contains(says), "{says} is not in {out}");
    }
    fs::remove_dir_all(folder).unwrap();
    fs::remove_dir_all(other).unwrap();
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let (code, out, err) =
        run("clock due --line-of-business ma --jurisdiction NY --review before --urgency now --subject shoes \
         --event request_recieved=2026-03-06T18:10:00Z --event request_received=2026-02-30T18:10:00Z \
         --as-of 2026-13-01 --extend 14,days,2026-03-07T00:00:00Z --toll never..2026-03-08T00:00:00Z");
    assert!(is(code, 64) && out.is_empty(), "{out}");
    let wanted = [
        "--zone is required",
        "--line-of-business \"ma\"",
        "--jurisdiction \"NY\"",
        "--review \"before\"",
        "--urgency \"now\"",
        "--subject \"shoes\"",
        "--event \"request_recieved\"",
        "--event request_received:",
        "--as-of:",
        "unit \"days\" is unknown",
        "--toll",
    ];
    for says in wanted {
        assert!(err.contains(says), "{says} is not among\n{err}");
    }
    assert_eq!(err.lines().count(), wanted.len(), "{err}");
}

#[test]
fn a_branch_that_was_not_said_matters_only_where_it_could_decide() {
    let appeal = "clock due --line-of-business commercial-insured --jurisdiction US-NY --review appeal-l1 --urgency standard \
                  --zone America/New_York --json --event request_received=2026-07-15T10:00:00-04:00";
    let information = |day: u8| format!("{appeal} --event necessary_information_received=2026-07-{day}T10:00:00-04:00");
    let (code, out, err) = run(&information(15));
    let answer: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    assert!(is(code, 0));
    assert_eq!(
        (answer["rule"].as_str(), answer["due_at"].as_str()),
        (Some("NY-APPEAL-STD"), Some("2026-08-14T23:59:59-04:00"))
    );
    let open = answer["also"].as_array().unwrap().iter().find(|a| a["rule"] == "ERISA-APPEAL").unwrap();
    assert_eq!(open["status"], "branch_not_said");
    assert_eq!(open["branches"], serde_json::json!(["pre-service", "post-service"]));
    let (code, _, err) = run(&information(20));
    assert!(is(code, 64) && err.contains("ERISA-APPEAL") && err.contains("pre-service"), "{err}");
    let (code, out, _) = run(&format!("{} --branch pre-service", information(20)));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert!(is(code, 0));
    assert_eq!(
        (answer["rule"].as_str(), answer["due_at"].as_str()),
        (Some("ERISA-APPEAL"), Some("2026-08-14T23:59:59-04:00"))
    );
    // Only one of the steps has begun: it is the one meant.
    let (code, out, _) =
        run("clock due --line-of-business original-medicare --jurisdiction US --review appeal-all --urgency standard \
         --subject claim --zone America/New_York --json --event redetermination_request=2026-07-15T10:00:00-04:00");
    let answer: Value = serde_json::from_str(&out).unwrap_or(Value::Null);
    assert!(is(code, 0));
    assert_eq!(
        (answer["rule"].as_str(), answer["due_at"].as_str()),
        (Some("FFS-APPEALS"), Some("2026-09-13T23:59:59-04:00"))
    );
}

#[test]
fn a_file_with_a_mark_before_its_first_line_and_bytes_that_are_not_text_gets_a_line_for_each_line() {
    let folder = std::env::temp_dir().join(format!("vigil-law-bytes-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("cases.jsonl");
    let good = br#"{"id":"a","rule":"PD-CD-STD","events":{"request_received":"2026-08-03T10:00:00-04:00"},"zone":"America/New_York"}"#;
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    for line in [&good[..], b"\r\n\n\xff\xfe\n", &good[..]] {
        bytes.extend_from_slice(line);
    }
    fs::write(&file, bytes).unwrap();
    let (code, out, _) = run(&format!("clock due --json --batch {}", file.display()));
    let words: Vec<String> =
        out.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["status"].as_str().unwrap().to_owned()).collect();
    assert!(is(code, 0));
    assert_eq!(words, ["due", "invalid", "invalid", "due"]);
    fs::remove_dir_all(folder).unwrap();
}
