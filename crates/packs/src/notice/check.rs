//! What can be wrong with a notice: an element without words, an undeclared field, two notices for one purpose.

use std::collections::{BTreeMap, BTreeSet};

use vigil_domain::notice::{Body, Element, FieldKind, FieldSpec, NoticeTemplate};

use crate::{issue::PackIssue, shelf::PackFile};

/// Bodies by language with the path each came from.
type Bodies = BTreeMap<String, (String, Body)>;
type Catalogue = BTreeMap<String, FieldSpec>;

/// The line of the first `"word"` in a text; 0 when it is not there.
pub(super) fn line_with(text: &str, word: &str) -> usize {
    let quoted = format!("\"{word}\"");
    text.lines().position(|line| line.contains(&quoted)).map_or(0, |index| index + 1)
}

/// The id is the folder with dots.
pub(super) fn id_is_path(file: &PackFile, folder: &str, id: &str, issues: &mut Vec<PackIssue>) {
    let expected = folder.trim_start_matches("notices/").trim_end_matches('/').replace('/', ".");
    if expected != id {
        issues.push(PackIssue::new(
            &file.path,
            line_with(&file.text, id),
            format!("id is {id:?}; this folder holds {expected:?}"),
        ));
    }
}

/// Everything about one template and its words.
pub(super) fn template(
    file: &PackFile,
    template: &NoticeTemplate,
    bodies: &Bodies,
    catalogue: &Catalogue,
    issues: &mut Vec<PackIssue>,
) {
    let mut say = |line: usize, message: String| issues.push(PackIssue::new(&file.path, line, message));
    match (&template.form, bodies.is_empty()) {
        (Some(form), false) if !form.own => {
            say(0, "an official form is filled, never retyped: remove its body".to_owned())
        }
        (None, true) => say(0, "a notice without form needs body.en.md".to_owned()),
        (Some(form), true) if form.own => say(0, "the sender's own letter needs body.en.md".to_owned()),
        _ => {}
    }
    if !template.title.contains_key("en") {
        say(line_with(&file.text, &template.id), "title.en is missing".to_owned());
    }
    let mut seen = BTreeSet::new();
    for element in &template.elements {
        let line = line_with(&file.text, &element.id);
        if !seen.insert(&element.id) {
            say(line, format!("element {:?} stands twice", element.id));
        }
        if element.cite.trim().is_empty() || element.asks.trim().is_empty() {
            say(line, format!("element {:?} needs asks and cite", element.id));
        }
        let named = element.fields.iter().chain(&element.any_of).chain(&element.when).chain(&element.unless);
        for name in named.filter(|name| !declared(name, catalogue)) {
            say(
                line,
                format!(
                    "element {:?} names the field {name:?}, which notices/fields.toml does not declare",
                    element.id
                ),
            );
        }
        if let Some(last) = &element.last_day {
            let day = catalogue.get(&last.field).is_some_and(|spec| spec.kind == FieldKind::Day);
            if !day || !element.fields.contains(&last.field) || last.months + last.days == 0 {
                say(
                    line,
                    format!("element {:?}: last_day counts months or days into a day of its own fields", element.id),
                );
            }
        }
        for (language, (_, body)) in bodies {
            for message in unplaced(element, language, body) {
                say(line, message);
            }
        }
    }
    for (path, body) in bodies.values() {
        words(path, body, template, catalogue, issues);
    }
    for language in bodies.keys().filter(|language| !template.title.contains_key(*language)) {
        issues.push(PackIssue::new(
            &file.path,
            0,
            format!("title.{language} is missing though body.{language}.md is here"),
        ));
    }
}

/// Complaints about one element in one body.
fn unplaced(element: &Element, language: &str, body: &Body) -> Vec<String> {
    let Some(printed) = body.placed().get(&element.id) else {
        return vec![format!(
            "required element {:?} ({}) has no words in body.{language}.md: put <!-- {} --> above them",
            element.id, element.cite, element.id
        )];
    };
    let fields = element.fields.iter().chain(&element.any_of);
    let lacking = fields.filter(|name| !printed.contains(name.rsplit('.').next().unwrap_or(name)));
    lacking
        .map(|name| {
            format!("element {:?} must print {name} and body.{language}.md does not, under its mark", element.id)
        })
        .collect()
}

