//! Improvement: a signal taken up, its causes as a Pareto chart, the A3 that people write about it, and motions before the
//! UM committee. What is written here is kept in the log beside the cases.

pub mod motions;
pub mod sheet;

use std::fmt::Write as _;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use vigil_desk::improve::week_span;
use vigil_domain::{
    improvement::{Cause, Signal},
    time::Day,
};
use vigil_store::SubjectKey;

use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
    web::{
        error::PageError,
        form::Form,
        frame::{Frame, Tab, render},
        words,
        zones::Zones,
    },
};

/// One row of a list.
#[derive(Debug, Clone)]
struct Listed {
    href: String,
    title: String,
    since: String,
    by: String,
    state: String,
}

#[derive(Template)]
#[template(path = "improve/list.html")]
struct ListPage {
    frame: Frame,
    improvements: Vec<Listed>,
    motions: Vec<Listed>,
    audits: bool,
}

/// `GET /improvement`: what is being mended, and what the committee was asked.
///
/// # Errors
/// No permission, or a fault.
pub async fn list(State(app): State<App>, who: SignedIn) -> Result<Response, PageError> {
    who.require(Permission::ReadMeasures)?;
    let zones = Zones::of(&app, &who.tenant)?;
    let since = |at| words::day(zones.first().day(at));
    let improvements = app.desk.improvements(&who.tenant)?.into_iter().map(|found| Listed {
        href: format!("/improvement/{}", found.id),
        state: match (&found.closed, found.unwritten().len()) {
            (Some(_), _) => "closed".to_owned(),
            (None, 0) => "written, not closed".to_owned(),
            (None, n) => format!("{n} of 7 parts to write"),
        },
        title: found.title,
        since: since(found.opened.1),
        by: found.opened.0,
    });
    let motions = app.desk.motions(&who.tenant)?.into_iter().map(|found| Listed {
        href: format!("/motion/{}", found.id),
        state: motions::state(&found),
        title: format!("Retire from review: {} {}", found.code, found.service),
        since: since(found.put.1),
        by: found.put.0,
    });
    Ok(render(&ListPage {
        frame: who.frame("Improvement", Tab::Measures),
        improvements: improvements.collect(),
        motions: motions.collect(),
        audits: who.may(Permission::ReadTrail) && who.may(Permission::ReadCases),
    }))
}

/// One bar of a Pareto chart.
#[derive(Debug, Clone)]
pub struct Bar {
    cause: String,
    count: usize,
    share: String,
    together: String,
    cases: Vec<String>,
}

/// The bars of causes, with each one's share and the share of all so far.
pub fn bars(causes: &[Cause], cases_too: bool) -> Vec<Bar> {
    let all: usize = causes.iter().map(|cause| cause.cases.len()).sum();
    let mut so_far = 0;
    let share = |part: usize| words::percent(part as i64, all as i64);
    causes
        .iter()
        .map(|cause| {
            so_far += cause.cases.len();
            Bar {
                cause: cause.cause.clone(),
                count: cause.cases.len(),
                share: share(cause.cases.len()),
                together: share(so_far),
                cases: if cases_too { cause.cases.clone() } else { Vec::new() },
            }
        })
        .collect()
}

/// The Pareto chart: bars, most frequent first, and the line of their sum.
pub fn pareto(causes: &[Cause], title: &str) -> String {
    let (width, row, left) = (720.0, 26.0, 330.0);
    let height = row * causes.len() as f64 + 8.0;
    let all: usize = causes.iter().map(|cause| cause.cases.len()).sum();
    let room = width - left - 60.0;
    let safe = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut svg = format!(
        r#"<svg class="control pareto" viewBox="0 0 {width} {height}" role="img" aria-label="{}">"#,
        safe(title)
    );
    let (mut so_far, mut line) = (0, Vec::new());
    for (place, cause) in causes.iter().enumerate() {
        let top = 4.0 + row * place as f64;
        let count = cause.cases.len();
        so_far += count;
        let share = |part: usize| room * part as f64 / all.max(1) as f64;
        let _ = write!(
            svg,
            r#"<text class="axis" x="{:.1}" y="{:.1}" text-anchor="end">{}</text><rect class="share" x="{left}" y="{top:.1}" width="{:.1}" height="{:.1}"/><text class="axis" x="{:.1}" y="{:.1}">{count}</text>"#,
            left - 8.0,
            top + 15.0,
            safe(&cause.cause),
            share(count),
            row - 8.0,
            left + share(count) + 6.0,
            top + 15.0,
        );
        line.push(format!("{:.1},{:.1}", left + share(so_far), top + (row - 8.0) / 2.0));
    }
    if line.len() > 1 {
        let _ = write!(svg, r#"<polyline class="line" points="{}"/>"#, line.join(" "));
    }
    svg.push_str("</svg>");
    svg
}

/// A signal in one sentence.
pub fn signal_words(signal: &Signal) -> String {
    let share = |part: f64| format!("{:.1} %", part * 100.0);
    format!(
        "In the week of {}, {} of {} notices were given late ({}); the usual share is {} and its upper limit {}: {}.",
        words::day(signal.week),
        signal.counted,
        signal.of,
        words::percent(signal.counted, signal.of),
        share(signal.centre),
        share(signal.high),
        signal.rule,
    )
}

/// The period and week of a query.
fn asked(form: &Form) -> Option<(Day, Day, Day)> {
    let day = |name: &str| form.get(name).parse::<Day>().ok();
    Some((day("from")?, day("to")?, day("week")?))
}

#[derive(Template)]
#[template(path = "improve/causes.html")]
struct CausesPage {
    frame: Frame,
    says: String,
    steps: Vec<Bar>,
    sites: Vec<Bar>,
    picture: String,
    cut: bool,
    week: String,
    from: String,
    to: String,
    supervises: bool,
}

/// `GET /improvement/causes`: why the letters of a signal's week were late.
///
/// # Errors
/// No permission, no such signal, or a fault.
pub async fn causes(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::ReadMeasures)?;
    let form = Form::new(query);
    let (from, to, week) = asked(&form).ok_or(PageError::NotFound)?;
    let signal = app.desk.late_signal(&who.tenant, from, to, week)?.ok_or(PageError::NotFound)?;
    let zones = Zones::of(&app, &who.tenant)?;
    let (begin, end) = week_span(week, zones.first());
    let found = app.desk.causes_of_late_notices(&who.tenant, begin, end)?;
    let reads_cases = who.may(Permission::ReadCases);
    if reads_cases {
        let subjects = found.by_step.iter().flat_map(|cause| &cause.cases).map(SubjectKey::case).collect();
        trail::looked(&app, &who, "list", subjects, "causes of late notices").await?;
    }
    Ok(render(&CausesPage {
        frame: who.frame("Why letters were late", Tab::Measures),
        says: signal_words(&signal),
        picture: pareto(&found.by_step, "Late notices by the step that took the time, most frequent first"),
        steps: bars(&found.by_step, reads_cases),
        sites: bars(&found.by_site, false),
        cut: found.cut,
        week: week.to_string(),
        from: from.to_string(),
        to: to.to_string(),
        supervises: who.may(Permission::Supervise),
    }))
}
