//! `vigil clock due`: when is it due, and why, from the command line; one question, or a file of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read as _, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::json;
use vigil_domain::{
    clock::{Answer, Asked, Branch, Extend, Question, Stop, answer, print_moment, read_day, read_moment},
    law::{Flags, LawBook, Scope, Unit, Vocabulary},
    time::{Moment, Zone},
};

use crate::exit;

/// Usage error (DECISIONS 18).
const USAGE: u8 = 64;
/// Input that cannot be read.
const UNREADABLE: u8 = 65;

/// Questions about legal clocks.
#[derive(Debug, Args)]
pub struct ClockArgs {
    /// What to ask.
    #[command(subcommand)]
    pub command: ClockCommand,
}

/// What can be asked of the clocks.
#[derive(Debug, Subcommand)]
pub enum ClockCommand {
    /// When is it due, under which rule, and why.
    #[command(after_help = DUE_HELP)]
    Due(Box<DueArgs>),
}

const DUE_HELP: &str = "\
Examples:
  vigil clock due --line-of-business medicare-advantage --jurisdiction US --review prospective --urgency standard \\
    --pa-required=true --event request_received=2026-03-06T18:10:00-06:00 --zone America/Chicago
  vigil clock due --batch cases.jsonl --json                one question a line, as its own answer

Exit codes: 0 answered, 64 the question is wrong (all that is wrong is said), 65 unreadable packs or file";

/// One question in the words of the law library, or a file of questions.
#[derive(Debug, Args)]
pub struct DueArgs {
    /// Line of business, such as medicare-advantage.
    #[arg(long)]
    pub line_of_business: Option<String>,
    /// US, or a state such as US-NY (federal rules apply beside the state's).
    #[arg(long)]
    pub jurisdiction: Option<String>,
    /// Kind of review, such as prospective.
    #[arg(long)]
    pub review: Option<String>,
    /// standard or expedited.
    #[arg(long)]
    pub urgency: Option<String>,
    /// Subject, such as part-b-drug; none for ordinary items and services.
    #[arg(long)]
    pub subject: Option<String>,
    /// Ask about these rules by id instead of by scope (repeat for a set).
    #[arg(long = "rule")]
    pub rules: Vec<String>,
    /// Branch of a rule with several limits: KEY, or RULE=KEY (repeatable).
    #[arg(long)]
    pub branch: Vec<String>,
    /// Is the service under the plan's prior-authorization rules?
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub pa_required: Option<bool>,
    /// First day of the contract's rating period in which the request falls.
    #[arg(long)]
    pub rating_period_start: Option<String>,
    /// Accreditation the plan holds, such as ncqa.
    #[arg(long)]
    pub accreditation: Option<String>,
    /// Is the plan grandfathered under the Affordable Care Act?
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub grandfathered: Option<bool>,
    /// Was the state's uniform form used?
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub uniform_form: Option<bool>,
    /// An event: NAME=TIME with offset, such as request_received=2026-03-06T18:10:00-06:00 (repeatable).
    #[arg(long = "event")]
    pub events: Vec<String>,
    /// IANA zone in which days begin and end, such as America/Chicago. Required; there is no default.
    #[arg(long)]
    pub zone: Option<String>,
    /// An extension taken: AMOUNT,UNIT,NOTICE_AT, such as 14,calendar_days,2026-03-10T09:00:00-06:00.
    #[arg(long)]
    pub extend: Option<String>,
    /// A stop: FROM..TO, or FROM.. for an open one; FROM..TO..RESPOND_BY caps it (repeatable).
    #[arg(long = "toll")]
    pub tolls: Vec<String>,
    /// Choose the versions of this day instead of the day of receipt.
    #[arg(long)]
    pub as_of: Option<String>,
    /// Answer a file of questions, one JSON object a line, in the published case format; - reads standard input.
    #[arg(long)]
    pub batch: Option<PathBuf>,
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
    /// Folders of the customer's own packs, laid over the shipped ones in order.
    #[arg(long = "overlay")]
    pub overlays: Vec<PathBuf>,
}

