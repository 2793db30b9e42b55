//! The pages: server-rendered, keyboard first, one question each. Every page is a file of its own beside its template.

pub mod account;
pub mod accounts;
pub mod assets;
pub mod attachments;
pub mod audit;
pub mod case;
pub mod cases;
pub mod determine;
pub mod error;
pub mod file_name;
pub mod form;
pub mod frame;
pub mod help;
pub mod hospital;
pub mod house;
pub mod improve;
pub mod letter;
pub mod library;
pub mod measures;
pub mod panel;
pub mod picture;
pub mod request;
pub mod sign_in;
pub mod start;
pub mod upload;
pub mod words;
pub mod worklist;
pub mod zones;

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
        .route("/", get(start::show))
        .route("/worklist", get(worklist::show).post(worklist::find))
        .route("/work", get(worklist::short))
        .route("/cases", get(cases::show).post(cases::search))
        .route("/case/{id}", get(case::show))
        .route("/case/{id}/do/{action}", get(case::open_form).post(case::act))
        .route("/case/{id}/open", post(case::open_evidence))
        .route("/case/{id}/document/{digest}", get(case::document))
        .route("/case/{id}/determine", get(determine::show).post(determine::sign))
        .route("/case/{id}/determine/open", post(determine::open))
        .route("/case/{id}/determine/preview", post(determine::preview))
        .route("/request/new", get(request::new).post(request::post))
        .route("/measures", get(measures::show))
        .route("/measures.csv", get(measures::csv))
        .route("/improvement", get(improve::list).post(improve::sheet::open))
        .route("/improvement/causes", get(improve::causes))
        .route("/improvement/{id}", get(improve::sheet::show).post(improve::sheet::write))
        .route("/motion", post(improve::motions::put))
        .route("/motion/new", get(improve::motions::new))
        .route("/motion/{id}", get(improve::motions::show).post(improve::motions::decide))
        .route("/audit", get(audit::show))
        .route("/audit/universe.csv", get(audit::csv))
        .route("/case/{id}/packet.zip", get(audit::packet))
        .route("/library", get(library::rules::list))
        .route("/library/rule/{id}", get(library::rules::show))
        .route("/library/what-if", get(library::what_if::show))
        .route("/library/criteria", get(library::criteria::list))
        .route("/library/criteria/{service}", get(library::criteria::show))
        .route("/library/requirements", get(library::lists::requirements))
        .route("/library/notices", get(library::lists::notices))
        .route("/library/notice/{id}", get(library::lists::notice))
        .route("/accounts", get(accounts::list).post(accounts::create))
        .route("/accounts/{name}", get(accounts::show).post(accounts::change))
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
        .route("/public/criteria", get(library::criteria::public_list))
        .route("/public/criteria/{service}", get(library::criteria::public_show))
}

/// All pages and static files, behind their guards.
pub fn routes(app: &App) -> Router<App> {
    let inside = pages()
        .merge(hospital::pages())
        .fallback(not_found)
        .layer(from_fn_with_state((app.clone(), Gate::SignedIn), guard));
    let outside = open_pages()
        .route("/static/{file}", get(assets::serve))
        .layer(from_fn_with_state((app.clone(), Gate::Open), guard));
    outside.merge(inside)
}

async fn not_found() -> error::PageError {
    error::PageError::NotFound
}
