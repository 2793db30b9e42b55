//! The census: who is in the house, in what status, on what basis, and what is due? One row a stay, one query a page.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use vigil_domain::{stay::notice::NoticeKind, time::Moment};
use vigil_store::CensusRow;

use super::{Hospitals, ZoneBook, basis_title, line_title, looked, may_read, status_title, watch_title};
use crate::{
    access::{Permission, SignedIn},
    app::App,
    web::{
        error::PageError,
        form::{Form, encode},
        frame::{Frame, Tab as Place, render},
        words::{self, Due, Press},
    },
};

/// Rows on a page: a laptop's screen.
const ROWS: usize = 40;
/// Alerts in a row.
const ALERTS: usize = 1;

/// One row of the board.
#[derive(Debug, Clone)]
pub struct RowView {
    /// Stay number.
    pub id: String,
    /// `4 West · 412-A`.
    pub bed: String,
    /// Which hospital, in a word, where the list has several.
    pub hospital: String,
    /// `Doe, Jane`.
    pub name: String,
    /// `71 F`.
    pub age: String,
    /// Payer.
    pub payer: String,
    /// Line of business.
    pub line: String,
    /// Status as registered or ordered.
    pub status: String,
    /// Basis the rules find, in words.
    pub basis: String,
    /// The rules support another status.
    pub differs: bool,
    /// Midnights so far.
    pub midnights: String,
    /// ` · 3 exp.`: those expected in all, where somebody wrote it.
    pub expected: String,
    /// Authorized through.
    pub through: String,
    /// Days at risk.
    pub at_risk: u32,
    /// Next review.
    pub review: String,
    /// The review is due today or overdue.
    pub review_due: bool,
    /// Notices due, in words.
    pub notices: Vec<String>,
    /// Where an escalation waits.
    pub escalation: String,
    /// Alerts that stand.
    pub alerts: Vec<String>,
    /// How many more stand.
    pub more: usize,
    /// All that stand.
    pub all: Vec<String>,
    /// The earliest clock.
    pub due: Due,
    /// What it watches.
    pub watch: String,
    /// Who has it.
    pub owner: String,
}

/// A tab of the board.
#[derive(Debug, Clone)]
struct TabView {
    title: &'static str,
    count: usize,
    href: String,
    here: bool,
    loud: bool,
}

#[derive(Debug, Clone)]
struct ListView {
    rows: Vec<RowView>,
    next: Option<String>,
    first: Option<String>,
    refresh: String,
    empty: &'static str,
    /// Feeds that are silent although they should speak, in words.
    silent: Vec<String>,
}

#[derive(Template)]
#[template(path = "hospital/census.html")]
struct CensusPage {
    frame: Frame,
    tabs: Vec<TabView>,
    hospitals: Vec<(String, String, bool)>,
    units: Vec<(String, bool)>,
    tab: String,
    list: ListView,
    totals: String,
    none_loaded: bool,
    /// The reader may look at messages that nobody could take.
    works: bool,
}

#[derive(Template)]
#[template(path = "hospital/census_list.html")]
struct Rows {
    list: ListView,
}

/// A tab: its word, its title, which rows it takes.
type Pile = (&'static str, &'static str, fn(&CensusRow, Moment) -> bool);

const TABS: &[Pile] = &[
    ("all", "In house", |_, _| true),
    ("inpatient", "Inpatient", |row, _| row.status == "inpatient"),
    ("observation", "Observation", |row, _| row.status == "observation"),
    ("emergency", "Emergency", |row, _| row.status == "emergency"),
    ("alerts", "Alerts", |row, _| !row.alerts.is_empty()),
    ("review", "Review due", review_due),
    ("risk", "Days at risk", |row, now| row.days_at_risk(now) > 0),
    ("notices", "Notices due", |row, _| !row.notices.is_empty()),
    ("escalated", "Escalated", |row, _| row.escalation.is_some()),
    ("late", "Late", |row, _| row.late),
    ("left", "Left, work open", |_, _| true),
];

fn review_due(row: &CensusRow, now: Moment) -> bool {
    let due = |day| vigil_domain::time::Zone::named(&row.zone).is_ok_and(|zone| day <= zone.day(now));
    row.next_review_on.is_some_and(due)
}

