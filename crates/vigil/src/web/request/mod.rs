//! A request typed in by staff: who asks what for whom, when it reached us, and what came with it. Every problem is shown
//! at its place, and nothing typed is lost.

mod read;

use askama::Template;
use axum::{
    extract::{Query, Request as HttpRequest, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use vigil_desk::{act::ActError, enter::Attached};
use vigil_domain::{case::refusal::Refusal, party::Member, request::Circumstance};
use vigil_store::SubjectKey;

use self::read::{Known, Problem};
use super::{
    error::PageError,
    form::Form,
    frame::{Frame, Tab, render, render_with},
    panel::RefusalView,
    upload, words,
    zones::Zones,
};
use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
};

/// Lines the form begins with, and the most it takes.
const LINES: (usize, usize) = (2, 12);

/// A member found on the roster.
#[derive(Debug, Clone)]
struct Found {
    member_id: String,
    payer_id: String,
    name: String,
    born: String,
    coverage: String,
    chosen: bool,
    has_address: bool,
}

/// A service line of the form.
#[derive(Debug, Clone)]
struct LineFields {
    n: usize,
    code: String,
    words: String,
    amount: String,
    unit: String,
    from: String,
    through: String,
    drug: bool,
    problem: String,
}

#[derive(Template)]
#[template(path = "request/request.html")]
struct RequestPage {
    frame: Frame,
    form: Form,
    problems: Vec<Problem>,
    refusals: Vec<RefusalView>,
    members: Vec<Found>,
    lookup: String,
    /// Nobody was found on the roster, or the one found has no address there.
    asks_address: bool,
    requester: String,
    facility: String,
    lines: Vec<LineFields>,
    zone: String,
    zones: Vec<String>,
}

impl RequestPage {
    /// What is wrong at a field; empty when nothing is.
    fn wrong(&self, field: &str) -> String {
        self.problems.iter().find(|p| p.field == field).map(|p| p.says.clone()).unwrap_or_default()
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.form.get(field) == value
    }

    /// Each circumstance that some law asks about: field, words, ticked.
    fn circumstances(&self) -> Vec<(String, &'static str, bool)> {
        let row = |c: &Circumstance| {
            let field = read::circumstance_field(c);
            let ticked = self.form.ticked(&field);
            (field, words::circumstance(c), ticked)
        };
        Circumstance::ALL.iter().map(row).collect()
    }
}

fn page(
    app: &App,
    who: &SignedIn,
    form: Form,
    problems: Vec<Problem>,
    refusals: &[Refusal],
) -> Result<RequestPage, PageError> {
    let zones = Zones::of(app, &who.tenant)?;
    let zone = form.some("zone").unwrap_or_else(|| zones.first().name().to_owned());
    let members = members(app, who, &form)?;
    let lookup = match (form.get("member").is_empty(), members.len()) {
        (true, _) => String::new(),
        (false, 0) => {
            "Nobody on the roster has this number or name. The request can still be entered; eligibility decides."
                .to_owned()
        }
        (false, 1) => String::new(),
        (false, n) => format!("{n} people fit. Choose one."),
    };
    let name_of = |field: &str| -> Result<String, PageError> {
        let npi = form.get(field);
        if npi.is_empty() {
            return Ok(String::new());
        }
        let known = app.desk.store.provider(&who.tenant, npi)?;
        Ok(known.map_or_else(|| "not in the directory".to_owned(), |p| p.name))
    };
    let (requester, facility) = (name_of("npi")?, name_of("facility_npi")?);
    let count = form.get("lines").parse::<usize>().unwrap_or(LINES.0).clamp(1, LINES.1);
    let lines = (1..=count).map(|n| line(&form, n, &problems)).collect();
    Ok(RequestPage {
        frame: who.frame("New request", Tab::Cases),
        problems,
        refusals: refusals.iter().map(RefusalView::from).collect(),
        asks_address: !members.iter().any(|m| m.has_address && (m.chosen || members.len() > 1)),
        members,
        lookup,
        requester,
        facility,
        lines,
        zones: zones.names(),
        zone,
        form,
    })
}

fn line(form: &Form, n: usize, problems: &[Problem]) -> LineFields {
    let text = |name: &str| form.get(&format!("{name}{n}")).to_owned();
    let field = format!("line{n}");
    LineFields {
        n,
        code: text("code"),
        words: text("words"),
        amount: text("amount"),
        unit: text("unit"),
        from: text("from"),
        through: text("through"),
        drug: form.ticked(&format!("drug{n}")),
        problem: problems.iter().filter(|p| p.field == field).map(|p| p.says.clone()).collect::<Vec<_>>().join(" "),
    }
}

/// The people on the roster that a number or the beginning of a name finds.
fn lookup(app: &App, who: &SignedIn, text: &str) -> Result<Vec<Member>, PageError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = app.desk.store.members_by_number(&who.tenant, text)?;
    if found.is_empty() {
        found = app.desk.store.members_by_name(&who.tenant, text, 12)?;
    }
    Ok(found)
}

