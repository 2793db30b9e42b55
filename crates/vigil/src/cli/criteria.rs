//! `vigil criteria`: judge facts against a criteria pack from the command line, one question or a file of them, and list
//! the packs.

use std::{
    fs,
    io::{BufWriter, Read as _, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use vigil_domain::{
    criteria::{Explained, FactKind, Facts, Service, Trace, evaluate},
    evidence::{Source, Value as Stated},
    library::Library,
};

use vigil_wire::json::{Json, Limits};

use crate::exit;

/// Usage error (DECISIONS 18).
const USAGE: u8 = 64;
/// Input that cannot be read.
const UNREADABLE: u8 = 65;

/// Questions about clinical criteria.
#[derive(Debug, Args)]
pub struct CriteriaArgs {
    /// What to ask.
    #[command(subcommand)]
    pub command: CriteriaCommand,
}

/// What can be asked of the criteria.
#[derive(Debug, Subcommand)]
pub enum CriteriaCommand {
    /// Judge facts: met, not met or unknown, criterion by criterion.
    #[command(after_help = EVALUATE_HELP)]
    Evaluate(EvaluateArgs),
    /// List the packs: service, version, state, name.
    #[command(after_help = "Example: vigil criteria list --json\n\nExit codes: 0 listed.")]
    List(ListArgs),
}

const EVALUATE_HELP: &str = "\
Example:
  vigil criteria evaluate --service home-oxygen --fact pao2_rest=55 --fact sole_reason=none --json
  vigil criteria evaluate --batch facts.jsonl --json
    with lines such as {\"id\": 1, \"service\": \"home-oxygen\", \"facts\": {\"pao2_rest\": 55}}

Unknown means: ask, or send to a person. Neither it nor not met is ever a denial.
Exit codes: 0 answered, 64 usage (unknown service, fact or value), 65 unreadable file.";

/// One question, or a file of them.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// The service, such as home-oxygen.
    #[arg(long, required_unless_present = "batch", conflicts_with = "batch")]
    pub service: Option<String>,
    /// A fact: NAME=VALUE (repeatable).
    #[arg(long = "fact", conflicts_with = "batch")]
    pub facts: Vec<String>,
    /// Answer a file of questions, one JSON object a line; `-` reads standard input.
    #[arg(long)]
    pub batch: Option<PathBuf>,
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
}

/// How to list.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub fn run(args: CriteriaArgs, library: &Library, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let done = match args.command {
        CriteriaCommand::List(args) => list(library, &args, out),
        CriteriaCommand::Evaluate(args) => match &args.batch {
            Some(path) => batch(library, path, out, err),
            None => one(library, &args, out, err),
        },
    };
    done.unwrap_or_else(|error| exit::unwritten(&error, err))
}

