//! A signed-in browser: a random token in a cookie, its SHA-256 in the store, an end that moves with each click up to a last hour.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use vigil_domain::{
    case::command::Actor,
    party::Credential,
    time::Moment,
};
use vigil_store::{Account, Session, StoreFault, Write, WriteItem};

use super::{
    role::{Permission, Role},
    secret,
};
use crate::{
    app::App,
    settings::Settings,
    web::{
        error::PageError,
        frame::{Frame, Tab, Theme, Who},
    },
};

/// How long sessions last and how their cookie is sent.
#[derive(Debug, Clone)]
pub struct Rules {
    idle_seconds: i64,
    whole_seconds: i64,
    secure: bool,
}

/// The end of a session is written anew only when it moved by this much.
const MOVES_BY_SECONDS: i64 = 60;

impl Rules {
    /// As the settings say.
    pub fn of(settings: &Settings) -> Self {
        let seconds = |n: u64, unit: i64| i64::try_from(n).unwrap_or(1).clamp(1, 10_000) * unit;
        Self {
            idle_seconds: seconds(settings.session_idle_minutes, 60),
            whole_seconds: seconds(settings.session_hours, 3600),
            secure: settings.cookies_are_secure(),
        }
    }

    /// The cookie's name; the prefix makes browsers insist on https, this host and no other path.
    pub fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-vigil" } else { "vigil-session" }
    }

    fn cookie(&self, value: &str, max_age: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text =
            format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}", self.cookie_name());
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    fn end(&self, created_at: Moment, now: Moment) -> Moment {
        let last = created_at.as_second() + self.whole_seconds;
        Moment::from_second(last.min(now.as_second() + self.idle_seconds)).unwrap_or(now)
    }
}

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
            who: Some(Who {
                name: self.account.display.clone(),
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

/// The theme the browser asks for.
pub fn theme(headers: &HeaderMap) -> Theme {
    cookie(headers, Theme::COOKIE).map_or(Theme::Auto, Theme::of)
}

/// One cookie's value.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_moves_with_each_click_up_to_the_last_hour() {
        let rules = Rules { idle_seconds: 1800, whole_seconds: 3600, secure: true };
        let at = |s: i64| Moment::from_second(1_700_000_000 + s).unwrap();
        assert_eq!(rules.end(at(0), at(0)), at(1800));
        assert_eq!(rules.end(at(0), at(600)), at(2400));
        assert_eq!(rules.end(at(0), at(3000)), at(3600));
    }

    #[test]
    fn cookies() {
        let rules = Rules { idle_seconds: 1800, whole_seconds: 3600, secure: true };
        assert_eq!(
            rules.cookie("s_1", 3600),
            "__Host-vigil=s_1; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600; Secure"
        );
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; vigil-session=s_2"));
        headers.append(header::COOKIE, HeaderValue::from_static("vigil-theme=dark"));
        assert_eq!(cookie(&headers, "vigil-session"), Some("s_2"));
        assert_eq!(cookie(&headers, "vigil"), None);
        assert_eq!(theme(&headers), Theme::Dark);
    }
}
