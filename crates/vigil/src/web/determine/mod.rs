//! The physician's page: what do I decide, on what, and what will the member read?

mod draft;
mod preview;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use vigil_desk::act::{ActError, History};
use vigil_domain::{
    case::{
        command::Command,
        refusal::Refusal,
        standing::{self, Saying},
    },
    determination::RuleOwner,
    library::Library,
    notice::tongue,
    reason::Reason,
};

use self::preview::PreviewView;
use super::{
    case::{
        self,
        criteria::CriteriaView,
        evidence::{EvidenceItem, Shown},
        hide,
        view::{Asked, Head},
    },
    error::PageError,
    form::Form,
    frame::{Frame, Tab, render, render_with},
    house,
    panel::RefusalView,
    words::{self, Press},
};
use crate::{
    access::{Permission, SignedIn},
    app::App,
};

/// One line to decide.
#[derive(Debug, Clone)]
struct LineForm {
    number: u32,
    service: String,
    asked: String,
    days: String,
    unit: String,
    draft: draft::LineDraft,
    reasons: Vec<ReasonChoice>,
    criteria: Vec<(String, bool)>,
    /// Criteria of the library bind for the line.
    bound: bool,
    /// Whose rule it may be where none bind: word, title, chosen.
    owners: Vec<(String, &'static str, bool)>,
    /// The language of the letter, as pages name it and as markup does.
    language: &'static str,
    tag: String,
    blocked: Vec<String>,
}

/// One reason of the taxonomy.
#[derive(Debug, Clone)]
struct ReasonChoice {
    word: String,
    title: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "determine/determine.html")]
struct DeterminePage {
    frame: Frame,
    view: DetermineView,
    shown: Option<Shown>,
}

#[derive(Template)]
#[template(path = "determine/preview.html")]
struct PreviewFragment {
    previews: Vec<PreviewView>,
}

/// Everything the page shows.
struct DetermineView {
    head: Head,
    lines: Vec<LineForm>,
    unmet: Vec<CriteriaView>,
    evidence: Vec<EvidenceItem>,
    unopened: usize,
    previews: Vec<PreviewView>,
    standing: Vec<String>,
    unqualified: Vec<RefusalView>,
    attested: bool,
    expertise: String,
    refusals: Vec<RefusalView>,
    hidden: bool,
    show: String,
    seen: u64,
}

fn view(app: &App, who: &SignedIn, history: &History, form: &Form, refused: &[Refusal]) -> DetermineView {
    let (found, library, now) = (&history.case, &app.desk.library, app.desk.time.now());
    let hidden = hide::from(history, library, &who.actor.person);
    let asked = Asked { show: form.some("show"), ..Asked::default() };
    let may = |_| false;
    let reader = case::view::Reader {
        person: &who.actor.person,
        credential: &who.actor.credential,
        may: &may,
        determines: true,
        hidden,
        people: case::people(app, who, history.events.iter().map(|e| e.actor.as_str())),
    };
    let page = case::view::build(history, library, &reader, &asked, now);
    let drafts = draft::drafts(found, form);
    let lines = drafts.into_iter().filter_map(|d| line_form(found, library, hidden, d)).collect();
    let (standing, unqualified) = standing(found, library, who, form, now);
    DetermineView {
        lines,
        unmet: page.criteria.into_iter().filter(|c| c.outcome.is_none()).collect(),
        unopened: page.evidence.iter().filter(|e| !e.missing && e.opened.is_none()).count(),
        evidence: page.evidence,
        previews: preview::previews(found, library, form, &who.actor, now, hidden),
        standing,
        unqualified,
        attested: form.ticked("attest"),
        expertise: form.get("expertise").to_owned(),
        refusals: refused.iter().map(RefusalView::from).collect(),
        hidden,
        seen: case::moved::seen(form).unwrap_or(found.version),
        show: asked.show.unwrap_or_default(),
        head: page.head,
    }
}

