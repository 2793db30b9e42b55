//! Template and fields make a letter: released whole, or previewed with its gaps named.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    fields::{FieldValue, Fields},
    letter::{Block, Letter, Span, Table},
    markup::{Inline, Node},
    template::{Audience, Confidence, Element, NoticeTemplate, StatedIn},
    words::day_in_words,
};

/// A required element that the letter does not say yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingElement {
    /// Element id; `address` and `language` for what every letter needs.
    pub element: String,
    /// The auditor's question.
    pub asks: String,
    /// Citation.
    pub cite: String,
    /// How sure the library is of the citation.
    pub confidence: Confidence,
    /// The fields to fill.
    pub fields: Vec<String>,
    /// What to do, in words.
    pub what_to_do: String,
}

/// The letter, only when every required element is in it; else every gap at once.
pub fn compose(template: &NoticeTemplate, language: &str, fields: &Fields) -> Result<Letter, Vec<MissingElement>> {
    let (letter, missing) = preview(template, language, fields);
    if missing.is_empty() { Ok(letter) } else { Err(missing) }
}

/// The letter as far as it goes, with visible gaps, and what is still missing.
pub fn preview(template: &NoticeTemplate, language: &str, fields: &Fields) -> (Letter, Vec<MissingElement>) {
    let mut missing = Vec::new();
    let language = match template.language_for(language) {
        Some(found) => found.to_owned(),
        None => {
            missing.push(general(
                "language",
                "Is there a text in the member's language?",
                format!("This notice has no words in {language:?}. Choose one of: {}.", languages(template)),
            ));
            template.languages().next().unwrap_or("en").to_owned()
        }
    };
    let mut writer = Writer { template, language: &language, gaps: Vec::new(), said: BTreeSet::new() };
    let mut blocks = Vec::new();
    if let Some(body) = template.bodies.get(&language) {
        let scope = Scope { fields, parts: &[] };
        writer.nodes(&body.nodes, &[scope], &[], &mut blocks);
    }
    let address = address(template, fields);
    if address.len() < 2 {
        let who = reader(template, fields);
        let lacking = [format!("{who}_name"), format!("{who}_address_lines")];
        missing.push(MissingElement {
            fields: lacking.into_iter().filter(|name| !fields.is_filled(name)).collect(),
            ..general("address", "Does the letter say whom it goes to?", no_address(who))
        });
    }
    find_missing(template, fields, &writer, &mut missing);
    let letter = Letter {
        template_id: template.id.clone(),
        template_digest: template.digest.clone(),
        title: template.title.get(&language).or_else(|| template.title.values().next()).cloned().unwrap_or_default(),
        language,
        address,
        standard_form: template.standard_form.as_ref().map(|form| form.number.clone()),
        blocks,
    };
    (letter, missing)
}

fn languages(template: &NoticeTemplate) -> String {
    template.languages().collect::<Vec<_>>().join(", ")
}

fn general(element: &str, asks: &str, what_to_do: String) -> MissingElement {
    MissingElement {
        element: element.to_owned(),
        asks: asks.to_owned(),
        cite: String::new(),
        confidence: Confidence::FromKnowledge,
        fields: Vec::new(),
        what_to_do,
    }
}

/// Whose name and address the letter bears.
fn reader(template: &NoticeTemplate, fields: &Fields) -> &'static str {
    match (fields.is_filled("recipient_name"), template.audience.contains(&Audience::Member)) {
        (true, _) => "recipient",
        (false, true) => "member",
        (false, false) => "provider",
    }
}

/// Name and address lines of the reader: the recipient's where named (a representative), else the member's or provider's.
fn address(template: &NoticeTemplate, fields: &Fields) -> Vec<String> {
    let who = reader(template, fields);
    let name = match fields.get(&format!("{who}_name")) {
        Some(FieldValue::Text(name)) if !name.trim().is_empty() => Some(name.clone()),
        _ => None,
    };
    name.into_iter().chain(fields.items(&format!("{who}_address_lines"))).collect()
}

fn find_missing(template: &NoticeTemplate, fields: &Fields, writer: &Writer<'_>, missing: &mut Vec<MissingElement>) {
    let mut told: BTreeSet<String> = BTreeSet::new();
    for element in template.elements.iter().filter(|element| applies(element, fields)) {
        let mut lacking: Vec<String> = element.fields.iter().filter(|name| !filled(fields, name)).cloned().collect();
        if !element.any_of.is_empty() && !element.any_of.iter().any(|name| filled(fields, name)) {
            lacking.extend(element.any_of.iter().cloned());
        }
        for (field, marks) in &writer.gaps {
            if marks.contains(&element.id) && !lacking.iter().any(|have| have == field || ends(have, field)) {
                lacking.push(field.clone());
            }
        }
        let said = writer.said.contains(&element.id);
        if lacking.is_empty() && said {
            continue;
        }
        told.extend(lacking.iter().cloned());
        missing.push(MissingElement {
            element: element.id.clone(),
            asks: element.asks.clone(),
            cite: element.cite.clone(),
            confidence: element.confidence,
            what_to_do: what_to_do(template, &lacking, said),
            fields: lacking,
        });
    }
    for (field, _) in &writer.gaps {
        if !told.iter().any(|have| have == field || ends(have, field)) && told.insert(field.clone()) {
            let lacking = vec![field.clone()];
            let what_to_do = what_to_do(template, &lacking, true);
            missing.push(MissingElement {
                fields: lacking,
                ..general(field, "Is every word of the letter there?", what_to_do)
            });
        }
    }
}

