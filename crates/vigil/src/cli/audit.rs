//! `vigil audit`: what an auditor asks for, on standard output.

use std::io::IsTerminal as _;

use vigil_desk::MAIN_TENANT;

use super::ask::{Asked, Wrong};
use crate::control::{Ask, AuditAsk, UniverseAsk};

/// Packet, universe, sample.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil audit packet 7K2M-9QX4-T1BD > packet.zip
Exit codes: 0 written, 1 failed, 64 wrong usage, 75 data directory busy")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write one case with everything behind it, as a ZIP archive
    #[command(after_help = "Example: vigil audit packet 7K2M-9QX4-T1BD > packet.zip
Holds events with their hashes, messages, evidence, notices, pinned law and criteria, the trail, and how to check it all.
Exit codes: 0 written, 1 no such case or failed, 64 wrong usage, 75 data directory busy")]
    Packet {
        /// The case number
        #[arg(value_name = "CASE")]
        case: String,
        /// The tenant
        #[arg(long, default_value = MAIN_TENANT)]
        tenant: String,
    },
    /// Write one row a case that ended in a span, as CSV
    #[command(after_help = "Example: vigil audit universe --from 2026-10-01 --to 2026-10-31 > universe.csv
Columns follow the organization-determination table of the Medicare Advantage program audit, from knowledge: align them
with the protocol of the audit's year before use. What is not known is NA; all times are in one zone.
Exit codes: 0 written, 1 failed, 64 wrong usage or contracts of several zones without --zone, 75 data directory busy")]
    Universe {
        #[command(flatten)]
        span: Span,
    },
    /// Draw case numbers from a universe; the same seed draws the same ones
    #[command(after_help = "Example: vigil audit sample --from 2026-10-01 --to 2026-10-31 --count 30 --seed review-7
Exit codes: 0 drawn, 1 failed, 64 wrong usage, 75 data directory busy")]
    Sample {
        #[command(flatten)]
        span: Span,
        /// How many
        #[arg(long, default_value_t = 30)]
        count: usize,
        /// The seed, any words
        #[arg(long)]
        seed: String,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Span {
    /// First day of decision
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: String,
    /// Last day of decision
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: String,
    /// The line of business
    #[arg(long, default_value = "medicare-advantage")]
    line_of_business: String,
    /// The zone of days and times, where contracts lie in several
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// The tenant
    #[arg(long, default_value = MAIN_TENANT)]
    tenant: String,
}

impl Args {
    /// As a command that travels.
    ///
    /// # Errors
    /// Days that are none; an archive that would go to a terminal.
    pub fn ask(self) -> Result<Asked, Wrong> {
        let ask = match self.command {
            Command::Packet { case, tenant } => {
                if std::io::stdout().is_terminal() {
                    return Err(Wrong::usage("a packet is a ZIP archive: send standard output to a file"));
                }
                AuditAsk::Packet { tenant, case }
            }
            Command::Universe { span } => AuditAsk::Universe(span.read()?),
            Command::Sample { span, count, seed, json } => AuditAsk::Sample { of: span.read()?, count, seed, json },
        };
        Ok((Ask::Audit(ask), Vec::new()))
    }
}

impl Span {
    fn read(self) -> Result<UniverseAsk, Wrong> {
        let day = |name: &str, text: &str| {
            text.parse().map_err(|_| Wrong::usage(format!("--{name}: {text:?} is not a day such as 2026-10-31")))
        };
        let (from, to): (jiff::civil::Date, jiff::civil::Date) = (day("from", &self.from)?, day("to", &self.to)?);
        if to < from {
            return Err(Wrong::usage("--to lies before --from"));
        }
        let (tenant, line_of_business, zone) = (self.tenant, self.line_of_business, self.zone);
        Ok(UniverseAsk { tenant, from, to, line_of_business, zone })
    }
}
