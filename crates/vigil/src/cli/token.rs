//! `vigil token`: bearer tokens for interfaces.

use clap::Subcommand;
use vigil_desk::MAIN_TENANT;

use crate::{
    access::token::PAS,
    control::{Ask, TokenAsk},
};

/// Tokens.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil token create clearinghouse-a
Exit codes: 0 done, 1 failed, 64 wrong usage, 75 data directory busy")]
pub struct Args {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token and print it; it is shown this once
    #[command(after_help = "Example: TOKEN=$(vigil token create clearinghouse-a)
Exit codes: 0 made (standard output is the token and nothing else), 64 wrong usage, 75 data directory busy")]
    Create {
        /// Whose it is: the sender of its messages
        name: String,
        /// What it may do: pas, metrics, hospital; repeatable
        #[arg(long = "scope", default_value = PAS)]
        scopes: Vec<String>,
        /// Days until it ends; without it, it has no end
        #[arg(long)]
        days: Option<u32>,
        /// The tenant
        #[arg(long, default_value = MAIN_TENANT)]
        tenant: String,
    },
    /// List tokens; the secrets themselves are not kept
    #[command(after_help = "Example: vigil token list --json\nExit codes: 0 listed, 75 data directory busy")]
    List {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// The tenant
        #[arg(long, default_value = MAIN_TENANT)]
        tenant: String,
    },
    /// Revoke every token of a name, at once
    #[command(after_help = "Example: vigil token revoke clearinghouse-a
Exit codes: 0 revoked, 1 there was nothing to revoke, 75 data directory busy")]
    Revoke {
        /// Whose
        name: String,
        /// The tenant
        #[arg(long, default_value = MAIN_TENANT)]
        tenant: String,
    },
}

impl Args {
    /// As a command that travels.
    pub fn ask(self) -> Ask {
        Ask::Token(match self.command {
            TokenCommand::Create { name, scopes, days, tenant } => TokenAsk::Create { tenant, name, scopes, days },
            TokenCommand::List { json, tenant } => TokenAsk::List { tenant, json },
            TokenCommand::Revoke { name, tenant } => TokenAsk::Revoke { tenant, name },
        })
    }
}
