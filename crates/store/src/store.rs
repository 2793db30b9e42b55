//! The store: opens, commits, writes, leases. One writer, durable before the answer.

use std::{
    ops::Deref,
    path::Path,
    sync::{Arc, mpsc::sync_channel},
};

use tokio::sync::oneshot;
use vigil_domain::time::Moment;

use crate::{
    StoreFault,
    commit::{Commit, CommitError, Committed, NewMessage},
    directory::Write,
    engine::{
        apply::{CommitTask, Prepared},
        lists,
        open::{Base, DATABASE, Place},
        wal::Tide,
        write,
        writer::{Answer, Queue, WriterConn},
    },
    errand::Errand,
    view::View,
};

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Writes that may wait before [`StoreFault::Busy`].
    pub queue_depth: usize,
    /// The writer's page cache, in MiB.
    pub cache_mib: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue_depth: 2_048, cache_mib: 64 }
    }
}

/// The store, to write and (through [`View`]) to read. Cheap to clone; the last clone's end drains the queue.
#[derive(Clone)]
pub struct Store {
    view: View,
    pub(crate) queue: Arc<Queue>,
}

impl Deref for Store {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Store {
    /// Opens a data directory, and makes or migrates it first where needed. One process at a time holds it.
    pub fn open(dir: &Path, options: &Options) -> Result<Self, StoreFault> {
        let (base, mut conn) = Base::on_disk(dir, options.cache_mib)?;
        let tide = Tide::start(&mut conn, &dir.join(DATABASE))?;
        let queue = Queue::start(WriterConn::Own(Box::new(conn), Box::new(tide)), options.queue_depth)?;
        Ok(Self { view: View { base: Arc::new(base) }, queue: Arc::new(queue) })
    }

    /// A store that lives in memory, for simulation and tests.
    pub fn in_memory() -> Result<Self, StoreFault> {
        let base = Base::in_memory()?;
        let Place::Memory(conn) = &base.place else { return Err(StoreFault::Closed) };
        let queue = Queue::start(WriterConn::Shared(Arc::clone(conn)), Options::default().queue_depth)?;
        Ok(Self { view: View { base: Arc::new(base) }, queue: Arc::new(queue) })
    }

    /// The reading face alone.
    pub fn view(&self) -> View {
        self.view.clone()
    }

    /// Keeps a commit: durable when this answers, nothing of it kept when it refuses.
    pub async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let bodies = self.view.base.bodies.clone();
        let prepared = if Prepared::is_heavy(&commit) {
            let preparing = bodies.clone();
            let task = tokio::task::spawn_blocking(move || Prepared::new(commit, &preparing));
            task.await.map_err(|_| StoreFault::Closed)??
        } else {
            Prepared::new(commit, &bodies)?
        };
        let (sender, receiver) = oneshot::channel();
        let answer = Answer::Later(sender);
        self.queue.offer(Box::new(CommitTask { prepared, bodies, result: None, answer }))?;
        receiver.await.map_err(|_| StoreFault::Closed)?
    }

    /// The blocking twin of [`Store::commit`]; it waits while the queue is full.
    pub fn commit_blocking(&self, commit: Commit) -> Result<Committed, CommitError> {
        let bodies = self.view.base.bodies.clone();
        let prepared = Prepared::new(commit, &bodies)?;
        let (sender, receiver) = sync_channel(1);
        let answer = Answer::Now(sender);
        self.queue.push(Box::new(CommitTask { prepared, bodies, result: None, answer }))?;
        receiver.recv().map_err(|_| StoreFault::Closed)?
    }

    /// Keeps a refused message alone, with its answer.
    pub async fn keep_message(&self, tenant: &str, message: NewMessage) -> Result<Committed, CommitError> {
        self.commit(Commit::message_only(tenant, message)).await
    }

    /// Writes what belongs to no subject; all items or none.
    pub async fn write(&self, items: Write) -> Result<(), StoreFault> {
        let bodies = self.view.base.bodies.clone();
        self.queue.run(move |cx| write::write(cx, &bodies, &items)).await
    }

    /// The blocking twin of [`Store::write`], for imports: batches of some thousand items are fast.
    pub fn write_blocking(&self, items: Write) -> Result<(), StoreFault> {
        let bodies = self.view.base.bodies.clone();
        self.queue.run_blocking(move |cx| write::write(cx, &bodies, &items))
    }

    /// Takes errands that are ready (of any kind when `kinds` is empty): until `lease_until` nobody else is given them.
    pub async fn lease_errands(
        &self,
        owner: &str,
        now: Moment,
        lease_until: Moment,
        kinds: &[&str],
        limit: usize,
    ) -> Result<Vec<Errand>, StoreFault> {
        if self.next_errand()?.is_none_or(|ready| ready > now) {
            return Ok(Vec::new());
        }
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let owner = owner.to_owned();
        self.queue.run(move |cx| lists::lease(cx.conn, &owner, now, lease_until, &kinds, limit)).await
    }

    /// The blocking twin of [`Store::lease_errands`].
    pub fn lease_errands_blocking(
        &self,
        owner: &str,
        now: Moment,
        lease_until: Moment,
        kinds: &[&str],
        limit: usize,
    ) -> Result<Vec<Errand>, StoreFault> {
        if self.next_errand()?.is_none_or(|ready| ready > now) {
            return Ok(Vec::new());
        }
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let owner = owner.to_owned();
        self.queue.run_blocking(move |cx| lists::lease(cx.conn, &owner, now, lease_until, &kinds, limit))
    }

    /// Finishes what is queued and stops the writer; later writes get [`StoreFault::Closed`].
    pub fn close(&self) {
        self.queue.close();
    }
}
