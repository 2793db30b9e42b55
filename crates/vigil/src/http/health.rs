//! For those who watch over the process: is it alive, is it ready. Says nothing about anybody, asks for no token.

use std::{sync::atomic::Ordering, time::Duration};

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

/// Writes that wait so long without one being answered mean that the disk does not.
const STALLED: Duration = Duration::from_secs(10);

/// Ready when the process was not asked to stop, the store answers a read, its writer is not stuck, and the disk took the
/// last write (a disk that did not is tried again each second).
async fn ready(State(app): State<App>) -> Response {
    if app.stopping.load(Ordering::SeqCst) {
        return answer(StatusCode::SERVICE_UNAVAILABLE, json!({"status": "stopping"}));
    }
    let pulse = app.desk.store.pulse();
    if pulse.refused || pulse.stalled > STALLED {
        return answer(StatusCode::SERVICE_UNAVAILABLE, json!({"status": "the store does not write"}));
    }
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
