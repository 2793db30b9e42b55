//! `vigil import`: files, or folders of files.

use std::path::{Path, PathBuf};

use vigil_desk::MAIN_TENANT;

use super::hospital;
use super::{
    ask::{Asked, Wrong},
    message,
};
use crate::control::{Ask, HospitalAsk, ImportAsk, Input};

/// Files to load.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil import contracts.csv members.csv coverages.csv providers.csv
A hospital: vigil import mercy.toml; vigil import --hospital fhir/ --facility mercy --as-of 2026-11-21 --json
Files are read fully before anything is written; what cannot be read is said with its line.
Exit codes: 0 loaded, 1 failed, 64 wrong usage, 65 unreadable input, 75 data directory busy")]
pub struct Args {
    /// CSV, FHIR JSON or NDJSON files, TOML records of facilities and payers, or folders of them; - reads standard input
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// The payer whose members FHIR files are about; tables name theirs in each row
    #[arg(long, default_value = "")]
    payer_id: String,
    /// The files are a hospital's FHIR resources: its encounters become stays
    #[arg(long)]
    hospital: bool,
    /// The facility of the hospital's files; the only one known when absent
    #[arg(long, value_name = "ID")]
    facility: Option<String>,
    /// Add the census of the end of this day, in the facility's zone
    #[arg(long, value_name = "DATE")]
    as_of: Option<jiff::civil::Date>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    /// The tenant
    #[arg(long, default_value = MAIN_TENANT)]
    tenant: String,
}

impl Args {
    /// Reads the files.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn ask(self) -> Result<Asked, Wrong> {
        let mut inputs = Vec::new();
        if self.hospital || self.facility.is_some() || self.paths.iter().any(|p| hospital::is_hospital(p)) {
            let counted = hospital::gather(&self.paths, &mut inputs)?;
            let hospital = HospitalAsk { facility: self.facility, as_of: self.as_of, counted };
            let ask =
                ImportAsk { tenant: self.tenant, payer_id: self.payer_id, json: self.json, hospital: Some(hospital) };
            return Ok((Ask::Import(ask), inputs));
        }
        for path in &self.paths {
            gather(path, &mut inputs)?;
        }
        Ok((
            Ask::Import(ImportAsk { tenant: self.tenant, payer_id: self.payer_id, json: self.json, hospital: None }),
            inputs,
        ))
    }
}

/// A file, or the files of a folder in the order of their names.
fn gather(path: &Path, inputs: &mut Vec<Input>) -> Result<(), Wrong> {
    if !path.is_dir() {
        inputs.push(message::read(path)?);
        return Ok(());
    }
    let unreadable = |error: std::io::Error| Wrong::unreadable(&path.display().to_string(), &error);
    let mut inside = std::fs::read_dir(path)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>())
        .map_err(unreadable)?;
    inside.sort();
    for file in inside.iter().filter(|f| f.is_dir() || known(f)) {
        gather(file, inputs)?;
    }
    Ok(())
}

fn known(file: &Path) -> bool {
    file.extension().is_some_and(|e| ["csv", "json", "ndjson", "toml"].iter().any(|k| e.eq_ignore_ascii_case(k)))
}
