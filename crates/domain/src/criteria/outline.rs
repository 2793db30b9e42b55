//! The outline: a criteria tree as indented lines that a nurse can read and change.
//!
//! ```text
//! ALL
//!   test_by_dme_supplier = false
//!     [NCD 240.2, read] The equipment supplier did not perform the qualifying test.
//!   ANY "Group II"
//!     pao2_rest between 56 and 59
//!       [NCD 240.2, read] Resting oxygen pressure is 56 to 59 mmHg.
//! ```
//!
//! Two blanks a level. Groups: `ALL`, `ANY`, `AT LEAST 2`, `NOT`, `SCORE 6`, each with an optional label in double
//! quotes; children of `SCORE` begin with their points (`+2 fact >= 3`). Comparisons: `=`, `!=`, `<`, `<=`, `>`, `>=`,
//! `between A and B` (both ends included), `in A | B`, `not in A | B`. Under each comparison stands its source.
//! Blank lines and lines that begin with `#` are skipped.

use std::fmt::Write as _;

use super::definition::{Basis, Group, Leaf, Node, Rule, Test, Want};

/// What is wrong with an outline, and in which of its lines (counted from 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the tree: {says}")]
pub struct OutlineError {
    /// Line inside the outline, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub says: String,
}

struct Line<'a> {
    number: usize,
    depth: usize,
    text: &'a str,
}

/// Reads an outline.
pub fn parse(text: &str) -> Result<Node, OutlineError> {
    let mut lines = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let trimmed = raw.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let blanks = raw.len() - raw.trim_start_matches(' ').len();
        if blanks % 2 == 1 || raw[blanks..].starts_with('\t') {
            return Err(wrong(index + 1, "indent with two blanks a level, no tabs"));
        }
        lines.push(Line { number: index + 1, depth: blanks / 2, text: trimmed });
    }
    let mut at = 0;
    let Some(first) = lines.first() else { return Err(wrong(1, "the tree is empty")) };
    let base = first.depth;
    let (node, points) = node(&lines, &mut at, base)?;
    if points.is_some() {
        return Err(wrong(first.number, "points belong under SCORE"));
    }
    match lines.get(at) {
        Some(extra) => Err(wrong(extra.number, "the tree has one root; indent this line under it")),
        None => Ok(node),
    }
}

fn wrong(line: usize, says: impl Into<String>) -> OutlineError {
    OutlineError { line, says: says.into() }
}

fn node(lines: &[Line<'_>], at: &mut usize, depth: usize) -> Result<(Node, Option<f64>), OutlineError> {
    let line = &lines[*at];
    if line.depth != depth {
        return Err(wrong(line.number, "this line is indented too far: its parent is missing"));
    }
    *at += 1;
    let (points, text) = points(line)?;
    let node = match group_head(line.number, text)? {
        Some((rule, label)) => Node::Group(group(lines, at, line, rule, label)?),
        None => Node::Leaf(leaf(lines, at, line, text)?),
    };
    Ok((node, points))
}

fn points<'a>(line: &Line<'a>) -> Result<(Option<f64>, &'a str), OutlineError> {
    let Some(rest) = line.text.strip_prefix('+') else { return Ok((None, line.text)) };
    let Some((number, rest)) = rest.split_once(' ') else {
        return Err(wrong(line.number, "after the points a comparison or a group is expected"));
    };
    let value = number.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    let Some(value) = value else { return Err(wrong(line.number, format!("{number:?} is not a number of points"))) };
    Ok((Some(value), rest.trim()))
}

