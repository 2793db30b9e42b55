//! The boards beside the census: the physician advisor's queue, notices due, payers, physician queries, avoidable days. One
//! shape for all: what is due first, whom it is about, what it says, and where to act.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use vigil_domain::time::{Moment, Zone};
use vigil_store::{DelayRow, EscalationRow, NoticeRow, PayerRow, QueryRow};

use super::{
    Hospitals, ZoneBook, line_title, looked, may_read, status_title,
    stay::{actions::Action, duties, items::Act},
};
use crate::{
    access::SignedIn,
    app::App,
    web::{
        error::PageError,
        form::Form,
        frame::{Frame, Tab as Place, render},
        words::{self, Due, Press},
    },
};

/// Rows read at most; a board longer than this says so.
const MOST: usize = 400;
/// Days of avoidable days, and of answered queries, shown.
const BACK_DAYS: i64 = 30;

/// One cell.
#[derive(Debug, Clone, Default)]
struct Cell {
    text: String,
    class: &'static str,
}

impl Cell {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "" }
    }

    fn quiet(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "quiet" }
    }

    fn loud(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "late" }
    }
}

/// One row of a board.
#[derive(Debug, Clone)]
struct RowView {
    stay: String,
    href: String,
    due: Due,
    hospital: String,
    patient: String,
    bed: String,
    cells: Vec<Cell>,
    act: Option<Act>,
}

#[derive(Debug, Clone)]
struct ListView {
    columns: &'static [&'static str],
    rows: Vec<RowView>,
    refresh: String,
    empty: &'static str,
    timed: bool,
    cut: bool,
}

#[derive(Template)]
#[template(path = "hospital/board.html")]
struct BoardPage {
    frame: Frame,
    title: &'static str,
    says: &'static str,
    kind: &'static str,
    boards: Vec<(&'static str, &'static str, bool)>,
    hospitals: Vec<(String, String, bool)>,
    totals: Vec<(String, String)>,
    list: ListView,
}

#[derive(Template)]
#[template(path = "hospital/board_list.html")]
struct Rows {
    list: ListView,
}

/// A board: its word, title, what it is for, its columns, what it says when empty, whether rows are due.
struct Board {
    kind: &'static str,
    title: &'static str,
    says: &'static str,
    columns: &'static [&'static str],
    empty: &'static str,
    timed: bool,
}

const BOARDS: &[Board] = &[
    Board {
        kind: "advisor",
        title: "Physician advisor",
        says: "Stays that wait for a physician: the advisor, the attending’s answer, or the UR committee. Earliest answer first.",
        columns: &["Waits for", "Status", "Payer", "Why it went up"],
        empty: "Nothing waits for a physician.",
        timed: true,
    },
    Board {
        kind: "notices",
        title: "Notices due",
        says: "Notices to give to patients, each in its window, and the reviews that the UR plan owes by a day. Open one to record its delivery, a refusal, or a call to the representative.",
        columns: &["Notice", "Why"],
        empty: "No notice is due.",
        timed: true,
    },
    Board {
        kind: "payers",
        title: "Payers",
        says: "Where each stay stands with each payer. Telling a payer is not an authorization: two columns, two clocks.",
        columns: &["Payer", "Told", "Clinicals", "Answer", "Authorization", "Through", "Dispute"],
        empty: "No payer is to be told or asked.",
        timed: true,
    },
    Board {
        kind: "queries",
        title: "Physician queries",
        says: "What clinical documentation integrity and coding asked of physicians, and what came of it.",
        columns: &["About", "To", "Question", "Because", "Asked", "Outcome"],
        empty: "No query is open, and none was answered in the last 30 days.",
        timed: true,
    },
    Board {
        kind: "avoidable",
        title: "Avoidable days",
        says: "Delays by coded reason over the last 30 days. Recorded apart from criteria: a day may be both met and delayed.",
        columns: &["Reason", "Days", "From", "Through", "Unit", "Department", "Attending", "Payer"],
        empty: "No delay was recorded in the last 30 days.",
        timed: false,
    },
];

