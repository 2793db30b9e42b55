//! Measures: how many, how fast, how often denied; is it moving by itself; and which prior authorization has stopped
//! earning its keep. Every figure carries its definition.

mod figures;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use vigil_domain::time::{Day, Moment, Zone};

use self::figures::{Definition, Figures, Late, Line, Value};
use super::{
    control_chart::Chart,
    error::PageError,
    form::Form,
    frame::{Frame, Tab, render},
    picture, words,
    zones::Zones,
};
use crate::{
    access::{Permission, SignedIn},
    app::App,
};

/// The periods offered: word, title, days back.
const PERIODS: &[(&str, &str, i64)] =
    &[("30", "30 days", 30), ("90", "90 days", 90), ("365", "12 months", 365), ("730", "24 months", 730)];

/// A point of the control chart in the table behind it.
#[derive(Debug, Clone)]
struct WeekRow {
    week: String,
    late: i64,
    sent: i64,
    share: String,
    limits: String,
    signal: String,
}

#[derive(Template)]
#[template(path = "measures/measures.html")]
struct MeasuresPage {
    frame: Frame,
    periods: Vec<(&'static str, &'static str, bool)>,
    from: String,
    to: String,
    from_field: String,
    to_field: String,
    lines: Vec<Line>,
    total: Option<Line>,
    definitions: &'static [Definition],
    chart: Option<String>,
    weeks: Vec<WeekRow>,
    signal: bool,
    services: Vec<Value>,
}

fn period(form: &Form, today: Day) -> (Day, Day) {
    let given = |name: &str| form.get(name).parse::<Day>().ok();
    if let (Some(from), Some(to)) = (given("from"), given("to"))
        && from <= to
    {
        return (from, to);
    }
    let days = PERIODS.iter().find(|(word, ..)| *word == form.get("period")).map_or(90, |(_, _, days)| *days);
    (today.checked_sub(jiff::Span::new().days(days - 1)).unwrap_or(today), today)
}

fn read(app: &App, who: &SignedIn, from: Day, to: Day, zone: &Zone) -> Result<Figures, PageError> {
    let store = &app.desk.store;
    let start = midnight(zone, from);
    let end = to.tomorrow().map_or(Moment::MAX, |day| midnight(zone, day));
    let measures = store.measures(&who.tenant, from, to)?;
    let decided = store.decided(&who.tenant, start, end)?;
    Ok(figures::figures(&measures, &decided, from, to))
}

fn midnight(zone: &Zone, day: Day) -> Moment {
    day.at(0, 0, 0, 0).to_zoned(zone.tz().clone()).map_or(Moment::MIN, |z| z.timestamp())
}

/// `GET /measures`.
///
/// # Errors
/// No permission, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::ReadMeasures)?;
    let form = Form::new(query);
    let zones = Zones::of(&app, &who.tenant)?;
    let today = zones.first().day(app.desk.time.now());
    let (from, to) = period(&form, today);
    let found = read(&app, &who, from, to, zones.first())?;
    let chart = found.late_chart();
    let picked = if form.has("from") {
        ""
    } else if form.get("period").is_empty() {
        "90"
    } else {
        form.get("period")
    };
    let value = |service: &figures::Service| figures::value(service, &app.desk.library);
    let page = MeasuresPage {
        frame: who.frame("Measures", Tab::Measures),
        periods: PERIODS.iter().map(|(word, title, _)| (*word, *title, *word == picked)).collect(),
        from: words::day(from),
        to: words::day(to),
        from_field: from.to_string(),
        to_field: to.to_string(),
        total: found.total(),
        lines: found.lines(),
        definitions: figures::DEFINITIONS,
        signal: chart.has_signal(),
        weeks: weeks(&chart, &found.late),
        chart: (!chart.points.is_empty())
            .then(|| picture::control(&chart, "Share of notices given late, by week, with control limits", true)),
        services: found.services.iter().map(value).collect(),
    };
    Ok(render(&page))
}

fn weeks(chart: &Chart, late: &[Late]) -> Vec<WeekRow> {
    let share = |v: f64| format!("{:.1} %", v * 100.0);
    let row = |point: &super::control_chart::Point| WeekRow {
        week: late.iter().find(|l| l.label == point.label).map_or_else(|| point.label.clone(), |l| words::day(l.week)),
        late: point.counted.0,
        sent: point.counted.1,
        share: share(point.value),
        limits: format!("{} to {}", share(point.low), share(point.high)),
        signal: point.signals.iter().map(|s| s.says()).collect::<Vec<_>>().join("; "),
    };
    chart.points.iter().rev().map(row).collect()
}

/// `GET /measures.csv`: the same rows for a spreadsheet.
///
/// # Errors
/// No permission, or a fault.
pub async fn csv(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::ReadMeasures)?;
    let form = Form::new(query);
    let zones = Zones::of(&app, &who.tenant)?;
    let (from, to) = period(&form, zones.first().day(app.desk.time.now()));
    let found = read(&app, &who, from, to, zones.first())?;
    let mut response = found.csv(from, to).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"measures-{from}-{to}.csv\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