fn group_head(number: usize, text: &str) -> Result<Option<(Rule, Option<String>)>, OutlineError> {
    let (head, rest) = match text.split_once('"') {
        Some((head, rest)) => (head.trim(), Some(rest)),
        None => (text, None),
    };
    let rule = match head {
        "ALL" => Rule::All,
        "ANY" => Rule::Any,
        "NOT" => Rule::Not,
        other => {
            if let Some(count) = other.strip_prefix("AT LEAST ") {
                let count = count.trim().parse().map_err(|_| wrong(number, "AT LEAST needs a whole number"))?;
                Rule::AtLeast(count)
            } else if let Some(score) = other.strip_prefix("SCORE ") {
                let score = score.trim().parse::<f64>().ok().filter(|n| n.is_finite());
                Rule::ScoreAtLeast(score.ok_or_else(|| wrong(number, "SCORE needs a number"))?)
            } else {
                return Ok(None);
            }
        }
    };
    let label = match rest {
        None => None,
        Some(rest) => match rest.strip_suffix('"') {
            Some(label) => Some(label.to_owned()),
            None => return Err(wrong(number, "the label's end quote is missing")),
        },
    };
    Ok(Some((rule, label)))
}

fn group(
    lines: &[Line<'_>],
    at: &mut usize,
    head: &Line<'_>,
    rule: Rule,
    label: Option<String>,
) -> Result<Group, OutlineError> {
    let scored = matches!(rule, Rule::ScoreAtLeast(_));
    let mut group = Group { rule, label, children: Vec::new(), points: Vec::new() };
    while let Some(line) = lines.get(*at).filter(|l| l.depth > head.depth) {
        let (child, points) = node(lines, at, head.depth + 1)?;
        match (scored, points) {
            (true, Some(points)) => group.points.push(points),
            (false, None) => {}
            (true, None) => return Err(wrong(line.number, "a child of SCORE begins with its points: +2 …")),
            (false, Some(_)) => return Err(wrong(line.number, "points belong under SCORE")),
        }
        group.children.push(child);
    }
    match (rule, group.children.len()) {
        (_, 0) => Err(wrong(head.number, "this group has no children")),
        (Rule::Not, n) if n > 1 => Err(wrong(head.number, "NOT has one child; put ALL or ANY under it")),
        (Rule::AtLeast(n), count) if n == 0 || n as usize > count => {
            Err(wrong(head.number, format!("AT LEAST {n} of {count} children cannot be right")))
        }
        _ => Ok(group),
    }
}

fn leaf(lines: &[Line<'_>], at: &mut usize, line: &Line<'_>, text: &str) -> Result<Leaf, OutlineError> {
    let (fact, test) = comparison(text).map_err(|says| wrong(line.number, says))?;
    let source = lines.get(*at).filter(|l| l.depth == line.depth + 1 && l.text.starts_with('['));
    let Some(source) = source else {
        return Err(wrong(
            line.number,
            "the line under a comparison is its source: [NCD 240.2, read] One plain sentence.",
        ));
    };
    *at += 1;
    let parts = source.text[1..].split_once(']').and_then(|(head, says)| Some((head.rsplit_once(',')?, says.trim())));
    let Some(((cite, basis), says)) = parts else {
        return Err(wrong(source.number, "write the source as [cite, basis] sentence"));
    };
    let basis = Basis::read(basis.trim());
    if !basis.is_known() {
        let known: Vec<_> = Basis::ALL.iter().map(Basis::word).collect();
        return Err(wrong(source.number, format!("basis {basis} is unknown: use one of {}", known.join(", "))));
    }
    if cite.trim().is_empty() || says.is_empty() {
        return Err(wrong(source.number, "a leaf needs its cite and one plain sentence"));
    }
    Ok(Leaf { fact: fact.to_owned(), test, cite: cite.trim().to_owned(), says: says.to_owned(), basis })
}

fn comparison(text: &str) -> Result<(&str, Test), String> {
    let Some((fact, rest)) = text.split_once(' ') else {
        return Err(format!("{text:?} is neither a group (ALL, ANY, AT LEAST n, NOT, SCORE n) nor a comparison"));
    };
    let rest = rest.trim();
    type Read = fn(&str) -> Result<Test, String>;
    let pairs: [(&str, Read); 9] = [
        ("not in ", |v| Ok(Test::NotIn(list(v)))),
        ("in ", |v| Ok(Test::In(list(v)))),
        ("between ", between),
        ("!= ", |v| Ok(Test::Ne(want(v)))),
        ("<= ", |v| number(v).map(Test::Le)),
        (">= ", |v| number(v).map(Test::Ge)),
        ("< ", |v| number(v).map(Test::Lt)),
        ("> ", |v| number(v).map(Test::Gt)),
        ("= ", |v| Ok(Test::Eq(want(v)))),
    ];
    for (op, read) in pairs {
        if let Some(value) = rest.strip_prefix(op) {
            return Ok((fact, read(value.trim())?));
        }
    }
    Err(format!("{text:?}: after the fact one of = != < <= > >= between, in, not in is expected"))
}

fn number(text: &str) -> Result<f64, String> {
    text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(|| format!("{text:?} is not a number"))
}

fn between(text: &str) -> Result<Test, String> {
    let Some((low, high)) = text.split_once(" and ") else { return Err("write: between 56 and 59".into()) };
    let (low, high) = (number(low.trim())?, number(high.trim())?);
    if low > high { Err(format!("between {low} and {high} can never be met")) } else { Ok(Test::Between(low, high)) }
}

fn list(text: &str) -> Vec<Want> {
    text.split('|').map(|word| want(word.trim())).collect()
}

fn want(text: &str) -> Want {
    match text {
        "true" => Want::Bool(true),
        "false" => Want::Bool(false),
        // A quoted word is a word even when it looks like a number.
        word if word.len() > 1 && word.starts_with('"') && word.ends_with('"') => {
            Want::Word(word[1..word.len() - 1].to_owned())
        }
        word => match number(word) {
            Ok(number) => Want::Number(number),
            Err(_) => Want::Word(word.to_owned()),
        },
    }
}

/// Writes a tree as its outline; [`parse`] reads the same tree back.
pub fn print(node: &Node) -> String {
    let mut out = String::new();
    print_node(node, 0, None, &mut out);
    out
}

fn print_node(node: &Node, depth: usize, points: Option<f64>, out: &mut String) {
    let pad = "  ".repeat(depth);
    out.push_str(&pad);
    if let Some(points) = points {
        let _ = write!(out, "+{points} ");
    }
    match node {
        Node::Leaf(leaf) => {
            let _ = writeln!(out, "{} {}", leaf.fact, leaf.test);
            let _ = writeln!(out, "{pad}  [{}, {}] {}", leaf.cite, leaf.basis, leaf.says);
        }
        Node::Group(group) => {
            let _ = write!(out, "{}", group.rule);
            if let Some(label) = &group.label {
                let _ = write!(out, " \"{label}\"");
            }
            out.push('\n');
            for (index, child) in group.children.iter().enumerate() {
                print_node(child, depth + 1, group.points.get(index).copied(), out);
            }
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("ALL"),
            Self::Any => f.write_str("ANY"),
            Self::AtLeast(n) => write!(f, "AT LEAST {n}"),
            Self::Not => f.write_str("NOT"),
            Self::ScoreAtLeast(n) => write!(f, "SCORE {n}"),
        }
    }
}

impl std::fmt::Display for Want {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Number(n) => write!(f, "{n}"),
            Self::Word(w) if w.parse::<f64>().is_ok() || w == "true" || w == "false" => write!(f, "\"{w}\""),
            Self::Word(w) => f.write_str(w),
        }
    }
}

impl std::fmt::Display for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let joined = |items: &[Want]| items.iter().map(Want::to_string).collect::<Vec<_>>().join(" | ");
        match self {
            Self::Eq(v) => write!(f, "= {v}"),
            Self::Ne(v) => write!(f, "!= {v}"),
            Self::Lt(n) => write!(f, "< {n}"),
            Self::Le(n) => write!(f, "<= {n}"),
            Self::Gt(n) => write!(f, "> {n}"),
            Self::Ge(n) => write!(f, ">= {n}"),
            Self::Between(a, b) => write!(f, "between {a} and {b}"),
            Self::In(items) => write!(f, "in {}", joined(items)),
            Self::NotIn(items) => write!(f, "not in {}", joined(items)),
        }
    }
}
