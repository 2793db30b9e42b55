//! The frame of every page: head, navigation, who is signed in, light or dark. Pages extend `frame.html` and carry a [`Frame`].
//!
//! A page is a struct with `frame: Frame` that derives `askama::Template` over a file beginning with
//! `{% extends "frame.html" %}` and filling the blocks `main` (and, if wanted, `shape` with `narrow` or `text`, and `head`).

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::assets;
use crate::access::role::Permission;

/// The main places, in the order of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What next?
    Worklist,
    /// All cases, and search.
    Cases,
    /// Who is in the house.
    Census,
    /// The figures.
    Measures,
    /// Rules, criteria, notices.
    Library,
    /// Who may sign in.
    Accounts,
    /// A page outside of them.
    #[default]
    None,
}

impl Tab {
    /// Those shown.
    pub const SHOWN: &'static [Tab] =
        &[Tab::Worklist, Tab::Cases, Tab::Census, Tab::Measures, Tab::Library, Tab::Accounts];

    /// What it takes to see the place.
    pub fn needs(&self) -> Option<Permission> {
        match self {
            Self::Worklist | Self::Cases => Some(Permission::ReadCases),
            Self::Census => Some(Permission::ReadStays),
            Self::Measures => Some(Permission::ReadMeasures),
            Self::Library => Some(Permission::ReadLibrary),
            Self::Accounts => Some(Permission::ManageAccess),
            Self::None => None,
        }
    }

    /// The word in the head.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Worklist => "Worklist",
            Self::Cases => "Cases",
            Self::Census => "Census",
            Self::Measures => "Measures",
            Self::Library => "Library",
            Self::Accounts => "Accounts",
            Self::None => "",
        }
    }

    /// Where it leads.
    pub fn href(&self) -> &'static str {
        match self {
            Self::Worklist => "/worklist",
            Self::Cases => "/cases",
            Self::Census => "/census",
            Self::Measures => "/measures",
            Self::Library => "/library",
            Self::Accounts => "/accounts",
            Self::None => "/",
        }
    }

    /// The letter after `g`.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Worklist => "w",
            Self::Cases => "c",
            Self::Census => "s",
            Self::Measures => "m",
            Self::Library => "l",
            Self::Accounts => "p",
            Self::None => "",
        }
    }
}

/// Light, dark, or as the machine prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the machine prefers.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The cookie that keeps the choice.
    pub const COOKIE: &'static str = "vigil-theme";

    /// From the cookie's word.
    pub fn of(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// The attribute's word; none for the machine's choice.
    pub fn word(&self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// What the button changes to.
    pub fn other(&self) -> &'static str {
        match self {
            Self::Auto => "dark",
            Self::Dark => "light",
            Self::Light => "auto",
        }
    }

    /// What the button says: the theme in use.
    pub fn offer(&self) -> &'static str {
        match self {
            Self::Auto => "Auto",
            Self::Dark => "Dark",
            Self::Light => "Light",
        }
    }
}

/// Who is signed in, as the head shows it.
#[derive(Debug, Clone)]
pub struct Who {
    /// The name shown.
    pub name: String,
    /// The account's name: whose drafts a browser keeps.
    pub account: String,
    /// The first role's title.
    pub role: &'static str,
}

/// What every page carries.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The page's title.
    pub title: String,
    /// The place it belongs to.
    pub tab: Tab,
    /// The places this person may see.
    pub places: Vec<Tab>,
    /// Who is signed in; none on the sign-in page.
    pub who: Option<Who>,
    /// The session's token against forged forms; goes into every form as `csrf`.
    pub csrf: String,
    /// The data directory is a demonstration.
    pub demonstration: bool,
    /// Light or dark.
    pub theme: Theme,
}

impl Frame {
    /// The places of the head.
    pub fn tabs(&self) -> &[Tab] {
        &self.places
    }

    /// Whether the search of cases is offered.
    pub fn searches_cases(&self) -> bool {
        self.places.contains(&Tab::Cases)
    }

    /// Whether the enquiry about stays is offered.
    pub fn asks_for_stays(&self) -> bool {
        self.places.contains(&Tab::Census)
    }

    /// The address of a static file, with its content's hash in the name.
    pub fn asset(&self, name: &str) -> &'static str {
        assets::href(name)
    }
}

/// Renders a page or a fragment. A template that fails is a fault, shown as one.
pub fn render(page: &impl Template) -> Response {
    render_with(StatusCode::OK, page)
}

/// Renders a page with another status.
pub fn render_with(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => {
            let mut response = (status, Html(text)).into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => {
            let id = crate::observe::fault("write a page", &error);
            let says = format!("This page could not be written. Nothing was changed. Number: {id}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, says).into_response()
        }
    }
}

/// What a browser may load and do on our pages: our own files, nothing inline, nobody's frames but ours.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; object-src 'self'; \
     frame-ancestors 'self'; base-uri 'none'";