/// `GET /census`.
///
/// # Errors
/// No permission, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    may_read(&who)?;
    let form = Form::new(query);
    let hospitals = Hospitals::of(&app, &who.tenant, &form)?;
    let now = app.desk.time.now();
    let store = &app.desk.store;
    let here = store.census(&who.tenant, hospitals.chosen.as_deref())?;
    let left = store.stays_left_with_work(&who.tenant, hospitals.chosen.as_deref())?;
    let unit = form.some("unit");
    let wanted = |row: &&CensusRow| !row.confidential && unit.as_ref().is_none_or(|unit| row.unit == *unit);
    let (picked, title, takes) = *TABS.iter().find(|(word, ..)| *word == form.get("tab")).unwrap_or(&TABS[0]);
    let pile = |word: &str| if word == "left" { &left } else { &here };
    let rows: Vec<&CensusRow> = pile(picked).iter().filter(wanted).filter(|row| takes(row, now)).collect();
    let from = form.get("from").parse::<usize>().unwrap_or(0).min(rows.len());
    let page: Vec<&CensusRow> = rows.iter().skip(from).take(ROWS).copied().collect();
    let ids = page.iter().map(|row| row.stay_id.clone()).collect();
    let seen = looked(&app, &who, &form, ids, "census").await?;
    let kept = form.query_without(&["from", "seen"]);
    let mut zones = ZoneBook::default();
    let apart = hospitals.apart();
    let shown = |row: &&CensusRow| RowView {
        hospital: apart.get(row.hospital.as_str()).cloned().unwrap_or_default(),
        ..view(row, zones.get(&row.zone), now)
    };
    let list = ListView {
        rows: page.iter().map(shown).collect(),
        next: (from + ROWS < rows.len()).then(|| format!("/census?{kept}&from={}", from + ROWS)),
        first: (from > 0).then(|| format!("/census?{kept}")),
        refresh: format!("/census?{}&seen={seen}", form.query_without(&["seen"])),
        empty: empty(picked),
        silent: silent(&app, &who.tenant, &hospitals, now)?,
    };
    if headers.contains_key("hx-request") {
        return Ok(crate::web::frame::render(&Rows { list }));
    }
    let piled = form.query_without(&["from", "seen", "tab"]);
    let tabs = TABS.iter().map(|(word, title, takes)| {
        let count = pile(word).iter().filter(wanted).filter(|row| takes(row, now)).count();
        let loud = count > 0 && matches!(*word, "late" | "alerts");
        TabView { title, count, href: format!("/census?tab={word}&{piled}"), here: *word == picked, loud }
    });
    let page = CensusPage {
        frame: who.frame(format!("Census · {title}"), Place::Census),
        tabs: tabs.collect(),
        hospitals: hospitals.choices(),
        units: units(&here, unit.as_deref()),
        tab: picked.to_owned(),
        totals: totals(&here.iter().filter(wanted).collect::<Vec<_>>(), now),
        none_loaded: hospitals.all.is_empty(),
        works: who.may(Permission::WorkStays),
        list,
    };
    Ok(render(&page))
}

/// What is shown may be old where a feed is silent: said above the list, in words.
fn silent(app: &App, tenant: &str, hospitals: &Hospitals, now: Moment) -> Result<Vec<String>, PageError> {
    let shown = |id: &str| hospitals.chosen.as_deref().is_none_or(|chosen| chosen == id);
    let feeds = app.desk.feeds(tenant, now)?;
    let silent = feeds.iter().filter(|feed| shown(&feed.facility.id) && feed.silent_since.is_some());
    let words = silent.map(|feed| {
        let (name, zone) = (&feed.facility.name, &feed.facility.zone);
        let limit = feed.facility.feed_watch.as_ref().map_or(0, |watch| watch.silent_after_minutes);
        let limit = words::many(i64::from(limit), "minute", "minutes");
        match feed.heard_at {
            Some(at) => format!(
                "{name}: its feed has said nothing since {} (alarm after {limit}). What stands here may be old.",
                words::near(at, zone, now)
            ),
            None => format!("{name}: its feed has never said anything (alarm after {limit})."),
        }
    });
    Ok(words.collect())
}

fn units(rows: &[CensusRow], chosen: Option<&str>) -> Vec<(String, bool)> {
    let mut units: Vec<String> = rows.iter().map(|row| row.unit.clone()).filter(|unit| !unit.is_empty()).collect();
    units.sort();
    units.dedup();
    units.into_iter().map(|unit| (unit.clone(), Some(unit.as_str()) == chosen)).collect()
}

/// One line that says how the house stands: of the stays the tabs count.
fn totals(rows: &[&CensusRow], now: Moment) -> String {
    let count = |status: &str| rows.iter().filter(|row| row.status == status).count();
    let at_risk: u32 = rows.iter().map(|row| row.days_at_risk(now)).sum();
    format!(
        "{} in the house: {} inpatient, {} observation, {} emergency. {} at risk.",
        rows.len(),
        count("inpatient"),
        count("observation"),
        count("emergency"),
        words::many(i64::from(at_risk), "day", "days"),
    )
}

