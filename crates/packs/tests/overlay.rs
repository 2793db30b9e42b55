//! A customer's own packs: what they may replace, what they must say, and that every fault is named by file and line.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use vigil_domain::{
    clock::{Asked, Question},
    law::Scope,
    time::Zone,
};
use vigil_packs::{
    diff::{OpenClock, difference},
    law, lint,
    shelf::Shelf,
};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("vigil-overlay-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = Self(std::env::temp_dir().join(name));
        for (path, text) in files {
            let path = folder.0.join(path);
            fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn digest(id: &str) -> String {
    let mut issues = Vec::new();
    let shelf = Shelf::read(&[]).expect("the shipped packs");
    law::load(&shelf, &mut issues).rule(id).expect("a shipped rule").digest.clone()
}

/// A contract rule for expedited Medicare Advantage requests, in so many hours.
fn expedited(hours: u32, extra: &str) -> String {
    format!(
        r#"[[rule]]
family = "medicare-advantage.organization-determination-expedited"
title = "Our contract"

[[rule.version]]
id = "MADV-OD-EXP"
cite = "Provider agreement, section 4"
says = "We answer expedited requests sooner than the law asks."
confidence = "source seen"
read_on = 2026-11-01
jurisdiction = "US"
effective = {{ basis = "calendar-day" }}
scope = {{ lines_of_business = ["medicare-advantage"], reviews = ["prospective"], urgency = "expedited" }}
deadlines = [ {{ amount = {hours}, unit = "hours", from = "request_received" }} ]
combine = "earliest"
on_breach = {{ effect = "deemed_denied" }}
calendar = "hours run continuously"
source = [{{ key = "agreement", url = "the provider agreement", tier = "primary" }}]
{extra}
"#
    )
}

fn row(hours: u32, second: u32) -> String {
    let day = 2 + hours / 24;
    format!(
        "[[case]]\nname = \"{hours} hours, second {second}\"\nrule = \"MADV-OD-EXP\"\nzone = \"America/New_York\"\n\
         given = [\"2026-11-02T10:00:0{second}-05:00 request_received\"]\ndue = \"2026-11-0{day}T10:00:0{second}-05:00\"\n\n"
    )
}

/// What is done to a sound file.
type Change<'a> = &'a dyn Fn(String) -> String;

const FILE: &str = "law/contract.toml";

fn complaints(files: &[(&str, &str)]) -> Vec<String> {
    let folder = Folder::with(files);
    let shelf = Shelf::read(&[folder.path()]).expect("a readable folder");
    let on = "2026-11-22".parse().expect("a date");
    lint::check(&shelf, Some(on)).issues.iter().map(ToString::to_string).collect()
}

#[test]
fn a_rule_is_replaced_only_by_saying_so_and_loosened_only_with_a_reason() {
    let replaces = format!("replaces = \"MADV-OD-EXP@{}\"", digest("MADV-OD-EXP"));
    let rows = |hours| row(hours, 0) + &row(hours, 1);
    let silent = complaints(&[(FILE, &expedited(48, ""))]);
    assert!(silent[0].starts_with("law/contract.toml:6: ") && silent[0].contains(&replaces), "{silent:?}");
    let stale = complaints(&[(FILE, &expedited(48, "replaces = \"MADV-OD-EXP@0000\""))]);
    assert!(stale[0].contains("read the change first"), "{stale:?}");
    let shorter = complaints(&[(FILE, &expedited(48, &replaces)), ("law/contract.cases.toml", &rows(48))]);
    assert_eq!(shorter, Vec::<String>::new());
    let longer = complaints(&[(FILE, &expedited(96, &replaces)), ("law/contract.cases.toml", &rows(96))]);
    assert!(longer.iter().any(|c| c.contains("say loosens")), "{longer:?}");
    let reason = format!("{replaces}\nloosens = \"a waiver of 2026-10-01\"");
    let waived = complaints(&[(FILE, &expedited(96, &reason)), ("law/contract.cases.toml", &rows(96))]);
    assert_eq!(waived, Vec::<String>::new());
    let bare = complaints(&[(FILE, &expedited(48, &replaces))]);
    assert!(bare[0].contains("no worked example"), "{bare:?}");
}

/// The contract rule as a rule of its own, with one change.
fn own(change: Change<'_>) -> String {
    let rule = expedited(48, "").replace("MADV-OD-EXP", "OWN-EXP");
    change(rule.replace("medicare-advantage.organization", "own.organization"))
}

fn gap(days: &str, reason: &str) -> String {
    format!("\n[[rule.gap]]\n{days}\nreason = \"{reason}\"\n")
}

/// Each change is told at the pack's own line, in these words.
fn told(table: &[(&str, Change<'_>, &str)], rows: &str) {
    for (name, change, wanted) in table {
        let found = complaints(&[(FILE, &own(*change)), ("law/contract.cases.toml", rows)]);
        let hit = found.iter().any(|c| {
            c.starts_with("law/contract.toml:") && !c.starts_with("law/contract.toml:0") && c.contains(wanted)
        });
        assert!(hit, "{name}: {found:?}");
    }
}

#[test]
fn what_is_uncited_unread_stale_or_dead_is_named_with_its_file_and_line() {
    let from =
        |days: &'static str| move |t: String| t.replace("\"calendar-day\" }", &format!("\"calendar-day\", {days} }}"));
    let (silent, backwards) = (from("from = 2026-01-01"), from("from = 2026-02-01, to = 2026-01-01"));
    told(
        &[
            ("not TOML", &|t| t.replace("combine =", "combine"), "law/contract.toml:15"),
            ("unknown field", &|t| t.replace("calendar =", "calender ="), "unknown field"),
            ("unknown unit", &|t| t.replace("\"hours\"", "\"fortnights\""), "fortnights"),
            ("uncited", &|t| t.replace("Provider agreement, section 4", " "), "OWN-EXP: no citation"),
            (
                "no meaning",
                &|t| t.replace("We answer expedited requests sooner than the law asks.", " "),
                "no sentence that says",
            ),
            ("never read", &|t| t.replace("read_on = 2026-11-01\n", ""), "read_on is missing"),
            ("stale", &|t| t.replace("2026-11-01", "2025-11-01"), "stale: read on 2025-11-01"),
            (
                "no line of business",
                &|t| t.replace("[\"medicare-advantage\"]", "[]"),
                "dead: it names no line of business",
            ),
            ("unknown line", &|t| t.replace("[\"medicare-advantage\"]", "[\"medicare\"]"), "unknown line of business"),
            ("no review", &|t| t.replace("[\"prospective\"]", "[]"), "dead: it names no kind of review"),
            ("no calendar", &|t| t.replace("jurisdiction = \"US\"", "jurisdiction = \"US-ZZ\""), "no calendar names"),
            (
                "unknown urgency",
                &|t| t.replace("urgency = \"expedited\"", "urgency = \"now\""),
                "one of standard, expedited, any",
            ),
            ("silent gap", &silent, "no gap is declared"),
            ("gap that is none", &|t| t + &gap("to = 2025-12-31", "so declared"), "a gap is declared on"),
            ("gap without a reason", &|t| t + &gap("to = 1980-01-01", " "), "gives no reason"),
            ("ends before it begins", &backwards, "dead: it ends before"),
        ],
        "",
    );
}

#[test]
fn what_contradicts_itself_or_names_what_is_not_there_is_named_with_its_file_and_line() {
    let scope = |more: &'static str| {
        move |t: String| t.replace("urgency = \"expedited\" }", &format!("urgency = \"expedited\", {more} }}"))
    };
    let combine =
        |word: &'static str| move |t: String| t.replace("combine = \"earliest\"", &format!("combine = \"{word}\""));
    let foreign = scope("gives_way = { to = \"PD-CD-STD\", from = 2026-01-01, pa_required = true }");
    let gone = scope(
        "requires = { pa_required = true }, gives_way = { to = \"OWN-EXP\", from = 2026-01-01, pa_required = true }",
    );
    let never = |t: String| gone(t).replace("\"calendar-day\" }", "\"calendar-day\", from = 2026-01-01 }");
    let (subtype, urgency, conditional) = (combine("by_subtype"), combine("by_urgency"), combine("conditional"));
    told(
        &[
            (
                "amount of nothing",
                &|t| t.replace("unit = \"hours\"", "unit = \"event\""),
                "an amount with a unit, or neither",
            ),
            ("branches without names", &subtype, "needs a key of its own"),
            ("no branch for an urgency", &urgency, "a limit with the key \"standard\" is missing"),
            ("no branch for the calendar", &conditional, "a limit with the key \"normal\" is missing"),
            ("gives way to another family", &foreign, "which is no version of its family"),
            ("never applies", &never, "dead: no day on which it applies"),
            ("tightens nothing", &|t| t + "tightens = \"NO-SUCH\"\n", "which is no rule of the library"),
            (
                "does not tighten",
                &|t| t + "tightens = \"MADV-OD-PARTB-EXP\"\n",
                "claims to tighten MADV-OD-PARTB-EXP, but is later",
            ),
            (
                "conflict with nothing",
                &|t| t + "\n[[rule.conflict]]\nwith = \"NO-SUCH\"\nsays = \"x\"\n",
                "a conflict names",
            ),
            ("replaces nothing", &|t| t + "replaces = \"NO-SUCH@0\"\n", "not in the library below it"),
        ],
        "",
    );
    let twice = own(&|t| {
        t.clone()
            + &t.split_once("[[rule.version]]").unwrap().1.replace("OWN-EXP", "OWN-EXP-2").replacen(
                "\nid",
                "\n[[rule.version]]\nid",
                1,
            )
    });
    let found = complaints(&[(FILE, &twice)]);
    assert!(found.iter().any(|c| c.contains("overlaps")), "{found:?}");
}

#[test]
fn worked_rows_that_are_wrong_stray_or_lacking_are_named_with_their_file_and_line() {
    let both = |rows: &str, change: Change<'_>| complaints(&[(FILE, &own(change)), ("law/contract.cases.toml", rows)]);
    let rows = (row(48, 0) + &row(48, 1)).replace("MADV-OD-EXP", "OWN-EXP");
    assert_eq!(both(&rows, &|t| t), Vec::<String>::new());
    let stray = both(&(rows.clone() + &row(48, 2).replace("MADV-OD-EXP", "NO-SUCH")), &|t| t);
    assert!(stray.iter().any(|c| c.starts_with("law/contract.cases.toml:") && c.contains("NO-SUCH")), "{stray:?}");
    let way = "urgency = \"expedited\", gives_way = { to = \"OWN-EXP\", from = 2026-12-01, pa_required = true } }";
    told(
        &[
            (
                "an effective date",
                &|t| {
                    let dated = t.replace("\"calendar-day\" }", "\"calendar-day\", from = 2026-01-01 }");
                    dated + &gap("to = 2025-12-31", "so declared")
                },
                "no worked examples on both sides of",
            ),
            ("giving way", &|t| t.replace("urgency = \"expedited\" }", way), "both sides of giving way"),
            (
                "an extension",
                &|t| t + "extension = { amount = 14, unit = \"calendar_days\", max_count = 1 }\n",
                "an extension noticed in time and too late",
            ),
            (
                "a stop",
                &|t| t + "tolling = { stops = \"always\", says = \"while asked\" }\n",
                "no worked example of a stopped clock",
            ),
        ],
        &rows,
    );
    let wrong = "[[case]]\nname = \"wrong by an hour\"\nrule = \"OWN-EXP\"\nzone = \"America/New_York\"\ngiven = [\"2026-11-02T10:00:00-05:00 request_received\"]\ndue = \"2026-11-04T11:00:00-05:00\"\n";
    let found = both(wrong, &|t| t);
    assert!(found[0].starts_with("law/contract.cases.toml:2: wrong by an hour: by hand"), "{found:?}");
    assert!(found.iter().any(|c| c.contains("one second apart")), "{found:?}");
}

#[test]
fn a_difference_names_rules_and_the_open_clocks_that_would_move() {
    let replaces = format!("replaces = \"MADV-OD-EXP@{}\"", digest("MADV-OD-EXP"));
    let folder = Folder::with(&[(FILE, &expedited(48, &replaces))]);
    let mut issues = Vec::new();
    let old = law::load(&Shelf::read(&[]).unwrap(), &mut issues);
    let new = law::load(&Shelf::read(&[folder.path()]).unwrap(), &mut issues);
    assert!(issues.is_empty(), "{issues:?}");
    let clock = |case: &str, asked: Asked| OpenClock {
        case: case.to_owned(),
        question: Question {
            urgency: "expedited".to_owned(),
            ..Question::new(
                asked,
                vec![("request_received".to_owned(), "2026-11-02T10:00:00-05:00".parse().unwrap())],
                Zone::named("America/New_York").unwrap(),
            )
        },
    };
    let one = |rule: &str| Asked::One(rule.to_owned());
    let found = difference(&old, &new, [clock("A-1", one("MADV-OD-EXP")), clock("A-2", one("PD-CD-EXP"))]);
    assert_eq!((found.added.len(), found.removed.len(), found.changed.len()), (0, 0, 1));
    assert!(found.changed[0].parts.iter().any(|part| part.name == "deadlines" && part.before != part.after));
    assert_eq!(found.dues.len(), 1);
    assert_eq!(found.dues[0].before, "2026-11-05T10:00:00-05:00");
    assert_eq!(found.dues[0].after, "2026-11-04T10:00:00-05:00");
    assert!(difference(&old, &old, [clock("A-1", one("MADV-OD-EXP"))]).is_empty());
    // A rule that comes new reaches an open case by its scope.
    let added = Folder::with(&[(FILE, &expedited(24, "").replace("\"MADV-OD-EXP\"", "\"OWN-EXP\""))]);
    let newer = law::load(&Shelf::read(&[added.path()]).unwrap(), &mut issues);
    assert!(issues.is_empty(), "{issues:?}");
    let scope = Scope {
        line_of_business: "medicare-advantage".to_owned(),
        jurisdiction: "US-NY".to_owned(),
        review: "prospective".to_owned(),
        urgency: "expedited".to_owned(),
        ..Scope::default()
    };
    let found = difference(&old, &newer, [clock("A-1", Asked::Scope(scope))]);
    assert_eq!(found.added, ["OWN-EXP"]);
    assert_eq!((found.dues.len(), found.dues[0].before.as_str()), (1, "no such clock"));
    assert_eq!((found.dues[0].rule.as_str(), found.dues[0].after.as_str()), ("OWN-EXP", "2026-11-03T10:00:00-05:00"));
}
