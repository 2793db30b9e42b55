//! Questions as JSON lines, in the case format of the published conventions, and their answers.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};
use vigil_domain::{
    clock::{
        Answer, Asked, Branch, Extend, Invalid, Question, Status, Stop, answer, print_moment, read_day, read_moment,
    },
    law::{Flags, LawBook, Unit},
    time::{Moment, Zone},
};

use crate::law::inline;

/// Why a line was refused before it could be asked.
type Refused = String;

/// One line read: its id, and the question or the reason for refusing it.
pub struct Line {
    /// The line's own id, given back with the answer.
    pub id: Value,
    /// The question.
    pub question: Result<Question, Refused>,
}

/// Reads one line.
pub fn read_line(text: &str) -> Line {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(fields)) => {
            let id = fields.get("id").cloned().unwrap_or(Value::Null);
            Line { id, question: question(&fields) }
        }
        Ok(_) => Line { id: Value::Null, question: Err("a line is one JSON object".to_owned()) },
        Err(error) => Line { id: Value::Null, question: Err(format!("not JSON: {error}")) },
    }
}

/// Answers one line with one JSON object: `id`, `status`, `due_at`, `rule`, `controlling`, and `error` or `warnings`.
pub fn answer_line(book: &LawBook, text: &str) -> Value {
    let line = read_line(text);
    let question = match line.question {
        Ok(question) => question,
        Err(error) => {
            return json!({"id": line.id, "status": "invalid", "due_at": null, "rule": null, "error": error});
        }
    };
    let answer = answer(book, &question);
    let mut out = Map::new();
    out.insert("id".to_owned(), line.id);
    out.insert("status".to_owned(), json!(answer.status.word()));
    out.insert("due_at".to_owned(), json!(answer.due_at.map(|at| print_moment(at, &question.zone))));
    out.insert("rule".to_owned(), json!(answer.controlling.first()));
    let controlling = (answer.status == Status::Due).then_some(&answer.controlling);
    out.insert("controlling".to_owned(), json!(controlling));
    if let Some(error) = &answer.error {
        out.insert("error".to_owned(), json!(error));
    }
    let warnings = unknown_events(book, &question, &answer);
    if !warnings.is_empty() {
        out.insert("warnings".to_owned(), json!(warnings));
    }
    Value::Object(out)
}

/// The answer to a line that could not even be read as text.
pub fn refused_line(error: &str) -> Value {
    json!({"id": null, "status": "invalid", "due_at": null, "rule": null, "error": error})
}

/// Event names that no rule of the library and no candidate knows: the answer stands, and the reader is told.
fn unknown_events(book: &LawBook, question: &Question, answer: &Answer) -> Vec<String> {
    let own = |name: &str| {
        answer.candidates.iter().any(|c| c.rule.deadlines.iter().any(|d| d.from == name || d.events().contains(&name)))
    };
    let names: Vec<&String> =
        question.events.iter().map(|(name, _)| name).filter(|n| *n != "request_received").collect();
    if names.is_empty() || names.iter().all(|name| own(name)) {
        return Vec::new();
    }
    let known = book.vocabulary().events;
    names
        .into_iter()
        .filter(|name| !own(name) && !known.contains(*name))
        .map(|name| format!("no rule knows the event {name:?}"))
        .collect()
}

fn question(fields: &Map<String, Value>) -> Result<Question, Refused> {
    let zone = text(fields, "zone")?.ok_or("zone is required, as an IANA name such as America/New_York")?;
    let zone = Zone::named(zone).map_err(|e| e.to_string())?;
    let empty = Map::new();
    let scope = object(fields, "scope")?.unwrap_or(&empty);
    let flags = object(scope, "flags")?.unwrap_or(&empty);
    let mut question = Question::new(asked(fields)?, events(fields)?, zone);
    question.urgency = text(scope, "urgency")?.unwrap_or_default().to_owned();
    question.branch = scope.get("branch").filter(|v| !v.is_null()).map(branch).transpose()?;
    question.branches = match object(scope, "branches")? {
        None => BTreeMap::new(),
        Some(named) => named
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(id, value)| Ok((id.clone(), branch(value)?)))
            .collect::<Result<_, Refused>>()?,
    };
    question.flags = read_flags(flags)?;
    question.extension = object(fields, "extend")?.map(extend).transpose()?;
    question.stops = stops(fields)?;
    Ok(question)
}

