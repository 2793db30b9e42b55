//! PostgreSQL: many nodes over one store. Each node has one writer that batches, and a pool to read from.

pub(crate) mod address;
mod batch;
pub(crate) mod cell;
mod client;
pub(crate) mod copy;
mod decide;
mod job;
mod line;
mod login;
mod models;
mod pool;
pub(crate) mod reply;
mod rows;
pub(crate) mod schema;
mod secure;
mod shadow;
mod sheet;
mod tables;
mod writer;

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError, RwLock,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use self::{
    address::Address,
    cell::{Cell, Kind, Param},
    client::{Client, PATIENT, Step},
    job::Job,
    pool::Pool,
    schema::Migrated,
    writer::{Writer, chance},
};
use super::{
    prepared::Prepared,
    seam::{Answer, BackedUp, Engine, Fresh, Kept, Lease, Reader, TailRows},
    sql::{self, Sql, params},
    value::micros,
};
use crate::{
    StoreFault,
    body::Bodies,
    commit::SubjectKey,
    directory::Write,
    errand::{Errand, ErrandId},
    fault::Doing,
    maintain::Checkpoint,
    pulse::{Meter, Pulse},
    rows::Row,
    schema::Schema,
};

/// A store in PostgreSQL.
pub(crate) struct Postgres {
    address: Address,
    pool: Pool,
    bodies: Bodies,
    node: String,
    meter: Meter,
    sender: RwLock<Option<SyncSender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Postgres {
    /// Opens a store; makes or migrates it first where needed.
    pub(crate) fn open(address: Address, queue_depth: usize) -> Result<Self, StoreFault> {
        let pool = Pool::new(address.clone());
        let current = schema::is_current(&pool.lend()?);
        if !current {
            Self::migrate(&address)?;
        }
        let bodies = Bodies::in_rows();
        bodies.set_packs(pool.lend()?.with(|client| Ok(schema::packs(client))).doing("read its schema version")??);
        let node = format!("{:016x}", chance());
        let (sender, receiver) = sync_channel(queue_depth);
        let meter = Meter::new(queue_depth);
        let writer = Writer::new(address.clone(), node.clone(), meter.clone());
        let writer = std::thread::Builder::new()
            .name("vigil-writer".to_owned())
            .spawn(move || writer.serve(&receiver))
            .map_err(StoreFault::io("start the writer", "vigil-writer"))?;
        Ok(Self {
            address,
            pool,
            bodies,
            node,
            meter,
            sender: RwLock::new(Some(sender)),
            writer: Mutex::new(Some(writer)),
        })
    }

    /// Brings the store to this binary's schema.
    pub(crate) fn migrate(address: &Address) -> Result<Migrated, StoreFault> {
        let client = Client::open(address, PATIENT).doing("reach the database")?;
        schema::migrate(&client, &address.schema)
    }

    /// Where a store stands, without changing it; none when the schema holds none.
    pub(crate) fn schema_at(address: &Address) -> Result<Option<Schema>, StoreFault> {
        let client = Client::open(address, PATIENT).doing("reach the database")?;
        schema::look_at(&client)
    }

    /// Removes what no running node needs any more.
    pub(crate) fn contract(address: &Address) -> Result<usize, StoreFault> {
        let client = Client::open(address, PATIENT).doing("reach the database")?;
        schema::contract(&client)
    }

    fn queue(&self, job: Job, waits: bool) -> Result<(), StoreFault> {
        let sender = self.sender.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(StoreFault::Closed)?;
        self.meter.taken();
        let sent = match waits {
            true => sender.send(job).map_err(|_| StoreFault::Closed),
            false => sender.try_send(job).map_err(|error| match error {
                TrySendError::Full(_) => StoreFault::Busy,
                TrySendError::Disconnected(_) => StoreFault::Closed,
            }),
        };
        sent.inspect_err(|_| self.meter.turned_away())
    }

    fn is_open(&self) -> Result<(), StoreFault> {
        let open = self.sender.read().unwrap_or_else(PoisonError::into_inner).is_some();
        if open { Ok(()) } else { Err(StoreFault::Closed) }
    }

    fn take_errands(&self, lease: &Lease) -> Result<Vec<Errand>, StoreFault> {
        self.is_open()?;
        let kinds = lease.kinds.iter().map(Cell::from).collect();
        let step = Step {
            sql: LEASE,
            params: vec![
                Param::One((&lease.owner).into()),
                Param::One(micros(lease.until).into()),
                Param::One(micros(lease.now).into()),
                Param::Many(Kind::Text, kinds),
                Param::One((lease.limit as i64).into()),
            ],
        };
        let mut taken = Vec::new();
        let outcome = self.pool.lend()?.with(|client| {
            client.run(&[step], &mut |_, row| {
                let ready: i64 = row.get(8)?;
                let errand = Errand {
                    id: ErrandId(row.get(0)?),
                    tenant: row.get(1)?,
                    kind: row.get(2)?,
                    subject: SubjectKey { kind: row.get(3)?, id: row.get(4)? },
                    key: row.get(5)?,
                    body: row.get(6)?,
                    attempt: row.get(7)?,
                    last_error: row.get(9)?,
                };
                taken.push((ready, errand.id, errand));
                Ok(true)
            })
        });
        match outcome {
            // Another node was at the same rows: they are its own now.
            Err(error) if error.lost_race() => Ok(Vec::new()),
            other => {
                other.doing("lease errands")?;
                taken.sort_by_key(|(ready, id, _)| (*ready, *id));
                Ok(taken.into_iter().map(|(_, _, errand)| errand).collect())
            }
        }
    }

    fn write_shadow(
        &self,
        write: impl FnOnce(&Client) -> sql::Result<()>,
    ) -> Result<Receiver<Result<(), StoreFault>>, StoreFault> {
        self.is_open()?;
        if !self.hold("rebuild", 900)? {
            return Err(StoreFault::Elsewhere);
        }
        let (sender, receiver) = sync_channel(1);
        let written = self.pool.lend()?.with(write).doing("write shadow rows");
        drop(sender.send(written));
        Ok(receiver)
    }

    fn keep_checkpoint(&self, checkpoint: Checkpoint) -> Result<Option<Checkpoint>, StoreFault> {
        self.is_open()?;
        let kept = self.pool.lend()?.change(
            "INSERT INTO checkpoints (number, at, after_position, upto_position, subjects, root, hash)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
             WHERE COALESCE((SELECT MAX(number) FROM checkpoints), 0) + 1 = ?1 ON CONFLICT DO NOTHING",
            &params![
                checkpoint.number as i64,
                micros(checkpoint.at),
                checkpoint.after_position as i64,
                checkpoint.upto_position as i64,
                checkpoint.subjects as i64,
                &checkpoint.root[..],
                &checkpoint.hash[..]
            ],
        );
        kept.doing("keep a checkpoint").map(|n| (n == 1).then_some(checkpoint))
    }
}

/// Takes errands that are ready and that no other node is taking: until the lease runs out nobody else is given them.
const LEASE: &str = "WITH ready AS (
    SELECT tenant, key, ready_at FROM errands
    WHERE done = 0 AND ready_at <= ?3 AND (cardinality(?4::text[]) = 0 OR kind = ANY(?4::text[]))
    ORDER BY ready_at, id LIMIT ?5 FOR UPDATE SKIP LOCKED)
  UPDATE errands SET lease_owner = ?1, ready_at = ?2, attempts = attempts + 1 FROM ready
  WHERE errands.tenant = ready.tenant AND errands.key = ready.key
  RETURNING errands.id, errands.tenant, kind, subject_kind, subject_id, errands.key, body, attempts, ready.ready_at,
    last_error";

