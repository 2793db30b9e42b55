//! The guard around all pages: who is it, did the form come from us, and how does a "no" look.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use futures_util::StreamExt as _;

use super::{cookie, csrf, session, session::SignedIn};
use crate::{
    app::App,
    web::{
        error::{PageError, dress},
        frame::{CONTENT_SECURITY_POLICY, Frame},
        upload,
    },
};

/// Whether pages behind the guard need sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Sign-in page, help, static files.
    Open,
    /// Everything else.
    SignedIn,
}

/// The middleware: `from_fn_with_state((app, Gate::SignedIn), guard)`.
pub async fn guard(State((app, gate)): State<(App, Gate)>, request: Request, next: Next) -> Response {
    let theme = cookie::theme(request.headers());
    let fragment = request.headers().contains_key("hx-request");
    let (who, response) = match session::find(&app, request.headers()).await {
        Err(fault) => (None, PageError::from(fault).into_response()),
        Ok(None) if gate == Gate::SignedIn => (None, to_sign_in(&request, fragment)),
        Ok(who) => {
            let response = match checked(&app, gate, who.as_ref(), request).await {
                Ok(request) => next.run(request).await,
                Err(refused) => refused.into_response(),
            };
            (who, response)
        }
    };
    let anonymous = Frame { theme, demonstration: app.access.demonstration, ..Frame::default() };
    let frame = who.map_or(anonymous, |who| who.frame("", crate::web::frame::Tab::None));
    let mut response = dress(response, frame, fragment);
    harden(response.headers_mut());
    response
}

/// Lets a request through when it reads, or when it comes from our pages with its session's token.
async fn checked(app: &App, gate: Gate, who: Option<&SignedIn>, request: Request) -> Result<Request, PageError> {
    let (mut parts, body) = request.into_parts();
    let mut body = body;
    if !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        if !csrf::from_our_pages(&parts.headers) {
            return Err(PageError::Forged);
        }
        if gate == Gate::SignedIn {
            let bytes = whole(body, upload::page_limit(app.settings.body_limit.0)).await?;
            let token = who.map(|who| who.csrf.as_str()).unwrap_or_default();
            if token.is_empty() || !csrf::carries(&parts.headers, &bytes, token) {
                return Err(PageError::Forged);
            }
            body = Body::from(bytes);
        }
    }
    if let Some(who) = who {
        parts.extensions.insert(who.clone());
    }
    Ok(Request::from_parts(parts, body))
}

/// Read past the limit, so that a browser that is still sending gets to see the answer.
const READ_ON: usize = 64 << 20;

/// The whole body, or why not. What is over the limit is read and thrown away: a browser shows no answer before it has sent.
async fn whole(body: Body, limit: usize) -> Result<Vec<u8>, PageError> {
    let mut pieces = body.into_data_stream();
    let (mut kept, mut read) = (Vec::new(), 0_usize);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| PageError::from(upload::Unreadable))?;
        read = read.saturating_add(piece.len());
        if read <= limit {
            kept.extend_from_slice(&piece);
        } else {
            kept = Vec::new();
        }
        if read > limit.saturating_add(READ_ON) {
            break;
        }
    }
    if read > limit { Err(PageError::TooLarge(limit)) } else { Ok(kept) }
}

/// To the sign-in page and back again; htmx is told to load the page whole.
fn to_sign_in(request: &Request, fragment: bool) -> Response {
    let back = match (request.method(), request.uri().path()) {
        (&Method::GET, path) if path != "/" && !fragment => format!("/sign-in?next={}", escaped(path)),
        _ => "/sign-in".to_owned(),
    };
    if !fragment {
        return Redirect::to(&back).into_response();
    }
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    response.headers_mut().insert("hx-redirect", HeaderValue::from_static("/sign-in"));
    response
}

/// A path as the value of a query field. Only the path goes along: query strings may name patients.
fn escaped(path: &str) -> String {
    path.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

fn harden(headers: &mut HeaderMap) {
    // A page that shows a document of its own may set a policy of its own.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
