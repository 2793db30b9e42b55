//! The one write path: load the case, decide, commit at the expected version; a lost race reloads and tries again.

use vigil_domain::{
    case::{
        Case,
        command::Command,
        decide::{Decided, decide},
        event::{Event, FORM},
        evolve::{IllegalEvent, evolve},
        refusal::Refused,
    },
    time::Moment,
};
use vigil_store::{Commit, CommitError, ErrandId, NewErrand, NewEvent, Pin, StoreFault, StoredEvent, SubjectKey};

use crate::{Desk, project};

/// How often a lost race is tried again.
const ATTEMPTS: u32 = 3;

/// Why a command did not come through.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The business says no; nothing was changed.
    #[error("refused: {}", .0.iter().map(|r| r.says.as_str()).collect::<Vec<_>>().join(" "))]
    Refused(Refused),
    /// There is no such case.
    #[error("there is no case {0}")]
    Unknown(String),
    /// Others changed the case at the same time, again and again.
    #[error("the case changed while you worked on it; reload and try again")]
    Raced,
    /// The errand was finished by another.
    #[error("the errand was finished by another")]
    ErrandGone,
    /// The log does not make a case.
    #[error("the log of case {case} is damaged: {source}")]
    Damaged {
        /// The case.
        case: String,
        /// What does not fit.
        source: Damage,
    },
    /// A letter could not be printed.
    #[error("the letter could not be printed: {0}")]
    Print(String),
    /// The outbox could not be written.
    #[error("the outbox could not be written: {0}")]
    Outbox(String),
    /// The world broke.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// What is wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// An event does not fit.
    #[error(transparent)]
    Illegal(#[from] IllegalEvent),
    /// An event cannot be read.
    #[error("event {version} cannot be read: {why}")]
    Unreadable {
        /// Its version.
        version: u64,
        /// Why.
        why: String,
    },
}

/// A case with its history.
#[derive(Debug, Clone)]
pub struct History {
    /// The case as it stands.
    pub case: Case,
    /// Every event with when it was recorded and by whom.
    pub events: Vec<Recorded>,
}

/// One event as recorded.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Version after it.
    pub version: u64,
    /// When it happened.
    pub at: Moment,
    /// Who did it.
    pub actor: String,
    /// What happened.
    pub event: Event,
}

impl Desk {
    /// Does a command on a case and answers with the case after it.
    ///
    /// # Errors
    /// A refusal, an unknown case, a race lost three times, or a fault.
    pub async fn act(&self, tenant: &str, case: &str, actor: &str, command: Command) -> Result<Case, ActError> {
        self.act_along(tenant, case, actor, command, None).await
    }

    /// Does a command that finishes an errand in the same transaction.
    pub async fn act_for_errand(
        &self,
        tenant: &str,
        case: &str,
        command: Command,
        errand: Option<ErrandId>,
        documents: Vec<vigil_store::Document>,
        errands: Vec<NewErrand>,
    ) -> Result<Case, ActError> {
        let commit = Commit { errands_done: errand.into_iter().collect(), documents, errands, ..Commit::default() };
        self.act_along(tenant, case, "errand", command, Some(commit)).await
    }

