//! The case: what is asked, what do we know, how long have we? And everything that may be done about it.

mod actions;
pub mod clocks;
pub mod commands;
pub mod criteria;
pub mod evidence;
pub mod hide;
pub mod moved;
mod panels;
pub mod story;
pub mod view;

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use vigil_desk::{
    act::{ActError, History},
    cut::Proposal,
};
use vigil_domain::{
    case::{STATEMENTS, command::Command, decide::cut::may_be_cut, refusal::Refused},
    request::{Channel, CutException, Receipt},
};
use vigil_store::{Commit, SubjectKey};

use self::{
    actions::Action,
    criteria::Unjudged,
    evidence::Shown,
    view::{Asked, CaseView, Reader, Sibling},
};
use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
    web::{
        attachments,
        error::PageError,
        file_name,
        form::Form,
        frame::{Frame, Tab, render, render_with},
        panel::Kind,
        upload::{self, Upload},
        words::{self, Press},
    },
};

#[derive(Template)]
#[template(path = "case/case.html")]
struct CasePage {
    frame: Frame,
    view: CaseView,
    siblings: Vec<Sibling>,
    shown: Option<Shown>,
    done: Option<String>,
    may_review: bool,
}

#[derive(Template)]
#[template(path = "case/dock.html")]
struct Dock {
    frame: Frame,
    view: CaseView,
}

/// Reads a case for a page and writes the look into the trail.
///
/// # Errors
/// No permission, no such case, or a fault.
pub async fn read(app: &App, who: &SignedIn, id: &str, page: &str) -> Result<History, PageError> {
    who.require(Permission::ReadCases)?;
    let history = app.desk.history(&who.tenant, id)?.ok_or(PageError::NotFound)?;
    trail::looked(app, who, "read", vec![SubjectKey::case(id)], page).await?;
    Ok(history)
}

/// The names of accounts that acted. A name that cannot be read leaves the account's own word.
pub fn people<'a>(app: &App, who: &SignedIn, actors: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let actors: BTreeSet<&str> = actors.collect();
    let named = |actor: &str| app.desk.store.account(&who.tenant, actor).ok().flatten();
    actors.into_iter().filter_map(|actor| Some((actor.to_owned(), named(actor)?.display))).collect()
}

fn asked(form: &Form, action: Option<Action>) -> Asked {
    Asked { show: form.some("show"), action, fact: form.get("fact").to_owned(), seen: moved::seen(form) }
}

fn view(app: &App, who: &SignedIn, history: &History, asked: &Asked) -> CaseView {
    let may = |action: Action| who.may(action.row().needs);
    let reader = Reader {
        person: &who.actor.person,
        credential: &who.actor.credential,
        may: &may,
        determines: who.may(Permission::Determine),
        hidden: hide::from(history, &app.desk.library, &who.actor.person),
        people: people(app, who, history.events.iter().map(|e| e.actor.as_str())),
    };
    view::build(history, &app.desk.library, &reader, asked, app.desk.time.now())
}

fn page(
    app: &App,
    who: &SignedIn,
    history: &History,
    view: CaseView,
    asked: &Asked,
    done: Option<String>,
) -> Result<CasePage, PageError> {
    Ok(CasePage {
        frame: who.frame(format!("Case {}", view.head.id), Tab::Cases),
        siblings: siblings(app, who, history)?,
        shown: shown(app, who, history, asked)?,
        may_review: who.may(Permission::Review) && !history.case.is_determined(),
        done,
        view,
    })
}

/// `GET /case/{id}`.
///
/// # Errors
/// No permission, no such case, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let form = Form::new(query);
    let history = read(&app, &who, &id, "case").await?;
    let asked = asked(&form, None);
    let view = view(&app, &who, &history, &asked);
    let signed = "determine";
    let done = match form.get("done") {
        word if word == signed => Some("Signed. The notice is being written.".to_owned()),
        word => Action::named(word).map(done_words),
    };
    Ok(render(&page(&app, &who, &history, view, &asked, done)?))
}

