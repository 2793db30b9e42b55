//! Rebuilding the read models from the log while serving: first each subject as it stands at a moment, one after the other,
//! then what came meanwhile, in the log's order.

use std::{
    collections::HashMap,
    sync::mpsc::{SyncSender, sync_channel},
};

use vigil_domain::{case::Case, stay::Stay, time::Moment};
use vigil_store::{DeadlineKind, Row, StoreFault, StoredEvent, SubjectKey};

use crate::{
    Desk,
    act::ActError,
    hospital, project,
    subject::{self, Subject},
};

/// Events read at a time.
const CHUNK: usize = 3_000;
/// Subjects of a kind kept in memory while replaying the feed, some twenty kilobytes each; others are loaded again when they
/// are met.
const KEPT: usize = 2_000;

/// What a rebuild did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Events replayed.
    pub events: u64,
    /// Rows written.
    pub rows: u64,
}

impl Desk {
    /// Writes every read model anew from the log, while serving. Blocking: run it on a thread of its own. Memory: some tens
    /// of megabytes, whatever the log holds.
    ///
    /// # Errors
    /// Faults, and a log that does not make a case.
    pub fn rebuild(&self, mut progress: impl FnMut(u64)) -> Result<Rebuilt, ActError> {
        let rebuild = self.store.begin_rebuild()?;
        let mut rebuilt = Rebuilt::default();
        let mut after = self.store.watermark()?;
        self.by_subject(after, |events, rows| {
            rebuilt.events += events;
            rebuilt.rows += rows.len() as u64;
            progress(rebuilt.events);
            rebuild.fresh(rows)
        })?;
        rebuild.settle()?;
        let mut replayer = Replayer::default();
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

    /// Folds every subject of the log up to a position and hands over the rows it ends with. A thread beside this one reads
    /// ahead; the store's writer writes meanwhile.
    fn by_subject(
        &self,
        upto: u64,
        mut hand_over: impl FnMut(u64, Rows) -> Result<(), StoreFault>,
    ) -> Result<(), ActError> {
        std::thread::scope(|scope| {
            let (sender, chunks) = sync_channel(1);
            scope.spawn(move || self.read_subjects(upto, &sender));
            while let Ok(chunk) = chunks.recv() {
                let events = chunk?;
                let mut rows = Vec::with_capacity(events.len());
                for whole in events.chunk_by(|a, b| a.subject == b.subject && a.tenant == b.tenant) {
                    fold(whole, &mut rows)?;
                }
                hand_over(events.len() as u64, rows)?;
            }
            Ok(())
        })
    }

    /// Sends the log in chunks of whole subjects, until all is sent or nobody listens.
    fn read_subjects(&self, upto: u64, sender: &SyncSender<Result<Vec<StoredEvent>, StoreFault>>) {
        let mut part: Vec<StoredEvent> = Vec::new();
        loop {
            let read = match self.store.told(part.last(), upto, CHUNK) {
                Ok(read) => read,
                Err(fault) => return drop(sender.send(Err(fault))),
            };
            let is_last = read.len() < CHUNK;
            part.extend(read);
            // The last subject may go on in the next chunk.
            let split = match part.last() {
                Some(last) if !is_last => {
                    part.partition_point(|e| e.subject != last.subject || e.tenant != last.tenant)
                }
                _ => part.len(),
            };
            let rest = part.split_off(split);
            if sender.send(Ok(std::mem::replace(&mut part, rest))).is_err() || is_last {
                return;
            }
        }
    }
}

type Rows = Vec<(String, Row)>;
type Project<S> = fn(&S, &[<S as Subject>::Event], Moment) -> Vec<Row>;
type Load<'a> = &'a dyn Fn(&str, &SubjectKey) -> Result<Vec<StoredEvent>, StoreFault>;

/// The events of one commit begin the rest: recorded at one moment, one right behind the other.
fn commit(events: &[StoredEvent]) -> usize {
    let pairs = events.iter().zip(events.iter().skip(1));
    let same = |(a, b): &(&StoredEvent, &StoredEvent)| {
        a.subject == b.subject && a.tenant == b.tenant && a.recorded_at == b.recorded_at
    };
    pairs.take_while(same).count() + usize::from(!events.is_empty())
}

/// Folds a whole subject.
fn fold(events: &[StoredEvent], rows: &mut Rows) -> Result<(), ActError> {
    match events.first().map(|first| first.subject.kind.as_str()) {
        Some(Case::KIND) => fold_as(events, project::rows, rows),
        Some(Stay::KIND) => fold_as(events, hospital::project::rows, rows),
        _ => Ok(()),
    }
}

fn fold_as<S: Subject>(events: &[StoredEvent], project: Project<S>, rows: &mut Rows) -> Result<(), ActError> {
    let (mut state, mut rest, mut made) = (None, events, Vec::new());
    while let Some(first) = rest.first() {
        let adjacent = rest.iter().zip(first.position..).take_while(|(e, at)| e.position == *at).count();
        let (events, others) = rest.split_at(commit(rest).min(adjacent));
        rest = others;
        let mut applied = Vec::with_capacity(events.len());
        state = subject::replay(state, events, |_, event| applied.push(event))?;
        if let Some(after) = &state {
            made.extend(project(after, &applied, first.recorded_at));
        }
    }
    let tenant = events.first().map(|first| first.tenant.as_str()).unwrap_or_default();
    let last = last_words(&made);
    rows.extend(made.into_iter().zip(last).filter(|(_, last)| *last).map(|(row, _)| (tenant.to_owned(), row)));
    Ok(())
}

/// Which rows of one subject are the last of their key. Keys that find it and counts all are.
fn last_words(rows: &[Row]) -> Vec<bool> {
    let mut seen = Vec::new();
    let mut last = vec![true; rows.len()];
    for (row, last) in rows.iter().zip(&mut last).rev() {
        let key = match row {
            Row::Work(_) => Key::Work,
            Row::Decided(_) => Key::Decided,
            Row::Deadline(row) => Key::Deadline(&row.clock_id, row.what),
            Row::Stay(row) => Key::Stay(row.kind, &row.id),
            Row::Key(_) | Row::Measure(_) => continue,
        };
        *last = !seen.contains(&key);
        seen.push(key);
    }
    last
}

#[derive(PartialEq)]
enum Key<'a> {
    Work,
    Decided,
    Deadline(&'a str, DeadlineKind),
    Stay(&'a str, &'a str),
}

/// Replays the feed, commit by commit, into the rows each commit once made.
#[derive(Default)]
struct Replayer {
    cases: Kept<Case>,
    stays: Kept<Stay>,
}

impl Replayer {
    fn replay(&mut self, events: &[StoredEvent], load: Load<'_>) -> Result<Rows, ActError> {
        let mut rows = Vec::new();
        let mut rest = events;
        while let Some(first) = rest.first() {
            let (events, others) = rest.split_at(commit(rest));
            rest = others;
            match first.subject.kind.as_str() {
                Case::KIND => self.cases.commit(events, load, project::rows, &mut rows)?,
                Stay::KIND => self.stays.commit(events, load, hospital::project::rows, &mut rows)?,
                _ => {}
            }
        }
        Ok(rows)
    }
}

/// Subjects of one kind kept while replaying: those met lately, and those met before them.
struct Kept<S> {
    lately: HashMap<(String, String), S>,
    before: HashMap<(String, String), S>,
}

impl<S> Default for Kept<S> {
    fn default() -> Self {
        Self { lately: HashMap::new(), before: HashMap::new() }
    }
}

impl<S: Subject> Kept<S> {
    fn commit(
        &mut self,
        commit: &[StoredEvent],
        load: Load<'_>,
        project: Project<S>,
        rows: &mut Rows,
    ) -> Result<(), ActError> {
        let Some(first) = commit.first() else { return Ok(()) };
        let key = (first.tenant.clone(), first.subject.id.clone());
        let before = match self.lately.remove(&key).or_else(|| self.before.remove(&key)) {
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
            if self.lately.len() >= KEPT / 2 {
                self.before = std::mem::take(&mut self.lately);
            }
            if !after.is_done() {
                self.lately.insert(key, after);
            }
        }
        Ok(())
    }
}
