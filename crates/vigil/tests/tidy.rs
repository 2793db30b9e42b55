//! The laws of the house, as code: arrows, sizes, words, and the places that alone may know something.

#![allow(clippy::unwrap_used, reason = "a test that cannot get what it needs fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Debts: what stood against a law when the law was first checked. Nothing may be added, and a debt that is paid must be struck.
/// (The finder of circles once misread lists that begin with a brace: circles that it had never seen came in when it was mended.)
const DEBTS: &[&str] = &[
    "crates/domain/src/reason.rs: a function is too long",
    "crates/wire/src/fhir/pas/request_more.rs: a function is too long",
    "vigil-desk: sim::run -> sim::demo -> sim::faults -> sim::run",
    "vigil-desk: sim::run -> sim::demo -> sim::run",
    "vigil-desk: sim::run -> sim::hospital -> sim::run",
    "vigil-desk: sim::later -> sim::run -> sim::later",
    "vigil-domain: criteria -> library -> criteria",
    "vigil-domain: library -> requirement -> request -> evidence -> library",
    "vigil-domain: criteria::evaluate -> criteria::relevance -> criteria::evaluate",
    "vigil-domain: case::decide::determine -> case::decide::review -> case::decide::determine",
    "vigil-domain: clock::given -> clock::stops -> clock::given",
    "vigil-domain: criteria::definition -> criteria::outline -> criteria::definition",
    "vigil-domain: law::rule -> law::scope -> law::rule",
    "vigil-print: press -> world -> press",
    "vigil-store: maintain -> engine::seals -> maintain",
    "vigil-store: maintain -> engine::seam -> maintain",
    "vigil-store: commit -> errand -> commit",
    "vigil-store: commit -> rows -> commit",
    "vigil-store: commit -> trail -> commit",
    "vigil-wire: fhir::hospital::evidence -> fhir::hospital::gather -> fhir::hospital::evidence",
    "vigil-wire: fhir::pas::response -> fhir::pas::request_more -> fhir::pas::response",
    "vigil-wire: csv::row -> csv::tables -> csv::row",
];

/// Debts of one kind that no longer stand, and what stands and is no debt.
fn beyond_debts(found: Vec<String>, of_this_kind: impl Fn(&str) -> bool) -> Vec<String> {
    let paid = DEBTS.iter().filter(|d| of_this_kind(d) && !found.iter().any(|f| f == *d));
    let mut beyond: Vec<String> = paid.map(|d| format!("paid: strike this line from DEBTS: {d}")).collect();
    beyond.extend(found.into_iter().filter(|f| !DEBTS.contains(&f.as_str())));
    beyond
}

/// A source file of a crate.
struct Source {
    /// `vigil-desk`, …
    krate: String,
    /// Path from the workspace, with forward slashes.
    path: String,
    /// All of it.
    text: String,
    /// Without tests and comments.
    code: String,
}

impl Source {
    fn is_library(&self) -> bool {
        self.path.contains("/src/")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && path.file_name().is_none_or(|n| n != "target") {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let root = root().canonicalize().unwrap();
    let mut paths = Vec::new();
    walk(&root.join("crates"), &mut paths);
    assert!(paths.len() > 50, "the house has its rooms");
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let path = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let folder = path.split('/').nth(1).unwrap();
        let krate = if folder == "vigil" { "vigil".to_owned() } else { format!("vigil-{folder}") };
        let code = code_of(&text);
        Source { krate, path, text, code }
    };
    paths.iter().map(read).collect()
}

/// The text before the first test module, without comment lines. Line numbers are kept.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let blank = |line: &str| if line.trim_start().starts_with("//") { String::new() } else { line.to_owned() };
    code.lines().map(blank).collect::<Vec<_>>().join("\n")
}

/// Where `finds` says yes: `path:line: the line`.
fn lines_where(source: &Source, finds: impl Fn(&str) -> bool) -> Vec<String> {
    let hits = source.code.lines().enumerate().filter(|(_, line)| finds(line));
    hits.map(|(n, line)| format!("{}:{}: {}", source.path, n + 1, line.trim())).collect()
}

fn nothing(law: &str, found: &[String]) {
    assert!(found.is_empty(), "{law}\n{}", found.join("\n"));
}

