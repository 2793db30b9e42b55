//! A hospital's FHIR transactions: `POST /hospital/{facility}/fhir`. Transport only: the token is checked, the bytes go to the
//! desk, the desk's bytes go back.

use axum::{
    Router,
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use vigil_wire::{fhir::capability, issue::IssueCode};

use super::fhir::{No, must_be_json, no, read, respond};
use crate::{access::token, app::App};

/// The address, with and without its closing slash.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/hospital/{facility}/fhir/metadata", get(metadata))
        .route("/hospital/{facility}/fhir", post(transaction))
        .route("/hospital/{facility}/fhir/", post(transaction))
}

/// The same for every name: without a token nobody learns which facilities there are.
async fn metadata(State(app): State<App>, Path(facility): Path<String>) -> Response {
    let url = format!("{}/hospital/{}/fhir", app.settings.base_url(), crate::web::form::encode(&facility));
    respond(StatusCode::OK, capability::hospital(&url, env!("CARGO_PKG_VERSION")))
}

async fn transaction(State(app): State<App>, Path(facility): Path<String>, request: Request) -> Response {
    handle(&app, &facility, request).await.unwrap_or_else(|no| no.answer(&app))
}

async fn handle(app: &App, facility: &str, request: Request) -> Result<Response, No> {
    let received_at = app.desk.time.now();
    let (parts, body) = request.into_parts();
    let opened = token::bearer(app, &parts.headers, token::HOSPITAL)?;
    let token = opened.map_err(|closed| No::Closed(closed, token::HOSPITAL))?;
    must_be_json(&parts.headers)?;
    let Some(facility) = app.desk.facility(&token.tenant, facility)? else {
        return Err(no(
            StatusCode::NOT_FOUND,
            IssueCode::NotFound,
            "There is no facility of this name.",
            "Name the facility as its record does; load the record first.",
        ));
    };
    let _place = app.limits.enter_of(&token.name).map_err(No::Over)?;
    let body = read(body, &parts.headers, app.settings.body_limit.0).await?;
    let desk = &app.desk;
    let answered = desk.hospital_transaction(&token.tenant, &facility, &token.name, received_at, &body).await?;
    desk.heard(&token.tenant, &facility.id, received_at).await?;
    Ok(respond(StatusCode::from_u16(answered.status).unwrap_or(StatusCode::OK), answered.body))
}
