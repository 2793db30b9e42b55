//! For the auditor: the universe of a span, a sample of files, one packet a file, and the proof that a changed byte is found.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use vigil_desk::{
    audit::{COLUMNS, Selection, Universe, UniverseError, sample},
    improve::midnight,
};
use vigil_domain::{
    party::LineOfBusiness,
    time::{Day, Zone},
};
use vigil_store::{SubjectKey, first_break};

use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
    web::{
        error::PageError,
        form::Form,
        frame::{Frame, Tab, render},
        words,
        zones::Zones,
    },
};

/// Days offered when none are asked for.
const DAYS: i64 = 30;
/// Files of a sample: the full pull of an NCQA file review, whose first 8 decide whether the rest is read.
const SAMPLE: usize = 30;

/// One file of the sample.
#[derive(Debug, Clone)]
struct FileRow {
    n: usize,
    case: String,
    service: String,
    outcome: String,
    decided: String,
}

/// What a flipped bit did.
#[derive(Debug, Clone)]
struct Proof {
    case: String,
    events: usize,
    sound: bool,
    flipped: u64,
    found: Option<u64>,
}

#[derive(Template)]
#[template(path = "audit/audit.html")]
struct AuditPage {
    frame: Frame,
    from: String,
    to: String,
    line: String,
    lines: Vec<(String, String)>,
    seed: String,
    zone: String,
    zones: Vec<String>,
    count: usize,
    files: Vec<FileRow>,
    columns: &'static [(&'static str, &'static str)],
    checkpoint: Option<String>,
    proof: Option<Proof>,
}

/// What the form asks for.
struct Asked {
    from: Day,
    to: Day,
    line: LineOfBusiness,
    zone: Zone,
}

fn asked(app: &App, who: &SignedIn, form: &Form) -> Result<Asked, PageError> {
    let zones = Zones::of(app, &who.tenant)?;
    let named = form.some("zone").and_then(|name| Zone::named(&name).ok());
    let zone = named.unwrap_or_else(|| zones.first().clone());
    let today = zone.day(app.desk.time.now());
    let day = |name: &str| form.get(name).parse::<Day>().ok();
    let (from, to) = match (day("from"), day("to")) {
        (Some(from), Some(to)) if from <= to => (from, to),
        _ => (today.checked_sub(jiff::Span::new().days(DAYS - 1)).unwrap_or(today), today),
    };
    let line = form.some("line").map_or(LineOfBusiness::MedicareAdvantage, |word| LineOfBusiness::read(&word));
    Ok(Asked { from, to, line, zone })
}

fn universe(app: &App, who: &SignedIn, asked: &Asked) -> Result<Universe, PageError> {
    let until = asked.to.tomorrow().unwrap_or(asked.to);
    let selection = Selection {
        from: midnight(asked.from, &asked.zone),
        until: midnight(until, &asked.zone),
        line_of_business: asked.line.clone(),
        zone: Some(asked.zone.clone()),
    };
    app.desk.universe(&who.tenant, &selection, |_, _| {}).map_err(|error| match error {
        UniverseError::Act(error) => error.into(),
        zones => PageError::Unreadable(vec![zones.to_string()]),
    })
}

fn permitted(who: &SignedIn) -> Result<(), PageError> {
    who.require(Permission::ReadTrail)?;
    who.require(Permission::ReadCases)
}

/// `GET /audit`.
///
/// # Errors
/// No permission, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    permitted(&who)?;
    let form = Form::new(query);
    let asked = asked(&app, &who, &form)?;
    let seed = form.some("seed").unwrap_or_else(|| asked.to.to_string());
    let cases = universe(&app, &who, &asked)?.cases;
    let zone = asked.zone.clone();
    let pulled = sample(&cases, &seed, SAMPLE);
    let proof = prove(&app, &who, form.some("prove").or_else(|| pulled.first().cloned()))?;
    let mut files = Vec::with_capacity(pulled.len());
    for (place, case) in pulled.iter().enumerate() {
        let Some(row) = app.desk.store.work(&who.tenant, case)? else { continue };
        files.push(FileRow {
            n: place + 1,
            case: case.clone(),
            service: row.service,
            outcome: row.outcome.map(|word| words::capital(&words::plain(&word))).unwrap_or_default(),
            decided: row.decided_at.map(|at| words::moment(at, &zone)).unwrap_or_default(),
        });
    }
    trail::looked(&app, &who, "list", pulled.iter().map(SubjectKey::case).collect(), "audit, sample").await?;
    let checkpoint = app.desk.store.last_checkpoint()?;
    Ok(render(&AuditPage {
        frame: who.frame("Audit", Tab::Measures),
        from: asked.from.to_string(),
        to: asked.to.to_string(),
        line: asked.line.word().to_owned(),
        lines: LineOfBusiness::ALL.iter().map(|l| (l.word().to_owned(), l.title().to_owned())).collect(),
        seed,
        zone: zone.name().to_owned(),
        zones: Zones::of(&app, &who.tenant)?.names(),
        count: cases.len(),
        files,
        columns: COLUMNS,
        checkpoint: checkpoint.map(|seal| words::moment(seal.at, &zone)),
        proof,
    }))
}

/// Walks the chain of a case as it is stored, and again over a copy in memory in which one bit of one event is flipped.
fn prove(app: &App, who: &SignedIn, case: Option<String>) -> Result<Option<Proof>, PageError> {
    let Some(case) = case else { return Ok(None) };
    let stored = app.desk.store.load(&who.tenant, &SubjectKey::case(&case))?;
    let middle = stored.len() / 2;
    let mut copy = stored.clone();
    let Some(event) = copy.get_mut(middle) else { return Ok(None) };
    let flipped = event.version;
    if let Some(byte) = event.body.first_mut() {
        *byte ^= 1;
    }
    let sound = first_break(&stored).is_none();
    Ok(Some(Proof { case, events: stored.len(), sound, flipped, found: first_break(&copy) }))
}

/// `GET /audit/universe.csv`.
///
/// # Errors
/// No permission, contracts of several zones, or a fault.
pub async fn csv(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    permitted(&who)?;
    let asked = asked(&app, &who, &Form::new(query))?;
    let found = universe(&app, &who, &asked)?;
    trail::looked(&app, &who, "export", found.cases.iter().map(SubjectKey::case).collect(), "universe").await?;
    let name = format!("universe-{}-{}-{}.csv", asked.line.word(), asked.from, asked.to);
    Ok(download("text/csv; charset=utf-8", &name, found.csv.into_bytes()))
}

/// `GET /case/{id}/packet.zip`: everything behind one case.
///
/// # Errors
/// No permission, no such case, or a fault.
pub async fn packet(State(app): State<App>, who: SignedIn, Path(id): Path<String>) -> Result<Response, PageError> {
    permitted(&who)?;
    // First the trail, so that the packet itself says who asked for it.
    trail::looked(&app, &who, "export", vec![SubjectKey::case(&id)], "audit packet").await?;
    let packet = app.desk.audit_packet(&who.tenant, &id)?;
    Ok(download("application/zip", &packet.name, packet.bytes))
}

fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
