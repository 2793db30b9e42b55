//! `vigil status`: what status do these facts support, may this procedure go on, and the inpatient-only list.

mod list;
mod words;

use std::{fs, io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use vigil_domain::{
    library::Library,
    time::{Moment, Zone},
};
use vigil_packs::status::ask;

use crate::exit;

/// Usage error (DECISIONS 18).
const USAGE: u8 = 64;
/// Input that cannot be read.
const UNREADABLE: u8 = 65;

/// Questions about hospital status.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// What to ask.
    #[command(subcommand)]
    pub command: StatusCommand,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum StatusCommand {
    /// What status do the facts support: basis, what would change it, what to document, when to look again
    #[command(after_help = DECIDE_HELP)]
    Decide(Box<DecideArgs>),
    /// Walk a guided procedure or a notice window on a file of facts
    #[command(after_help = PROCEDURE_HELP)]
    Procedure(ProcedureArgs),
    /// Turn a published inpatient-only list (CSV) into a pack of an overlay folder
    #[command(after_help = list::HELP)]
    List(list::ListArgs),
}

const DECIDE_HELP: &str = "\
Example:
  vigil status decide --payer original-medicare --zone America/New_York --first-care '2026-11-17 22:00'
    --order '2026-11-18 01:00' --expect '1@2026-11-18 02:00' --need yes --now '2026-11-18 03:00'
Times without an offset are local in --zone. Nothing here denies or changes anything.
Exit codes: 0 answered, 64 wrong usage, 65 unreadable facts.";

const PROCEDURE_HELP: &str = "\
Example:
  vigil status procedure condition-code-44 --facts facts.json --json
The facts are one JSON object; times without an offset are local in the zone that the facts name.
vigil status procedure help lists the procedures.
Exit codes: 0 answered (a refusal is an answer), 64 wrong usage, 65 unreadable facts.";

/// One stay, as flags or as a file; flags are laid over the file.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// The facts as a JSON file; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// Line of business of the first payer, such as original-medicare
    #[arg(long)]
    pub payer: Option<String>,
    /// The payer's id, for its own guideline
    #[arg(long)]
    pub payer_id: Option<String>,
    /// Does the patient have Part B? yes or no
    #[arg(long)]
    pub part_b: Option<String>,
    /// The facility's zone, such as America/New_York. There is no default
    #[arg(long)]
    pub zone: Option<String>,
    /// The facility's jurisdiction, such as US-NY
    #[arg(long)]
    pub jurisdiction: Option<String>,
    /// acute, critical-access, ltch, psychiatric or irf
    #[arg(long)]
    pub facility: Option<String>,
    /// When the patient arrived (starts no clock of the benchmark)
    #[arg(long)]
    pub arrived: Option<String>,
    /// When hospital care began, after triage
    #[arg(long)]
    pub first_care: Option<String>,
    /// When care began at the sending hospital
    #[arg(long)]
    pub transfer: Option<String>,
    /// The order to admit: when it was written; taken as signed then unless --signed says otherwise
    #[arg(long)]
    pub order: Option<String>,
    /// When the order was signed, or no
    #[arg(long)]
    pub signed: Option<String>,
    /// Observation: FROM or FROM..TO (repeatable)
    #[arg(long = "observation")]
    pub observation: Vec<String>,
    /// A leave of absence: FROM or FROM..TO (repeatable)
    #[arg(long = "leave")]
    pub leave: Vec<String>,
    /// Time kept for convenience: FROM..TO or FROM..TO=WHY (repeatable)
    #[arg(long = "delay")]
    pub delays: Vec<String>,
    /// The written expectation: MIDNIGHTS@WHEN, the midnights after that time
    #[arg(long)]
    pub expect: Option<String>,
    /// Does the record show a need that only a hospital can meet? yes or no
    #[arg(long)]
    pub need: Option<String>,
    /// A factor of a case-by-case exception, as written (repeatable)
    #[arg(long = "exception")]
    pub exception: Vec<String>,
    /// A procedure: CODE@DAY (repeatable)
    #[arg(long = "procedure")]
    pub procedures: Vec<String>,
    /// When the patient left: WHEN or WHEN,HOW (home, death, transfer, against-advice, hospice, post-acute)
    #[arg(long)]
    pub discharge: Option<String>,
    /// The record shows improvement that nobody could expect
    #[arg(long)]
    pub rapid_improvement: bool,
    /// When discharge is planned
    #[arg(long)]
    pub expected_discharge: Option<String>,
    /// As of when; now, when absent
    #[arg(long)]
    pub now: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// One procedure on a file of facts.
#[derive(Debug, Args)]
pub struct ProcedureArgs {
    /// Which procedure or notice; help lists them
    pub name: String,
    /// The facts as a JSON file; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// As of when; now, when absent
    #[arg(long)]
    pub now: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Why a line was not answered: the exit code and a sentence.
type Wrong = (u8, String);

/// Runs the command. `clock` is the moment to judge as of, when the line names none.
pub fn run(args: StatusArgs, library: &Library, clock: Moment, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let done = match args.command {
        StatusCommand::Decide(args) => decide(&args, library, clock, out),
        StatusCommand::Procedure(args) => procedure(&args, library, clock, out),
        StatusCommand::List(args) => list::run(&args, out),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, says)) => {
            let _ = writeln!(err, "{says}");
            ExitCode::from(code)
        }
    }
}

