//! All cases: search by name, member, authorization or case number; recent first.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use vigil_domain::{party::LineOfBusiness, time::Moment};
use vigil_store::{SubjectKey, WorkRow};

use super::{
    case::view::outcome_title,
    error::PageError,
    form::{self, Form},
    frame::{Frame, Tab, render},
    words,
    zones::Zones,
};
use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
};

const ROWS: usize = 40;

/// One case in the list.
#[derive(Debug, Clone)]
struct CaseRow {
    id: String,
    name: String,
    age: String,
    member_id: String,
    line: String,
    service: String,
    received: String,
    state: String,
    adverse: bool,
    authorization: String,
}

#[derive(Template)]
#[template(path = "cases/cases.html")]
struct CasesPage {
    frame: Frame,
    text: String,
    rows: Vec<CaseRow>,
    next: Option<String>,
    may_enter: bool,
}

/// `GET /cases`.
///
/// # Errors
/// No permission, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    list(&app, &who, &Form::new(query), String::new()).await
}

/// `POST /cases`: search. What is looked for is a name or a number of somebody, and stays out of addresses.
///
/// # Errors
/// No permission, or a fault.
pub async fn search(
    State(app): State<App>,
    who: SignedIn,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let form = Form::new(pairs);
    let text = form.get("q").trim().to_owned();
    list(&app, &who, &form, text).await
}

async fn list(app: &App, who: &SignedIn, asked: &Form, text: String) -> Result<Response, PageError> {
    who.require(Permission::ReadCases)?;
    let zones = Zones::of(app, &who.tenant)?;
    let now = app.desk.time.now();
    let (found, next) = if text.is_empty() {
        let before = asked.get("before").split_once('.');
        let before = before.and_then(|(at, id)| Some((Moment::from_microsecond(at.parse().ok()?).ok()?, id)));
        let mut rows = app.desk.store.cases(&who.tenant, before, ROWS + 1)?;
        let more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let next = rows.last().filter(|_| more).map(|last| {
            let place = format!("{}.{}", last.received_at.as_microsecond(), last.case_id);
            format!("/cases?before={}", form::encode(&place))
        });
        (rows, next)
    } else {
        (app.desk.store.case_search(&who.tenant, &text, ROWS)?, None)
    };
    let subjects = found.iter().map(|row| SubjectKey::case(&row.case_id)).collect();
    let action = if text.is_empty() { "list" } else { "search" };
    trail::looked(app, who, action, subjects, "cases").await?;
    let rows = found.iter().map(|row| case_row(row, &zones, now)).collect();
    let may_enter = who.may(Permission::EnterRequest);
    Ok(render(&CasesPage { frame: who.frame("Cases", Tab::Cases), text, rows, next, may_enter }))
}

fn case_row(row: &WorkRow, zones: &Zones, now: Moment) -> CaseRow {
    let zone = zones.named(&row.zone);
    let outcome = row.outcome.as_deref();
    CaseRow {
        id: row.case_id.clone(),
        name: row.patient_name.clone(),
        age: words::age_and_sex(row.birth_day, &row.sex, zone.day(now)),
        member_id: row.member_id.clone(),
        line: LineOfBusiness::read(&row.line_of_business).title().to_owned(),
        service: row.service.clone(),
        received: words::near(row.received_at, zone, now),
        state: outcome.map_or_else(|| words::capital(&words::plain(&row.stage)), outcome_title),
        adverse: outcome.is_some_and(|o| {
            matches!(o, "not_approved" | "partially_approved" | "modified" | "administrative_adverse")
        }),
        authorization: row.authorization.clone().unwrap_or_default(),
    }
}
