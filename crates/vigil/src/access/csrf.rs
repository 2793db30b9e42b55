//! Forged forms: a request that changes something must come from our own page, and carry the token of its session.

use axum::http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};

use super::secret;

/// The header htmx sends.
pub const HEADER: &str = "x-csrf-token";
/// The field of a form; in a multipart form the first one.
pub const FIELD: &str = "csrf";

/// The token of a session, derived from the cookie's secret: nothing to keep, nothing to guess.
pub fn token_of(session: &str) -> String {
    let digest = Sha256::new().chain_update("vigil form\0").chain_update(session).finalize();
    digest.iter().take(20).map(|b| format!("{b:02x}")).collect()
}

/// Whether the browser says the request comes from our own pages (or says nothing: then the token alone decides).
pub fn from_our_pages(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|v: &axum::http::HeaderValue| v.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text(header::HOST)
}

/// Whether headers or form carry the session's token.
pub fn carries(headers: &HeaderMap, body: &[u8], token: &str) -> bool {
    let sent = headers.get(HEADER).map(|v| v.as_bytes().to_vec()).or_else(|| field(headers, body));
    sent.is_some_and(|sent| secret::same(&sent, token.as_bytes()))
}

/// The form's `csrf` field: anywhere in a plain form, first in a multipart one.
fn field(headers: &HeaderMap, body: &[u8]) -> Option<Vec<u8>> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    if kind.starts_with("multipart/form-data") {
        let head = &body[..body.len().min(1024)];
        let mark = format!("name=\"{FIELD}\"\r\n\r\n");
        let at = head.windows(mark.len()).position(|w| w == mark.as_bytes())? + mark.len();
        let end = head[at..].iter().position(|b| *b == b'\r')?;
        return Some(head[at..at + end].to_vec());
    }
    let pairs = body.split(|b| *b == b'&');
    pairs.filter_map(|pair| pair.strip_prefix(FIELD.as_bytes())?.strip_prefix(b"=")).next().map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (header::HeaderName::from_static(k), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn where_a_request_comes_from() {
        for (pairs, ours) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")], false),
            (&[("origin", "http://a:8080"), ("host", "a:8080")], true),
            (&[("origin", "http://b"), ("host", "a")], false),
            (&[("origin", "null"), ("host", "a")], false),
            (&[("host", "a")], true),
        ] {
            assert_eq!(from_our_pages(&headers(pairs)), ours, "{pairs:?}");
        }
    }

    #[test]
    fn the_token_is_found_in_header_form_and_multipart() {
        let token = token_of("s_1");
        assert_ne!(token, token_of("s_2"));
        let form = headers(&[("content-type", "application/x-www-form-urlencoded")]);
        assert!(carries(&form, format!("a=1&csrf={token}&b=2").as_bytes(), &token));
        assert!(!carries(&form, format!("a=1&xcsrf={token}").as_bytes(), &token));
        assert!(!carries(&form, b"a=1&csrf=", &token));
        assert!(!carries(&form, b"", &token));
        let multipart = headers(&[("content-type", "multipart/form-data; boundary=x")]);
        let body = format!("--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--x--");
        assert!(carries(&multipart, body.as_bytes(), &token));
        assert!(!carries(&multipart, b"--x--", &token));
        let mut by_header = HeaderMap::new();
        by_header.insert(HEADER, HeaderValue::from_str(&token).unwrap());
        assert!(carries(&by_header, b"", &token));
    }
}
