//! One stay: what is the patient, on what basis, what is due, and everything that may be done about it.

pub mod actions;
pub mod commands;
pub mod documents;
pub mod duties;
pub mod form;
pub mod items;
pub mod known;
pub mod line;
pub mod panels;
pub mod story;
pub mod view;

use askama::Template;
use axum::{
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use vigil_desk::{
    act::ActError,
    hospital::act::{StayRecorded, actor, on_duty},
};
use vigil_domain::{
    case::refusal::Refused,
    stay::{Stay, command::Command},
};
use vigil_store::{Commit, Document, SubjectKey, digest_of};

use self::{
    actions::{Action, Reader},
    commands::Around,
    known::Known,
    view::StayView,
};
use crate::{
    access::{SignedIn, trail},
    app::App,
    web::{
        case::people,
        error::PageError,
        form::Form,
        frame::{Frame, Tab, render, render_with},
        panel::Kind,
        upload,
    },
};

#[derive(Template)]
#[template(path = "hospital/stay/stay.html")]
struct StayPage {
    frame: Frame,
    view: StayView,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "hospital/stay/dock.html")]
struct Dock {
    frame: Frame,
    view: StayView,
}

type History = (Stay, Vec<StayRecorded>);

/// Reads a stay for a page and writes the look into the trail.
async fn read(app: &App, who: &SignedIn, id: &str, page: &str) -> Result<History, PageError> {
    super::may_read(who)?;
    let history = app.desk.stay_history(&who.tenant, id)?.ok_or(PageError::NotFound)?;
    trail::looked(app, who, "read", vec![SubjectKey::stay(id)], page).await?;
    Ok(history)
}

fn view(app: &App, who: &SignedIn, (stay, events): &History, open: Option<(Action, &str)>) -> StayView {
    let may = |action: Action| who.may(action.row().needs);
    let named = people(app, who, events.iter().map(|recorded| recorded.actor.as_str()));
    let reader = Reader { person: &who.actor.person, names: &named, may: &may };
    let now = app.desk.time.now();
    let mut view = view::build(stay, events, &reader, open.map(|(action, _)| action), &app.desk.library, now);
    view.panel =
        open.map(|(action, about)| panels::panel(action, &Known { stay, library: &app.desk.library, about, now }));
    view
}

fn page(who: &SignedIn, view: StayView, done: Option<String>) -> StayPage {
    StayPage { frame: who.frame(format!("Stay {}", view.head.id), Tab::Census), view, done }
}

/// `GET /stay/{id}`.
///
/// # Errors
/// No permission, no such stay, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let form = Form::new(query);
    // A page that is told of a write reloads only when this stay has changed.
    let fresh = form.get("version").parse::<u64>().ok();
    if headers.contains_key("hx-request")
        && let Some(seen) = fresh
    {
        super::may_read(&who)?;
        let version = app.desk.store.head(&who.tenant, &SubjectKey::stay(&id))?.map_or(0, |head| head.version);
        if version == seen {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        let mut response = StatusCode::OK.into_response();
        response.headers_mut().insert("hx-refresh", HeaderValue::from_static("true"));
        return Ok(response);
    }
    let history = read(&app, &who, &id, "stay").await?;
    let done = Action::named(form.get("done")).map(|action| action.row().done.to_owned());
    Ok(render(&page(&who, view(&app, &who, &history, None), done)))
}

