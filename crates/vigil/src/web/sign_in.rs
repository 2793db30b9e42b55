//! Sign-in and sign-out. A wrong name, a wrong password and a disabled account look and take the same.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use vigil_desk::MAIN_TENANT;
use vigil_store::{Write, WriteItem};

use super::{
    error::PageError,
    frame::{Frame, Tab, render, render_with},
};
use crate::{
    access::{SignedIn, cookie, session, trail},
    app::App,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    name: String,
    next: String,
    wrong: Option<String>,
}

/// Where to go after sign-in.
#[derive(Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`
pub async fn show(
    State(app): State<App>,
    who: Option<SignedIn>,
    Query(next): Query<Next>,
    headers: axum::http::HeaderMap,
) -> Response {
    if who.is_some() {
        return Redirect::to(inside(&next.next)).into_response();
    }
    render(&page(&app, &headers, String::new(), next.next, None))
}

fn page(app: &App, headers: &axum::http::HeaderMap, name: String, next: String, wrong: Option<String>) -> SignInPage {
    let frame = Frame {
        title: "Sign in".into(),
        tab: Tab::None,
        theme: cookie::theme(headers),
        demonstration: app.access.demonstration,
        ..Frame::default()
    };
    SignInPage { frame, name, next, wrong }
}

/// The form.
#[derive(Deserialize)]
pub struct Entry {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`
///
/// # Errors
/// Faults.
pub async fn enter(
    State(app): State<App>,
    headers: axum::http::HeaderMap,
    Form(entry): Form<Entry>,
) -> Result<Response, PageError> {
    let Entry { name, password, next } = entry;
    let name = name.trim().to_lowercase();
    let now = app.desk.time.now();
    if let Some(seconds) = app.access.lockout.wait_seconds(&name, now) {
        let wrong = format!("Too many attempts with this name. Try again in {}.", in_words(seconds));
        let mut response = render_with(StatusCode::TOO_MANY_REQUESTS, &page(&app, &headers, name, next, Some(wrong)));
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let account = app.desk.store.account(MAIN_TENANT, &name)?.filter(|a| a.active);
    let kept = account.as_ref().map(|a| a.password_hash.clone());
    if !app.access.passwords.verify(password, kept).await {
        app.access.lockout.failed(&name, now);
        // The name goes into the trail only when somebody has it: what was typed may be a password.
        record(&app, account.as_ref().map_or("unknown", |a| &a.name), "sign-in-failed").await?;
        let wrong = "The name or the password is not right.".to_owned();
        return Ok(render_with(StatusCode::UNAUTHORIZED, &page(&app, &headers, name, next, Some(wrong))));
    }
    app.access.lockout.succeeded(&name);
    let cookie = session::begin(&app, MAIN_TENANT, &name).await?;
    record(&app, &name, "sign-in").await?;
    let mut response = Redirect::to(inside(&next)).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// `POST /sign-out`
///
/// # Errors
/// Faults of the store.
pub async fn leave(State(app): State<App>, who: SignedIn) -> Result<Response, PageError> {
    let cookie = session::end(&app, &who).await?;
    record(&app, &who.account.name, "sign-out").await?;
    let mut response = Redirect::to("/sign-in").into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn record(app: &App, account: &str, action: &str) -> Result<(), PageError> {
    let entry = trail::entry(app, account, action, Vec::new(), "");
    Ok(app.desk.store.write(Write::of(MAIN_TENANT, vec![WriteItem::Trail(entry)])).await?)
}

/// Only a path of ours, never another site.
fn inside(next: &str) -> &str {
    let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if ours { next } else { "/" }
}

fn in_words(seconds: i64) -> String {
    if seconds < 90 { format!("{seconds} seconds") } else { format!("{} minutes", (seconds + 59) / 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (next, goes) in [
            ("/worklist", "/worklist"),
            ("", "/"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
        ] {
            assert_eq!(inside(next), goes, "{next}");
        }
    }
}
