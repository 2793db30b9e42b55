//! `vigil account`: the accounts of people.

use clap::Subcommand;
use vigil_desk::MAIN_TENANT;
use vigil_store::Account;

use super::{
    ask::{Asked, Wrong},
    message,
};
use crate::{
    access::{
        accounts,
        credential::{self, Stated},
    },
    control::{AccountAsk, Ask, Input},
};

/// Accounts.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil account create dreyes --name 'Dana Reyes, RN' --role nurse
Exit codes: 0 done, 1 failed, 64 wrong usage, 65 unreadable input, 75 data directory busy")]
pub struct Args {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Make an account; prints the password it made unless one is given on standard input
    #[command(after_help = "Example: vigil account create lchen --name 'Lee Chen, MD' --role physician \\
           --licence MD:NY:123456:2020-01-01:2027-12-31 --specialty internal-medicine --attested-on 2026-01-05
Exit codes: 0 made, 1 there is such an account, 64 wrong usage, 75 data directory busy")]
    Create(Box<Create>),
    /// List accounts
    #[command(after_help = "Example: vigil account list --json\nExit codes: 0 listed, 75 data directory busy")]
    List {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// The tenant
        #[arg(long, default_value = MAIN_TENANT)]
        tenant: String,
    },
    /// Set a new password; prints the one it made unless one is given on standard input
    #[command(after_help = "Example: vigil account password dreyes
Exit codes: 0 set, 1 no such account, 64 the password is too weak, 75 data directory busy")]
    Password {
        /// The sign-in name
        name: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        /// The tenant
        #[arg(long, default_value = MAIN_TENANT)]
        tenant: String,
    },
    /// Give an account other roles; its sessions end
    #[command(after_help = "Example: vigil account roles dreyes --role nurse --role intake
Exit codes: 0 done, 1 no such account, 64 an unknown role")]
    Roles {
        /// The sign-in name
        name: String,
        /// A role it has from now on; repeatable, the first is shown
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// The tenant
        #[arg(long, default_value = MAIN_TENANT)]
        tenant: String,
    },
    /// Let nobody in with this account any more, at once
    #[command(after_help = "Example: vigil account disable dreyes\nExit codes: 0 done, 1 no such account")]
    Disable {
        /// The sign-in name
        name: String,
        /// The tenant
        #[arg(long, default_value = MAIN_TENANT)]
        tenant: String,
    },
    /// Let a disabled account in again
    #[command(after_help = "Example: vigil account enable dreyes\nExit codes: 0 done, 1 no such account")]
    Enable {
        /// The sign-in name
        name: String,
        /// The tenant
        #[arg(long, default_value = MAIN_TENANT)]
        tenant: String,
    },
}

#[derive(Debug, clap::Args)]
struct Create {
    /// The sign-in name
    sign_in: String,
    /// The name shown, with its title
    #[arg(long)]
    name: String,
    /// nurse, physician, manager, intake, auditor, administrator; repeatable, the first is shown
    #[arg(long = "role", required = true)]
    roles: Vec<String>,
    /// A checked licence, KIND:STATE:NUMBER:FROM:THROUGH; repeatable
    #[arg(long = "licence")]
    licences: Vec<String>,
    /// A specialty or field of expertise, in the words of the packs; repeatable
    #[arg(long = "specialty")]
    specialties: Vec<String>,
    /// National Provider Identifier
    #[arg(long)]
    npi: Option<String>,
    /// Sign-in name of the person this one reports to
    #[arg(long)]
    reports_to: Option<String>,
    /// Day of the last signed attestation of no incentive to deny
    #[arg(long)]
    attested_on: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// The tenant
    #[arg(long, default_value = MAIN_TENANT)]
    tenant: String,
}

impl Args {
    /// As a command that travels.
    ///
    /// # Errors
    /// A licence that cannot be read, an NPI that is none, unreadable standard input.
    pub fn ask(self) -> Result<Asked, Wrong> {
        let (ask, stdin) = match self.command {
            AccountCommand::Create(create) => {
                let (tenant, stdin) = (create.tenant.clone(), create.password_stdin);
                (AccountAsk::Create { tenant, account: Box::new(create.account()?) }, stdin)
            }
            AccountCommand::List { json, tenant } => (AccountAsk::List { tenant, json }, false),
            AccountCommand::Password { name, password_stdin, tenant } => {
                (AccountAsk::Password { tenant, name }, password_stdin)
            }
            AccountCommand::Roles { name, roles, tenant } => (AccountAsk::Roles { tenant, name, roles }, false),
            AccountCommand::Disable { name, tenant } => (AccountAsk::Active { tenant, name, active: false }, false),
            AccountCommand::Enable { name, tenant } => (AccountAsk::Active { tenant, name, active: true }, false),
        };
        let inputs: Vec<Input> = if stdin { vec![message::read("-".as_ref())?] } else { Vec::new() };
        Ok((Ask::Account(ask), inputs))
    }
}

impl Create {
    fn account(self) -> Result<Account, Wrong> {
        let mut wrong = accounts::faults(&self.sign_in, &self.name, &self.roles);
        let credential = credential::read(Stated {
            person: &self.sign_in,
            name: &self.name,
            licences: &self.licences,
            specialties: self.specialties,
            npi: self.npi,
            reports_to: self.reports_to,
            attested_on: self.attested_on,
        });
        let credential = credential.map_err(|faults| wrong.extend(faults)).unwrap_or_default();
        if !wrong.is_empty() {
            return Err(Wrong::usage(wrong.join("\n")));
        }
        Ok(Account {
            name: self.sign_in,
            display: self.name,
            roles: self.roles,
            password_hash: String::new(),
            active: true,
            credential,
        })
    }
}
