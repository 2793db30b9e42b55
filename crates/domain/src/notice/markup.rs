//! The tiny template language of notice bodies: a Markdown subset, `{{field}}`, `{{#if}}`, `{{#unless}}`, `{{#each}}`
//! and `<!-- element -->` marks that say which required element the words below them carry.
//!
//! Field values are never parsed: they are put into the letter as data, so no patient's text can become markup.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Something wrong with a body, at a line counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct BodyFault {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// Words within a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inline {
    Text { text: String, bold: bool },
    Field { name: String, bold: bool },
    If { field: String, wanted: bool, then: Vec<Inline>, other: Vec<Inline> },
}

/// A block of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Mark(Vec<String>),
    If { field: String, wanted: bool, then: Vec<Node>, other: Vec<Node> },
    Each { field: String, body: Vec<Node> },
    Heading { level: u8, words: Vec<Inline> },
    Paragraph(Vec<Inline>),
    Item { numbered: bool, words: Vec<Inline> },
    Fact { label: Vec<Inline>, value: Vec<Inline> },
    TableHead(Vec<Vec<Inline>>),
    TableRow(Vec<Vec<Inline>>),
    Callout(Vec<Node>),
}

/// A use of a field in a body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldUse {
    /// The name between the braces.
    pub name: String,
    /// The list whose entries are being walked, if any.
    pub within: Option<String>,
    /// Line, counted from 1.
    pub line: usize,
    /// Printed (`{{name}}`), not only asked about or walked.
    pub printed: bool,
    /// Printed only when a condition holds.
    pub conditional: bool,
}

/// A parsed body. Serialized as its source text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Body {
    source: String,
    pub(super) nodes: Vec<Node>,
    uses: Vec<FieldUse>,
    placed: BTreeMap<String, BTreeSet<String>>,
    marks: BTreeMap<String, usize>,
}

impl TryFrom<String> for Body {
    type Error = BodyFault;
    fn try_from(source: String) -> Result<Self, BodyFault> {
        Self::parse(&source)
    }
}

impl From<Body> for String {
    fn from(body: Body) -> Self {
        body.source
    }
}

impl Body {
    /// Reads a body; the first fault ends the reading.
    pub fn parse(source: &str) -> Result<Self, BodyFault> {
        let lines: Vec<(usize, &str)> = source.lines().enumerate().map(|(index, line)| (index + 1, line)).collect();
        let mut parser = Parser { uses: Vec::new(), within: Vec::new(), conditions: 0, marks: BTreeMap::new() };
        let nodes = parser.blocks(&lines)?;
        let mut placed = BTreeMap::new();
        gather(&nodes, &[], &mut placed);
        Ok(Self { source: source.to_owned(), nodes, uses: parser.uses, placed, marks: parser.marks })
    }

    /// The text as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every use of a field, in order.
    pub fn uses(&self) -> &[FieldUse] {
        &self.uses
    }

    /// Required elements that have words under their mark, with the fields printed there.
    pub fn placed(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.placed
    }

    /// Every mark with its first line, whether or not words follow it.
    pub fn marks(&self) -> &BTreeMap<String, usize> {
        &self.marks
    }
}

/// Walks the nodes as rendering does and notes what stands under which mark.
fn gather(nodes: &[Node], outer: &[String], placed: &mut BTreeMap<String, BTreeSet<String>>) {
    let mut marks = outer.to_vec();
    for node in nodes {
        let mut put = |words: &[Inline]| {
            for mark in &marks {
                inline_fields(words, placed.entry(mark.clone()).or_default());
            }
        };
        match node {
            Node::Mark(ids) => marks.clone_from(ids),
            Node::Heading { .. } => {}
            Node::Paragraph(words) | Node::Item { words, .. } => put(words),
            Node::Fact { label, value } => {
                put(label);
                put(value);
            }
            Node::TableHead(cells) | Node::TableRow(cells) => cells.iter().for_each(|cell| put(cell)),
            Node::If { then, other, .. } => {
                gather(then, &marks, placed);
                gather(other, &marks, placed);
            }
            Node::Each { field, body } => {
                for mark in &marks {
                    placed.entry(mark.clone()).or_default().insert(field.clone());
                }
                gather(body, &marks, placed);
            }
            Node::Callout(body) => gather(body, &marks, placed),
        }
    }
}

fn inline_fields(words: &[Inline], into: &mut BTreeSet<String>) {
    for word in words {
        match word {
            Inline::Text { .. } => {}
            Inline::Field { name, .. } => {
                into.insert(name.clone());
            }
            Inline::If { then, other, .. } => {
                inline_fields(then, into);
                inline_fields(other, into);
            }
        }
    }
}

