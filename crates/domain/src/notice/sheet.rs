//! The data sheet of an official form, for a site that has not loaded the form: what the form must carry, filled. It is
//! marked as such on its first line and never passes for the form, whose words belong to its issuer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    letter::{Block, Letter, Span},
    template::NoticeTemplate,
};

/// A filled data sheet, and what it still lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSheet {
    /// The sheet, ready for paper.
    pub letter: Letter,
    /// Required fields that nobody filled; those filled by hand at delivery are left out.
    pub missing: Vec<String>,
}

/// Makes the data sheet of a form from its fields' values (by field id). None when the notice is no official form.
///
/// Fields filled by hand at delivery and not given come out as lines to write on.
pub fn data_sheet(
    template: &NoticeTemplate,
    values: &BTreeMap<String, String>,
    address: Vec<String>,
) -> Option<DataSheet> {
    let form = template.form.as_ref()?;
    let title = template.title.get("en").or_else(|| template.title.values().next()).cloned().unwrap_or_default();
    let value = |id: &str| values.get(id).map(|value| value.trim()).filter(|value| !value.is_empty());
    let missing = form
        .fields
        .iter()
        .filter(|field| field.required && !field.at_delivery && value(&field.id).is_none())
        .map(|field| field.id.clone())
        .collect();
    let row = |field: &super::template::FormField| {
        let filled = match value(&field.id) {
            Some(value) => Span { text: value.to_owned(), ..Span::default() },
            None if field.required && !field.at_delivery => {
                Span { text: "[not filled in]".to_owned(), gap: true, ..Span::default() }
            }
            None => words("______________________________"),
        };
        (vec![words(&field.says)], vec![filled])
    };
    let (at_delivery, before): (Vec<_>, Vec<_>) = form.fields.iter().partition(|field| field.at_delivery);
    let mark = format!(
        "Data sheet, not the official form. It carries what {} must carry; load the form to fill it.",
        form.number
    );
    let mut blocks = vec![
        heading(1, &title),
        Block::Callout { blocks: vec![Block::Paragraph { spans: vec![Span { bold: true, ..words(&mark) }] }] },
        Block::Facts { rows: before.iter().map(|field| row(field)).collect() },
    ];
    if !template.elements.is_empty() {
        blocks.push(heading(2, "What must be said"));
        let asks = |element: &super::template::Element| vec![words(&format!("{} ({})", element.asks, element.cite))];
        blocks.push(Block::List { numbered: true, items: template.elements.iter().map(asks).collect() });
    }
    if !template.window.is_empty() {
        blocks.push(heading(2, "When"));
        let says = |window: &super::template::Window| vec![words(&format!("{} ({})", window.says, window.cite))];
        blocks.push(Block::List { numbered: false, items: template.window.iter().map(says).collect() });
    }
    if !at_delivery.is_empty() || template.signature.is_some() {
        blocks.push(heading(2, "At delivery"));
    }
    if let Some(signature) = &template.signature {
        let refusal = signature.refusal.iter().map(|refusal| vec![words(refusal)]);
        let items = std::iter::once(vec![words(&signature.says)]).chain(refusal).collect();
        blocks.push(Block::List { numbered: false, items });
    }
    if !at_delivery.is_empty() {
        blocks.push(Block::Facts { rows: at_delivery.iter().map(|field| row(field)).collect() });
    }
    let letter = Letter {
        template_id: template.id.clone(),
        template_digest: template.digest.clone(),
        language: "en".to_owned(),
        title: format!("{title} (data sheet)"),
        address,
        standard_form: Some(form.number.clone()),
        blocks,
    };
    Some(DataSheet { letter, missing })
}

fn words(text: &str) -> Span {
    Span { text: text.to_owned(), ..Span::default() }
}

fn heading(level: u8, text: &str) -> Block {
    Block::Heading { level, spans: vec![words(text)] }
}
