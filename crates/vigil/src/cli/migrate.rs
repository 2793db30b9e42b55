//! `vigil migrate`: the store's schema, in two halves: what is added before new nodes start, what is removed after the last
//! old one has stopped.

use std::io::Write as _;

use vigil_store::{Migrated, Options, Store, StoreFault};

use super::complain;
use crate::{
    exit,
    settings::{Settings, StoreAt},
};

/// Which half.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil migrate --store postgres://vigil@db.example.org/vigil
Adds what this version needs; nodes of the version before go on serving. After the last of them has stopped, run it again
with --contract.
Exit codes: 0 done, 1 failed (the store is of a newer Vigil, or an older node still serves), 64 wrong usage, 75 the data
directory is busy or the database is away")]
pub struct Args {
    /// Remove what no node of this version needs any more; refused while an older node serves
    #[arg(long)]
    contract: bool,
}

/// Migrates.
pub fn run(args: &Args, settings: &Settings) -> u8 {
    match migrate(args, settings) {
        Ok(says) => {
            let printed = writeln!(std::io::stdout(), "{says}");
            if printed.is_ok() { exit::SUCCESS } else { exit::FAILURE }
        }
        Err(fault) => complain(&fault, if fault.is_busy() { exit::BUSY } else { exit::FAILURE }),
    }
}

fn migrate(args: &Args, settings: &Settings) -> Result<String, StoreFault> {
    match &settings.store {
        StoreAt::Sqlite => {
            // One process holds the directory: opening it is all there is to do.
            Store::open(&settings.data_dir, &Options::default())?.close();
            Ok("the data directory has this version's schema".to_owned())
        }
        StoreAt::Postgres(address) => {
            let Migrated { version, expanded, contracted, waiting } = Store::migrate(address, args.contract)?;
            Ok(format!("schema {version}: {expanded} added, {contracted} removed, {waiting} with an old half"))
        }
    }
}