fn asked(fields: &Map<String, Value>) -> Result<Asked, Refused> {
    let given = |name: &str| fields.get(name).filter(|v| !v.is_null());
    match (given("rule"), given("rules"), given("inline_rule")) {
        (_, _, Some(rule)) => Ok(Asked::Inline(Arc::new(inline::rule(rule)?))),
        (Some(Value::String(id)), None, None) => Ok(Asked::One(id.clone())),
        (None, Some(Value::Array(ids)), None) => ids
            .iter()
            .map(|id| id.as_str().map(str::to_owned).ok_or_else(|| "rules is a list of rule ids".to_owned()))
            .collect::<Result<_, _>>()
            .map(Asked::Set),
        (None, None, None) => Err(Invalid::NoRule.to_string()),
        _ => Err("name either one rule or a list of rules".to_owned()),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refused> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{name} is a text")),
    }
}

fn object<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Map<String, Value>>, Refused> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(format!("{name} is an object")),
    }
}

fn moment(value: &Value, what: &str) -> Result<Moment, Refused> {
    let read = value.as_str().ok_or(Invalid::OffsetRequired).and_then(read_moment);
    read.map_err(|why| format!("{what}: {why}"))
}

fn events(fields: &Map<String, Value>) -> Result<Vec<(String, Moment)>, Refused> {
    let given = object(fields, "events")?.into_iter().flatten();
    given.filter(|(_, at)| !at.is_null()).map(|(name, at)| Ok((name.clone(), moment(at, name)?))).collect()
}

/// A branch: its key, or its zero-based place. A place below zero is out of every rule's range, like one above it: the
/// rule says so, if it is asked at all.
fn branch(value: &Value) -> Result<Branch, Refused> {
    match value {
        Value::String(key) => Ok(Branch::Key(key.clone())),
        Value::Number(at) if at.is_i64() || at.is_u64() => {
            let place = at.as_u64().and_then(|at| usize::try_from(at).ok());
            Ok(Branch::Index(place.unwrap_or(usize::MAX)))
        }
        _ => Err("a branch is a key or a place counted from 0".to_owned()),
    }
}

fn read_flags(given: &Map<String, Value>) -> Result<Flags, Refused> {
    let yes_no = |name: &str| match given.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(stated)) => Ok(Some(*stated)),
        Some(_) => Err(format!("flags.{name} is true or false")),
    };
    let rating = text(given, "rating_period_start")?;
    Ok(Flags {
        pa_required: yes_no("pa_required")?,
        rating_period_start: rating.map(read_day).transpose().map_err(|why| format!("rating_period_start: {why}"))?,
        accreditation: text(given, "accreditation")?.map(str::to_owned),
        grandfathered: yes_no("grandfathered")?,
        uniform_form: yes_no("uniform_form")?,
    })
}

fn extend(given: &Map<String, Value>) -> Result<Extend, Refused> {
    let amount = given.get("amount").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let unit = text(given, "unit")?.and_then(Unit::named);
    Ok(Extend {
        amount: amount.ok_or("extend.amount is a whole number, not negative")?,
        unit: unit.ok_or_else(|| Invalid::ExtensionUnit.to_string())?,
        notice_at: moment(given.get("notice_at").unwrap_or(&Value::Null), "extend.notice_at")?,
    })
}

fn stops(fields: &Map<String, Value>) -> Result<Vec<Stop>, Refused> {
    let list = match fields.get("toll") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err("toll is a list of stops".to_owned()),
    };
    list.iter()
        .map(|stop| {
            let read = |name: &str| {
                stop.get(name).filter(|v| !v.is_null()).map(|v| moment(v, &format!("toll.{name}"))).transpose()
            };
            let start = read("start")?.ok_or("toll.start is required")?;
            Stop::new(start, read("end")?, read("respond_by")?).map_err(|why| why.to_string())
        })
        .collect()
}
