//! The one writer: a bounded queue and a thread that puts what is waiting into one durable transaction.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{rows::RowSql, wal::Tide};
use crate::{
    StoreFault,
    engine::seam::Answer,
    fault::Doing,
    pulse::{Meter, Pulse},
};

/// At most so many tasks share a transaction.
const BATCH: usize = 256;
/// A transaction takes no further task after this long.
const BATCH_TIME: Duration = Duration::from_millis(15);

/// How often a disk that took nothing is tried again while nobody asks for a write.
const AGAIN: Duration = Duration::from_secs(1);
/// A write that changes nothing anybody reads.
const PROBE: &str = "INSERT INTO settings (tenant, name, value) VALUES ('', 'writer-probe', '1')
  ON CONFLICT (tenant, name) DO UPDATE SET value = CAST(CAST(settings.value AS BIGINT) + 1 AS TEXT)";

/// What a task works with inside the transaction.
pub(crate) struct Cx<'a> {
    pub(crate) conn: &'a Connection,
    /// Pins that are known to be kept; forgotten whenever a transaction is not.
    pub(crate) known_pins: &'a mut HashSet<String>,
    pub(crate) live: &'a RowSql,
    pub(crate) shadow: &'a RowSql,
}

/// A piece of work for the writer. It may run twice when the first transaction could not be kept.
pub(crate) trait Task: Send {
    /// Does the work; a business answer is kept inside, only a broken world is an error.
    fn run(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreFault>;
    /// Whether it must have a transaction of its own, or none, and run at most once.
    fn is_lonely(&self) -> bool {
        false
    }
    /// Whether it runs between two transactions.
    fn is_between(&self) -> bool {
        false
    }
    /// Called once, after the transaction is durable (or the work has failed for good).
    fn answer(self: Box<Self>, outcome: Result<(), StoreFault>);
}

/// With whom a function runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Company {
    /// With others in one transaction.
    Shared,
    /// In a transaction of its own.
    Alone,
    /// In none.
    Between,
}

/// Work given as a function.
pub(crate) struct Func<T, F> {
    work: F,
    company: Company,
    result: Option<T>,
    answer: Answer<Result<T, StoreFault>>,
}