/// `GET /stay/{id}/do/{action}`: the page with the form open, or only the dock when htmx asks.
///
/// # Errors
/// No permission, no such stay or action, or a fault.
pub async fn open_form(
    State(app): State<App>,
    who: SignedIn,
    Path((id, word)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let action = Action::named(&word).ok_or(PageError::NotFound)?;
    who.require(action.row().needs)?;
    let history = read(&app, &who, &id, "stay, a form").await?;
    let form = Form::new(query);
    let view = view(&app, &who, &history, Some((action, form.get("about"))));
    if headers.contains_key("hx-request") {
        return Ok(render(&Dock { frame: who.frame("", Tab::Census), view }));
    }
    Ok(render(&page(&who, view, None)))
}

/// `POST /stay/{id}/do/{action}`: does it, or shows the form again, filled, with every reason why not.
///
/// # Errors
/// No permission, no such stay or action, an unreadable form, or a fault.
pub async fn act(
    State(app): State<App>,
    who: SignedIn,
    Path((id, word)): Path<(String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    super::may_read(&who)?;
    let action = Action::named(&word).ok_or(PageError::NotFound)?;
    who.require(action.row().needs)?;
    let form = upload::read(request).await?.form;
    let stay = app.desk.load_stay(&who.tenant, &id)?.ok_or(PageError::NotFound)?;
    match perform(&app, &who, &stay, action, &form).await {
        Ok(()) => Ok(Redirect::to(&format!("/stay/{id}?done={word}")).into_response()),
        Err(ActError::Refused(refused)) => refused_page(&app, &who, &id, action, &form, &refused).await,
        Err(other) => Err(other.into()),
    }
}

async fn perform(app: &App, who: &SignedIn, stay: &Stay, action: Action, form: &Form) -> Result<(), ActError> {
    let now = app.desk.time.now();
    let tenant = &*who.tenant;
    let facilities = app.desk.facilities(tenant)?;
    let (advisor, officer) =
        facilities.iter().find(|f| f.id == stay.hospital.id).map_or((None, None), |facility| on_duty(facility, now));
    let drawn = signature(form.get("drawn"));
    let grouping = match form.get("ms_drg") {
        drg if drg.len() == 3 && drg.bytes().all(|b| b.is_ascii_digit()) => {
            let on = stay.day(stay.discharged_at().unwrap_or(now));
            Some(app.desk.grouping(tenant, drg, on, !form.ticked("final"))?)
        }
        _ => None,
    };
    let around = Around {
        known: Known { stay, library: &app.desk.library, about: form.get("about"), now },
        by: actor(&facilities, &who.actor.person, &who.actor.name, who.actor.credential.clone()),
        advisor,
        officer,
        grouping,
        signature: drawn.as_ref().map(|d| d.digest.clone()),
    };
    let mut command = commands::command(action, form, around).map_err(ActError::Refused)?;
    let mut documents: Vec<Document> = drawn.into_iter().collect();
    if let Command::DeliverNotice { by, notice, delivery } = &mut command {
        let path = Some(form.get("drawn")).filter(|_| delivery.signature.is_some());
        let given = Some((by.name.as_str(), &**delivery, path));
        match app.desk.notice_paper(tenant, stay, *notice, given) {
            Ok(Some(paper)) => {
                delivery.document = Some(paper.document.digest.clone());
                documents.push(paper.document);
            }
            Ok(None) => {}
            // The delivery itself is what the law counts; its paper is in the patient's hand.
            Err(ActError::Print(why)) => tracing::warn!(why, "a delivered notice could not be printed"),
            Err(other) => return Err(other),
        }
    }
    let along = Commit { documents, ..Commit::default() };
    app.desk.act_stay_along(tenant, &stay.id, &who.actor.person, command, Some(along)).await.map(|_| ())
}

/// A drawn signature as a picture. Only numbers and the two letters of a path are taken from what the browser sent.
fn signature(drawn: &str) -> Option<Document> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, 'M' | 'L' | ' ' | '.' | '-');
    if drawn.len() < 8 || drawn.len() > 60_000 || !drawn.chars().all(plain) {
        return None;
    }
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 140"><path d="{drawn}" fill="none" stroke="#000" stroke-width="2" stroke-linecap="round"/></svg>"##
    );
    let bytes = svg.into_bytes();
    Some(Document {
        digest: digest_of(&bytes),
        media_type: "image/svg+xml".into(),
        name: "Drawn signature".into(),
        bytes,
    })
}

async fn refused_page(
    app: &App,
    who: &SignedIn,
    id: &str,
    action: Action,
    form: &Form,
    refused: &Refused,
) -> Result<Response, PageError> {
    let history = read(app, who, id, "stay, a refused form").await?;
    let mut view = view(app, who, &history, Some((action, form.get("about"))));
    view.panel = view.panel.map(|panel| panel.refused(form, refused));
    Ok(render_with(StatusCode::CONFLICT, &page(who, view, None)))
}

/// `POST /stay/{id}/print`: records that the page is printed; the browser prints it.
///
/// # Errors
/// No permission, no such stay, or a fault.
pub async fn print(State(app): State<App>, who: SignedIn, Path(id): Path<String>) -> Result<Response, PageError> {
    super::may_read(&who)?;
    app.desk.store.head(&who.tenant, &SubjectKey::stay(&id))?.ok_or(PageError::NotFound)?;
    trail::looked(&app, &who, "print", vec![SubjectKey::stay(&id)], "stay").await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /stay/{id}/document/{digest}`: a drawn signature or a kept form of the stay's notices.
///
/// # Errors
/// No permission, not a document of this stay, or a fault.
pub async fn document(
    State(app): State<App>,
    who: SignedIn,
    Path((id, digest)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (stay, _) = read(&app, &who, &id, "stay, a document").await?;
    let deliveries = stay.notices.iter().filter_map(|n| n.delivered.as_ref()).map(|(_, d)| d);
    let papers = stay.track.documents.iter().filter_map(|d| d.digest.as_ref());
    let looked_at = stay.reviews.iter().flat_map(|(_, _, r)| &r.looked_at).filter_map(|seen| seen.digest.as_ref());
    let given = deliveries.flat_map(|d| [&d.document, &d.signature]).flatten();
    let mut known = given.chain(papers).chain(looked_at);
    if !known.any(|kept| *kept == digest) {
        return Err(PageError::NotFound);
    }
    let kept = app.desk.store.document(&who.tenant, &digest)?.ok_or(PageError::NotFound)?;
    let kind = match kept.media_type.as_str() {
        "image/svg+xml" => "image/svg+xml",
        "application/pdf" => "application/pdf",
        "image/png" => "image/png",
        "image/jpeg" => "image/jpeg",
        text if text.starts_with("text/plain") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let mut response = kept.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // A picture may not act, whatever it holds.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_signature_takes_only_a_path() {
        assert!(signature("M1 2 L3 4 L5.5 6").is_some());
        assert!(signature("").is_none(), "nothing drawn");
        assert!(signature("M1 2\"/><script>alert(1)</script>").is_none());
    }
}
