//! What is written down about the running process: never a patient, never a body, never a query string.

pub mod metrics;
pub mod otlp;
pub mod traces;

use std::{
    fmt::Display,
    io::IsTerminal as _,
    sync::atomic::{AtomicU64, Ordering},
};

use tracing_subscriber::EnvFilter;

use crate::{
    access::secret,
    settings::{LogFormat, Settings},
};

/// Faults that were logged with a number, since the process began.
pub static FAULTS: AtomicU64 = AtomicU64::new(0);

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
    FAULTS.fetch_add(1, Ordering::Relaxed);
    let id = secret::letters::<10>();
    tracing::error!(id, doing, error = %error, "fault");
    id
}
