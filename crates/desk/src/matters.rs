//! Improvements and motions: small subjects of the log beside the case, changed by the same loop.

use vigil_domain::{
    case::{evolve::IllegalEvent, refusal::Refused},
    improvement::{self, Improvement},
    library::Library,
    motion::{self, Motion},
    time::{Day, Moment},
};
use vigil_store::Commit;

use crate::{
    Desk, ids,
    subject::{ActError, Subject},
};

/// Subjects read for one list.
const LISTED: usize = 500;

impl Subject for Improvement {
    type Event = improvement::Event;
    /// What is asked, and by whom.
    type Command = (improvement::Command, String);
    const KIND: &'static str = "improvement";
    const FORM: u16 = improvement::FORM;

    fn evolve(state: Option<Self>, event: &Self::Event, at: Moment) -> Result<Self, IllegalEvent> {
        improvement::evolve(state, event, at)
    }

    fn decide(
        state: Option<&Self>,
        (command, person): Self::Command,
        _: &Library,
        now: Moment,
    ) -> Result<(Vec<Self::Event>, Self), Refused> {
        applied(state, improvement::decide(state, command, &person)?, |state, event| {
            improvement::evolve(state, event, now)
        })
    }

    fn is_done(&self) -> bool {
        self.closed.is_some()
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn kind(event: &Self::Event) -> &'static str {
        event.kind()
    }

    fn along(&self, _: &Desk, _: &[Self::Event], _: Moment, _: &mut Commit) {}
}

impl Subject for Motion {
    type Event = motion::Event;
    /// What is asked, by whom, and the day in the plan's zone.
    type Command = (motion::Command, String, Day);
    const KIND: &'static str = "motion";
    const FORM: u16 = motion::FORM;

    fn evolve(state: Option<Self>, event: &Self::Event, at: Moment) -> Result<Self, IllegalEvent> {
        motion::evolve(state, event, at)
    }

    fn decide(
        state: Option<&Self>,
        (command, person, today): Self::Command,
        _: &Library,
        now: Moment,
    ) -> Result<(Vec<Self::Event>, Self), Refused> {
        applied(state, motion::decide(state, command, &person, today)?, |state, event| {
            motion::evolve(state, event, now)
        })
    }

    fn is_done(&self) -> bool {
        self.decided.is_some() || self.withdrawn.is_some()
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn kind(event: &Self::Event) -> &'static str {
        event.kind()
    }

    fn along(&self, _: &Desk, _: &[Self::Event], _: Moment, _: &mut Commit) {}
}

/// The events with the state after them.
///
/// # Panics
/// Never: the first event of a decision on nothing begins the subject, and a decision on something begins with it.
fn applied<S: Clone, E>(
    state: Option<&S>,
    events: Vec<E>,
    evolve: impl Fn(Option<S>, &E) -> Result<S, IllegalEvent>,
) -> Result<(Vec<E>, S), Refused> {
    let mut after = state.cloned();
    for event in &events {
        after = Some(evolve(after, event).expect("a decision yields events that fit"));
    }
    Ok((events, after.expect("a decision begins or keeps its subject")))
}

impl Desk {
    /// Answers a command to an improvement: events kept, or every reason why not.
    ///
    /// # Errors
    /// A refusal, a lost race, faults.
    pub async fn improve(
        &self,
        tenant: &str,
        id: &str,
        person: &str,
        command: improvement::Command,
    ) -> Result<Improvement, ActError> {
        let command = (command, person.to_owned());
        Ok(self.act_subject::<Improvement>((tenant, id), person, command, None, true, None).await?.0)
    }

    /// Answers a command to a motion; `today` is the day in the plan's zone.
    ///
    /// # Errors
    /// A refusal, a lost race, faults.
    pub async fn move_motion(
        &self,
        tenant: &str,
        id: &str,
        person: &str,
        command: motion::Command,
        today: Day,
    ) -> Result<Motion, ActError> {
        let command = (command, person.to_owned(), today);
        Ok(self.act_subject::<Motion>((tenant, id), person, command, None, true, None).await?.0)
    }

    /// One improvement.
    ///
    /// # Errors
    /// Faults, a damaged log.
    pub fn improvement(&self, tenant: &str, id: &str) -> Result<Option<Improvement>, ActError> {
        self.load_subject(tenant, id)
    }

    /// One motion.
    ///
    /// # Errors
    /// Faults, a damaged log.
    pub fn motion(&self, tenant: &str, id: &str) -> Result<Option<Motion>, ActError> {
        self.load_subject(tenant, id)
    }

    /// All improvements, newest first.
    ///
    /// # Errors
    /// Faults, a damaged log.
    pub fn improvements(&self, tenant: &str) -> Result<Vec<Improvement>, ActError> {
        let mut all: Vec<Improvement> = self.matters(tenant)?;
        all.sort_by(|a, b| (b.opened.1, &b.id).cmp(&(a.opened.1, &a.id)));
        Ok(all)
    }

    /// All motions, newest first.
    ///
    /// # Errors
    /// Faults, a damaged log.
    pub fn motions(&self, tenant: &str) -> Result<Vec<Motion>, ActError> {
        let mut all: Vec<Motion> = self.matters(tenant)?;
        all.sort_by(|a, b| (b.put.1, &b.id).cmp(&(a.put.1, &a.id)));
        Ok(all)
    }

    /// The id of a new subject: a letter for its kind and a number as cases have.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn new_subject_id(&self, letter: char) -> Result<String, ActError> {
        let at = self.time.now();
        let number = match &self.numbers {
            Some(counter) => {
                let n = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                ids::case_number(at, &n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes())
            }
            None => ids::random_case_number(at).map_err(|e| ActError::Print(e.to_string()))?,
        };
        Ok(format!("{letter}-{number}"))
    }

    fn matters<S: Subject>(&self, tenant: &str) -> Result<Vec<S>, ActError> {
        let keys = self.store.subjects(tenant, S::KIND, "", LISTED)?;
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.extend(self.load_subject(tenant, &key.id)?);
        }
        Ok(found)
    }
}
