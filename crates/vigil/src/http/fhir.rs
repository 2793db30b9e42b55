//! The prior authorization interface: `Claim/$submit`, `Claim/$inquire` and `metadata` on two bases. Transport only: the token is
//! checked, the bytes go to the desk, the desk's bytes go back.

use std::{future::poll_fn, pin::Pin, sync::LazyLock, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use hyper::body::Body as _;
use vigil_store::StoreFault;
use vigil_wire::{
    fhir::{capability, outcome::operation_outcome, pas::Base},
    issue::{Issue, IssueCode, Severity},
};

use crate::{
    access::token::{self, Closed},
    app::App,
    observe::{self, metrics::Limit},
};

/// How long a sender may take to send a body.
const BODY_SECONDS: u64 = 30;
/// How much of a body that is too large is read and thrown away, so that its sender hears why.
const DRAINED: usize = 64 * 1024 * 1024;
const FHIR_JSON: HeaderValue = HeaderValue::from_static("application/fhir+json");

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Submit,
    Inquire,
}

/// Both bases, under `/pas`.
pub fn routes() -> Router<App> {
    Router::new()
        .nest("/2.0/fhir", base(Base::V20))
        .nest("/2.2/fhir", base(Base::V22))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
}

fn base(base: Base) -> Router<App> {
    let operate = |operation| move |State(app): State<App>, request: Request| answer(app, base, operation, request);
    Router::new()
        .route("/Claim/$submit", post(operate(Operation::Submit)))
        .route("/Claim/$inquire", post(operate(Operation::Inquire)))
        // The same addresses as some clients write them.
        .route("/Claim/%24submit", post(operate(Operation::Submit)))
        .route("/Claim/%24inquire", post(operate(Operation::Inquire)))
        .route("/metadata", get(move |State(app): State<App>| metadata(app, base)))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
}

/// The path of a base, as its address ends.
pub fn path(base: Base) -> &'static str {
    match base {
        Base::V20 => "/pas/2.0/fhir",
        Base::V22 => "/pas/2.2/fhir",
    }
}

async fn metadata(app: App, base: Base) -> Response {
    let url = format!("{}{}", app.settings.base_url(), path(base));
    let body = capability::metadata(base, &url, env!("CARGO_PKG_VERSION"));
    respond(StatusCode::OK, body)
}

async fn answer(app: App, base: Base, operation: Operation, request: Request) -> Response {
    handle(&app, base, operation, request).await.unwrap_or_else(|no| no.answer(&app))
}

impl No {
    /// The answer of an interface that was not served, counted where a limit was met.
    pub(super) fn answer(self, app: &App) -> Response {
        match self {
            No::Issue(status, issue) => {
                match status {
                    StatusCode::REQUEST_TIMEOUT => app.metrics.limited(Limit::Body),
                    StatusCode::PAYLOAD_TOO_LARGE => app.metrics.limited(Limit::TooLarge),
                    _ => {}
                }
                refuse(status, &issue)
            }
            No::Closed(closed, scope) => shut(closed, scope),
            No::Over(limit) => {
                app.metrics.limited(limit);
                over(limit)
            }
            No::Fault(fault) => {
                if fault.is_busy() {
                    app.metrics.limited(Limit::Store);
                }
                faulty(&fault)
            }
        }
    }
}

/// Why the desk was not asked, or could not answer.
pub(super) enum No {
    Issue(StatusCode, Box<Issue>),
    Closed(Closed, &'static str),
    Over(Limit),
    Fault(StoreFault),
}

impl From<StoreFault> for No {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault)
    }
}

async fn handle(app: &App, base: Base, operation: Operation, request: Request) -> Result<Response, No> {
    let received_at = app.desk.time.now();
    let (parts, body) = request.into_parts();
    let token = token::bearer(app, &parts.headers, token::PAS)?.map_err(|closed| No::Closed(closed, token::PAS))?;
    must_be_json(&parts.headers)?;
    let _place = app.limits.enter_of(&token.name).map_err(No::Over)?;
    let body = read(body, &parts.headers, app.settings.body_limit.0).await?;
    let desk = &app.desk;
    let answered = match operation {
        Operation::Submit => desk.submit(&token.tenant, base, &token.name, received_at, body.into()).await?,
        Operation::Inquire => desk.inquire(&token.tenant, base, &token.name, received_at, &body).await?,
    };
    Ok(respond(StatusCode::from_u16(answered.status).unwrap_or(StatusCode::OK), answered.body))
}

pub(super) async fn read(body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, No> {
    let too_large = || {
        no(
            StatusCode::PAYLOAD_TOO_LARGE,
            IssueCode::TooLong,
            "The body is larger than this server reads.",
            &format!("Send at most {limit} bytes; send attachments apart."),
        )
    };
    let said = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > limit) {
        // Whoever waits for our leave to send hears the answer at once; whoever sends already could not hear it before the end.
        if !headers.contains_key(header::EXPECT) {
            let _heard = tokio::time::timeout(Duration::from_secs(BODY_SECONDS), drain(body)).await;
        }
        return Err(too_large());
    }
    match tokio::time::timeout(Duration::from_secs(BODY_SECONDS), to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_limit(&error) => Err(too_large()),
        Ok(Err(_)) => Err(no(
            StatusCode::BAD_REQUEST,
            IssueCode::Incomplete,
            "The body ended before it was complete.",
            "Send the message again, whole.",
        )),
        Err(_) => Err(no(
            StatusCode::REQUEST_TIMEOUT,
            IssueCode::Incomplete,
            "The body took too long to arrive.",
            &format!("Send it within {BODY_SECONDS} seconds."),
        )),
    }
}

