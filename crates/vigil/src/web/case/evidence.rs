//! The evidence of a case: the clinical statements of the request and its documents, opened one by one, each opening kept.

use vigil_domain::{
    case::{Case, STATEMENTS},
    evidence::{ClinicalItem, ItemKind, When},
    time::Moment,
};

use super::criteria;
use crate::web::words;

/// One thing that can be opened.
#[derive(Debug, Clone)]
pub struct EvidenceItem {
    /// Its place: `statements`, or a document's place.
    pub place: String,
    /// What it is called.
    pub title: String,
    /// `PDF, 2 pages` and the like: kind and size.
    pub kind: String,
    /// Its day.
    pub on: String,
    /// Digest of its bytes; empty for the statements, or when only a promise came.
    pub digest: String,
    /// Opened by the reader, and when.
    pub opened: Option<String>,
    /// It is the one shown.
    pub shown: bool,
    /// Nothing came but its name.
    pub missing: bool,
}

/// What is shown of the opened piece.
#[derive(Debug, Clone)]
pub enum Shown {
    /// The clinical statements as a table.
    Statements(Vec<StatementView>),
    /// A PDF, drawn by the browser.
    Pdf {
        /// Where its bytes are.
        href: String,
        /// What it is called.
        title: String,
    },
    /// A picture.
    Image {
        /// Where its bytes are.
        href: String,
        /// What it is called.
        title: String,
    },
    /// A text.
    Text {
        /// Its words.
        text: String,
        /// What it is called.
        title: String,
    },
    /// A file that a browser does not show.
    File {
        /// Where its bytes are.
        href: String,
        /// What it is called.
        title: String,
    },
}

/// One clinical statement as shown.
#[derive(Debug, Clone)]
pub struct StatementView {
    /// What it is.
    pub kind: &'static str,
    /// Of what: label and code.
    pub what: String,
    /// Its value.
    pub value: String,
    /// When.
    pub on: String,
    /// Where it stands.
    pub place: String,
}

/// Everything there is, with what the reader has opened.
pub fn items(case: &Case, person: &str, shown: Option<&str>, now: Moment) -> Vec<EvidenceItem> {
    let zone = &case.contract.zone;
    let opened = case.opened_by(person);
    let when = |place: &str| opened.iter().find(|o| o.evidence == place).map(|o| words::near(o.at, zone, now));
    let statements = EvidenceItem {
        place: STATEMENTS.to_owned(),
        title: "Clinical statements of the request".to_owned(),
        kind: words::many(case.request.items.len() as i64, "statement", "statements"),
        on: String::new(),
        digest: String::new(),
        opened: when(STATEMENTS),
        shown: shown == Some(STATEMENTS),
        missing: false,
    };
    let documents = case.request.documents.iter().map(|document| EvidenceItem {
        place: document.place.clone(),
        title: document.title.clone(),
        kind: format!("{}, {}", kind(&document.media_type), size(document.size)),
        on: words::day_or(document.on, ""),
        digest: document.digest.clone().unwrap_or_default(),
        opened: when(&document.place),
        shown: shown == Some(document.place.as_str()),
        missing: document.digest.is_none(),
    });
    std::iter::once(statements).chain(documents).collect()
}

/// The statements of the request.
pub fn statements(case: &Case) -> Vec<StatementView> {
    case.request.items.iter().map(|item| statement(case, item)).collect()
}

fn statement(case: &Case, item: &ClinicalItem) -> StatementView {
    let code = item.codes.first().map(ToString::to_string);
    let what = code.or_else(|| item.link_id.as_deref().map(words::plain)).unwrap_or_else(|| item.place.clone());
    let on = match item.when {
        Some(When::Moment(at)) => words::day(case.contract.zone.day(at)),
        Some(When::Day(day)) => words::day(day),
        None => String::new(),
    };
    StatementView {
        kind: item_kind(&item.kind),
        what,
        value: item.value.as_ref().map(|v| criteria::value(v, item.unit.as_deref())).unwrap_or_default(),
        on,
        place: item.place.clone(),
    }
}

fn item_kind(kind: &ItemKind) -> &'static str {
    match kind {
        ItemKind::Observation => "observation",
        ItemKind::Condition => "condition",
        ItemKind::Procedure => "procedure",
        ItemKind::Medication => "medication",
        ItemKind::Device => "device",
        ItemKind::Encounter => "encounter",
        ItemKind::Report => "report",
        ItemKind::Order => "order",
        ItemKind::Answer => "answer",
        ItemKind::Other(_) => "statement",
    }
}

/// How the opened document is shown, by its media type.
pub fn shown(href: String, title: String, media_type: &str, bytes: &[u8]) -> Shown {
    match media_type.split(';').next().unwrap_or("").trim() {
        "application/pdf" => Shown::Pdf { href, title },
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" => Shown::Image { href, title },
        text if text.starts_with("text/") && text != "text/html" => {
            Shown::Text { text: String::from_utf8_lossy(bytes).into_owned(), title }
        }
        _ => Shown::File { href, title },
    }
}

fn kind(media_type: &str) -> &str {
    match media_type.split(';').next().unwrap_or("").trim() {
        "application/pdf" => "PDF",
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/tiff" => "picture",
        "text/plain" => "text",
        "application/xml" | "text/xml" => "XML",
        other => other,
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} kB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}