/// `GET /board/{kind}`.
///
/// # Errors
/// No permission, no such board, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(kind): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    may_read(&who)?;
    let board = BOARDS.iter().find(|b| b.kind == kind).ok_or(PageError::NotFound)?;
    let form = Form::new(query);
    let hospitals = Hospitals::of(&app, &who.tenant, &form)?;
    // As on the census, a confidential stay is named on no board; whoever works on it opens it by its number.
    let (mut rows, totals) = rows(board, &app, &who, &hospitals)?;
    for row in &mut rows {
        row.act = row.act.take().filter(|act| act.action.is_none_or(|action| who.may(action.row().needs)));
    }
    let cut = rows.len() >= MOST;
    rows.truncate(MOST);
    let stays = rows.iter().map(|row| row.stay.clone()).collect();
    let seen = looked(&app, &who, &form, stays, board.kind).await?;
    let kept = form.query_without(&["seen"]);
    let refresh = format!("/board/{kind}?{kept}&seen={seen}");
    let list = ListView { columns: board.columns, rows, refresh, empty: board.empty, timed: board.timed, cut };
    if headers.contains_key("hx-request") {
        return Ok(render(&Rows { list }));
    }
    let page = BoardPage {
        frame: who.frame(board.title, Place::Census),
        title: board.title,
        says: board.says,
        kind: board.kind,
        boards: BOARDS.iter().map(|b| (b.kind, b.title, b.kind == board.kind)).collect(),
        hospitals: hospitals.choices(),
        totals,
        list,
    };
    Ok(render(&page))
}

type Found = (Vec<RowView>, Vec<(String, String)>);

fn rows(board: &Board, app: &App, who: &SignedIn, hospitals: &Hospitals) -> Result<Found, PageError> {
    let store = &app.desk.store;
    let now = app.desk.time.now();
    let chosen = hospitals.chosen.as_deref();
    let mut zones = ZoneBook::default();
    let tenant = &*who.tenant;
    let none = Vec::new();
    Ok(match board.kind {
        "advisor" => {
            let found: Vec<EscalationRow> = store.open_stay_rows(tenant, chosen, MOST)?;
            let shown = found.iter().filter(|row| !row.confidential);
            (shown.map(|row| escalation(row, zones.get(&row.zone), hospitals, now)).collect(), none)
        }
        "notices" => {
            let found: Vec<NoticeRow> = store.open_stay_rows(tenant, chosen, MOST)?;
            let shown = found.iter().filter(|row| !row.confidential);
            (shown.map(|row| notice(row, zones.get(&row.zone), hospitals, now)).collect(), none)
        }
        "payers" => {
            let found: Vec<PayerRow> = store.open_stay_rows(tenant, chosen, MOST)?;
            let shown = found.iter().filter(|row| !row.confidential);
            (shown.map(|row| payer(row, zones.get(&row.zone), hospitals, now)).collect(), none)
        }
        "queries" => {
            let mut found: Vec<QueryRow> = store.open_stay_rows(tenant, chosen, MOST)?;
            found.extend(answered(app, tenant, hospitals, now)?);
            let shown = found.iter().filter(|row| !row.confidential);
            (shown.map(|row| query(row, zones.get(&row.zone), hospitals, now)).collect(), none)
        }
        _ => delays(app, tenant, hospitals, now)?,
    })
}

fn due(at: Option<Moment>, late: bool, zone: &Zone, now: Moment) -> Due {
    let mut due = Due::new(at, zone, now, false);
    if late {
        due.press = Press::Late;
    }
    due
}

fn escalation(row: &EscalationRow, zone: &Zone, hospitals: &Hospitals, now: Moment) -> RowView {
    let whom = if row.name.is_empty() {
        words::plain(&row.rung)
    } else {
        format!("{} ({})", row.name, words::plain(&row.rung))
    };
    let (title, action) = match row.rung.as_str() {
        "attending" => ("Record the attending’s answer", Action::Attending),
        "committee" | "second_member" => ("Determine", Action::Determine),
        _ => ("Advise", Action::Advise),
    };
    RowView {
        stay: row.stay_id.clone(),
        href: super::census::href(&row.stay_id),
        due: due(row.due_at, false, zone, now),
        hospital: hospitals.name(&row.hospital).to_owned(),
        patient: row.patient.clone(),
        bed: row.bed.clone(),
        cells: vec![
            Cell::new(whom),
            Cell::new(status_title(&row.status)),
            Cell::new(row.payer.clone()),
            Cell::quiet(words::capital(&row.why)),
        ],
        act: Some(Act::on(&row.stay_id, action, "", title)),
    }
}

