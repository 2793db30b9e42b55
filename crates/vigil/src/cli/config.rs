//! `vigil config`: which settings are in force and where each came from.

use std::io::Write;

use crate::{
    exit,
    settings::{DECLARED, Settings, Source},
};

/// The form of the answer.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: VIGIL_LISTEN=0.0.0.0:80 vigil config
Exit codes: 0 printed, 64 a setting is wrong")]
pub struct Args {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// Prints them.
pub fn run(args: &Args, settings: &Settings, out: &mut dyn Write) -> u8 {
    let printed = if args.json { as_json(settings, out) } else { as_table(settings, out) };
    if printed.is_ok() { exit::SUCCESS } else { exit::FAILURE }
}

fn as_json(settings: &Settings, out: &mut dyn Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, &settings.in_force)?;
    writeln!(out)
}

fn as_table(settings: &Settings, out: &mut dyn Write) -> std::io::Result<()> {
    for (value, declared) in settings.in_force.iter().zip(DECLARED) {
        let from = match value.from {
            Source::Default => "default".to_owned(),
            Source::File => "file".to_owned(),
            Source::Env => format!("env {}", declared.env()),
            Source::Flag => format!("flag --{}", declared.name),
        };
        let shown = if value.value.is_empty() { "(none)" } else { &value.value };
        writeln!(out, "{:<22} {shown:<28} {from}", value.name)?;
    }
    Ok(())
}
