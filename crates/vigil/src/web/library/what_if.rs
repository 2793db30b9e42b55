//! What if? The same question as `vigil clock due` asks, with the same answer, and a picture of the time line.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use vigil_domain::{
    clock::{Answer, Asked, Branch, Extend, Question, Step, Stop, answer, moment_in_words, print_moment},
    law::{Basis, Flags, Scope, Unit},
    library::Library,
    party::LineOfBusiness,
    time::{Day, Moment, Zone},
};

use crate::{
    access::{Permission, SignedIn},
    app::App,
    web::{
        case::{
            clocks::holidays,
            commands::{Problems, local_moment},
        },
        error::PageError,
        form::Form,
        frame::{Frame, Tab, render},
        panel::RefusalView,
        picture::{self, ClockLine},
        words,
        zones::Zones,
    },
};

/// A list of words with the chosen one.
#[derive(Debug, Clone)]
struct Words {
    name: &'static str,
    label: &'static str,
    any: &'static str,
    choices: Vec<(String, String, bool)>,
}

/// The answer as shown.
#[derive(Debug, Clone)]
struct AnswerView {
    due: Option<(String, String)>,
    status: String,
    rule: Option<(String, String, String, bool)>,
    steps: Vec<Step>,
    also: Vec<(String, String)>,
    passed_over: Vec<(String, String)>,
    picture: Option<String>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "library/what_if.html")]
struct WhatIfPage {
    frame: Frame,
    selects: Vec<Words>,
    /// The rating period was not stated, and taken from the contract or the calendar.
    assumed: bool,
    /// Each line of business with the places whose law speaks of it: address, name.
    places: Vec<(String, Vec<(String, String)>)>,
    form: Form,
    problems: Vec<RefusalView>,
    answer: Option<AnswerView>,
    command: String,
}

/// The zones offered: those of the contracts, then those of the United States.
const ZONES: &[&str] = &[
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
];

/// The zone most of a state lives in, for a question that names only the state.
fn zone_of(jurisdiction: &str) -> Option<&'static str> {
    match jurisdiction {
        "US-CA" => Some("America/Los_Angeles"),
        "US-IL" | "US-TX" => Some("America/Chicago"),
        "US-FL" | "US-MA" | "US-NJ" | "US-NY" | "US-OH" | "US-PA" => Some("America/New_York"),
        _ => None,
    }
}

/// Whether which rule holds for a line of business hangs on its contract's rating period.
fn hangs_on_a_rating_period(library: &Library, form: &Form) -> bool {
    let line = form.get("line_of_business");
    library.law.rules().iter().any(|rule| {
        rule.effective.basis == Basis::RatingPeriodStart && rule.scope.lines_of_business.iter().any(|of| of == line)
    })
}

/// The rating period with which the state's own newest rule in force began.
fn first_period(library: &Library, form: &Form, today: Day) -> Option<Day> {
    let (line, place) = (form.get("line_of_business"), form.get("jurisdiction"));
    let of = library.law.rules().iter().filter(|rule| {
        rule.effective.basis == Basis::RatingPeriodStart
            && rule.jurisdiction == place
            && rule.scope.lines_of_business.iter().any(|of| of == line)
    });
    of.filter_map(|rule| rule.effective.from).filter(|from| *from <= today).max()
}

/// The rating period of the plan's own contract for this line of business in this state, if it has one.
fn rating_period(app: &App, who: &SignedIn, form: &Form) -> Result<Option<Day>, PageError> {
    let contracts = app.desk.store.contracts(&who.tenant)?;
    let of = contracts.iter().filter(|contract| {
        contract.line_of_business.word() == form.get("line_of_business")
            && contract.jurisdiction() == form.get("jurisdiction")
    });
    Ok(of.filter_map(|contract| contract.rating_period_start).max())
}

