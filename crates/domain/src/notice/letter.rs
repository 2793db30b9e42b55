//! The composed letter: blocks of spans, ready for paper or for the author's preview.

use serde::{Deserialize, Serialize};

use crate::library::Digest;

/// A run of words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// The words; field values are data and never markup.
    pub text: String,
    /// Set in bold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bold: bool,
    /// A missing field shown to the author; never in a released letter.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gap: bool,
}

/// A table with a header row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// Header cells.
    pub head: Vec<Vec<Span>>,
    /// Rows of cells, as many as the header has.
    pub rows: Vec<Vec<Vec<Span>>>,
}

/// One block of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Block {
    /// A heading; level 1 is the letter's own title.
    Heading {
        /// 1 to 3.
        level: u8,
        /// The words.
        spans: Vec<Span>,
    },
    /// A paragraph.
    Paragraph {
        /// The words.
        spans: Vec<Span>,
    },
    /// A list, numbered where the order matters.
    List {
        /// `1.` instead of a bullet.
        numbered: bool,
        /// Entries.
        items: Vec<Vec<Span>>,
    },
    /// Label and value, such as case number and dates.
    Facts {
        /// Pairs in order.
        rows: Vec<(Vec<Span>, Vec<Span>)>,
    },
    /// A table.
    Table(Table),
    /// A box that stands out: what you can do now, by when.
    Callout {
        /// What is in the box.
        blocks: Vec<Block>,
    },
}

/// A letter: complete when made by `compose`, with visible gaps when made by `preview`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Which template said the words.
    pub template_id: String,
    /// SHA-256 of the template's canonical form, for the log.
    pub template_digest: Digest,
    /// BCP 47 language of the words.
    pub language: String,
    /// The title, for the document's properties.
    pub title: String,
    /// Whom it is sent to: name and address, one line each, for the window of the envelope.
    pub address: Vec<String>,
    /// The official form a site must use in production instead of these words (`CMS-10003-NDMCP`), shown to the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_form: Option<String>,
    /// The words.
    pub blocks: Vec<Block>,
}

impl Letter {
    /// The letter as plain text: headings underlined, bullets, table rows with bars.
    pub fn plain_text(&self) -> String {
        let mut out = String::new();
        for line in &self.address {
            out.push_str(line);
            out.push('\n');
        }
        if !self.address.is_empty() {
            out.push('\n');
        }
        write_blocks(&self.blocks, "", &mut out);
        out.truncate(out.trim_end().len());
        out.push('\n');
        out
    }

    /// The sentences only (paragraphs and lists; no headings, tables, labels): what a reading level is measured on.
    pub fn prose(&self) -> String {
        let mut out = String::new();
        write_prose(&self.blocks, &mut out);
        out
    }

    /// Whether any gap is left.
    pub fn has_gaps(&self) -> bool {
        fn gap(spans: &[Span]) -> bool {
            spans.iter().any(|span| span.gap)
        }
        fn any(blocks: &[Block]) -> bool {
            blocks.iter().any(|block| match block {
                Block::Heading { spans, .. } | Block::Paragraph { spans } => gap(spans),
                Block::List { items, .. } => items.iter().any(|item| gap(item)),
                Block::Facts { rows } => rows.iter().any(|(label, value)| gap(label) || gap(value)),
                Block::Table(table) => table.rows.iter().flatten().any(|cell| gap(cell)),
                Block::Callout { blocks } => any(blocks),
            })
        }
        any(&self.blocks)
    }
}

/// The words of spans, joined.
fn words(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect::<String>().trim().to_owned()
}

fn write_blocks(blocks: &[Block], indent: &str, out: &mut String) {
    for block in blocks {
        match block {
            Block::Heading { level, spans } => {
                let text = words(spans);
                let rule = if *level == 1 { "=" } else { "-" };
                let line = rule.repeat(text.chars().count());
                out.push_str(&format!("{indent}{text}\n{indent}{line}\n\n"));
            }
            Block::Paragraph { spans } => out.push_str(&format!("{indent}{}\n\n", words(spans))),
            Block::List { numbered, items } => {
                for (index, item) in items.iter().enumerate() {
                    let mark = if *numbered { format!("{}.", index + 1) } else { "-".to_owned() };
                    out.push_str(&format!("{indent}{mark} {}\n", words(item)));
                }
                out.push('\n');
            }
            Block::Facts { rows } => {
                for (label, value) in rows {
                    out.push_str(&format!("{indent}{}: {}\n", words(label), words(value)));
                }
                out.push('\n');
            }
            Block::Table(table) => {
                for row in std::iter::once(&table.head).chain(&table.rows) {
                    let cells: Vec<String> = row.iter().map(|cell| words(cell)).collect();
                    out.push_str(&format!("{indent}| {} |\n", cells.join(" | ")));
                }
                out.push('\n');
            }
            Block::Callout { blocks } => write_blocks(blocks, &format!("{indent}  "), out),
        }
    }
}

fn write_prose(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph { spans } => out.push_str(&format!("{}\n", words(spans))),
            Block::List { items, .. } => {
                for item in items {
                    let text = words(item);
                    let stop = if text.ends_with(['.', '!', '?', ':']) { "" } else { "." };
                    out.push_str(&format!("{text}{stop}\n"));
                }
            }
            Block::Callout { blocks } => write_prose(blocks, out),
            Block::Heading { .. } | Block::Facts { .. } | Block::Table(_) => {}
        }
    }
}
