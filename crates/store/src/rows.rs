//! The rows that pages read. Each is derived from events and can be rebuilt from them.

use serde::{Deserialize, Serialize};
use vigil_domain::time::{Day, Moment};

use crate::{commit::SubjectKey, stay_rows::StayRow};

/// A read model row to write: an upsert by its key, or an increment.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// One case on the worklist, in search and in the case list.
    Work(Box<WorkRow>),
    /// A key that an inquiry can name, to its case.
    Key(KeyRow),
    /// A deadline of a subject.
    Deadline(DeadlineRow),
    /// An increment of a measure.
    Measure(MeasureRow),
    /// A decided case, for medians and public metrics.
    Decided(Box<DecidedRow>),
    /// A row of one of the hospital's read models.
    Stay(Box<StayRow>),
}

/// One case as lists show it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct WorkRow {
    /// The case.
    pub case_id: String,
    /// Where the work stands, as the domain names its stages.
    pub stage: String,
    /// Whose pile: `nurse`, `physician`, `information`, `administrative`, `eligibility`, …
    pub queue: String,
    /// Whether work is still to be done: only open rows are on the worklist.
    pub open: bool,
    /// Line of business, its word.
    pub line_of_business: String,
    /// `standard`, `expedited`, …
    pub urgency: String,
    /// Prior, concurrent, retrospective.
    pub review: String,
    /// The service, in words.
    pub service: String,
    /// The patient as listed: `Doe, Jane`.
    pub patient_name: String,
    /// The member number.
    pub member_id: String,
    /// Birth day.
    pub birth_day: Option<Day>,
    /// Sex, its word.
    pub sex: String,
    /// The requesting provider's name.
    pub provider_name: String,
    /// The requesting provider's NPI.
    pub provider_npi: String,
    /// The earliest open due time.
    pub due_at: Option<Moment>,
    /// The rule that set it.
    pub due_rule: Option<String>,
    /// A due time has passed.
    pub late: bool,
    /// Higher comes first among equal due times.
    pub risk: i64,
    /// Why it is here, in words.
    pub why: String,
    /// What comes next, in words.
    pub next: String,
    /// Who took it.
    pub owner: Option<String>,
    /// First contact.
    pub received_at: Moment,
    /// When the case was determined.
    pub decided_at: Option<Moment>,
    /// The outcome's word.
    pub outcome: Option<String>,
    /// The authorization number.
    pub authorization: Option<String>,
    /// The episode that joins cases.
    pub episode: Option<String>,
    /// The demonstration scenario, in demonstration data.
    pub scenario: Option<String>,
    /// The zone in which the law counts its days: lists show each due time in it.
    pub zone: String,
}

/// A key by which a case is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// `member-npi`, `claim-identifier`, `authorization`, `administrative-reference`, …
    pub kind: String,
    /// The key's value.
    pub value: String,
    /// The case it finds.
    pub case_id: String,
    /// Orders the cases of one key, newest first.
    pub at: Moment,
}

/// What a deadline does when it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeadlineKind {
    /// Warn before the due time.
    Warn,
    /// The due time itself.
    Due,
}

/// A deadline: a row, never a timer. The same (subject, clock, kind) replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineRow {
    /// Whose clock.
    pub subject: SubjectKey,
    /// Which clock.
    pub clock_id: String,
    /// Warn or due.
    pub what: DeadlineKind,
    /// When.
    pub at: Moment,
    /// Acted on, satisfied or lapsed: no longer to be looked at.
    pub done: bool,
}

/// A deadline that has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDeadline {
    /// The tenant.
    pub tenant: String,
    /// The deadline.
    pub deadline: DeadlineRow,
}

/// An increment of one figure of one day.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MeasureRow {
    /// The day, in the contract's zone.
    pub day: Day,
    /// Line of business, its word.
    pub line_of_business: String,
    /// Urgency, its word.
    pub urgency: String,
    /// What is counted (`received`, `decided`, `approved`, `on-time`, …).
    pub key: String,
    /// How many.
    pub n: i64,
    /// Seconds summed, for means.
    pub seconds: i64,
}

/// A decided case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DecidedRow {
    /// The case.
    pub case_id: String,
    /// Line of business, its word.
    pub line_of_business: String,
    /// Urgency, its word.
    pub urgency: String,
    /// First contact.
    pub received_at: Moment,
    /// When it was determined.
    pub decided_at: Moment,
    /// Its due time at the decision.
    pub due_at: Option<Moment>,
    /// The outcome's word.
    pub outcome: String,
    /// Decided without a person.
    pub automated: bool,
    /// The code of the first line's service.
    pub service: String,
}
