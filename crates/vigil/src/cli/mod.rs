//! The command line: one module a command, one exit code for each way it can end (DECISIONS 18).

pub mod account;
pub mod ask;
pub mod audit;
pub mod backup;
pub mod clock;
pub mod config;
pub mod criteria;
pub mod demo;
pub mod export;
pub mod feed;
pub mod folder;
pub mod form;
pub mod health;
mod hospital;
pub mod import;
pub mod load;
pub mod message;
pub mod migrate;
pub mod packs;
pub mod restore;
pub mod serve;
pub mod sim;
pub mod status;
pub mod token;

use std::{ffi::OsString, io::Write as _, process::ExitCode};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, error::ErrorKind};

use crate::{
    control::{Ask, Operation, PacksDiffAsk},
    exit, observe, open,
    settings::{self, Settings, StoreAt},
};

/// Threads that answer when the store is not in the same process.
const DISTANT_THREADS: usize = 24;

/// Vigil: utilization management.
#[derive(Debug, Parser)]
#[command(name = "vigil", version, about = "Utilization management: prior authorization judged under the law's clock", after_help = AFTER)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "Example: vigil serve --data-dir /var/lib/vigil
Every setting is a flag, an environment variable and a line of vigil.toml under one name; see vigil config.
Exit codes: 0 done (an answer with business errors included), 1 failed, 2 the answer is an OperationOutcome,
64 wrong usage, 65 unreadable input, 75 data directory busy";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages and the interfaces until told to stop
    Serve(serve::Args),
    /// Make a demonstration directory, fill it and serve it
    Demo(demo::Args),
    /// Judge one PAS request and print the response
    #[command(after_help = "Example: vigil submit --pas 2.2 --membership provisional request.json > response.json
Standard output is the answer and nothing else. The same bytes get the stored answer.
Exit codes: 0 the answer is a response (business errors included), 2 the answer is an OperationOutcome, 1 failed,
64 wrong usage, 65 unreadable input, 75 data directory busy")]
    Submit(message::Args),
    /// Answer one PAS inquiry and print the response
    #[command(after_help = "Example: vigil inquire --pas 2.2 inquiry.json > response.json
Standard output is the answer and nothing else: Parameters for 2.2, a Bundle for 2.0. Nothing is changed by asking.
Exit codes: 0 the answer is a response (business errors included), 2 the answer is an OperationOutcome, 1 failed,
64 wrong usage, 65 unreadable input, 75 data directory busy")]
    Inquire(message::Args),
    /// Make, list and revoke the tokens of interfaces
    Token(token::Args),
    /// Make, list and change the accounts of people
    Account(account::Args),
    /// Load rosters, provider directories, contracts and code sets
    Import(import::Args),
    /// Look at messages of hospitals' feeds that nobody could take, and take them again
    Feed(feed::FeedArgs),
    /// Load your own copies of official notice forms, look into one, list them
    Form(form::FormArgs),
    /// Check the packs, or say what new ones would change
    #[command(
        after_help = "Example: vigil packs check --overlay ./our-packs\nExit codes: 0 sound, 1 not sound, 64 wrong usage, 65 unreadable input"
    )]
    Packs(packs::PacksArgs),
    /// Answer questions about legal clocks
    #[command(
        after_help = "Example: vigil clock due --batch questions.jsonl\nExit codes: 0 answered, 1 failed, 64 wrong usage, 65 unreadable input"
    )]
    Clock(Box<clock::ClockArgs>),
    /// Evaluate criteria on facts, or list them
    #[command(
        after_help = "Example: vigil criteria evaluate --batch cases.jsonl --json\nExit codes: 0 answered, 1 failed, 64 wrong usage, 65 unreadable input"
    )]
    Criteria(criteria::CriteriaArgs),
    /// Judge hospital status on facts, walk a guided procedure, load an inpatient-only list
    #[command(
        after_help = "Example: vigil status procedure condition-code-44 --facts facts.json\nExit codes: 0 answered, 1 failed, 64 wrong usage, 65 unreadable input"
    )]
    Status(Box<status::StatusArgs>),
    /// Walk all that is kept under a digest and say whether every byte of it is as it was written
    #[command(after_help = "Example: vigil verify --data-dir /var/lib/vigil --json