/// Reads on without keeping anything, up to [`DRAINED`] bytes: a sender in the middle of a body reads no answer.
async fn drain(body: Body) {
    let mut body = body;
    let mut left = DRAINED;
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        left = left.saturating_sub(length);
        if left == 0 {
            break;
        }
    }
}

fn is_limit(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.to_string().contains("length limit exceeded") {
            return true;
        }
        source = inner.source();
    }
    false
}

/// The body is declared as FHIR JSON.
pub(super) fn must_be_json(headers: &HeaderMap) -> Result<(), No> {
    if is_json(headers) {
        return Ok(());
    }
    Err(no(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        IssueCode::NotSupported,
        "The body is not declared as FHIR JSON.",
        "Send Content-Type: application/fhir+json.",
    ))
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    ["application/fhir+json", "application/json", "application/json+fhir"].iter().any(|k| kind.eq_ignore_ascii_case(k))
}

pub(super) fn respond(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, FHIR_JSON);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn issue(code: IssueCode, details: &str, diagnostics: &str) -> Box<Issue> {
    Box::new(Issue {
        severity: Severity::Error,
        code,
        expression: "Bundle".into(),
        details: details.into(),
        diagnostics: diagnostics.into(),
    })
}

pub(super) fn no(status: StatusCode, code: IssueCode, details: &str, diagnostics: &str) -> No {
    No::Issue(status, issue(code, details, diagnostics))
}

fn refuse(status: StatusCode, issue: &Issue) -> Response {
    respond(status, operation_outcome(std::slice::from_ref(issue)))
}

fn shut(closed: Closed, scope: &str) -> Response {
    let insufficient = format!("Bearer realm=\"vigil\", error=\"insufficient_scope\", scope=\"{scope}\"");
    let ask = format!("Ask the people who run Vigil for a token with the scope {scope}.");
    let (status, challenge, code, says, instead) = match closed {
        Closed::Missing => (
            StatusCode::UNAUTHORIZED,
            "Bearer realm=\"vigil\"",
            IssueCode::Login,
            "No bearer token came with the request.",
            "Send Authorization: Bearer and the token made for this interface.",
        ),
        Closed::Invalid => (
            StatusCode::UNAUTHORIZED,
            "Bearer realm=\"vigil\", error=\"invalid_token\"",
            IssueCode::Login,
            "The bearer token is not known, has ended or was revoked.",
            "Ask the people who run Vigil for a new one.",
        ),
        Closed::Scope => (
            StatusCode::FORBIDDEN,
            insufficient.as_str(),
            IssueCode::Forbidden,
            "The bearer token is not for this interface.",
            ask.as_str(),
        ),
    };
    let mut response = refuse(status, &issue(code, says, instead));
    if let Ok(challenge) = HeaderValue::from_str(challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The answer when a limit was met: when to come back, and that nothing was judged twice.
pub fn over(limit: Limit) -> Response {
    let again = "Send the same bytes again after the time in Retry-After; they are judged at most once.";
    let (status, code, says, seconds) = match limit {
        Limit::Sender => (
            StatusCode::TOO_MANY_REQUESTS,
            IssueCode::Throttled,
            "More messages of this sender are being answered than it may have at once.",
            "1",
        ),
        Limit::Answer => (
            StatusCode::SERVICE_UNAVAILABLE,
            IssueCode::Timeout,
            "There was no answer in the time an answer may take; the message may have been judged.",
            "5",
        ),
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            IssueCode::Throttled,
            "More messages are being answered than this server takes at once.",
            "1",
        ),
    };
    let mut response = refuse(status, &issue(code, says, again));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
    response
}

fn faulty(fault: &StoreFault) -> Response {
    if fault.is_busy() {
        let (says, wait) = if fault.is_away() {
            tracing::warn!(%fault, "the store is away");
            ("The store does not answer at the moment.", "2")
        } else {
            ("More messages are waiting than can be written.", "1")
        };
        let again = issue(
            IssueCode::Throttled,
            says,
            "Send the same bytes again after the time in Retry-After; they are judged at most once.",
        );
        let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, &again);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(wait));
        return response;
    }
    let id = observe::fault("answer a message", fault);
    if fault.is_disk() {
        let says = format!("Nothing can be kept at the moment: the disk is full or fails. Number: {id}.");
        let again = "Nothing of this message was kept; send the same bytes again after the time in Retry-After.";
        let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, &issue(IssueCode::NoStore, &says, again));
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
        return response;
    }
    let details = format!("Something broke on our side. Number: {id}.");
    let again = "Send the same bytes again; they are judged at most once.";
    refuse(StatusCode::INTERNAL_SERVER_ERROR, &issue(IssueCode::Exception, &details, again))
}

static UNKNOWN: LazyLock<Box<Issue>> = LazyLock::new(|| {
    issue(
        IssueCode::NotFound,
        "There is nothing at this address.",
        "The operations are Claim/$submit and Claim/$inquire under /pas/2.0/fhir and /pas/2.2/fhir; see metadata there.",
    )
});

async fn unknown() -> Response {
    refuse(StatusCode::NOT_FOUND, &UNKNOWN)
}

async fn wrong_method() -> Response {
    let says = "This address does not take this method.";
    refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        &issue(IssueCode::NotSupported, says, "Use POST for operations, GET for metadata."),
    )
}
