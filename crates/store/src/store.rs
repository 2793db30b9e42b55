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
    body::Bodies,
    commit::{Commit, CommitError, Committed, NewMessage},
    directory::Write,
    engine::{
        postgres::{Postgres, address::Address, copy, schema::Migrated},
        prepared::Prepared,
        seam::{Answer, Engine, Lease},
        sqlite::Lite,
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
    _last: Arc<Last>,
}

/// Closes the engine when the last clone of a store goes; views may outlive it.
struct Last(Arc<dyn Engine>);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.close();
    }
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
        Ok(Self::over(Arc::new(Lite::on_disk(dir, options.cache_mib, options.queue_depth)?)))
    }

    /// Opens a store in PostgreSQL, and makes or migrates it first where needed. Many nodes may share it.
    pub fn connect(address: Address, options: &Options) -> Result<Self, StoreFault> {
        Ok(Self::over(Arc::new(Postgres::open(address, options.queue_depth)?)))
    }

    /// Brings a store in PostgreSQL to this version's schema (`contract` false), or removes what no node of this version
    /// needs any more.
    pub fn migrate(address: &Address, contract: bool) -> Result<Migrated, StoreFault> {
        let mut migrated = Postgres::migrate(address)?;
        if contract {
            migrated.contracted = Postgres::contract(address)?;
        }
        Ok(migrated)
    }

    /// Copies all this store holds into an empty one in PostgreSQL, in one transaction there; gives the number of rows.
    pub fn copy_to(&self, address: &Address, progress: &mut dyn FnMut(u64)) -> Result<u64, StoreFault> {
        copy::copy(&*self.engine.reader()?, self.engine.bodies(), address, progress)
    }

    /// A store that lives in memory, for simulation and tests.
    pub fn in_memory() -> Result<Self, StoreFault> {
        Ok(Self::over(Arc::new(Lite::in_memory(Options::default().queue_depth)?)))
    }

    fn over(engine: Arc<dyn Engine>) -> Self {
        Self { view: View { engine: Arc::clone(&engine) }, _last: Arc::new(Last(engine)) }
    }

    /// The reading face alone.
    pub fn view(&self) -> View {
        self.view.clone()
    }

    /// Keeps a commit: durable when this answers, nothing of it kept when it refuses.
    pub async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        self.commit_all(vec![commit]).await?.pop().ok_or(CommitError::Fault(StoreFault::Closed))
    }

    /// Keeps several commits in one transaction, each on top of those before it: durable when this answers, nothing of any of
    /// them kept when one is refused.
    pub async fn commit_all(&self, commits: Vec<Commit>) -> Result<Vec<Committed>, CommitError> {
        if commits.is_empty() {
            return Ok(Vec::new());
        }
        let prepare = |bodies: &Bodies, commits: Vec<Commit>| {
            commits.into_iter().map(|commit| Prepared::new(commit, bodies)).collect::<Result<Vec<_>, _>>()
        };
        let prepared = if commits.iter().any(Prepared::is_heavy) {
            let bodies = self.engine.bodies().clone();
            let task = tokio::task::spawn_blocking(move || prepare(&bodies, commits));
            task.await.map_err(|_| StoreFault::Closed)??
        } else {
            prepare(self.engine.bodies(), commits)?
        };
        let (sender, receiver) = oneshot::channel();
        self.engine.commit(prepared, Answer::Later(sender))?;
        receiver.await.map_err(|_| StoreFault::Closed)?
    }

    /// The blocking twin of [`Store::commit`]; it waits while the queue is full.
    pub fn commit_blocking(&self, commit: Commit) -> Result<Committed, CommitError> {
        let prepared = Prepared::new(commit, self.engine.bodies())?;
        let (sender, receiver) = sync_channel(1);
        self.engine.commit(vec![prepared], Answer::Now(sender))?;
        let kept = receiver.recv().map_err(|_| StoreFault::Closed)?;
        kept?.pop().ok_or(CommitError::Fault(StoreFault::Closed))
    }

    /// Keeps a refused message alone, with its answer.
    pub async fn keep_message(&self, tenant: &str, message: NewMessage) -> Result<Committed, CommitError> {
        self.commit(Commit::message_only(tenant, message)).await
    }

    /// Writes what belongs to no subject; all items or none.
    pub async fn write(&self, items: Write) -> Result<(), StoreFault> {
        let (sender, receiver) = oneshot::channel();
        self.engine.write(items, Answer::Later(sender))?;
        receiver.await.map_err(|_| StoreFault::Closed)?
    }

    /// The blocking twin of [`Store::write`], for imports: batches of some thousand items are fast.
    pub fn write_blocking(&self, items: Write) -> Result<(), StoreFault> {
        let (sender, receiver) = sync_channel(1);
        self.engine.write(items, Answer::Now(sender))?;
        receiver.recv().map_err(|_| StoreFault::Closed)?
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
        let (sender, receiver) = oneshot::channel();
        self.engine.lease(lease(owner, now, lease_until, kinds, limit), Answer::Later(sender))?;
        receiver.await.map_err(|_| StoreFault::Closed)?
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
        let (sender, receiver) = sync_channel(1);
        self.engine.lease(lease(owner, now, lease_until, kinds, limit), Answer::Now(sender))?;
        receiver.recv().map_err(|_| StoreFault::Closed)?
    }

    /// Takes or keeps a task that one node at a time should do; false when another has it. The hold runs out after so many
    /// seconds of the database's clock, unless it is renewed. Where one process holds the store it holds every task.
    pub fn hold(&self, task: &str, seconds: u32) -> Result<bool, StoreFault> {
        self.engine.hold(task, seconds)
    }

    /// Finishes what is queued and stops the writer; later writes get [`StoreFault::Closed`].
    pub fn close(&self) {
        self.engine.close();
    }
}

fn lease(owner: &str, now: Moment, until: Moment, kinds: &[&str], limit: usize) -> Lease {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    Lease { owner: owner.to_owned(), now, until, kinds, limit }
}