fn notice(row: &NoticeRow, zone: &Zone, hospitals: &Hospitals, now: Moment) -> RowView {
    let (title, why, act) = if row.about.is_empty() {
        let act = Act::on(&row.stay_id, Action::Deliver, &row.notice.to_string(), "Deliver");
        (row.title.clone(), format!("{} {}", words::capital(&row.why), row.cite), act)
    } else {
        let act = Act::on(&row.stay_id, Action::PlanReview, &row.about, "Record");
        let duty = row.about.split('/').next().unwrap_or_default();
        (duties::title(duty).to_owned(), format!("Owed by the UR plan {}", row.cite), act)
    };
    RowView {
        stay: row.stay_id.clone(),
        href: super::census::href(&row.stay_id),
        due: due(row.due_at, row.late, zone, now),
        hospital: hospitals.name(&row.hospital).to_owned(),
        patient: row.patient.clone(),
        bed: row.bed.clone(),
        cells: vec![Cell::new(title), Cell::quiet(why)],
        act: Some(act),
    }
}

fn payer(row: &PayerRow, zone: &Zone, hospitals: &Hospitals, now: Moment) -> RowView {
    let today = zone.day(now);
    let at = |at: Moment| words::near(at, zone, now);
    let told = match (&row.notified, &row.late) {
        (Some((when, reference)), _) => {
            Cell::new(format!("{}{}", at(*when), reference.as_ref().map(|r| format!(", {r}")).unwrap_or_default()))
        }
        (None, Some(late)) => Cell::loud(format!("not told: {late}")),
        (None, None) => Cell::quiet("not told"),
    };
    let answer = match &row.answer {
        Some((when, what, by, how)) => {
            let text = format!("{} {}, {by} by {}", words::plain(what), at(*when), words::plain(how));
            if matches!(what.as_str(), "denied" | "downgraded") { Cell::loud(text) } else { Cell::new(text) }
        }
        None => match &row.asked {
            Some((when, what)) => Cell::quiet(format!("asked for {} {}", words::plain(what), at(*when))),
            None => Cell::quiet("not asked"),
        },
    };
    RowView {
        stay: row.stay_id.clone(),
        href: super::census::href(&row.stay_id),
        due: due(row.clock.as_ref().map(|(_, at)| *at), row.overdue, zone, now),
        hospital: hospitals.name(&row.hospital).to_owned(),
        patient: row.patient.clone(),
        bed: row.bed.clone(),
        cells: vec![
            Cell::new(format!("{} · {}", row.payer_name, line_title(&row.line_of_business))),
            told,
            row.clinicals.as_ref().map_or_else(|| Cell::quiet("not sent"), |(when, _)| Cell::new(at(*when))),
            answer,
            Cell::new(row.authorization.clone().unwrap_or_default()),
            Cell::new(row.through.map(|day| words::short_day(day, today)).unwrap_or_default()),
            Cell::new(row.disputes.iter().map(|d| words::plain(d)).collect::<Vec<_>>().join("; ")),
        ],
        act: row.clock.as_ref().map(|(watch, _)| {
            let (action, title) = match watch.as_str() {
                "payer_notification" => (Action::Notify, "Tell the payer"),
                "clinicals" => (Action::Clinicals, "Send clinicals"),
                "more_days" => (Action::Ask, "Ask for days"),
                "peer_to_peer" => (Action::Dispute, "Peer-to-peer"),
                "reconsideration" => (Action::DisputeEnd, "Record the outcome"),
                _ => (Action::Answer, "Record the answer"),
            };
            Act::on(&row.stay_id, action, &row.payer, title)
        }),
    }
}