fn members(app: &App, who: &SignedIn, form: &Form) -> Result<Vec<Found>, PageError> {
    let people = lookup(app, who, form.get("member"))?;
    let contracts = app.desk.store.contracts(&who.tenant)?;
    let alone = people.len() == 1;
    let mut found = Vec::new();
    for member in people {
        let coverages = app.desk.store.coverages(&who.tenant, &member.payer_id, &member.member_id)?;
        let said: Vec<String> = coverages
            .iter()
            .map(|coverage| {
                let plan = contracts.iter().find(|c| c.payer_id == coverage.payer_id && c.plan_id == coverage.plan_id);
                let plan = plan.map_or_else(|| format!("plan {}", coverage.plan_id), |c| c.name.clone());
                let until = coverage.through.map(|d| format!(" to {}", words::day(d))).unwrap_or_default();
                format!("{plan}, from {}{until}", words::day(coverage.from))
            })
            .collect();
        let key = format!("{}|{}", member.payer_id, member.member_id);
        found.push(Found {
            chosen: alone || form.get("chosen") == key,
            name: member.name.listed(),
            born: words::day_or(member.birth_day, ""),
            coverage: if said.is_empty() { "no coverage on the roster".to_owned() } else { said.join("; ") },
            has_address: member.address.is_some(),
            member_id: member.member_id,
            payer_id: member.payer_id,
        });
    }
    Ok(found)
}

/// `GET /request/new`.
///
/// # Errors
/// No permission, or a fault.
pub async fn new(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::EnterRequest)?;
    let page = page(&app, &who, Form::new(query), Vec::new(), &[])?;
    seen(&app, &who, &page).await?;
    Ok(render(&page))
}

/// Members that a lookup showed go on the trail.
async fn seen(app: &App, who: &SignedIn, page: &RequestPage) -> Result<(), PageError> {
    if page.members.is_empty() {
        return Ok(());
    }
    let subjects = page.members.iter().map(|m| SubjectKey::new("member", format!("{}|{}", m.payer_id, m.member_id)));
    trail::looked(app, who, "search", subjects.collect(), "new request, roster").await
}

/// `POST /request/new`: looks up, adds a line, or enters the request; whatever is wrong comes back beside its field.
///
/// # Errors
/// No permission, an unreadable form, or a fault.
pub async fn post(State(app): State<App>, who: SignedIn, request: HttpRequest) -> Result<Response, PageError> {
    who.require(Permission::EnterRequest)?;
    let upload = upload::read(request).await?;
    let mut form = upload.form;
    match form.get("then") {
        "line" => {
            let count = form.get("lines").parse::<usize>().unwrap_or(LINES.0) + 1;
            form.set("lines", count.min(LINES.1).to_string());
            return Ok(render(&page(&app, &who, form, Vec::new(), &[])?));
        }
        "look" => {
            let page = page(&app, &who, form, Vec::new(), &[])?;
            seen(&app, &who, &page).await?;
            return Ok(render(&page));
        }
        _ => {}
    }
    let known = known(&app, &who, &form)?;
    let now = app.desk.time.now();
    let mut problems: Vec<Problem> = upload
        .problems
        .into_iter()
        .map(|says| Problem { field: "files".to_owned(), label: "Attachments", says })
        .collect();
    let request = match read::request(&form, &known, &who.actor.person, now) {
        Ok(request) if problems.is_empty() => request,
        Ok(_) => return Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&app, &who, form, problems, &[])?)),
        Err(found) => {
            problems.extend(found);
            return Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&app, &who, form, problems, &[])?));
        }
    };
    let attached = upload.files.into_iter().map(|file| Attached {
        title: file.name,
        media_type: file.media_type.to_owned(),
        bytes: file.bytes,
    });
    match app.desk.enter(&who.tenant, &who.actor.person, request, attached.collect(), None).await {
        Ok(case) => Ok(Redirect::to(&format!("/case/{}", case.id)).into_response()),
        Err(ActError::Refused(refused)) => {
            Ok(render_with(StatusCode::CONFLICT, &page(&app, &who, form, Vec::new(), &refused)?))
        }
        Err(other) => Err(other.into()),
    }
}

/// What the roster and the directory know of the parties of the form.
fn known(app: &App, who: &SignedIn, form: &Form) -> Result<Known, PageError> {
    let people = lookup(app, who, form.get("member"))?;
    let chosen = form.get("chosen");
    let alone = people.len() == 1;
    let member = people.into_iter().find(|m| alone || format!("{}|{}", m.payer_id, m.member_id) == chosen);
    let provider = |field: &str| -> Result<_, PageError> {
        match form.some(field) {
            Some(npi) => Ok(app.desk.store.provider(&who.tenant, &npi)?),
            None => Ok(None),
        }
    };
    let payer_id = match &member {
        Some(member) => member.payer_id.clone(),
        None => app.desk.store.contracts(&who.tenant)?.into_iter().next().map(|c| c.payer_id).unwrap_or_default(),
    };
    Ok(Known { member, payer_id, requester: provider("npi")?, facility: provider("facility_npi")? })
}

/// The kinds of review, for the form.
const REVIEWS: &[(&str, &str)] = &[
    ("prospective", "Before the service"),
    ("concurrent", "During the service"),
    ("retrospective", "After the service"),
];
