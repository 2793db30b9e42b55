//! What the store keeps beside the log: people who sign in, interface tokens, code sets, and the items of a write.

use serde::{Deserialize, Serialize};
use vigil_domain::{
    party::{Contract, Coverage, Credential, Member, Provider},
    time::{Day, Moment},
};

use crate::{
    commit::{Document, Pin},
    errand::{ErrandId, NewErrand},
    stay_rows::Record,
    trail::TrailEntry,
};

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The sign-in name, unique in the tenant.
    pub name: String,
    /// The name shown.
    pub display: String,
    /// `nurse`, `physician`, `manager`, …
    pub roles: Vec<String>,
    /// The password hash in PHC form.
    pub password_hash: String,
    /// Not disabled.
    pub active: bool,
    /// The checked credential, for reviewers.
    #[serde(default)]
    pub credential: Option<Credential>,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie's token.
    pub token_hash: [u8; 32],
    /// The tenant.
    pub tenant: String,
    /// The account.
    pub account: String,
    /// When it began.
    pub created_at: Moment,
    /// When it ends.
    pub expires_at: Moment,
}

/// A bearer token of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// The tenant.
    pub tenant: String,
    /// Whose it is; the `sender` of messages.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends, if it does.
    pub expires_at: Option<Moment>,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

/// A code of a code set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeEntry {
    /// The code system, its short name (`icd10cm`).
    pub system: String,
    /// The code.
    pub code: String,
    /// Its words.
    pub display: String,
    /// First valid day.
    pub from: Option<Day>,
    /// Last valid day.
    pub through: Option<Day>,
}

/// Writes that belong to no subject; kept together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Write {
    /// The tenant.
    pub tenant: String,
    /// What to write, in order.
    pub items: Vec<WriteItem>,
}

impl Write {
    /// Items for one tenant.
    pub fn of(tenant: impl Into<String>, items: Vec<WriteItem>) -> Self {
        Self { tenant: tenant.into(), items }
    }
}

/// One write that belongs to no subject. All but the trail are upserts by their key.
#[derive(Debug, Clone)]
pub enum WriteItem {
    /// Who looked at what.
    Trail(TrailEntry),
    /// A person who signs in.
    Account(Account),
    /// A session.
    Session(Session),
    /// Ends a session, by its token hash.
    EndSession([u8; 32]),
    /// Ends all sessions of an account.
    EndSessionsOf(String),
    /// Removes sessions that ended before.
    SweepSessions(Moment),
    /// An interface token.
    Token(Token),
    /// A payer's contract.
    Contract(Contract),
    /// A member.
    Member(Member),
    /// A coverage.
    Coverage(Coverage),
    /// A provider; one without an NPI is refused as a fault.
    Provider(Provider),
    /// A record that a site loads: a facility, a payer's terms.
    Record(Record),
    /// A code; code sets belong to no tenant.
    Code(CodeEntry),
    /// A document kept without a commit.
    Document(Document),
    /// A pinned text kept without a commit.
    Pin(Pin),
    /// An errand enqueued without a commit.
    Errand(NewErrand),
    /// An errand finished without a commit.
    ErrandDone(ErrandId),
    /// An errand that failed: try again at a moment.
    ErrandFailed {
        /// Which.
        id: ErrandId,
        /// Why, without patient data.
        error: String,
        /// When to try again.
        retry_at: Moment,
    },
    /// A named value of the installation (last tick, imported files, …).
    Setting {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
}