/// Marks and placeholders of one body.
fn words(path: &str, body: &Body, template: &NoticeTemplate, catalogue: &Catalogue, issues: &mut Vec<PackIssue>) {
    for (mark, line) in body.marks() {
        if !template.elements.iter().any(|element| element.id == *mark) {
            issues.push(PackIssue::new(path, *line, format!("<!-- {mark} --> names no element of {}", template.id)));
        }
    }
    for used in body.uses() {
        let is_part = used
            .within
            .as_ref()
            .and_then(|list| catalogue.get(list))
            .is_some_and(|list| list.parts.contains(&used.name) || (list.parts.is_empty() && used.name == "item"));
        let complaint = match catalogue.get(&used.name) {
            _ if is_part => continue,
            None => format!("{{{{{}}}}} is not declared in notices/fields.toml", used.name),
            Some(spec) if used.printed && spec.kind == FieldKind::Flag => {
                format!("{} is a flag and cannot be printed", used.name)
            }
            Some(spec) if used.printed && !spec.parts.is_empty() => {
                format!("{} has parts: walk it with {{{{#each}}}}", used.name)
            }
            Some(_) => continue,
        };
        issues.push(PackIssue::new(path, used.line, complaint));
    }
}

/// Whether `field` or `list.part` is in the catalogue.
fn declared(name: &str, catalogue: &Catalogue) -> bool {
    match name.split_once('.') {
        None => catalogue.contains_key(name),
        Some((list, part)) => catalogue.get(list).is_some_and(|spec| spec.parts.iter().any(|have| have == part)),
    }
}

/// An overlay replaces by id and digest, and drops a required element only when it says why.
pub(super) fn replacement(
    file: &PackFile,
    template: &NoticeTemplate,
    lower: Option<&NoticeTemplate>,
    replaces: Option<&str>,
    loosens: bool,
    issues: &mut Vec<PackIssue>,
) {
    let line = line_with(&file.text, &template.id);
    let Some(lower) = lower else {
        if replaces.is_some() {
            issues.push(PackIssue::new(&file.path, line, "replaces a notice that is not there"));
        }
        return;
    };
    let expected = format!("{}@{}", lower.id, lower.digest);
    if replaces != Some(expected.as_str()) {
        issues.push(PackIssue::new(&file.path, line, format!("to replace this notice say replaces = \"{expected}\"")));
    }
    let dropped = lower.elements.iter().filter(|old| !template.elements.iter().any(|new| new.id == old.id));
    for element in dropped.filter(|_| !loosens) {
        let message =
            format!("drops the required element {:?} ({}): say loosens = \"reason\"", element.id, element.cite);
        issues.push(PackIssue::new(&file.path, line, message));
    }
}

/// One purpose, reader, place and line of business finds one notice.
pub(super) fn unambiguous<'t>(templates: impl Iterator<Item = &'t NoticeTemplate>, issues: &mut Vec<PackIssue>) {
    let mut taken: BTreeMap<(String, String, String, &str), &str> = BTreeMap::new();
    for template in templates.filter(|template| template.form.is_none()) {
        let lines: Vec<&str> = match template.lines_of_business.is_empty() {
            true => vec!["*"],
            false => template.lines_of_business.iter().map(String::as_str).collect(),
        };
        for (purpose, reader) in template.purposes.iter().flat_map(|p| template.audience.iter().map(move |a| (p, a))) {
            for line in &lines {
                let key = (format!("{purpose:?}"), format!("{reader:?}"), template.jurisdiction.clone(), *line);
                if let Some(other) = taken.insert(key, &template.id) {
                    let file = format!("notices/{}/notice.toml", template.id.replace('.', "/"));
                    let message = format!(
                        "{} is also for {purpose:?}, {reader:?}, {}, {line}: {other}",
                        template.id, template.jurisdiction
                    );
                    issues.push(PackIssue::new(file, 0, message));
                }
            }
        }
    }
}
