//! `vigil sim`: simulated days, checked at every step.

use std::sync::Arc;

use vigil_desk::sim::Plan;

use super::complain;
use crate::exit;

/// How much of which seed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil sim --seed 7 --days 365 --requests 2000 --json
Exit codes: 0 everything held, 1 something that must always hold did not (the seed is named), 64 wrong usage")]
pub struct Args {
    /// The seed: the same one lives the same days
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Days to live through
    #[arg(long, default_value_t = 365)]
    pub days: u32,
    /// Requests that arrive in them
    #[arg(long, default_value_t = 2_000)]
    pub requests: usize,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Lives through them.
pub async fn run(args: Args) -> u8 {
    let library = match vigil_packs::open(&[]) {
        Ok(library) => Arc::new(library),
        Err(issues) => return complain(&format!("{} complaints about the packs", issues.len()), exit::UNREADABLE),
    };
    let plan = Plan { days: i64::from(args.days), ..Plan::year(args.seed, args.requests) };
    eprintln!("Living through {} days with {} requests, seed {}.", args.days, args.requests, args.seed);
    let began = std::time::Instant::now();
    let report = match vigil_desk::sim::run(library, plan).await {
        Ok(report) => report,
        Err(error) => return complain(&error, exit::FAILURE),
    };
    eprintln!("{:.1} seconds.", began.elapsed().as_secs_f64());
    let text = if args.json { serde_json::to_string(&report).unwrap_or_default() } else { report.text() };
    println!("{}", text.trim_end());
    if report.failures.is_empty() { exit::SUCCESS } else { exit::FAILURE }
}
