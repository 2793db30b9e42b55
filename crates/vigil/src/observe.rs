//! What is written down about the running process: never a patient, never a body, never a query string.

use std::{fmt::Display, io::IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::{
    access::secret,
    settings::{LogFormat, Settings},
};

/// Starts the log on standard error. A second start changes nothing.
pub fn start(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log_filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    let _already = match settings.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// Logs a fault once, where it is handled, and gives the id that goes into the answer instead of the fault.
pub fn fault(doing: &str, error: &dyn Display) -> String {
    let id = secret::letters::<10>();
    tracing::error!(id, doing, error = %error, "fault");
    id
}