Walks the log's chains and checkpoints, then every message as received, every document and every pinned text.
Names the first fault: in the log by checkpoint, subject and version, beside it by the row and its digest. Says how far it
is. Answers as sent, the trail of who looked, rosters and accounts carry no digest and are not walked.
Exit codes: 0 sound, 1 a fault was found, 64 wrong usage or no data directory there, 75 data directory busy")]
    Verify(ask::Plain),
    /// Write an audit packet, a universe, or draw a sample of files
    Audit(audit::Args),
    /// Write the read models anew from the log
    #[command(after_help = "Example: vigil rebuild --data-dir /var/lib/vigil
Runs beside a serving Vigil too; it says how far it is.
Exit codes: 0 done, 1 the log does not make a case or another fault, 64 wrong usage or no data directory there, 75 data directory busy")]
    Rebuild(ask::Plain),
    /// Copy the data directory, whole and consistent, while serving or not
    Backup(backup::Args),
    /// Make a data directory out of a back-up, proven before it is there
    Restore(restore::Args),
    /// Write events and read models as Parquet, for DuckDB, Spark and Trino
    Export(export::Args),
    /// Say or do what a change of the store's schema needs
    Migrate(migrate::Args),
    /// Live through simulated days and check what must always hold
    Sim(sim::Args),
    /// Make a plan of any size: judge its year again, or send it to a serving Vigil
    Load(load::Args),
    /// Say which settings are in force and where each came from
    Config(config::Args),
    /// Ask a serving Vigil whether it is alive
    Health(health::Args),
}

/// Runs the command line and gives the process's exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::from(run(arguments))
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let parser = Cli::command().args(settings::flags()).subcommand_required(true).arg_required_else_help(true);
    let matches = match parser.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let _closed = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => exit::SUCCESS,
                _ => exit::USAGE,
            };
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            let _closed = error.print();
            return exit::USAGE;
        }
    };
    match settings::settings(&matches, &|name| std::env::var(name).ok()) {
        Ok(settings) => dispatch(cli.command, &settings),
        Err(error) => complain(&error, exit::USAGE),
    }
}

fn dispatch(command: Command, settings: &Settings) -> u8 {
    let (out, err) = (&mut std::io::stdout(), &mut std::io::stderr());
    match command {
        Command::Serve(args) => with_threads(settings, serve::run(args, settings)),
        Command::Demo(args) => with_runtime(demo::run(args, settings)),
        Command::Submit(args) => ask(settings, args.ask(Operation::Submit, settings)),
        Command::Inquire(args) => ask(settings, args.ask(Operation::Inquire, settings)),
        Command::Token(args) => ask(settings, Ok((args.ask(), Vec::new()))),
        Command::Account(args) => ask(settings, args.ask()),
        Command::Import(args) => with_runtime(import::run(args, settings)),
        Command::Feed(args) => ask(settings, Ok((args.ask(), Vec::new()))),
        Command::Form(args) => match args.ask() {
            Ok(None) => args.look(out, err),
            Ok(Some(asked)) => ask(settings, Ok(asked)),
            Err(wrong) => complain(&wrong.says, wrong.code),
        },
        Command::Packs(args) => packs_over(over_packs(args, settings), settings),
        Command::Clock(args) => code_of(clock::run(over_clock(*args, settings), out, err)),
        Command::Criteria(args) => match open::library(settings) {
            Ok(library) => code_of(criteria::run(args, &library, out, err)),
            Err(error) => complain(&error, error.code()),
        },
        Command::Status(args) => match open::library(settings) {
            Ok(library) => code_of(status::run(*args, &library, vigil_desk::time::Time::Wall.now(), out, err)),
            Err(error) => complain(&error, error.code()),
        },
        Command::Verify(args) => ask(settings, Ok((Ask::Verify { json: args.json }, Vec::new()))),
        Command::Audit(args) => ask(settings, args.ask()),
        Command::Rebuild(args) => ask(settings, Ok((Ask::Rebuild { json: args.json }, Vec::new()))),
        Command::Backup(args) => ask(settings, args.ask()),
        Command::Export(args) => ask(settings, args.ask()),
        Command::Restore(args) => restore::run(&args, settings),
        Command::Migrate(args) => migrate(args, settings),
        Command::Sim(args) => with_runtime(sim::run(args)),
        Command::Load(args) => with_runtime(load::run(args)),
        Command::Config(args) => config::run(&args, settings, out),
        Command::Health(args) => with_runtime(health::run(args, settings)),
    }
}

