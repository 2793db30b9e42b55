//! Upkeep: rebuild the read models from the log, and keep the texts that old cases pinned on the shelf.

use std::{collections::HashMap, sync::Arc};

use vigil_domain::{
    case::{Case, event::Event, evolve::evolve},
    criteria::Service,
    law::Rule,
    library::Library,
    time::Moment,
};
use vigil_store::{Row, Store, StoreFault, StoredEvent, SubjectKey};

use crate::{
    Desk,
    act::{ActError, read_event},
    project,
};

/// Events read at a time.
const CHUNK: usize = 5_000;
/// Cases kept in memory while replaying; others are loaded again when they are met.
const KEPT: usize = 20_000;

/// What a rebuild did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Events replayed.
    pub events: u64,
    /// Rows written.
    pub rows: u64,
}

/// Puts the texts that old cases pinned and that are no longer on the shelf back on it (DECISIONS 16). `reopen` reads a
/// criteria pack from its canonical text.
///
/// # Errors
/// Faults of the store. Digests whose text cannot be read come back in the answer: their cases refuse to be ticked.
pub fn shelve_pins(
    store: &Store,
    library: &mut Library,
    reopen: impl Fn(&str) -> Option<Service>,
) -> Result<Vec<String>, StoreFault> {
    let mut unreadable = Vec::new();
    for (digest, text) in store.pins()? {
        if library.text_of(&digest).is_some() {
            continue;
        }
        if let Ok(mut rule) = Rule::from_canonical(&text) {
            rule.digest.clone_from(&digest);
            library.law.keep(rule);
        } else if let Some(service) = reopen(&text) {
            library.criteria.keep(Arc::new(service));
        } else {
            unreadable.push(digest);
        }
    }
    Ok(unreadable)
}

impl Desk {
    /// Writes every read model anew from the log, while serving. Blocking: run it on a thread of its own.
    ///
    /// # Errors
    /// Faults, and a log that does not make a case.
    pub fn rebuild(&self, mut progress: impl FnMut(u64)) -> Result<Rebuilt, ActError> {
        let rebuild = self.store.begin_rebuild()?;
        let mut replayer = Replayer::default();
        let mut rebuilt = Rebuilt::default();
        let mut after = 0;
        loop {
            let events = self.store.feed(after, CHUNK)?;
            let Some(last) = events.last() else { break };
            after = last.position;
            let rows = replayer.replay(&events, &|tenant, subject| self.store.load(tenant, subject))?;
            rebuilt.events += events.len() as u64;
            rebuilt.rows += rows.len() as u64;
            rebuild.write(rows)?;
            progress(rebuilt.events);
        }
        rebuild.finish(after, move |tail, events| {
            replayer
                .replay(events, &|tenant, subject| tail.load(tenant, subject))
                .map_err(|error| StoreFault::Spoiled { what: "log", why: error.to_string() })
        })?;
        Ok(rebuilt)
    }
}

type Load<'a> = &'a dyn Fn(&str, &SubjectKey) -> Result<Vec<StoredEvent>, StoreFault>;

/// Replays the feed, commit by commit, into the rows each commit once made.
#[derive(Default)]
struct Replayer {
    cases: HashMap<(String, String), Case>,
}

impl Replayer {
    fn replay(&mut self, events: &[StoredEvent], load: Load<'_>) -> Result<Vec<(String, Row)>, ActError> {
        let mut rows = Vec::new();
        let mut rest = events;
        while let Some(first) = rest.first() {
            let same = |e: &&StoredEvent| {
                e.subject == first.subject && e.tenant == first.tenant && e.recorded_at == first.recorded_at
            };
            let (commit, others) = rest.split_at(rest.iter().take_while(same).count());
            rest = others;
            if first.subject.kind == "case" {
                self.commit(commit, load, &mut rows)?;
            }
        }
        Ok(rows)
    }

    fn commit(
        &mut self,
        commit: &[StoredEvent],
        load: Load<'_>,
        rows: &mut Vec<(String, Row)>,
    ) -> Result<(), ActError> {
        let Some(first) = commit.first() else { return Ok(()) };
        let key = (first.tenant.clone(), first.subject.id.clone());
        let mut case = match self.cases.remove(&key) {
            Some(case) => Some(case),
            None if first.version > 1 => {
                let earlier = load(&first.tenant, &first.subject)?;
                let until = earlier.iter().take_while(|e| e.version < first.version);
                let mut built = None;
                for event in until {
                    built = Some(apply(built, event)?.0);
                }
                built
            }
            None => None,
        };
        let mut applied = Vec::with_capacity(commit.len());
        for event in commit {
            let (next, read) = apply(case, event)?;
            case = Some(next);
            applied.push(read);
        }
        if let Some(case) = case {
            rows.extend(project::rows(&case, &applied, first.recorded_at).into_iter().map(|row| (key.0.clone(), row)));
            if self.cases.len() >= KEPT {
                self.cases.clear();
            }
            if !case.is_closed() {
                self.cases.insert(key, case);
            }
        }
        Ok(())
    }
}

fn apply(case: Option<Case>, stored: &StoredEvent) -> Result<(Case, Event), ActError> {
    let damaged = |source| ActError::Damaged { case: stored.subject.id.clone(), source };
    let event = read_event(stored).map_err(damaged)?;
    let at: Moment = stored.occurred_at;
    let case = evolve(case, &event, at).map_err(|e| damaged(e.into()))?;
    Ok((case, event))
}
