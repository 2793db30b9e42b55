//! The A3: one sheet, seven parts, kept in the log as they are written.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use vigil_desk::{act::ActError, improve::week_span};
use vigil_domain::{
    case::refusal::Refusal,
    improvement::{Command, Improvement, Part},
};
use vigil_store::SubjectKey;

use super::{Bar, asked, bars, pareto, signal_words};
use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
    web::{
        error::PageError,
        form::Form,
        frame::{Frame, Tab, render, render_with},
        panel::RefusalView,
        words,
        zones::Zones,
    },
};

/// One part as the page shows it.
#[derive(Debug, Clone)]
struct PartView {
    word: &'static str,
    title: &'static str,
    asks: &'static str,
    text: String,
    written: String,
}

#[derive(Template)]
#[template(path = "improve/sheet.html")]
struct SheetPage {
    frame: Frame,
    id: String,
    title: String,
    opened: String,
    says: String,
    picture: String,
    steps: Vec<Bar>,
    parts: Vec<PartView>,
    closed: Option<String>,
    result: String,
    may_write: bool,
    done: &'static str,
    refusals: Vec<RefusalView>,
}

/// `POST /improvement`: takes up the signal of a week.
///
/// # Errors
/// No permission, no such signal, or a fault.
pub async fn open(
    State(app): State<App>,
    who: SignedIn,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::Supervise)?;
    let form = Form::new(pairs);
    let (from, to, week) = asked(&form).ok_or(PageError::NotFound)?;
    let signal = app.desk.late_signal(&who.tenant, from, to, week)?.ok_or(PageError::NotFound)?;
    let zones = Zones::of(&app, &who.tenant)?;
    let (begin, end) = week_span(week, zones.first());
    let causes = app.desk.causes_of_late_notices(&who.tenant, begin, end)?.by_step;
    let title = form.some("title").unwrap_or_else(|| format!("Late notices, week of {}", words::day(week)));
    let id = app.desk.new_subject_id('I')?;
    let command = Command::Open { improvement: id.clone(), title, signal, causes };
    app.desk.improve(&who.tenant, &id, &who.actor.person, command).await?;
    Ok(Redirect::to(&format!("/improvement/{id}")).into_response())
}

/// `GET /improvement/{id}`.
///
/// # Errors
/// No permission, no such improvement, or a fault.
pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<String>) -> Result<Response, PageError> {
    who.require(Permission::ReadMeasures)?;
    let found = app.desk.improvement(&who.tenant, &id)?.ok_or(PageError::NotFound)?;
    Ok(render(&page(&app, &who, &found, &Form::default(), &[], "").await?))
}

/// `POST /improvement/{id}`: writes what changed, or closes; whatever is refused comes back filled.
///
/// # Errors
/// No permission, no such improvement, or a fault.
pub async fn write(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::Supervise)?;
    let form = Form::new(pairs);
    let parts = Part::ALL.iter().map(|part| (*part, form.get(part.word()).to_owned())).collect();
    let written = app.desk.improve(&who.tenant, &id, &who.actor.person, Command::Write { parts }).await;
    let outcome = match written {
        Ok(_) if form.get("then") == "close" => {
            let command = Command::Close { result: form.get("result").to_owned() };
            app.desk.improve(&who.tenant, &id, &who.actor.person, command).await
        }
        other => other,
    };
    let closing = form.get("then") == "close";
    match outcome {
        Ok(found) => {
            let done = if closing { "Closed. The sheet stays as it is." } else { "Kept." };
            Ok(render(&page(&app, &who, &found, &Form::default(), &[], done).await?))
        }
        Err(ActError::Refused(refused)) => {
            let found = app.desk.improvement(&who.tenant, &id)?.ok_or(PageError::NotFound)?;
            Ok(render_with(StatusCode::CONFLICT, &page(&app, &who, &found, &form, &refused, "").await?))
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(
    app: &App,
    who: &SignedIn,
    found: &Improvement,
    form: &Form,
    refused: &[Refusal],
    done: &'static str,
) -> Result<SheetPage, PageError> {
    let zones = Zones::of(app, &who.tenant)?;
    let zone = zones.first();
    let reads_cases = who.may(Permission::ReadCases);
    if reads_cases {
        let subjects = found.causes.iter().flat_map(|cause| &cause.cases).map(SubjectKey::case).collect();
        trail::looked(app, who, "list", subjects, "improvement").await?;
    }
    let part = |part: &Part| {
        let known = found.parts.get(part);
        PartView {
            word: part.word(),
            title: part.title(),
            asks: part.asks(),
            text: form.some(part.word()).or_else(|| known.map(|(text, ..)| text.clone())).unwrap_or_default(),
            written: known.map(|(_, by, at)| format!("{by}, {}", words::moment(*at, zone))).unwrap_or_default(),
        }
    };
    let closed = found.closed.as_ref();
    Ok(SheetPage {
        frame: who.frame(found.title.clone(), Tab::Measures),
        id: found.id.clone(),
        title: found.title.clone(),
        opened: format!("{}, {}", found.opened.0, words::moment(found.opened.1, zone)),
        says: signal_words(&found.signal),
        picture: pareto(&found.causes, "Late notices by the step that took the time, most frequent first"),
        steps: bars(&found.causes, reads_cases),
        parts: Part::ALL.iter().map(part).collect(),
        closed: closed.map(|(result, by, at)| format!("{result} ({by}, {})", words::moment(*at, zone))),
        result: form.get("result").to_owned(),
        may_write: who.may(Permission::Supervise) && found.closed.is_none(),
        done,
        refusals: refused.iter().map(RefusalView::from).collect(),
    })
}
