//! The names of files: as a form brings them, and as an answer gives them to whoever keeps the file.

use std::fmt::Write as _;

/// A combining mark, letters it stands on, and the letters with it: those of the languages that are written with Latin letters
/// and one mark. What is not here stays as it was sent.
const MARKS: [(char, &str, &str); 8] = [
    ('\u{300}', "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
    ('\u{301}', "AEIOUYaeiouyCcNnSsZz", "ÁÉÍÓÚÝáéíóúýĆćŃńŚśŹź"),
    ('\u{302}', "AEIOUaeiou", "ÂÊÎÔÛâêîôû"),
    ('\u{303}', "ANOano", "ÃÑÕãñõ"),
    ('\u{308}', "AEIOUaeiouy", "ÄËÏÖÜäëïöüÿ"),
    ('\u{30a}', "Aa", "Åå"),
    ('\u{30c}', "CSZRNEcszrne", "ČŠŽŘŇĚčšžřňě"),
    ('\u{327}', "CcSs", "ÇçŞş"),
];

/// Letters with the marks that follow them put on.
fn composed(name: &str) -> String {
    let mut whole = String::with_capacity(name.len());
    for letter in name.chars() {
        let with = MARKS.iter().find(|(mark, ..)| *mark == letter).and_then(|(_, letters, with)| {
            let last = whole.chars().last()?;
            letters.chars().zip(with.chars()).find(|(letter, _)| *letter == last)
        });
        match with {
            Some((_, with)) => {
                whole.pop();
                whole.push(with);
            }
            None => whole.push(letter),
        }
    }
    whole
}

/// The letter below a mark.
fn bare(letter: char) -> char {
    let found =
        MARKS.iter().find_map(|(_, letters, with)| letters.chars().zip(with.chars()).find(|(_, w)| *w == letter));
    found.map_or(letter, |(bare, _)| bare)
}

/// The name in a part's `Content-Disposition`; none when the part is no file. The extended form (RFC 5987) goes first; the plain
/// one is read as UTF-8, from an older program as Latin-1. Letters and their accents are put together, because some systems
/// send them apart.
pub fn sent(header: &[u8]) -> Option<String> {
    let name = match parameter(header, "filename*").and_then(|value| extended(&value)) {
        Some(name) => name,
        // Browsers write a quotation mark so, and nothing else (HTML, multipart/form-data).
        None => text(&parameter(header, "filename")?).replace("%22", "\""),
    };
    Some(composed(&name))
}

/// The header that gives a file its name: for every program one without accents, and beside it the name itself (RFC 6266).
pub fn disposition(how: &str, name: &str) -> String {
    let safe = |c: &char| !c.is_control() && !matches!(c, '/' | '\\' | '"' | ':' | '*' | '?' | '<' | '>' | '|');
    let name: String = composed(name).chars().filter(safe).take(80).collect();
    let plain: String = name.chars().map(bare).filter(|c| c.is_ascii_alphanumeric() || " ._-()".contains(*c)).collect();
    let plain = if plain.trim().is_empty() { "document" } else { plain.trim() };
    let mut header = format!("{how}; filename=\"{plain}\"");
    if plain != name {
        header.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => header.push(byte.into()),
                _ => {
                    let _ = write!(header, "%{byte:02X}");
                }
            }
        }
    }
    header
}

fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// `UTF-8''Evaluaci%C3%B3n.pdf`
fn extended(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |byte| *byte == b'\'');
    let (charset, _language, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let mut bytes = Vec::with_capacity(rest.len());
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        let code = (*byte == b'%').then(|| std::str::from_utf8(rest.get(at + 1..at + 3)?).ok()).flatten();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                at += 3;
            }
            None => {
                bytes.push(*byte);
                at += 1;
            }
        }
    }
    match charset.eq_ignore_ascii_case(b"utf-8") {
        true => String::from_utf8(bytes).ok(),
        false => charset.eq_ignore_ascii_case(b"iso-8859-1").then(|| bytes.iter().map(|b| char::from(*b)).collect()),
    }
}

