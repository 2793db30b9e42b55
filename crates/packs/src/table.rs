//! Runs the worked examples (`*.cases.toml`) beside the law: every row is a question with its answer worked by hand.

use serde::Deserialize;
use toml::Spanned;
use vigil_domain::{
    clock::{Answer, Asked, Branch, Computed, Extend, Question, Status, Stop, answer, print_moment, read_moment},
    law::{Flags, LawBook, Unit},
    time::{Day, Moment, Zone},
};

use crate::{
    issue::{PackIssue, line_of},
    law::LawRead,
    shelf::{PackFile, Shelf},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileToml {
    #[serde(default)]
    case: Vec<CaseToml>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseToml {
    name: Spanned<String>,
    rule: String,
    zone: String,
    given: Vec<String>,
    branch: Option<toml::Value>,
    #[serde(default)]
    urgency: String,
    #[serde(default)]
    flags: FlagsToml,
    extend: Option<ExtendToml>,
    #[serde(default)]
    toll: Vec<StopToml>,
    due: Option<String>,
    status: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct FlagsToml {
    pa_required: Option<bool>,
    rating_period_start: Option<toml::value::Datetime>,
    accreditation: Option<String>,
    grandfathered: Option<bool>,
    uniform_form: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtendToml {
    amount: u32,
    unit: String,
    notice_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StopToml {
    start: String,
    end: Option<String>,
    respond_by: Option<String>,
}

/// One row as it ran.
#[derive(Debug, Clone)]
pub struct Row {
    /// The sentence that names it.
    pub name: String,
    /// The rule it shows.
    pub rule: String,
    /// File of the row.
    pub file: String,
    /// Line of the row.
    pub line: usize,
    /// The local day by which the version is chosen.
    pub received_on: Option<Day>,
    /// Facts stated.
    pub flags: Flags,
    /// What the engine found; none when it refused the question.
    pub computed: Option<Computed>,
    /// Stops were given.
    pub has_stops: bool,
    /// The zone it is worked in.
    pub zone: String,
    /// The events, as time, space, name.
    pub given: Vec<String>,
    /// The due time or the status, worked by hand.
    pub expected: String,
}

/// Runs every row of the shelf; rows that differ from their hand-worked answer become issues. A rule that an overlay has
/// replaced is shown by the overlay's rows, not by those of the rule it took the place of.
pub fn run(shelf: &Shelf, law: &LawRead, issues: &mut Vec<PackIssue>) -> Vec<Row> {
    shelf.under("law/", ".cases.toml").flat_map(|file| run_file(file, law, issues)).collect()
}

fn run_file(file: &PackFile, law: &LawRead, issues: &mut Vec<PackIssue>) -> Vec<Row> {
    let read: FileToml = match toml::from_str(&file.text) {
        Ok(read) => read,
        Err(error) => {
            let line = error.span().map_or(0, |span| line_of(&file.text, span.start));
            issues.push(PackIssue::new(&file.path, line, error.message()));
            return Vec::new();
        }
    };
    let mut rows = Vec::with_capacity(read.case.len());
    let mut lines = Lines::new(&file.text);
    for case in read.case {
        if law.places.get(&case.rule).is_some_and(|place| place.layer > file.layer) {
            continue;
        }
        let line = lines.at(case.name.span().start);
        match run_case(case, &law.book) {
            Ok((mut row, complaint)) => {
                if let Some(complaint) = complaint {
                    issues.push(PackIssue::new(&file.path, line, format!("{}: {complaint}", row.name)));
                }
                row.file.clone_from(&file.path);
                row.line = line;
                rows.push(row);
            }
            Err(message) => issues.push(PackIssue::new(&file.path, line, message)),
        }
    }
    rows
}

/// Counts lines forward, so that a long file is read once.
struct Lines<'a> {
    text: &'a str,
    offset: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, offset: 0, line: 1 }
    }

    fn at(&mut self, offset: usize) -> usize {
        let between = self.text.as_bytes().get(self.offset..offset).unwrap_or_default();
        self.line += between.iter().filter(|b| **b == b'\n').count();
        self.offset = offset.max(self.offset);
        self.line
    }
}

fn run_case(case: CaseToml, book: &LawBook) -> Result<(Row, Option<String>), String> {
    let (due, status) = (case.due.clone(), case.status.clone());
    let name = case.name.get_ref().clone();
    let has_stops = !case.toll.is_empty();
    let rule = case.rule.clone();
    let (zone, given) = (case.zone.clone(), case.given.clone());
    let question = question(case)?;
    let answer = answer(book, &question);
    let found = shown(&answer, &question);
    let wanted = match (&due, &status) {
        (Some(due), None) => due.clone(),
        (None, Some(status)) => status.clone(),
        _ => return Err("a row says either due or status".to_owned()),
    };
    let known = due.is_some()
        || [Status::NotStarted, Status::NotInForce, Status::NoClock, Status::Tolled, Status::Invalid]
            .iter()
            .any(|s| s.word() == wanted);
    if !known {
        return Err(format!("unknown status {wanted:?}"));
    }
    let complaint = (found != wanted).then(|| format!("by hand {wanted}, by the engine {found}"));
    let received_on = question.events.iter().find(|(n, _)| n == "request_received").or(question.events.first());
    let row = Row {
        name,
        rule,
        file: String::new(),
        line: 0,
        received_on: received_on.map(|(_, at)| question.zone.day(*at)),
        computed: answer.candidates.first().map(|c| c.computed),
        flags: question.flags,
        has_stops,
        zone,
        given,
        expected: wanted,
    };
    Ok((row, complaint))
}

fn shown(answer: &Answer, question: &Question) -> String {
    match answer.due_at {
        Some(at) => print_moment(at, &question.zone),
        None => answer.status.word().to_owned(),
    }
}

fn question(case: CaseToml) -> Result<Question, String> {
    let zone = Zone::named(&case.zone).map_err(|e| e.to_string())?;
    let events = case.given.iter().map(|event| event_of(event)).collect::<Result<_, _>>()?;
    let mut question = Question::new(Asked::One(case.rule), events, zone);
    question.branch = match case.branch {
        None => None,
        Some(toml::Value::Integer(at)) => Some(Branch::Index(usize::try_from(at).map_err(|_| "branch counts from 0")?)),
        Some(toml::Value::String(key)) => Some(Branch::Key(key)),
        Some(_) => return Err("branch is a key or a place counted from 0".to_owned()),
    };
    question.urgency = case.urgency;
    let rating = case.flags.rating_period_start.map(|d| d.to_string().parse()).transpose();
    question.flags = Flags {
        pa_required: case.flags.pa_required,
        rating_period_start: rating.map_err(|_| "rating_period_start is a date")?,
        accreditation: case.flags.accreditation,
        grandfathered: case.flags.grandfathered,
        uniform_form: case.flags.uniform_form,
    };
    question.extension = case.extend.map(extend).transpose()?;
    question.stops = case.toll.iter().map(stop).collect::<Result<_, _>>()?;
    Ok(question)
}

fn moment(text: &str) -> Result<Moment, String> {
    read_moment(text).map_err(|why| format!("{text:?}: {why}"))
}

/// `2026-03-06T18:10:00-06:00 request_received`.
fn event_of(text: &str) -> Result<(String, Moment), String> {
    let (at, name) = text.split_once(' ').ok_or("an event is written as time, space, name")?;
    Ok((name.to_owned(), moment(at)?))
}

fn extend(read: ExtendToml) -> Result<Extend, String> {
    let unit = Unit::named(&read.unit).ok_or_else(|| format!("unknown unit {:?}", read.unit))?;
    Ok(Extend { amount: read.amount, unit, notice_at: moment(&read.notice_at)? })
}

fn stop(read: &StopToml) -> Result<Stop, String> {
    let end = read.end.as_deref().map(moment).transpose()?;
    let by = read.respond_by.as_deref().map(moment).transpose()?;
    Stop::new(moment(&read.start)?, end, by).map_err(|why| why.to_string())
}
