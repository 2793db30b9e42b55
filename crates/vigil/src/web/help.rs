//! Help: the map of keys; and the choice between light and dark.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::frame::{Frame, Tab, Theme, render};
use crate::{
    access::{SignedIn, cookie},
    app::App,
};

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    frame: Frame,
}

/// `GET /help`
pub async fn show(State(app): State<App>, who: Option<SignedIn>, headers: HeaderMap) -> Response {
    let demonstration = app.access.demonstration;
    let frame = who.map_or_else(
        || Frame { title: "Help".into(), theme: cookie::theme(&headers), demonstration, ..Frame::default() },
        |who| who.frame("Help", Tab::None),
    );
    render(&HelpPage { frame })
}

/// The form.
#[derive(Deserialize)]
pub struct Choice {
    #[serde(default)]
    theme: String,
}

/// `POST /theme`: keeps the choice in a cookie and goes back to the page.
pub async fn theme(headers: HeaderMap, Form(choice): Form<Choice>) -> Response {
    let theme = Theme::of(&choice.theme);
    let (word, age) = theme.word().map_or(("", 0), |word| (word, 31_536_000));
    let cookie = format!("{}={word}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}", Theme::COOKIE);
    let mut response = Redirect::to(&back(&headers)).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// The page the form stood on, by its path on this server.
fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let path = referer.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    path.filter(|path| !path.starts_with("//") && !path.contains('\\')).unwrap_or("/").to_owned()
}
