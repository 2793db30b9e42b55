//! The engines' side of the seam: what an engine must do beyond running statements.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        MutexGuard,
        mpsc::{Receiver, SyncSender},
    },
};

use tokio::sync::oneshot;
use vigil_domain::time::Moment;

use super::{prepared::Prepared, sql::Sql};
use crate::{
    StoreFault,
    body::Bodies,
    commit::{CommitError, Committed, StoredEvent},
    directory::Write,
    errand::Errand,
    maintain::Checkpoint,
    manifest::Copied,
    pulse::Pulse,
    rows::Row,
    schema::Schema,
};

/// Where an answer goes.
pub(crate) enum Answer<T> {
    Later(oneshot::Sender<T>),
    Now(SyncSender<T>),
}

impl<T> Answer<T> {
    pub(crate) fn give(self, value: T) {
        // Nobody listens any more when the caller was cancelled; the work is done all the same.
        match self {
            Self::Later(sender) => drop(sender.send(value)),
            Self::Now(sender) => drop(sender.send(value)),
        }
    }

    /// Whether the asker would rather wait than hear that the queue is full.
    pub(crate) fn waits(&self) -> bool {
        matches!(self, Self::Now(_))
    }
}

/// What became of commits that are kept together: of each in its order, or why none is kept.
pub(crate) type Kept = Result<Vec<Committed>, CommitError>;

/// What was backed up, as the state that was copied says, and its files.
pub(crate) struct BackedUp {
    pub(crate) files: Vec<Copied>,
    pub(crate) schema: i64,
    pub(crate) events: u64,
    pub(crate) checkpoint: Option<Checkpoint>,
}

/// Which errands to lease, to whom, until when.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) owner: String,
    pub(crate) now: Moment,
    pub(crate) until: Moment,
    pub(crate) kinds: Vec<String>,
    pub(crate) limit: usize,
}

/// The last step of a rebuild: given the events that came meanwhile, answers with their rows.
pub(crate) type TailRows =
    Box<dyn FnMut(&dyn Sql, &[StoredEvent]) -> Result<Vec<(String, Row)>, StoreFault> + Send + 'static>;

/// A word by which a case is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) tenant: String,
    pub(crate) word: String,
    /// What orders the cases of a word: their receipt in microseconds, negative, the newest first.
    pub(crate) newest: i64,
    pub(crate) case_id: String,
}

/// Rows for shadow tables that hold nothing of their subjects yet; the words of the worklist's rows come by themselves.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    pub(crate) rows: Vec<(String, Row)>,
    pub(crate) words: Vec<Word>,
}

/// A connection to read from, given back when dropped.
pub(crate) enum Reader<'a> {
    Shared(MutexGuard<'a, rusqlite::Connection>),
    Pooled(Box<dyn Sql + 'a>),
}

impl<'a> Deref for Reader<'a> {
    type Target = dyn Sql + 'a;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Shared(guard) => &**guard,
            Self::Pooled(lent) => &**lent,
        }
    }
}

/// An engine that keeps the store.
pub(crate) trait Engine: Send + Sync {
    /// A connection to read from: it sees every commit that was answered before.
    fn reader(&self) -> Result<Reader<'_>, StoreFault>;
    /// Where bodies are packed and unpacked.
    fn bodies(&self) -> &Bodies;
    /// Queues commits that are kept together, in their order, or not at all. The answer comes when they are durable or one of
    /// them is refused.
    fn commit(&self, prepared: Vec<Prepared>, answer: Answer<Kept>) -> Result<(), StoreFault>;
    /// Queues writes that belong to no subject.
    fn write(&self, items: Write, answer: Answer<Result<(), StoreFault>>) -> Result<(), StoreFault>;
    /// Queues a lease of errands.
    fn lease(&self, lease: Lease, answer: Answer<Result<Vec<Errand>, StoreFault>>) -> Result<(), StoreFault>;
    /// Takes or keeps a named task for a while; false when another node has it.
    fn hold(&self, task: &str, seconds: u32) -> Result<bool, StoreFault>;
    /// Queues a checkpoint; none is kept when another came before it.
    fn seal(
        &self,
        checkpoint: Checkpoint,
        answer: Answer<Result<Option<Checkpoint>, StoreFault>>,
    ) -> Result<(), StoreFault>;
    /// Makes empty shadow tables for a rebuild.
    fn begin_rebuild(&self) -> Result<(), StoreFault>;
    /// Queues rows for the shadow tables; the outcome comes through the receiver.
    fn shadow(&self, rows: Vec<(String, Row)>) -> Result<Receiver<Result<(), StoreFault>>, StoreFault>;
    /// Queues rows of subjects of which the shadow tables hold nothing yet; the outcome comes through the receiver.
    fn shadow_fresh(&self, fresh: Fresh) -> Result<Receiver<Result<(), StoreFault>>, StoreFault>;
    /// A folder for what is too large to sort in memory.
    fn scratch(&self) -> PathBuf {
        std::env::temp_dir()
    }
    /// Replays the tail after a position and puts the shadow tables in place of the live ones, in one step.
    fn finish_rebuild(&self, after: u64, tail: TailRows) -> Result<(), StoreFault>;
    /// All rows of a read model as text, sorted.
    fn dump(&self, table: &'static str) -> Result<Vec<String>, StoreFault>;
    /// The engine's own check of what it stores.
    fn check(&self) -> Result<Vec<String>, StoreFault>;
    /// Copies the store into a folder while it serves.
    fn backup(&self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<BackedUp, StoreFault>;
    /// Where the schema stands.
    fn schema(&self) -> Result<Schema, StoreFault>;
    /// Runs the steps of the schema that take away.
    fn contract(&self) -> Result<(), StoreFault>;
    /// How writing goes; nothing where the engine does not count.
    fn pulse(&self) -> Pulse {
        Pulse::default()
    }
    /// Bytes of the database and of its write-ahead log; nothing where they are not files of ours.
    fn sizes(&self) -> (u64, u64) {
        (0, 0)
    }
    /// Finishes what is queued; later writes get [`StoreFault::Closed`].
    fn close(&self);
}

/// The read model tables, in the order of their dumps.
pub(crate) const READ_MODELS: [&str; 7] = ["work", "search", "keys", "deadlines", "measures", "decided", "stays"];
