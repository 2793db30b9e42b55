//! Measures: how many, how fast, how often denied; is it moving by itself; and which prior authorization has stopped
//! earning its keep. Every figure carries its definition.

mod figures;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use vigil_desk::improve::midnight;
use vigil_domain::{
    control_chart::{Chart, Point},
    time::{Day, Moment, Zone},
};

use self::figures::{Definition, Figures, Line, Value};
use super::{
    error::PageError,
    form::Form,
    frame::{Frame, Tab, render},
    improve, picture, words,
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
    /// As fields carry it.
    monday: String,
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
    supervises: bool,
    audits: bool,
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
    let start = midnight(from, zone);
    let end = to.tomorrow().map_or(Moment::MAX, |day| midnight(day, zone));
    let measures = store.measures(&who.tenant, from, to)?;
    let decided = store.decided(&who.tenant, start, end)?;
    Ok(figures::figures(&measures, &decided, from, to))
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
    let mut services: Vec<Value> =
        found.services.iter().map(|service| figures::value(service, &app.desk.library)).collect();
    for (value, service) in services.iter_mut().zip(&found.services).filter(|(value, _)| value.name.is_empty()) {
        let row = app.desk.store.work(&who.tenant, &service.example)?;
        value.name = row.map(|row| row.service.replace(&service.code, "").trim().to_owned()).unwrap_or_default();
    }
    for motion in app.desk.motions(&who.tenant)? {
        if let Some(value) = services.iter_mut().find(|value| value.code == motion.code) {
            value.motion =
                Some((format!("/motion/{}", motion.id), format!("motion {}", improve::motions::state(&motion))));
        }
    }
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
        weeks: weeks(&chart),
        chart: (!chart.points.is_empty()).then(|| {
            picture::control(&short_labels(&chart), "Share of notices given late, by week, with control limits", true)
        }),
        services,
        supervises: who.may(Permission::Supervise),
        audits: who.may(Permission::ReadTrail) && who.may(Permission::ReadCases),
    };
    Ok(render(&page))
}

/// The chart with labels that fit under it: `Nov 9`.
fn short_labels(chart: &Chart) -> Chart {
    let mut chart = chart.clone();
    for point in &mut chart.points {
        if let Ok(day) = point.label.parse::<Day>() {
            point.label = format!("{} {}", words::day(day).split(' ').next().unwrap_or(""), day.day());
        }
    }
    chart
}

fn weeks(chart: &Chart) -> Vec<WeekRow> {
    let share = |v: f64| format!("{:.1} %", v * 100.0);
    let row = |point: &Point| WeekRow {
        week: point.label.parse::<Day>().map_or_else(|_| point.label.clone(), words::day),
        monday: point.label.clone(),
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
