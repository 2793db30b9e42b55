//! Motions before the UM committee: put on figures, voted with quorum and minutes, carried out by people in the packs.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use vigil_desk::act::ActError;
use vigil_domain::{
    case::refusal::{Refusal, Refused},
    code::{Code, CodeSystem},
    library::Library,
    motion::{Command, Figures, Motion, Vote},
    time::Day,
};

use crate::{
    access::{Permission, SignedIn},
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

/// What a page says of the figures.
#[derive(Debug, Clone)]
struct FiguresView {
    period: String,
    decided: String,
    approved: String,
    automated: String,
    by_person: String,
}

impl FiguresView {
    fn of(figures: &Figures) -> Self {
        Self {
            period: format!("{} to {}", words::day(figures.from), words::day(figures.through)),
            decided: words::count(figures.decided),
            approved: words::percent(figures.approved, figures.decided),
            automated: words::percent(figures.automated, figures.decided),
            by_person: words::count(figures.decided - figures.automated),
        }
    }
}

/// Where a motion stands, in words.
pub fn state(motion: &Motion) -> String {
    match (motion.word(), &motion.decided) {
        ("carried", Some((vote, ..))) => match vote.effective_on {
            Some(day) => format!("carried, from {}", words::day(day)),
            None => "carried".to_owned(),
        },
        (word, _) => word.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "improve/motion_new.html")]
struct NewPage {
    frame: Frame,
    code: String,
    service: String,
    from: String,
    to: String,
    figures: FiguresView,
    reviewed_because: Vec<String>,
    why: String,
    refusals: Vec<RefusalView>,
}

#[derive(Template)]
#[template(path = "improve/motion.html")]
struct MotionPage {
    frame: Frame,
    id: String,
    code: String,
    service: String,
    figures: FiguresView,
    why: String,
    put: String,
    state: String,
    vote: Option<VoteView>,
    withdrawn: Option<String>,
    to_do: Vec<String>,
    form: Form,
    may_write: bool,
    refusals: Vec<RefusalView>,
}

#[derive(Debug, Clone)]
struct VoteView {
    on: String,
    quorum: String,
    counted: String,
    minutes: String,
    recorded: String,
}

/// The service of a code, as its criteria name it.
fn service(library: &Library, code: &str) -> String {
    let systems = [CodeSystem::Hcpcs, CodeSystem::Cpt, CodeSystem::Icd10Pcs, CodeSystem::Drg, CodeSystem::Revenue];
    let codes: Vec<Code> = systems.into_iter().map(|system| Code::new(system, code)).collect();
    let entries = || library.requirements.packs().iter().flat_map(|pack| &pack.entries);
    let asked = entries().find(|e| e.codes.names_value(code)).and_then(|e| e.criteria.clone());
    let any = || library.criteria.services_for(codes.iter()).first().map(|id| (*id).to_owned());
    let id = asked.or_else(any);
    let found = id.and_then(|id| library.criteria.latest(&id).map(|s| s.definition().name.clone()));
    found.unwrap_or_default()
}

/// The entries of the requirement packs that ask for review of a code: plan, entry, on whose authority.
fn entries(library: &Library, code: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for pack in library.requirements.packs() {
        for entry in &pack.entries {
            if entry.needed == vigil_domain::requirement::Needed::Required && entry.codes.names_value(code) {
                found.push((pack.name.clone(), entry.id.clone(), format!("{} ({})", entry.cite, entry.authority)));
            }
        }
    }
    found
}

fn period(form: &Form) -> Option<(Day, Day)> {
    Some((form.get("from").parse().ok()?, form.get("to").parse().ok()?))
}

fn new_page(app: &App, who: &SignedIn, form: &Form, refused: &[Refusal]) -> Result<(NewPage, Figures), PageError> {
    let (from, to) = period(form).ok_or(PageError::NotFound)?;
    let code = form.some("code").ok_or(PageError::NotFound)?;
    let zones = Zones::of(app, &who.tenant)?;
    let figures = app.desk.figures_of(&who.tenant, &code, (from, to), zones.first())?;
    let because = entries(&app.desk.library, &code);
    let page = NewPage {
        frame: who.frame("Put a motion", Tab::Measures),
        service: service(&app.desk.library, &code),
        code,
        from: from.to_string(),
        to: to.to_string(),
        figures: FiguresView::of(&figures),
        reviewed_because: because.into_iter().map(|(pack, entry, cite)| format!("{pack}, {entry}: {cite}")).collect(),
        why: form.get("why").to_owned(),
        refusals: refused.iter().map(RefusalView::from).collect(),
    };
    Ok((page, figures))
}

/// `GET /motion/new`: a motion on the figures of a code.
///
/// # Errors
/// No permission, or a fault.
pub async fn new(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::Supervise)?;
    Ok(render(&new_page(&app, &who, &Form::new(query), &[])?.0))
}

