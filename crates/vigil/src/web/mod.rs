//! The pages: server-rendered, keyboard first, one question each. Every page is a file of its own beside its template.

pub mod account;
pub mod assets;
pub mod error;
pub mod frame;
pub mod help;
pub mod sign_in;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use crate::{
    access::{Gate, guard},
    app::App,
};

/// Pages that need sign-in. A page of its own file adds its line here.
fn pages() -> Router<App> {
    Router::new()
        .route("/account", get(account::show))
        .route("/account/password", post(account::change_password))
        .route("/sign-out", post(sign_in::leave))
}

/// Pages anybody may see.
fn open_pages() -> Router<App> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/theme", post(help::theme))
        .route("/help", get(help::show))
}

/// All pages and static files, behind their guards.
pub fn routes(app: &App) -> Router<App> {
    let inside = pages().fallback(not_found).layer(from_fn_with_state((app.clone(), Gate::SignedIn), guard));
    let outside = open_pages()
        .route("/static/{file}", get(assets::serve))
        .layer(from_fn_with_state((app.clone(), Gate::Open), guard));
    outside.merge(inside)
}

async fn not_found() -> error::PageError {
    error::PageError::NotFound
}
