//! `vigil sim`: simulated days, checked at every step.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use vigil_desk::sim::{Plan, Report};
use vigil_domain::library::Library;

use super::complain;
use crate::exit;

/// How much of which seed.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: vigil sim --seed 7 --days 365 --requests 2000 --json
Example: vigil sim --seeds 50 --jobs 2
Example: vigil sim --seed 168 --keep year-168
Exit codes: 0 everything held, 1 something that must always hold did not (the seed is named), 64 wrong usage")]
pub struct Args {
    /// The seed: the same one lives the same days
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// So many seeds, from --seed on, each by itself
    #[arg(long, default_value_t = 1)]
    pub seeds: u64,
    /// Seeds lived through at once
    #[arg(long, default_value_t = 1)]
    pub jobs: usize,
    /// Days to live through
    #[arg(long, default_value_t = 365)]
    pub days: u32,
    /// Requests that arrive in them
    #[arg(long, default_value_t = 2_000)]
    pub requests: usize,
    /// Keep one seed's store in this new folder, to look at a case with every tool
    #[arg(long, conflicts_with = "seeds", value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

impl Args {
    fn plan(&self, seed: u64) -> Plan {
        Plan { days: i64::from(self.days), dir: self.keep.clone(), ..Plan::year(seed, self.requests) }
    }
}

/// Lives through them.
pub async fn run(args: Args) -> u8 {
    let library = match vigil_packs::open(&[]) {
        Ok(library) => Arc::new(library),
        Err(issues) => return complain(&format!("{} complaints about the packs", issues.len()), exit::UNREADABLE),
    };
    if args.seeds > 1 {
        let many = tokio::task::spawn_blocking(move || many(&library, &args));
        return many.await.unwrap_or(exit::FAILURE);
    }
    eprintln!("Living through {} days with {} requests, seed {}.", args.days, args.requests, args.seed);
    let began = Instant::now();
    let report = match vigil_desk::sim::run(library, args.plan(args.seed)).await {
        Ok(report) => report,
        Err(error) => return complain(&error, exit::FAILURE),
    };
    eprintln!("{:.1} seconds.", began.elapsed().as_secs_f64());
    let text = if args.json { serde_json::to_string(&report).unwrap_or_default() } else { report.text() };
    println!("{}", text.trim_end());
    if report.failures.is_empty() { exit::SUCCESS } else { exit::FAILURE }
}

/// One seed's life, or why it ended early.
type Lived = (u64, Duration, Result<Report, String>);

/// Many seeds, some at once.
fn many(library: &Arc<Library>, args: &Args) -> u8 {
    eprintln!(
        "Living through {} days with {} requests, {} seeds from {}.",
        args.days, args.requests, args.seeds, args.seed
    );
    let (next, lived) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= args.seeds {
                        return;
                    }
                    let one = one(library, args, args.seed + n);
                    tell(&one);
                    lived.lock().unwrap_or_else(PoisonError::into_inner).push(one);
                }
            });
        }
    });
    let mut lived = lived.into_inner().unwrap_or_else(PoisonError::into_inner);
    lived.sort_unstable_by_key(|(seed, ..)| *seed);
    println!("{}", if args.json { of_many(&lived) } else { text_of_many(&lived, began.elapsed()) });
    let held = lived.iter().all(|(_, _, report)| report.as_ref().is_ok_and(|r| r.failures.is_empty()));
    if held { exit::SUCCESS } else { exit::FAILURE }
}

fn one(library: &Arc<Library>, args: &Args, seed: u64) -> Lived {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let report = match runtime {
        Ok(runtime) => runtime.block_on(vigil_desk::sim::run(Arc::clone(library), args.plan(seed))),
        Err(error) => return (seed, began.elapsed(), Err(error.to_string())),
    };
    (seed, began.elapsed(), report.map_err(|e| e.to_string()))
}

fn tell((seed, took, report): &Lived) {
    let took = took.as_secs_f64();
    match report {
        Ok(r) if r.failures.is_empty() => {
            eprintln!("seed {seed}: {took:.1} s, {} cases, {} events, {} checks held", r.received, r.events, r.checks);
        }
        Ok(r) => eprintln!("seed {seed}: {} CHECKS FAILED, the first: {}", r.failures.len(), r.failures[0]),
        Err(error) => eprintln!("seed {seed}: ENDED EARLY: {error}"),
    }
}

fn of_many(lived: &[Lived]) -> String {
    let seeds: Vec<_> = lived
        .iter()
        .map(|(seed, took, report)| match report {
            Ok(report) => json!({"seed": seed, "seconds": took.as_secs_f64(), "report": report}),
            Err(error) => json!({"seed": seed, "seconds": took.as_secs_f64(), "ended_early": error}),
        })
        .collect();
    serde_json::Value::from(seeds).to_string()
}

fn text_of_many(lived: &[Lived], took: Duration) -> String {
    let reports = || lived.iter().filter_map(|(_, _, report)| report.as_ref().ok());
    let sum = |of: fn(&Report) -> u64| reports().map(of).sum::<u64>();
    let slowest = lived.iter().map(|(_, took, _)| *took).max().unwrap_or_default();
    let each = lived.iter().map(|(_, took, _)| took.as_secs_f64()).sum::<f64>() / lived.len().max(1) as f64;
    let mut faults = std::collections::BTreeMap::new();
    for (word, n) in reports().flat_map(|r| &r.faults) {
        *faults.entry(word.as_str()).or_insert(0_u64) += n;
    }
    let mut text = format!(
        "{} seeds in {:.0} s: {:.1} s each, the slowest {:.1} s\n{} requests, {} cases, {} decided, {} events, {} checks\n\
         lapsed and recorded: {} decision clocks, {} notice clocks; {} notices given\n",
        lived.len(),
        took.as_secs_f64(),
        each,
        slowest.as_secs_f64(),
        sum(|r| r.asked),
        sum(|r| r.received),
        sum(Report::decided),
        sum(|r| r.events),
        sum(|r| r.checks),
        sum(|r| r.decision_lapses),
        sum(|r| r.notice_lapses),
        sum(|r| r.notices)
    );
    for (word, n) in faults {
        text.push_str(&format!("  fault {n:>8}  {word}\n"));
    }
    let failed = lived.iter().filter_map(|(seed, _, report)| match report {
        Ok(r) => r.failures.first().map(|f| format!("seed {seed}: {f}\n")),
        Err(error) => Some(format!("seed {seed}: ended early: {error}\n")),
    });
    let failed: Vec<String> = failed.collect();
    text + &if failed.is_empty() {
        "every check held".into()
    } else {
        format!("{} SEEDS FAILED\n{}", failed.len(), failed.concat())
    }
}
