//! A signed-in browser: a random token in a cookie, its SHA-256 in the store, an end that moves with each click up to a last hour.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderValue, request::Parts},
};
use vigil_domain::{case::command::Actor, party::Credential};
use vigil_store::{Account, Session, StoreFault, Write, WriteItem};

use super::{
    cookie::{cookie, theme},
    role::{Permission, Role},
    secret,
};
use crate::{
    app::App,
    web::{
        error::PageError,
        frame::{Frame, Tab, Theme, Who},
    },
};

/// Who is signed in. Every page behind the guard has one; take it as an argument of the handler.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub account: Arc<Account>,
    /// The tenant.
    pub tenant: Arc<str>,
    /// The person as commands name them.
    pub actor: Actor,
    /// The roles held.
    pub roles: Vec<Role>,
    /// The token for forms (`csrf`) and for htmx (`X-CSRF-Token`, which the frame sends by itself).
    pub csrf: String,
    /// Light or dark.
    pub theme: Theme,
    /// The data directory is a demonstration.
    pub demonstration: bool,
    /// The session's key in the store.
    pub session: [u8; 32],
}

impl SignedIn {
    /// Whether any role permits the act.
    pub fn may(&self, act: Permission) -> bool {
        self.roles.iter().any(|role| role.permits(act))
    }

    /// Permits or refuses the act.
    ///
    /// # Errors
    /// The page that says which role is missing.
    pub fn require(&self, act: Permission) -> Result<(), PageError> {
        if self.may(act) { Ok(()) } else { Err(PageError::Forbidden(act)) }
    }

    /// The frame of a page for this person.
    pub fn frame(&self, title: impl Into<String>, tab: Tab) -> Frame {
        Frame {
            title: title.into(),
            tab,
            places: Tab::SHOWN.iter().copied().filter(|place| place.needs().is_none_or(|act| self.may(act))).collect(),
            who: Some(Who {
                name: self.account.display.clone(),
                account: self.account.name.clone(),
                role: self.roles.first().map_or("No role", |role| role.title()),
            }),
            csrf: self.csrf.clone(),
            demonstration: self.demonstration,
            theme: self.theme,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| PageError::fault("serve a page", &"a page that needs sign-in stands outside the guard"))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// The end of a session is written anew only when it moved by this much.
const MOVES_BY_SECONDS: i64 = 60;

/// Begins a session and gives its cookie.
///
/// # Errors
/// Faults of the store.
pub async fn begin(app: &App, tenant: &str, account: &str) -> Result<HeaderValue, StoreFault> {
    let token = secret::make("s");
    let rules = &app.access.sessions;
    let now = app.desk.time.now();
    let session = Session {
        token_hash: secret::hash(&token),
        tenant: tenant.to_owned(),
        account: account.to_owned(),
        created_at: now,
        expires_at: rules.end(now, now),
    };
    app.desk.store.write(Write::of(tenant, vec![WriteItem::Session(session)])).await?;
    Ok(rules.cookie(&token, rules.whole_seconds))
}

/// Ends a session and gives the cookie that removes it.
///
/// # Errors
/// Faults of the store.
pub async fn end(app: &App, who: &SignedIn) -> Result<HeaderValue, StoreFault> {
    app.desk.store.write(Write::of(&*who.tenant, vec![WriteItem::EndSession(who.session)])).await?;
    Ok(app.access.sessions.cookie("", 0))
}

/// Who the request's cookie says, if its session still runs and its account is still active.
///
/// # Errors
/// Faults of the store.
pub async fn find(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, StoreFault> {
    let rules = &app.access.sessions;
    let Some(token) = cookie(headers, rules.cookie_name()) else { return Ok(None) };
    let session_key = secret::hash(token);
    let Some(session) = app.desk.store.session(&session_key)? else { return Ok(None) };
    let now = app.desk.time.now();
    if session.expires_at <= now {
        return Ok(None);
    }
    let Some(account) = app.desk.store.account(&session.tenant, &session.account)?.filter(|a| a.active) else {
        return Ok(None);
    };
    let moved = rules.end(session.created_at, now);
    if moved.as_second() - session.expires_at.as_second() >= MOVES_BY_SECONDS {
        let item = WriteItem::Session(Session { expires_at: moved, ..session.clone() });
        // A busy store costs at most a minute of the session.
        let _kept = app.desk.store.write(Write::of(session.tenant.clone(), vec![item])).await;
    }
    Ok(Some(SignedIn {
        csrf: super::csrf::token_of(token),
        tenant: session.tenant.into(),
        actor: actor(&account),
        roles: account.roles.iter().filter_map(|word| Role::of(word)).collect(),
        theme: theme(headers),
        demonstration: app.access.demonstration,
        account: Arc::new(account),
        session: session_key,
    }))
}

/// The person behind an account, as commands name them.
pub fn actor(account: &Account) -> Actor {
    let nobody = || Credential { person: account.name.clone(), name: account.display.clone(), ..Credential::default() };
    Actor {
        person: account.name.clone(),
        name: account.display.clone(),
        credential: account.credential.clone().unwrap_or_else(nobody),
    }
}
