//! `vigil migrate`: where the store stands between this Vigil and an older or newer one, and the step that closes the way back.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use vigil_store::{Address, Migrated, Options, Schema, Store, StoreFault, schema_at, schema_of};

use super::{
    ask::{Asked, Wrong},
    complain,
};
use crate::{
    control::Ask,
    exit,
    perform::schema_words,
    settings::{Settings, StoreAt},
};

/// How far.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil migrate --check --data-dir /var/lib/vigil
Example: vigil migrate --check --store postgres://vigil@db.example.org/vigil
Moving from SQLite: vigil migrate --copy-from /var/lib/vigil --store postgres://vigil@db.example.org/vigil
A newer Vigil adds what it needs when it opens the store, and the older one may still be put back. --contract takes away
what only the older one needs; from then on it is refused. On PostgreSQL that is not done while an older node serves.
Exit codes: 0 done, or nothing waits, 1 steps wait (--check) or failed, 64 wrong usage, 65 the store is newer than this Vigil,
75 data directory busy")]
pub struct Args {
    /// Change nothing: say what has run and what waits
    #[arg(long, conflicts_with = "contract")]
    check: bool,
    /// Run the steps that take away, too: there is no way back to the older Vigil
    #[arg(long)]
    contract: bool,
    /// Copy a data directory into the PostgreSQL of --store, which must be empty; nobody may serve the directory meanwhile
    #[arg(long, value_name = "DIR", conflicts_with = "contract")]
    copy_from: Option<PathBuf>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Whether nothing is to be changed.
    pub fn only_looks(&self) -> bool {
        self.check
    }

    /// A store in PostgreSQL is migrated from here, beside its nodes; none for a data directory.
    pub fn beside_nodes(&self, settings: &Settings) -> Option<u8> {
        let StoreAt::Postgres(address) = &settings.store else {
            let says = "a data directory is copied into PostgreSQL: name it with --store";
            return self.copy_from.is_some().then(|| complain(&says, exit::USAGE));
        };
        if let Some(from) = &self.copy_from {
            return Some(copied(from, address));
        }
        if self.check {
            return Some(self.said(schema_at(address), &address.shown()));
        }
        Some(match Store::migrate(address, self.contract) {
            Ok(_) if self.json => self.said(schema_at(address), &address.shown()),
            Ok(Migrated { version, expanded, contracted, waiting }) => {
                let says =
                    format!("schema {version}: {expanded} added, {contracted} removed, {waiting} with an old half");
                let _closed = writeln!(std::io::stdout(), "{says}");
                exit::SUCCESS
            }
            Err(fault) => complain(&fault, exit::of_fault(&fault)),
        })
    }

    /// As a command that travels.
    ///
    /// # Errors
    /// None; the form is that of the other commands.
    pub fn ask(self) -> Result<Asked, Wrong> {
        Ok((Ask::Migrate { contract: self.contract, json: self.json }, Vec::new()))
    }

    /// Says where the store stands, without opening it for writing.
    pub fn look(&self, settings: &Settings) -> u8 {
        self.said(schema_of(&settings.data_dir), &settings.data_dir.display().to_string())
    }

    /// Says where a store stands, and whether that needs anybody.
    fn said(&self, found: Result<Option<Schema>, StoreFault>, place: &str) -> u8 {
        match found {
            Ok(None) => complain(&format!("{place} holds no store"), exit::UNREADABLE),
            Ok(Some(schema)) => {
                let _closed = writeln!(std::io::stdout(), "{}", schema_words(&schema, self.json));
                match () {
                    () if schema.lets_in > schema.known => exit::UNREADABLE,
                    () if !schema.waiting.is_empty() => exit::FAILURE,
                    () => exit::SUCCESS,
                }
            }
            Err(fault) if fault.is_away() => complain(&fault, exit::of_fault(&fault)),
            Err(fault) => complain(&fault, exit::FAILURE),
        }
    }
}

/// Copies a data directory into an empty database, whole or not at all.
fn copied(from: &Path, address: &Address) -> u8 {
    if let Ok(None) = schema_of(from) {
        return complain(&format!("{} holds no store: there is nothing to copy", from.display()), exit::USAGE);
    }
    let done = Store::open(from, &Options::default())
        .and_then(|store| store.copy_to(address, &mut |rows| eprintln!("{rows} rows")));
    match done {
        Ok(rows) => {
            let _closed = writeln!(std::io::stdout(), "{rows} rows copied; now run vigil verify with the same --store");
            exit::SUCCESS
        }
        Err(fault) => complain(&fault, exit::of_fault(&fault)),
    }
}
