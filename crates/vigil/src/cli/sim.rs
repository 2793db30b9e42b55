//! `vigil sim`: simulated days, checked at every step.

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
pub async fn run(_: Args) -> u8 {
    complain(&"the simulation is not in this build", exit::FAILURE)
}
