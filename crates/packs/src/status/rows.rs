//! Runs the worked examples (`status/**/*.cases.toml`): every row is facts, a moment and the answer worked by hand.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use toml::{Spanned, Table};
use vigil_domain::{
    status::{ListVersion, StatusBook},
    time::{Moment, Zone},
};

use super::{
    ask::{answer, local, make_instants, zone_of},
    read::StatusRead,
};
use crate::{
    criteria::dates_to_words,
    issue::{PackIssue, line_of},
    shelf::{PackFile, Shelf},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileToml {
    /// Facts that rows start from, by name.
    #[serde(default)]
    base: BTreeMap<String, toml::Value>,
    /// Inpatient-only lists of made-up codes, for these rows alone.
    #[serde(default)]
    list: Vec<ListVersion>,
    #[serde(default)]
    case: Vec<CaseToml>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseToml {
    name: String,
    rule: String,
    ask: String,
    base: Option<String>,
    now: String,
    facts: Option<toml::Value>,
    expect: toml::Value,
}

#[derive(Deserialize)]
struct Names {
    #[serde(default)]
    case: Vec<Name>,
}

#[derive(Deserialize)]
struct Name {
    name: Spanned<String>,
}

/// One row as it ran.
#[derive(Debug, Clone)]
pub struct StatusRow {
    /// The sentence that names it.
    pub name: String,
    /// The rule it shows.
    pub rule: String,
    /// What was asked.
    pub ask: String,
    /// File of the row.
    pub file: String,
    /// Line of the row.
    pub line: usize,
    /// What was expected, as JSON; rows on two sides of a boundary differ in it.
    pub expected: String,
}

/// Runs every row of the shelf; rows that differ from their hand-worked answer become issues.
pub fn run(shelf: &Shelf, read: &StatusRead, issues: &mut Vec<PackIssue>) -> Vec<StatusRow> {
    shelf.under("status/", ".cases.toml").flat_map(|file| run_file(file, read, issues)).collect()
}

fn run_file(file: &PackFile, read: &StatusRead, issues: &mut Vec<PackIssue>) -> Vec<StatusRow> {
    let parsed = file.text.parse::<Table>().and_then(|mut table| {
        table.iter_mut().for_each(|(_, value)| dates_to_words(value));
        table.try_into::<FileToml>()
    });
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            let line = error.span().map_or(0, |span| line_of(&file.text, span.start));
            issues.push(PackIssue::new(&file.path, line, error.message()));
            return Vec::new();
        }
    };
    let lines: Vec<usize> = toml::from_str::<Names>(&file.text).map_or_else(
        |_| Vec::new(),
        |names| names.case.iter().map(|case| line_of(&file.text, case.name.span().start)).collect(),
    );
    let book = read.book.with_lists(parsed.list);
    let mut rows = Vec::with_capacity(parsed.case.len());
    for (place, case) in parsed.case.into_iter().enumerate() {
        let line = lines.get(place).copied().unwrap_or(0);
        if read.places.get(&case.rule).is_some_and(|place| place.layer > file.layer) {
            continue;
        }
        let mut complain =
            |says: String| issues.push(PackIssue::new(&file.path, line, format!("{}: {says}", case.name)));
        if !read.places.contains_key(&case.rule) && !known_elsewhere(&read.book, &case.rule) {
            complain(format!("no rule, timing or guideline {:?}", case.rule));
        }
        match one(&case, &parsed.base, &book) {
            Ok(None) => {}
            Ok(Some(differs)) | Err(differs) => complain(differs),
        }
        rows.push(StatusRow {
            expected: serde_json::to_string(&case.expect).unwrap_or_default(),
            name: case.name,
            rule: case.rule,
            ask: case.ask,
            file: file.path.clone(),
            line,
        });
    }
    rows
}

fn known_elsewhere(book: &StatusBook, id: &str) -> bool {
    book.timing(id).is_some()
        || book.guidelines().iter().any(|guideline| guideline.id == id)
        || book.delay(id).is_some()
}

/// What differs, if anything.
fn one(case: &CaseToml, bases: &BTreeMap<String, toml::Value>, book: &StatusBook) -> Result<Option<String>, String> {
    let json = |value: &toml::Value| serde_json::to_value(value).map_err(|error| error.to_string());
    let mut facts = match &case.base {
        Some(name) => json(bases.get(name).ok_or_else(|| format!("no base {name:?}"))?)?,
        None => Value::Object(serde_json::Map::new()),
    };
    if let Some(more) = &case.facts {
        lay_over(&mut facts, json(more)?);
    }
    let zone = zone_of(&facts).or_else(|| Zone::named("America/New_York").ok()).ok_or("no zone")?;
    let now = local(&case.now, &zone).ok_or_else(|| format!("now: {:?} is not a local time", case.now))?;
    make_instants(&mut facts, &zone)?;
    let found = answer(&case.ask, &facts, book, now)?;
    let mut expected = json(&case.expect)?;
    make_instants(&mut expected, &zone)?;
    Ok(differs(&expected, &found, &zone, "answer"))
}

/// Lays facts over a base, deep; `"~"` takes a fact away.
fn lay_over(base: &mut Value, more: Value) {
    match (base, more) {
        (Value::Object(base), Value::Object(more)) => {
            for (name, value) in more {
                if value == Value::String("~".to_owned()) {
                    base.remove(&name);
                } else {
                    lay_over(base.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (base, more) => *base = more,
    }
}

/// The expected part of an answer must be there; of a list, each expected entry must fit some entry. `"none"` stands for
/// nothing, and `name!` for an entry that no entry of the list `name` may fit.
fn differs(expected: &Value, found: &Value, zone: &Zone, path: &str) -> Option<String> {
    let nothing = found.is_null() || found.as_array().is_some_and(Vec::is_empty);
    match (expected, found) {
        (Value::String(none), _) if none == "none" && nothing => None,
        (Value::Object(expected), _) => expected.iter().find_map(|(name, value)| {
            if let Some(name) = name.strip_suffix('!') {
                let entries = found.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let there = entries.iter().any(|entry| differs(value, entry, zone, path).is_none());
                return there.then(|| format!("{path}.{name}: by hand without {value}, by the engine with it"));
            }
            differs(value, found.get(name).unwrap_or(&Value::Null), zone, &format!("{path}.{name}"))
        }),
        (Value::Array(expected), Value::Array(have)) => expected.iter().find_map(|entry| {
            let fits = have.iter().any(|one| differs(entry, one, zone, path).is_none());
            (!fits).then(|| format!("{path}: by hand it holds {entry}, by the engine {}", shown(found, zone)))
        }),
        (Value::String(a), Value::String(b)) if instant(a).is_some() && instant(a) == instant(b) => None,
        _ if expected == found => None,
        _ => Some(format!("{path}: by hand {}, by the engine {}", shown(expected, zone), shown(found, zone))),
    }
}

fn instant(text: &str) -> Option<Moment> {
    text.parse().ok()
}

fn shown(value: &Value, zone: &Zone) -> String {
    match value.as_str().and_then(instant) {
        Some(at) => zone.at(at).strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
        None => value.to_string(),
    }
}
