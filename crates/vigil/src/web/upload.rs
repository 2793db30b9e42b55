//! What a form brings along: fields, and files known by their first bytes, never by what the sender calls them.

use axum::{
    RequestExt,
    extract::{Multipart, Request, rejection::FormRejection},
    http::header,
};

use super::{file_name, form::Form};

/// The most bytes of all files of one form.
pub const LIMIT: usize = 8 * 1024 * 1024;

/// The most bytes a page's form may have in all, by the largest message that is read: room for more files than are kept, so
/// that a form with too large a file comes back filled and says so.
pub fn page_limit(body_limit: usize) -> usize {
    body_limit.saturating_mul(2).saturating_add(1 << 20)
}

/// A file as sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The name the sender gave it.
    pub name: String,
    /// Its media type, by its first bytes.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A form with its files.
#[derive(Debug, Default)]
pub struct Upload {
    /// The fields.
    pub form: Form,
    /// The files that can be kept.
    pub files: Vec<Sent>,
    /// What cannot be kept, and why: one sentence each.
    pub problems: Vec<String>,
}

/// A form that was cut short, is too large, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// Reads a posted form, plain or multipart. It knows nothing of pages, so that it can be fuzzed alone.
///
/// # Errors
/// What cannot be read as a form.
pub async fn read(request: Request) -> Result<Upload, Unreadable> {
    let multipart = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    if !multipart {
        let form: Result<axum::Form<Vec<(String, String)>>, FormRejection> = request.extract().await;
        let axum::Form(pairs) = form.map_err(|_| Unreadable)?;
        return Ok(Upload { form: Form::new(pairs), ..Upload::default() });
    }
    let mut parts: Multipart = request.extract().await.map_err(|_| Unreadable)?;
    let mut upload = Upload::default();
    let mut whole = 0;
    while let Some(part) = parts.next_field().await.map_err(|_| Unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.headers().get(header::CONTENT_DISPOSITION).and_then(|h| file_name::sent(h.as_bytes()));
        let bytes = part.bytes().await.map_err(|_| Unreadable)?;
        let Some(file) = file else {
            upload.form.push(name, String::from_utf8_lossy(&bytes));
            continue;
        };
        if bytes.is_empty() {
            // A field in which no file was chosen comes with no name.
            if !file.is_empty() {
                upload
                    .problems
                    .push(format!("{file}: the file is empty. Choose it again, or ask for it to be sent anew."));
            }
            continue;
        }
        whole += bytes.len();
        match media_type(&bytes) {
            _ if whole > LIMIT => upload.problems.push(format!(
                "{file}: the files are more than 8 MB together, and were not kept. Choose them again, smaller or fewer."
            )),
            Some(media_type) => upload.files.push(Sent { name: plain_name(&file), media_type, bytes: bytes.to_vec() }),
            None => upload.problems.push(format!("{file}: this is not a PDF, a picture (PNG, JPEG) or a text.")),
        }
    }
    Ok(upload)
}

/// What the bytes are, by their first ones; none for what is not kept.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        text => {
            let words = std::str::from_utf8(text).ok()?;
            let printable = words.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}'));
            printable.then_some("text/plain")
        }
    }
}

/// The last part of a path, without what could lead elsewhere.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let safe: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    if safe.trim().is_empty() { "document".to_owned() } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        for (bytes, kind) in [
            (&b"%PDF-1.7\n"[..], Some("application/pdf")),
            (b"\x89PNG\r\n\x1a\n....", Some("image/png")),
            (b"\xff\xd8\xff\xe0....", Some("image/jpeg")),
            ("Progress note, day 3.\nNo fever.".as_bytes(), Some("text/plain")),
            (b"MZ\x90\x00\x03", None),
            (b"PK\x03\x04\x14\x00", None),
        ] {
            assert_eq!(media_type(bytes), kind, "{bytes:?}");
        }
    }

    #[test]
    fn names_lead_nowhere() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\scans\\note.pdf"), "note.pdf");
        assert_eq!(plain_name(" \n"), "document");
    }
}
