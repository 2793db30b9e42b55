//! The hospital's measures on a page: every figure with its definition, one of them broken down and drawn with its limits.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use vigil_domain::{
    control_chart::{Chart, Point},
    time::Day,
};
use vigil_store::FiguresRow;

use super::{
    Hospitals,
    figures::{self, Kind, MEASURES, Measure, Split},
};
use crate::{
    access::{Permission, SignedIn},
    app::App,
    web::{
        error::PageError,
        form::{Form, encode},
        frame::{Frame, Tab as Place, render},
        picture, words,
    },
};

/// Months offered.
const PERIODS: &[(&str, &str, i64)] = &[("3", "3 months", 3), ("12", "12 months", 12), ("24", "24 months", 24)];

#[derive(Debug, Clone)]
struct Line {
    word: &'static str,
    name: &'static str,
    shown: String,
    counted: String,
    spark: String,
    signal: bool,
    here: bool,
    says: &'static str,
    cite: &'static str,
}

#[derive(Debug, Clone)]
struct PointRow {
    month: String,
    value: String,
    counted: String,
    limits: String,
    signal: String,
}

#[derive(Template)]
#[template(path = "hospital/measures.html")]
struct MeasuresPage {
    frame: Frame,
    periods: Vec<(&'static str, &'static str, bool)>,
    hospitals: Vec<(String, String, bool)>,
    splits: Vec<(&'static str, &'static str, bool)>,
    period: &'static str,
    picked: &'static str,
    /// Hospital and breakdown, as the links carry them on.
    kept: String,
    from: String,
    to: String,
    stays: String,
    lines: Vec<Line>,
    chart_name: &'static str,
    chart: Option<String>,
    signal: bool,
    points: Vec<PointRow>,
    groups: Vec<(String, String, String)>,
    split: &'static str,
}

/// `GET /hospital/measures`.
///
/// # Errors
/// No permission, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::ReadStays)?;
    who.require(Permission::ReadMeasures)?;
    let form = Form::new(query);
    let hospitals = Hospitals::of(&app, &who.tenant, &form)?;
    let (period, _, months) = *PERIODS.iter().find(|(word, ..)| *word == form.get("period")).unwrap_or(&PERIODS[1]);
    let now = app.desk.time.now();
    let today = hospitals.zone().map_or_else(|| Day::new(1970, 1, 1).expect("a day"), |zone| zone.day(now));
    let from = today.checked_sub(jiff::Span::new().months(months)).unwrap_or(today).tomorrow().unwrap_or(today);
    let mut rows: Vec<FiguresRow> = app.desk.store.stay_rows_between(&who.tenant, from, today)?;
    rows.retain(|row| hospitals.chosen.as_ref().is_none_or(|id| row.hospital == *id));
    let measure = MEASURES.iter().find(|m| m.word == form.get("measure")).unwrap_or(&MEASURES[0]);
    let split = Split::of(form.get("by"));
    let monthly = figures::by_month(measure, &rows);
    let chart = figures::chart(measure, &monthly);
    let page = MeasuresPage {
        frame: who.frame("Hospital measures", Place::Census),
        periods: PERIODS.iter().map(|(word, title, _)| (*word, *title, *word == period)).collect(),
        hospitals: hospitals.choices(),
        splits: Split::ALL.iter().map(|(s, word, title)| (*word, *title, *s == split)).collect(),
        split: Split::ALL.iter().find(|(s, ..)| *s == split).map_or("Hospital", |(_, _, title)| title),
        period,
        picked: measure.word,
        kept: kept(&form),
        from: words::day(from),
        to: words::day(today),
        stays: words::many(i64::try_from(rows.len()).unwrap_or(i64::MAX), "stay", "stays"),
        lines: MEASURES.iter().map(|m| line(m, &rows, m.word == measure.word)).collect(),
        chart_name: measure.name,
        signal: chart.has_signal(),
        points: points(measure, &chart, &monthly),
        chart: (!chart.points.is_empty()).then(|| {
            let title = format!("{} by month, with control limits", measure.name);
            picture::control(&chart, &title, measure.kind == Kind::Share)
        }),
        groups: groups(measure, &rows, split, &hospitals),
    };
    Ok(render(&page))
}

/// The chosen hospital and breakdown for the page's own links.
fn kept(form: &Form) -> String {
    let names = ["hospital", "by"].into_iter().filter(|name| !form.get(name).is_empty());
    names.map(|name| format!("&{name}={}", encode(form.get(name)))).collect()
}

fn line(measure: &'static Measure, rows: &[FiguresRow], here: bool) -> Line {
    let tally = figures::tally(measure, rows.iter());
    let monthly = figures::by_month(measure, rows);
    let values: Vec<f64> = monthly.iter().map(|(_, t)| t.hits / t.of).collect();
    Line {
        word: measure.word,
        name: measure.name,
        shown: tally.shown(measure.kind),
        counted: if tally.of > 0.0 { tally.counted() } else { String::new() },
        spark: picture::sparkline(&values, &format!("{} by month", measure.name)),
        signal: figures::chart(measure, &monthly).has_signal(),
        here,
        says: measure.says,
        cite: measure.cite,
    }
}

fn groups(
    measure: &Measure,
    rows: &[FiguresRow],
    split: Split,
    hospitals: &Hospitals,
) -> Vec<(String, String, String)> {
    let named = |name: String| match (split, name.is_empty()) {
        (_, true) => "not known".to_owned(),
        (Split::Hospital, _) => hospitals.name(&name).to_owned(),
        _ => name,
    };
    let shown = |(name, tally): (String, figures::Tally)| (named(name), tally.shown(measure.kind), tally.counted());
    figures::by_group(measure, rows, split).into_iter().map(shown).collect()
}

fn points(measure: &Measure, chart: &Chart, monthly: &[(Day, figures::Tally)]) -> Vec<PointRow> {
    let shown = |v: f64| if measure.kind == Kind::Share { format!("{:.1} %", v * 100.0) } else { format!("{v:.2}") };
    let row = |(point, (_, tally)): (&Point, &(Day, figures::Tally))| PointRow {
        month: point.label.clone(),
        value: shown(point.value),
        counted: tally.counted(),
        limits: format!("{} to {}", shown(point.low), shown(point.high)),
        signal: point.signals.iter().map(|s| s.says()).collect::<Vec<_>>().join("; "),
    };
    chart.points.iter().zip(monthly).map(row).rev().collect()
}
