//! Attachments: DocumentReference and Binary, decoded to bytes and described as documents.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use vigil_domain::evidence::Document;

use super::{
    bundle::{Entries, Entry},
    pick,
};
use crate::{
    issue::{IssueCode, Notes},
    json::Value,
};

/// The documents of an entry, each with its bytes when they came along.
pub fn documents(entries: &Entries<'_>, index: usize, notes: &mut Notes) -> Vec<(Document, Option<Vec<u8>>)> {
    let entry = &entries.list[index];
    match entry.kind.as_ref() {
        "DocumentReference" => reference(entries, index, notes),
        "QuestionnaireResponse" => entry
            .resource
            .within()
            .filter(|value| value.name() == "valueAttachment")
            .map(|found| attached(entries, index, found, "", notes))
            .collect(),
        _ => Vec::new(),
    }
}

fn reference(entries: &Entries<'_>, index: usize, notes: &mut Notes) -> Vec<(Document, Option<Vec<u8>>)> {
    let entry = &entries.list[index];
    let resource = entry.resource;
    if resource.get("status").and_then(Value::text).is_some_and(|status| status == "entered-in-error") {
        return Vec::new();
    }
    let words = title(entry);
    let on = pick::day(resource, "date", notes);
    let contents: Vec<_> = pick::objects(resource, "content", notes).collect();
    let mut found = Vec::new();
    for content in contents {
        let Some(attachment) = pick::object(content, "attachment", notes) else {
            notes.missing(content, "attachment");
            continue;
        };
        let (mut document, bytes) = attached(entries, index, attachment, &words, notes);
        document.on = document.on.or(on);
        found.push((document, bytes));
    }
    found
}

fn title(entry: &Entry<'_>) -> String {
    let text = |at: Option<Value<'_>>| at.and_then(Value::text).map(|text| text.into_owned());
    let kind = entry.resource.get("type");
    let display = || kind?.get("coding")?.items().find_map(|coding| text(coding.get("display")));
    let code = || pick::first_coding(kind?).map(|(_, code)| code.into_owned());
    text(entry.resource.get("description"))
        .or_else(|| text(kind.and_then(|kind| kind.get("text"))))
        .or_else(display)
        .or_else(code)
        .unwrap_or_else(|| "Document".to_owned())
}

/// An Attachment: inline data, a Binary of the same Bundle, or only a promise.
fn attached(
    entries: &Entries<'_>,
    index: usize,
    at: Value<'_>,
    words: &str,
    notes: &mut Notes,
) -> (Document, Option<Vec<u8>>) {
    let entry = &entries.list[index];
    let text = |name: &str| at.get(name).and_then(Value::text).map(|text| text.into_owned());
    let mut media_type = text("contentType");
    let mut data = at.get("data");
    if data.is_none()
        && let Some(target) = text("url").and_then(|url| entries.resolve(index, url.trim_start_matches('/')))
    {
        data = target.resource.get("data");
        media_type = media_type.or_else(|| Some(target.resource.get("contentType")?.text()?.into_owned()));
    }
    let bytes = data.and_then(|data| decode(data, notes));
    let title = text("title").filter(|_| words.is_empty()).unwrap_or_else(|| words.to_owned());
    let on = pick::day(at, "creation", notes);
    let size = at.get("size").and_then(|size| size.number()?.parse().ok());
    let document = Document {
        digest: bytes.as_deref().map(|bytes| hex(&Sha256::digest(bytes))),
        title,
        media_type: media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        size: bytes.as_ref().map_or(size.unwrap_or(0), |bytes| bytes.len() as u64),
        on,
        place: entry.place(),
    };
    (document, bytes)
}

/// The bytes of a base64 text.
pub(crate) fn decode(data: Value<'_>, notes: &mut Notes) -> Option<Vec<u8>> {
    let text = data.text()?;
    let bare: std::borrow::Cow<'_, str> = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        text.split_ascii_whitespace().collect::<String>().into()
    } else {
        text
    };
    let bytes = STANDARD.decode(bare.as_bytes()).ok();
    if bytes.is_none() {
        notes.error(IssueCode::Value, data, "The attachment is not base64.", "Encode the bytes of the file as base64.");
    }
    bytes
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
