//! The desk: the one path of work. A request is received, judged, written once, answered; errands and ticks follow.
//!
//! Everything that changes a case goes through [`Desk::act`] or [`Desk::submit`]; both end in the same private commit, which
//! writes events, read-model rows, deadlines and errands in one transaction.

pub mod act;
pub mod answer;
pub mod audit;
pub mod causes;
pub mod cut;
pub mod enter;
pub mod errand;
pub mod hospital;
pub mod ids;
pub mod import;
pub mod improve;
pub mod inquire;
pub mod letter;
pub mod maintain;
mod matters;
pub mod party;
pub mod project;
pub mod rebuild;
pub mod receive;
mod recent;
pub mod replay;
pub mod sim;
mod subject;
pub mod tick;
pub mod time;

use std::sync::{Arc, atomic::AtomicU64};

use vigil_domain::{library::Library, party::Contract};
use vigil_store::Store;

use crate::time::Time;

/// How unknown members are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// Only members of the roster; anybody else gets the guide's AAA error.
    Roster,
    /// A well-formed unknown member is enrolled provisionally and an eligibility check goes on the work list.
    Provisional,
}

impl Membership {
    /// The setting's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Provisional => "provisional",
        }
    }
}

/// What the desk is told once, at start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How unknown members are answered.
    pub membership: Membership,
    /// The contract for provisional members.
    pub provisional_contract: Option<Contract>,
    /// The largest body read, in bytes.
    pub body_limit: usize,
    /// The address under which interfaces reach this server, for links in answers.
    pub base_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            membership: Membership::Roster,
            provisional_contract: None,
            body_limit: 8 * 1024 * 1024,
            base_url: "http://127.0.0.1:8080".into(),
        }
    }
}

/// The desk: store, library, time and settings. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// What is remembered.
    pub store: Store,
    /// The books.
    pub library: Arc<Library>,
    /// Where `now` comes from.
    pub time: Time,
    /// What was set at start.
    pub settings: Arc<Settings>,
    /// Counted case numbers, for simulations that must run the same way twice; random without it.
    pub numbers: Option<Arc<AtomicU64>>,
    /// When hospitals' feeds were last written down as heard.
    pub pulse: Arc<hospital::pulse::Pulse>,
    /// Cases that a command met lately.
    pub(crate) recent: Arc<recent::Recent<vigil_domain::case::Case>>,
}

/// The tenant used when none is named (DECISIONS 12).
pub const MAIN_TENANT: &str = "main";

impl Desk {
    /// A desk over an open store and library.
    pub fn new(store: Store, library: Arc<Library>, time: Time, settings: Settings) -> Self {
        Self {
            store,
            library,
            time,
            settings: Arc::new(settings),
            numbers: None,
            pulse: Arc::default(),
            recent: Arc::default(),
        }
    }
}
