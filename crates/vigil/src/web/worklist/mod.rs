//! The worklist: what next? One query for the page, one count a tab, one trail row that names whom the page showed.

mod sign;

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use sha2::{Digest as _, Sha256};
use vigil_desk::project::ELIGIBILITY;
use vigil_domain::{
    party::LineOfBusiness,
    time::{Moment, Zone},
};
use vigil_store::{SubjectKey, WorkCursor, WorkFilter, WorkPage, WorkRow};

use super::{
    error::PageError,
    form::Form,
    frame::{Frame, Tab as Place, render},
    words::{self, Due},
    zones::Zones,
};
use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
};

/// Rows on a page.
const ROWS: usize = 40;
/// Counts stop here; the page then says so.
const CAP: usize = 1000;

/// A tab of the list.
#[derive(Debug, Clone)]
struct TabView {
    title: &'static str,
    count: String,
    href: String,
    here: bool,
    /// Marked when it must not be overlooked.
    loud: bool,
}

/// One row.
#[derive(Debug, Clone)]
pub struct RowView {
    /// Case number.
    pub id: String,
    /// Due.
    pub due: Due,
    /// `Doe, Jane`.
    pub name: String,
    /// `71 F`.
    pub age: String,
    /// Line of business, in short.
    pub line: String,
    /// Expedited.
    pub expedited: bool,
    /// Service.
    pub service: String,
    /// Why it is here.
    pub why: String,
    /// What comes next.
    pub next: String,
    /// Who has it.
    pub owner: String,
    /// It is the reader's.
    pub mine: bool,
    /// What the reader must say to sign it.
    pub note: &'static str,
}

impl RowView {
    /// On the pile of eligibility checks the check comes first, and what else the case waits for after it.
    fn for_eligibility(&mut self) {
        let check = vigil_desk::project::ELIGIBILITY_WHY;
        if self.why != check {
            self.why = format!("{check}; also: {}", self.why);
            self.next = "Check".to_owned();
        }
    }
}

/// The filters as the form shows them.
#[derive(Debug, Clone)]
struct Filters {
    lines: Vec<(String, String, bool)>,
    expedited: bool,
    waiting: String,
    text: String,
    tab: String,
}

#[derive(Template)]
#[template(path = "worklist/worklist.html")]
struct WorklistPage {
    frame: Frame,
    tabs: Vec<TabView>,
    filters: Filters,
    list: ListView,
    csrf: String,
    may_enter: bool,
}

#[derive(Template)]
#[template(path = "worklist/rows.html")]
struct Rows {
    list: ListView,
    csrf: String,
}

/// The rows with what stands around them.
#[derive(Debug, Clone)]
struct ListView {
    rows: Vec<RowView>,
    previous: Option<Turn>,
    next: Option<Turn>,
    refresh: String,
    searched: Vec<(String, String)>,
    empty: &'static str,
    empty_href: String,
    /// What the list leaves out, where that is not plain from its tab.
    says: String,
}

/// The tab of what a physician may sign.
const SIGN: &str = "sign";

impl ListView {
    /// The pages that can be turned to: which, its button, its key.
    fn turns(&self) -> Vec<(&Turn, &'static str, &'static str)> {
        let title = |turn: &Turn| if turn.place.is_empty() { "First page" } else { "Previous 40" };
        let back = self.previous.iter().map(move |turn| (turn, title(turn), "h"));
        back.chain(self.next.iter().map(|turn| (turn, "Next 40", "l"))).collect()
    }
}

/// A page to turn to: by its address, or, in a search, whose words stay out of addresses, by a form.
#[derive(Debug, Clone)]
struct Turn {
    name: &'static str,
    href: String,
    place: String,
}

impl Turn {
    fn to(name: &'static str, kept: &str, place: String) -> Self {
        Self { name, href: format!("/worklist?{kept}&{name}={}", super::form::encode(&place)), place }
    }
}

/// The tabs in their order: word, title.
const TABS: &[(&str, &str)] = &[
    ("mine", "My work"),
    ("unassigned", "Unassigned"),
    ("today", "Due today"),
    ("late", "Late"),
    ("nurse", "Nurse"),
    (SIGN, "I may sign"),
    ("physician", "Physician"),
    ("administrative", "Administrative"),
    ("information", "Information"),
    ("notice", "Notice"),
    ("eligibility", "Eligibility"),
    ("all", "All"),
];