/// `GET /case/{id}/do/{action}`: the page with the form open, or only the dock when htmx asks.
///
/// # Errors
/// No permission, no such case or action, or a fault.
pub async fn open_form(
    State(app): State<App>,
    who: SignedIn,
    Path((id, word)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let action = Action::named(&word).ok_or(PageError::NotFound)?;
    who.require(action.row().needs)?;
    let history = read(&app, &who, &id, "case, a form").await?;
    let asked = asked(&Form::new(query), Some(action));
    let view = view(&app, &who, &history, &asked);
    if headers.contains_key("hx-request") {
        return Ok(render(&Dock { frame: who.frame("", Tab::Cases), view }));
    }
    Ok(render(&page(&app, &who, &history, view, &asked, None)?))
}

/// `POST /case/{id}/do/{action}`: does it, or shows the form again, filled, with every reason why not.
///
/// # Errors
/// No permission, no such case or action, an unreadable form, or a fault.
pub async fn act(
    State(app): State<App>,
    who: SignedIn,
    Path((id, word)): Path<(String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    let action = Action::named(&word).ok_or(PageError::NotFound)?;
    who.require(action.row().needs)?;
    who.require(Permission::ReadCases)?;
    let upload = upload::read(request).await?;
    let form = upload.form.clone();
    let history = app.desk.history(&who.tenant, &id)?.ok_or(PageError::NotFound)?;
    let cuts = action == Action::Reduce && may_be_cut(&app.desk.library, &history.case, app.desk.time.now());
    let outcome = if action == Action::Received {
        received(&app, &who, &history, upload).await
    } else if cuts {
        match propose_cut(&app, &who, &id, &form).await {
            Ok(made) => return Ok(Redirect::to(&format!("/case/{made}?done=reduce")).into_response()),
            Err(refused) => Err(refused),
        }
    } else {
        match commands::command(action, &form, &history.case, &app.desk.library, who.actor.clone()) {
            Err(refused) => Err(ActError::Refused(refused)),
            Ok(command) => do_seen(&app, &who, &id, command, moved::seen(&form).filter(|_| action.decides())).await,
        }
    };
    match outcome {
        Ok(()) => Ok(Redirect::to(&format!("/case/{id}?done={word}")).into_response()),
        Err(ActError::Refused(refused)) => refused_page(&app, &who, &id, action, &form, &refused).await,
        Err(ActError::Moved) => {
            let (refused, form) = moved_since(&app, &who, &id, form)?;
            refused_page(&app, &who, &id, action, &form, &refused).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Does it, unless something happened that the page did not show yet.
///
/// # Errors
/// As the desk.
pub async fn do_seen(app: &App, who: &SignedIn, id: &str, command: Command, seen: Option<u64>) -> Result<(), ActError> {
    let (tenant, person) = (&who.tenant, &who.actor.person);
    match seen {
        Some(seen) => app.desk.act_seen((tenant, id), person, command, seen).await.map(|_| ()),
        None => app.desk.act(tenant, id, person, command).await.map(|_| ()),
    }
}

/// What happened since the page of this form was made, and the form as one that has seen it.
///
/// # Errors
/// No such case, or a fault.
pub fn moved_since(app: &App, who: &SignedIn, id: &str, mut form: Form) -> Result<(Refused, Form), PageError> {
    let history = app.desk.history(&who.tenant, id)?.ok_or(PageError::NotFound)?;
    let hidden = hide::from(&history, &app.desk.library, &who.actor.person);
    let names = people(app, who, history.events.iter().map(|e| e.actor.as_str()));
    let seen = moved::seen(&form).unwrap_or_default();
    let refused = moved::reasons(&history, seen, hidden, &names, app.desk.time.now());
    form.set("seen", history.case.version.to_string());
    Ok((refused, form))
}

/// The case that decides a proposed cut, made of the form.
async fn propose_cut(app: &App, who: &SignedIn, id: &str, form: &Form) -> Result<String, ActError> {
    let mut problems = commands::Problems::default();
    let line = problems.line(form);
    let keeps = problems.number(form, "keeps", "What would stay");
    let day = problems.day(form, "effective_on", "First day");
    if day.is_none() {
        problems.add("form.day", "The first day is missing.", "Choose the day from which less would be given.");
    }
    problems.or(()).map_err(ActError::Refused)?;
    let key = form.get("exception");
    let exception = (!key.is_empty())
        .then(|| CutException { key: key.to_owned(), basis: form.get("exception_basis").trim().to_owned() });
    let why = form.get("why").to_owned();
    let proposal = Proposal { line, keeps, effective_on: day.unwrap_or_default(), why, exception };
    let made = app.desk.propose_cut(&who.tenant, id, who.actor.clone(), proposal).await?;
    Ok(made.id)
}

async fn refused_page(
    app: &App,
    who: &SignedIn,
    id: &str,
    action: Action,
    form: &Form,
    refused: &Refused,
) -> Result<Response, PageError> {
    let history = read(app, who, id, "case, a refused form").await?;
    let asked = asked(form, Some(action));
    let mut view = view(app, who, &history, &asked);
    let known = panels::Known {
        case: &history.case,
        library: &app.desk.library,
        criteria: &view.criteria,
        fact: &asked.fact,
        now: app.desk.time.now(),
    };
    view.panel = Some(panels::panel(action, &known).refused(form, refused));
    Ok(render_with(StatusCode::CONFLICT, &page(app, who, &history, view, &asked, None)?))
}

/// Information that came in: typed words and files become documents of the case.
async fn received(app: &App, who: &SignedIn, history: &History, upload: Upload) -> Result<(), ActError> {
    let case = &history.case;
    let form = &upload.form;
    let now = app.desk.time.now();
    let mut problems = commands::Problems::default();
    let received_at = problems.moment(form, "received_at", "Reached us", &case.contract.zone).unwrap_or(now);
    for problem in upload.problems {
        problems.add("form.file", problem, "Send it in another form.");
    }
    if received_at > now {
        problems.add("form.received-at", "It cannot have reached us in the future.", "Enter when it came.");
    }
    let mut files = upload.files;
    if let Some(text) = form.some("typed") {
        let name = format!("Typed by {} on {}", who.actor.name, words::day(case.contract.zone.day(now)));
        files.push(upload::Sent { name, media_type: "text/plain", bytes: text.into_bytes() });
    }
    if files.is_empty() {
        problems.add("form.files", "Nothing was added.", "Attach a document, or type what was said.");
    }
    problems.or(()).map_err(ActError::Refused)?;
    let (documents, kept) = attachments::keep(files);
    let mut request = case.request.clone();
    request.receipt = Receipt {
        channel: Channel::read(form.get("channel")),
        received_at,
        proof: form.some("proof").unwrap_or_else(|| "entered by staff".to_owned()),
        entered_at: now,
        entered_by: who.actor.person.clone(),
        caller: form.some("caller"),
        authority: None,
        expedite_asked_by: None,
        form_note: None,
    };
    request.items = Vec::new();
    request.documents = documents;
    let command = Command::ReceiveInformation { request: Box::new(request), complete: form.ticked("complete") };
    let along = Commit { documents: kept, ..Commit::default() };
    app.desk.act_along(&who.tenant, &case.id, &who.actor.person, command, Some(along)).await.map(|_| ())
}

/// `POST /case/{id}/open`: records that this person opened a piece of evidence, then shows it.
///
/// # Errors
/// No permission, no such case or evidence, or a fault.
pub async fn open_evidence(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::ReadCases)?;
    let form = Form::new(pairs);
    let evidence = form.get("evidence").to_owned();
    if who.may(Permission::Work) {
        let command = Command::OpenEvidence { by: who.actor.clone(), evidence: evidence.clone() };
        app.desk.act(&who.tenant, &id, &who.actor.person, command).await?;
    }
    let page = if form.get("back") == "determine" { "/determine" } else { "" };
    let query = form.some("query").map(|q| format!("&{q}")).unwrap_or_default();
    let show = crate::web::form::encode(&evidence);
    Ok(Redirect::to(&format!("/case/{id}{page}?show={show}{query}#evidence")).into_response())
}

/// The opened piece of evidence, ready to be shown. One that this person has not opened is not shown.
///
/// # Errors
/// A fault of the store.
pub fn shown(app: &App, who: &SignedIn, history: &History, asked: &Asked) -> Result<Option<Shown>, PageError> {
    let Some(place) = asked.show.as_deref() else { return Ok(None) };
    let case = &history.case;
    let reads_only = !who.may(Permission::Work);
    if !reads_only && !case.opened_by(&who.actor.person).iter().any(|o| o.evidence == place) {
        return Ok(None);
    }
    if place == STATEMENTS {
        return Ok(Some(Shown::Statements(evidence::statements(case))));
    }
    let Some(document) = case.request.documents.iter().find(|d| d.place == place) else { return Ok(None) };
    let Some(digest) = &document.digest else { return Ok(None) };
    let href = format!("/case/{}/document/{digest}", case.id);
    let kept = app.desk.store.document(&who.tenant, digest)?;
    let (kind, bytes) = kept.map_or((document.media_type.clone(), Vec::new()), |k| (k.media_type, k.bytes));
    Ok(Some(evidence::shown(href, document.title.clone(), &kind, &bytes)))
}

/// `GET /case/{id}/document/{digest}`: a document of the case or one of its notices, as it is kept.
///
/// # Errors
/// No permission, not a document of this case, or a fault.
pub async fn document(
    State(app): State<App>,
    who: SignedIn,
    Path((id, digest)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let history = read(&app, &who, &id, "document").await?;
    let case = &history.case;
    let of_request = case.request.documents.iter().any(|d| d.digest.as_deref() == Some(&digest));
    let of_notice = case.notices.iter().any(|n| n.composed.as_ref().is_some_and(|c| c.document == digest));
    if !(of_request || of_notice) {
        return Err(PageError::NotFound);
    }
    let kept = app.desk.store.document(&who.tenant, &digest)?.ok_or(PageError::NotFound)?;
    Ok(file(&kept.media_type, &kept.name, kept.bytes))
}

/// A kept file as an answer: shown in the browser when it is of a kind that cannot act there, else downloaded.
fn file(media_type: &str, name: &str, bytes: Vec<u8>) -> Response {
    let plain = media_type.split(';').next().unwrap_or("").trim();
    let known = ["application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"];
    let (kind, how) = match known.iter().find(|k| **k == plain) {
        Some(&"text/plain") => ("text/plain; charset=utf-8", "inline"),
        Some(kind) => (*kind, "inline"),
        None => ("application/octet-stream", "attachment"),
    };
    let ending = if plain == "application/pdf" && !name.to_ascii_lowercase().ends_with(".pdf") { ".pdf" } else { "" };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&file_name::disposition(how, &format!("{name}{ending}"))) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The other cases of the member, newest first.
fn siblings(app: &App, who: &SignedIn, history: &History) -> Result<Vec<Sibling>, PageError> {
    let case = &history.case;
    let mut found = Vec::new();
    for id in app.desk.store.cases_by_key(&who.tenant, "member", &case.member.member_id, 8)? {
        if id == case.id {
            continue;
        }
        let Some(row) = app.desk.store.work(&who.tenant, &id)? else { continue };
        found.push(Sibling {
            service: row.service,
            received: words::day(case.contract.zone.day(row.received_at)),
            state: row.outcome.as_deref().map_or_else(|| words::plain(&row.stage), view::outcome_title),
            id,
        });
    }
    Ok(found)
}

/// What the page says after an action.
fn done_words(action: Action) -> String {
    match action {
        Action::Take => "The case is yours.",
        Action::Release => "The case is back on its queue.",
        Action::Approve => "Approved. The notice is being written.",
        Action::Ask => "Asked. The request for information is being written.",
        Action::Refer => "Referred to a medical director.",
        Action::Note => "The note is kept.",
        Action::Return => "Returned to the nurse.",
        Action::Facts => "The answer is kept and the criteria were checked again.",
        Action::Mark => "Your finding is kept. The checklist now shows its verdicts.",
        Action::Outreach => "The outreach is logged.",
        Action::Received => "The information is recorded and the criteria were checked again.",
        Action::Clear => "The check is cleared.",
        Action::Administrative => "The administrative denial is signed. The notice is being written.",
        Action::Extend => "Extended. The notice of the extension is being written.",
        Action::Expedite => "Expedited: the expedited clocks run.",
        Action::DeclineExpedite => "The standard time applies. The notice is being written.",
        Action::Schedule => "The talk is agreed.",
        Action::Record => "The talk is recorded.",
        Action::Eligibility => "Eligibility is settled.",
        Action::DeemedApproval => "Recorded as approved by operation of law. The notice is being written.",
        Action::Reduce => "Proposed. This case decides it; the approval stands until then.",
        Action::Postpone => "Postponed. The clocks of the notice are counted anew.",
        Action::Continuation => "Recorded, with what the rule makes of it.",
        Action::Withdraw => "The withdrawal is recorded.",
        Action::Dismiss => "Dismissed. The notice is being written.",
        Action::Void => "The case is void.",
        Action::Deliver => "The delivery is recorded.",
        Action::Complete => "Filled in. The notice is being written again.",
    }
    .to_owned()
}
