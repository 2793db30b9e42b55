//! SQLite: one file, one writer, readers beside it.

mod apply;
mod backup;
mod lease;
pub(crate) mod open;
mod rows;
mod schema;
mod shadow;
mod wal;
mod write;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc::Receiver},
};

use self::{
    apply::CommitTask,
    open::{Base, DATABASE, Place},
    wal::Tide,
    writer::{Queue, WriterConn},
};
use super::{
    load,
    prepared::Prepared,
    seals,
    seam::{Answer, BackedUp, Engine, Fresh, Kept, Lease, Reader, TailRows},
};
use crate::{
    StoreFault, body::Bodies, directory::Write, errand::Errand, maintain::Checkpoint, pulse::Pulse, rows::Row,
    schema::Schema,
};

/// Events replayed at a time in the last step of a rebuild.
const TAIL: usize = 1_000;

/// Where the store of a data directory stands, without changing it; none when there is no store.
pub(crate) fn schema_of(dir: &Path) -> Result<Option<Schema>, StoreFault> {
    let path = dir.join(DATABASE);
    if !path.exists() {
        return Ok(None);
    }
    schema::look(&open::open_reader(&path)?).map(Some)
}

/// A store in an SQLite file, or in memory.
pub(crate) struct Lite {
    base: Base,
    queue: Queue,
}

impl Lite {
    /// Opens a data directory, and makes or migrates it first where needed.
    pub(crate) fn on_disk(dir: &Path, cache_mib: u32, queue_depth: usize) -> Result<Self, StoreFault> {
        let (base, mut conn) = Base::on_disk(dir, cache_mib)?;
        let tide = Tide::start(&mut conn, &dir.join(DATABASE))?;
        let queue = Queue::start(WriterConn::Own(Box::new(conn), Box::new(tide)), queue_depth)?;
        Ok(Self { base, queue })
    }

    /// A store in memory.
    pub(crate) fn in_memory(queue_depth: usize) -> Result<Self, StoreFault> {
        let base = Base::in_memory()?;
        let Place::Memory(conn) = &base.place else { return Err(StoreFault::Closed) };
        let queue = Queue::start(WriterConn::Shared(Arc::clone(conn)), queue_depth)?;
        Ok(Self { base, queue })
    }
}

impl Engine for Lite {
    fn reader(&self) -> Result<Reader<'_>, StoreFault> {
        self.base.reader()
    }

    fn bodies(&self) -> &Bodies {
        &self.base.bodies
    }

    fn commit(&self, prepared: Vec<Prepared>, answer: Answer<Kept>) -> Result<(), StoreFault> {
        let waits = answer.waits();
        let bodies = self.base.bodies.clone();
        self.queue.queue(Box::new(CommitTask { prepared, bodies, result: None, answer }), waits)
    }

    fn write(&self, items: Write, answer: Answer<Result<(), StoreFault>>) -> Result<(), StoreFault> {
        let bodies = self.base.bodies.clone();
        self.queue.run(answer, move |cx| write::write(cx, &bodies, &items))
    }

    fn lease(&self, lease: Lease, answer: Answer<Result<Vec<Errand>, StoreFault>>) -> Result<(), StoreFault> {
        self.queue.run(answer, move |cx| lease::lease(cx.conn, &lease))
    }

    fn hold(&self, _: &str, _: u32) -> Result<bool, StoreFault> {
        // One process holds the directory, and with it every task.
        Ok(true)
    }

    fn seal(
        &self,
        checkpoint: Checkpoint,
        answer: Answer<Result<Option<Checkpoint>, StoreFault>>,
    ) -> Result<(), StoreFault> {
        self.queue.run(answer, move |cx| seals::keep(cx.conn, &checkpoint))
    }

    fn begin_rebuild(&self) -> Result<(), StoreFault> {
        self.queue.run_blocking(|cx| shadow::make(cx.conn))
    }

    fn shadow(&self, rows: Vec<(String, Row)>) -> Result<Receiver<Result<(), StoreFault>>, StoreFault> {
        let work = move |cx: &mut writer::Cx<'_>| {
            rows.iter().try_for_each(|(tenant, row)| cx.shadow.write(cx.conn, tenant, row))
        };
        self.queue.run_ahead(work)
    }

    fn shadow_fresh(&self, fresh: Fresh) -> Result<Receiver<Result<(), StoreFault>>, StoreFault> {
        self.queue.run_ahead(move |cx| cx.shadow.write_fresh(cx.conn, &fresh))
    }

    fn scratch(&self) -> PathBuf {
        match &self.base.place {
            Place::Disk(path) => path.parent().map_or_else(std::env::temp_dir, Path::to_owned),
            Place::Memory(_) => std::env::temp_dir(),
        }
    }

    fn finish_rebuild(&self, after: u64, mut tail: TailRows) -> Result<(), StoreFault> {
        self.queue.run_alone(move |cx| {
            let mut after = after;
            loop {
                let events = load::feed(cx.conn, after, TAIL)?;
                let Some(last) = events.last() else { break };
                after = last.position;
                for (tenant, row) in tail(cx.conn, &events)? {
                    cx.shadow.write(cx.conn, &tenant, &row)?;
                }
            }
            shadow::swap(cx.conn)
        })?;
        for table in shadow::OLD {
            self.queue.run_blocking(move |cx| shadow::remove(cx.conn, table))?;
        }
        Ok(())
    }

    fn dump(&self, table: &'static str) -> Result<Vec<String>, StoreFault> {
        self.base.raw(|conn| shadow::dump(conn, table))
    }

    fn check(&self) -> Result<Vec<String>, StoreFault> {
        self.base.raw(open::check_file)
    }

    fn backup(&self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<BackedUp, StoreFault> {
        backup::backup(&self.base, &self.queue, to, progress)
    }

    fn schema(&self) -> Result<Schema, StoreFault> {
        self.base.raw(schema::look)
    }

    fn contract(&self) -> Result<(), StoreFault> {
        let packs = self.queue.run_alone(|cx| {
            schema::contract(cx.conn)?;
            schema::packs(cx.conn)
        })?;
        self.base.bodies.set_packs(packs && matches!(self.base.place, Place::Disk(_)));
        Ok(())
    }

    fn pulse(&self) -> Pulse {
        self.queue.pulse()
    }

    fn sizes(&self) -> (u64, u64) {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        match &self.base.place {
            Place::Disk(path) => (size(path), size(&path.with_extension("db-wal"))),
            Place::Memory(_) => (0, 0),
        }
    }

    fn close(&self) {
        self.queue.close();
    }
}
