//! How a command reaches the data directory: through whoever serves it, else by taking its lock.

use std::{io::Write as _, time::Duration};

use clap::Args;
use tokio::sync::mpsc;
use vigil_desk::time::Time;
use vigil_store::{schema_at, schema_of};

use super::complain;
use crate::{
    app::App,
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
    if !ask.makes_a_store() && !holds_a_store(settings) {
        return complain(&nothing_there(settings), exit::USAGE);
    }
    match Session::open(settings).await {
        Ok(session) => {
            let code = session.ask(ask, inputs, outlet).await;
            session.close();
            code
        }
        Err(code) => code,
    }
}

/// A way to the data directory that several commands go.
pub struct Session<'s> {
    settings: &'s Settings,
    /// The house this process holds; none when another serves it.
    held: Option<App>,
}

impl<'s> Session<'s> {
    /// Finds whoever serves the data directory, or takes its lock.
    ///
    /// # Errors
    /// The exit code, after the complaint was made.
    pub async fn open(settings: &'s Settings) -> Result<Self, u8> {
        for _ in 0..TRIES {
            // A store in PostgreSQL has many nodes: this command is one more for a moment.
            if matches!(settings.store, StoreAt::Sqlite) && client::connect(&settings.data_dir).await.is_some() {
                return Ok(Self { settings, held: None });
            }
            match open::house(settings, Time::Wall) {
                Ok(app) => return Ok(Self { settings, held: Some(app) }),
                Err(CannotOpen::Store(fault)) if fault.is_busy() => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(error) => return Err(complain(&error, error.code())),
            }
        }
        let says = match &settings.store {
            StoreAt::Sqlite => {
                format!("{} is held by another process that does not answer; try again", settings.data_dir.display())
            }
            StoreAt::Postgres(address) => format!("{} does not answer; try again", address.shown()),
        };
        Err(complain(&says, exit::BUSY))
    }

    /// Does a command and gives its exit code.
    pub async fn ask(&self, ask: Ask, inputs: Vec<Input>, outlet: &Outlet) -> u8 {
        if let Some(app) = &self.held {
            return perform(app, ask, inputs, outlet).await;
        }
        let Some(stream) = client::connect(&self.settings.data_dir).await else {
            let dir = self.settings.data_dir.display();
            return complain(&format!("whoever served {dir} is gone; give the command again"), exit::BUSY);
        };
        match client::ask(stream, ask, &inputs, outlet).await {
            Ok(code) => code,
            Err(error) => complain(&error, exit::FAILURE),
        }
    }

    /// Does a command whose answer is wanted here; progress and complaints go to standard error.
    pub async fn answer(&self, ask: Ask, inputs: Vec<Input>) -> (u8, Vec<u8>) {
        let (outlet, mut pieces) = Outlet::new();
        let gather = async {
            let mut answer = Vec::new();
            while let Some(piece) = pieces.recv().await {
                match piece {
                    Piece::Out(bytes) => answer.extend_from_slice(&bytes),
                    Piece::Err(bytes) => drop(std::io::stderr().lock().write_all(&bytes)),
                }
            }
            answer
        };
        let asking = async {
            let code = self.ask(ask, inputs, &outlet).await;
            drop(outlet);
            code
        };
        tokio::join!(asking, gather)
    }

    /// Lets the data directory go.
    pub fn close(&self) {
        if let Some(app) = &self.held {
            app.desk.store.close();
        }
    }
}

/// Whether there is a store where the settings say. A store that cannot be looked into is taken to be there: opening it says
/// what is wrong.
pub fn holds_a_store(settings: &Settings) -> bool {
    let found = match &settings.store {
        StoreAt::Sqlite => schema_of(&settings.data_dir),
        StoreAt::Postgres(address) => schema_at(address),
    };
    !matches!(found, Ok(None))
}

/// A command that only reads makes no store: where none is, the place is most likely mistyped.
fn nothing_there(settings: &Settings) -> String {
    match &settings.store {
        StoreAt::Sqlite => {
            let dir = &settings.data_dir;
            let what = if dir.is_dir() { "holds no store of Vigil" } else { "is not there" };
            format!(
                "the data directory {} {what}; nothing was read and nothing was made. Name it with --data-dir, \
                 VIGIL_DATA_DIR or data-dir in vigil.toml (vigil config shows what is in force); vigil serve, vigil \
                 import and vigil token create make a new one",
                dir.display()
            )
        }
        StoreAt::Postgres(address) => format!(
            "{} holds no store of Vigil; nothing was read and nothing was made. Look at --store; vigil serve makes a new one",
            address.shown()
        ),
    }
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
