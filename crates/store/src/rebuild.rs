//! Rebuilding the read models from the log while the store serves.
//!
//! The caller replays the feed from the beginning into shadow tables; [`Rebuild::finish`] replays the last events inside
//! the writer and puts the new tables in place of the old ones in one transaction, so that no live commit is lost.

use std::sync::{Mutex, PoisonError, mpsc::Receiver};

use crate::{
    Store, StoreFault, View,
    commit::{StoredEvent, SubjectKey},
    engine::{
        load,
        seam::{READ_MODELS, TailRows},
        sql::Sql,
    },
    rows::Row,
};

/// A rebuild under way. Dropping it leaves the live tables as they are.
pub struct Rebuild {
    store: Store,
    // The batch on its way: the caller makes the next one meanwhile.
    ahead: Mutex<Option<Receiver<Result<(), StoreFault>>>>,
}

/// What the last step of a rebuild may read: the state inside the swapping transaction.
pub struct Tail<'a> {
    conn: &'a dyn Sql,
}

impl Tail<'_> {
    /// All events of a subject, in order.
    pub fn load(&self, tenant: &str, subject: &SubjectKey) -> Result<Vec<StoredEvent>, StoreFault> {
        load::events_after(self.conn, tenant, subject, 0)
    }
}

impl Store {
    /// Begins a rebuild: makes empty shadow tables, and forgets those of a rebuild that was given up.
    pub fn begin_rebuild(&self) -> Result<Rebuild, StoreFault> {
        self.engine.begin_rebuild()?;
        Ok(Rebuild { store: self.clone(), ahead: Mutex::new(None) })
    }
}

impl Rebuild {
    /// Writes rows (with their tenants) into the shadow tables, in the order given. Batches of some thousand are fast; one
    /// batch is written while the caller makes the next, so a fault may show one call later.
    pub fn write(&self, rows: Vec<(String, Row)>) -> Result<(), StoreFault> {
        // Held while queueing, so that batches of two callers keep one order.
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let next = self.store.engine.shadow(rows)?;
        match ahead.replace(next) {
            Some(before) => before.recv().map_err(|_| StoreFault::Closed)?,
            None => Ok(()),
        }
    }

    /// Replays what came after the last event the caller has replayed, and swaps. `tail` is given those events in order
    /// and answers with their rows; it runs inside the writer and must not call the store, only what it is given.
    pub fn finish<F>(self, after: u64, mut tail: F) -> Result<(), StoreFault>
    where
        F: FnMut(&Tail<'_>, &[StoredEvent]) -> Result<Vec<(String, Row)>, StoreFault> + Send + 'static,
    {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(before) = ahead {
            before.recv().map_err(|_| StoreFault::Closed)??;
        }
        let tail: TailRows = Box::new(move |conn, events| tail(&Tail { conn }, events));
        self.store.engine.finish_rebuild(after, tail)
    }
}

impl View {
    /// The names of the read model tables.
    pub fn read_models() -> &'static [&'static str] {
        &READ_MODELS
    }

    /// All rows of a read model as text, sorted: what `rebuild equals live` compares. An unknown table is empty.
    pub fn dump_rows(&self, table: &str) -> Result<Vec<String>, StoreFault> {
        match READ_MODELS.iter().find(|known| **known == table) {
            Some(known) => self.engine.dump(known),
            None => Ok(Vec::new()),
        }
    }
}
