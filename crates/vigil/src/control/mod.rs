//! The control socket: one process holds the data directory, the others ask it. A command travels as an [`Ask`] with the files it
//! read; answers come back as pieces of standard output and standard error, and an exit code (DECISIONS 13).

pub mod client;
pub mod frame;
pub mod server;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// The socket's name inside the data directory.
pub const SOCKET: &str = "control.sock";

/// Where the socket of a data directory is.
pub fn socket(data_dir: &Path) -> PathBuf {
    data_dir.join(SOCKET)
}

/// A command together with the version that sent it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Envelope {
    /// Both sides must be the same Vigil.
    pub version: String,
    /// The command.
    pub ask: Ask,
}

/// A command that needs the data directory.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub enum Ask {
    /// Judge a message.
    Message(MessageAsk),
    /// Make, list or revoke interface tokens.
    Token(TokenAsk),
    /// Make, list or change accounts.
    Account(AccountAsk),
    /// Load rosters, directories, contracts and requests out of the file, or the piece of one, sent along; answers with a report.
    Import(Box<ImportAsk>),
    /// What an auditor asks for.
    Audit(AuditAsk),
    /// Make stays out of a hospital's FHIR files sent along.
    Hospital(HospitalAsk),
    /// Load records of facilities and payers' terms out of the TOML files sent along.
    HospitalRecords {
        /// The tenant.
        tenant: String,
        /// Answer as JSON.
        json: bool,
    },
    /// Look at parked messages of feeds, or take them again.
    Feed(FeedAsk),
    /// Load or list official forms.
    Form(FormAsk),
    /// Walk the log's chains.
    Verify {
        /// Answer as JSON.
        json: bool,
    },
    /// Write the read models anew.
    Rebuild {
        /// Answer as JSON.
        json: bool,
    },
    /// Say what new packs would change, for the open cases too.
    PacksDiff(PacksDiffAsk),
    /// Copy the data directory, whole and consistent.
    Backup {
        /// The folder to make; absolute.
        to: PathBuf,
        /// Answer as JSON.
        json: bool,
    },
    /// Write events and read models as Parquet.
    Export {
        /// The folder; absolute.
        to: PathBuf,
        /// Who patients are goes along.
        with_patients: bool,
        /// Answer as JSON.
        json: bool,
    },
    /// Bring the store's schema to what this Vigil knows.
    Migrate {
        /// Take away what only older Vigils need.
        contract: bool,
        /// Answer as JSON.
        json: bool,
    },
}

impl Ask {
    /// Whether the command writes something of its own, and so may be the first that a new store hears. Every other one looks
    /// at a store that is there, or works on what is in it.
    pub fn makes_a_store(&self) -> bool {
        match self {
            Self::Message(ask) => ask.operation == Operation::Submit,
            Self::Token(ask) => matches!(ask, TokenAsk::Create { .. }),
            Self::Account(ask) => matches!(ask, AccountAsk::Create { .. }),
            Self::Form(ask) => matches!(ask, FormAsk::Load { .. }),
            Self::Import(_) | Self::Hospital(_) | Self::HospitalRecords { .. } => true,
            Self::Audit(_)
            | Self::Feed(_)
            | Self::Verify { .. }
            | Self::Rebuild { .. }
            | Self::PacksDiff(_)
            | Self::Backup { .. }
            | Self::Export { .. }
            | Self::Migrate { .. } => false,
        }
    }
}

/// Which operation of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// `$submit`
    Submit,
    /// `$inquire`
    Inquire,
}

/// A message to judge.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct MessageAsk {
    /// The operation.
    pub operation: Operation,
    /// `2.0` or `2.2`.
    pub pas: String,
    /// The tenant.
    pub tenant: String,
    /// Whose message it is.
    pub sender: String,
    /// Judge as if it were this moment.
    pub now: Option<jiff::Timestamp>,
    /// Another way to answer unknown members, for this message only.
    pub membership: Option<String>,
}

/// Interface tokens.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub enum TokenAsk {
    /// Make one and print it.
    Create {
        /// The tenant.
        tenant: String,
        /// Whose it is: the sender of its messages.
        name: String,
        /// What it may do.
        scopes: Vec<String>,
        /// Days until it ends.
        days: Option<u32>,
    },
    /// List them.
    List {
        /// The tenant.
        tenant: String,
        /// Answer as JSON.
        json: bool,
    },
    /// Revoke all tokens of a name.
    Revoke {
        /// The tenant.
        tenant: String,
        /// Whose.
        name: String,
    },
}

