//! Documents and vital signs of a hospital's record.

use sha2::{Digest, Sha256};
use vigil_domain::{
    stay::evidence::{DocumentNews, Measured},
    time::{Moment, Zone},
};

use super::gather::{moment, word};
use crate::{
    fhir::{
        document::{decode, hex},
        pick,
    },
    issue::Notes,
    json::Value,
};

/// A document with its bytes, when they came along.
#[derive(Debug, Clone)]
pub struct Filed {
    /// What the stay is told of it.
    pub news: DocumentNews,
    /// Its bytes.
    pub bytes: Option<Vec<u8>>,
}

/// Reads a DocumentReference: its first attachment, with the bytes where they are inline. A link alone stays a link of the
/// source: nothing is fetched.
pub(super) fn filed(id: String, at: Value<'_>, zone: &Zone, notes: &mut Notes) -> Option<Filed> {
    let content = at.get("content").and_then(|content| content.items().next());
    let attachment = content.and_then(|content| content.get("attachment"));
    let bytes = attachment.and_then(|a| a.get("data")).and_then(|data| decode(data, notes));
    let media_type = attachment.map(|a| word(a, "contentType")).filter(|found| !found.is_empty());
    let kind = at.get("type");
    let display = || Some(kind?.get("coding")?.items().next()?.get("display")?.text()?.into_owned());
    let code = || kind.and_then(pick::first_coding).map(|(_, code)| code.into_owned());
    let said = |found: String| Some(found).filter(|found| !found.is_empty());
    let title = said(word(at, "description"))
        .or_else(|| said(word(kind?, "text")))
        .or_else(display)
        .or_else(|| said(word(attachment?, "title")))
        .or_else(code)
        .unwrap_or_else(|| "Document".to_owned());
    let author = at.get("author").and_then(|author| author.items().next());
    let state = match word(at, "status").as_str() {
        "superseded" => "superseded",
        "entered-in-error" => "entered-in-error",
        _ => "current",
    };
    let news = DocumentNews {
        id,
        title,
        media_type: media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        digest: bytes.as_deref().map(|bytes| hex(&Sha256::digest(bytes))),
        at: moment(at, "date", zone, notes),
        author: author.map(|author| word(author, "display")).unwrap_or_default(),
        state: state.to_owned(),
    };
    Some(Filed { news, bytes })
}

/// Reads an Observation's number, and those of its components (systolic and diastolic pressure).
pub(super) fn measured(at: Value<'_>, when: Moment, notes: &mut Notes) -> Vec<Measured> {
    let components = at.get("component").into_iter().flat_map(Value::items);
    std::iter::once(at).chain(components).filter_map(|one| number(one, when, notes)).collect()
}

fn number(at: Value<'_>, when: Moment, notes: &mut Notes) -> Option<Measured> {
    let quantity = at.get("valueQuantity")?;
    let code = pick::concept_codes(at.get("code")?, notes).into_iter().next()?;
    let value = quantity.get("value")?.number()?.to_string();
    let unit = Some(word(quantity, "unit")).filter(|unit| !unit.is_empty()).unwrap_or_else(|| word(quantity, "code"));
    Some(Measured { code, at: when, value, unit })
}