/// What a directive between braces says.
enum Directive {
    Open { verb: Verb, field: String },
    Else,
    Close(Verb),
    Field(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    If,
    Unless,
    Each,
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::Unless => "unless",
            Self::Each => "each",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::If, Self::Unless, Self::Each].into_iter().find(|verb| verb.word() == word)
    }
}

fn fault<T>(line: usize, message: impl Into<String>) -> Result<T, BodyFault> {
    Err(BodyFault { line, message: message.into() })
}

fn directive(inner: &str, line: usize) -> Result<Directive, BodyFault> {
    let inner = inner.trim();
    if inner == "else" {
        return Ok(Directive::Else);
    }
    if let Some(verb) = inner.strip_prefix('/') {
        return match Verb::read(verb.trim()) {
            Some(verb) => Ok(Directive::Close(verb)),
            None => fault(line, format!("unknown closing directive {{{{/{verb}}}}}: use if, unless or each")),
        };
    }
    if let Some(opening) = inner.strip_prefix('#') {
        let mut parts = opening.split_whitespace();
        return match (parts.next().and_then(Verb::read), parts.next(), parts.next()) {
            (Some(verb), Some(field), None) if is_name(field) => Ok(Directive::Open { verb, field: field.to_owned() }),
            _ => fault(
                line,
                format!(
                    "cannot read {{{{#{opening}}}}}: write {{{{#if field}}}}, {{{{#unless field}}}} or {{{{#each list}}}}"
                ),
            ),
        };
    }
    if is_name(inner) {
        return Ok(Directive::Field(inner.to_owned()));
    }
    fault(line, format!("{inner:?} is no field name: use lower-case letters, digits and _"))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The directive that is alone on a line.
fn lone_directive(line: &str, number: usize) -> Result<Option<Directive>, BodyFault> {
    let trimmed = line.trim();
    let Some(inner) = trimmed.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) else { return Ok(None) };
    if inner.contains("{{") || inner.contains("}}") {
        return Ok(None);
    }
    match directive(inner, number)? {
        Directive::Field(_) => Ok(None),
        other => Ok(Some(other)),
    }
}

struct Parser {
    uses: Vec<FieldUse>,
    within: Vec<String>,
    conditions: usize,
    marks: BTreeMap<String, usize>,
}

type Lines<'a> = [(usize, &'a str)];

impl Parser {
    fn note(&mut self, name: &str, line: usize, printed: bool) {
        let within = self.within.last().cloned();
        let conditional = self.conditions > 0;
        self.uses.push(FieldUse { name: name.to_owned(), within, line, printed, conditional });
    }

