//! The start page: what next for me, and, on demonstration data, the scenarios to walk through.

use askama::Template;
use axum::{extract::State, response::Response};
use vigil_store::{CensusRow, SubjectKey, WorkFilter};

use super::{
    error::PageError,
    frame::{Frame, Tab, render},
    hospital::{
        ZoneBook,
        census::{self, RowView as CensusView},
    },
    worklist::{RowView, row_in},
    zones::Zones,
};
use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
};

/// One figure with its link.
#[derive(Debug, Clone)]
struct Figure {
    count: String,
    says: &'static str,
    href: &'static str,
    loud: bool,
}

/// A scenario of the demonstration, with the cases it is told by.
#[derive(Debug, Clone)]
struct Scenario {
    number: u32,
    title: String,
    look: &'static str,
    cases: Vec<(String, String)>,
    /// Other pages it is told by: address, words.
    pages: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "start/start.html")]
struct StartPage {
    frame: Frame,
    figures: Vec<Figure>,
    next: Vec<RowView>,
    stays: Vec<CensusView>,
    scenarios: Vec<Scenario>,
    reads_cases: bool,
    reads_stays: bool,
    manages_access: bool,
    may_enter: bool,
}

/// The scenarios of the demonstration: the number that its cases' word begins with, title, what to look at.
const SCENARIOS: &[(&str, &str, &str)] = &[
    (
        "1",
        "Intake",
        "A request on the wrong form, late on a Friday: the clock starts all the same. Open “why this due time?” and ask what if it were another plan: choose Medicaid managed care and New York.",
    ),
    (
        "2",
        "Plan nurse",
        "Home oxygen: one approved in seconds with its trace; its twin goes to a nurse with the caution about oximetry.",
    ),
    (
        "3",
        "Both sides",
        "Stroke, inpatient rehabilitation, expedited: a peer-to-peer on Saturday, before the decision.",
    ),
    ("4", "Medical director", "Hospital day 2 and the two-midnight benchmark. Then try to reduce the approval."),
    ("5", "Physician advisor", "Condition code 44 and the cases where it is refused."),
    ("6", "Short stay", "One midnight, two expected: when a short stay remains inpatient."),
    ("7", "Case manager", "The patient appeals the discharge: whose day is it?"),
    ("8", "Behavioral health", "New York, substance use, day 9: concurrent review is refused."),
    ("9", "Appeals", "An expedited reconsideration, and who may not decide it."),
    (
        "10",
        "Director and auditor",
        "Eight late letters at one hospital make a signal: its causes, the A3, a committee motion on a rule that is met nearly always; then the universe, a file pull, and one flipped bit that is found.",
    ),
];

const SHOWN: usize = 8;

/// Cases of one scenario shown: the eight letters of scenario 10 are the most.
const TOLD: usize = 8;
const CAP: usize = 1000;

/// `GET /`.
///
/// # Errors
/// A fault.
pub async fn show(State(app): State<App>, who: SignedIn) -> Result<Response, PageError> {
    let reads_cases = who.may(Permission::ReadCases);
    let (mut figures, mut next, mut scenarios) = (Vec::new(), Vec::new(), Vec::new());
    if reads_cases {
        let zones = Zones::of(&app, &who.tenant)?;
        let now = app.desk.time.now();
        figures = counts(&app, &who, zones.day_ends(now))?;
        let mine = WorkFilter { owner: Some(who.account.name.clone()), ..WorkFilter::default() };
        let mut page = app.desk.store.worklist(&who.tenant, &mine, None, SHOWN)?;
        if page.rows.is_empty() {
            let open = WorkFilter { unassigned: true, queue: queue(&who).map(str::to_owned), ..WorkFilter::default() };
            page = app.desk.store.worklist(&who.tenant, &open, None, SHOWN)?;
        }
        next = page.rows.iter().map(|row| row_in(row, zones.named(&row.zone), &who.account.name, now)).collect();
        let mut subjects: Vec<SubjectKey> = page.rows.iter().map(|row| SubjectKey::case(&row.case_id)).collect();
        if who.demonstration {
            scenarios = told(&app, &who, &mut subjects)?;
        }
        trail::looked(&app, &who, "list", subjects, "start").await?;
    }
    let reads_stays = who.may(Permission::ReadStays);
    let mut stays = Vec::new();
    if reads_stays {
        let rows = app.desk.store.census(&who.tenant, None)?;
        figures.extend(house(&rows));
        if who.may(Permission::WorkStays) {
            stays = next_stays(&app, &who, &rows);
        }
        let mut subjects: Vec<SubjectKey> = stays.iter().map(|row| SubjectKey::stay(&row.id)).collect();
        if who.demonstration {
            told_of_stays(&app, &who, &mut scenarios, &mut subjects)?;
        }
        if !subjects.is_empty() {
            trail::looked(&app, &who, "list", subjects, "start, stays").await?;
        }
    }
    let may_enter = who.may(Permission::EnterRequest);
    Ok(render(&StartPage {
        frame: who.frame("Start", Tab::None),
        figures,
        next,
        stays,
        scenarios,
        reads_cases,
        reads_stays,
        manages_access: who.may(Permission::ManageAccess),
        may_enter,
    }))
}

