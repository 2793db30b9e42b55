//! `vigil export`: events and read models as Parquet files.

use std::path::PathBuf;

use super::ask::{Asked, Wrong};
use crate::control::Ask;

/// Where to, and how much.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil export --to /data/vigil-parquet
Tables: events, work, decided, measures, trail, trail_subjects, in folders tenant=…/date=…. The same command goes on with an
export that is there: what can no longer change is not written again.
Exit codes: 0 exported, 1 failed, 64 wrong usage, 65 the folder holds something else, 75 data directory busy")]
pub struct Args {
    /// The folder: empty, missing, or an earlier export
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Let names, member numbers, birth days, event bodies and details of the trail go along
    #[arg(long)]
    with_patients: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// As a command that travels; the path is made absolute because the serving process stands elsewhere.
    ///
    /// # Errors
    /// A path that cannot be made absolute.
    pub fn ask(self) -> Result<Asked, Wrong> {
        let to = std::path::absolute(&self.to).map_err(|e| Wrong::unreadable(&self.to.display().to_string(), &e))?;
        Ok((Ask::Export { to, with_patients: self.with_patients, json: self.json }, Vec::new()))
    }
}