/// A parameter of a header, without its quotes. A backslash stands for itself, but before a quotation mark: old browsers send
/// whole paths.
fn parameter(header: &[u8], wanted: &str) -> Option<Vec<u8>> {
    let (mut part, mut quoted) = (Vec::new(), false);
    let mut bytes = header.iter().copied().chain([b';']).peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if quoted && bytes.peek() == Some(&b'"') => part.extend(bytes.next()),
            b'"' => quoted = !quoted,
            b';' if !quoted || bytes.peek().is_none() => {
                let cut = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
                let (name, value) = part.split_at(cut);
                if name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()) && !value.is_empty() {
                    return Some(value[1..].trim_ascii().to_vec());
                }
                part.clear();
            }
            _ => part.push(byte),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_accents_arrives_whole_however_it_was_sent() {
        let composed = Some("Evaluación de Núñez.pdf".to_owned());
        let apart = "form-data; name=\"files\"; filename=\"Evaluacio\u{301}n de Nu\u{301}n\u{303}ez.pdf\"";
        let latin: Vec<u8> =
            "form-data; name=\"files\"; filename=\"Evaluación de Núñez.pdf\"".chars().map(|c| c as u8).collect();
        for header in [
            "form-data; name=\"files\"; filename=\"Evaluación de Núñez.pdf\"".as_bytes(),
            apart.as_bytes(),
            &latin,
            b"form-data; name=\"files\"; filename=\"_.pdf\"; filename*=UTF-8''Evaluaci%C3%B3n%20de%20N%C3%BA%C3%B1ez.pdf",
            b"form-data; name=\"files\"; filename*=iso-8859-1'es'Evaluaci%F3n%20de%20N%FA%F1ez.pdf",
        ] {
            assert_eq!(sent(header), composed, "{}", String::from_utf8_lossy(header));
        }
        for (header, name) in [
            (&b"form-data; name=\"note\""[..], None),
            (b"form-data; name=\"filename\"", None),
            (b"form-data; name=\"files\"; filename=\"\"", Some("")),
            (b"form-data; name=\"files\"; filename=\"a;b.pdf\"", Some("a;b.pdf")),
            (b"form-data; name=\"files\"; filename=\"C:\\scans\\note.pdf\"", Some("C:\\scans\\note.pdf")),
            (b"form-data; name=\"files\"; filename=\"the %22best%22.pdf\"", Some("the \"best\".pdf")),
            (b"form-data; name=\"files\"; FileName=note.pdf", Some("note.pdf")),
            (b"form-data; filename*=UTF-8''%C3.pdf; filename=\"plain.pdf\"", Some("plain.pdf")),
            (b"form-data; filename*=UTF-8''100%.pdf", Some("100%.pdf")),
        ] {
            assert_eq!(sent(header).as_deref(), name, "{}", String::from_utf8_lossy(header));
        }
    }

    #[test]
    fn a_file_keeps_its_name_when_it_is_saved() {
        assert_eq!(disposition("inline", "note.pdf"), "inline; filename=\"note.pdf\"");
        assert_eq!(
            disposition("inline", "Evaluación.pdf"),
            "inline; filename=\"Evaluacion.pdf\"; filename*=UTF-8''Evaluaci%C3%B3n.pdf"
        );
        assert_eq!(
            disposition("attachment", "診断書"),
            "attachment; filename=\"document\"; filename*=UTF-8''%E8%A8%BA%E6%96%AD%E6%9B%B8"
        );
        let wicked = disposition("inline", "a\"\r\nSet-Cookie: x=1/..\\b.pdf");
        assert!(wicked.is_ascii() && !wicked.contains(['\r', '\n', '/', '\\']), "{wicked}");
        assert_eq!(sent(disposition("inline", "Evaluación 2.pdf").as_bytes()).as_deref(), Some("Evaluación 2.pdf"));
    }
}
