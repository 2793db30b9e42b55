//! The press: data in, PDF out, memory kept flat.

use std::{collections::BTreeSet, sync::OnceLock};

use serde_json::{Value, json};
use typst::{
    diag::SourceDiagnostic,
    foundations::{Bytes, Smart},
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};
use vigil_domain::notice::Letter;

use crate::{
    letterhead::Letterhead,
    world::{Desk, Shop},
};

/// How many letters an unused result of typesetting stays remembered: enough to keep what all letters share, few enough
/// to keep memory flat over a long run.
const REMEMBERED_LETTERS: usize = 4;

/// A letter could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintFault {
    /// Characters without a shape in the fonts; a tagged PDF may not hold them.
    #[error("no font has the characters {0:?}: give the press a font that does")]
    NoGlyph(String),
    /// The engine refused the letter: an error of ours, with its words.
    #[error("typesetting failed: {0}")]
    Engine(String),
}

/// Fonts and template, read once.
pub struct Press {
    shop: Shop,
    standards: PdfStandards,
}

impl Press {
    /// A press with the bundled fonts and, after them, a site's own (whole TTF, OTF or TTC files).
    ///
    /// # Errors
    /// [`PrintFault::Engine`] when a font cannot be read.
    pub fn new(extra_fonts: Vec<Vec<u8>>) -> Result<Self, PrintFault> {
        let standards =
            PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|error| PrintFault::Engine(error.message().to_string()))?;
        Ok(Self { shop: Shop::open(extra_fonts)?, standards })
    }

    /// The press of the process.
    ///
    /// # Errors
    /// As [`Press::new`]; never seen, because its fonts are in the binary.
    pub fn shared() -> Result<&'static Self, PrintFault> {
        static PRESS: OnceLock<Result<Press, PrintFault>> = OnceLock::new();
        PRESS.get_or_init(|| Self::new(Vec::new())).as_ref().map_err(Clone::clone)
    }

    /// Sets a letter.
    ///
    /// # Errors
    /// [`PrintFault::NoGlyph`] and [`PrintFault::Engine`].
    pub fn pdf(&self, letter: &Letter, head: &Letterhead) -> Result<Vec<u8>, PrintFault> {
        let mut data = json!({ "letter": letter, "head": head, "fonts": self.shop.families() });
        let mut unknown = BTreeSet::new();
        clean(&mut data, &mut |character| {
            if !self.shop.covers(character) {
                unknown.insert(character);
            }
        });
        if !unknown.is_empty() {
            return Err(PrintFault::NoGlyph(unknown.into_iter().collect()));
        }
        let bytes = serde_json::to_vec(&data).map_err(|error| PrintFault::Engine(error.to_string()))?;
        let desk = Desk { shop: &self.shop, letter: Bytes::new(bytes) };
        let made = typst::compile::<PagedDocument>(&desk).output.map_err(told).and_then(|document| {
            let options = PdfOptions {
                ident: Smart::Auto,
                creator: Smart::Custom(Some("Vigil".to_owned())),
                timestamp: None,
                page_ranges: None,
                standards: self.standards.clone(),
                tagged: true,
                pretty: false,
            };
            typst_pdf::pdf(&document, &options).map_err(told)
        });
        comemo::evict(REMEMBERED_LETTERS);
        made
    }
}

fn told(errors: impl IntoIterator<Item = SourceDiagnostic>) -> PrintFault {
    let words: Vec<String> = errors.into_iter().map(|error| error.message.to_string()).collect();
    PrintFault::Engine(words.join("; "))
}

/// Takes control characters out of every text and shows the rest to a visitor.
fn clean(value: &mut Value, see: &mut impl FnMut(char)) {
    match value {
        Value::String(text) => {
            if text.chars().any(is_unprintable) {
                *text = text.chars().filter(|c| !is_unprintable(*c)).collect();
            }
            text.chars().filter(|c| !c.is_whitespace()).for_each(see);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| clean(item, see)),
        Value::Object(fields) => fields.values_mut().for_each(|field| clean(field, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Control characters other than a line end, and marks without width that only confuse a reader.
fn is_unprintable(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
