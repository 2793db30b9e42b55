//! `vigil import`: files, or folders of files.

use std::path::{Path, PathBuf};

use vigil_desk::MAIN_TENANT;

use super::{
    ask::{Asked, Wrong},
    message,
};
use crate::control::{Ask, ImportAsk, Input};

/// Files to load.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil import contracts.csv members.csv coverages.csv providers.csv
Files are read fully before anything is written; what cannot be read is said with its line.
Exit codes: 0 loaded, 1 failed, 64 wrong usage, 65 unreadable input, 75 data directory busy")]
pub struct Args {
    /// CSV, FHIR JSON or NDJSON files, or folders of them; - reads standard input
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// The payer whose members FHIR files are about; tables name theirs in each row
    #[arg(long, default_value = "")]
    payer_id: String,
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
        for path in &self.paths {
            gather(path, &mut inputs)?;
        }
        Ok((Ask::Import(ImportAsk { tenant: self.tenant, payer_id: self.payer_id, json: self.json }), inputs))
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
    file.extension().is_some_and(|e| ["csv", "json", "ndjson"].iter().any(|k| e.eq_ignore_ascii_case(k)))
}