impl<T: Send, F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send> Task for Func<T, F> {
    fn run(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreFault> {
        self.result = Some((self.work)(cx)?);
        Ok(())
    }

    fn is_lonely(&self) -> bool {
        self.company != Company::Shared
    }

    fn is_between(&self) -> bool {
        self.company == Company::Between
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreFault>) {
        let Self { result, answer, .. } = *self;
        answer.give(outcome.and_then(|()| result.ok_or(StoreFault::Closed)));
    }
}

/// The queue's near end and the thread at its far end.
pub(crate) struct Queue {
    meter: Meter,
    sender: RwLock<Option<SyncSender<Box<dyn Task>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The connection the writer uses for a batch.
pub(crate) enum WriterConn {
    Own(Box<Connection>, Box<Tide>),
    Shared(Arc<Mutex<Connection>>),
}

impl Queue {
    /// Starts the writer.
    pub(crate) fn start(conn: WriterConn, depth: usize) -> Result<Self, StoreFault> {
        let (sender, receiver) = sync_channel(depth);
        let meter = Meter::new(depth);
        let counts = meter.clone();
        let thread = std::thread::Builder::new()
            .name("vigil-writer".to_owned())
            .spawn(move || serve(conn, &receiver, counts))
            .map_err(StoreFault::io("start the writer", "vigil-writer"))?;
        Ok(Self { meter, sender: RwLock::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a task, or says that the queue is full.
    fn offer(&self, task: Box<dyn Task>) -> Result<(), StoreFault> {
        let sender = self.sender.read().unwrap_or_else(PoisonError::into_inner);
        let sender = sender.as_ref().ok_or(StoreFault::Closed)?;
        self.meter.taken();
        sender.try_send(task).map_err(|error| {
            self.meter.turned_away();
            match error {
                TrySendError::Full(_) => StoreFault::Busy,
                TrySendError::Disconnected(_) => StoreFault::Closed,
            }
        })
    }

    /// Queues a task, waiting while the queue is full.
    fn push(&self, task: Box<dyn Task>) -> Result<(), StoreFault> {
        let sender = self.sender.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(StoreFault::Closed)?;
        self.meter.taken();
        sender.send(task).map_err(|_| {
            self.meter.turned_away();
            StoreFault::Closed
        })
    }

    /// How the writer is doing.
    pub(crate) fn pulse(&self) -> Pulse {
        self.meter.read()
    }

    /// Queues a task the way its asker wants to wait.
    pub(crate) fn queue(&self, task: Box<dyn Task>, waits: bool) -> Result<(), StoreFault> {
        if waits { self.push(task) } else { self.offer(task) }
    }

    /// Queues a function; its durable result goes to the answer.
    pub(crate) fn run<T, F>(&self, answer: Answer<Result<T, StoreFault>>, work: F) -> Result<(), StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send + 'static,
    {
        let waits = answer.waits();
        self.queue(Box::new(Func { work, company: Company::Shared, result: None, answer }), waits)
    }

    /// Runs a function in the writer and waits for its durable result.
    pub(crate) fn run_blocking<T, F>(&self, work: F) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send + 'static,
    {
        self.begin(work, Company::Shared)?.recv().map_err(|_| StoreFault::Closed)?
    }

    /// Like [`Queue::run_blocking`], without waiting for the result: it comes through the receiver.
    pub(crate) fn run_ahead<T, F>(&self, work: F) -> Result<Receiver<Result<T, StoreFault>>, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send + 'static,
    {
        self.begin(work, Company::Shared)
    }

    /// Like [`Queue::run_blocking`], in a transaction of its own, at most once.
    pub(crate) fn run_alone<T, F>(&self, work: F) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send + 'static,
    {
        self.begin(work, Company::Alone)?.recv().map_err(|_| StoreFault::Closed)?
    }

    /// Runs a function in the writer between two transactions, once, and waits for its result.
    pub(crate) fn run_between<T, F>(&self, work: F) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send + 'static,
    {
        self.begin(work, Company::Between)?.recv().map_err(|_| StoreFault::Closed)?
    }

    fn begin<T, F>(&self, work: F, company: Company) -> Result<Receiver<Result<T, StoreFault>>, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Cx<'_>) -> Result<T, StoreFault> + Send + 'static,
    {
        let (sender, receiver) = sync_channel(1);
        self.push(Box::new(Func { work, company, result: None, answer: Answer::Now(sender) }))?;
        Ok(receiver)
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

fn serve(mut conn: WriterConn, receiver: &Receiver<Box<dyn Task>>, meter: Meter) {
    let mut writer =
        Writer { live: RowSql::new(""), shadow: RowSql::new("_next"), known: HashSet::new(), held: None, meter };
    while let Some(next) = writer.next(receiver) {
        match &mut conn {
            WriterConn::Own(conn, tide) => {
                writer.turn(conn, next, receiver);
                tide.tend(conn);
            }
            WriterConn::Shared(conn) => {
                let conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
                writer.turn(&conn, next, receiver);
            }
        }
    }
    if let WriterConn::Own(conn, tide) = conn {
        drop(tide);
        // Leaves one tidy file behind; when it cannot, the next opening reads the log of this one.
        drop(conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
}

struct Writer {
    live: RowSql,
    shadow: RowSql,
    known: HashSet<String>,
    // A lonely task that was met while a batch was being filled.
    held: Option<Box<dyn Task>>,
    meter: Meter,
}

/// What the writer does next.
enum Next {
    Task(Box<dyn Task>),
    Probe,
}

impl Writer {
    /// Waits for work; while the disk takes nothing only for a moment. None when the queue is closed and empty.
    fn next(&mut self, receiver: &Receiver<Box<dyn Task>>) -> Option<Next> {
        if let Some(held) = self.held.take() {
            return Some(Next::Task(held));
        }
        if !self.meter.is_refused() {
            return receiver.recv().ok().map(Next::Task);
        }
        match receiver.recv_timeout(AGAIN) {
            Ok(task) => Some(Next::Task(task)),
            Err(RecvTimeoutError::Timeout) => Some(Next::Probe),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn turn(&mut self, conn: &Connection, next: Next, receiver: &Receiver<Box<dyn Task>>) {
        match next {
            Next::Task(first) => self.batch(conn, first, receiver),
            Next::Probe if plain(conn, PROBE).is_ok() => self.meter.refused(false),
            Next::Probe => self.roll_back(conn),
        }
    }

    /// Runs what is waiting in one transaction. When anything fails, nothing of it is kept and each task gets its own.
    fn batch(&mut self, conn: &Connection, first: Box<dyn Task>, receiver: &Receiver<Box<dyn Task>>) {
        if first.is_lonely() {
            return self.alone(conn, first);
        }
        let mut tasks = vec![first];
        match self.fill(conn, &mut tasks, receiver) {
            Ok(()) => {
                self.meter.refused(false);
                self.meter.answering(tasks.len(), false);
                tasks.into_iter().for_each(|task| task.answer(Ok(())));
            }
            Err(fault) => {
                self.roll_back(conn);
                match tasks.len() {
                    1 => {
                        self.meter.refused(fault.is_disk());
                        self.meter.answering(1, true);
                        tasks.remove(0).answer(Err(fault));
                    }
                    _ => tasks.into_iter().for_each(|task| self.alone(conn, task)),
                }
            }
        }
    }

    fn fill(
        &mut self,
        conn: &Connection,
        tasks: &mut Vec<Box<dyn Task>>,
        receiver: &Receiver<Box<dyn Task>>,
    ) -> Result<(), StoreFault> {
        let began = Instant::now();
        plain(conn, "BEGIN IMMEDIATE")?;
        let mut cx = Cx { conn, known_pins: &mut self.known, live: &self.live, shadow: &self.shadow };
        let mut done = 0;
        while done < tasks.len() {
            tasks[done].run(&mut cx)?;
            done += 1;
            if done < BATCH
                && began.elapsed() < BATCH_TIME
                && let Ok(task) = receiver.try_recv()
            {
                if task.is_lonely() {
                    self.held = Some(task);
                    break;
                }
                tasks.push(task);
            }
        }
        plain(conn, "COMMIT")
    }

    /// Runs one task in its own transaction, or in none.
    fn alone(&mut self, conn: &Connection, mut task: Box<dyn Task>) {
        let inside = !task.is_between();
        let outcome = (|| {
            if inside {
                plain(conn, "BEGIN IMMEDIATE")?;
            }
            task.run(&mut Cx { conn, known_pins: &mut self.known, live: &self.live, shadow: &self.shadow })?;
            if inside { plain(conn, "COMMIT") } else { Ok(()) }
        })();
        if outcome.is_err() {
            self.roll_back(conn);
        }
        self.meter.refused(outcome.as_ref().is_err_and(StoreFault::is_disk));
        self.meter.answering(1, outcome.is_err());
        task.answer(outcome);
    }

    fn roll_back(&mut self, conn: &Connection) {
        self.known.clear();
        if !conn.is_autocommit() {
            drop(conn.execute_batch("ROLLBACK"));
        }
    }
}

fn plain(conn: &Connection, sql: &str) -> Result<(), StoreFault> {
    conn.prepare_cached(sql).and_then(|mut statement| statement.execute([])).doing("keep a transaction").map(|_| ())
}
