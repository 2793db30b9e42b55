//! What needs review, and the notices: two lists of the library.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use vigil_domain::{
    notice::{Confidence, NoticeTemplate},
    requirement::{Needed, RequirementPack},
};

use crate::{
    access::{Permission, SignedIn},
    app::App,
    web::{
        case::story,
        error::PageError,
        frame::{Frame, Tab, render},
        words,
    },
};

/// One entry of a list.
#[derive(Debug, Clone)]
struct EntryRow {
    name: String,
    needed: &'static str,
    says: String,
    cite: String,
    authority: String,
    from: String,
    criteria: Option<String>,
    documents: Vec<String>,
    confidence: String,
}

/// One plan's list.
#[derive(Debug, Clone)]
struct PackView {
    name: String,
    plans: String,
    default_says: String,
    rows: Vec<EntryRow>,
}

#[derive(Template)]
#[template(path = "library/requirements.html")]
struct RequirementsPage {
    frame: Frame,
    packs: Vec<PackView>,
}

/// `GET /library/requirements`.
///
/// # Errors
/// No permission.
pub async fn requirements(State(app): State<App>, who: SignedIn) -> Result<Response, PageError> {
    who.require(Permission::ReadLibrary)?;
    let packs = app.desk.library.requirements.packs().iter().map(pack).collect();
    Ok(render(&RequirementsPage { frame: who.frame("What needs review", Tab::Library), packs }))
}

fn pack(pack: &RequirementPack) -> PackView {
    let plans = pack.plans.iter().map(|p| if p == "*" { "every plan without a list of its own" } else { p.as_str() });
    PackView {
        name: pack.name.clone(),
        plans: plans.collect::<Vec<_>>().join(", "),
        default_says: pack.default_says.clone(),
        rows: pack
            .entries
            .iter()
            .map(|entry| EntryRow {
                name: entry.name.clone(),
                needed: match (&entry.needed, entry.review_forbidden) {
                    (_, true) => "review is forbidden",
                    (Needed::Required, _) => "review",
                    (Needed::NotRequired, _) => "no review",
                    _ => "unlisted",
                },
                says: entry.says.clone(),
                cite: entry.cite.clone(),
                authority: entry.authority.clone(),
                from: words::day_or(entry.from, ""),
                criteria: entry.criteria.clone(),
                documents: entry.documents.clone(),
                confidence: entry.confidence.clone(),
            })
            .collect(),
    }
}

/// One notice in the list.
#[derive(Debug, Clone)]
struct NoticeRow {
    id: String,
    title: String,
    purposes: String,
    languages: String,
    place: String,
    form: Option<String>,
    elements: usize,
}

#[derive(Template)]
#[template(path = "library/notices.html")]
struct NoticesPage {
    frame: Frame,
    rows: Vec<NoticeRow>,
}

/// An element the law asks for.
#[derive(Debug, Clone)]
struct ElementRow {
    asks: String,
    cite: String,
    verify: bool,
    when: String,
}

#[derive(Template)]
#[template(path = "library/notice.html")]
struct NoticePage {
    frame: Frame,
    title: String,
    id: String,
    purposes: String,
    form: Option<String>,
    elements: Vec<ElementRow>,
    window: Vec<(String, String)>,
}

fn title(template: &NoticeTemplate) -> String {
    template.title.get("en").or_else(|| template.title.values().next()).cloned().unwrap_or_else(|| template.id.clone())
}

fn purposes(template: &NoticeTemplate) -> String {
    template.purposes.iter().map(|p| story::purpose(*p)).collect::<Vec<_>>().join(", ")
}

fn form(template: &NoticeTemplate) -> Option<String> {
    let official = template.form.as_ref().map(|f| f.number.clone());
    official.or_else(|| template.standard_form.as_ref().map(|f| f.number.clone()))
}

/// `GET /library/notices`.
///
/// # Errors
/// No permission.
pub async fn notices(State(app): State<App>, who: SignedIn) -> Result<Response, PageError> {
    who.require(Permission::ReadLibrary)?;
    let rows = app.desk.library.notices.all().map(|template| NoticeRow {
        id: template.id.clone(),
        title: title(template),
        purposes: purposes(template),
        languages: template.languages().map(words::language).collect::<Vec<_>>().join(", "),
        place: words::place(&template.jurisdiction),
        form: form(template),
        elements: template.elements.len(),
    });
    Ok(render(&NoticesPage { frame: who.frame("Notices", Tab::Library), rows: rows.collect() }))
}

/// `GET /library/notice/{id}`.
///
/// # Errors
/// No permission, or no such notice.
pub async fn notice(State(app): State<App>, who: SignedIn, Path(id): Path<String>) -> Result<Response, PageError> {
    who.require(Permission::ReadLibrary)?;
    let template = app.desk.library.notices.get(&id).ok_or(PageError::NotFound)?;
    let elements = template.elements.iter().map(|element| ElementRow {
        asks: element.asks.clone(),
        cite: element.cite.clone(),
        verify: element.confidence == Confidence::FromKnowledge,
        when: element.when.as_deref().map(|w| format!("when: {}", words::plain(w))).unwrap_or_default(),
    });
    Ok(render(&NoticePage {
        frame: who.frame(title(template), Tab::Library),
        title: title(template),
        purposes: purposes(template),
        form: form(template),
        elements: elements.collect(),
        window: template.window.iter().map(|w| (w.says.clone(), w.cite.clone())).collect(),
        id,
    }))
}
