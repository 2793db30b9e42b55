//! `vigil submit` and `vigil inquire`: one message from a file or standard input, its answer on standard output.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use super::ask::{Asked, Wrong};
use crate::{
    control::{Ask, Input, MessageAsk, Operation},
    settings::{Settings, Source},
};

/// One message.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The message; - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which version of the guide the message speaks: 2.0 or 2.2
    #[arg(long, default_value = "2.2")]
    pas: String,
    /// Judge as if it were this moment (RFC 3339), for tests
    #[arg(long, value_name = "MOMENT")]
    now: Option<String>,
    /// Whose message it is, as a token's name would say
    #[arg(long, default_value = "command line")]
    sender: String,
    /// The tenant
    #[arg(long, default_value = vigil_desk::MAIN_TENANT)]
    tenant: String,
}

impl Args {
    /// Reads the message.
    ///
    /// # Errors
    /// An unreadable file, a moment that is none.
    pub fn ask(self, operation: Operation, settings: &Settings) -> Result<Asked, Wrong> {
        let now = self.now.as_deref().map(str::parse).transpose();
        let now =
            now.map_err(|e| Wrong::usage(format!("--now: expected a moment such as 2026-11-22T15:04:05Z: {e}")))?;
        let input = read(&self.file)?;
        let ask = MessageAsk {
            operation,
            pas: self.pas,
            tenant: self.tenant,
            sender: self.sender,
            now,
            membership: said(settings, "membership"),
        };
        Ok((Ask::Message(ask), vec![input]))
    }
}

/// A setting that was said with this command, so that it reaches a serving process too.
fn said(settings: &Settings, name: &str) -> Option<String> {
    let value = settings.in_force.iter().find(|v| v.name == name)?;
    matches!(value.from, Source::Flag | Source::Env).then(|| value.value.clone())
}

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// When it cannot be read.
pub fn read(file: &Path) -> Result<Input, Wrong> {
    let name = file.display().to_string();
    let bytes = if name == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    match bytes {
        Ok(bytes) => Ok(Input { name, bytes }),
        Err(error) => Err(Wrong::unreadable(&name, &error)),
    }
}