    /// Does a command with more to keep in the same transaction.
    pub async fn act_along(
        &self,
        tenant: &str,
        case: &str,
        actor: &str,
        command: Command,
        along: Option<Commit>,
    ) -> Result<Case, ActError> {
        for _ in 0..ATTEMPTS {
            let before = self.load(tenant, case)?.ok_or_else(|| ActError::Unknown(case.to_owned()))?;
            let now = self.time.now();
            let decided = decide(Some(&before), command.clone(), &self.library, now).map_err(ActError::Refused)?;
            let idle = decided.events.is_empty();
            if idle && along.as_ref().is_none_or(|a| a.errands_done.is_empty() && a.documents.is_empty()) {
                return Ok(decided.case);
            }
            let base = along.clone().unwrap_or_default();
            let commit = self.commit_of(tenant, before.version, &decided, actor, now, base);
            match self.store.commit(commit).await {
                Ok(_) => return Ok(decided.case),
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::ErrandGone) => return Err(ActError::ErrandGone),
                Err(CommitError::Duplicate { .. }) => return Err(ActError::Raced),
                Err(CommitError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(ActError::Raced)
    }

    /// The commit of a decision: events, rows, pins of newly started clocks, errands for notices owed.
    pub(crate) fn commit_of(
        &self,
        tenant: &str,
        before: u64,
        decided: &Decided,
        actor: &str,
        now: Moment,
        mut commit: Commit,
    ) -> Commit {
        let case = &decided.case;
        commit.tenant = tenant.to_owned();
        commit.subject = Some(SubjectKey::case(&case.id));
        commit.expected = before;
        commit.events = decided.events.iter().map(|e| new_event(e, actor, now)).collect();
        commit.rows = if decided.events.is_empty() { Vec::new() } else { project::rows(case, &decided.events, now) };
        for event in &decided.events {
            match event {
                Event::ClockStarted { pin, .. } => commit.pins.extend(self.pin(&pin.digest)),
                Event::CriteriaEvaluated { pack, .. } => commit.pins.extend(self.pin(pack)),
                Event::NoticeRequired { notice, .. } => commit.errands.push(compose_errand(&case.id, *notice, now)),
                _ => {}
            }
        }
        commit.pins.dedup_by(|a, b| a.digest == b.digest);
        commit
    }

    /// The text behind a digest, for the first pin (DECISIONS 16).
    fn pin(&self, digest: &str) -> Option<Pin> {
        let text = self.library.text_of(digest)?;
        Some(Pin { digest: digest.to_owned(), text: text.to_string() })
    }

    /// Loads a case; none when there is no such case.
    pub fn load(&self, tenant: &str, case: &str) -> Result<Option<Case>, ActError> {
        let stored = self.store.load(tenant, &SubjectKey::case(case))?;
        let mut built = None;
        for event in &stored {
            let read = read_event(event).map_err(|source| ActError::Damaged { case: case.to_owned(), source })?;
            let next = evolve(built, &read, event.occurred_at)
                .map_err(|source| ActError::Damaged { case: case.to_owned(), source: source.into() })?;
            built = Some(next);
        }
        Ok(built)
    }

    /// Loads a case with its whole history, for its page.
    pub fn history(&self, tenant: &str, case: &str) -> Result<Option<History>, ActError> {
        let stored = self.store.load(tenant, &SubjectKey::case(case))?;
        let mut built = None;
        let mut events = Vec::with_capacity(stored.len());
        for kept in &stored {
            let event = read_event(kept).map_err(|source| ActError::Damaged { case: case.to_owned(), source })?;
            let next = evolve(built, &event, kept.occurred_at)
                .map_err(|source| ActError::Damaged { case: case.to_owned(), source: source.into() })?;
            built = Some(next);
            let actor = kept.actor.clone();
            events.push(Recorded { version: kept.version, at: kept.occurred_at, actor, event });
        }
        Ok(built.map(|case| History { case, events }))
    }
}

/// Reads one stored event.
pub fn read_event(stored: &StoredEvent) -> Result<Event, Damage> {
    serde_json::from_slice(&stored.body).map_err(|e| Damage::Unreadable { version: stored.version, why: e.to_string() })
}

fn new_event(event: &Event, actor: &str, now: Moment) -> NewEvent {
    NewEvent {
        kind: event.kind().to_owned(),
        form: FORM,
        occurred_at: now,
        recorded_at: now,
        actor: actor.to_owned(),
        body: serde_json::to_vec(event).unwrap_or_default(),
    }
}

/// The errand that composes a notice.
fn compose_errand(case: &str, notice: u32, now: Moment) -> NewErrand {
    NewErrand {
        kind: crate::errand::COMPOSE.to_owned(),
        subject: SubjectKey::case(case),
        key: format!("compose/{case}/{notice}"),
        body: notice.to_string().into_bytes(),
        not_before: now,
    }
}