fn tab_filter(tab: &str, who: &SignedIn, day_ends: Moment) -> WorkFilter {
    let mut filter = WorkFilter::default();
    match tab {
        "mine" => filter.owner = Some(who.account.name.clone()),
        "unassigned" => filter.unassigned = true,
        "today" => filter.due_before = Some(day_ends),
        "late" => filter.late = Some(true),
        "all" => {}
        SIGN => filter.queue = Some("physician".to_owned()),
        "eligibility" => filter.marked = Some(ELIGIBILITY.to_owned()),
        queue => filter.queue = Some(queue.to_owned()),
    }
    filter
}

fn narrowed(mut filter: WorkFilter, form: &Form) -> WorkFilter {
    filter.line_of_business = form.some("line");
    filter.urgency = form.ticked("expedited").then(|| "expedited".to_owned());
    filter.waiting_for_others = match form.get("waiting") {
        "us" => Some(false),
        "others" => Some(true),
        _ => None,
    };
    filter.text = form.some("q");
    filter
}

/// `GET /worklist`.
///
/// # Errors
/// No permission, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let mut form = Form::new(query);
    form.set("q", "");
    list(&app, &who, form, headers.contains_key("hx-request")).await
}

/// `POST /worklist`: the same list, narrowed to a name or number. That stays out of addresses.
///
/// # Errors
/// No permission, or a fault.
pub async fn find(
    State(app): State<App>,
    who: SignedIn,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    list(&app, &who, Form::new(pairs), false).await
}

async fn list(app: &App, who: &SignedIn, mut form: Form, rows_only: bool) -> Result<Response, PageError> {
    who.require(Permission::ReadCases)?;
    if form.get("tab").is_empty() {
        form.set("tab", "mine");
        // Nobody is greeted by an empty list while others wait.
        let mine = WorkFilter { owner: Some(who.account.name.clone()), ..WorkFilter::default() };
        if app.desk.store.count_work(&who.tenant, &mine, 1)? == 0 {
            form.set("tab", "unassigned");
        }
    }
    let zones = Zones::of(app, &who.tenant)?;
    let now = app.desk.time.now();
    let day_ends = zones.day_ends(now);
    let tab = tabs_of(who).map(|(word, _)| *word).find(|word| *word == form.get("tab")).unwrap_or("all");
    let filter = narrowed(tab_filter(tab, who, day_ends), &form);
    let (page, notes, says) = match tab {
        SIGN => {
            let after = WorkCursor::parse(form.get("after"));
            let found = sign::page(app, who, &filter, after.as_ref(), now)?;
            let says = found.says();
            (found.page, found.notes, says)
        }
        _ => (page_of(app, who, &filter, &form)?, BTreeMap::new(), String::new()),
    };
    let seen = seen(who, &page.rows);
    if form.get("seen") != seen {
        let subjects = page.rows.iter().map(|row| SubjectKey::case(&row.case_id)).collect();
        trail::looked(app, who, "list", subjects, "worklist").await?;
    }
    let searched = form.some("q").is_some();
    let kept = form.query_without(&["after", "before", "seen", "q", "csrf"]);
    // What one may sign is found page by page, and not backwards.
    let first = (tab == SIGN && !form.get("after").is_empty()).then(|| Turn::to("after", &kept, String::new()));
    let mut rows: Vec<RowView> = page.rows.iter().map(|row| row_view(row, &zones, who, now)).collect();
    rows.iter_mut().for_each(|row| row.note = notes.get(&row.id).copied().unwrap_or_default());
    if tab == "eligibility" {
        rows.iter_mut().for_each(RowView::for_eligibility);
    }
    let list = ListView {
        rows,
        previous: page.previous.map(|cursor| Turn::to("before", &kept, cursor.to_text())).or(first),
        next: page.next.map(|cursor| Turn::to("after", &kept, cursor.to_text())),
        searched: if searched { kept_fields(&form) } else { Vec::new() },
        refresh: format!("/worklist?{}&seen={seen}", form.query_without(&["seen", "q", "csrf"])),
        empty: empty(tab, &filter),
        says,
        empty_href: if tab == "mine" { "/worklist?tab=unassigned".into() } else { "/worklist?tab=all".into() },
    };
    let csrf = who.csrf.clone();
    if rows_only {
        return Ok(render(&Rows { list, csrf }));
    }
    let page = WorklistPage {
        frame: who.frame("Worklist", Place::Worklist),
        tabs: tabs(app, who, &form, tab, day_ends)?,
        filters: filters(&form, tab),
        list,
        csrf,
        may_enter: who.may(Permission::EnterRequest),
    };
    Ok(render(&page))
}

