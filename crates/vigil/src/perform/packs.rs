//! What new packs would change for the cases that are open now, before anybody puts them in force.

use vigil_desk::{Desk, MAIN_TENANT};
use vigil_domain::{
    case::{Case, event::Watches},
    clock::{Asked, Branch, Extend, Question, Stop},
    law::Unit,
    time::Moment,
};
use vigil_packs::diff::OpenClock;
use vigil_store::WorkFilter;

use super::{Failed, upkeep::aside};
use crate::{
    app::App,
    cli::packs::{TwoSets, compare},
    control::{Outlet, PacksDiffAsk},
};

/// Open cases read at a time.
const PAGE: usize = 500;

pub async fn diff(app: &App, ask: PacksDiffAsk, outlet: &Outlet) -> Result<u8, Failed> {
    let (desk, only) = (app.desk.clone(), ask.tenant);
    let clocks = aside(move || of_tenants(&desk, only)).await??;
    let cases: std::collections::BTreeSet<&str> = clocks.iter().map(|c| c.case.as_str()).collect();
    outlet.say(&format!("{} open cases compared", cases.len())).await;
    let sets = TwoSets { old: ask.old, new: ask.new, json: ask.json };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = compare(&sets, clocks, &mut out, &mut err).map_err(|e| Failed::other(e.to_string()))?;
    outlet.out(out).await;
    if !err.is_empty() {
        outlet.say(String::from_utf8_lossy(&err).trim_end()).await;
    }
    Ok(code)
}

/// What the open cases of one tenant ask, or those of all: a pack holds for every tenant of the directory.
fn of_tenants(desk: &Desk, only: Option<String>) -> Result<Vec<OpenClock>, Failed> {
    let tenants = match only {
        Some(tenant) => vec![tenant],
        None => desk.store.view().tenants()?,
    };
    let mut clocks = Vec::new();
    for tenant in &tenants {
        let mut of_one = open_clocks(desk, tenant)?;
        if tenant != MAIN_TENANT {
            of_one.iter_mut().for_each(|clock| clock.case = format!("{tenant}/{}", clock.case));
        }
        clocks.extend(of_one);
    }
    Ok(clocks)
}

/// What every open case asks of the law.
fn open_clocks(desk: &Desk, tenant: &str) -> Result<Vec<OpenClock>, Failed> {
    let view = desk.store.view();
    let (mut clocks, mut after) = (Vec::new(), None);
    loop {
        let page = view.worklist(tenant, &WorkFilter::default(), after.as_ref(), PAGE)?;
        for row in &page.rows {
            let case = desk.load(tenant, &row.case_id).map_err(|e| Failed::other(e.to_string()))?;
            clocks.extend(case.iter().flat_map(questions));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(clocks),
        }
    }
}

/// The questions of one case: one for each scope of its open lines, with the events, stops and extension of its clocks.
fn questions(case: &Case) -> Vec<OpenClock> {
    let running: Vec<_> = case.clocks.iter().filter(|c| c.is_open() && c.watches == Watches::Decision).collect();
    let mut events: Vec<(String, Moment)> = Vec::new();
    for clock in &running {
        if !events.iter().any(|(name, _)| *name == clock.from) {
            events.push((clock.from.clone(), clock.started_at));
        }
    }
    if !events.iter().any(|(name, _)| name == "request_received") {
        events.push(("request_received".to_owned(), case.request.receipt.received_at));
    }
    let extension = running.iter().find_map(|c| c.extension.as_ref()).and_then(|(days, at, _)| {
        let amount = u32::try_from(*days).ok()?;
        Some(Extend { amount, unit: Unit::CalendarDays, notice_at: *at })
    });
    let stops = running.iter().find(|c| !c.stops.is_empty()).map(|c| c.stops.clone()).unwrap_or_default();
    let stops: Vec<Stop> = stops.into_iter().map(|(start, end)| Stop { start, end }).collect();
    let scopes = case.law_scopes(&case.urgency).into_iter();
    let ask = |scope: vigil_domain::law::Scope| OpenClock {
        case: case.id.clone(),
        question: Question {
            urgency: scope.urgency.clone(),
            flags: scope.flags.clone(),
            branch: Some(Branch::read(case.door())),
            extension,
            stops: stops.clone(),
            ..Question::new(Asked::Scope(scope), events.clone(), case.contract.zone.clone())
        },
    };
    scopes.map(ask).collect()
}