/// Where the law of a day has a clock for a standard request before the service, by line of business. A state is named where
/// its own law speaks, not where only the federal one holds.
fn places(library: &Library, day: Day) -> Vec<(String, Vec<(String, String)>)> {
    let vocabulary = library.law.vocabulary();
    let mut found = Vec::new();
    for word in &vocabulary.lines_of_business {
        let speaks = |place: &&String| {
            library.law.rules().iter().any(|rule| {
                rule.jurisdiction == **place
                    && rule.scope.lines_of_business.contains(word)
                    && rule.scope.reviews.iter().any(|review| review == "prospective")
                    && rule.scope.urgency != "expedited"
                    && rule.effective.basis != Basis::Proposed
                    && rule.effective.from.is_none_or(|from| from <= day)
                    && rule.effective.to.is_none_or(|to| day <= to)
                    && rule.has_clock()
            })
        };
        let link = |place: &String| {
            (format!("/library/what-if?line_of_business={word}&jurisdiction={place}"), words::place(place))
        };
        let of: Vec<(String, String)> = vocabulary.jurisdictions.iter().filter(speaks).map(link).collect();
        if !of.is_empty() {
            found.push((LineOfBusiness::read(word).title().to_owned(), of));
        }
    }
    found
}

/// `GET /library/what-if`.
///
/// # Errors
/// No permission, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::ReadLibrary)?;
    let mut form = Form::new(query);
    let zones = Zones::of(&app, &who.tenant)?;
    let asked = !form.get("line_of_business").is_empty() || !form.get("at").is_empty();
    let zone = zone_of(form.get("jurisdiction")).unwrap_or_else(|| zones.first().name()).to_owned();
    let usual =
        [("zone", zone.as_str()), ("event", "request_received"), ("urgency", "standard"), ("review", "prospective")];
    for (name, value) in usual {
        if form.get(name).is_empty() {
            form.set(name, value);
        }
    }
    let now = app.desk.time.now();
    if asked
        && form.get("at").is_empty()
        && let Ok(zone) = Zone::named(form.get("zone"))
    {
        form.set("at", zone.at(now).strftime("%Y-%m-%dT%H:%M").to_string());
    }
    let library = &app.desk.library;
    let assumed = asked && form.get("rating_period_start").is_empty() && hangs_on_a_rating_period(library, &form);
    if assumed {
        let today = zones.first().day(now);
        let start = rating_period(&app, &who, &form)?.or_else(|| first_period(library, &form, today));
        let start = start.unwrap_or_else(|| today.first_of_year());
        form.set("rating_period_start", start.to_string());
    }
    let (mut problems, mut shown) = (Vec::new(), None);
    if asked {
        match question(&form) {
            Ok(question) => shown = Some(view(library, &question, now)),
            Err(refused) => problems = refused.iter().map(RefusalView::from).collect(),
        }
    }
    let command = if shown.is_some() { command_line(&form) } else { String::new() };
    let selects = selects(library, &form);
    Ok(render(&WhatIfPage {
        frame: who.frame("Ask the clocks", Tab::Library),
        selects,
        assumed,
        places: places(library, zones.first().day(now)),
        form,
        problems,
        answer: shown,
        command,
    }))
}

fn selects(library: &Library, form: &Form) -> Vec<Words> {
    let vocabulary = library.law.vocabulary();
    let line = |word: &String| LineOfBusiness::read(word).title().to_owned();
    let said = |word: &String| words::capital(&words::plain(word));
    let make = |name: &'static str, label: &'static str, any: &'static str, pairs: Vec<(String, String)>| {
        let chosen = form.get(name).to_owned();
        let choices = pairs.into_iter().map(|(w, t)| (w.clone(), t, w == chosen)).collect();
        Words { name, label, any, choices }
    };
    let list = |set: &std::collections::BTreeSet<String>, title: &dyn Fn(&String) -> String| -> Vec<(String, String)> {
        set.iter().map(|w| (w.clone(), title(w))).collect()
    };
    let zone = form.get("zone").to_owned();
    let mut zones: Vec<String> = ZONES.iter().map(|z| (*z).to_owned()).collect();
    if !zones.contains(&zone) {
        zones.insert(0, zone);
    }
    let yes_no = || vec![("true".to_owned(), "Yes".to_owned()), ("false".to_owned(), "No".to_owned())];
    vec![
        make("line_of_business", "Line of business", "Choose", list(&vocabulary.lines_of_business, &line)),
        make("jurisdiction", "State", "Choose", list(&vocabulary.jurisdictions, &|word| words::place(word))),
        make("review", "Review", "Choose", list(&vocabulary.reviews, &said)),
        make("urgency", "Urgency", "Choose", list(&vocabulary.urgencies, &said)),
        make("subject", "Subject", "Ordinary services", list(&vocabulary.subjects, &said)),
        make("pa_required", "Prior authorization required", "Not stated", yes_no()),
        make("event", "Event", "Choose", list(&vocabulary.events, &said)),
        make("zone", "Zone", "Choose", zones.into_iter().map(|z| (z.clone(), z.replace('_', " "))).collect()),
        make("event2", "Second event", "None", list(&vocabulary.events, &said)),
        make("branch", "Branch", "None named", list(&vocabulary.branches, &said)),
        make("grandfathered", "Grandfathered plan", "Not stated", yes_no()),
        make("uniform_form", "State's uniform form used", "Not stated", yes_no()),
    ]
}

