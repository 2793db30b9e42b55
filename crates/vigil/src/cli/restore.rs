//! `vigil restore`: a back-up becomes a data directory, after it was compared with its list and its log was walked.

use std::path::PathBuf;

use serde_json::json;
use vigil_store::{RestoreError, Restored, restore};

use super::complain;
use crate::{exit, settings::Settings};

/// From where.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil restore /backup/vigil-2026-11-22 --data-dir /var/lib/vigil
Every file is compared with the back-up's list and the log is walked before the data directory is there; a store that is
there already is never written over. Sign-ins that the back-up remembers are ended.
Exit codes: 0 restored and sound, 1 not restored, 64 the data directory holds a store, 65 the back-up is not whole or was
changed, 75 data directory busy")]
pub struct Args {
    /// The folder that `vigil backup` made
    #[arg(value_name = "FOLDER")]
    from: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// Restores into the data directory of the settings.
pub fn run(args: &Args, settings: &Settings) -> u8 {
    let mut next = 0;
    let mut progress = |done: u64, of: u64| {
        if done >= next {
            next = done + (256 << 20);
            complain(&format!("{} of {} MiB copied and compared", done >> 20, of >> 20), exit::SUCCESS);
        }
    };
    match restore(&args.from, &settings.data_dir, &mut progress) {
        Ok(restored) => {
            use std::io::Write as _;
            let _closed = writeln!(std::io::stdout(), "{}", say(&restored, settings, args.json));
            exit::SUCCESS
        }
        Err(error) => complain(&error, code(&error)),
    }
}

fn say(restored: &Restored, settings: &Settings, as_json: bool) -> String {
    let Restored { manifest, verified } = restored;
    let dir = settings.data_dir.display().to_string();
    if as_json {
        return json!({"restored_to": dir, "made_at": manifest.made_at, "vigil": manifest.vigil, "sound": true,
            "events": verified.events, "subjects": verified.subjects, "checkpoints": verified.checkpoints})
        .to_string();
    }
    format!(
        "restored to {dir}: the back-up of {}, sound: {} events of {} subjects, {} checkpoints",
        manifest.made_at, verified.events, verified.subjects, verified.checkpoints
    )
}

fn code(error: &RestoreError) -> u8 {
    match error {
        RestoreError::Occupied(_) => exit::USAGE,
        RestoreError::NotWhole(_) | RestoreError::Changed { .. } => exit::UNREADABLE,
        RestoreError::Fault(fault) if fault.is_busy() => exit::BUSY,
        RestoreError::Fault(fault) if fault.is_newer() => exit::UNREADABLE,
        RestoreError::Unsound(_) | RestoreError::Fault(_) => exit::FAILURE,
    }
}
