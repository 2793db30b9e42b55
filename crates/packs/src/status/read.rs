//! The files of the status room to one book; every complaint names its line.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Table;
use vigil_domain::status::{
    AdmissionGuideline, BookParts, DelayReason, InpatientOnlyList, ListVersion, StatusBook, StatusRule, Timing,
};

use crate::{
    criteria::{dates_to_words, line_with},
    issue::{PackIssue, line_of},
    shelf::{PackFile, Shelf, digest_of},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileToml {
    #[serde(default)]
    rule: Vec<StatusRule>,
    #[serde(default)]
    timing: Vec<Timing>,
    #[serde(default)]
    guideline: Vec<AdmissionGuideline>,
    #[serde(default)]
    list: Vec<ListVersion>,
    #[serde(default)]
    delay: Vec<DelayReason>,
}

/// Where a rule stands.
#[derive(Debug, Clone, Default)]
pub struct StatusPlace {
    /// File.
    pub file: String,
    /// Line of its id.
    pub line: usize,
    /// 0 for embedded.
    pub layer: usize,
}

/// The book and where each rule stands.
#[derive(Debug, Default)]
pub struct StatusRead {
    /// The book.
    pub book: StatusBook,
    /// Place by rule id.
    pub places: BTreeMap<String, StatusPlace>,
}

/// Opens every status file of the shelf, lower layers first.
pub fn read(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> StatusRead {
    let mut files: Vec<&PackFile> =
        shelf.under("status/", ".toml").filter(|f| !f.path.ends_with(".cases.toml")).collect();
    files.sort_by_key(|file| file.layer);
    let mut parts = BookParts::default();
    let mut places: BTreeMap<String, StatusPlace> = BTreeMap::new();
    let mut versions: Vec<ListVersion> = Vec::new();
    let mut texts = String::new();
    for file in files {
        texts.push_str(&file.path);
        texts.push_str(&file.text);
        let Some(found) = parse(file, issues) else { continue };
        for rule in found.rule {
            take(rule, file, &mut parts.rules, &mut places, issues);
        }
        found.timing.into_iter().for_each(|timing| replace(&mut parts.timings, timing, |t| &t.id));
        found.guideline.into_iter().for_each(|guideline| replace(&mut parts.guidelines, guideline, |g| &g.id));
        found.list.into_iter().for_each(|list| replace(&mut versions, list, |l| &l.id));
        found.delay.into_iter().for_each(|delay| replace(&mut parts.delays, delay, |d| &d.code));
    }
    parts.list = InpatientOnlyList::new(versions);
    parts.digest = digest_of(&texts);
    StatusRead { book: StatusBook::new(parts), places }
}

/// The later of two entries of one name stands, in the place of the first.
fn replace<T>(all: &mut Vec<T>, one: T, name: impl Fn(&T) -> &String) {
    match all.iter().position(|have| name(have) == name(&one)) {
        Some(place) => all[place] = one,
        None => all.push(one),
    }
}

fn take(
    mut rule: StatusRule,
    file: &PackFile,
    rules: &mut Vec<StatusRule>,
    places: &mut BTreeMap<String, StatusPlace>,
    issues: &mut Vec<PackIssue>,
) {
    let replaces = rule.replaces.take();
    let line = line_with(&file.text, &format!("id = \"{}\"", rule.id));
    rule.canonical = serde_json::to_string(&rule).unwrap_or_default();
    rule.digest = digest_of(&rule.canonical);
    let mut complain = |says: String| issues.push(PackIssue::new(&file.path, line, says));
    let place = StatusPlace { file: file.path.clone(), line, layer: file.layer };
    if let Some(old) = rules.iter().position(|have| have.id == rule.id) {
        let wanted = format!("{}@{}", rule.id, rules[old].digest);
        if places.get(&rule.id).is_some_and(|have| have.layer == file.layer) {
            complain(format!("rule {} is declared twice: give each version its own id", rule.id));
        } else if replaces.as_deref() != Some(&wanted) {
            complain(format!("rule {} is shipped; to take it over write replaces = \"{wanted}\"", rule.id));
        } else {
            places.insert(rule.id.clone(), place);
            rules[old] = rule;
        }
        return;
    }
    if let Some(unknown) = replaces {
        complain(format!("replaces {unknown:?}: no such rule"));
    }
    places.insert(rule.id.clone(), place);
    rules.push(rule);
}

fn parse(file: &PackFile, issues: &mut Vec<PackIssue>) -> Option<FileToml> {
    let table = file.text.parse::<Table>().and_then(|mut table| {
        table.iter_mut().for_each(|(_, value)| dates_to_words(value));
        table.try_into::<FileToml>()
    });
    match table {
        Ok(read) => Some(read),
        Err(e) => {
            let named = e.message().split('`').nth(1).map_or(0, |word| line_with(&file.text, word));
            let line = e.span().map_or(named, |span| line_of(&file.text, span.start));
            issues.push(PackIssue::new(&file.path, line, e.message()));
            None
        }
    }
}