/// The stays that are due first: this person's own, then those that nobody has.
fn next_stays(app: &App, who: &SignedIn, rows: &[CensusRow]) -> Vec<CensusView> {
    let mine = |row: &CensusRow| row.owner.as_deref() == Some(who.actor.name.as_str());
    let open = rows.iter().filter(|row| !row.confidential && (mine(row) || row.owner.is_none()));
    let mut waits: Vec<&CensusRow> = open.filter(|row| row.clock.is_some()).collect();
    waits.sort_by_key(|row| (!mine(row), row.clock.as_ref().map(|(_, at)| *at)));
    let mut zones = ZoneBook::default();
    let now = app.desk.time.now();
    waits.iter().take(SHOWN).map(|row| census::view(row, zones.get(&row.zone), now)).collect()
}

/// How the house stands, counted as the census counts.
fn house(rows: &[CensusRow]) -> Vec<Figure> {
    let figure = |takes: fn(&CensusRow) -> bool, says, href, loud| {
        let count = rows.iter().filter(|row| !row.confidential && takes(row)).count();
        Figure { count: count.to_string(), says, href, loud: loud && count > 0 }
    };
    vec![
        figure(|_| true, "in the house", "/census", false),
        figure(|row| !row.notices.is_empty(), "with a notice due", "/census?tab=notices", false),
        figure(|row| row.escalation.is_some(), "wait for a physician", "/census?tab=escalated", false),
        figure(|row| row.late, "stays late", "/census?tab=late", true),
    ]
}

/// Adds the stays of each scenario to what is told by cases.
fn told_of_stays(
    app: &App,
    who: &SignedIn,
    scenarios: &mut Vec<Scenario>,
    subjects: &mut Vec<SubjectKey>,
) -> Result<(), PageError> {
    for word in app.desk.store.stay_scenarios(&who.tenant)? {
        let number: u32 = word.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
        let rows = app.desk.store.stays_of_scenario(&who.tenant, &word)?;
        subjects.extend(rows.iter().map(|row| SubjectKey::stay(&row.stay_id)));
        let variant = word.split_once('-').map_or("", |(_, rest)| rest);
        let page = |row: &CensusRow| {
            let state = super::words::plain(&row.status);
            (census::href(&row.stay_id), format!("{}: {}, {state}", row.patient, told_as(variant)))
        };
        let pages = rows.iter().map(page);
        match scenarios.iter_mut().find(|s| number > 0 && s.number == number) {
            Some(scenario) => scenario.pages.extend(pages),
            None => {
                let known = SCENARIOS.iter().find(|(n, ..)| *n == number.to_string());
                let (title, look) = known.map_or_else(|| also(&word), |(_, title, look)| ((*title).to_owned(), *look));
                let pages = pages.collect();
                scenarios.push(Scenario { number, title, look, cases: Vec::new(), pages });
            }
        }
    }
    scenarios.sort_by_key(|s| if s.number == 0 { u32::MAX } else { s.number });
    Ok(())
}

/// The queue a person of these roles serves.
fn queue(who: &SignedIn) -> Option<&'static str> {
    if who.may(Permission::Determine) {
        Some("physician")
    } else if who.may(Permission::Review) {
        Some("nurse")
    } else if who.may(Permission::Administrative) {
        Some("administrative")
    } else {
        None
    }
}

fn counts(app: &App, who: &SignedIn, day_ends: vigil_domain::time::Moment) -> Result<Vec<Figure>, PageError> {
    let rows = [
        (
            WorkFilter { owner: Some(who.account.name.clone()), ..WorkFilter::default() },
            "of your own",
            "/worklist?tab=mine",
            false,
        ),
        (
            WorkFilter { unassigned: true, ..WorkFilter::default() },
            "nobody has taken",
            "/worklist?tab=unassigned",
            false,
        ),
        (WorkFilter { due_before: Some(day_ends), ..WorkFilter::default() }, "due today", "/worklist?tab=today", false),
        (WorkFilter { late: Some(true), ..WorkFilter::default() }, "late", "/worklist?tab=late", true),
    ];
    let mut figures = Vec::new();
    for (filter, says, href, loud) in rows {
        let n = app.desk.store.count_work(&who.tenant, &filter, CAP)?;
        let count = if n >= CAP { format!("{}+", CAP - 1) } else { n.to_string() };
        figures.push(Figure { count, says, href, loud: loud && n > 0 });
    }
    Ok(figures)
}