/// `POST /motion`: puts it.
///
/// # Errors
/// No permission, or a fault.
pub async fn put(
    State(app): State<App>,
    who: SignedIn,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::Supervise)?;
    let form = Form::new(pairs);
    let (page, figures) = new_page(&app, &who, &form, &[])?;
    let id = app.desk.new_subject_id('M')?;
    let command = Command::Put {
        motion: id.clone(),
        code: page.code,
        service: page.service,
        figures,
        why: form.get("why").to_owned(),
    };
    match app.desk.move_motion(&who.tenant, &id, &who.actor.person, command, today(&app, &who)?).await {
        Ok(_) => Ok(Redirect::to(&format!("/motion/{id}")).into_response()),
        Err(ActError::Refused(refused)) => {
            Ok(render_with(StatusCode::CONFLICT, &new_page(&app, &who, &form, &refused)?.0))
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /motion/{id}`.
///
/// # Errors
/// No permission, no such motion, or a fault.
pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<String>) -> Result<Response, PageError> {
    who.require(Permission::ReadMeasures)?;
    let motion = app.desk.motion(&who.tenant, &id)?.ok_or(PageError::NotFound)?;
    Ok(render(&page(&app, &who, &motion, Form::default(), &[])?))
}

/// `POST /motion/{id}`: records the vote, or takes it back.
///
/// # Errors
/// No permission, no such motion, or a fault.
pub async fn decide(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::Supervise)?;
    let form = Form::new(pairs);
    let command = if form.get("then") == "withdraw" {
        Ok(Command::Withdraw { why: form.get("why").to_owned() })
    } else {
        vote(&form).map(|vote| Command::Decide { vote })
    };
    let outcome = match command {
        Ok(command) => app.desk.move_motion(&who.tenant, &id, &who.actor.person, command, today(&app, &who)?).await,
        Err(refused) => Err(ActError::Refused(refused)),
    };
    match outcome {
        Ok(motion) => Ok(render(&page(&app, &who, &motion, Form::default(), &[])?)),
        Err(ActError::Refused(refused)) => {
            let motion = app.desk.motion(&who.tenant, &id)?.ok_or(PageError::NotFound)?;
            Ok(render_with(StatusCode::CONFLICT, &page(&app, &who, &motion, form, &refused)?))
        }
        Err(other) => Err(other.into()),
    }
}

/// The vote of the form, or what cannot be read in it.
fn vote(form: &Form) -> Result<Vote, Refused> {
    let mut refused = Vec::new();
    let mut number = |name: &str, label: &str| {
        form.get(name).parse::<u32>().unwrap_or_else(|_| {
            let says = format!("{label}: {:?} is not a whole number.", form.get(name));
            refused.push(Refusal::house("form.number", says, "Write it in digits; none is 0."));
            0
        })
    };
    let (members, physicians) = (number("members", "Members"), number("physicians", "Practicing physicians"));
    let present = number("present", "Present");
    let (in_favour, against) = (number("in_favour", "For"), number("against", "Against"));
    let abstained = number("abstained", "Abstained");
    let on = form.get("on").parse::<Day>();
    if on.is_err() {
        refused.push(Refusal::house("form.day", "The day of the meeting is missing.", "Choose it."));
    }
    let effective_on = form.some("effective_on").and_then(|text| text.parse().ok());
    let minutes = form.get("minutes").to_owned();
    match on {
        Ok(on) if refused.is_empty() => {
            Ok(Vote { on, members, physicians, present, in_favour, against, abstained, effective_on, minutes })
        }
        _ => Err(refused),
    }
}

fn today(app: &App, who: &SignedIn) -> Result<Day, PageError> {
    Ok(Zones::of(app, &who.tenant)?.first().day(app.desk.time.now()))
}

fn page(app: &App, who: &SignedIn, motion: &Motion, form: Form, refused: &[Refusal]) -> Result<MotionPage, PageError> {
    let zones = Zones::of(app, &who.tenant)?;
    let zone = zones.first();
    let stamp = |by: &str, at| format!("{by}, {}", words::moment(at, zone));
    let vote = motion.decided.as_ref().map(|(vote, by, at)| VoteView {
        on: words::day(vote.on),
        quorum: format!(
            "{} of {} members present, {} of the members practicing physicians",
            vote.present, vote.members, vote.physicians
        ),
        counted: format!("{} for, {} against, {} abstained", vote.in_favour, vote.against, vote.abstained),
        minutes: vote.minutes.clone(),
        recorded: stamp(by, *at),
    });
    let carried = motion.word() == "carried";
    let to_do = entries(&app.desk.library, &motion.code)
        .into_iter()
        .filter(|_| carried)
        .map(|(pack, entry, cite)| format!("{pack}, entry {entry}, reviewed under {cite}"))
        .collect();
    Ok(MotionPage {
        frame: who.frame(format!("Motion: retire {}", motion.code), Tab::Measures),
        id: motion.id.clone(),
        code: motion.code.clone(),
        service: motion.service.clone(),
        figures: FiguresView::of(&motion.figures),
        why: motion.why.clone(),
        put: stamp(&motion.put.0, motion.put.1),
        state: state(motion),
        vote,
        withdrawn: motion.withdrawn.as_ref().map(|(why, by, at)| format!("{why} ({})", stamp(by, *at))),
        to_do,
        form,
        may_write: who.may(Permission::Supervise) && motion.word() == "open",
        refusals: refused.iter().map(RefusalView::from).collect(),
    })
}
