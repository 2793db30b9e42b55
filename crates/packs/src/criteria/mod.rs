//! Criteria packs: `criteria/<service>/<version>.toml`, read into [`CriteriaBook`]; their worked examples stand beside
//! them in `<version>.cases.toml`. The form is explained in `packs/criteria/README.md`.

pub mod lint;

use serde::Deserialize;
use toml::{Table, Value};
use vigil_domain::criteria::{CriteriaBook, Definition, IndividualReview, Service, outline};

use crate::{
    issue::{PackIssue, line_of},
    shelf::{PackFile, Shelf, digest_of},
};

/// A pack with the file it came from.
struct Placed<'a> {
    file: &'a PackFile,
    service: Service,
    replaces: Option<String>,
}

/// Reads this room's packs from the shelf. A pack of an overlay takes the place of an earlier one only when it says
/// `replaces = "<id>@<digest>"`; a later version of a service ends the one before it.
pub fn load(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> CriteriaBook {
    let mut placed: Vec<Placed<'_>> = Vec::new();
    let mut files: Vec<&PackFile> = shelf.under("criteria/", ".toml").filter(|file| is_pack(&file.path)).collect();
    files.sort_by_key(|file| file.layer);
    for file in files {
        match read(&file.text) {
            Err(found) => {
                issues.extend(found.into_iter().map(|(line, says)| PackIssue::new(&file.path, line, says)));
            }
            Ok((service, replaces)) => placed.push(Placed { file, service, replaces }),
        }
    }
    let placed = overlay(placed, issues);
    succession(&placed, issues);
    CriteriaBook::new(placed.into_iter().map(|p| p.service), individual(shelf, issues))
}

fn is_pack(path: &str) -> bool {
    !path.ends_with(".cases.toml") && path.matches('/').count() == 2
}

/// Reads the canonical text of a pinned version back.
pub fn from_canonical(text: &str) -> Result<Service, Vec<String>> {
    match read(text) {
        Ok((service, _)) => Ok(service),
        Err(found) => Err(found.into_iter().map(|(_, says)| says).collect()),
    }
}

type Complaint = (usize, String);

fn read(text: &str) -> Result<(Service, Option<String>), Vec<Complaint>> {
    let mut table: Table = text.parse().map_err(|e: toml::de::Error| {
        vec![(e.span().map_or(0, |span| line_of(text, span.start)), e.message().to_owned())]
    })?;
    table.iter_mut().for_each(|(_, value)| dates_to_words(value));
    let replaces = match table.remove("replaces") {
        Some(Value::String(what)) => Some(what),
        _ => None,
    };
    let tree_line = line_with(text, "tree = ");
    if let Some(Value::String(tree)) = table.get("tree")
        && let Err(error) = outline::parse(tree)
    {
        return Err(vec![(tree_line + error.line, error.says)]);
    }
    let definition: Definition = table.try_into().map_err(|e: toml::de::Error| {
        let named = e.message().split('`').nth(1).map_or(0, |word| line_with(text, word));
        vec![(named, e.message().to_owned())]
    })?;
    let canonical = toml::to_string(&definition).map_err(|e| vec![(0, e.to_string())])?;
    let digest = digest_of(&canonical);
    match Service::compile(definition, canonical, digest) {
        Ok(service) => Ok((service, replaces)),
        Err(problems) => Err(problems
            .into_iter()
            .map(|says| {
                let fact = says.split("fact ").nth(1).and_then(|rest| rest.split([' ', ',', ':']).next());
                (fact.map_or(tree_line, |fact| tree_line.max(line_from(text, tree_line, fact))), says)
            })
            .collect()),
    }
}

/// A native TOML date becomes its ISO words, which is how the canonical text and the domain hold it.
pub(crate) fn dates_to_words(value: &mut Value) {
    match value {
        Value::Datetime(date) => *value = Value::String(date.to_string()),
        Value::Array(items) => items.iter_mut().for_each(dates_to_words),
        Value::Table(table) => table.iter_mut().for_each(|(_, value)| dates_to_words(value)),
        _ => {}
    }
}

/// The first line (from 1) that holds the words; 0 when none does.
pub(crate) fn line_with(text: &str, words: &str) -> usize {
    text.find(words).map_or(0, |at| line_of(text, at))
}

fn line_from(text: &str, line: usize, words: &str) -> usize {
    let found = text.lines().enumerate().skip(line.saturating_sub(1)).find(|(_, l)| l.contains(words));
    found.map_or(line, |(index, _)| index + 1)
}

fn overlay<'a>(placed: Vec<Placed<'a>>, issues: &mut Vec<PackIssue>) -> Vec<Placed<'a>> {
    let mut kept: Vec<Placed<'a>> = Vec::new();
    for pack in placed {
        if let Some(what) = &pack.replaces {
            let named = |other: &Placed<'_>| {
                what.split_once('@').is_some_and(|(id, digest)| {
                    digest.len() >= 12
                        && other.service.definition().id == id
                        && other.service.digest().starts_with(digest)
                        && other.file.layer < pack.file.layer
                })
            };
            match kept.iter().position(named) {
                Some(place) => {
                    kept.remove(place);
                }
                None => issues.push(PackIssue::new(
                    &pack.file.path,
                    line_with(&pack.file.text, "replaces"),
                    format!("replaces {what:?}: no pack below this overlay has that id and digest (id@digest)"),
                )),
            }
        }
        kept.push(pack);
    }
    kept
}

/// Exactly one version of a service on each day: one begins where the one before it ends.
fn succession(placed: &[Placed<'_>], issues: &mut Vec<PackIssue>) {
    let mut order: Vec<&Placed<'_>> = placed.iter().collect();
    order.sort_by_key(|p| (p.service.definition().id.clone(), p.service.definition().from));
    for pair in order.windows(2) {
        let [before, after] = pair else { continue };
        let (old, new) = (before.service.definition(), after.service.definition());
        if old.id != new.id {
            continue;
        }
        let clash = if old.from == new.from {
            Some("begins on the same day as")
        } else if old.through.is_some() && old.through >= new.from {
            Some("begins before the end of")
        } else if old.through.is_some_and(|end| end.tomorrow().ok() != new.from) {
            Some("leaves a gap after")
        } else {
            None
        };
        if let Some(how) = clash {
            let line = line_with(&after.file.text, "\nfrom = ") + 1;
            let says = format!(
                "version {} of {} {how} version {} ({}); an overlay that takes its place says replaces = \"{}@{}\"",
                new.version,
                new.id,
                old.version,
                before.file.path,
                old.id,
                before.service.digest()
            );
            issues.push(PackIssue::new(&after.file.path, line, says));
        }
    }
}

#[derive(Deserialize)]
struct IndividualFile {
    rule: Vec<IndividualReview>,
}

fn individual(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> Vec<IndividualReview> {
    let mut found = Vec::new();
    for file in shelf.under("criteria/individual-review", ".toml") {
        match toml::from_str::<IndividualFile>(&file.text) {
            Ok(read) => found.extend(read.rule),
            Err(e) => {
                let line = e.span().map_or(0, |span| line_of(&file.text, span.start));
                issues.push(PackIssue::new(&file.path, line, e.message()));
            }
        }
    }
    found
}
