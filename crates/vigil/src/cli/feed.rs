//! `vigil feed`: messages of hospitals that nobody could take: look at them, and take them again.

use clap::{Args, Subcommand};
use vigil_desk::MAIN_TENANT;

use crate::control::{Ask, FeedAsk};

/// Messages of hospitals' feeds.
#[derive(Debug, Args)]
#[command(after_help = "Example: vigil feed parked --json; vigil feed replay --all
A parked message is kept as it came. Replay it when the facility record or Vigil itself has learnt to read it.
Exit codes: 0 done, 1 a message could still not be taken, 64 wrong usage, 75 data directory busy")]
pub struct FeedArgs {
    #[command(subcommand)]
    command: FeedCommand,
    /// The tenant
    #[arg(long, default_value = MAIN_TENANT, global = true)]
    tenant: String,
    /// Answer as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum FeedCommand {
    /// List the messages that nobody could take, oldest first
    #[command(
        after_help = "Example: vigil feed parked --json\n\nExit codes: 0 listed, 64 wrong usage, 75 data directory busy"
    )]
    Parked {
        /// At most so many
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
    },
    /// Print a parked message as it came (a patient's data: it is put on the trail)
    #[command(
        after_help = "Example: vigil feed show KEY, as the list names it\n\nExit codes: 0 shown, 1 no such message, 64 wrong usage, 75 data directory busy"
    )]
    Show {
        /// Its key, as the list names it
        key: String,
    },
    /// Take parked messages again
    #[command(
        after_help = "Example: vigil feed replay --all\n\nExit codes: 0 done, 1 a message could still not be taken, 64 wrong usage, 75 data directory busy"
    )]
    Replay {
        /// The key of one message, as the list names it
        #[arg(required_unless_present = "all")]
        key: Option<String>,
        /// All of them
        #[arg(long, conflicts_with = "key")]
        all: bool,
    },
}

impl FeedArgs {
    /// The command as it is asked.
    pub fn ask(self) -> Ask {
        let (tenant, json) = (self.tenant, self.json);
        Ask::Feed(match self.command {
            FeedCommand::Parked { limit } => FeedAsk::Parked { tenant, limit, json },
            FeedCommand::Show { key } => FeedAsk::Show { tenant, key },
            FeedCommand::Replay { key, .. } => FeedAsk::Replay { tenant, key, json },
        })
    }
}
