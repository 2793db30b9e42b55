//! `vigil backup`: a whole, consistent copy of the data directory with a list of its files, made while serving or not.

use std::path::PathBuf;

use super::ask::{Asked, Wrong};
use crate::control::Ask;

/// Where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil backup /backup/vigil-2026-11-22
The list backup.json is written last: a folder without it is no back-up. vigil restore proves it before it uses it.
Exit codes: 0 copied, 1 failed, 64 wrong usage or no data directory there, 75 data directory busy")]
pub struct Args {
    /// The folder to make; it must not be there yet
    #[arg(value_name = "FOLDER")]
    to: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// As a command that travels; the path is made absolute because the serving process stands elsewhere.
    ///
    /// # Errors
    /// A folder that is there already.
    pub fn ask(self) -> Result<Asked, Wrong> {
        let to = std::path::absolute(&self.to).map_err(|e| Wrong::unreadable(&self.to.display().to_string(), &e))?;
        if to.exists() {
            return Err(Wrong::usage(format!("{} is there already", to.display())));
        }
        Ok((Ask::Backup { to, json: self.json }, Vec::new()))
    }
}