/// Whether a dotted name (`lines.service`) ends in this field.
fn ends(dotted: &str, field: &str) -> bool {
    dotted.rsplit_once('.').is_some_and(|(_, last)| last == field)
}

fn applies(element: &Element, fields: &Fields) -> bool {
    element.when.as_ref().is_none_or(|name| fields.is_filled(name))
        && element.unless.as_ref().is_none_or(|name| !fields.is_filled(name))
}

/// Whether a field, or a part of every entry of a list, is filled.
fn filled(fields: &Fields, name: &str) -> bool {
    match name.split_once('.') {
        None => fields.is_filled(name),
        Some((list, part)) => match fields.get(list) {
            Some(FieldValue::List(items)) => !items.is_empty() && items.iter().all(|item| item.is_filled(part)),
            _ => false,
        },
    }
}

fn what_to_do(template: &NoticeTemplate, lacking: &[String], said: bool) -> String {
    let told: Vec<String> = lacking.iter().map(|name| in_words(template, name)).collect();
    match (told.is_empty(), said) {
        (false, _) => format!("Missing: {}.{}", told.join("; "), once_for_all(template, lacking)),
        (true, false) => {
            "The words for this element were left out by a condition of the letter; check its flags.".to_owned()
        }
        (true, true) => String::new(),
    }
}

/// What a field holds, in the words of the packs; a part of each service in words of its own.
fn in_words(template: &NoticeTemplate, name: &str) -> String {
    let Some((_, part)) = name.split_once('.') else {
        let says = template.fields.get(name).map(|spec| spec.says.trim_end_matches('.').to_owned());
        return says.unwrap_or_else(|| name.replace('_', " "));
    };
    let part = match part {
        "service" => "its name".to_owned(),
        "asked" => "how much was asked for".to_owned(),
        "approved" => "how much is approved".to_owned(),
        "not_approved" => "how much is not approved".to_owned(),
        "reason_plain" => "why not, in plain words".to_owned(),
        "from" => "its first day".to_owned(),
        "through" => "its last day".to_owned(),
        other => other.replace('_', " "),
    };
    format!("of each service {part} (it is said with the decision)")
}

/// A letter without name and address of its reader; where they are told.
fn no_address(who: &str) -> String {
    match who {
        "member" => {
            "Missing: the member's name and postal address. Both come with the roster (vigil import) or with the request; for this \
             letter alone they can be filled in where the held letter is completed."
        }
        "provider" => {
            "Missing: the provider's name and postal address. Both come with the provider directory (vigil import); for this letter \
             alone they can be filled in where the held letter is completed."
        }
        _ => {
            "Missing: name and postal address of the person this letter goes to. Fill them in where the held letter is completed."
        }
    }
    .to_owned()
}

/// Where a site states once what every letter of a contract says.
fn once_for_all(template: &NoticeTemplate, lacking: &[String]) -> String {
    let of_contract =
        |name: &&String| template.fields.get(*name).is_some_and(|spec| spec.stated_in == Some(StatedIn::Contract));
    let names: Vec<String> = lacking.iter().filter(of_contract).map(|name| format!("{name}=…")).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        " For every letter of this plan at once: put {} into the correspondence column of the contract file and load it with `vigil import` (docs/operate/import.md).",
        names.join(";")
    )
}

/// The values of one entry of a list, or of the letter; a declared part of the entry is looked for nowhere else.
#[derive(Clone, Copy)]
struct Scope<'a> {
    fields: &'a Fields,
    parts: &'a [String],
}

struct Writer<'a> {
    template: &'a NoticeTemplate,
    language: &'a str,
    /// Field names met empty, with the elements whose words they stand in.
    gaps: Vec<(String, Vec<String>)>,
    /// Elements whose words were really written.
    said: BTreeSet<String>,
}