fn question(form: &Form) -> Result<Question, Vec<vigil_domain::case::refusal::Refusal>> {
    let mut problems = Problems::default();
    let zone = Zone::named(form.get("zone"));
    let Ok(zone) = zone else {
        problems.add("what-if.zone", "The zone is not known.", "Choose one of the list.");
        return problems.or(()).map(|()| unreachable!("a problem was added"));
    };
    for (name, what) in [("line_of_business", "line of business"), ("jurisdiction", "state"), ("review", "review")] {
        if form.get(name).is_empty() {
            problems.add("what-if.scope", format!("No {what} was chosen."), "Choose one of the list.");
        }
    }
    let mut events: Vec<(String, Moment)> = Vec::new();
    for (event, at, what) in [("event", "at", "Time"), ("event2", "at2", "Time of the second event")] {
        if let Some(moment) = problems.moment(form, at, what, &zone) {
            events.push((form.some(event).unwrap_or_else(|| "request_received".to_owned()), moment));
        }
    }
    let yes_no = |name: &str| form.some(name).map(|word| word == "true");
    let flags = Flags {
        pa_required: yes_no("pa_required"),
        rating_period_start: problems.day(form, "rating_period_start", "Rating period"),
        accreditation: form.some("accreditation"),
        grandfathered: yes_no("grandfathered"),
        uniform_form: yes_no("uniform_form"),
    };
    let scope = Scope {
        line_of_business: form.get("line_of_business").to_owned(),
        jurisdiction: form.get("jurisdiction").to_owned(),
        review: form.get("review").to_owned(),
        urgency: form.get("urgency").to_owned(),
        subject: form.some("subject"),
        flags: flags.clone(),
    };
    let mut question = Question::new(Asked::Scope(scope), events, zone.clone());
    question.urgency = form.get("urgency").to_owned();
    question.branch = form.some("branch").map(|b| Branch::read(&b));
    question.flags = flags;
    question.as_of = problems.day(form, "as_of", "Rules of the day");
    question.extension = extension(form, &mut problems, &zone);
    question.stops = stop(form, &mut problems, &zone).into_iter().collect();
    problems.or(question)
}

fn extension(form: &Form, problems: &mut Problems, zone: &Zone) -> Option<Extend> {
    let amount = problems.number(form, "extend", "Extension")?;
    let notice_at = problems.moment(form, "extend_at", "Extension notice", zone);
    if notice_at.is_none() {
        problems.add("what-if.extension", "The extension has no notice time.", "Say when its notice went out.");
    }
    if amount < 0.0 || amount.fract() != 0.0 || amount > f64::from(u32::MAX) {
        problems.add("what-if.extension", "The extension is no whole number of days.", "Write the days in digits.");
        return None;
    }
    Some(Extend { amount: amount as u32, unit: Unit::CalendarDays, notice_at: notice_at? })
}

fn stop(form: &Form, problems: &mut Problems, zone: &Zone) -> Option<Stop> {
    let from = form.some("toll_from")?;
    let start = problems.moment(form, "toll_from", "Stopped from", zone)?;
    let end = problems.moment(form, "toll_to", "Stopped until", zone);
    match Stop::new(start, end, None) {
        Ok(stop) => Some(stop),
        Err(why) => {
            problems.add("what-if.stop", format!("{from}: {why}."), "Give an end after the start.");
            None
        }
    }
}