fn told(app: &App, who: &SignedIn, subjects: &mut Vec<SubjectKey>) -> Result<Vec<Scenario>, PageError> {
    let mut found: Vec<(usize, Scenario)> = Vec::new();
    for word in app.desk.store.scenarios(&who.tenant)? {
        let number: String = word.chars().take_while(char::is_ascii_digit).collect();
        let place = SCENARIOS.iter().position(|(n, ..)| *n == number);
        let rows = app.desk.store.cases_of_scenario(&who.tenant, &word, TOLD)?;
        subjects.extend(rows.iter().map(|row| SubjectKey::case(&row.case_id)));
        let cases: Vec<(String, String)> =
            rows.into_iter().map(|row| (row.case_id, format!("{}: {}", row.patient_name, row.service))).collect();
        match (place, found.iter_mut().find(|(p, _)| Some(*p) == place)) {
            (Some(_), Some((_, scenario))) => scenario.cases.extend(cases),
            (Some(place), None) => {
                let (_, title, look) = SCENARIOS[place];
                let pages = if number == "10" { tenth(app, who)? } else { Vec::new() };
                found.push((
                    place,
                    Scenario { number: number.parse().unwrap_or(0), title: title.to_owned(), look, cases, pages },
                ));
            }
            (None, _) => {
                let (title, look) = also(&word);
                found.push((SCENARIOS.len(), Scenario { number: 0, title, look, cases, pages: Vec::new() }));
            }
        }
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, scenario)| scenario).collect())
}

/// A stay's part in its scenario, in words.
fn told_as(variant: &str) -> String {
    match variant {
        "cc44" => "condition code 44 passes".to_owned(),
        "cc44-disagrees" => "refused, the attending does not concur".to_owned(),
        "cc44-discharged" => "refused, too late".to_owned(),
        "cc44-no-part-b" => "passes, without Part B".to_owned(),
        "cc44-not-appointed" => "refused, the advisor is not of the UR committee".to_owned(),
        "rehab-peer-to-peer" => "the hospital's side".to_owned(),
        "two-midnight" => "the two-midnight benchmark".to_owned(),
        "short-stay" => "stays inpatient, a basis is documented".to_owned(),
        "w2" => "no basis, condition code W2 before billing".to_owned(),
        "qio-appeal" => "appeal to the QIO".to_owned(),
        "behavioral-health" => "day 9 of treatment".to_owned(),
        "hospital-asks-here" => "the hospital's side".to_owned(),
        "" => "a stay".to_owned(),
        other => super::words::plain(other),
    }
}

/// Cases beside the scenarios: their title and what to look at.
fn also(word: &str) -> (String, &'static str) {
    let known = match word {
        "also-cut" => (
            "Also: a cut of an approved course",
            "Medicaid, New York: the plan proposes fewer visits than it approved. A case of its own, the ten-day notice, the letter, the member who keeps the care; a second proposal is refused.",
        ),
        "also-dismissed" => {
            ("Also: a dismissal", "A request without standing, dismissed with its notice and its rule.")
        }
        "also-hospital-asks-here" => (
            "Also: a hospital asks the plan that runs here",
            "The hospital's request becomes a case of the plan; its answer comes back to the stay as a fact with its source.",
        ),
        "also-surgery-date" => (
            "Also: a changed date",
            "A surgery is moved after its approval; the approval stands until the new date is answered.",
        ),
        _ => return (super::words::capital(&super::words::plain(word)), ""),
    };
    (known.0.to_owned(), known.1)
}

/// The pages of scenario 10 that this person may open.
fn tenth(app: &App, who: &SignedIn) -> Result<Vec<(String, String)>, PageError> {
    if !who.may(Permission::ReadMeasures) {
        return Ok(Vec::new());
    }
    let mut pages = vec![("/measures#h-late".to_owned(), "The control chart".to_owned())];
    pages.extend(
        app.desk
            .improvements(&who.tenant)?
            .into_iter()
            .map(|i| (format!("/improvement/{}", i.id), format!("A3: {}", i.title))),
    );
    pages.extend(
        app.desk
            .motions(&who.tenant)?
            .into_iter()
            .map(|m| (format!("/motion/{}", m.id), format!("Motion: retire {} from review", m.code))),
    );
    if who.may(Permission::ReadTrail) && who.may(Permission::ReadCases) {
        pages.push(("/audit".to_owned(), "The universe, the file pull, the flipped bit".to_owned()));
    }
    Ok(pages)
}
