//! For those who watch over the process: is it alive, is it ready. Says nothing about anybody, asks for no token.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use crate::app::App;

/// `/health` and `/ready`.
pub fn routes() -> Router<App> {
    Router::new().route("/health", get(health)).route("/ready", get(ready))
}

async fn health() -> Response {
    answer(StatusCode::OK, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

/// Ready when the store answers a read.
async fn ready(State(app): State<App>) -> Response {
    match crate::access::is_demonstration(&app.desk.store) {
        Ok(_) => answer(StatusCode::OK, json!({"status": "ready", "library": app.desk.library.digest})),
        Err(fault) => {
            tracing::warn!(%fault, "not ready");
            answer(StatusCode::SERVICE_UNAVAILABLE, json!({"status": "the store does not answer"}))
        }
    }
}

fn answer(status: StatusCode, body: serde_json::Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