fn view(library: &Library, question: &Question, now: Moment) -> AnswerView {
    let found = answer(&library.law, question);
    let zone = &question.zone;
    let controlled = found.controlled_by();
    AnswerView {
        due: found.due_at.map(|at| (words::moment(at, zone), print_moment(at, zone))),
        status: words::plain(found.status.word()),
        rule: controlled.map(|c| {
            let verify = c.rule.confidence == vigil_domain::law::Confidence::FromKnowledgeVerify;
            (c.rule.id.clone(), c.rule.cite.clone(), c.rule.says.clone(), verify)
        }),
        steps: if found.error.is_some() { Vec::new() } else { found.steps(&library.law, question) },
        also: found
            .candidates
            .iter()
            .filter(|c| !found.controlling.contains(&c.rule.id))
            .map(|c| {
                let due = c.computed.due_at.map(|at| moment_in_words(at, zone));
                (c.rule.id.clone(), due.unwrap_or_else(|| words::plain(c.computed.status.word())))
            })
            .chain(
                found.unsaid.iter().map(|(rule, ways)| (rule.clone(), format!("one of {}: not said", ways.join(", ")))),
            )
            .collect(),
        passed_over: found.passed_over.clone(),
        picture: picture(library, question, &found, now),
        error: found.error.clone(),
    }
}

fn picture(library: &Library, question: &Question, found: &Answer, now: Moment) -> Option<String> {
    let candidate = found.controlled_by()?;
    let (due, from) = (found.due_at?, candidate.computed.started_at?);
    // A last day to act before an event is drawn from that day to the event.
    let (from, due) = if due < from { (due, from) } else { (from, due) };
    let zone = &question.zone;
    let others = found.candidates.iter().filter(|c| !found.controlling.contains(&c.rule.id));
    Some(picture::clock_line(&ClockLine {
        zone,
        from,
        due,
        now: Some(now),
        stops: question.stops.iter().map(|s| (s.start, s.end)).collect(),
        holidays: holidays(library, &candidate.rule.jurisdiction, zone.day(from), zone.day(due)),
        also: others.filter_map(|c| Some((c.rule.id.clone(), c.computed.due_at?))).take(6).collect(),
    }))
}

/// The same question for the command line.
fn command_line(form: &Form) -> String {
    let mut parts = vec!["vigil clock due".to_owned()];
    for (flag, name) in [
        ("line-of-business", "line_of_business"),
        ("jurisdiction", "jurisdiction"),
        ("review", "review"),
        ("urgency", "urgency"),
        ("subject", "subject"),
        ("branch", "branch"),
        ("accreditation", "accreditation"),
        ("rating-period-start", "rating_period_start"),
        ("as-of", "as_of"),
        ("zone", "zone"),
    ] {
        if let Some(value) = form.some(name) {
            parts.push(format!("--{flag} {value}"));
        }
    }
    for name in ["pa_required", "grandfathered", "uniform_form"] {
        if let Some(value) = form.some(name) {
            parts.push(format!("--{}={value}", name.replace('_', "-")));
        }
    }
    let zone = Zone::named(form.get("zone")).ok();
    for (event, at) in [("event", "at"), ("event2", "at2")] {
        let moment = zone.as_ref().and_then(|z| Some((z, local_moment(form.get(at), z)?)));
        if let Some((zone, moment)) = moment {
            parts.push(format!("--event {}={}", form.get(event), print_moment(moment, zone)));
        }
    }
    let moment = |name: &str| {
        let zone = zone.as_ref()?;
        local_moment(form.get(name), zone).map(|at| print_moment(at, zone))
    };
    if let (Some(days), Some(at)) = (form.some("extend"), moment("extend_at")) {
        parts.push(format!("--extend {days},calendar_days,{at}"));
    }
    if let Some(from) = moment("toll_from") {
        parts.push(format!("--toll {from}..{}", moment("toll_to").unwrap_or_default()));
    }
    parts.join(" ")
}
