//! Notice packs: reads `notices/**`, joins common element sets, checks that every required element has words, and seals
//! each template with the digest of its canonical form.

mod check;
mod draft;

use std::collections::BTreeMap;

use vigil_domain::notice::{Body, FieldSpec, NoticeBook, NoticeTemplate, Words};

use crate::{
    issue::{PackIssue, line_of},
    shelf::{PackFile, Shelf, digest_of},
};
use draft::{CommonFile, Draft, FieldsFile};

const ROOT: &str = "notices/";

/// Reads this room's packs from the shelf.
pub fn load(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> NoticeBook {
    let fields = read_fields(shelf, issues);
    let sets = read_sets(shelf, issues);
    let mut by_id: BTreeMap<String, (usize, NoticeTemplate)> = BTreeMap::new();
    for file in shelf.under(ROOT, "/notice.toml") {
        let Some(draft) = parse::<Draft>(file, issues) else { continue };
        let lower = by_id.get(&draft.id).map(|(_, template)| template);
        let replaced = draft.replaces.clone();
        let loosens = draft.loosens.is_some();
        let Some(template) = build(shelf, file, draft, &sets, &fields, issues) else { continue };
        check::replacement(file, &template, lower, replaced.as_deref(), loosens, issues);
        by_id.insert(template.id.clone(), (file.layer, template));
    }
    stray_bodies(shelf, issues);
    check::unambiguous(by_id.values().map(|(_, template)| template), issues);
    let mut book = NoticeBook::new(by_id.into_values().map(|(_, template)| template));
    for file in shelf.under("notices/words.", ".toml") {
        if let Some(words) = parse::<draft::WordsFile>(file, issues) {
            book.learn(&words.language, Words { units: words.unit, words: words.words });
        }
    }
    book
}

/// Reads a template back from its canonical form, as the log keeps it.
pub fn reopen(canonical: &str) -> Result<NoticeTemplate, serde_json::Error> {
    let mut template: NoticeTemplate = serde_json::from_str(canonical)?;
    template.digest = digest_of(canonical);
    template.canonical = canonical.to_owned();
    Ok(template)
}

fn parse<T: serde::de::DeserializeOwned>(file: &PackFile, issues: &mut Vec<PackIssue>) -> Option<T> {
    match toml::from_str(&file.text) {
        Ok(value) => Some(value),
        Err(error) => {
            let line = error.span().map_or(0, |span| line_of(&file.text, span.start));
            issues.push(PackIssue::new(&file.path, line, error.message()));
            None
        }
    }
}

fn read_fields(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> BTreeMap<String, FieldSpec> {
    let files = shelf.under(ROOT, "/fields.toml");
    files.filter_map(|file| parse::<FieldsFile>(file, issues)).flat_map(|file| file.field).collect()
}

fn read_sets(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> BTreeMap<String, draft::CommonSet> {
    let mut sets = BTreeMap::new();
    for file in shelf.under("notices/common/", ".toml") {
        let Some(common) = parse::<CommonFile>(file, issues) else { continue };
        for set in common.set {
            sets.insert(set.id.clone(), set);
        }
    }
    sets
}

fn build(
    shelf: &Shelf,
    file: &PackFile,
    draft: Draft,
    sets: &BTreeMap<String, draft::CommonSet>,
    catalogue: &BTreeMap<String, FieldSpec>,
    issues: &mut Vec<PackIssue>,
) -> Option<NoticeTemplate> {
    let folder = file.path.strip_suffix("notice.toml")?;
    check::id_is_path(file, folder, &draft.id, issues);
    let include = draft.include.clone();
    let mut template = draft.into_template();
    for name in &include {
        let Some(set) = sets.get(name) else {
            let line = check::line_with(&file.text, name);
            issues.push(PackIssue::new(&file.path, line, format!("no common set {name:?} in notices/common")));
            continue;
        };
        template.language_rules.extend(set.language_rules.iter().cloned());
        for element in &set.element {
            if !template.elements.iter().any(|own| own.id == element.id) {
                template.elements.push(element.clone());
            }
        }
    }
    let bodies = read_bodies(shelf, folder, file.layer, issues);
    check::template(file, &template, &bodies, catalogue, issues);
    template.fields = used_fields(&template, &bodies, catalogue);
    template.bodies = bodies.into_iter().map(|(language, (_, body))| (language, body)).collect();
    seal(file, template, issues)
}

/// Bodies of a folder by language with the path they came from; a higher layer's word wins.
fn read_bodies(
    shelf: &Shelf,
    folder: &str,
    layer: usize,
    issues: &mut Vec<PackIssue>,
) -> BTreeMap<String, (String, Body)> {
    let mut bodies = BTreeMap::new();
    for file in shelf.under(folder, ".md").filter(|file| file.layer <= layer) {
        let name = &file.path[folder.len()..];
        let Some(language) = name.strip_prefix("body.").and_then(|rest| rest.strip_suffix(".md")) else { continue };
        match Body::parse(&file.text) {
            Ok(body) => {
                bodies.insert(language.to_owned(), (file.path.clone(), body));
            }
            Err(fault) => issues.push(PackIssue::new(&file.path, fault.line, fault.message)),
        }
    }
    bodies
}

fn used_fields(
    template: &NoticeTemplate,
    bodies: &BTreeMap<String, (String, Body)>,
    catalogue: &BTreeMap<String, FieldSpec>,
) -> BTreeMap<String, FieldSpec> {
    let in_words = bodies.values().flat_map(|(_, body)| body.uses()).map(|used| used.name.as_str());
    let in_elements = template.elements.iter().flat_map(|e| {
        let lists = e.fields.iter().chain(&e.any_of).map(|name| name.split('.').next().unwrap_or(name));
        lists.chain(e.when.as_deref()).chain(e.unless.as_deref())
    });
    let used = in_words.chain(in_elements);
    used.filter_map(|name| catalogue.get_key_value(name)).map(|(name, spec)| (name.clone(), spec.clone())).collect()
}

fn seal(file: &PackFile, mut template: NoticeTemplate, issues: &mut Vec<PackIssue>) -> Option<NoticeTemplate> {
    match serde_json::to_string(&template) {
        Ok(canonical) => {
            template.digest = digest_of(&canonical);
            template.canonical = canonical;
            Some(template)
        }
        Err(error) => {
            issues.push(PackIssue::new(&file.path, 0, format!("no canonical form: {error}")));
            None
        }
    }
}

/// A body without a `notice.toml` in its own folder and layer is never read in silence.
fn stray_bodies(shelf: &Shelf, issues: &mut Vec<PackIssue>) {
    let tomls: Vec<(String, usize)> = shelf.under(ROOT, "/notice.toml").map(|f| (f.path.clone(), f.layer)).collect();
    for file in shelf.under(ROOT, ".md").filter(|file| !file.path.ends_with("README.md")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let beside = (format!("{folder}/notice.toml"), file.layer);
        if !tomls.contains(&beside) {
            let message = "a body needs a notice.toml beside it; in an overlay that one says replaces = \"id@digest\"";
            issues.push(PackIssue::new(&file.path, 0, message));
        }
    }
}
