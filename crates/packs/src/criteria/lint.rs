//! The lint of criteria packs, and their worked examples run against them.

use serde::Deserialize;
use toml::{Table, Value};
use vigil_domain::{
    code::CodeSystem,
    criteria::{CriteriaBook, Definition, FactKind, Facts, Outcome, Service, evaluate, unit},
    evidence::{Source, Value as Stated},
};

use super::line_with;
use crate::{
    issue::{PackIssue, line_of},
    shelf::{PackFile, Shelf},
};

/// Lints and runs the worked examples of the criteria and requirement packs; what does not even load is said on opening.
pub fn check(shelf: &Shelf, issues: &mut Vec<PackIssue>) {
    let mut said_on_opening = Vec::new();
    let book = super::load(shelf, &mut said_on_opening);
    lint(shelf, &book, issues);
    let requirements = crate::requirement::load(shelf, &book, &mut said_on_opening);
    crate::requirement::lint(shelf, &requirements, issues);
}

/// Everything that can be wrong with a criteria pack and still load: unused facts, units that do not convert, machine
/// codes without a reason for their age limit, missing or failing worked examples.
pub fn lint(shelf: &Shelf, book: &CriteriaBook, issues: &mut Vec<PackIssue>) {
    for file in shelf.under("criteria/", ".toml").filter(|file| super::is_pack(&file.path)) {
        let Ok((service, _)) = super::read(&file.text) else { continue };
        if book.by_digest(service.digest()).is_none() {
            // An overlay took its place.
            continue;
        }
        let mut say = |words: &str, says: String| {
            issues.push(PackIssue::new(&file.path, line_with(&file.text, words), says));
        };
        header(file, service.definition(), &mut say);
        facts(&service, &mut say);
        examples(shelf, file, &service, issues);
    }
}

fn header(file: &PackFile, pack: &Definition, say: &mut impl FnMut(&str, String)) {
    let expected = format!("criteria/{}/{}.toml", pack.id, pack.version);
    if file.path != expected {
        say("id = ", format!("this file must stand at {expected}"));
    }
    if pack.specialties.is_empty() && !pack.illustrative {
        say("specialties", "no specialties: nobody could show expertise appropriate to the service".into());
    }
    if pack.codes.binding().next().is_none() && pack.codes.note.is_empty() {
        say("[codes]", "no code binds a line to this pack; say why in codes.note".into());
    }
    for authority in &pack.authority {
        let place = format!("cite = \"{}\"", authority.cite);
        if !["primary", "mirror", "secondary"].contains(&authority.tier.as_str()) {
            say(&place, format!("tier {:?}: use primary, mirror or secondary", authority.tier));
        }
        if !["source seen", "from knowledge, verify"].contains(&authority.confidence.as_str()) {
            say(&place, format!("confidence {:?}: use source seen, or from knowledge, verify", authority.confidence));
        }
        if !authority.rank.is_known() {
            say(&place, format!("rank {} is unknown", authority.rank));
        }
        if authority.source_url.is_empty() && !pack.illustrative {
            say(&place, "source_url is missing".into());
        }
    }
}

fn facts(service: &Service, say: &mut impl FnMut(&str, String)) {
    for fact in &service.definition().facts {
        let place = format!("id = \"{}\"", fact.id);
        if !service.asks(&fact.id) {
            say(&place, format!("fact {} is never asked by the tree", fact.id));
        }
        match (&fact.kind, &fact.unit) {
            (FactKind::Quantity, None) => {
                say(&place, format!("quantity {} has no unit; a bare count is \"1\"", fact.id))
            }
            (FactKind::Quantity, Some(unit)) if !fact.codes.is_empty() && !unit::known(unit) => {
                say(&place, format!("unit {unit} of {} cannot be converted", fact.id));
            }
            (FactKind::Boolean | FactKind::Choice, Some(_)) => say(&place, format!("{} cannot have a unit", fact.id)),
            _ => {}
        }
        if fact.max_age_days.is_some() && fact.codes.is_empty() {
            say(&place, format!("{} has max_age_days and no machine code", fact.id));
        }
        if fact.max_age_days.is_some() && fact.own_choice.is_none() && !gives_an_age(&fact.window) {
            say(&place, format!("{}: its window is words; say in own_choice where max_age_days comes from", fact.id));
        }
        if fact.codes.iter().any(|code| !code.system.is_known() || code.system == CodeSystem::Cpt) {
            say(&place, format!("{}: a code's system is unknown or licensed", fact.id));
        }
    }
}

/// `last 6 months`: a window that itself gives an oldest age.
fn gives_an_age(window: &str) -> bool {
    (window.starts_with("last ") || window.starts_with("previous ")) && window.contains(|c: char| c.is_ascii_digit())
}

#[derive(Deserialize)]
struct CaseFile {
    #[serde(default, rename = "case")]
    cases: Vec<toml::Spanned<Example>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    why: String,
    expect: Outcome,
    facts: Table,
}

fn examples(shelf: &Shelf, pack: &PackFile, service: &Service, issues: &mut Vec<PackIssue>) {
    let path = pack.path.replace(".toml", ".cases.toml");
    let Some(file) = shelf.under(&path, "").find(|file| file.layer == pack.layer) else {
        return issues.push(PackIssue::new(&pack.path, 1, format!("its worked examples {path} are missing")));
    };
    let read: CaseFile = match toml::from_str(&file.text) {
        Ok(read) => read,
        Err(e) => {
            let line = e.span().map_or(0, |span| line_of(&file.text, span.start));
            return issues.push(PackIssue::new(&path, line, e.message()));
        }
    };
    for outcome in [Outcome::Met, Outcome::NotMet, Outcome::Unknown] {
        if !read.cases.iter().any(|case| case.get_ref().expect == outcome) {
            issues.push(PackIssue::new(&path, 1, format!("no worked example comes out {}", outcome.word())));
        }
    }
    for case in &read.cases {
        let line = line_of(&file.text, case.span().start);
        match result_of(service, &case.get_ref().facts) {
            Err(says) => issues.push(PackIssue::new(&path, line, says.join("; "))),
            Ok(result) if result != case.get_ref().expect => {
                let (expect, why) = (case.get_ref().expect.word(), &case.get_ref().why);
                let says = format!("{why}: expected {expect}, comes out {}", result.word());
                issues.push(PackIssue::new(&path, line, says));
            }
            Ok(_) => {}
        }
    }
}

fn result_of(service: &Service, table: &Table) -> Result<Outcome, Vec<String>> {
    let mut values = Vec::new();
    for (name, value) in table {
        values.push((name.as_str(), stated(value).ok_or_else(|| vec![format!("{name}: not a value of a fact")])?));
    }
    let source = Source::Questionnaire("worked example".into());
    Ok(evaluate(service, &Facts::from_values(service, values, &source)?).result)
}

fn stated(value: &Value) -> Option<Stated> {
    match value {
        Value::Boolean(b) => Some(Stated::Bool(*b)),
        Value::Integer(n) => Some(Stated::Number(*n as f64)),
        Value::Float(n) => Some(Stated::Number(*n)),
        Value::String(s) => Some(Stated::Text(s.clone())),
        _ => None,
    }
}
