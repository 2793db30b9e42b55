//! Any subject of the log: loaded by replay, changed by one loop. The case and the stay say only what is their own.

use serde::{Serialize, de::DeserializeOwned};
use vigil_domain::{
    case::{evolve::IllegalEvent, refusal::Refused},
    library::Library,
    time::Moment,
};
use vigil_store::{Commit, CommitError, NewEvent, StoreFault, StoredEvent, SubjectKey};

use crate::{
    Desk,
    recent::{Met, Recent},
};

/// How often a lost race is tried again.
pub(crate) const ATTEMPTS: u32 = 3;

/// Why a command did not come through.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The business says no; nothing was changed.
    #[error("refused: {}", .0.iter().map(|r| r.says.as_str()).collect::<Vec<_>>().join(" "))]
    Refused(Refused),
    /// There is no such case or stay.
    #[error("there is no {0}")]
    Unknown(String),
    /// Something happened after the person looked that should be known before this is done.
    #[error("something happened after the page was opened")]
    Moved,
    /// Others changed the case at the same time, again and again.
    #[error("it changed while you worked on it; reload and try again")]
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

/// A subject: a state made of its events and changed by commands.
pub(crate) trait Subject: Clone {
    /// What happened, as stored.
    type Event: Serialize + DeserializeOwned;
    /// What may be asked.
    type Command: Clone;
    /// The log's word for the kind.
    const KIND: &'static str;
    /// The form of newly written events.
    const FORM: u16;

    /// Applies one event.
    fn evolve(state: Option<Self>, event: &Self::Event, at: Moment) -> Result<Self, IllegalEvent>;
    /// Applies one event of a replay; what only the last state needs may wait for [`Subject::replayed`].
    fn evolve_ahead(state: Option<Self>, event: &Self::Event, at: Moment) -> Result<Self, IllegalEvent> {
        Self::evolve(state, event, at)
    }
    /// The state after the last event of a replay.
    fn replayed(self) -> Self {
        self
    }
    /// Answers a command with events and the state after them.
    fn decide(
        state: Option<&Self>,
        command: Self::Command,
        books: &Library,
        now: Moment,
    ) -> Result<(Vec<Self::Event>, Self), Refused>;
    /// Nothing more is expected of it.
    fn is_done(&self) -> bool;
    /// How many events made it.
    fn version(&self) -> u64;
    /// The event's name in the log.
    fn kind(event: &Self::Event) -> &'static str;
    /// Where those met lately are kept, for kinds that are met again and again within minutes.
    fn recent(_: &Desk) -> Option<&Recent<Self>> {
        None
    }
    /// Adds what is kept with the events: rows, pins, errands.
    fn along(&self, desk: &Desk, events: &[Self::Event], now: Moment, commit: &mut Commit);
}

/// One event as recorded.
#[derive(Debug, Clone)]
pub struct Recorded<E> {
    /// Version after it.
    pub version: u64,
    /// When it happened.
    pub at: Moment,
    /// Who did it.
    pub actor: String,
    /// What happened.
    pub event: E,
}

/// A subject with everything that happened to it.
pub(crate) type Whole<S> = (S, Vec<Recorded<<S as Subject>::Event>>);

/// Reads one stored event.
pub(crate) fn read<S: Subject>(stored: &StoredEvent) -> Result<S::Event, Damage> {
    serde_json::from_slice(&stored.body).map_err(|e| Damage::Unreadable { version: stored.version, why: e.to_string() })
}

/// Replays stored events on top of a state.
pub(crate) fn replay<S: Subject>(
    mut state: Option<S>,
    stored: &[StoredEvent],
    mut each: impl FnMut(&StoredEvent, S::Event),
) -> Result<Option<S>, ActError> {
    for kept in stored {
        let damaged = |source| ActError::Damaged { case: kept.subject.id.clone(), source };
        let event = read::<S>(kept).map_err(damaged)?;
        state = Some(S::evolve_ahead(state, &event, kept.occurred_at).map_err(|e| damaged(e.into()))?);
        each(kept, event);
    }
    Ok(state.map(S::replayed))
}

fn new_event<S: Subject>(event: &S::Event, actor: &str, now: Moment) -> NewEvent {
    NewEvent {
        kind: S::kind(event).to_owned(),
        form: S::FORM,
        occurred_at: now,
        recorded_at: now,
        actor: actor.to_owned(),
        body: serde_json::to_vec(event).unwrap_or_default(),
    }
}

impl Desk {
    /// Loads a subject; none when there is no such one.
    pub(crate) fn load_subject<S: Subject>(&self, tenant: &str, id: &str) -> Result<Option<S>, ActError> {
        let met = self.meet::<S>(tenant, id)?;
        if S::recent(self).is_some() {
            self.remember(tenant, id, met.clone());
        }
        Ok(met.map(|met| met.state))
    }

