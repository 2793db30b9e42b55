//! What stands around every answer: a place within the limits, an end to waiting, and a count by route template.

use std::{sync::atomic::Ordering, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::fhir;
use crate::{
    app::App,
    observe::metrics::{Limit, OneMore},
};

/// Answers that the watchers need most when everything else is full.
const ALWAYS: [&str; 3] = ["/health", "/ready", "/metrics"];

/// The middleware.
pub async fn around(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let span = app.traces.begin(request.headers(), app.desk.time.now());
    let method = label(request.method());
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = matched.unwrap_or_else(|| "none".to_owned());
    let interface = request.uri().path().starts_with("/pas/");
    let one_more = OneMore::of(&app.metrics.in_flight);
    let response = if ALWAYS.contains(&route.as_str()) {
        next.run(request).await
    } else {
        within(&app, request, next).await.unwrap_or_else(|limit| over(&app, limit, interface))
    };
    drop(one_more);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    app.metrics.answered(method, &route, status, took);
    app.traces.answered(span, method, &route, status);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(method, route, status, ms, "answered");
    response
}

async fn within(app: &App, request: Request, next: Next) -> Result<Response, Limit> {
    let _place = app.limits.enter(body(&request, app.settings.body_limit.0))?;
    timeout(app.limits.answer, next.run(request)).await.map_err(|_| Limit::Answer)
}

/// How much memory a request's body may take: what it says, but never more than is read of it.
fn body(request: &Request, limit: usize) -> usize {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return 0;
    }
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    said.unwrap_or(limit).min(limit)
}

/// The answer when a limit was met: come back later, and nothing is lost.
fn over(app: &App, limit: Limit, interface: bool) -> Response {
    app.metrics.limited(limit);
    if interface {
        return fhir::over(limit);
    }
    let says = match limit {
        Limit::Answer => "Vigil did not answer in time. What was recorded is safe. Try again in a moment.\n",
        _ => "Vigil is busy. Nothing was lost. Try again in a moment.\n",
    };
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, says).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

fn label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        _ => "other",
    }
}

/// Marks the process as one that is not ready for more.
pub fn stopping(app: &App) {
    app.stopping.store(true, Ordering::SeqCst);
}