    fn blocks(&mut self, lines: &Lines<'_>) -> Result<Vec<Node>, BodyFault> {
        let mut nodes = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            let (number, line) = lines[at];
            match lone_directive(line, number)? {
                Some(Directive::Open { verb, field }) => {
                    let (node, next) = self.section(lines, at, verb, field)?;
                    nodes.push(node);
                    at = next;
                }
                Some(Directive::Else) => return fault(number, "{{else}} without {{#if}}"),
                Some(Directive::Close(verb)) => {
                    return fault(number, format!("{{{{/{}}}}} closes nothing", verb.word()));
                }
                _ => at = self.block(lines, at, &mut nodes)?,
            }
        }
        Ok(nodes)
    }

    /// Reads `{{#verb field}} … {{/verb}}` whose directives stand alone on their lines.
    fn section(&mut self, lines: &Lines<'_>, at: usize, verb: Verb, field: String) -> Result<(Node, usize), BodyFault> {
        let opened = lines[at].0;
        let (mut depth, mut middle, mut end) = (0, None, None);
        for (index, (number, line)) in lines.iter().enumerate().skip(at + 1) {
            match lone_directive(line, *number)? {
                Some(Directive::Open { .. }) => depth += 1,
                Some(Directive::Close(closing)) if depth == 0 && closing == verb => {
                    end = Some(index);
                    break;
                }
                Some(Directive::Close(closing)) if depth == 0 => {
                    return fault(
                        *number,
                        format!("{{{{/{}}}}} closes the {{{{#{}}}}} of line {opened}", closing.word(), verb.word()),
                    );
                }
                Some(Directive::Close(_)) => depth -= 1,
                Some(Directive::Else) if depth == 0 => middle = Some(index),
                _ => {}
            }
        }
        let Some(end) = end else { return fault(opened, format!("{{{{#{} {field}}}}} is not closed", verb.word())) };
        self.note(&field, opened, false);
        if verb == Verb::Each {
            self.within.push(field.clone());
            let body = self.blocks(&lines[at + 1..end]);
            self.within.pop();
            return Ok((Node::Each { field, body: body? }, end + 1));
        }
        self.conditions += 1;
        let then = self.blocks(&lines[at + 1..middle.unwrap_or(end)]);
        let other = middle.map_or(Ok(Vec::new()), |middle| self.blocks(&lines[middle + 1..end]));
        self.conditions -= 1;
        Ok((Node::If { field, wanted: verb == Verb::If, then: then?, other: other? }, end + 1))
    }

    /// Reads one block that is not a section; gives the line after it.
    fn block(&mut self, lines: &Lines<'_>, at: usize, nodes: &mut Vec<Node>) -> Result<usize, BodyFault> {
        let (number, line) = lines[at];
        let text = line.trim();
        if text.is_empty() {
            return Ok(at + 1);
        }
        if let Some(ids) = text.strip_prefix("<!--") {
            let Some(ids) = ids.strip_suffix("-->") else {
                return fault(number, "a mark must end with --> on its line");
            };
            let ids: Vec<String> = ids.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
            for id in &ids {
                self.marks.entry(id.clone()).or_insert(number);
            }
            nodes.push(Node::Mark(ids));
            return Ok(at + 1);
        }
        if text.starts_with('>') {
            let end = run(lines, at, |line| line.starts_with('>'));
            let inner: Vec<(usize, &str)> = lines[at..end]
                .iter()
                .map(|(n, l)| (*n, l.trim().trim_start_matches('>').trim_start_matches(' ')))
                .collect();
            nodes.push(Node::Callout(self.blocks(&inner)?));
            return Ok(end);
        }
        if let Some(level) = heading_level(text) {
            let words = self.inline(text[usize::from(level)..].trim(), number)?;
            nodes.push(Node::Heading { level, words });
            return Ok(at + 1);
        }
        if text.starts_with('|') {
            let is_head = lines.get(at + 1).is_some_and(|(_, next)| is_rule(next));
            let cells = self.cells(text, number)?;
            nodes.push(if is_head { Node::TableHead(cells) } else { Node::TableRow(cells) });
            return Ok(at + if is_head { 2 } else { 1 });
        }
        if let Some((label, value)) = text.split_once(":: ") {
            let label = self.inline(label, number)?;
            nodes.push(Node::Fact { label, value: self.inline(value.trim(), number)? });
            return Ok(at + 1);
        }
        let item = item_text(text);
        let end = run(lines, at + 1, |line| !line.is_empty() && !starts_block(line));
        let first = item.map_or(text, |(_, rest)| rest);
        let joined = std::iter::once(first).chain(lines[at + 1..end].iter().map(|(_, line)| line.trim()));
        let words = self.inline(&joined.collect::<Vec<_>>().join(" "), number)?;
        nodes.push(match item {
            Some((numbered, _)) => Node::Item { numbered, words },
            None => Node::Paragraph(words),
        });
        Ok(end)
    }

    fn cells(&mut self, text: &str, line: usize) -> Result<Vec<Vec<Inline>>, BodyFault> {
        text.trim_matches('|').split('|').map(|cell| self.inline(cell.trim(), line)).collect()
    }

    fn inline(&mut self, text: &str, line: usize) -> Result<Vec<Inline>, BodyFault> {
        let mut bold = false;
        let (words, rest) = self.inline_until(text, line, &mut bold, None)?;
        if !rest.is_empty() {
            return fault(line, format!("a directive closes nothing before {rest:?}"));
        }
        if bold { fault(line, "** is opened and not closed") } else { Ok(words) }
    }

    /// Reads words up to the directive that closes `open` (or the end), leaving what follows.
    fn inline_until<'t>(
        &mut self,
        mut text: &'t str,
        line: usize,
        bold: &mut bool,
        open: Option<Verb>,
    ) -> Result<(Vec<Inline>, &'t str), BodyFault> {
        let mut words = Vec::new();
        loop {
            let next = [text.find("{{"), text.find("**")].into_iter().flatten().min().unwrap_or(text.len());
            if next > 0 {
                words.push(Inline::Text { text: text[..next].to_owned(), bold: *bold });
                text = &text[next..];
            }
            if text.is_empty() {
                return match open {
                    None => Ok((words, "")),
                    Some(verb) => fault(line, format!("{{{{#{}}}}} is not closed in its block", verb.word())),
                };
            }
            if let Some(rest) = text.strip_prefix("**") {
                *bold = !*bold;
                text = rest;
                continue;
            }
            let Some(end) = text.find("}}") else { return fault(line, "{{ without }}") };
            let read = directive(&text[2..end], line)?;
            let rest = &text[end + 2..];
            match read {
                Directive::Field(name) => {
                    self.note(&name, line, true);
                    words.push(Inline::Field { name, bold: *bold });
                    text = rest;
                }
                Directive::Open { verb: Verb::Each, .. } => return fault(line, "{{#each}} stands alone on its line"),
                Directive::Open { verb, field } => {
                    self.note(&field, line, false);
                    self.conditions += 1;
                    let read = self.inline_if(rest, line, bold, verb, field);
                    self.conditions -= 1;
                    let (word, after) = read?;
                    words.push(word);
                    text = after;
                }
                Directive::Else if open.is_some() => return Ok((words, text)),
                Directive::Close(verb) if open == Some(verb) => return Ok((words, text)),
                _ => return fault(line, "a directive closes or divides nothing here"),
            }
        }
    }

    fn inline_if<'t>(
        &mut self,
        text: &'t str,
        line: usize,
        bold: &mut bool,
        verb: Verb,
        field: String,
    ) -> Result<(Inline, &'t str), BodyFault> {
        let (then, mut rest) = self.inline_until(text, line, bold, Some(verb))?;
        let mut other = Vec::new();
        if let Some(after) = rest.strip_prefix("{{else}}") {
            (other, rest) = self.inline_until(after, line, bold, Some(verb))?;
        }
        let Some(end) = rest.find("}}") else { return fault(line, "{{ without }}") };
        Ok((Inline::If { field, wanted: verb == Verb::If, then, other }, &rest[end + 2..]))
    }
}

