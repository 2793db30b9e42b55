//! The door: which address leads where, and what stands around every answer. Transport only.

pub mod around;
pub mod fhir;
pub mod health;
pub mod hospital;
pub mod limits;
pub mod listen;
pub mod metrics;
pub mod panic;
pub mod patience;

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{app::App, web};

/// Every address of the server.
pub fn router(app: &App) -> Router {
    let pages = web::routes(app).layer(DefaultBodyLimit::max(web::upload::page_limit(app.settings.body_limit.0)));
    Router::new()
        .merge(health::routes())
        .merge(metrics::routes())
        .nest("/pas", fhir::routes())
        .merge(hospital::routes())
        .merge(pages)
        .layer(CatchPanicLayer::custom(panic::answer))
        .layer(from_fn_with_state(app.clone(), around::around))
        .with_state(app.clone())
}