fn wrote(done: std::io::Result<()>) -> Result<(), Wrong> {
    match done {
        Err(error) if exit::has_enough(&error) => Ok(()),
        done => done.map_err(|error| (exit::FAILURE, exit::cannot_write(&error))),
    }
}

fn decide(args: &DecideArgs, library: &Library, clock: Moment, out: &mut dyn Write) -> Result<(), Wrong> {
    let mut facts = match &args.facts {
        Some(path) => read_facts(path)?,
        None => json!({}),
    };
    lay_flags(args, &mut facts).map_err(|says| (USAGE, says))?;
    let zone = zone_of(&facts)?;
    let now = moment(args.now.as_deref(), &zone, clock)?;
    let answer = ask::answer("status", &facts, &library.status, now).map_err(|says| (UNREADABLE, says))?;
    if args.json {
        return wrote(writeln!(out, "{answer}"));
    }
    wrote(words::status(&answer, &library.status, &zone, out))
}

fn procedure(args: &ProcedureArgs, library: &Library, clock: Moment, out: &mut dyn Write) -> Result<(), Wrong> {
    if args.name == "help" {
        for (name, says) in ask::QUESTIONS {
            wrote(writeln!(out, "{name:<30} {says}"))?;
        }
        return Ok(());
    }
    if !ask::QUESTIONS.iter().any(|(name, _)| *name == args.name) {
        let known: Vec<&str> = ask::QUESTIONS.iter().map(|(name, _)| *name).collect();
        return Err((USAGE, format!("no procedure {:?}; one of {}", args.name, known.join(", "))));
    }
    let path = args.facts.as_ref().ok_or((USAGE, "--facts FILE is needed".to_owned()))?;
    let facts = read_facts(path)?;
    let zone = ask::zone_of(&facts).or_else(|| Zone::named("UTC").ok()).ok_or((USAGE, "no zone".to_owned()))?;
    let now = moment(args.now.as_deref(), &zone, clock)?;
    let answer = ask::answer(&args.name, &facts, &library.status, now).map_err(|says| (UNREADABLE, says))?;
    if args.json {
        return wrote(writeln!(out, "{answer}"));
    }
    wrote(words::any(&answer, &library.status, &zone, out))
}

