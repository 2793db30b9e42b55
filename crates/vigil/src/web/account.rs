//! Your own account: who you are here, your password, sign-out.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use vigil_store::{Account, Write, WriteItem};

use super::{
    error::PageError,
    frame::{Frame, Tab, render, render_with},
};
use crate::{
    access::{SignedIn, password, session, trail},
    app::App,
};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    who: SignedIn,
    shortest: usize,
    wrong: Option<String>,
}

fn page(who: SignedIn, wrong: Option<String>) -> AccountPage {
    AccountPage { frame: who.frame("Your account", Tab::None), who, shortest: password::SHORTEST, wrong }
}

/// `GET /account`
pub async fn show(who: SignedIn) -> Response {
    render(&page(who, None))
}

/// The form.
#[derive(Deserialize)]
pub struct Change {
    #[serde(default)]
    current: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

/// `POST /account/password`: ends every session of the account and begins a new one.
///
/// # Errors
/// Faults.
pub async fn change_password(
    State(app): State<App>,
    who: SignedIn,
    Form(change): Form<Change>,
) -> Result<Response, PageError> {
    let name = who.account.name.clone();
    let now = app.desk.time.now();
    let wrong = if app.access.lockout.wait_seconds(&name, now).is_some() {
        Some("Too many attempts. Wait a little and try again.".to_owned())
    } else if !app.access.passwords.verify(change.current, Some(who.account.password_hash.clone())).await {
        app.access.lockout.failed(&name, now);
        Some("The current password is not right.".to_owned())
    } else if change.new != change.again {
        Some("The two new passwords differ.".to_owned())
    } else {
        password::acceptable(&name, &change.new).err().map(|weak| weak.to_string())
    };
    if wrong.is_some() {
        return Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page(who, wrong)));
    }
    let hash = app.access.passwords.hash(change.new).await;
    let Some(password_hash) = hash else { return Err(PageError::fault("hash a password", &"the hash was refused")) };
    let account = Account { password_hash, ..(*who.account).clone() };
    let items = vec![
        WriteItem::Account(account),
        WriteItem::EndSessionsOf(name.clone()),
        WriteItem::Trail(trail::entry(&app, &name, "password-changed", Vec::new(), "")),
    ];
    app.desk.store.write(Write::of(&*who.tenant, items)).await?;
    let cookie = session::begin(&app, &who.tenant, &name).await?;
    let mut response = Redirect::to("/account").into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}