/// The day it is in UTC: near enough for a limit of a year.
fn today() -> String {
    crate::export::date_of(vigil_desk::time::Time::Wall.now()).to_string()
}

/// The overlays of the settings lie below what `packs` is asked about, unless it names its own.
fn over_packs(mut args: packs::PacksArgs, settings: &Settings) -> packs::PacksArgs {
    let named = match &mut args.command {
        packs::PacksCommand::Check(check) => {
            check.on.get_or_insert_with(today);
            &mut check.overlays
        }
        // Both sets were named: neither is what is in force.
        packs::PacksCommand::Diff(diff) if diff.packs.len() == 2 => return args,
        packs::PacksCommand::Diff(diff) => &mut diff.base,
    };
    if named.is_empty() {
        named.clone_from(&settings.packs_overlay);
    }
    args
}

/// `packs diff` asks the open cases too, where there is a data directory.
fn packs_over(args: packs::PacksArgs, settings: &Settings) -> u8 {
    let (out, err) = (&mut std::io::stdout(), &mut std::io::stderr());
    match args.command {
        packs::PacksCommand::Diff(diff) if ask::holds_a_store(settings) => {
            let sets = diff.sets();
            let whole = |paths: Vec<std::path::PathBuf>| {
                paths.into_iter().map(|p| std::path::absolute(&p).unwrap_or(p)).collect::<Vec<_>>()
            };
            let asked =
                PacksDiffAsk { tenant: diff.tenant, old: whole(sets.old), new: whole(sets.new), json: sets.json };
            ask(settings, Ok((Ask::PacksDiff(asked), Vec::new())))
        }
        packs::PacksCommand::Diff(diff) => {
            let dir = settings.data_dir.display();
            let _closed = writeln!(err, "no data directory at {dir}: rules are compared, open cases are not");
            code_of(packs::run(packs::PacksArgs { command: packs::PacksCommand::Diff(diff) }, out, err))
        }
        command => code_of(packs::run(packs::PacksArgs { command }, out, err)),
    }
}

/// The clocks are asked under the overlays of the settings, unless the question names its own.
fn over_clock(mut args: clock::ClockArgs, settings: &Settings) -> clock::ClockArgs {
    let clock::ClockCommand::Due(due) = &mut args.command;
    if due.overlays.is_empty() {
        due.overlays.clone_from(&settings.packs_overlay);
    }
    args
}

/// Looks, migrates beside the nodes of a database, or goes to whoever holds the data directory.
fn migrate(args: migrate::Args, settings: &Settings) -> u8 {
    match args.beside_nodes(settings) {
        Some(code) => code,
        None if args.only_looks() => args.look(settings),
        None => ask(settings, args.ask()),
    }
}

/// Runs a command that needs the data directory.
fn ask(settings: &Settings, asked: Result<ask::Asked, ask::Wrong>) -> u8 {
    match asked {
        Ok((ask, inputs)) => {
            observe::start(settings);
            with_runtime(ask::run(settings, ask, inputs))
        }
        Err(wrong) => complain(&wrong.says, wrong.code),
    }
}

fn with_runtime(work: impl Future<Output = u8>) -> u8 {
    run_in(tokio::runtime::Builder::new_multi_thread(), work)
}

/// Reading waits for a distant database, and a waiting thread costs little: more of them keep the cores busy.
fn with_threads(settings: &Settings, work: impl Future<Output = u8>) -> u8 {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let StoreAt::Postgres(_) = settings.store {
        builder.worker_threads(DISTANT_THREADS);
    }
    run_in(builder, work)
}

fn run_in(mut builder: tokio::runtime::Builder, work: impl Future<Output = u8>) -> u8 {
    match builder.enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(work);
            runtime.shutdown_timeout(std::time::Duration::from_secs(2));
            code
        }
        Err(error) => complain(&error, exit::FAILURE),
    }
}

/// Writes a complaint to standard error and passes on the code.
pub(crate) fn complain(what: &dyn std::fmt::Display, code: u8) -> u8 {
    let _closed = writeln!(std::io::stderr(), "vigil: {what}");
    code
}

/// The number inside an [`ExitCode`], which does not give it away: the other rooms' commands end with one of these.
fn code_of(code: ExitCode) -> u8 {
    (0..=u8::MAX).find(|n| ExitCode::from(*n) == code).unwrap_or(exit::FAILURE)
}