/// Takes or keeps a named task for a while, by the database's clock.
const HOLD: &str = "INSERT INTO leases AS old (name, owner, until)
  VALUES (?1, ?2, now() + make_interval(secs => ?3::double precision))
  ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
  WHERE old.owner = excluded.owner OR old.until < now()";

/// Lets a task go.
const LET_GO: &str = "DELETE FROM leases WHERE name = ?1 AND owner = ?2";

impl Engine for Postgres {
    fn reader(&self) -> Result<Reader<'_>, StoreFault> {
        Ok(Reader::Pooled(Box::new(self.pool.lend()?)))
    }

    fn bodies(&self) -> &Bodies {
        &self.bodies
    }

    fn commit(&self, prepared: Vec<Prepared>, answer: Answer<Kept>) -> Result<(), StoreFault> {
        let waits = answer.waits();
        let promises = vec![None; prepared.len()];
        self.queue(Job::Commit { prepared, promises, answer }, waits)
    }

    fn write(&self, items: Write, answer: Answer<Result<(), StoreFault>>) -> Result<(), StoreFault> {
        let waits = answer.waits();
        self.queue(Job::Write { items, answer }, waits)
    }

    fn lease(&self, lease: Lease, answer: Answer<Result<Vec<Errand>, StoreFault>>) -> Result<(), StoreFault> {
        answer.give(self.take_errands(&lease));
        Ok(())
    }

    fn hold(&self, task: &str, seconds: u32) -> Result<bool, StoreFault> {
        let held = self.pool.lend()?.change(HOLD, &params![task, self.node, seconds]);
        match held {
            Err(error) if error.lost_race() => Ok(false),
            other => other.doing("hold a task").map(|n| n == 1),
        }
    }

    fn seal(
        &self,
        checkpoint: Checkpoint,
        answer: Answer<Result<Option<Checkpoint>, StoreFault>>,
    ) -> Result<(), StoreFault> {
        answer.give(self.keep_checkpoint(checkpoint));
        Ok(())
    }

    fn begin_rebuild(&self) -> Result<(), StoreFault> {
        self.is_open()?;
        if !self.hold("rebuild", 900)? {
            return Err(StoreFault::Elsewhere);
        }
        shadow::make(&self.address)
    }

    fn shadow(&self, rows: Vec<(String, Row)>) -> Result<Receiver<Result<(), StoreFault>>, StoreFault> {
        self.write_shadow(|client| shadow::write(client, &rows))
    }

    fn shadow_fresh(&self, fresh: Fresh) -> Result<Receiver<Result<(), StoreFault>>, StoreFault> {
        self.write_shadow(|client| shadow::write_fresh(client, &fresh))
    }

    fn finish_rebuild(&self, after: u64, tail: TailRows) -> Result<(), StoreFault> {
        let finished = shadow::finish(&self.address, after, tail);
        // Whether it came to its end or not, another node may begin one now.
        let let_go = self.pool.lend()?.change(LET_GO, &params!["rebuild", self.node]);
        finished.and(let_go.map(|_| ()).doing("let a task go"))
    }

    fn dump(&self, table: &'static str) -> Result<Vec<String>, StoreFault> {
        self.pool.lend()?.with(|client| shadow::dump(client, table)).doing("dump a read model")
    }

    fn check(&self) -> Result<Vec<String>, StoreFault> {
        let sql = "SELECT COALESCE(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()";
        let failures = self.pool.lend()?.with(|client| client.one_number(sql)).doing("check the database")?;
        Ok((failures > 0).then(|| format!("{failures} pages failed their checksum")).into_iter().collect())
    }

    fn backup(&self, _: &Path, _: &mut dyn FnMut(u64, u64)) -> Result<BackedUp, StoreFault> {
        Err(StoreFault::OwnTools)
    }

    fn schema(&self) -> Result<Schema, StoreFault> {
        self.pool.lend()?.with(|client| Ok(schema::look(client))).doing("read its schema version")?
    }

    fn contract(&self) -> Result<(), StoreFault> {
        let contracted =
            self.pool.lend()?.with(|client| Ok(schema::contract(client).and_then(|_| schema::packs(client))));
        self.bodies.set_packs(contracted.doing("contract")??);
        Ok(())
    }

    fn pulse(&self) -> Pulse {
        self.meter.read()
    }

    fn close(&self) {
        self.sender.write().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.thread().id() != std::thread::current().id()
        {
            drop(writer.join());
        }
        self.pool.empty();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.close();
    }
}