fn read_facts(path: &PathBuf) -> Result<Value, Wrong> {
    let text =
        if path.as_os_str() == "-" { std::io::read_to_string(std::io::stdin()) } else { fs::read_to_string(path) };
    let text = text.map_err(|error| (UNREADABLE, format!("{}: {error}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| (UNREADABLE, format!("{}: {error}", path.display())))
}

fn zone_of(facts: &Value) -> Result<Zone, Wrong> {
    let named = facts.get("zone").and_then(Value::as_str);
    let named = named.ok_or((USAGE, "--zone is required, as an IANA name such as America/New_York".to_owned()))?;
    Zone::named(named).map_err(|error| (USAGE, error.to_string()))
}

/// A time with an offset, or local in the zone.
fn moment(text: Option<&str>, zone: &Zone, clock: Moment) -> Result<Moment, Wrong> {
    let Some(text) = text else { return Ok(clock) };
    let found = text.parse().ok().or_else(|| ask::local(text, zone));
    found.ok_or_else(|| (USAGE, format!("--now {text:?}: write 2026-11-18 03:00, or with an offset")))
}

/// Lays the flags over the facts of the file.
fn lay_flags(args: &DecideArgs, facts: &mut Value) -> Result<(), String> {
    let Value::Object(fields) = facts else { return Err("the facts are one JSON object".to_owned()) };
    let plain = [
        ("zone", &args.zone),
        ("jurisdiction", &args.jurisdiction),
        ("facility", &args.facility),
        ("arrived_at", &args.arrived),
        ("first_care_at", &args.first_care),
        ("expected_discharge_at", &args.expected_discharge),
    ];
    for (name, value) in plain {
        if let Some(value) = value {
            fields.insert(name.to_owned(), json!(value));
        }
    }
    lay_payer(args, fields)?;
    if let Some(at) = &args.transfer {
        fields.insert("transfer".to_owned(), json!({"care_began_at": at}));
    }
    if let Some(at) = &args.order {
        let signed = match args.signed.as_deref() {
            Some("no") => Value::Null,
            Some(signed) => json!(signed),
            None => json!(at),
        };
        fields.insert("order".to_owned(), json!({"at": at, "entered_at": at, "signed_at": signed}));
    }
    if let Some(need) = &args.need {
        fields.insert("hospital_need".to_owned(), json!(yes(need)?));
    }
    lay_times(args, fields)?;
    if let Some(text) = &args.expect {
        let (count, at) = text.split_once('@').ok_or("--expect is MIDNIGHTS@WHEN")?;
        let count: u32 = count.parse().map_err(|_| format!("--expect {count:?}: a whole number of midnights"))?;
        fields.insert("expectation".to_owned(), json!({"further_midnights": count, "documented_at": at}));
    }
    if !args.exception.is_empty() {
        let at = args.order.as_ref().or(args.first_care.as_ref()).ok_or("--exception needs --order or --first-care")?;
        fields.insert("exception".to_owned(), json!({"factors": args.exception, "documented_at": at}));
    }
    Ok(())
}

fn lay_payer(args: &DecideArgs, fields: &mut Map<String, Value>) -> Result<(), String> {
    let payer = fields.entry("payer").or_insert_with(|| json!({}));
    if let Some(line) = &args.payer {
        if !vigil_domain::party::LineOfBusiness::read(line).is_known() {
            let known: Vec<&str> = vigil_domain::party::LineOfBusiness::ALL.iter().map(|known| known.word()).collect();
            return Err(format!("--payer {line:?}: one of {}", known.join(", ")));
        }
        payer["line_of_business"] = json!(line);
    }
    if let Some(id) = &args.payer_id {
        payer["payer_id"] = json!(id);
    }
    if let Some(part_b) = &args.part_b {
        payer["part_b"] = json!(yes(part_b)?);
    }
    if payer.get("line_of_business").is_none() {
        return Err("--payer is required: a line of business such as original-medicare".to_owned());
    }
    Ok(())
}

fn lay_times(args: &DecideArgs, fields: &mut Map<String, Value>) -> Result<(), String> {
    let ends = |text: &str| match text.split_once("..") {
        Some((from, to)) => (from.to_owned(), Some(to.to_owned()).filter(|to| !to.is_empty())),
        None => (text.to_owned(), None),
    };
    if !args.observation.is_empty() {
        let list: Vec<Value> = args
            .observation
            .iter()
            .map(|text| ends(text))
            .map(|(from, to)| json!({"ordered_at": from, "ended_at": to}))
            .collect();
        fields.insert("observation".to_owned(), json!(list));
    }
    if !args.leave.is_empty() {
        let list: Vec<Value> =
            args.leave.iter().map(|text| ends(text)).map(|(from, to)| json!({"from": from, "to": to})).collect();
        fields.insert("leave".to_owned(), json!(list));
    }
    if !args.delays.is_empty() {
        let list: Vec<Value> = args
            .delays
            .iter()
            .map(|text| {
                let (span, why) = text.split_once('=').unwrap_or((text, "delay"));
                let (from, to) = ends(span);
                json!({"from": from, "to": to, "why": why})
            })
            .collect();
        fields.insert("delays".to_owned(), json!(list));
    }
    if !args.procedures.is_empty() {
        let one = |text: &String| {
            let (code, day) = text.split_once('@').ok_or_else(|| format!("--procedure {text:?}: CODE@DAY"))?;
            Ok(json!({"code": {"system": "hcpcs", "value": code}, "on": day}))
        };
        let list: Vec<Value> = args.procedures.iter().map(one).collect::<Result<_, String>>()?;
        fields.insert("procedures".to_owned(), json!(list));
    }
    if let Some(text) = &args.discharge {
        let (at, how) = text.split_once(',').unwrap_or((text, "home"));
        let how = how.trim();
        let discharge = json!({"at": at.trim(), "how": how, "rapid_improvement": args.rapid_improvement});
        fields.insert("discharge".to_owned(), discharge);
    }
    Ok(())
}

fn yes(text: &str) -> Result<bool, String> {
    match text {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        other => Err(format!("{other:?}: write yes or no")),
    }
}