    /// A subject as the log has it now. Of one met lately only what was written since is read, from the event on that was the
    /// last one then: its hash shows that the log below is still the one that was read. If not, all of it is read again.
    fn meet<S: Subject>(&self, tenant: &str, id: &str) -> Result<Option<Met<S>>, ActError> {
        let subject = SubjectKey::new(S::KIND, id);
        if let Some(met) = S::recent(self).and_then(|recent| recent.take(tenant, id)) {
            let version = met.state.version();
            let stored = self.store.load_after(tenant, &subject, version.saturating_sub(1))?;
            if let Some((then, since)) = stored.split_first()
                && (then.version, then.hash) == (version, met.hash)
            {
                let hash = since.last().map_or(met.hash, |last| last.hash);
                return Ok(replay(Some(met.state), since, |_, _| {})?.map(|state| Met { state, hash }));
            }
        }
        let stored = self.store.load(tenant, &subject)?;
        let Some(last) = stored.last() else { return Ok(None) };
        Ok(replay(None, &stored, |_, _| {})?.map(|state| Met { state, hash: last.hash }))
    }

    /// Loads a subject with everything that happened to it.
    pub(crate) fn told<S: Subject>(&self, tenant: &str, id: &str) -> Result<Option<Whole<S>>, ActError> {
        let stored = self.store.load(tenant, &SubjectKey::new(S::KIND, id))?;
        let mut events = Vec::with_capacity(stored.len());
        let state = replay(None, &stored, |kept, event| {
            let (version, at, actor) = (kept.version, kept.occurred_at, kept.actor.clone());
            events.push(Recorded { version, at, actor, event });
        })?;
        Ok(state.map(|state| (state, events)))
    }

    /// The commit of a decision: its events, and what is kept with them.
    pub(crate) fn commit_subject<S: Subject>(
        &self,
        (tenant, id): (&str, &str),
        before: u64,
        (events, state): (&[S::Event], &S),
        (actor, now): (&str, Moment),
        mut commit: Commit,
    ) -> Commit {
        commit.tenant = tenant.to_owned();
        commit.subject = Some(SubjectKey::new(S::KIND, id));
        commit.expected = before;
        commit.events = events.iter().map(|e| new_event::<S>(e, actor, now)).collect();
        if !events.is_empty() {
            state.along(self, events, now, &mut commit);
        }
        commit
    }

    /// Does a command on a subject; a lost race reloads and tries again. `may_begin`: a subject that does not exist is begun.
    /// `only_at`: on that version and no other, else the race counts as lost.
    pub(crate) async fn act_subject<S: Subject>(
        &self,
        (tenant, id): (&str, &str),
        actor: &str,
        command: S::Command,
        along: Option<Commit>,
        may_begin: bool,
        only_at: Option<u64>,
    ) -> Result<(S, Vec<S::Event>), ActError> {
        let kept = |a: &Commit| !(a.errands_done.is_empty() && a.documents.is_empty() && a.message.is_none());
        for _ in 0..ATTEMPTS {
            let before = self.meet::<S>(tenant, id)?;
            if before.is_none() && !may_begin {
                return Err(ActError::Unknown(id.to_owned()));
            }
            if only_at.is_some_and(|at| before.as_ref().map_or(0, |met| met.state.version()) != at) {
                return Err(ActError::Raced);
            }
            let now = self.time.now();
            let answer = S::decide(before.as_ref().map(|met| &met.state), command.clone(), &self.library, now);
            let (events, state) = match answer {
                Ok(decided) if !decided.0.is_empty() || along.as_ref().is_some_and(kept) => decided,
                nothing => {
                    self.remember(tenant, id, before);
                    return nothing.map(|(events, state)| (state, events)).map_err(ActError::Refused);
                }
            };
            let base = along.clone().unwrap_or_default();
            let expected = before.as_ref().map_or(0, |met| met.state.version());
            let commit = self.commit_subject::<S>((tenant, id), expected, (&events, &state), (actor, now), base);
            match self.store.commit(commit).await {
                Ok(_) => {
                    // As it was before: the next command reads these events from the log, and sees what the log says of them.
                    if !state.is_done() {
                        self.remember(tenant, id, before);
                    }
                    return Ok((state, events));
                }
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::ErrandGone) => return Err(ActError::ErrandGone),
                Err(CommitError::Duplicate { .. }) => return Err(ActError::Raced),
                Err(CommitError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(ActError::Raced)
    }

    /// Keeps a subject for the next command, unless nothing more is expected of it.
    fn remember<S: Subject>(&self, tenant: &str, id: &str, met: Option<Met<S>>) {
        if let (Some(recent), Some(met)) = (S::recent(self), met)
            && !met.state.is_done()
        {
            recent.keep(tenant, id, met);
        }
    }
}
