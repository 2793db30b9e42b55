//! `vigil status list`: the inpatient-only list as CMS publishes it, into a pack of the site's own overlay.

use std::{fmt::Write as _, fs, io::Write, path::PathBuf};

use clap::Args;
use vigil_domain::{clock::read_day, time::Day};
use vigil_wire::csv::read_inpatient_only;

use super::{UNREADABLE, USAGE, Wrong, wrote};

/// Shown below the flags.
pub const HELP: &str = "\
Example:
  vigil status list --file addendum-e.csv --name 'CY2027 Addendum E' --from 2027-01-01
    --source https://www.cms.gov/... --read-on 2026-12-01 --into ./our-packs
Only codes are kept, never descriptors. Serve with the folder as an overlay afterwards.
Exit codes: 0 written, 64 wrong usage, 65 unreadable file.";

/// One published list.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The addendum as CSV
    #[arg(long)]
    pub file: PathBuf,
    /// A name people can find again, such as CY2027 Addendum E
    #[arg(long)]
    pub name: String,
    /// First date of service on which it holds
    #[arg(long)]
    pub from: String,
    /// Where it was published
    #[arg(long)]
    pub source: String,
    /// The day the file was read
    #[arg(long)]
    pub read_on: String,
    /// CSV of codes removed earlier whose exemption from two-midnight review ended
    #[arg(long)]
    pub exemption_ended: Option<PathBuf>,
    /// The overlay folder
    #[arg(long)]
    pub into: PathBuf,
}

/// Reads the file fully, then writes one pack.
pub fn run(args: &ListArgs, out: &mut dyn Write) -> Result<(), Wrong> {
    let day = |name: &str, text: &str| read_day(text).map_err(|why| (USAGE, format!("{name} {text:?}: {why}")));
    let (from, read_on) = (day("--from", &args.from)?, day("--read-on", &args.read_on)?);
    let (codes, passed_over) = codes(&args.file)?;
    let ended = args.exemption_ended.as_ref().map(codes_only).transpose()?.unwrap_or_default();
    let text = pack(args, from, read_on, &codes, &ended);
    let folder = args.into.join("status").join("inpatient-only");
    let path = folder.join(format!("{from}.toml"));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, text));
    written.map_err(|error| (1, format!("{}: {error}", path.display())))?;
    wrote(writeln!(
        out,
        "{}: {} codes from {from}, {passed_over} rows of other status passed over",
        path.display(),
        codes.len()
    ))
}

fn codes_only(path: &PathBuf) -> Result<Vec<String>, Wrong> {
    codes(path).map(|(codes, _)| codes)
}

fn codes(path: &PathBuf) -> Result<(Vec<String>, usize), Wrong> {
    let bytes = fs::read(path).map_err(|error| (UNREADABLE, format!("{}: {error}", path.display())))?;
    match read_inpatient_only(&bytes) {
        Ok(found) => Ok((found.codes, found.passed_over)),
        Err(issues) => {
            let says: Vec<String> = issues.iter().map(|issue| format!("{}: {issue}", path.display())).collect();
            Err((UNREADABLE, says.join("\n")))
        }
    }
}

fn pack(args: &ListArgs, from: Day, read_on: Day, codes: &[String], ended: &[String]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let list = |codes: &[String]| {
        codes.chunks(12).fold(String::new(), |mut out, line| {
            let words: Vec<String> = line.iter().map(|code| quoted(code)).collect();
            let _ = writeln!(out, "  {},", words.join(", "));
            out
        })
    };
    let mut out =
        String::from("# The inpatient-only list as published; codes only. Written by vigil status list.\n\n[[list]]\n");
    let _ = writeln!(
        out,
        "id = {}\nfrom = {from}\nsource = {}\nread_on = {read_on}",
        quoted(&args.name),
        quoted(&args.source)
    );
    let _ = writeln!(out, "codes = [\n{}]", list(codes));
    if !ended.is_empty() {
        let _ = writeln!(out, "exemption_ended = [\n{}]", list(ended));
    }
    out
}
