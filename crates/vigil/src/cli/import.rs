//! `vigil import`: files, or folders of files, piece by piece, with progress and a report of every row.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    time::Instant,
};

use vigil_desk::{MAIN_TENANT, import::Report};
use vigil_wire::fhir::references::References;

use super::{
    ask::{self, Asked, Session, Wrong},
    complain,
    folder::{self, Part},
    hospital, message,
};
use crate::{
    control::{Ask, HospitalAsk, ImportAsk, Input},
    exit, observe,
    settings::Settings,
};

/// Endings of files that are looked into.
const ENDINGS: [&str; 3] = ["csv", "json", "ndjson"];
/// Issues shown for one file; a report as JSON names them all.
const SHOWN: usize = 20;

/// Files to load.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: vigil import contracts.csv members.csv ./bulk-export --payer-id P1 --json > report.json
A hospital: vigil import mercy.toml; vigil import --hospital fhir/ --facility mercy --as-of 2026-11-21 --json
A table, a resource or a Bundle is taken whole or not at all, NDJSON line by line. The same bytes are not taken twice: give the
same command again after it was cut short, and it goes on where it was.
Exit codes: 0 loaded, 1 failed, 64 wrong usage, 65 something was refused or unreadable, 75 data directory busy"
)]
pub struct Args {
    /// CSV, FHIR JSON or NDJSON files, TOML records of facilities, or folders; - reads standard input
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// The payer whose members FHIR files are about; tables name theirs in each row
    #[arg(long, default_value = "")]
    payer_id: String,
    /// Which version of the guide requests speak: 2.0 or 2.2
    #[arg(long, default_value = "2.2")]
    pas: String,
    /// The files are a hospital's FHIR resources: its encounters become stays
    #[arg(long)]
    hospital: bool,
    /// The facility of the hospital's files; the only one known when absent
    #[arg(long, value_name = "ID")]
    facility: Option<String>,
    /// Add the census of the end of this day, in the facility's zone
    #[arg(long, value_name = "DATE")]
    as_of: Option<jiff::civil::Date>,
    /// Take what was taken before again
    #[arg(long)]
    again: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    /// The tenant
    #[arg(long, default_value = MAIN_TENANT)]
    tenant: String,
}

/// Imports and gives the exit code.
pub async fn run(args: Args, settings: &Settings) -> u8 {
    observe::start(settings);
    match hospital_ask(&args) {
        Ok(None) => {}
        Ok(Some((ask, inputs))) => return ask::run(settings, ask, inputs).await,
        Err(Wrong { says, code }) => return complain(&says, code),
    }
    match import(&args, settings).await {
        Ok(report) => {
            tell(&report, args.json);
            let nothing = report.taken.is_empty() && report.before == 0;
            if !report.refused.is_empty() || nothing { exit::UNREADABLE } else { exit::SUCCESS }
        }
        Err(Wrong { says, code }) if says.is_empty() => code,
        Err(Wrong { says, code }) => complain(&says, code),
    }
}

/// A hospital's files, or records about hospitals: they are asked for whole.
fn hospital_ask(args: &Args) -> Result<Option<Asked>, Wrong> {
    let (tenant, json) = (args.tenant.clone(), args.json);
    if args.hospital || args.facility.is_some() || args.paths.iter().any(|path| hospital::is_hospital(path)) {
        let mut inputs = Vec::new();
        let counted = hospital::gather(&args.paths, &mut inputs)?;
        let ask = HospitalAsk { tenant, json, facility: args.facility.clone(), as_of: args.as_of, counted };
        return Ok(Some((Ask::Hospital(ask), inputs)));
    }
    if !args.paths.iter().all(|path| folder::has_ending(path, &["toml"])) {
        return Ok(None);
    }
    let inputs = args.paths.iter().map(|path| message::read(path)).collect::<Result<Vec<Input>, Wrong>>()?;
    Ok(Some((Ask::HospitalRecords { tenant, json }, inputs)))
}

