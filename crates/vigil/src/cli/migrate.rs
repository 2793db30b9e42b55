//! `vigil migrate`: the store's schema, in two halves: what is added before new nodes start, what is removed after the last
//! old one has stopped.

use std::{io::Write as _, path::PathBuf};

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
Moving from SQLite: vigil migrate --copy-from /var/lib/vigil --store postgres://vigil@db.example.org/vigil
Exit codes: 0 done, 1 failed (the store is of a newer Vigil, or an older node still serves), 64 wrong usage, 75 the data
directory is busy or the database is away")]
pub struct Args {
    /// Remove what no node of this version needs any more; refused while an older node serves
    #[arg(long)]
    contract: bool,
    /// Copy a data directory into the PostgreSQL of --store, which must be empty; nobody may serve the directory meanwhile
    #[arg(long, value_name = "DIR", conflicts_with = "contract")]
    copy_from: Option<PathBuf>,
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
        StoreAt::Postgres(address) if args.copy_from.is_some() => {
            let from = args.copy_from.as_deref().unwrap_or(&settings.data_dir);
            let store = Store::open(from, &Options::default())?;
            let rows = store.copy_to(address, &mut |rows| eprintln!("{rows} rows"))?;
            Ok(format!("{rows} rows copied; now run vigil verify with the same --store"))
        }
        StoreAt::Sqlite if args.copy_from.is_some() => {
            let why = "a data directory is copied into PostgreSQL: name it with --store".to_owned();
            Err(StoreFault::Address { why })
        }
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
