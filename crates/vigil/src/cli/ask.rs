//! How a command reaches the data directory: through whoever serves it, else by taking its lock.

use std::{io::Write as _, time::Duration};

use clap::Args;
use tokio::sync::mpsc;
use vigil_desk::time::Time;

use super::complain;
use crate::{
    control::{Ask, Input, Outlet, Piece, client},
    exit,
    open::{self, CannotOpen},
    perform::perform,
    settings::{Settings, StoreAt},
};

/// A command that takes nothing but the form of its answer.
#[derive(Debug, Args)]
pub struct Plain {
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// A command and the files it read.
pub type Asked = (Ask, Vec<Input>);

/// What is wrong with a command before it is asked.
#[derive(Debug)]
pub struct Wrong {
    /// The sentence.
    pub says: String,
    /// The exit code.
    pub code: u8,
}

impl Wrong {
    /// Wrong usage.
    pub fn usage(says: impl Into<String>) -> Self {
        Self { says: says.into(), code: exit::USAGE }
    }

    /// Unreadable input.
    pub fn unreadable(name: &str, error: &dyn std::fmt::Display) -> Self {
        Self { says: format!("{name}: {error}"), code: exit::UNREADABLE }
    }
}

/// How often a lock that is held by a process without a socket is tried again; it may be starting.
const TRIES: u32 = 20;

/// Runs the command and gives its exit code.
pub async fn run(settings: &Settings, ask: Ask, inputs: Vec<Input>) -> u8 {
    let (outlet, pieces) = Outlet::new();
    let writer = tokio::spawn(write(pieces));
    let code = reach(settings, ask, inputs, &outlet).await;
    drop(outlet);
    let _written = writer.await;
    code
}

async fn reach(settings: &Settings, ask: Ask, inputs: Vec<Input>, outlet: &Outlet) -> u8 {
    for _ in 0..TRIES {
        // A store in PostgreSQL has many nodes: this command is one more for a moment.
        let served = match settings.store {
            StoreAt::Sqlite => client::connect(&settings.data_dir).await,
            StoreAt::Postgres(_) => None,
        };
        if let Some(stream) = served {
            return match client::ask(stream, ask, &inputs, outlet).await {
                Ok(code) => code,
                Err(error) => complain(&error, exit::FAILURE),
            };
        }
        match open::house(settings, Time::Wall) {
            Ok(app) => {
                let code = perform(&app, ask, inputs, outlet).await;
                app.desk.store.close();
                return code;
            }
            Err(CannotOpen::Store(fault)) if fault.is_busy() => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(error) => return complain(&error, error.code()),
        }
    }
    let says = match &settings.store {
        StoreAt::Sqlite => {
            format!("{} is held by another process that does not answer; try again", settings.data_dir.display())
        }
        StoreAt::Postgres(address) => format!("{} does not answer; try again", address.shown()),
    };
    complain(&says, exit::BUSY)
}

async fn write(mut pieces: mpsc::Receiver<Piece>) {
    while let Some(piece) = pieces.recv().await {
        // Nobody reading any more ends the output, not the command.
        let _closed = match piece {
            Piece::Out(bytes) => {
                let mut out = std::io::stdout().lock();
                out.write_all(&bytes).and_then(|()| out.flush())
            }
            Piece::Err(bytes) => std::io::stderr().lock().write_all(&bytes),
        };
    }
}