/// The page that was asked for. Before what has gone there may be nothing left: then the first page.
fn page_of(app: &App, who: &SignedIn, filter: &WorkFilter, form: &Form) -> Result<WorkPage, PageError> {
    let store = &app.desk.store;
    if let Some(before) = WorkCursor::parse(form.get("before")) {
        let page = store.worklist_before(&who.tenant, filter, &before, ROWS)?;
        if page.previous.is_some() {
            return Ok(page);
        }
        return Ok(store.worklist(&who.tenant, filter, None, ROWS)?);
    }
    let after = WorkCursor::parse(form.get("after"));
    Ok(store.worklist(&who.tenant, filter, after.as_ref(), ROWS)?)
}

/// What a search goes on with: everything in the form but the place in the list.
fn kept_fields(form: &Form) -> Vec<(String, String)> {
    ["tab", "line", "expedited", "waiting", "q"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), form.some(name)?)))
        .collect()
}

/// `GET /work`: the short address.
pub async fn short() -> Response {
    Redirect::permanent("/worklist").into_response()
}

/// A word for exactly this list in this session: a refresh that shows the same cases is not another look.
fn seen(who: &SignedIn, rows: &[WorkRow]) -> String {
    let mut digest = Sha256::new().chain_update(who.session);
    for row in rows {
        digest.update(&row.case_id);
        digest.update([0]);
    }
    digest.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

fn row_view(row: &WorkRow, zones: &Zones, who: &SignedIn, now: Moment) -> RowView {
    let zone = zones.named(&row.zone);
    row_in(row, zone, &who.account.name, now)
}

/// A row as lists show it, in the zone of its contract.
pub fn row_in(row: &WorkRow, zone: &Zone, reader: &str, now: Moment) -> RowView {
    let mut due = Due::new(row.due_at, zone, now, false);
    if row.late {
        due.press = words::Press::Late;
    }
    let owner = row.owner.clone().unwrap_or_default();
    RowView {
        id: row.case_id.clone(),
        due,
        name: row.patient_name.clone(),
        age: words::age_and_sex(row.birth_day, &row.sex, zone.day(now)),
        line: LineOfBusiness::read(&row.line_of_business).title().to_owned(),
        expedited: row.urgency == "expedited",
        service: row.service.clone(),
        why: row.why.clone(),
        next: row.next.clone(),
        mine: owner == reader,
        owner,
        note: "",
    }
}

/// The tabs of a reader: what one may sign is asked of those who determine.
fn tabs_of(who: &SignedIn) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let determines = who.may(Permission::Determine);
    TABS.iter().filter(move |(word, _)| *word != SIGN || determines)
}

fn tabs(app: &App, who: &SignedIn, form: &Form, here: &str, day_ends: Moment) -> Result<Vec<TabView>, PageError> {
    let kept = form.query_without(&["after", "before", "seen", "tab", "q", "csrf"]);
    let mut views = Vec::with_capacity(TABS.len());
    for (word, title) in tabs_of(who) {
        let filter = narrowed(tab_filter(word, who, day_ends), form);
        // What one may sign is found page by page, and not counted.
        let count = if *word == SIGN { None } else { Some(app.desk.store.count_work(&who.tenant, &filter, CAP)?) };
        let href =
            if kept.is_empty() { format!("/worklist?tab={word}") } else { format!("/worklist?tab={word}&{kept}") };
        views.push(TabView {
            title,
            count: count.map_or_else(String::new, |n| if n >= CAP { format!("{}+", CAP - 1) } else { n.to_string() }),
            href,
            here: *word == here,
            loud: *word == "late" && count.is_some_and(|n| n > 0),
        });
    }
    Ok(views)
}

fn filters(form: &Form, tab: &str) -> Filters {
    let chosen = form.get("line");
    let lines = LineOfBusiness::ALL.iter();
    Filters {
        lines: lines.map(|l| (l.word().to_owned(), l.title().to_owned(), l.word() == chosen)).collect(),
        expedited: form.ticked("expedited"),
        waiting: form.get("waiting").to_owned(),
        text: form.get("q").to_owned(),
        tab: tab.to_owned(),
    }
}

/// Why a list is empty, and what to do.
fn empty(tab: &str, filter: &WorkFilter) -> &'static str {
    let narrow = filter.text.is_some()
        || filter.line_of_business.is_some()
        || filter.urgency.is_some()
        || filter.waiting_for_others.is_some();
    match tab {
        _ if narrow => "No open case fits these filters. Clear one of them, or search all cases.",
        "mine" => "You have no open case. Take one from Unassigned.",
        "unassigned" => "Every open case has somebody. Look at what is due today.",
        "today" => "Nothing more is due today.",
        "late" => "Nothing is late.",
        SIGN => "None of these is yours to sign. The page of each case says who may.",
        _ => "Nothing waits here.",
    }
}
