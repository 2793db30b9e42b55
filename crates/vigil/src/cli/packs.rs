//! `vigil packs check` and `vigil packs diff`: is the library sound, and what would new packs change.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::json;
use vigil_domain::{clock::read_day, law::LawBook, time::Day};
use vigil_packs::{
    diff::{Difference, OpenClock, difference},
    issue::PackIssue,
    law, lint,
    shelf::Shelf,
};

use crate::exit;

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
    #[command(
        after_help = "Example: vigil packs check --overlay ./our-packs --on 2026-11-22\n\nExit codes: 0 sound, 1 complaints, 64 wrong usage, 65 unreadable packs"
    )]
    Check(CheckArgs),
    /// Show what new packs would change, for the open cases of the data directory too, before they are put in force.
    #[command(after_help = DIFF_HELP)]
    Diff(DiffArgs),
}

const DIFF_HELP: &str = "\
Examples:
  vigil packs diff ./new-packs --data-dir /var/lib/vigil    what the folder changes over the packs in force
  vigil packs diff ./old-packs ./new-packs                  what the second folder changes over the first

A clock that runs keeps the rule it started under: the list says what each open case would ask under the new packs.
Exit codes: 0 compared, 64 wrong usage, 65 unreadable packs, 75 data directory busy";

/// What to check.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folders of the customer's own packs, laid over the shipped ones in order.
    #[arg(long = "overlay")]
    pub overlays: Vec<PathBuf>,
    /// The day on which to judge whether a source was read too long ago; today when absent.
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to compare.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The new packs' folder; or two folders, the packs in force and the new ones.
    #[arg(value_name = "[OLD] NEW", num_args = 0..=2)]
    pub packs: Vec<PathBuf>,
    /// Folders of the new packs.
    #[arg(long = "overlay", required_unless_present = "packs")]
    pub overlays: Vec<PathBuf>,
    /// Folders of packs already in force, below the new ones.
    #[arg(long = "base")]
    pub base: Vec<PathBuf>,
    /// Ask only the open cases of this tenant; without it, those of all.
    #[arg(long)]
    pub tenant: Option<String>,
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Two sets of packs: folders laid over the shipped ones, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoSets {
    /// The packs in force.
    pub old: Vec<PathBuf>,
    /// The new ones.
    pub new: Vec<PathBuf>,
    /// Answer as JSON.
    pub json: bool,
}

impl DiffArgs {
    /// The two sets: a folder named first and alone is new; of two, the second is compared with the first.
    pub fn sets(&self) -> TwoSets {
        let (old, new) = match self.packs.as_slice() {
            [old, new] => (Some(old), Some(new)),
            [new] => (None, Some(new)),
            _ => (None, None),
        };
        let over = |own: Option<&PathBuf>| self.base.iter().chain(own).cloned().collect::<Vec<_>>();
        TwoSets { old: over(old), new: over(new).into_iter().chain(self.overlays.clone()).collect(), json: self.json }
    }
}

/// Usage error (DECISIONS 18).
const USAGE: u8 = 64;
/// Input that cannot be read.
const UNREADABLE: u8 = 65;

/// Runs the command; without a data directory `packs diff` compares rules only.
pub fn run(args: PacksArgs, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let done = match args.command {
        PacksCommand::Check(args) => check(&args, out, err),
        PacksCommand::Diff(args) => compare(&args.sets(), Vec::new(), out, err).map(ExitCode::from),
    };
    done.unwrap_or_else(|error| exit::unwritten(&error, err))
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
        Err(issues) => return unreadable(&issues, err).map(ExitCode::from),
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
    Ok(if issues.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn unreadable(issues: &[PackIssue], err: &mut dyn Write) -> std::io::Result<u8> {
    for issue in issues {
        writeln!(err, "{issue}")?;
    }
    Ok(UNREADABLE)
}

/// Says which rules differ and which of these open clocks would be due at another time; gives the exit code.
///
/// # Errors
/// The answer cannot be written.
pub fn compare(
    sets: &TwoSets,
    clocks: Vec<OpenClock>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> std::io::Result<u8> {
    let mut issues = Vec::new();
    let mut open = |paths: &[PathBuf]| match Shelf::read(&folders(paths)) {
        Ok(shelf) => law::load(&shelf, &mut issues),
        Err(more) => {
            issues.extend(more);
            Default::default()
        }
    };
    let (old, new) = (open(&sets.old), open(&sets.new));
    if !issues.is_empty() {
        return unreadable(&issues, err);
    }
    let found = difference(&old, &new, clocks);
    if sets.json {
        writeln!(out, "{}", as_json(&found))?;
    } else {
        in_words(&found, &old, &new, out)?;
    }
    Ok(0)
}

fn as_json(found: &Difference) -> serde_json::Value {
    json!({
        "added": found.added,
        "removed": found.removed,
        "changed": found.changed.iter().map(|c| json!({
            "rule": c.rule, "before": c.before, "after": c.after,
            "parts": c.parts.iter().map(|p| &p.name).collect::<Vec<_>>(),
            "says": c.parts.iter().map(|p| json!({"part": p.name, "before": p.before, "after": p.after})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "dues": found.dues.iter().map(|d| json!({
            "case": d.case, "rule": d.rule, "before": d.before, "after": d.after,
        })).collect::<Vec<_>>(),
    })
}

fn in_words(found: &Difference, old: &LawBook, new: &LawBook, out: &mut dyn Write) -> std::io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "The new packs change no rule.");
    }
    let about = |book: &LawBook, id: &str| {
        book.rule(id).map_or_else(String::new, |rule| {
            let from = rule.effective.from.map_or_else(String::new, |day| format!(" In force from {day}."));
            format!(" ({}): {}{from}", rule.cite, rule.says)
        })
    };
    for rule in &found.added {
        writeln!(out, "added   {rule}{}", about(new, rule))?;
    }
    for rule in &found.removed {
        writeln!(out, "removed {rule}{}", about(old, rule))?;
    }
    for change in &found.changed {
        writeln!(out, "changed {}", change.rule)?;
        for part in &change.parts {
            let word = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
            writeln!(out, "        {}: {}", part.name, word(&part.before))?;
            writeln!(out, "        {:>width$}  {}", "now", word(&part.after), width = part.name.chars().count())?;
        }
    }
    for due in &found.dues {
        writeln!(out, "case {} under {}: {} now, {} under the new packs", due.case, due.rule, due.before, due.after)?;
    }
    writeln!(out, "A clock that runs keeps the rule it started under; these changes hold for requests received later.")
}