fn list(library: &Library, args: &ListArgs, out: &mut dyn Write) -> std::io::Result<ExitCode> {
    let rows: Vec<Value> = library
        .criteria
        .iter()
        .map(|service| {
            let pack = service.definition();
            json!({
                "service": pack.id, "version": pack.version, "state": state(service), "name": pack.name,
                "from": pack.from, "digest": service.digest(), "facts": pack.facts.len(),
                "lines_of_business": pack.applies_to.lines_of_business,
            })
        })
        .collect();
    if args.json {
        writeln!(out, "{}", Value::from(rows))?;
    } else {
        for service in library.criteria.iter() {
            let pack = service.definition();
            writeln!(out, "{:<28} {:<9} {:<13} {}", pack.id, pack.version, state(service), pack.name)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn state(service: &Service) -> &'static str {
    match (service.definition().disabled, service.definition().illustrative) {
        (true, _) => "disabled",
        (_, true) => "illustrative",
        _ => "in use",
    }
}

fn one(library: &Library, args: &EvaluateArgs, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<ExitCode> {
    let id = args.service.as_deref().unwrap_or_default();
    let judged = find(library, id).and_then(|service| {
        let values = named(service, &args.facts)?;
        judge(service, values).map(|trace| (service, trace))
    });
    match judged {
        Err(reasons) => {
            for reason in reasons {
                writeln!(err, "{reason}")?;
            }
            Ok(ExitCode::from(USAGE))
        }
        Ok((service, trace)) => {
            if args.json {
                writeln!(out, "{}", answer(&Value::from(id), service, &trace))?;
            } else {
                in_words(service, &trace, out)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// One answer line for each question line, in order; blank lines are passed over.
fn batch(library: &Library, path: &Path, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<ExitCode> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        fs::read(path).map(|read| bytes = read)
    };
    if let Err(error) = read {
        writeln!(err, "{}: {error}", path.display())?;
        return Ok(ExitCode::from(UNREADABLE));
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut out = BufWriter::new(out);
    for line in text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty()) {
        writeln!(out, "{}", answer_line(library, line))?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn answer_line(library: &Library, line: &str) -> Value {
    let loose = Json::parse(line.as_bytes(), Limits::default()).ok();
    let id = || serde_json::from_str(loose.as_ref()?.root().get("id")?.raw()).ok();
    let id: Value = id().unwrap_or(Value::Null);
    // Of two values under one name the later would win unseen.
    let twice: Vec<String> =
        loose.iter().flat_map(Json::twice).map(|at| format!("{}: stands twice", at.name())).collect();
    if !twice.is_empty() {
        return refused(&id, &twice);
    }
    let asked: Value = match serde_json::from_str(line) {
        Ok(asked) => asked,
        Err(error) if loose.is_some() => return refused(&id, &[format!("a value cannot be read: {error}")]),
        Err(error) => return refused(&id, &[format!("not JSON: {error}")]),
    };
    let judged = asked
        .get("service")
        .and_then(Value::as_str)
        .ok_or_else(|| vec!["service: a service id is expected".to_owned()])
        .and_then(|name| find(library, name))
        .and_then(|service| {
            let values = stated(&asked)?;
            judge(service, values).map(|trace| answer(&id, service, &trace))
        });
    judged.unwrap_or_else(|reasons| refused(&id, &reasons))
}

fn refused(id: &Value, reasons: &[String]) -> Value {
    json!({"id": id, "result": "error", "error": reasons.join("; "), "errors": reasons, "trace": []})
}

fn find<'l>(library: &'l Library, id: &str) -> Result<&'l Service, Vec<String>> {
    match library.criteria.latest(id) {
        Some(service) => Ok(service),
        None => Err(vec![format!("{id}: no such service; `vigil criteria list` names them")]),
    }
}

fn judge(service: &Service, values: Vec<(String, Stated)>) -> Result<Trace, Vec<String>> {
    let source = Source::Reviewer { person: "command line".into(), found_in: "stated".into() };
    let values = values.iter().map(|(name, value)| (name.as_str(), value.clone()));
    Ok(evaluate(service, &Facts::from_values(service, values, &source)?))
}

/// The facts of a batch line; a null is a fact that is not known.
fn stated(asked: &Value) -> Result<Vec<(String, Stated)>, Vec<String>> {
    let Some(facts) = asked.get("facts").and_then(Value::as_object) else {
        return Err(vec!["facts: an object of fact ids and values is expected".into()]);
    };
    let mut values = Vec::new();
    let mut reasons = Vec::new();
    for (name, value) in facts {
        let value = match value {
            Value::Null => continue,
            Value::Bool(b) => Some(Stated::Bool(*b)),
            Value::Number(n) => n.as_f64().map(Stated::Number),
            Value::String(s) => Some(Stated::Text(s.clone())),
            _ => None,
        };
        match value {
            Some(value) => values.push((name.clone(), value)),
            None => reasons.push(format!("{name}: true, false, a number or a word is expected")),
        }
    }
    if reasons.is_empty() { Ok(values) } else { Err(reasons) }
}

/// The facts of `--fact NAME=VALUE`, read as the pack says.
fn named(service: &Service, facts: &[String]) -> Result<Vec<(String, Stated)>, Vec<String>> {
    let mut values = Vec::new();
    let mut reasons = Vec::new();
    for text in facts {
        let Some((name, value)) = text.split_once('=') else {
            reasons.push(format!("--fact {text}: write NAME=VALUE"));
            continue;
        };
        let kind = service.fact(name).map(|fact| &fact.kind);
        let word = || Stated::Text(value.to_owned());
        let value = match (kind, value) {
            (Some(FactKind::Boolean), "true" | "yes") => Stated::Bool(true),
            (Some(FactKind::Boolean), "false" | "no") => Stated::Bool(false),
            (Some(FactKind::Quantity), number) => number.parse().map_or_else(|_| word(), Stated::Number),
            _ => word(),
        };
        values.push((name.to_owned(), value));
    }
    if reasons.is_empty() { Ok(values) } else { Err(reasons) }
}

fn answer(id: &Value, service: &Service, trace: &Trace) -> Value {
    json!({
        "id": id,
        "result": trace.result.word(),
        "service": trace.service,
        "version": trace.version,
        "approvable": trace.approvable,
        "could_change": trace.could_change,
        "between": trace.between,
        "set_aside": trace.set_aside.iter().map(|aside| json!({"fact": aside.fact, "why": aside.why})).collect::<Vec<_>>(),
        "trace": service.leaves(trace).iter().map(|leaf| json!({
            "fact": leaf.fact, "test": leaf.test, "value": leaf.value.as_ref().map(plain), "result": leaf.result,
            "says": leaf.says, "cite": leaf.cite, "basis": leaf.basis,
        })).collect::<Vec<_>>(),
    })
}

fn plain(value: &Stated) -> Value {
    match value {
        Stated::Bool(b) => json!(b),
        Stated::Number(n) => json!(n),
        Stated::Text(text) => json!(text),
        Stated::Day(day) => json!(day),
    }
}

fn in_words(service: &Service, trace: &Trace, out: &mut dyn Write) -> std::io::Result<()> {
    let pack = service.definition();
    writeln!(out, "{}: {} ({}, version {})", trace.result.word(), pack.name, state(service), pack.version)?;
    if let Some(tree) = service.explain(trace) {
        tree_in_words(&tree, 1, out)?;
    }
    if !trace.between.is_empty() {
        writeln!(out, "between two whole-number bands, a person decides: {}", trace.between.join(", "))?;
    }
    for aside in &trace.set_aside {
        writeln!(out, "seen and not used: {} ({})", aside.fact, aside.why.says())?;
    }
    if !trace.could_change.is_empty() {
        writeln!(out, "could still change the answer: {}", trace.could_change.join(", "))?;
    }
    if trace.approvable {
        writeln!(out, "every leaf that carries it rests on a source that was read")?;
    }
    Ok(())
}

fn tree_in_words(node: &Explained, depth: usize, out: &mut dyn Write) -> std::io::Result<()> {
    let pad = "  ".repeat(depth);
    match node {
        Explained::Group { rule, label, result, children } => {
            let label = label.as_deref().map(|label| format!(" {label}")).unwrap_or_default();
            writeln!(out, "{pad}{:<8}{rule}{label}", result.word())?;
            children.iter().try_for_each(|child| tree_in_words(child, depth + 1, out))
        }
        Explained::Leaf(leaf) => {
            let value = leaf.value.as_ref().map_or_else(|| "not known".to_owned(), |value| plain(value).to_string());
            writeln!(
                out,
                "{pad}{:<8}{} [{}, {}; {}: {value}]",
                leaf.result.word(),
                leaf.says,
                leaf.cite,
                leaf.basis,
                leaf.fact
            )
        }
    }
}
