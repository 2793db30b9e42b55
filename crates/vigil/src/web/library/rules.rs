//! The law: a list to search, and a page a rule with its meaning, source, versions, limits and worked examples.

use std::sync::LazyLock;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use vigil_domain::{
    case::reach::not_in_a_case,
    clock::read_moment,
    law::{Basis, Combine, Confidence, Deadline, Direction, Rule, Unit},
    time::{Day, Zone},
};
use vigil_packs::{law, shelf::Shelf, table};

use crate::{
    access::{Permission, SignedIn},
    app::App,
    web::{
        case::clocks::standing,
        error::PageError,
        form::{Form, encode},
        frame::{Frame, Tab, render},
        words,
        zones::Zones,
    },
};

/// One rule in the list.
#[derive(Debug, Clone)]
struct RuleRow {
    id: String,
    says: String,
    cite: String,
    jurisdiction: String,
    limit: String,
    standing: &'static str,
    verify: bool,
}

/// A choice of a filter.
#[derive(Debug, Clone)]
struct Choice {
    word: String,
    title: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "library/rules.html")]
struct RulesPage {
    frame: Frame,
    rows: Vec<RuleRow>,
    whole: usize,
    lines: Vec<Choice>,
    jurisdictions: Vec<Choice>,
    standings: Vec<Choice>,
    text: String,
}

/// A version of the family.
#[derive(Debug, Clone)]
struct Version {
    id: String,
    from: String,
    to: String,
    standing: &'static str,
    here: bool,
}

/// A worked example.
#[derive(Debug, Clone)]
struct Example {
    name: String,
    given: String,
    zone: String,
    expected: String,
}

#[derive(Template)]
#[template(path = "library/rule.html")]
struct RulePage {
    frame: Frame,
    rule: std::sync::Arc<Rule>,
    family: String,
    standing: &'static str,
    verify: bool,
    limits: Vec<String>,
    applies: Vec<(&'static str, String)>,
    versions: Vec<Version>,
    conflicts: Vec<(String, String)>,
    tolling: String,
    extension: String,
    breach: String,
    examples: Vec<Example>,
    effective: String,
    read_on: String,
    second_read: String,
    place: String,
    /// The what-if form filled with the rule's own words; none for a rule that reaches nobody.
    what_if: Option<String>,
}

/// Lines of business that have a name of their own on pages.
fn line_title(word: &str) -> String {
    vigil_domain::party::LineOfBusiness::read(word).title().to_owned()
}

/// `GET /library`.
///
/// # Errors
/// No permission, or a fault.
pub async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::ReadLibrary)?;
    let form = Form::new(query);
    let book = &app.desk.library.law;
    let today = Zones::of(&app, &who.tenant)?.first().day(app.desk.time.now());
    let rows: Vec<RuleRow> = book
        .rules()
        .iter()
        .filter(|rule| fits(rule, &form, today))
        .map(|rule| RuleRow {
            id: rule.id.clone(),
            says: words::dated(&rule.says),
            cite: rule.cite.clone(),
            jurisdiction: words::place(&rule.jurisdiction),
            limit: rule.deadlines.iter().filter_map(short).collect::<Vec<_>>().join(", "),
            standing: standing(rule, today),
            verify: rule.confidence == Confidence::FromKnowledgeVerify,
        })
        .collect();
    let vocabulary = book.vocabulary();
    let choices = |words: Vec<(String, String)>, name: &str| -> Vec<Choice> {
        let chosen = form.get(name);
        words.into_iter().map(|(word, title)| Choice { chosen: word == chosen, word, title }).collect()
    };
    let standings = ["in force", "not yet in force", "no longer in force", "proposed"];
    Ok(render(&RulesPage {
        frame: who.frame("Library", Tab::Library),
        whole: book.rules().len(),
        rows,
        lines: choices(vocabulary.lines_of_business.iter().map(|w| (w.clone(), line_title(w))).collect(), "line"),
        jurisdictions: choices(
            vocabulary.jurisdictions.iter().map(|w| (w.clone(), words::place(w))).collect(),
            "jurisdiction",
        ),
        standings: choices(standings.iter().map(|w| ((*w).to_owned(), words::capital(w))).collect(), "standing"),
        text: form.get("q").to_owned(),
    }))
}

fn fits(rule: &Rule, form: &Form, today: Day) -> bool {
    let asked = |name: &str, holds: &dyn Fn(&str) -> bool| form.some(name).is_none_or(|word| holds(&word));
    let text = form.get("q").to_lowercase();
    let whole =
        || format!("{} {} {} {}", rule.id, rule.says, rule.cite, rule.notes.as_deref().unwrap_or("")).to_lowercase();
    asked("line", &|word| rule.scope.lines_of_business.iter().any(|l| l == word))
        && asked("jurisdiction", &|word| rule.jurisdiction == word)
        && asked("standing", &|word| standing(rule, today) == word)
        && (text.is_empty() || text.split_whitespace().all(|part| whole().contains(part)))
}