/// Queries asked lately that have their outcome, the newest answer first.
fn answered(app: &App, tenant: &str, hospitals: &Hospitals, now: Moment) -> Result<Vec<QueryRow>, PageError> {
    let Some(zone) = hospitals.zone() else { return Ok(Vec::new()) };
    let today = zone.day(now);
    let from = today.checked_sub(jiff::Span::new().days(BACK_DAYS)).unwrap_or(today);
    let mut found: Vec<QueryRow> = app.desk.store.stay_rows_between(tenant, from, today)?;
    found.retain(|row| row.answered_at.is_some() && hospitals.chosen.as_ref().is_none_or(|id| row.hospital == *id));
    found.sort_by_key(|row| std::cmp::Reverse(row.answered_at));
    Ok(found)
}

fn query(row: &QueryRow, zone: &Zone, hospitals: &Hospitals, now: Moment) -> RowView {
    RowView {
        stay: row.stay_id.clone(),
        href: super::census::href(&row.stay_id),
        due: due(row.due_at.filter(|_| row.answered_at.is_none()), false, zone, now),
        hospital: hospitals.name(&row.hospital).to_owned(),
        patient: row.patient.clone(),
        bed: row.unit.clone(),
        cells: vec![
            Cell::new(words::capital(&words::plain(&row.kind))),
            Cell::new(row.to.clone()),
            Cell::new(row.question.clone()),
            Cell::quiet(row.because.clone()),
            Cell::quiet(format!("{} by {}", words::near(row.asked_at, zone, now), row.asked_by)),
            match row.answered_at {
                Some(at) => {
                    let outcome = words::capital(&words::plain(&row.outcome));
                    Cell::new(format!("{outcome} {}", words::near(at, zone, now)))
                }
                None => Cell::quiet("open"),
            },
        ],
        act: row
            .answered_at
            .is_none()
            .then(|| Act::on(&row.stay_id, Action::AnswerQuery, &row.query.to_string(), "Answer")),
    }
}

fn delays(app: &App, tenant: &str, hospitals: &Hospitals, now: Moment) -> Result<Found, PageError> {
    let Some(zone) = hospitals.zone() else { return Ok((Vec::new(), Vec::new())) };
    let today = zone.day(now);
    let from = today.checked_sub(jiff::Span::new().days(BACK_DAYS)).unwrap_or(today);
    let mut found: Vec<DelayRow> = app.desk.store.stay_rows_between(tenant, from, today)?;
    found.retain(|row| !row.confidential && hospitals.chosen.as_ref().is_none_or(|id| row.hospital == *id));
    found.sort_by_key(|row| std::cmp::Reverse(row.from));
    let mut by_group: std::collections::BTreeMap<String, f64> = std::collections::BTreeMap::new();
    for row in found.iter().filter(|row| row.counts) {
        *by_group.entry(row.group.clone()).or_default() += row.days;
    }
    let mut totals: Vec<(String, f64)> = by_group.into_iter().collect();
    totals.sort_by(|a, b| b.1.total_cmp(&a.1));
    let totals = totals.into_iter().map(|(group, days)| (group, format!("{days:.1}"))).collect();
    let row = |row: &DelayRow| RowView {
        stay: row.stay_id.clone(),
        href: super::census::href(&row.stay_id),
        due: Due::new(None, zone, now, false),
        hospital: hospitals.name(&row.hospital).to_owned(),
        patient: row.patient.clone(),
        bed: String::new(),
        cells: vec![
            Cell::new(format!("{} {}", row.code, row.says)),
            if row.counts {
                Cell::new(format!("{:.1}", row.days))
            } else {
                Cell::quiet(format!("{:.1}, not avoidable", row.days))
            },
            Cell::new(words::short_day(row.from, today)),
            Cell::new(words::short_day(row.through, today)),
            Cell::new(row.unit.clone()),
            Cell::new(row.department.clone()),
            Cell::new(row.attending.clone()),
            Cell::new(row.payer.clone()),
        ],
        act: None,
    };
    Ok((found.iter().map(row).collect(), totals))
}