/// Accounts.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub enum AccountAsk {
    /// Make or replace one; its password is the file sent along, or made and printed.
    Create {
        /// The tenant.
        tenant: String,
        /// The account without its password.
        account: Box<vigil_store::Account>,
    },
    /// List them.
    List {
        /// The tenant.
        tenant: String,
        /// Answer as JSON.
        json: bool,
    },
    /// Set a new password: the file sent along, or made and printed.
    Password {
        /// The tenant.
        tenant: String,
        /// The sign-in name.
        name: String,
    },
    /// Give an account other roles.
    Roles {
        /// The tenant.
        tenant: String,
        /// The sign-in name.
        name: String,
        /// All roles it has from now on.
        roles: Vec<String>,
    },
    /// Let an account in again, or no more.
    Active {
        /// The tenant.
        tenant: String,
        /// The sign-in name.
        name: String,
        /// In or out.
        active: bool,
    },
}

/// Files to load.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct ImportAsk {
    /// The tenant.
    pub tenant: String,
    /// Whose members the FHIR files are about; tables name their payer in each row.
    pub payer_id: String,
    /// The version of the guide that requests speak: `2.0` or `2.2`.
    pub pas: String,
    /// Take what was taken before again.
    pub again: bool,
    /// The line at which what is sent along begins in its file, from 1.
    pub first_line: usize,
    /// What other files say about its references.
    pub known: vigil_wire::fhir::references::References,
}

/// What an auditor asks for.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub enum AuditAsk {
    /// One case with everything behind it.
    Packet {
        /// The tenant.
        tenant: String,
        /// The case.
        case: String,
    },
    /// One row a case that ended in a span.
    Universe(UniverseAsk),
    /// Case numbers drawn from a universe.
    Sample {
        /// The universe.
        of: UniverseAsk,
        /// How many.
        count: usize,
        /// The seed.
        seed: String,
        /// Answer as JSON.
        json: bool,
    },
}

/// Which cases.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct UniverseAsk {
    /// The tenant.
    pub tenant: String,
    /// First day of decision.
    pub from: jiff::civil::Date,
    /// Last day of decision.
    pub to: jiff::civil::Date,
    /// The line of business.
    pub line_of_business: String,
    /// The zone of days and times.
    pub zone: Option<String>,
}

/// Two sets of packs to compare.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct PacksDiffAsk {
    /// The tenant whose open cases are asked again; without one, those of every tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Folders of the packs in force, laid over the shipped ones; absolute.
    pub old: Vec<PathBuf>,
    /// Folders of the new packs, laid over the shipped ones; absolute.
    pub new: Vec<PathBuf>,
    /// Answer as JSON.
    pub json: bool,
}

/// A hospital's FHIR files.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct HospitalAsk {
    /// The tenant.
    pub tenant: String,
    /// Answer as JSON.
    pub json: bool,
    /// Whose; the only facility when absent.
    pub facility: Option<String>,
    /// The day for whose end a census is added.
    pub as_of: Option<jiff::civil::Date>,
    /// Records of types that nothing is read from, counted where the files are.
    pub counted: Vec<(String, u64)>,
}

/// Messages of feeds.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub enum FeedAsk {
    /// List the parked ones.
    Parked {
        /// The tenant.
        tenant: String,
        /// At most so many.
        limit: usize,
        /// Answer as JSON.
        json: bool,
    },
    /// Print one.
    Show {
        /// The tenant.
        tenant: String,
        /// Its key.
        key: String,
    },
    /// Take one, or all, again.
    Replay {
        /// The tenant.
        tenant: String,
        /// Its key; all when absent.
        key: Option<String>,
        /// Answer as JSON.
        json: bool,
    },
}

/// Official forms.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub enum FormAsk {
    /// Load the PDF sent along; its places file may follow.
    Load {
        /// The tenant.
        tenant: String,
        /// The notice.
        notice: String,
        /// The language of the copy.
        language: String,
        /// Answer as JSON.
        json: bool,
    },
    /// List them.
    List {
        /// The tenant.
        tenant: String,
        /// Answer as JSON.
        json: bool,
    },
}

/// A file that a command read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name, for messages.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A piece of a command's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Standard output: the answer.
    Out(Vec<u8>),
    /// Standard error: progress and complaints.
    Err(Vec<u8>),
}

/// Where a running command writes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outlet(mpsc::Sender<Piece>);

impl Outlet {
    /// An outlet and where its pieces come out.
    pub fn new() -> (Self, mpsc::Receiver<Piece>) {
        let (sender, receiver) = mpsc::channel(16);
        (Self(sender), receiver)
    }

    /// Writes a part of the answer. Nobody listening any more is no fault of the command.
    pub async fn out(&self, bytes: impl Into<Vec<u8>>) {
        let _nobody = self.0.send(Piece::Out(bytes.into())).await;
    }

    /// Writes a line of the answer.
    pub async fn line(&self, text: &str) {
        self.out(format!("{text}\n")).await;
    }

    /// Writes a line of progress or complaint.
    pub async fn say(&self, text: &str) {
        let _nobody = self.0.send(Piece::Err(format!("{text}\n").into_bytes())).await;
    }

    /// Progress from a place that cannot wait; dropped when the listener is slow.
    pub fn hint(&self, text: &str) {
        let _full = self.0.try_send(Piece::Err(format!("{text}\n").into_bytes()));
    }
}
