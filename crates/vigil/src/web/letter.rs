//! A letter as the member will read it, on a page: the same blocks the printer sets, with gaps marked in words.

use std::fmt::Write as _;

use vigil_domain::notice::{Block, Letter, Span};

fn safe(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The letter's blocks as HTML; every word is escaped here.
pub fn html(letter: &Letter) -> String {
    let mut out = String::new();
    if !letter.address.is_empty() {
        let lines: Vec<String> = letter.address.iter().map(|l| safe(l)).collect();
        let _ = write!(out, "<p class=\"address\">{}</p>", lines.join("<br>"));
    }
    blocks(&letter.blocks, &mut out);
    out
}

fn blocks(list: &[Block], out: &mut String) {
    for block in list {
        match block {
            Block::Heading { level, spans } => {
                // The page has its own h1 and h2: a letter's headings stand below them.
                let level = (*level + 2).min(5);
                let _ = write!(out, "<h{level}>{}</h{level}>", words(spans));
            }
            Block::Paragraph { spans } => {
                let _ = write!(out, "<p>{}</p>", words(spans));
            }
            Block::List { numbered, items } => {
                let tag = if *numbered { "ol" } else { "ul" };
                let _ = write!(out, "<{tag}>");
                for item in items {
                    let _ = write!(out, "<li>{}</li>", words(item));
                }
                let _ = write!(out, "</{tag}>");
            }
            Block::Facts { rows } => {
                out.push_str("<dl class=\"facts\">");
                for (label, value) in rows {
                    let _ = write!(out, "<dt>{}</dt><dd>{}</dd>", words(label), words(value));
                }
                out.push_str("</dl>");
            }
            Block::Table(table) => {
                out.push_str("<table><thead><tr>");
                for cell in &table.head {
                    let _ = write!(out, "<th scope=\"col\">{}</th>", words(cell));
                }
                out.push_str("</tr></thead><tbody>");
                for row in &table.rows {
                    out.push_str("<tr>");
                    for cell in row {
                        let _ = write!(out, "<td>{}</td>", words(cell));
                    }
                    out.push_str("</tr>");
                }
                out.push_str("</tbody></table>");
            }
            Block::Callout { blocks: inside } => {
                out.push_str("<div class=\"callout\">");
                blocks(inside, out);
                out.push_str("</div>");
            }
        }
    }
}

fn words(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| {
            let text = safe(&span.text);
            match (span.gap, span.bold) {
                (true, _) => {
                    let name = text.trim_start_matches('[').trim_end_matches(']');
                    format!("<span class=\"gap\">[{name}]</span>")
                }
                (false, true) => format!("<strong>{text}</strong>"),
                _ => text,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_letter_are_never_markup() {
        let letter = Letter {
            template_id: "t".into(),
            template_digest: String::new(),
            language: "en".into(),
            title: "T".into(),
            address: vec!["<b>Jane</b>".into()],
            standard_form: None,
            blocks: vec![
                Block::Paragraph { spans: vec![Span { text: "<script>".into(), ..Span::default() }] },
                Block::List {
                    numbered: false,
                    items: vec![vec![Span { text: "what".into(), gap: true, ..Span::default() }]],
                },
            ],
        };
        let page = html(&letter);
        assert!(page.contains("&lt;script&gt;") && page.contains("&lt;b&gt;Jane"), "{page}");
        assert!(page.contains("<span class=\"gap\">[what]</span>"));
    }
}
