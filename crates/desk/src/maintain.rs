//! Upkeep: rebuild the read models from the log, and keep the texts that old cases pinned on the shelf.

use std::{collections::HashMap, sync::Arc};

use vigil_domain::{case::Case, criteria::Service, law::Rule, library::Library, stay::Stay, time::Moment};
use vigil_store::{Row, Store, StoreFault, StoredEvent, SubjectKey};

use crate::{
    Desk,
    act::ActError,
    hospital, project,
    subject::{self, Subject},
};

/// Events read at a time.
const CHUNK: usize = 5_000;
/// Subjects of a kind kept in memory while replaying; others are loaded again when they are met.
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
    cases: Kept<Case>,
    stays: Kept<Stay>,
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
            match first.subject.kind.as_str() {
                Case::KIND => self.cases.commit(commit, load, project::rows, &mut rows)?,
                Stay::KIND => self.stays.commit(commit, load, hospital::project::rows, &mut rows)?,
                _ => {}
            }
        }
        Ok(rows)
    }
}

/// Subjects of one kind kept while replaying.
struct Kept<S> {
    subjects: HashMap<(String, String), S>,
}

impl<S> Default for Kept<S> {
    fn default() -> Self {
        Self { subjects: HashMap::new() }
    }
}

impl<S: Subject> Kept<S> {
    fn commit(
        &mut self,
        commit: &[StoredEvent],
        load: Load<'_>,
        project: fn(&S, &[S::Event], Moment) -> Vec<Row>,
        rows: &mut Vec<(String, Row)>,
    ) -> Result<(), ActError> {
        let Some(first) = commit.first() else { return Ok(()) };
        let key = (first.tenant.clone(), first.subject.id.clone());
        let before = match self.subjects.remove(&key) {
            Some(subject) => Some(subject),
            None if first.version > 1 => {
                let earlier = load(&first.tenant, &first.subject)?;
                let until = earlier.iter().take_while(|e| e.version < first.version).count();
                subject::replay(None, earlier.get(..until).unwrap_or_default(), |_, _| {})?
            }
            None => None,
        };
        let mut applied = Vec::with_capacity(commit.len());
        if let Some(after) = subject::replay(before, commit, |_, event| applied.push(event))? {
            rows.extend(project(&after, &applied, first.recorded_at).into_iter().map(|row| (key.0.clone(), row)));
            if self.subjects.len() >= KEPT {
                self.subjects.clear();
            }
            if !after.is_done() {
                self.subjects.insert(key, after);
            }
        }
        Ok(())
    }
}
