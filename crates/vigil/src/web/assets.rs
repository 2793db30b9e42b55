//! Static files: part of the binary, named by the hash of their content, kept by browsers for good.

use std::sync::LazyLock;

use axum::{
    body::{Body, Bytes},
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest as _, Sha256};

const STYLES: &str = concat!(
    include_str!("static/tokens.css"),
    include_str!("static/base.css"),
    include_str!("static/pages.css"),
    include_str!("static/hospital.css")
);

/// One static file.
struct Asset {
    name: &'static str,
    /// `/static/vigil-0123456789ab.css`
    href: &'static str,
    etag: HeaderValue,
    media_type: HeaderValue,
    bytes: &'static [u8],
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("vigil.css", "text/css; charset=utf-8", STYLES.as_bytes()),
        asset("htmx.js", "text/javascript; charset=utf-8", include_bytes!("static/htmx.min.js")),
        asset("keyboard.js", "text/javascript; charset=utf-8", include_bytes!("static/keyboard.js")),
        asset("pages.js", "text/javascript; charset=utf-8", include_bytes!("static/pages.js")),
        asset("hospital.js", "text/javascript; charset=utf-8", include_bytes!("static/hospital.js")),
        asset("icon.svg", "image/svg+xml", include_bytes!("static/icon.svg")),
    ]
});

fn asset(name: &'static str, media_type: &'static str, bytes: &'static [u8]) -> Asset {
    let hash: String = Sha256::digest(bytes).iter().take(6).map(|b| format!("{b:02x}")).collect();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset {
        name,
        // Made once for the life of the process.
        href: Box::leak(format!("/static/{stem}-{hash}.{ending}").into_boxed_str()),
        etag: HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"0\"")),
        media_type: HeaderValue::from_static(media_type),
        bytes,
    }
}

/// The address of a file by its plain name (`vigil.css`).
///
/// # Panics
/// When no such file exists: a page names a file that was never written.
pub fn href(name: &str) -> &'static str {
    ASSETS.iter().find(|a| a.name == name).map(|a| a.href).expect("a page names only static files that exist")
}

/// `GET /static/{file}`: by its hashed name for good, by its plain name with a question each time.
pub async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let found = ASSETS.iter().find_map(|a| {
        let hashed = a.href.strip_prefix("/static/") == Some(file.as_str());
        (hashed || a.name == file).then_some((a, hashed))
    });
    let Some((asset, for_good)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|sent| sent == asset.etag);
    let body = if known { Body::empty() } else { Body::from(Bytes::from_static(asset.bytes)) };
    let mut response = Response::new(body);
    *response.status_mut() = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let keep = if for_good { "public, max-age=31536000, immutable" } else { "no-cache" };
    let into = response.headers_mut();
    into.insert(header::ETAG, asset.etag.clone());
    into.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    into.insert(header::CONTENT_TYPE, asset.media_type.clone());
    response
}