/// A word on its own, not a part of another.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
        !letter(line[..at].chars().next_back()) && !letter(line[at + word.len()..].chars().next())
    })
}

#[test]
fn arrows_between_crates_run_down() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("domain", &[][..]),
        ("packs", &["vigil-domain"]),
        ("wire", &["vigil-domain"]),
        ("print", &["vigil-domain"]),
        ("store", &["vigil-domain"]),
        ("desk", &["vigil-domain", "vigil-wire", "vigil-print", "vigil-store"]),
        ("vigil", &["vigil-domain", "vigil-packs", "vigil-wire", "vigil-print", "vigil-store", "vigil-desk"]),
    ]);
    for (folder, allowed) in allowed {
        let manifest = fs::read_to_string(root().join("crates").join(folder).join("Cargo.toml")).unwrap();
        let table: toml::Table = manifest.parse().unwrap();
        let named = table.get("dependencies").and_then(|d| d.as_table()).unwrap();
        let ours: Vec<&str> = named.keys().map(String::as_str).filter(|k| k.starts_with("vigil")).collect();
        for arrow in ours {
            assert!(allowed.contains(&arrow), "{folder} may not depend on {arrow}");
        }
    }
}

#[test]
fn the_domain_names_no_world() {
    let worldly =
        ["std::fs", "std::net", "std::env", "std::process", "std::thread", "std::time", "tokio", "getrandom", "rand::"];
    let mut found = Vec::new();
    for source in sources().iter().filter(|s| s.krate == "vigil-domain" && s.is_library()) {
        found.extend(lines_where(source, |line| worldly.iter().any(|w| line.contains(w)) || line.contains("async fn")));
    }
    nothing("domain has no IO, no async, no randomness", &found);
}

#[test]
fn only_one_file_reads_the_wall_clock() {
    let clocks = ["Timestamp::now(", "Moment::now(", "Zoned::now(", "SystemTime", "Utc::now("];
    let mut found = Vec::new();
    for source in sources().iter().filter(|s| s.is_library() && s.path != "crates/desk/src/time.rs") {
        found.extend(lines_where(source, |line| clocks.iter().any(|c| line.contains(c))));
    }
    nothing("the wall clock is read in desk/time.rs alone", &found);
}

#[test]
fn only_the_engine_knows_sql() {
    let verbs = ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "CREATE TABLE", "PRAGMA "];
    let mut found = Vec::new();
    for source in sources().iter().filter(|s| s.is_library() && !s.path.starts_with("crates/store/src/engine/")) {
        found.extend(lines_where(source, |line| verbs.iter().any(|v| line.contains(&format!("\"{v}")))));
    }
    nothing("SQL is written in store/engine alone", &found);
}

#[test]
fn only_wire_knows_the_standards_field_names() {
    let names = ["resourceType", "fullUrl", "preAuthRef", "itemSequence", "reviewAction", "ClaimResponse"];
    let mut found = Vec::new();
    for source in sources().iter().filter(|s| s.is_library() && s.krate != "vigil-wire") {
        found.extend(lines_where(source, |line| names.iter().any(|n| line.contains(n))));
    }
    nothing("the standard's field names stand in wire alone", &found);
}

#[test]
fn the_house_uses_the_fields_words() {
    // Words of HOUSE section 6 that name something else, or nothing, in this field. Strings are for people and are left out.
    let banned = ["auth", "ticket", "tickets", "p2p", "SLA", "work item"];
    let mut found = Vec::new();
    for source in sources().iter().filter(|s| s.is_library()) {
        found.extend(lines_where(source, |line| banned.iter().any(|w| has_word(&bare(line), w))));
    }
    for source in sources().iter().filter(|s| s.is_library() && s.krate != "vigil-wire") {
        found.extend(lines_where(source, |line| {
            let bare = bare(line).replace("wire::", "");
            has_word(&bare, "claim") || has_word(&bare, "claims")
        }));
    }
    let drawers = ["utils.rs", "util.rs", "common.rs", "helpers.rs", "misc.rs"];
    let in_drawer = |s: &&Source| s.is_library() && drawers.iter().any(|d| s.path.ends_with(&format!("/{d}")));
    found.extend(sources().iter().filter(in_drawer).map(|s| format!("{}: a helper lives with its noun", s.path)));
    nothing("banned words (glossary: never say)", &found);
}

