//! Messages of feeds that nobody could take: which, what is at fault in each, one as it came, and taking it again. A message
//! is known by its key alone: nothing of a patient stands in an address.

use askama::Template;
use axum::{
    Form as Posted,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use vigil_desk::hospital::{feed::Outcome, parked::Parked};
use vigil_domain::time::Zone;

use super::Hospitals;
use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
    web::{
        error::PageError,
        form::Form,
        frame::{Frame, Tab as Place, render},
        words,
    },
};

/// Messages shown at most.
const MOST: usize = 200;

/// A message on the page.
struct Row {
    key: String,
    received: String,
    machine: String,
    sender: String,
    kind: String,
    control: String,
    why: &'static str,
    tried: String,
    faults: Vec<FaultView>,
}

/// One thing at fault.
struct FaultView {
    place: String,
    kind: String,
    says: String,
    todo: String,
}

#[derive(Template)]
#[template(path = "hospital/parked.html")]
struct ParkedPage {
    frame: Frame,
    said: &'static str,
    more: bool,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "hospital/parked_message.html")]
struct MessagePage {
    frame: Frame,
    said: &'static str,
    wrong: bool,
    taken: bool,
    row: Row,
    text: String,
}

fn hex(key: &[u8; 32]) -> String {
    vigil_desk::ids::hex(key)
}

fn key_of(text: &str) -> Result<[u8; 32], PageError> {
    let digit = |c: u8| (c as char).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let digits: Option<Vec<u8>> = text.bytes().map(digit).collect();
    let bytes = digits.filter(|d| d.len() == 64).map(|d| d.chunks(2).map(|p| p[0] << 4 | p[1]).collect::<Vec<u8>>());
    bytes.and_then(|b| b.try_into().ok()).ok_or(PageError::NotFound)
}

fn row(parked: &Parked, zone: &Zone) -> Row {
    let fault = |told: &vigil_wire::hl7::Told| FaultView {
        place: told.place.clone(),
        kind: told.kind.clone(),
        says: told.says.clone(),
        todo: told.todo.clone(),
    };
    Row {
        key: hex(&parked.key),
        received: words::moment(parked.received_at, zone),
        machine: words::machine(parked.received_at),
        sender: parked.sender.clone(),
        kind: if parked.kind.is_empty() { "unreadable".to_owned() } else { parked.kind.clone() },
        control: parked.control.clone(),
        why: if parked.unsupported { "not supported" } else { "data at fault" },
        tried: parked.tried.map(|(at, _)| words::moment(at, zone)).unwrap_or_default(),
        faults: parked.faults.iter().filter(|told| !told.warning).map(fault).collect(),
    }
}

fn zone(app: &App, who: &SignedIn) -> Result<Zone, PageError> {
    let hospitals = Hospitals::of(app, &who.tenant, &Form::new(Vec::new()))?;
    Ok(hospitals.zone().cloned().unwrap_or_else(|| Zone::named("UTC").expect("UTC is in the bundled zone database")))
}

/// What became of a message that was taken again.
fn said(word: &str) -> &'static str {
    match word {
        "taken" => "The message was taken; its stay is brought up to date.",
        "nothing" => "The message was read; it is about no stay that is watched.",
        "again" => "The message was taken before; nothing changed.",
        "parked" => "The message could still not be taken; what is at fault now is named below.",
        "busy" => "The message could not be taken just now. Try again.",
        _ => "",
    }
}

/// `GET /feed/parked`: the list.
///
/// # Errors
/// No permission, or a fault.
pub async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::WorkStays)?;
    let form = Form::new(pairs);
    let notes = app.desk.parked(&who.tenant, MOST + 1)?;
    let more = notes.len() > MOST;
    let zone = zone(&app, &who)?;
    let mut rows = Vec::new();
    for note in notes.iter().take(MOST) {
        rows.extend(app.desk.parked_message(&who.tenant, &note.key)?.map(|(parked, _)| row(&parked, &zone)));
    }
    trail::looked(&app, &who, "list", Vec::new(), "parked messages of feeds").await?;
    let frame = who.frame("Parked messages", Place::Census);
    Ok(render(&ParkedPage { frame, said: said(form.get("done")), more, rows }))
}

/// `GET /feed/parked/{key}`: one message as it came.
///
/// # Errors
/// No permission, no such message, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(key): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::WorkStays)?;
    let form = Form::new(pairs);
    page(&app, &who, &key, said(form.get("done")), false).await
}

async fn page(app: &App, who: &SignedIn, key: &str, said: &'static str, wrong: bool) -> Result<Response, PageError> {
    let Some((parked, body)) = app.desk.parked_message(&who.tenant, &key_of(key)?)? else {
        return Err(PageError::NotFound);
    };
    trail::looked(app, who, "feed-message-read", Vec::new(), key).await?;
    let frame = who.frame("Parked message", Place::Census);
    let taken = parked.tried.is_some_and(|(_, taken)| taken);
    let row = row(&parked, &zone(app, who)?);
    let text = String::from_utf8_lossy(&body).replace("\r\n", "\n").replace('\r', "\n");
    Ok(render(&MessagePage { frame, said, wrong, taken, row, text }))
}

/// `POST /feed/parked/{key}/replay`: takes it again, once the person has confirmed it.
///
/// # Errors
/// No permission, no such message, or a fault.
pub async fn replay(
    State(app): State<App>,
    who: SignedIn,
    Path(key): Path<String>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::WorkStays)?;
    let form = Form::new(pairs);
    if form.get("sure").is_empty() {
        return page(&app, &who, &key, "Nothing was done: tick that the message may be taken.", true).await;
    }
    let number = key_of(&key)?;
    let known = app.desk.parked_message(&who.tenant, &number)?;
    let Some((parked, _)) = known else { return Err(PageError::NotFound) };
    if parked.tried.is_some_and(|(_, taken)| taken) {
        return Ok(Redirect::to("/feed/parked?done=again").into_response());
    }
    trail::looked(&app, &who, "feed-message-replayed", Vec::new(), &key).await?;
    let books = app.desk.feed_books(&who.tenant)?;
    let fed = app.desk.replay_parked(&who.tenant, &books, &number).await?.ok_or(PageError::NotFound)?;
    let to = match fed.outcome {
        Outcome::Taken(_) => "/feed/parked?done=taken".to_owned(),
        Outcome::Nothing => "/feed/parked?done=nothing".to_owned(),
        Outcome::Again => "/feed/parked?done=again".to_owned(),
        Outcome::Parked => format!("/feed/parked/{key}?done=parked"),
        Outcome::Busy(_) => format!("/feed/parked/{key}?done=busy"),
    };
    Ok(Redirect::to(&to).into_response())
}