fn line_form(
    case: &vigil_domain::case::Case,
    library: &Library,
    hidden: bool,
    draft: draft::LineDraft,
) -> Option<LineForm> {
    let state = case.line(draft.line)?;
    let line = &state.line;
    // Only what is open or not met carries a denial; before she has found for herself, the list gives no verdict away.
    let mut criteria: Vec<String> = Vec::new();
    let bound = state.evaluation.is_some();
    if !hidden {
        criteria.extend(state.grounds(&library.criteria).unwrap_or_default());
    }
    let reasons = Reason::ALL.iter().filter(|r| r.is_clinical());
    Some(LineForm {
        number: draft.line,
        service: line.title(),
        asked: line.quantity.as_ref().map(|q| words::quantity(q.amount, &q.unit)).unwrap_or_default(),
        days: match (line.from, line.through) {
            (Some(from), Some(through)) => format!("{} to {}", words::day(from), words::day(through)),
            (Some(from), None) => format!("from {}", words::day(from)),
            _ => String::new(),
        },
        unit: line.quantity.as_ref().map_or_else(|| "unit".to_owned(), |q| q.unit.clone()),
        reasons: reasons
            .filter_map(|r| {
                let row = r.row()?;
                Some(ReasonChoice { word: r.word().to_owned(), title: row.title, chosen: r.word() == draft.reason })
            })
            .collect(),
        criteria: criteria.into_iter().map(|text| (text.clone(), text == draft.criterion)).collect(),
        bound,
        owners: RuleOwner::ALL
            .iter()
            .filter_map(|o| Some((o.word().to_owned(), o.title()?, o.word() == draft.whose)))
            .collect(),
        language: tongue::name(case.letter_language()),
        tag: case.letter_language().to_owned(),
        blocked: state.administrative.clone(),
        draft,
    })
}

/// On what licence and specialty this person would sign an adverse determination here, or why not.
fn standing(
    case: &vigil_domain::case::Case,
    library: &Library,
    who: &SignedIn,
    form: &Form,
    now: vigil_domain::time::Moment,
) -> (Vec<String>, Vec<RefusalView>) {
    let lines: Vec<u32> = case.open_lines().map(|l| l.line.sequence).collect();
    let expertise = form.some("expertise");
    let saying = Saying { no_conflict: true, expertise: expertise.as_deref() };
    match standing::peer(library, case, &who.actor.credential, &lines, saying, now) {
        Ok(peer) => {
            let licence = peer.licence();
            let mut said = vec![format!("{} {}, number {}", licence.kind, licence.state, licence.number)];
            said.extend(peer.specialty().map(words::plain));
            (said, Vec::new())
        }
        Err(reasons) => {
            let view = |r: vigil_domain::authority::Unqualified| RefusalView {
                says: words::dated(&r.says),
                instead: words::dated(&r.remedy),
                by: house::said_by(&r.rule, &r.citation),
            };
            (Vec::new(), reasons.into_iter().map(view).collect())
        }
    }
}

fn page(
    app: &App,
    who: &SignedIn,
    history: &History,
    form: &Form,
    refused: &[Refusal],
) -> Result<DeterminePage, PageError> {
    let view = view(app, who, history, form, refused);
    let asked = Asked { show: form.some("show"), ..Asked::default() };
    Ok(DeterminePage {
        frame: who.frame(format!("Determine · {}", view.head.id), Tab::Cases),
        shown: case::shown(app, who, history, &asked)?,
        view,
    })
}

/// Lets a physician through; anybody else who may read the case is told which rules keep the decision for one.
fn may_determine(app: &App, who: &SignedIn, id: &str) -> Result<(), PageError> {
    let act = Permission::Determine;
    if who.may(act) || !who.may(Permission::ReadCases) {
        return who.require(act);
    }
    let case = app.desk.load(&who.tenant, id)?.ok_or(PageError::NotFound)?;
    let instead = if who.may(Permission::Review) {
        "Refer it to the medical director on the case's page, with your reason."
    } else {
        "A nurse refers it to the medical director."
    };
    let rules = standing::who_denies(&app.desk.library, &case, app.desk.time.now()).into_iter();
    let rules = rules.map(|rule| Refusal::law(rule.id.clone(), rule.cite.clone(), rule.says.clone(), ""));
    Err(PageError::Reserved { act, instead, rules: rules.collect(), back: format!("/case/{id}") })
}