async fn import(args: &Args, settings: &Settings) -> Result<Report, Wrong> {
    let files = folder::gather(&args.paths, &ENDINGS)?;
    if files.is_empty() {
        return Err(Wrong::usage("there is no CSV, JSON or NDJSON file in what was named"));
    }
    let known = learn(&files)?;
    let session = Session::open(settings).await.map_err(|code| Wrong { says: String::new(), code })?;
    let mut report = Report::default();
    let mut progress = Progress { began: Instant::now(), files: files.len(), bytes: 0 };
    let mut outcome = Ok(());
    for (index, file) in files.iter().enumerate() {
        outcome = one(args, file, &known, &session, &mut report, &mut progress, index).await;
        if outcome.is_err() {
            break;
        }
    }
    session.close();
    outcome.map(|()| report)
}

/// A first reading of NDJSON: what resources of other files will be asked about.
fn learn(files: &[PathBuf]) -> Result<References, Wrong> {
    let mut known = References::default();
    for file in files.iter().filter(|file| folder::has_ending(file, &["ndjson"])) {
        let each = &mut |part: Part| part.bytes.split(|byte| *byte == b'\n').for_each(|line| known.learn(line));
        folder::in_parts(file, each).map_err(|error| Wrong::unreadable(&file.display().to_string(), &error))?;
    }
    Ok(known)
}

struct Progress {
    began: Instant,
    files: usize,
    bytes: u64,
}

impl Progress {
    fn say(&self, index: usize, file: &Path, part: &Part) {
        let (seconds, mib) = (self.began.elapsed().as_secs(), self.bytes >> 20);
        let at = if part.first_line > 1 { format!(", line {}", part.first_line) } else { String::new() };
        let (place, of, name) = (index + 1, self.files, file.display());
        let _closed = writeln!(std::io::stderr(), "{place} of {of}: {name}{at} ({mib} MiB in {seconds} s)");
    }
}

async fn one(
    args: &Args,
    file: &Path,
    known: &References,
    session: &Session<'_>,
    report: &mut Report,
    progress: &mut Progress,
    index: usize,
) -> Result<(), Wrong> {
    // The reading thread is one piece ahead of the asking one.
    let (sender, mut parts) = tokio::sync::mpsc::channel(1);
    let path = file.to_owned();
    let reading =
        tokio::task::spawn_blocking(move || folder::in_parts(&path, &mut |part| drop(sender.blocking_send(part))));
    while let Some(part) = parts.recv().await {
        progress.say(index, file, &part);
        progress.bytes += part.bytes.len() as u64;
        let piece_knows = if known.is_empty() { References::default() } else { known.named_in(&part.bytes) };
        let ask = Ask::Import(Box::new(ImportAsk {
            tenant: args.tenant.clone(),
            payer_id: args.payer_id.clone(),
            pas: args.pas.clone(),
            again: args.again,
            first_line: part.first_line,
            known: piece_knows,
        }));
        let name = file.display().to_string();
        let (code, answer) = session.answer(ask, vec![Input { name, bytes: part.bytes }]).await;
        if code != exit::SUCCESS {
            return Err(Wrong { says: String::new(), code });
        }
        let came: Report = serde_json::from_slice(&answer)
            .map_err(|error| Wrong { says: format!("the report cannot be read: {error}"), code: exit::FAILURE })?;
        report.add(came);
    }
    let name = file.display().to_string();
    match reading.await {
        Ok(read) => read.map_err(|error| Wrong::unreadable(&name, &error)),
        Err(error) => Err(Wrong { says: error.to_string(), code: exit::FAILURE }),
    }
}

fn tell(report: &Report, as_json: bool) {
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr().lock());
    if as_json {
        let _closed = writeln!(out, "{}", serde_json::to_string(report).unwrap_or_default());
        return;
    }
    for (kind, count) in &report.taken {
        let _closed = writeln!(out, "{count} {kind}");
    }
    if report.before > 0 {
        let _closed = writeln!(out, "{} files or pieces were taken before", report.before);
    }
    for ignored in &report.ignored {
        let _closed = writeln!(err, "{} was not looked into: {}", ignored.file, ignored.why);
    }
    for warning in &report.warnings {
        let _closed = writeln!(err, "{warning}");
    }
    for refused in &report.refused {
        let _closed = writeln!(err, "{}: refused", refused.file);
        for issue in refused.issues.iter().take(SHOWN) {
            let _closed = writeln!(err, "  {issue}");
        }
        if refused.issues.len() > SHOWN {
            let _closed = writeln!(err, "  and {} more; --json names them all", refused.issues.len() - SHOWN);
        }
    }
}
