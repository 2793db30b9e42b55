//! `vigil packs check` and `vigil packs diff`: is the library sound, and what would new packs change.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::json;
use vigil_domain::{clock::read_day, time::Day};
use vigil_packs::{
    diff::{Difference, OpenClock, difference},
    issue::PackIssue,
    law, lint,
    shelf::Shelf,
};

/// Questions about the packs.
#[derive(Debug, Args)]
pub struct PacksArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PacksCommand,
}

/// What can be done with packs.
#[derive(Debug, Subcommand)]
pub enum PacksCommand {
    /// Check every pack: sources, dates, overlaps, gaps, worked examples.
    Check(CheckArgs),
    /// Show what an overlay would change before it is put in force.
    Diff(DiffArgs),
}

/// What to check.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folders of the customer's own packs, laid over the shipped ones in order.
    #[arg(long = "overlay")]
    pub overlays: Vec<PathBuf>,
    /// The day on which to judge whether a source was read too long ago; without it, that is not judged.
    #[arg(long)]
    pub on: Option<String>,
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to compare.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Folders of the new packs.
    #[arg(long = "overlay", required = true)]
    pub overlays: Vec<PathBuf>,
    /// Folders of packs already in force, below the new ones.
    #[arg(long = "base")]
    pub base: Vec<PathBuf>,
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Usage error (DECISIONS 18).
const USAGE: u8 = 64;
/// Input that cannot be read.
const UNREADABLE: u8 = 65;

/// Runs the command, without open clocks to compare.
pub fn run(args: PacksArgs, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    run_with(args, Vec::new(), out, err)
}

/// Runs the command; `packs diff` also says which of these open clocks would be due at another time.
pub fn run_with(args: PacksArgs, clocks: Vec<OpenClock>, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let done = match args.command {
        PacksCommand::Check(args) => check(&args, out, err),
        PacksCommand::Diff(args) => diff(&args, clocks, out, err),
    };
    done.unwrap_or_else(|error| {
        let _ = writeln!(err, "cannot write the answer: {error}");
        ExitCode::FAILURE
    })
}

fn folders(paths: &[PathBuf]) -> Vec<&Path> {
    paths.iter().map(PathBuf::as_path).collect()
}

fn check(args: &CheckArgs, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<ExitCode> {
    let on: Option<Day> = match args.on.as_deref().map(read_day).transpose() {
        Ok(on) => on,
        Err(why) => {
            writeln!(err, "--on: {why}")?;
            return Ok(ExitCode::from(USAGE));
        }
    };
    let shelf = match Shelf::read(&folders(&args.overlays)) {
        Ok(shelf) => shelf,
        Err(issues) => return unreadable(&issues, err),
    };
    let report = lint::check(&shelf, on);
    // The law's complaints come with the report; the other rooms' readers say theirs on opening.
    let others = vigil_packs::open(&folders(&args.overlays)).err().unwrap_or_default();
    let mut issues = report.issues;
    let told = ["law/", "calendars/", "status/"];
    issues.extend(others.into_iter().filter(|i| !told.iter().any(|room| i.file.starts_with(room))));
    let status = vigil_packs::status::check(&shelf, on);
    issues.extend(status.issues);
    vigil_packs::criteria::lint::check(&shelf, &mut issues);
    let (rules, rows) = (report.read.book.rules().len(), report.rows.len());
    let (status_rules, status_rows) = (status.read.book.rules().len(), status.rows.len());
    if args.json {
        let list: Vec<_> =
            issues.iter().map(|i| json!({"file": i.file, "line": i.line, "message": i.message})).collect();
        writeln!(
            out,
            "{}",
            json!({"rules": rules, "rows": rows, "status_rules": status_rules, "status_rows": status_rows, "issues": list})
        )?;
    } else {
        for issue in &issues {
            writeln!(out, "{issue}")?;
        }
        writeln!(
            out,
            "{rules} rules, {rows} worked rows; hospital status: {status_rules} rules, {status_rows} worked rows; {} complaints",
            issues.len()
        )?;
    }
    if on.is_none() {
        writeln!(err, "how long ago sources were read was not judged; say --on DATE")?;
    }
    Ok(if issues.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(UNREADABLE) })
}

fn unreadable(issues: &[PackIssue], err: &mut dyn Write) -> std::io::Result<ExitCode> {
    for issue in issues {
        writeln!(err, "{issue}")?;
    }
    Ok(ExitCode::from(UNREADABLE))
}

fn diff(
    args: &DiffArgs,
    clocks: Vec<OpenClock>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> std::io::Result<ExitCode> {
    let all: Vec<PathBuf> = args.base.iter().chain(&args.overlays).cloned().collect();
    let mut issues = Vec::new();
    let mut open = |paths: &[PathBuf]| match Shelf::read(&folders(paths)) {
        Ok(shelf) => law::load(&shelf, &mut issues),
        Err(more) => {
            issues.extend(more);
            Default::default()
        }
    };
    let (old, new) = (open(&args.base), open(&all));
    if !issues.is_empty() {
        return unreadable(&issues, err);
    }
    let found = difference(&old, &new, clocks);
    if args.json {
        writeln!(out, "{}", as_json(&found))?;
    } else {
        in_words(&found, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(found: &Difference) -> serde_json::Value {
    json!({
        "added": found.added,
        "removed": found.removed,
        "changed": found.changed.iter().map(|c| json!({
            "rule": c.rule, "before": c.before, "after": c.after, "parts": c.parts,
        })).collect::<Vec<_>>(),
        "dues": found.dues.iter().map(|d| json!({
            "case": d.case, "rule": d.rule, "before": d.before, "after": d.after,
        })).collect::<Vec<_>>(),
    })
}

fn in_words(found: &Difference, out: &mut dyn Write) -> std::io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "The new packs change no rule.");
    }
    for rule in &found.added {
        writeln!(out, "added   {rule}")?;
    }
    for rule in &found.removed {
        writeln!(out, "removed {rule}")?;
    }
    for change in &found.changed {
        writeln!(out, "changed {}: {}", change.rule, change.parts.join(", "))?;
    }
    for due in &found.dues {
        writeln!(out, "case {} under {}: {} would be {}", due.case, due.rule, due.before, due.after)?;
    }
    writeln!(out, "A clock that runs keeps the rule it started under; these changes hold for requests received later.")
}