/// A line without its strings, words of names set apart.
fn bare(line: &str) -> String {
    line.split('"').step_by(2).collect::<Vec<_>>().join(" ").replace('_', " ")
}

#[test]
fn files_and_functions_fit_a_reader() {
    let mut found = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > 700 {
            found.push(format!("{}: {lines} lines, at most 700", source.path));
        }
        if !source.text.starts_with("//!") {
            found.push(format!("{}: the first line says what room this is (//! …)", source.path));
        }
        if source.is_library() {
            found.extend(long_functions(&source));
        }
    }
    let found = beyond_debts(found, |debt| debt.contains("too long"));
    nothing("files have at most 700 lines and say what they are; functions have at most 70", &found);
}

fn long_functions(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.code.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(place) = words.iter().position(|w| *w == "fn") else { continue };
        let opens = ["pub", "pub(crate)", "pub(super)", "async", "const", "fn"];
        if !words[..=place].iter().all(|w| opens.contains(w)) || line.trim_end().ends_with(['}', ';']) {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        if let Some(length) = lines[start..].iter().position(|l| *l == close)
            && length + 1 > 70
        {
            found.push(format!("{}: a function is too long", source.path));
        }
    }
    found
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|s| s.is_library()) {
        found.extend(lines_where(source, |line| line.contains(".unwrap()") || line.contains("todo!(")));
    }
    nothing("unwrap and todo stand in tests alone", &found);
}

#[test]
fn pages_have_no_inline_script_or_style() {
    let mut found = Vec::new();
    let mut folders = vec![root().join("crates/vigil/src/web")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "html") {
                let text = fs::read_to_string(&path).unwrap();
                let inline = ["<style", " style=", "<script>", "onclick=", "onsubmit=", "onchange=", "javascript:"];
                let bad = |line: &&str| inline.iter().any(|i| line.contains(i)) || line.contains("//cdn");
                found.extend(text.lines().filter(bad).map(|l| format!("{}: {l}", path.display())));
            }
        }
    }
    nothing("a strict Content-Security-Policy: no inline script or style, no CDN", &found);
}

#[test]
fn every_event_is_in_the_documents() {
    let documents = fs::read_to_string(root().join("docs/events.md")).unwrap();
    for subject in ["case", "stay"] {
        let room = root().join(format!("crates/domain/src/{subject}"));
        let event =
            fs::read_to_string(room.join("event_kind.rs")).or_else(|_| fs::read_to_string(room.join("event.rs")));
        let event = event.unwrap();
        let names = event.split("fn kind(&self)").nth(1).and_then(|rest| rest.split("\n}\n").next()).unwrap();
        let words = names.lines().filter(|line| line.contains("=> \""));
        let kinds: BTreeSet<&str> = words.filter_map(|line| line.split('"').nth(1)).collect();
        assert!(kinds.len() > 10, "the kinds were found: {kinds:?}");
        let chapter = documents.split("# Events of a ").find(|c| c.starts_with(subject)).unwrap_or_default();
        let missing: Vec<String> = kinds
            .iter()
            .filter(|k| **k != "unnamed" && !chapter.contains(&format!("`{k}`")))
            .map(|k| format!("{subject}: {k}"))
            .collect();
        nothing("docs/events.md says what each event means", &missing);
    }
}

#[test]
fn files_of_a_crate_import_each_other_in_one_direction() {
    let all = sources();
    let mut found = Vec::new();
    for krate in all.iter().map(|s| s.krate.clone()).collect::<BTreeSet<_>>() {
        let files: Vec<&Source> = all.iter().filter(|s| s.krate == krate && s.is_library()).collect();
        found.extend(circles(&arrows(&files)).into_iter().map(|circle| format!("{krate}: {circle}")));
    }
    let found = beyond_debts(found, |debt| debt.contains(" -> "));
    nothing("no circle of imports between the files of a crate", &found);
}

/// `crates/x/src/a/b.rs` is the module `a::b`; `a/mod.rs` is `a`; `lib.rs` is the empty path.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.split("/src/").nth(1).unwrap_or_default().trim_end_matches(".rs");
    let mut parts: Vec<String> = inside.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

type Arrows = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

