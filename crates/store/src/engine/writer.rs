//! The one writer: a bounded queue and a thread that puts what is waiting into one durable transaction.

use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{apply::Known, rows::RowSql};
use crate::{StoreFault, fault::Doing};

/// At most so many tasks share a transaction.
const BATCH: usize = 256;
/// A transaction takes no further task after this long.
const BATCH_TIME: Duration = Duration::from_millis(15);

/// What a task works with inside the transaction.
pub(crate) struct Cx<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) known: &'a mut Known,
    pub(crate) live: &'a RowSql,
}

/// A piece of work for the writer. It may run twice when the first transaction could not be kept.
pub(crate) trait Task: Send {
    /// Does the work; a business answer is kept inside, only a broken world is an error.
    fn run(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreFault>;
    /// Called once, after the transaction is durable (or the work has failed for good).
    fn answer(self: Box<Self>, outcome: Result<(), StoreFault>);
}

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
}

/// Work given as a function.
pub(crate) struct Func<T, F> {
    work: F,
    result: Option<T>,
    answer: Answer<Result<T, StoreFault>>,
}

impl<T: Send, F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send> Task for Func<T, F> {
    fn run(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreFault> {
        self.result = Some((self.work)(cx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreFault>) {
        let Self { result, answer, .. } = *self;
        answer.give(outcome.and_then(|()| result.ok_or(StoreFault::Closed)));
    }
}

/// The queue's near end and the thread at its far end.
pub(crate) struct Queue {
    sender: RwLock<Option<SyncSender<Box<dyn Task>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The connection the writer uses for a batch.
pub(crate) enum WriterConn {
    Own(Box<Connection>),
    Shared(Arc<Mutex<Connection>>),
}

impl Queue {
    /// Starts the writer.
    pub(crate) fn start(conn: WriterConn, depth: usize) -> Result<Self, StoreFault> {
        let (sender, receiver) = sync_channel(depth);
        let thread = std::thread::Builder::new()
            .name("vigil-writer".to_owned())
            .spawn(move || serve(conn, &receiver))
            .map_err(StoreFault::io("start the writer", "vigil-writer"))?;
        Ok(Self { sender: RwLock::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a task, or says that the queue is full.
    pub(crate) fn offer(&self, task: Box<dyn Task>) -> Result<(), StoreFault> {
        let sender = self.sender.read().unwrap_or_else(PoisonError::into_inner);
        let sender = sender.as_ref().ok_or(StoreFault::Closed)?;
        sender.try_send(task).map_err(|error| match error {
            TrySendError::Full(_) => StoreFault::Busy,
            TrySendError::Disconnected(_) => StoreFault::Closed,
        })
    }

    /// Queues a task, waiting while the queue is full.
    pub(crate) fn push(&self, task: Box<dyn Task>) -> Result<(), StoreFault> {
        let sender = self.sender.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(StoreFault::Closed)?;
        sender.send(task).map_err(|_| StoreFault::Closed)
    }

    /// Runs a function in the writer and waits for its durable result.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        self.offer(Box::new(Func { work, result: None, answer: Answer::Later(sender) }))?;
        receiver.await.map_err(|_| StoreFault::Closed)?
    }

    /// The blocking twin of [`Queue::run`]; it waits while the queue is full.
    pub(crate) fn run_blocking<T, F>(&self, work: F) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send + 'static,
    {
        let (sender, receiver) = sync_channel(1);
        self.push(Box::new(Func { work, result: None, answer: Answer::Now(sender) }))?;
        receiver.recv().map_err(|_| StoreFault::Closed)?
    }

    /// Lets the writer finish what is queued, and stops it.
    pub(crate) fn close(&self) {
        self.sender.write().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            drop(thread.join());
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.close();
    }
}

fn serve(conn: WriterConn, receiver: &Receiver<Box<dyn Task>>) {
    let live = RowSql::new("");
    let mut known = Known::default();
    while let Ok(first) = receiver.recv() {
        match &conn {
            WriterConn::Own(conn) => batch(conn, first, receiver, &mut known, &live),
            WriterConn::Shared(conn) => {
                let conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
                batch(&conn, first, receiver, &mut known, &live);
            }
        }
    }
    if let WriterConn::Own(conn) = &conn {
        // Leaves one tidy file behind; when it cannot, the next opening reads the log of this one.
        drop(conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
}

/// Runs what is waiting in one transaction. When anything fails, nothing of it is kept and each task gets its own.
fn batch(
    conn: &Connection,
    first: Box<dyn Task>,
    receiver: &Receiver<Box<dyn Task>>,
    known: &mut Known,
    live: &RowSql,
) {
    let began = Instant::now();
    let mut tasks = vec![first];
    let outcome = (|| {
        conn.prepare_cached("BEGIN IMMEDIATE").and_then(|mut s| s.execute([])).doing("begin a transaction")?;
        let mut cx = Cx { conn, known, live };
        let mut done = 0;
        while done < tasks.len() {
            tasks[done].run(&mut cx)?;
            done += 1;
            if done == tasks.len()
                && done < BATCH
                && began.elapsed() < BATCH_TIME
                && let Ok(task) = receiver.try_recv()
            {
                tasks.push(task);
            }
        }
        conn.prepare_cached("COMMIT").and_then(|mut s| s.execute([])).doing("keep a transaction")
    })();
    match outcome {
        Ok(_) => tasks.into_iter().for_each(|task| task.answer(Ok(()))),
        Err(fault) => {
            roll_back(conn, known);
            match tasks.len() {
                1 => tasks.remove(0).answer(Err(fault)),
                _ => tasks.into_iter().for_each(|task| alone(conn, task, known, live)),
            }
        }
    }
}

/// Runs one task in its own transaction.
fn alone(conn: &Connection, mut task: Box<dyn Task>, known: &mut Known, live: &RowSql) {
    let outcome = (|| {
        conn.execute_batch("BEGIN IMMEDIATE").doing("begin a transaction")?;
        task.run(&mut Cx { conn, known, live })?;
        conn.execute_batch("COMMIT").doing("keep a transaction")
    })();
    if outcome.is_err() {
        roll_back(conn, known);
    }
    task.answer(outcome);
}

fn roll_back(conn: &Connection, known: &mut Known) {
    *known = Known::default();
    if !conn.is_autocommit() {
        drop(conn.execute_batch("ROLLBACK"));
    }
}
