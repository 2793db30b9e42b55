//! The door: which address leads where, and what stands around every answer. Transport only.

pub mod fhir;
pub mod health;
pub mod listen;
pub mod panic;

use axum::{Router, extract::DefaultBodyLimit};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{app::App, web};

/// Every address of the server.
pub fn router(app: &App) -> Router {
    let pages = web::routes(app).layer(DefaultBodyLimit::max(app.settings.body_limit.0));
    Router::new()
        .merge(health::routes())
        .nest("/pas", fhir::routes())
        .merge(pages)
        .layer(CatchPanicLayer::custom(panic::answer))
        .with_state(app.clone())
}