/// `GET /case/{id}/determine`.
///
/// # Errors
/// No permission, no such case, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    may_determine(&app, &who, &id)?;
    let history = case::read(&app, &who, &id, "determine").await?;
    if history.case.is_determined() {
        return Ok(Redirect::to(&format!("/case/{id}")).into_response());
    }
    Ok(render(&page(&app, &who, &history, &Form::new(query), &[])?))
}

/// `POST /case/{id}/determine/open`: opens a piece of evidence, records it, and gives the form back as it was.
///
/// # Errors
/// No permission, no such case or evidence, or a fault.
pub async fn open(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    may_determine(&app, &who, &id)?;
    let mut form = Form::new(pairs);
    let evidence = form.get("open").to_owned();
    let command = Command::OpenEvidence { by: who.actor.clone(), evidence: evidence.clone() };
    app.desk.act(&who.tenant, &id, &who.actor.person, command).await?;
    form.set("show", evidence);
    let history = case::read(&app, &who, &id, "determine, evidence").await?;
    Ok(render(&page(&app, &who, &history, &form, &[])?))
}

/// `POST /case/{id}/determine/preview`: the notice for the form as it stands; the whole page without htmx.
///
/// # Errors
/// No permission, no such case, or a fault.
pub async fn preview(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    headers: axum::http::HeaderMap,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    may_determine(&app, &who, &id)?;
    let form = Form::new(pairs);
    if headers.contains_key("hx-request") {
        // The page itself was written into the trail; a preview of the same case while typing is not another look.
        let history = app.desk.history(&who.tenant, &id)?.ok_or(PageError::NotFound)?;
        let (library, now) = (&app.desk.library, app.desk.time.now());
        let hidden = hide::from(&history, library, &who.actor.person);
        let previews = preview::previews(&history.case, library, &form, &who.actor, now, hidden);
        return Ok(render(&PreviewFragment { previews }));
    }
    let history = case::read(&app, &who, &id, "determine, preview").await?;
    Ok(render(&page(&app, &who, &history, &form, &[])?))
}

/// `POST /case/{id}/determine`: signs, or shows the form again with every reason why not.
///
/// # Errors
/// No permission, no such case, or a fault.
pub async fn sign(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    may_determine(&app, &who, &id)?;
    let form = Form::new(pairs);
    let found = app.desk.load(&who.tenant, &id)?.ok_or(PageError::NotFound)?;
    let adverse = draft::drafts(&found, &form).iter().any(draft::LineDraft::is_adverse);
    if adverse && hide::own_finding_first(&found, &app.desk.library) {
        let history = case::read(&app, &who, &id, "determine").await?;
        if hide::from(&history, &app.desk.library, &who.actor.person) {
            let first = Refusal::house(
                "determine.own-finding",
                "Here the law wants your own finding before the criteria's verdict is shown.",
                "Mark your finding on the case page, then sign.",
            );
            return Ok(render_with(StatusCode::CONFLICT, &page(&app, &who, &history, &form, &[first])?));
        }
    }
    let outcome = match draft::command(&found, &form, who.actor.clone()) {
        Err(refused) => Err(ActError::Refused(refused)),
        Ok(command) => case::do_seen(&app, &who, &id, command, case::moved::seen(&form)).await,
    };
    match outcome {
        Ok(_) => Ok(Redirect::to(&format!("/case/{id}?done=determine")).into_response()),
        Err(ActError::Refused(refused)) => {
            let history = case::read(&app, &who, &id, "determine, refused").await?;
            Ok(render_with(StatusCode::CONFLICT, &page(&app, &who, &history, &form, &refused)?))
        }
        Err(ActError::Moved) => {
            let (refused, form) = case::moved_since(&app, &who, &id, form)?;
            let history = case::read(&app, &who, &id, "determine, moved on").await?;
            Ok(render_with(StatusCode::CONFLICT, &page(&app, &who, &history, &form, &refused)?))
        }
        Err(other) => Err(other.into()),
    }
}