fn short(deadline: &Deadline) -> Option<String> {
    deadline.numeric().map(|(amount, unit)| unit.spoken(amount))
}

/// `GET /library/rule/{id}`.
///
/// # Errors
/// No permission, no such rule, or a fault.
pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<String>) -> Result<Response, PageError> {
    who.require(Permission::ReadLibrary)?;
    let book = &app.desk.library.law;
    let rule = book.rule(&id).ok_or(PageError::NotFound)?.clone();
    let today = Zones::of(&app, &who.tenant)?.first().day(app.desk.time.now());
    let family = book.family(&rule.family);
    let versions = family.map(|f| f.versions.iter().map(|v| version(v, &rule.id, today)).collect()).unwrap_or_default();
    let conflicts = family.map(|f| f.conflicts.iter().map(|c| (c.with.clone(), c.says.clone())).collect());
    Ok(render(&RulePage {
        frame: who.frame(rule.id.clone(), Tab::Library),
        family: family.map(|f| f.title.clone()).unwrap_or_default(),
        standing: standing(&rule, today),
        verify: rule.confidence == Confidence::FromKnowledgeVerify,
        limits: rule.deadlines.iter().map(|deadline| limit(&rule, deadline)).collect(),
        applies: applies(&rule),
        versions,
        conflicts: conflicts.unwrap_or_default(),
        tolling: rule.tolling.says.clone().unwrap_or_else(|| match rule.tolling.stops {
            vigil_domain::law::Stops::Never => "Nothing stops this clock.".to_owned(),
            vigil_domain::law::Stops::Always => "Waiting for information stops this clock.".to_owned(),
            vigil_domain::law::Stops::WithExtension => "Waiting counts once an extension has been taken.".to_owned(),
        }),
        extension: extension(&rule),
        breach: match &rule.breach.detail {
            Some(detail) => format!("{} {detail}", rule.breach.effect.says()),
            None => rule.breach.effect.says().to_owned(),
        },
        examples: EXAMPLES.iter().filter(|(of, _)| *of == rule.id).map(|(_, e)| e.clone()).collect(),
        effective: effective(&rule),
        read_on: words::day_or(rule.read_on, ""),
        second_read: words::day_or(rule.verification.as_ref().map(|v| v.read), ""),
        what_if: what_if(&rule),
        place: words::place(&rule.jurisdiction),
        rule,
    }))
}

/// The what-if form, filled with what the rule says of itself. Proposed law reaches nobody, so there is nothing to ask.
fn what_if(rule: &Rule) -> Option<String> {
    let (line, review) = (rule.scope.lines_of_business.first()?, rule.scope.reviews.first()?);
    let urgency = if rule.scope.urgency == "any" { "standard" } else { &rule.scope.urgency };
    let first = rule.deadlines.iter().find(|d| d.numeric().is_some());
    let event = first.map_or("", |d| d.events().first().copied().unwrap_or(&d.from));
    let branch = first.and_then(|d| d.key.as_deref()).filter(|_| rule.combine.needs_branch()).unwrap_or_default();
    let pairs = [
        ("line_of_business", line.as_str()),
        ("jurisdiction", &rule.jurisdiction),
        ("review", review),
        ("urgency", urgency),
        ("subject", rule.scope.subject.as_deref().unwrap_or_default()),
        ("event", event),
        ("branch", branch),
        ("accreditation", rule.scope.requires.accreditation.as_deref().unwrap_or_default()),
    ];
    let filled = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> = filled.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    Some(format!("/library/what-if?{}", query.join("&")))
}

fn version(version: &Rule, here: &str, today: Day) -> Version {
    Version {
        id: version.id.clone(),
        from: words::day_or(version.effective.from, "open"),
        to: words::day_or(version.effective.to, "open"),
        standing: standing(version, today),
        here: version.id == here,
    }
}

fn effective(rule: &Rule) -> String {
    let days =
        format!("{} to {}", words::day_or(rule.effective.from, "open"), words::day_or(rule.effective.to, "open"));
    let basis = match rule.effective.basis {
        Basis::CalendarDay => "tested against the day of receipt",
        Basis::RatingPeriodStart => "tested against the first day of the contract's rating period",
        Basis::Proposed => "proposed: shown, never applied",
    };
    let stated = rule.effective.stated.as_deref().or(rule.effective.note.as_deref()).unwrap_or("");
    format!("{days}, {basis}. {stated}").trim().to_owned()
}

/// A limit in words.
fn limit(rule: &Rule, deadline: &Deadline) -> String {
    let key = deadline.key.as_deref().map(|k| format!("{}: ", words::capital(&words::plain(k)))).unwrap_or_default();
    let note = deadline.note.as_deref().map(|n| format!(" ({n})")).unwrap_or_default();
    let what = match deadline.numeric() {
        Some((amount, unit)) => {
            let ahead = deadline.direction == Direction::Before || rule.combine == Combine::MinimumNotice;
            let way = if ahead { "before" } else { "from" };
            let event = words::plain(&deadline.from);
            format!("{} {way} {}", unit.spoken(amount), event.strip_prefix("before ").unwrap_or(&event))
        }
        None => words::plain(&deadline.from),
    };
    format!("{key}{what}{note}")
}