/// Runs the command.
pub fn run(args: ClockArgs, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let ClockCommand::Due(args) = args.command;
    let folders: Vec<&std::path::Path> = args.overlays.iter().map(PathBuf::as_path).collect();
    let library = match vigil_packs::open(&folders) {
        Ok(library) => library,
        Err(issues) => {
            for issue in issues {
                let _ = writeln!(err, "{issue}");
            }
            return ExitCode::from(UNREADABLE);
        }
    };
    let done = match &args.batch {
        Some(path) => batch(&library.law, path, out, err),
        None => one(&library.law, &args, out, err),
    };
    done.unwrap_or_else(|error| exit::unwritten(&error, err))
}

/// One answer line for each question line, in order.
fn batch(book: &LawBook, path: &PathBuf, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<ExitCode> {
    let mut bytes = Vec::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().read_to_end(&mut bytes).map(|_| ()),
        false => fs::read(path).map(|read| bytes = read),
    };
    if let Err(error) = read {
        writeln!(err, "{}: {error}", path.display())?;
        return Ok(ExitCode::from(UNREADABLE));
    }
    let mut out = std::io::BufWriter::new(out);
    for line in lines(&bytes) {
        let answer = match std::str::from_utf8(line) {
            Ok(line) => vigil_packs::ask::answer_line(book, line),
            Err(_) => vigil_packs::ask::refused_line("the line is not UTF-8 text"),
        };
        writeln!(out, "{answer}")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The lines of a file: without the mark that some editors put before the first, and nothing after the last line's end.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let whole = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let some = !bytes.is_empty();
    let lines = whole.split(|byte| *byte == b'\n').take(if some { usize::MAX } else { 0 });
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn one(book: &LawBook, args: &DueArgs, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<ExitCode> {
    let question = match question(book, args) {
        Ok(question) => question,
        Err(complaints) => {
            for complaint in complaints {
                writeln!(err, "{complaint}")?;
            }
            return Ok(ExitCode::from(USAGE));
        }
    };
    let answer = answer(book, &question);
    if let Some(error) = &answer.error {
        writeln!(err, "{error}")?;
        return Ok(ExitCode::from(USAGE));
    }
    if args.json {
        writeln!(out, "{}", as_json(book, &answer, &question))?;
    } else {
        in_words(book, &answer, &question, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(book: &LawBook, answer: &Answer, question: &Question) -> serde_json::Value {
    let controlled = answer.controlled_by();
    let print = |at: Option<Moment>| at.map(|at| print_moment(at, &question.zone));
    let also: Vec<_> = answer
        .candidates
        .iter()
        .filter(|c| controlled.is_none_or(|by| by.rule.id != c.rule.id))
        .map(|c| {
            json!({
                "rule": c.rule.id,
                "due_at": print(c.computed.due_at),
                "status": c.computed.status.word(),
                "citation": c.rule.cite,
            })
        })
        .chain(answer.unsaid.iter().map(|(rule, branches)| {
            let cite = book.rule(rule).map(|r| r.cite.clone());
            json!({"rule": rule, "due_at": null, "status": "branch_not_said", "branches": branches, "citation": cite})
        }))
        .collect();
    json!({
        "status": answer.status.word(),
        "due_at": print(answer.due_at),
        "rule": controlled.map(|c| &c.rule.id),
        "controlling": answer.controlling,
        "citation": controlled.map(|c| &c.rule.cite),
        "confidence": controlled.map(|c| c.rule.confidence.word()),
        "says": controlled.map(|c| &c.rule.says),
        "on_breach": controlled.map(|c| &c.rule.breach),
        "zone": question.zone.name(),
        "steps": answer.steps(book, question),
        "also": also,
        "passed_over": answer.passed_over.iter().map(|(rule, why)| json!({"rule": rule, "why": why})).collect::<Vec<_>>(),
    })
}

fn in_words(book: &LawBook, answer: &Answer, question: &Question, out: &mut dyn Write) -> std::io::Result<()> {
    match (answer.due_at, answer.controlled_by()) {
        (Some(at), Some(by)) => {
            writeln!(out, "Due {} under {} ({})", print_moment(at, &question.zone), by.rule.id, by.rule.cite)?;
            writeln!(out, "Confidence: {}", by.rule.confidence.word())?;
        }
        _ if answer.candidates.is_empty() => {
            writeln!(out, "No due time: no rule of the library applies to this scope")?
        }
        _ => writeln!(out, "No due time: {}", answer.status.word())?,
    }
    for (number, step) in answer.steps(book, question).iter().enumerate() {
        match &step.cite {
            Some(cite) => writeln!(out, "{:>2}. {} [{cite}]", number + 1, step.says)?,
            None => writeln!(out, "{:>2}. {}", number + 1, step.says)?,
        }
    }
    Ok(())
}

/// What is wrong with a question, gathered so that one run says it all.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    /// The value, or nothing with its complaint kept.
    fn take<T>(&mut self, read: Result<T, String>) -> Option<T> {
        read.map_err(|complaint| self.0.push(complaint)).ok()
    }

    /// The values that could be read.
    fn all<T>(&mut self, read: impl Iterator<Item = Result<T, String>>) -> Vec<T> {
        read.filter_map(|one| self.take(one)).collect()
    }
}

/// The question in the words of the library; every wrong word lists the allowed ones, and all are said at once.
fn question(book: &LawBook, args: &DueArgs) -> Result<Question, Vec<String>> {
    let words = book.vocabulary();
    let mut wrong = Complaints::default();
    let zone = args.zone.as_deref().ok_or("--zone is required, as an IANA name such as America/New_York".to_owned());
    let zone = wrong.take(zone.and_then(|name| Zone::named(name).map_err(|e| e.to_string())));
    let day = |flag: &str, text: &Option<String>| match text.as_deref().map(read_day) {
        None => Ok(None),
        Some(Ok(day)) => Ok(Some(day)),
        Some(Err(why)) => Err(format!("--{flag}: {why}")),
    };
    let flags = Flags {
        pa_required: args.pa_required,
        rating_period_start: wrong.take(day("rating-period-start", &args.rating_period_start)).flatten(),
        accreditation: args.accreditation.clone(),
        grandfathered: args.grandfathered,
        uniform_form: args.uniform_form,
    };
    let asked = asked(book, args, &words, &flags, &mut wrong);
    let events = wrong.all(args.events.iter().map(|event| read_event(event, &words)));
    let twice = events.iter().find(|(name, at)| events.iter().any(|(other, when)| other == name && when != at));
    wrong.take(twice.map_or(Ok(()), |(name, _)| Err(format!("--event {name} is given twice, with two times"))));
    let branches = wrong.take(branches(book, args, &words));
    let extension = args.extend.as_deref().and_then(|text| wrong.take(read_extension(text)));
    let stops = wrong.all(args.tolls.iter().map(|toll| read_stop(toll)));
    let as_of = wrong.take(day("as-of", &args.as_of)).flatten();
    let (Some(zone), Some(asked), Some((branch, branches)), []) = (zone, asked, branches, wrong.0.as_slice()) else {
        return Err(wrong.0);
    };
    Ok(Question {
        urgency: args.urgency.clone().unwrap_or_default(),
        flags,
        branch,
        branches,
        extension,
        stops,
        as_of,
        ..Question::new(asked, events, zone)
    })
}

fn asked(book: &LawBook, args: &DueArgs, words: &Vocabulary, flags: &Flags, wrong: &mut Complaints) -> Option<Asked> {
    if !args.rules.is_empty() {
        let known = || book.rules().iter().map(|r| r.id.as_str()).collect::<Vec<_>>().join(", ");
        let ids = wrong.all(args.rules.iter().map(|id| match book.rule(id) {
            Some(_) => Ok(id.clone()),
            None => Err(format!("--rule {id:?} is unknown; one of {}", known())),
        }));
        return match ids.as_slice() {
            [] => None,
            [one] if args.rules.len() == 1 => Some(Asked::One(one.clone())),
            _ => Some(Asked::Set(ids)),
        };
    }
    let known = |name: &str, given: &Option<String>, allowed: &BTreeSet<String>| match given {
        Some(word) if allowed.contains(word) => Ok(word.clone()),
        Some(word) => Err(format!("--{name} {word:?} is unknown; one of {}", list(allowed))),
        None => Err(format!("--{name} is required; one of {}", list(allowed))),
    };
    let subject = args.subject.as_ref().map(|_| known("subject", &args.subject, &words.subjects));
    let subject = subject.and_then(|subject| wrong.take(subject));
    let line_of_business = wrong.take(known("line-of-business", &args.line_of_business, &words.lines_of_business));
    let jurisdiction = wrong.take(known("jurisdiction", &args.jurisdiction, &words.jurisdictions));
    let review = wrong.take(known("review", &args.review, &words.reviews));
    let urgency = wrong.take(known("urgency", &args.urgency, &words.urgencies));
    Some(Asked::Scope(Scope {
        line_of_business: line_of_business?,
        jurisdiction: jurisdiction?,
        review: review?,
        urgency: urgency?,
        subject,
        flags: flags.clone(),
    }))
}

fn list(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn read_event(text: &str, words: &Vocabulary) -> Result<(String, Moment), String> {
    let (name, at) = text.split_once('=').ok_or_else(|| format!("--event {text:?}: write NAME=TIME"))?;
    if !words.events.contains(name) {
        return Err(format!("--event {name:?} is unknown; one of {}", list(&words.events)));
    }
    let at = read_moment(at).map_err(|why| format!("--event {name}: {why}"))?;
    Ok((name.to_owned(), at))
}

type Branches = (Option<Branch>, BTreeMap<String, Branch>);

fn branches(book: &LawBook, args: &DueArgs, words: &Vocabulary) -> Result<Branches, String> {
    let mut named = BTreeMap::new();
    let mut all = None;
    for text in &args.branch {
        let rule = text.split_once('=').filter(|(id, _)| book.rule(id).is_some());
        let key = rule.map_or(text.as_str(), |(_, key)| key);
        let branch = Branch::read(key);
        if matches!(branch, Branch::Key(_)) && !words.branches.contains(key) {
            return Err(format!("--branch {key:?} is unknown; one of {}", list(&words.branches)));
        }
        match rule {
            Some((id, _)) => {
                named.insert(id.to_owned(), branch);
            }
            None => all = Some(branch),
        }
    }
    if let Some(branch) = &all {
        for id in args.rules.iter().filter(|_| args.rules.len() > 1) {
            named.entry(id.clone()).or_insert_with(|| branch.clone());
        }
    }
    Ok((all, named))
}

fn read_extension(text: &str) -> Result<Extend, String> {
    let parts: Vec<&str> = text.splitn(3, ',').collect();
    let [amount, unit, at] = parts.as_slice() else {
        return Err("--extend is AMOUNT,UNIT,NOTICE_AT, such as 14,calendar_days,2026-03-10T09:00:00-06:00".to_owned());
    };
    let units = Unit::WORDS.map(|(word, _)| word).join(", ");
    Ok(Extend {
        amount: amount.trim().parse().map_err(|_| format!("--extend: {amount:?} is not a whole number"))?,
        unit: Unit::named(unit.trim()).ok_or_else(|| format!("--extend: unit {unit:?} is unknown; one of {units}"))?,
        notice_at: read_moment(at.trim()).map_err(|why| format!("--extend: {why}"))?,
    })
}

fn read_stop(text: &str) -> Result<Stop, String> {
    let parts: Vec<&str> = text.split("..").collect();
    let read = |part: &str| {
        let some = (!part.is_empty()).then(|| read_moment(part));
        some.transpose().map_err(|why| format!("--toll {text:?}: {why}"))
    };
    let (start, end, by) = match parts.as_slice() {
        [start, end] => (read(start)?, read(end)?, None),
        [start, end, by] => (read(start)?, read(end)?, read(by)?),
        _ => return Err(format!("--toll {text:?}: write FROM..TO, or FROM.. for an open stop")),
    };
    let start = start.ok_or_else(|| format!("--toll {text:?}: a stop needs a start"))?;
    Stop::new(start, end, by).map_err(|why| format!("--toll {text:?}: {why}"))
}
