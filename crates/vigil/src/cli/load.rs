//! `vigil load`: a plan of any size, judged again without a door, or sent to a serving Vigil.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use clap::Subcommand;
use serde_json::{Value, json};
use vigil_desk::replay::{
    self, Replay, Replayed,
    figures::Figures,
    pool::{Pool, Year},
};

use super::complain;
use crate::{
    exit,
    load::{
        drive::{self, Driven, Orders},
        roster,
    },
};

/// Which plan, and what of it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil load judge --requests 52800000 --parse --people
Exit codes: 0 done, 1 failed or not every answer was a judgement, 64 wrong usage, 65 packs unreadable")]
pub struct Args {
    #[command(subcommand)]
    command: LoadCommand,
}

/// The plan.
#[derive(Debug, clap::Args)]
struct PlanArgs {
    /// The seed: the same one makes the same plan
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Members of the plan
    #[arg(long, default_value_t = 500_000)]
    members: u64,
    /// Distinct requests; each comes again for other members and on other days
    #[arg(long, default_value_t = 4_096)]
    distinct: usize,
}

impl PlanArgs {
    fn year(&self) -> Year {
        Year { members: self.members, distinct: self.distinct.max(1), ..Year::of(self.seed) }
    }
}

#[derive(Debug, Subcommand)]
enum LoadCommand {
    /// Judge a year of requests again, on every core, without a door and without a store
    #[command(after_help = "Example: vigil load judge --requests 1000000 --parse --json
Exit codes: 0 judged, 1 failed, 64 wrong usage, 65 packs unreadable")]
    Judge {
        #[command(flatten)]
        plan: PlanArgs,
        /// Requests of the year
        #[arg(long, default_value_t = 1_000_000)]
        requests: u64,
        /// Workers; one a core without it
        #[arg(long)]
        jobs: Option<usize>,
        /// Read each request anew from its bytes
        #[arg(long)]
        parse: bool,
        /// Nurses and physicians finish what automation leaves
        #[arg(long)]
        people: bool,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the plan's roster, coverages, providers and contracts for `vigil import`
    #[command(after_help = "Example: vigil load roster /tmp/plan --members 100000 && vigil import /tmp/plan
Exit codes: 0 written, 1 failed, 64 wrong usage, 65 packs unreadable")]
    Roster {
        /// The folder
        folder: PathBuf,
        #[command(flatten)]
        plan: PlanArgs,
    },
    /// Send the plan's requests to a serving Vigil and time the answers
    #[command(after_help = "Example: vigil load send --to 127.0.0.1:8080 --token $TOKEN --seconds 30 --rate 2500
Without --rate each connection waits for its answer (closed loop); with it requests are due at their moments (open loop) and
their times run from the moment they were due.
Exit codes: 0 every answer was 200, 1 some were not, 64 wrong usage, 65 packs unreadable")]
    Send {
        #[command(flatten)]
        plan: PlanArgs,
        /// Host and port
        #[arg(long, default_value = "127.0.0.1:8080")]
        to: String,
        /// A bearer token of the interface (vigil token create)
        #[arg(long, env = "VIGIL_LOAD_TOKEN", hide_env_values = true)]
        token: String,
        /// Connections at once
        #[arg(long, default_value_t = 64)]
        connections: usize,
        /// How long
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// Requests a second, in an open loop
        #[arg(long)]
        rate: Option<f64>,
        /// The number of the first request: go on where an earlier run ended, so that none comes twice
        #[arg(long, default_value_t = 0)]
        first: u64,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does it.
pub async fn run(args: Args) -> u8 {
    let library = match vigil_packs::open(&[]) {
        Ok(library) => Arc::new(library),
        Err(issues) => return complain(&format!("{} complaints about the packs", issues.len()), exit::UNREADABLE),
    };
    match args.command {
        LoadCommand::Judge { plan, requests, jobs, parse, people, json } => {
            let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
            let replay = Replay { year: plan.year(), requests, jobs: jobs.unwrap_or(cores), parse, people };
            match tokio::task::spawn_blocking(move || judge(&library, &replay, json)).await {
                Ok(code) => code,
                Err(error) => complain(&error, exit::FAILURE),
            }
        }
        LoadCommand::Roster { folder, plan } => {
            let written = Pool::draw(&library, &plan.year()).map(|pool| roster::write(&pool, &folder));
            match written {
                Ok(Ok(members)) => {
                    eprintln!("{members} members written to {}", folder.display());
                    exit::SUCCESS
                }
                Ok(Err(error)) => complain(&format!("{}: {error}", folder.display()), exit::FAILURE),
                Err(error) => complain(&error, exit::FAILURE),
            }
        }
        LoadCommand::Send { plan, to, token, connections, seconds, rate, first, json } => {
            if rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
                return complain(&"--rate is a number above zero", exit::USAGE);
            }
            let pool = match Pool::draw(&library, &plan.year()) {
                Ok(pool) => Arc::new(pool),
                Err(error) => return complain(&error, exit::FAILURE),
            };
            let length = Duration::from_secs(seconds);
            let orders = Orders { at: to, token, connections, length, rate, first };
            eprintln!("{connections} connections to {} for {seconds} seconds.", orders.at);
            let driven = drive::drive(pool, &orders).await;
            println!("{}", if json { of_driven(&driven).to_string() } else { driven_text(&driven) });
            if driven.answers.keys().all(|status| *status == 200) { exit::SUCCESS } else { exit::FAILURE }
        }
    }
}

fn judge(library: &Arc<vigil_domain::library::Library>, replay: &Replay, as_json: bool) -> u8 {
    let (done, told) = (AtomicU64::new(0), AtomicU64::new(0));
    let every = (replay.requests / 20).max(1);
    let progress = |n: u64| {
        let done = done.fetch_add(n, Ordering::Relaxed) + n;
        if done / every > told.fetch_max(done / every, Ordering::Relaxed) {
            eprintln!("{done} of {}", replay.requests);
        }
    };
    match replay::run(library, replay, &progress) {
        Ok(replayed) => {
            println!(
                "{}",
                if as_json { of_replayed(&replayed, replay).to_string() } else { replayed_text(&replayed, replay) }
            );
            exit::SUCCESS
        }
        Err(error) => complain(&error, exit::FAILURE),
    }
}

fn a_second(n: u64, took: Duration) -> f64 {
    n as f64 / took.as_secs_f64().max(1e-9)
}

fn replayed_text(r: &Replayed, replay: &Replay) -> String {
    let rate = a_second(r.requests, r.took);
    let read =
        if replay.parse { format!(", each read from {} bytes", r.bytes / r.requests.max(1)) } else { String::new() };
    let people = if replay.people { ", finished by people" } else { "" };
    let mut text = format!(
        "{} requests in {:.1} s on {} workers{read}{people}: {rate:.0} requests/s, {} commands, {} events\n\
         at this pace a national year of 52.8 million takes {:.0} minutes\n\
         {:<28} {:<10} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7}\n",
        r.requests,
        r.took.as_secs_f64(),
        replay.jobs,
        r.commands,
        r.events,
        52_800_000.0 / rate / 60.0,
        "line of business",
        "urgency",
        "received",
        "decided",
        "approved",
        "in part",
        "denied",
        "admin.",
        "no rev.",
        "open",
        "late",
        "mean h",
        "med. h"
    );
    for ((line, urgency), g) in r.figures.groups() {
        text.push_str(&format!(
            "{line:<28} {urgency:<10} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7.1} {:>7.1}\n",
            g.received,
            g.decided,
            g.approved,
            g.partial,
            g.denied,
            g.administrative,
            g.not_required,
            g.open,
            g.late,
            g.mean_hours(),
            g.median_hours()
        ));
    }
    text.push_str(&format!("turned away before judgement: {}", r.figures.turned_away));
    text
}

fn of_figures(figures: &Figures) -> Vec<Value> {
    let groups = figures.groups().map(|((line, urgency), g)| {
        json!({"line_of_business": line, "urgency": urgency, "received": g.received, "decided": g.decided,
               "approved": g.approved, "partially_approved": g.partial, "denied": g.denied,
               "administrative": g.administrative, "no_review_required": g.not_required, "open": g.open,
               "automated": g.automated, "late": g.late, "mean_hours": g.mean_hours(), "median_hours": g.median_hours()})
    });
    groups.collect()
}

fn of_replayed(r: &Replayed, replay: &Replay) -> Value {
    json!({"requests": r.requests, "seconds": r.took.as_secs_f64(), "requests_a_second": a_second(r.requests, r.took),
           "workers": replay.jobs, "parsed": replay.parse, "people": replay.people, "bytes": r.bytes,
           "commands": r.commands, "events": r.events, "turned_away": r.figures.turned_away,
           "figures": of_figures(&r.figures)})
}

const PARTS: [(&str, u64); 4] = [("p50", 500), ("p90", 900), ("p99", 990), ("p99.9", 999)];

fn driven_text(d: &Driven) -> String {
    let sent = d.times.count();
    let mut text = format!(
        "{sent} requests of {} bytes on average in {:.1} s: {:.0}/s\n",
        d.bytes / sent.max(1),
        d.took.as_secs_f64(),
        a_second(sent, d.took)
    );
    for (status, n) in &d.answers {
        let name = if *status == 0 { "broken connections".to_owned() } else { format!("status {status}") };
        text.push_str(&format!("  {n:>9}  {name}\n"));
    }
    let part = |(name, part): &(&str, u64)| format!("{name} {:.2} ms", d.times.within(*part) as f64 / 1e3);
    let parts: Vec<String> = PARTS.iter().map(part).collect();
    text + &format!("  {}, worst {:.2} ms", parts.join(", "), d.times.worst() as f64 / 1e3)
}

fn of_driven(d: &Driven) -> Value {
    let answers: serde_json::Map<String, Value> =
        d.answers.iter().map(|(status, n)| (status.to_string(), (*n).into())).collect();
    let parts: serde_json::Map<String, Value> =
        PARTS.iter().map(|(name, part)| ((*name).to_owned(), d.times.within(*part).into())).collect();
    json!({"requests": d.times.count(), "seconds": d.took.as_secs_f64(), "a_second": a_second(d.times.count(), d.took),
           "bytes": d.bytes, "answers": answers, "microseconds": parts, "mean_microseconds": d.times.mean(),
           "worst_microseconds": d.times.worst()})
}
