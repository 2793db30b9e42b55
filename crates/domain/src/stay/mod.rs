//! A stay: one hospital encounter and all the work around it. The reader's entry point of this folder.
//!
//! [`command`] is what may be asked, [`event`] is what happened (the stored form), [`evolve`] applies one event, [`decide`]
//! answers a command with events or with refusals. What feeds said is kept as [`news`]; the [`track`] is what all of it
//! together says today. A stay copies what a payer said as facts with their source; it never reads a case.

mod alias;
mod cancel;
pub mod clock;
pub mod command;
pub mod decide;
pub mod delay;
pub mod documented;
pub mod event;
mod event_kind;
pub mod evidence;
pub mod evolve;
pub mod facility;
pub mod judged;
mod ledger;
mod legal;
pub mod letter;
pub mod news;
mod news_kind;
mod news_part;
pub mod notice;
pub mod paper;
pub mod payer;
pub mod plan_duty;
mod present;
pub mod procedure;
pub mod reading;
pub mod refusal;
pub mod review;
mod standing;
pub mod status_facts;
pub mod track;

use std::sync::Arc;

use crate::time::{Day, Moment};
use clock::Clock;
use delay::{AvoidableDays, Barrier, Grouping, Query};
use documented::Documented;
use event::Hospital;
use judged::Judged;
use news::StayNews;
use notice::{AppealOf, NoticeState, QioAppeal};
use payer::{CoverageChange, Dispute, Held, PayerState, PostAcute};
use procedure::{Passed, ProcedureKind};
use review::{Escalation, Review};
use track::Track;

/// An alert at a trigger point of the status rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: String,
    /// In words.
    pub says: String,
    /// When it was raised.
    pub raised_at: Moment,
    /// Cleared: when, by whom, why.
    pub cleared: Option<(Moment, String, String)>,
}

/// The bill of the stay, as far as utilization review holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BillState {
    /// Held: when, why, citation.
    pub held: Option<(Moment, String, String)>,
    /// Released: when, route, flags.
    pub released: Option<(Moment, String, Vec<String>)>,
}

/// The stay as its events make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    /// Stay id.
    pub id: String,
    /// Events applied.
    pub version: u64,
    /// When it began to be watched.
    pub opened_at: Moment,
    /// The hospital as it stood then.
    pub hospital: Arc<Hospital>,
    /// Demonstration scenario.
    pub scenario: Option<String>,
    /// All news, in order of arrival.
    pub news: Vec<Arc<StayNews>>,
    /// What all news say today.
    pub track: Arc<Track>,
    /// Coverages in order of benefits.
    pub held: Vec<Held>,
    /// Changes of coverage: when, why, from which day, on what ground.
    pub coverage_changes: Vec<(Moment, CoverageChange, Option<Day>, String)>,
    /// The last answer of the status rules, and when it was given.
    pub judged: Option<(Moment, Judged)>,
    /// Alerts, raised and cleared.
    pub alerts: Vec<Alert>,
    /// Facts stated: when, by whom, what. A later one of the same id wins.
    pub facts: Vec<(Moment, String, Documented)>,
    /// Who has the stay: account, name.
    pub owner: Option<(String, String)>,
    /// Notes: when, by whom, words.
    pub notes: Vec<(Moment, String, String)>,
    /// Reviews: when, by whom, what.
    pub reviews: Vec<(Moment, String, Review)>,
    /// Reviews are not needed any more: since when, why.
    pub dismissed: Option<(Moment, String)>,
    /// Escalations.
    pub escalations: Vec<Escalation>,
    /// Procedures passed: when, which, what was checked, by whom.
    pub procedures: Vec<(Moment, ProcedureKind, Passed, String)>,
    /// The bill.
    pub bill: BillState,
    /// Where we stand with each payer.
    pub payers: Vec<PayerState>,
    /// Disputes with payers.
    pub disputes: Vec<Dispute>,
    /// Post-acute requests.
    pub post_acute: Vec<PostAcute>,
    /// Choice lists given: when, offered, chosen, by whom.
    pub choices: Vec<(Moment, Vec<String>, Option<String>, String)>,
    /// Barriers to discharge.
    pub barriers: Vec<Barrier>,
    /// Avoidable days; withdrawn ones are gone from here and stay in the log.
    pub delays: Vec<AvoidableDays>,
    /// Stretches ever recorded: numbers are never used again.
    pub delays_made: u32,
    /// Grouping and expected length.
    pub grouping: Option<Grouping>,
    /// Physician queries.
    pub queries: Vec<Query>,
    /// Notices owed and given.
    pub notices: Vec<NoticeState>,
    /// The appeal of discharge, once there is one.
    pub qio: Option<QioAppeal>,
    /// The appeal of a change of status, once there is one.
    pub change_appeal: Option<QioAppeal>,
    /// Appeals before these, in order: of an earlier day of discharge, of an earlier change.
    pub earlier_appeals: Vec<(AppealOf, QioAppeal)>,
    /// Clocks.
    pub clocks: Vec<Clock>,
}