fn extension(rule: &Rule) -> String {
    match &rule.extension {
        Some(allowed) if allowed.unit != Unit::None && allowed.max_count != Some(0) => {
            let most = allowed
                .amount
                .map_or_else(|| "no maximum named".to_owned(), |n| format!("up to {}", allowed.unit.spoken(n)));
            let says: Vec<String> = allowed.choices().iter().map(|c| c.says.trim_end_matches('.').to_owned()).collect();
            let when =
                if says.is_empty() { String::new() } else { format!("One of these holds: {}.", says.join("; or ")) };
            let notice = allowed.notice.as_deref().map(|n| format!(" Notice: {n}")).unwrap_or_default();
            format!("{}. {when}{notice}", words::capital(&most))
        }
        _ => "None allowed.".to_owned(),
    }
}

fn applies(rule: &Rule) -> Vec<(&'static str, String)> {
    let scope = &rule.scope;
    let mut rows = vec![
        ("Lines of business", scope.lines_of_business.iter().map(|l| line_title(l)).collect::<Vec<_>>().join(", ")),
        ("Review", scope.reviews.iter().map(|r| words::plain(r)).collect::<Vec<_>>().join(", ")),
        ("Urgency", scope.urgency.clone()),
    ];
    if let Some(subject) = &scope.subject {
        rows.push(("Subject", words::plain(subject)));
    }
    if let Some(when) = &rule.stated.applies_when {
        rows.push(("When", when.clone()));
    }
    if let Some(other) = &rule.tightens {
        rows.push(("Tightens", other.clone()));
    }
    if let Some(notice) = &rule.notice {
        let said = |what: &str, words: &Option<String>| words.as_ref().map(|words| format!("{what}: {words}"));
        let after = notice.written_after_oral.map(|a| format!("letter after a call: {}", a.unit.spoken(a.amount)));
        let parts = [said("to", &notice.to), said("spoken", &notice.oral), said("written", &notice.written), after];
        rows.push(("Notice", parts.into_iter().flatten().collect::<Vec<_>>().join("; ")));
        rows.extend(notice.tells.iter().map(|telling| ("Clock of telling", telling.says())));
    }
    let asks = rule.info_request.iter().flatten().map(|(what, says)| format!("{}: {says}", words::plain(what)));
    let asks = asks.collect::<Vec<_>>().join("; ");
    if !asks.is_empty() {
        rows.push(("If information is missing", asks));
    }
    rows.extend(rule.exceptions.iter().map(|e| {
        let ahead = match e.amount {
            0 => "by the day itself".to_owned(),
            amount => format!("{} ahead", e.unit.spoken(amount)),
        };
        ("Exception", format!("{} Then {ahead}. {} ({})", e.says, e.cite, e.confidence.word()))
    }));
    if let Some(limits) = &rule.incomplete {
        let says = format!(
            "told what is missing within {} hours of receipt, then at least {} hours to answer and {} hours to decide; runs in the case",
            limits.ask_within_hours, limits.answer_at_least_hours, limits.decide_within_hours
        );
        rows.push(("If the request is incomplete", says));
    }
    let starts = not_in_a_case(rule)
        .map_or_else(|| "a case starts this clock".to_owned(), |why| format!("no case starts it: {why}"));
    rows.push(("In a case", starts));
    if let Some(words) = &rule.prose_only {
        rows.push(("In words only", words.clone()));
    }
    if let Some(notes) = &rule.notes {
        rows.push(("Notes", notes.clone()));
    }
    rows
}

/// The worked examples that come with the packs, run once; a row that the engine answers otherwise would have failed the
/// packs' own check.
static EXAMPLES: LazyLock<Vec<(String, Example)>> = LazyLock::new(|| {
    let Ok(shelf) = Shelf::read(&[]) else { return Vec::new() };
    let mut issues = Vec::new();
    let read = law::read(&shelf, &mut issues);
    table::run(&shelf, &read, &mut issues)
        .into_iter()
        .map(|row| {
            let zone = Zone::named(&row.zone).ok();
            let given = row.given.iter().map(|event| match event.split_once(' ') {
                Some((at, name)) => format!("{}: {}", words::plain(name), to_the_second(at, zone.as_ref())),
                None => event.clone(),
            });
            let given = given.collect::<Vec<_>>().join("; ");
            let expected = to_the_second(&row.expected, zone.as_ref());
            (row.rule, Example { name: row.name, given, zone: row.zone, expected })
        })
        .collect()
});

/// A stamp as people read it, to the second, for examples stand one second apart; another word in plain letters.
fn to_the_second(text: &str, zone: Option<&Zone>) -> String {
    match (read_moment(text), zone) {
        (Ok(at), Some(zone)) => zone.at(at).strftime("%b %-d, %Y, %-I:%M:%S %p %Z").to_string(),
        _ => words::plain(text),
    }
}