fn arrows(files: &[&Source]) -> Arrows {
    let modules: BTreeSet<Vec<String>> = files.iter().map(|f| module_of(&f.path)).collect();
    let mut arrows = Arrows::new();
    for file in files.iter().filter(|f| !f.path.ends_with("main.rs")) {
        let from = module_of(&file.path);
        for named in uses(&file.code, &from) {
            let to = (0..=named.len()).rev().map(|n| named[..n].to_vec()).find(|m| modules.contains(m));
            // A folder and what is in it are one room: `mod.rs` may name its files and they may name it.
            let Some(to) = to.filter(|to| !to.starts_with(&from) && !from.starts_with(to)) else { continue };
            arrows.entry(from.clone()).or_default().insert(to);
        }
    }
    arrows
}

/// Every path that a file's `use` lines name inside the crate.
fn uses(code: &str, from: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for statement in code.split(';') {
        let Some(at) = statement.rfind("use ") else { continue };
        let line_start = statement[..at].rfind('\n').map_or(0, |n| n + 1);
        if !matches!(statement[line_start..at].trim(), "" | "pub" | "pub(crate)" | "pub(super)") {
            continue;
        }
        let tree: String = statement[at + 4..].split_whitespace().collect::<Vec<_>>().join(" ");
        let (base, rest) = if let Some(rest) = tree.strip_prefix("crate::") {
            (Vec::new(), rest)
        } else if let Some(rest) = tree.strip_prefix("super::") {
            (from[..from.len().saturating_sub(1)].to_vec(), rest)
        } else {
            continue;
        };
        expand(&base, rest, &mut found);
    }
    found
}

/// `a::{b, c::d}` becomes `a::b` and `a::c::d`.
fn expand(base: &[String], tree: &str, found: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    if let Some(rest) = tree.strip_prefix('{') {
        branches(rest.trim_end_matches('}')).iter().for_each(|branch| expand(base, branch, found));
    } else if let Some((head, rest)) = tree.split_once("::{") {
        let mut path = base.to_vec();
        path.extend(head.split("::").filter(|p| !p.is_empty()).map(|p| p.trim().to_owned()));
        branches(rest.trim_end_matches('}')).iter().for_each(|branch| expand(&path, branch, found));
    } else if !tree.is_empty() {
        let mut path = base.to_vec();
        path.extend(tree.split("::").map(|p| p.split(" as ").next().unwrap_or_default().trim().to_owned()));
        found.push(path);
    }
}

/// Splits at commas outside of braces.
fn branches(text: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let mut parts = vec![String::new()];
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    parts
}

/// The circles, each told once by walking from every file as deep as it goes.
fn circles(arrows: &Arrows) -> Vec<String> {
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for start in arrows.keys() {
        let mut path = Vec::new();
        visit(start, arrows, &mut path, &mut done, &mut found);
    }
    found
}

fn visit(
    here: &Vec<String>,
    arrows: &Arrows,
    path: &mut Vec<Vec<String>>,
    done: &mut BTreeSet<Vec<String>>,
    found: &mut Vec<String>,
) {
    if let Some(at) = path.iter().position(|p| p == here) {
        let circle: Vec<String> = path[at..].iter().chain([here]).map(|p| p.join("::")).collect();
        found.push(circle.join(" -> "));
        return;
    }
    if done.contains(here) {
        return;
    }
    path.push(here.clone());
    for next in arrows.get(here).into_iter().flatten() {
        visit(next, arrows, path, done, found);
    }
    path.pop();
    done.insert(here.clone());
}

#[test]
fn the_circle_finder_finds_circles() {
    let mut found = Vec::new();
    expand(&[], "a::{b::C, d::{E, f}, self}", &mut found);
    let names: Vec<String> = found.iter().map(|p| p.join("::")).collect();
    assert_eq!(names, ["a::b::C", "a::d::E", "a::d::f", "a::self"]);
    let one = |name: &str| vec![name.to_owned()];
    let mut arrows = Arrows::new();
    arrows.entry(one("a")).or_default().insert(one("b"));
    arrows.entry(one("b")).or_default().insert(one("c"));
    assert!(circles(&arrows).is_empty());
    arrows.entry(one("c")).or_default().insert(one("a"));
    assert_eq!(circles(&arrows), ["a -> b -> c -> a"]);
}
