//! Every claim of the linter, tried by breaking a sound pack in one place: the complaint names the file and the line.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use vigil_packs::{lint, shelf::Shelf};

const RULE: &str = r#"[[rule]]
family = "contract.answer"
title = "Our contract: the answer"

[[rule.version]]
id = "CONTRACT-ANSWER"
cite = "Contract, section 1"
says = "The plan answers in five days."
confidence = "source seen"
read_on = 2026-11-22
jurisdiction = "US-NY"
effective = { basis = "calendar-day" }
scope = { lines_of_business = ["medicare-advantage"], reviews = ["prospective"], urgency = "standard" }
deadlines = [{ amount = 5, unit = "calendar_days", from = "request_received" }]
combine = "earliest"
on_breach = { effect = "escalate" }
calendar = "every day counts"
source = [{ key = "contract", url = "contract of 2026", tier = "primary" }]
"#;

const ROWS: &str = r#"[[case]]
name = "Received in the last second of Monday 4 May 2026"
rule = "CONTRACT-ANSWER"
zone = "America/New_York"
given = ["2026-05-04T23:59:59-04:00 request_received"]
due = "2026-05-09T23:59:59-04:00"

[[case]]
name = "Received one second later"
rule = "CONTRACT-ANSWER"
zone = "America/New_York"
given = ["2026-05-05T00:00:00-04:00 request_received"]
due = "2026-05-10T23:59:59-04:00"
"#;

/// The complaints about one file of rules and one of rows in an overlay.
fn complaints(rule: &str, rows: &str) -> Vec<String> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("vigil-lint-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    let file = |name: &str| -> PathBuf { folder.join("law/own").join(name) };
    fs::create_dir_all(folder.join("law/own")).expect("a folder");
    fs::write(file("a.toml"), rule).expect("a file");
    fs::write(file("a.cases.toml"), rows).expect("a file");
    let shelf = Shelf::read(&[folder.as_path()]).expect("packs that read");
    let report = lint::check(&shelf, Some("2026-11-26".parse().expect("a day")));
    fs::remove_dir_all(&folder).expect("a folder");
    report.issues.iter().map(ToString::to_string).collect()
}

const GAP: &str = "[[rule.gap]]\nto = 2026-04-04\nreason = \"the contract began then\"\n\n[[rule.version]]";
const FROM: &str = r#"effective = { basis = "calendar-day", from = 2026-04-05 }"#;
const ANY_DAY: &str = r#"effective = { basis = "calendar-day" }"#;

/// Words found, and words put in their place.
type Change = (&'static str, &'static str);