/// A stay's row as the board shows it.
pub fn view(row: &CensusRow, zone: &vigil_domain::time::Zone, now: Moment) -> RowView {
    let today = zone.day(now);
    let mut due = Due::new(row.clock.as_ref().map(|(_, at)| *at), zone, now, false);
    if row.late {
        due.press = Press::Late;
    }
    let shown = row.clock.as_ref().filter(|(watch, _)| watch == "notice").map(|(_, at)| *at);
    let supported = row.supported.replace('_', "-");
    let differs = !supported.is_empty()
        && supported != row.status
        && supported != "ask-the-payer"
        && matches!(row.status.as_str(), "inpatient" | "observation" | "outpatient")
        && !(supported == "outpatient" && row.status == "observation");
    RowView {
        id: row.stay_id.clone(),
        bed: if row.bed.is_empty() { row.unit.clone() } else { row.bed.clone() },
        hospital: String::new(),
        name: row.patient.clone(),
        age: words::age_and_sex(row.birth_day, &row.sex, today),
        payer: row.payer_name.clone(),
        line: line_title(&row.line_of_business),
        status: status_title(&row.status),
        basis: basis_title(&row.basis),
        differs,
        midnights: row.midnights(now).to_string(),
        expected: row.expected_midnights.map(|n| format!(" · {n} exp.")).unwrap_or_default(),
        through: row.authorized_through.map(|day| words::short_day(day, today)).unwrap_or_default(),
        at_risk: row.days_at_risk(now),
        review: row.next_review_on.map(|day| words::short_day(day, today)).unwrap_or_default(),
        review_due: row.next_review_on.is_some_and(|day| day <= today),
        notices: row
            .notices
            .iter()
            .filter(|(_, at)| at.is_none() || *at != shown)
            .map(|(kind, at)| notice(kind, *at, zone, now))
            .collect(),
        escalation: row
            .escalation
            .as_ref()
            .map(|(rung, who)| format!("{}: {who}", words::plain(rung)))
            .unwrap_or_default(),
        alerts: alerts(row),
        more: row.alerts.len().saturating_sub(ALERTS),
        all: row.alerts.clone(),
        watch: row.clock.as_ref().map(|(watch, at)| watched(row, watch, *at)).unwrap_or_default(),
        due,
        owner: row.owner.clone().unwrap_or_default(),
    }
}

/// The newest alerts, as many as a dense row has room for; the rest are told in the row's title and on the stay.
fn alerts(row: &CensusRow) -> Vec<String> {
    row.alerts.iter().rev().take(ALERTS).cloned().collect()
}

/// What the clock watches; a notice by its name.
fn watched(row: &CensusRow, watch: &str, at: Moment) -> String {
    let named = row.notices.iter().find(|(_, due)| watch == "notice" && *due == Some(at));
    named.map_or_else(|| watch_title(watch), |(kind, _)| short_notice(kind))
}

fn notice(kind: &str, due: Option<Moment>, zone: &vigil_domain::time::Zone, now: Moment) -> String {
    let name = short_notice(kind);
    due.map_or_else(|| name.clone(), |at| format!("{name} by {}", words::near(at, zone, now)))
}

/// The short name that hospitals use for a notice.
pub fn short_notice(kind: &str) -> String {
    let short = match kind {
        "moon" => "MOON",
        "im" => "IM",
        "im_follow_up" => "IM follow-up",
        "mcsn" => "MCSN",
        "dnd" => "DND",
        "ny_obs" => "NY observation notice",
        "hinn_1" => "HINN 1",
        "hinn_10" => "HINN 10",
        "hinn_11" => "HINN 11",
        "hinn_12" => "HINN 12",
        "ur_determination" => "UR determination",
        "ur_determination_attending" => "UR determination to the attending",
        other => return NoticeKind::read(other).title().to_owned(),
    };
    short.to_owned()
}

/// Why a pile is empty, and what to do.
fn empty(tab: &str) -> &'static str {
    match tab {
        "all" => "Nobody is in the house. Stays appear here as the admission feed tells of them, or after an import.",
        "alerts" => "No alert stands.",
        "review" => "No review is due today.",
        "risk" => "No day is at risk.",
        "notices" => "No notice is due.",
        "escalated" => "Nothing waits on a physician.",
        "late" => "Nothing is late.",
        "left" => "No stay whose patient has left still asks for work.",
        _ => "Nobody is in the house in this status.",
    }
}

/// The address of a stay.
pub fn href(stay: &str) -> String {
    format!("/stay/{}", encode(stay))
}
