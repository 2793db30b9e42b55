//! Pages that say no: not found, not yours, refused, broken. A handler returns a [`PageError`]; the guard around all pages dresses
//! it in the frame of whoever is signed in, or as a fragment when htmx asked.

use std::fmt::Display;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use vigil_desk::act::ActError;
use vigil_domain::case::refusal::Refusal;
use vigil_store::StoreFault;

use super::{
    frame::{Frame, render_with},
    house,
    upload::Unreadable,
    words,
};
use crate::{
    access::role::{Permission, Role},
    observe,
};

/// Why a page is not what was asked for.
#[derive(Debug, Clone)]
pub enum PageError {
    /// There is no such page or subject, or it is not of this tenant.
    NotFound,
    /// The role does not allow it.
    Forbidden(Permission),
    /// The act is kept by law for others: under which rules, and where the reader may go on.
    Reserved {
        /// The act.
        act: Permission,
        /// What the reader can do instead.
        instead: &'static str,
        /// Each rule that keeps it.
        rules: Vec<Refusal>,
        /// The page to go back to.
        back: String,
    },
    /// What was sent is larger than so many bytes.
    TooLarge(usize),
    /// The form did not come from our page, or the session is another.
    Forged,
    /// The system declines a command; nothing was changed.
    Refused(Vec<Refusal>),
    /// What came in cannot be read: one sentence a line.
    Unreadable(Vec<String>),
    /// Somebody else changed the same thing first.
    Raced,
    /// Too much at once: try again shortly.
    Busy,
    /// The world broke; the id is in the log.
    Fault(String),
}

impl PageError {
    /// Writes a fault to the log and keeps its id for the page. `doing` names no patient.
    pub fn fault(doing: &str, error: &dyn Display) -> Self {
        Self::Fault(observe::fault(doing, error))
    }

    /// Why not, rule by rule, where rules say so.
    pub fn refusals(&self) -> &[Refusal] {
        match self {
            Self::Refused(refusals) | Self::Reserved { rules: refusals, .. } => refusals,
            _ => &[],
        }
    }

    /// What cannot be read, and what to do: one sentence a line.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Unreadable(lines) => lines.clone(),
            Self::TooLarge(limit) => too_large(*limit),
            _ => Vec::new(),
        }
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden(_) | Self::Reserved { .. } | Self::Forged => StatusCode::FORBIDDEN,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Refused(_) | Self::Raced => StatusCode::CONFLICT,
            Self::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "There is nothing at this address",
            Self::Forbidden(_) | Self::Reserved { .. } => "Your role does not allow this",
            Self::TooLarge(_) => "What you sent is too large",
            Self::Forged => "This form cannot be accepted",
            Self::Refused(_) => "This was not done",
            Self::Unreadable(_) => "Something in the form needs another look",
            Self::Raced => "Somebody changed this at the same time",
            Self::Busy => "Vigil is busy",
            Self::Fault(_) => "Something broke on our side",
        }
    }

    fn says(&self) -> String {
        match self {
            Self::NotFound => "Check the address, or search for the case by its number or the member's name.".into(),
            Self::Forbidden(act) => {
                format!("{} A manager or an administrator can help.", takes(*act))
            }
            Self::Reserved { act, instead, .. } => {
                format!("{} {instead} Nothing was changed. The rules that say so:", takes(*act))
            }
            Self::TooLarge(_) => "Nothing was changed.".into(),
            Self::Forged => {
                "It is too old, or it did not come from a page of this session. Nothing was changed. Go back, reload \
                 the page and send it again."
                    .into()
            }
            Self::Refused(_) => "Nothing was changed. Why, and what would do:".into(),
            Self::Unreadable(_) => "Nothing was changed. Go back: what you typed is still there.".into(),
            Self::Raced => {
                "Nothing of yours was written. Reload the page to see what changed, and decide again.".into()
            }
            Self::Busy => {
                "More work is waiting than can be written at once. Nothing was lost. Try again in a moment.".into()
            }
            Self::Fault(_) => {
                "What was recorded before is safe. Try again; if it stays so, give the number below to the people who \
                 run Vigil."
                    .into()
            }
        }
    }
}

/// Whom an act takes: `To determine a case takes the role of physician.`
fn takes(act: Permission) -> String {
    let roles: Vec<String> = Role::permitted(act).map(|role| role.title().to_owned()).collect();
    let roles = match roles.split_last() {
        Some((last, [])) => format!("the role {last}"),
        Some((last, others)) => format!("one of the roles {} and {last}", others.join(", ")),
        None => "another role".to_owned(),
    };
    format!("To {} takes {roles}.", act.words())
}

/// What to do when more was sent than a page takes.
fn too_large(limit: usize) -> Vec<String> {
    vec![
        format!(
            "A page takes {} at once, and {} of attachments.",
            words::bytes(limit),
            words::bytes(super::upload::LIMIT)
        ),
        "Go back: what you typed is still in the form. Choose the files again, smaller or fewer; scan in black and \
         white, or send the rest with “Information received” on the case's page."
            .to_owned(),
    ]
}

impl From<Unreadable> for PageError {
    fn from(_: Unreadable) -> Self {
        Self::Unreadable(vec!["The form was cut short or is too large.".to_owned()])
    }
}

impl From<StoreFault> for PageError {
    fn from(fault: StoreFault) -> Self {
        if fault.is_busy() { Self::Busy } else { Self::fault("use the store", &fault) }
    }
}

impl From<ActError> for PageError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Refused(refusals) => Self::Refused(refusals),
            ActError::Unknown(_) => Self::NotFound,
            ActError::Raced | ActError::Moved | ActError::ErrandGone => Self::Raced,
            ActError::Fault(fault) => fault.into(),
            damaged @ ActError::Damaged { .. } => Self::fault("read a case", &damaged),
            other => Self::fault("do an errand", &other),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.title()).into_response();
        if matches!(self, Self::Busy) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response.extensions_mut().insert(Dress(self));
        response
    }
}

/// Marks an answer that is still to be dressed.
#[derive(Clone)]
struct Dress(PageError);

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    title: &'a str,
    says: String,
    error: &'a PageError,
}

#[derive(Template)]
#[template(path = "error_fragment.html")]
struct ErrorFragment<'a> {
    title: &'a str,
    says: String,
    error: &'a PageError,
}

/// Dresses an answer that carries a [`PageError`]; any other passes unchanged.
pub fn dress(mut response: Response, mut frame: Frame, fragment: bool) -> Response {
    let Some(Dress(error)) = response.extensions_mut().remove::<Dress>() else { return response };
    let (title, says) = (error.title(), error.says());
    let status = error.status();
    let mut dressed = if fragment {
        render_with(status, &ErrorFragment { title, says, error: &error })
    } else {
        title.clone_into(&mut frame.title);
        render_with(status, &ErrorPage { frame, title, says, error: &error })
    };
    if let Some(after) = response.headers_mut().remove(header::RETRY_AFTER) {
        dressed.headers_mut().insert(header::RETRY_AFTER, after);
    }
    dressed
}