/// What is broken, and the complaint's place and words.
const BROKEN: [(&[Change], &str, &str); 32] = [
    (&[("\"Contract, section 1\"", "\"\"")], "a.toml:6", "no citation"),
    (&[("\"The plan answers in five days.\"", "\" \"")], "a.toml:6", "no sentence"),
    (&[("source = [", "partly_seen = \"no\" #")], "a.toml:6", "no source is named"),
    (&[("read_on = 2026-11-22\n", "")], "a.toml:6", "read_on is missing"),
    (&[("2026-11-22", "2025-11-25")], "a.toml:6", "stale: read on 2025-11-25"),
    (&[("2026-11-22", "2026-02-30")], "a.toml:10", ""),
    (&[("[\"medicare-advantage\"]", "[]")], "a.toml:6", "dead: it names no line of business"),
    (
        &[("medicare-advantage", "medicare")],
        "a.toml:6",
        "unknown line of business \"medicare\"; one of medicare-advantage",
    ),
    (&[("[\"prospective\"]", "[]")], "a.toml:6", "dead: it names no kind of review"),
    (&[("prospective", "preservice")], "a.toml:6", "dead: no shipped rule and no case knows the kind of review"),
    (&[("\"standard\" }", "\"standard\", subject = \"drugs\" }")], "a.toml:6", "knows the subject \"drugs\""),
    (&[("\"request_received\"", "\"request_recieved\"")], "a.toml:6", "knows the event \"request_recieved\""),
    (&[("\"standard\"", "\"fast\"")], "a.toml:6", "one of standard, expedited, any"),
    (&[("calendar_days", "fortnights")], "a.toml:14", "fortnights"),
    (&[("\"earliest\"", "\"soonest\"")], "a.toml:15", "soonest"),
    (&[("\"escalate\"", "\"denied\"")], "a.toml:16", "denied"),
    (&[("calendar = ", "calender = ")], "a.toml:17", "calender"),
    (&[("US-NY", "US-ZZ")], "a.toml:6", "no calendar names the jurisdiction"),
    (&[("\"earliest\"", "\"by_subtype\"")], "a.toml:6", "needs a key of its own"),
    (&[(ANY_DAY, FROM)], "a.toml:6", "no version applies on 2026-04-04, and no gap is declared"),
    (&[("[[rule.version]]", GAP)], "a.toml:10", "a gap is declared on 2026-04-04, but this version applies"),
    (
        &[("[[rule.version]]", GAP), ("the contract began then", ""), (ANY_DAY, FROM)],
        "a.toml:10",
        "the gap up to 2026-04-04 gives no reason",
    ),
    (&[("[[rule.version]]", GAP), (ANY_DAY, FROM)], "a.toml:10", "no worked examples on both sides of 2026-04-05"),
    (
        &[(ANY_DAY, "effective = { basis = \"calendar-day\", from = 2026-05-01, to = 2026-04-01 }")],
        "a.toml:6",
        "dead: it ends before it begins",
    ),
    (
        &[("calendar = ", "tightens = \"MADV-OD-PARTB-STD\"\ncalendar = ")],
        "a.toml:6",
        "claims to tighten MADV-OD-PARTB-STD, but is later: received",
    ),
    (&[("calendar = ", "tightens = \"NOBODY\"\ncalendar = ")], "a.toml:6", "which is no rule of the library"),
    (
        &[("combine", "extension = { amount = 5, unit = \"calendar_days\", max_count = 1 }\ncombine")],
        "a.toml:6",
        "names no condition",
    ),
    (
        &[("combine", "extension = { amount = 5, unit = \"calendar_days\", max_count = 1 }\ncombine")],
        "a.toml:6",
        "an extension noticed in time and too late",
    ),
    (&[("combine", "tolling = { stops = \"always\" }\ncombine")], "a.toml:6", "no worked example of a stopped clock"),
    (&[("\"CONTRACT-ANSWER\"", "\"MADV-OD-STD-PA\"")], "a.toml:6", "say replaces = \"MADV-OD-STD-PA@"),
    (
        &[("calendar = ", "replaces = \"CONTRACT-ANSWER@1\"\ncalendar = ")],
        "a.toml:6",
        "replaces a rule that is not in the library",
    ),
    (
        &[("[[rule.version]]", "[[rule.conflict]]\nwith = \"NOBODY\"\nsays = \"x\"\n\n[[rule.version]]")],
        "a.toml:10",
        "a conflict names \"NOBODY\"",
    ),
];

fn has(found: &[String], place: &str, words: &str) -> bool {
    found.iter().any(|c| c.starts_with(&format!("law/own/{place}:")) && c.contains(words))
}

#[test]
fn each_fault_of_a_rule_is_told_with_its_file_and_line() {
    assert_eq!(complaints(RULE, ROWS), Vec::<String>::new(), "the sound one");
    let mut silent = Vec::new();
    for (changes, place, words) in BROKEN {
        let broken = changes.iter().fold(RULE.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        let found = complaints(&broken, ROWS);
        if !has(&found, place, words) {
            silent.push(format!("{words} at {place}: {found:#?}"));
        }
        if let Some(lost) = found.iter().find(|c| !c.starts_with("law/")) {
            silent.push(format!("{words}: a complaint without a place: {lost}"));
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn each_fault_of_the_rows_is_told_with_its_file_and_line() {
    let second = ROWS.find("\n[[case]]").expect("two rows") + 1;
    let two = RULE.to_owned() + &RULE[RULE.find("[[rule.version]]").expect("a version")..];
    let other = two.replacen("CONTRACT-ANSWER", "CONTRACT-OTHER", 1);
    for (rule, rows, place, words) in [
        (RULE, ROWS.replacen("2026-05-09", "2026-05-08", 1), "a.cases.toml:2", "by hand 2026-05-08T23:59:59-04:00"),
        (RULE, ROWS[..second].to_owned(), "a.toml:6", "no two worked examples one second apart"),
        (RULE, String::new(), "a.toml:6", "no worked example"),
        (
            RULE,
            ROWS.to_owned() + &ROWS.replace("CONTRACT-ANSWER", "NOBODY"),
            "a.cases.toml:15",
            "no rule of the library",
        ),
        (
            &other,
            ROWS.to_owned() + &ROWS.replace("CONTRACT-ANSWER", "CONTRACT-OTHER"),
            "a.toml:6",
            "exactly one version may apply",
        ),
        ("[[rule]]\nfamily = \"empty\"\ntitle = \"Nothing\"\n", ROWS.to_owned(), "a.toml:1", "has no version"),
    ] {
        let found = complaints(rule, &rows);
        assert!(has(&found, place, words), "{words} at {place}: {found:#?}");
    }
}