/// The first index from `at` whose line does not hold.
fn run(lines: &Lines<'_>, at: usize, holds: impl Fn(&str) -> bool) -> usize {
    lines[at..].iter().position(|(_, line)| !holds(line.trim())).map_or(lines.len(), |offset| at + offset)
}

fn heading_level(text: &str) -> Option<u8> {
    ["### ", "## ", "# "]
        .iter()
        .find(|mark| text.starts_with(**mark))
        .and_then(|mark| u8::try_from(mark.len() - 1).ok())
}

fn is_rule(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('|') && text.contains('-') && text.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

/// The words of `- …` or `1. …`, and whether it is numbered.
fn item_text(text: &str) -> Option<(bool, &str)> {
    if let Some(rest) = text.strip_prefix("- ") {
        return Some((false, rest));
    }
    let (digits, rest) = text.split_once(". ")?;
    (!digits.is_empty() && digits.len() < 3 && digits.chars().all(|c| c.is_ascii_digit())).then_some((true, rest))
}

fn starts_block(text: &str) -> bool {
    text.starts_with(['>', '|'])
        || text.starts_with("<!--")
        || heading_level(text).is_some()
        || item_text(text).is_some()
        || text.contains(":: ")
        || matches!(lone_directive(text, 0), Ok(Some(_)) | Err(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_line() {
        let rows = [
            ("words\n{{#if a}}\nmore", 2, "not closed"),
            ("{{/if}}", 1, "closes nothing"),
            ("a\n\nb {{Bad Name}}", 3, "no field name"),
            ("**bold", 1, "not closed"),
            ("{{#if a}}\nx\n{{/each}}", 3, "closes the"),
            ("x {{#if a}}y", 1, "not closed"),
            ("<!-- a", 1, "must end"),
            ("x {{#each a}}y{{/each}}", 1, "stands alone"),
            ("x {{name", 1, "without }}"),
        ];
        for (source, line, part) in rows {
            let fault = Body::parse(source).expect_err(source);
            assert_eq!(fault.line, line, "{source}");
            assert!(fault.message.contains(part), "{source}: {}", fault.message);
        }
    }

    #[test]
    fn uses_know_their_list_and_condition() {
        let body = Body::parse(
            "<!-- a, b -->\nHello {{name}}{{#if x}} and {{y}}{{/if}}.\n{{#each lines}}\n- {{service}}\n{{/each}}",
        )
        .expect("a good body");
        let told: Vec<String> = body
            .uses()
            .iter()
            .map(|u| format!("{} {} {} {}", u.name, u.within.as_deref().unwrap_or("-"), u.printed, u.conditional))
            .collect();
        assert_eq!(
            told,
            [
                "name - true false",
                "x - false false",
                "y - true true",
                "lines - false false",
                "service lines true false"
            ]
        );
        assert_eq!(
            body.placed()["b"].iter().map(String::as_str).collect::<Vec<_>>(),
            ["lines", "name", "service", "y"]
        );
    }

    #[test]
    fn a_mark_without_words_places_nothing() {
        let body = Body::parse("<!-- a -->\n## Only a heading\n\n<!-- b -->\nWords.").expect("a good body");
        assert!(!body.placed().contains_key("a"));
        assert!(body.placed().contains_key("b"));
        assert_eq!(body.marks()["a"], 1);
    }
}