impl Writer<'_> {
    fn nodes(&mut self, nodes: &[Node], scopes: &[Scope<'_>], outer: &[String], out: &mut Vec<Block>) {
        let mut marks = outer.to_vec();
        for node in nodes {
            match node {
                Node::Mark(ids) => marks.clone_from(ids),
                Node::If { field, wanted, then, other } => {
                    let branch = if holds(scopes, field) == *wanted { then } else { other };
                    self.nodes(branch, scopes, &marks, out);
                }
                Node::Each { field, body } => self.each(field, body, scopes, &marks, out),
                Node::Callout(body) => {
                    let mut blocks = Vec::new();
                    self.nodes(body, scopes, &marks, &mut blocks);
                    if !blocks.is_empty() {
                        out.push(Block::Callout { blocks });
                    }
                }
                Node::Heading { level, words } => {
                    let spans = self.inline(words, scopes, &marks);
                    out.push(Block::Heading { level: *level, spans });
                }
                other => self.words(other, scopes, &marks, out),
            }
        }
    }

    fn each(&mut self, field: &str, body: &[Node], scopes: &[Scope<'_>], marks: &[String], out: &mut Vec<Block>) {
        let Some(FieldValue::List(items)) = find(scopes, field).filter(|value| value.is_filled()) else {
            let gap = self.gap(field, marks);
            out.push(Block::Paragraph { spans: vec![gap] });
            return;
        };
        let parts = self.template.fields.get(field).map_or(&[][..], |spec| &spec.parts);
        for item in items {
            let own = Scope { fields: item, parts };
            let inner: Vec<Scope<'_>> = std::iter::once(own).chain(scopes.iter().copied()).collect();
            self.nodes(body, &inner, marks, out);
        }
    }

    /// Writes a block of words, joining list entries, label rows and table rows to what stands before them.
    fn words(&mut self, node: &Node, scopes: &[Scope<'_>], marks: &[String], out: &mut Vec<Block>) {
        self.said.extend(marks.iter().cloned());
        match node {
            Node::Paragraph(words) => {
                let spans = self.inline(words, scopes, marks);
                if !spans.is_empty() {
                    out.push(Block::Paragraph { spans });
                }
            }
            Node::Item { numbered, words } => {
                let item = self.inline(words, scopes, marks);
                match out.last_mut() {
                    Some(Block::List { numbered: same, items }) if same == numbered => items.push(item),
                    _ => out.push(Block::List { numbered: *numbered, items: vec![item] }),
                }
            }
            Node::Fact { label, value } => {
                let row = (self.inline(label, scopes, marks), self.inline(value, scopes, marks));
                match out.last_mut() {
                    Some(Block::Facts { rows }) => rows.push(row),
                    _ => out.push(Block::Facts { rows: vec![row] }),
                }
            }
            Node::TableHead(cells) => {
                let head = cells.iter().map(|cell| self.inline(cell, scopes, marks)).collect();
                out.push(Block::Table(Table { head, rows: Vec::new() }));
            }
            Node::TableRow(cells) => {
                let row = cells.iter().map(|cell| self.inline(cell, scopes, marks)).collect();
                if let Some(Block::Table(table)) = out.last_mut() {
                    table.rows.push(row);
                }
            }
            _ => {}
        }
    }

    fn inline(&mut self, words: &[Inline], scopes: &[Scope<'_>], marks: &[String]) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for word in words {
            match word {
                Inline::Text { text, bold } => spans.push(Span { text: text.clone(), bold: *bold, gap: false }),
                Inline::Field { name, bold } => {
                    let span = match find(scopes, name).filter(|value| value.is_filled()) {
                        Some(value) => Span { text: self.print(value), bold: *bold, gap: false },
                        None => self.gap(name, marks),
                    };
                    spans.push(span);
                }
                Inline::If { field, wanted, then, other } => {
                    let branch = if holds(scopes, field) == *wanted { then } else { other };
                    spans.extend(self.inline(branch, scopes, marks));
                }
            }
        }
        join(spans)
    }

    fn print(&self, value: &FieldValue) -> String {
        match value {
            FieldValue::Text(text) => text.trim().to_owned(),
            FieldValue::Day(day) => day_in_words(*day, self.language),
            FieldValue::Flag(_) => String::new(),
            FieldValue::List(items) => {
                let words: Vec<String> =
                    items.iter().filter_map(|item| item.get("item")).map(|value| self.print(value)).collect();
                words.join("; ")
            }
        }
    }

    fn gap(&mut self, field: &str, marks: &[String]) -> Span {
        self.gaps.push((field.to_owned(), marks.to_vec()));
        Span { text: format!("[{}]", field.replace('_', " ")), bold: false, gap: true }
    }
}

fn find<'f>(scopes: &[Scope<'f>], name: &str) -> Option<&'f FieldValue> {
    for scope in scopes {
        if let Some(value) = scope.fields.get(name) {
            return Some(value);
        }
        if scope.parts.iter().any(|part| part == name) {
            return None;
        }
    }
    None
}

fn holds(scopes: &[Scope<'_>], name: &str) -> bool {
    find(scopes, name).is_some_and(FieldValue::is_filled)
}

/// Joins neighbours of one style and drops empty ones.
fn join(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for span in spans.into_iter().filter(|span| !span.text.is_empty()) {
        match out.last_mut() {
            // "by 4:05 p.m." at the end of a sentence keeps one full stop.
            Some(last) if last.text.ends_with('.') && span.text.starts_with('.') => {
                let rest = Span { text: span.text[1..].to_owned(), ..span };
                out.push(rest);
            }
            Some(last) if last.bold == span.bold && last.gap == span.gap => last.text.push_str(&span.text),
            _ => out.push(span),
        }
    }
    out
}
