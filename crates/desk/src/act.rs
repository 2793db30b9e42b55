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
    library::Library,
    time::Moment,
};
use vigil_store::{Commit, ErrandId, NewErrand, Pin, StoredEvent, SubjectKey};

pub use crate::subject::{ActError, Damage};
use crate::{
    Desk,
    hospital::handover,
    project,
    recent::Recent,
    subject::{self, Subject},
};

/// A case with its history.
#[derive(Debug, Clone)]
pub struct History {
    /// The case as it stands.
    pub case: Case,
    /// Every event with when it was recorded and by whom.
    pub events: Vec<Recorded>,
}

/// One event of a case as recorded.
pub type Recorded = subject::Recorded<Event>;

impl Subject for Case {
    type Event = Event;
    type Command = Command;
    const KIND: &'static str = "case";
    const FORM: u16 = FORM;

    fn evolve(state: Option<Self>, event: &Event, at: Moment) -> Result<Self, IllegalEvent> {
        evolve(state, event, at)
    }

    fn decide(
        state: Option<&Self>,
        command: Command,
        books: &Library,
        now: Moment,
    ) -> Result<(Vec<Event>, Self), Refused> {
        decide(state, command, books, now).map(|decided| (decided.events, decided.case))
    }

    fn is_done(&self) -> bool {
        self.is_closed()
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn kind(event: &Event) -> &'static str {
        event.kind()
    }

    fn recent(desk: &Desk) -> Option<&Recent<Self>> {
        Some(&desk.recent)
    }

    /// Rows, pins of newly started clocks, errands for notices owed.
    fn along(&self, desk: &Desk, events: &[Event], now: Moment, commit: &mut Commit) {
        commit.rows = project::rows(self, events, now);
        for event in events {
            match event {
                Event::ClockStarted { pin, .. } => commit.pins.extend(desk.pin(&pin.digest)),
                Event::CriteriaEvaluated { pack, .. } => commit.pins.extend(desk.pin(pack)),
                Event::NoticeRequired { notice, .. } => {
                    commit.errands.push(compose_errand(&self.id, &notice.to_string(), *notice, now));
                }
                Event::NoticeFilled { notice, .. } => {
                    let again = format!("{notice}/{}", self.version);
                    commit.errands.push(compose_errand(&self.id, &again, *notice, now));
                }
                Event::CutPostponed { .. } => {
                    for owed in self.notices.iter().filter(|n| n.given().is_none()) {
                        let again = format!("{}/{}", owed.id, self.version);
                        commit.errands.push(compose_errand(&self.id, &again, owed.id, now));
                    }
                }
                Event::CaseDetermined => commit.errands.extend(handover::errand(self, now)),
                _ => {}
            }
        }
        commit.pins.dedup_by(|a, b| a.digest == b.digest);
    }
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
        self.act_subject::<Case>((tenant, case), actor, command, along, false, None).await.map(|(case, _)| case)
    }

    /// Does a command of somebody who looked at the case when it had `seen` events. What happened since and matters is told
    /// first, and nothing is done.
    ///
    /// # Errors
    /// [`ActError::Moved`] then; otherwise as [`Desk::act`].
    pub async fn act_seen(
        &self,
        (tenant, case): (&str, &str),
        actor: &str,
        command: Command,
        seen: u64,
    ) -> Result<Case, ActError> {
        for _ in 0..subject::ATTEMPTS {
            let history = self.history(tenant, case)?.ok_or_else(|| ActError::Unknown(case.to_owned()))?;
            if history.events.iter().any(|e| e.version > seen && e.event.matters()) {
                return Err(ActError::Moved);
            }
            let at = Some(history.case.version);
            match self.act_subject::<Case>((tenant, case), actor, command.clone(), None, false, at).await {
                Err(ActError::Raced) => {}
                done => return done.map(|(case, _)| case),
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
        commit: Commit,
    ) -> Commit {
        let case = &decided.case;
        self.commit_subject((tenant, &case.id), before, (&decided.events, case), (actor, now), commit)
    }

    /// The text behind a digest, for the first pin (DECISIONS 16).
    pub(crate) fn pin(&self, digest: &str) -> Option<Pin> {
        let text = self.library.text_of(digest)?;
        Some(Pin { digest: digest.to_owned(), text: text.to_string() })
    }

    /// Loads a case; none when there is no such case.
    pub fn load(&self, tenant: &str, case: &str) -> Result<Option<Case>, ActError> {
        self.load_subject(tenant, case)
    }

    /// Loads a case from an earlier state of it and the events since; from its beginning without one.
    pub(crate) fn load_onto(&self, tenant: &str, case: &str, earlier: Option<Case>) -> Result<Option<Case>, ActError> {
        let seen = earlier.as_ref().map_or(0, |case| case.version);
        let stored = self.store.load_after(tenant, &SubjectKey::case(case), seen)?;
        subject::replay(earlier, &stored, |_, _| {})
    }

    /// Loads a case with its whole history, for its page.
    pub fn history(&self, tenant: &str, case: &str) -> Result<Option<History>, ActError> {
        let told = self.told::<Case>(tenant, case)?;
        Ok(told.map(|(case, events)| History { case, events }))
    }
}

/// Reads one stored event.
pub fn read_event(stored: &StoredEvent) -> Result<Event, Damage> {
    subject::read::<Case>(stored)
}

/// The errand that composes a notice.
fn compose_errand(case: &str, key: &str, notice: u32, now: Moment) -> NewErrand {
    NewErrand {
        kind: crate::errand::COMPOSE.to_owned(),
        subject: SubjectKey::case(case),
        key: format!("compose/{case}/{key}"),
        body: notice.to_string().into_bytes(),
        not_before: now,
    }
}
