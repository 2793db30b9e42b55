//! Rebuilding the read models from the log while the store serves.
//!
//! First the log up to a moment, a whole subject after the other: [`Rebuild::fresh`] takes only how each stands at the end,
//! in its tables' order, and [`Rebuild::settle`] adds what lies in another order (words, keys, counters). Then the caller
//! replays the feed from there into the same shadow tables with [`Rebuild::write`]; [`Rebuild::finish`] replays the last
//! events inside the writer and puts the new tables in place of the old ones in one transaction, so that no live commit is
//! lost.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError, mpsc::Receiver},
};

use vigil_domain::time::Moment;

use crate::{
    Store, StoreFault, View,
    commit::{StoredEvent, SubjectKey},
    engine::{
        load,
        seam::{Fresh, READ_MODELS, TailRows, Word},
        sql::Sql,
        value::micros,
        words::search_words,
    },
    rows::{KeyRow, MeasureRow, Row},
    sorted::Sorted,
};

/// Batches on their way to the tables while the caller makes the next one.
const AHEAD: usize = 2;
/// Words and keys written in one batch.
const TOGETHER: usize = 8_000;

type Pending = Receiver<Result<(), StoreFault>>;

/// A rebuild under way. Dropping it leaves the live tables as they are.
pub struct Rebuild {
    store: Store,
    ahead: Mutex<VecDeque<Pending>>,
    loose: Mutex<Loose>,
}

/// What waits for [`Rebuild::settle`].
struct Loose {
    sorted: Sorted,
    measures: HashMap<(String, MeasureRow), (i64, i64)>,
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
        let loose = Loose { sorted: Sorted::in_folder(self.engine.scratch()), measures: HashMap::new() };
        Ok(Rebuild { store: self.clone(), ahead: Mutex::default(), loose: Mutex::new(loose) })
    }
}

impl Rebuild {
    /// Takes the rows (with their tenants) of whole subjects that no earlier call had, as they stand at the end. Fast when
    /// they come in the order of the subjects. A fault may show some calls later.
    pub fn fresh(&self, rows: Vec<(String, Row)>) -> Result<(), StoreFault> {
        let mut fresh = Fresh::default();
        {
            let mut loose = self.loose.lock().unwrap_or_else(PoisonError::into_inner);
            for (tenant, row) in rows {
                loose.sift(tenant, row, &mut fresh)?;
            }
        }
        self.send(|store| store.engine.shadow_fresh(fresh))
    }

    /// Writes what [`Rebuild::fresh`] kept back because it lies in another order. Call it once, before [`Rebuild::write`].
    pub fn settle(&self) -> Result<(), StoreFault> {
        let (sorted, measures) = {
            let mut loose = self.loose.lock().unwrap_or_else(PoisonError::into_inner);
            let sorted = std::mem::replace(&mut loose.sorted, Sorted::in_folder(self.store.engine.scratch()));
            (sorted, std::mem::take(&mut loose.measures))
        };
        let summed = |((tenant, row), (n, seconds))| (tenant, Row::Measure(MeasureRow { n, seconds, ..row }));
        let mut fresh = Fresh { rows: measures.into_iter().map(summed).collect(), words: Vec::new() };
        sorted.each(|bytes| {
            unpack(bytes, &mut fresh)?;
            if fresh.rows.len() + fresh.words.len() < TOGETHER {
                return Ok(());
            }
            let full = std::mem::take(&mut fresh);
            self.send(|store| store.engine.shadow_fresh(full))
        })?;
        self.send(|store| store.engine.shadow_fresh(fresh))
    }

    /// Writes rows (with their tenants) into the shadow tables, in the order given. Batches of some thousand are fast; some
    /// are written while the caller makes the next, so a fault may show some calls later.
    pub fn write(&self, rows: Vec<(String, Row)>) -> Result<(), StoreFault> {
        self.send(|store| store.engine.shadow(rows))
    }

    fn send(&self, queue: impl FnOnce(&Store) -> Result<Pending, StoreFault>) -> Result<(), StoreFault> {
        // Held while queueing, so that batches of two callers keep one order.
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ahead.push_back(queue(&self.store)?);
        match ahead.len() > AHEAD {
            true => ahead.pop_front().map_or(Ok(()), received),
            false => Ok(()),
        }
    }

    /// Replays what came after the last event the caller has replayed, and swaps. `tail` is given those events in order
    /// and answers with their rows; it runs inside the writer and must not call the store, only what it is given.
    pub fn finish<F>(self, after: u64, mut tail: F) -> Result<(), StoreFault>
    where
        F: FnMut(&Tail<'_>, &[StoredEvent]) -> Result<Vec<(String, Row)>, StoreFault> + Send + 'static,
    {
        let ahead = std::mem::take(&mut *self.ahead.lock().unwrap_or_else(PoisonError::into_inner));
        ahead.into_iter().try_for_each(received)?;
        let tail: TailRows = Box::new(move |conn, events| tail(&Tail { conn }, events));
        self.store.engine.finish_rebuild(after, tail)
    }
}

fn received(pending: Pending) -> Result<(), StoreFault> {
    pending.recv().map_err(|_| StoreFault::Closed)?
}

impl Loose {
    /// Keeps back what lies in another order than the subjects.
    fn sift(&mut self, tenant: String, row: Row, fresh: &mut Fresh) -> Result<(), StoreFault> {
        match row {
            Row::Measure(row) => {
                let (n, seconds) = (row.n, row.seconds);
                let sum = self.measures.entry((tenant, MeasureRow { n: 0, seconds: 0, ..row })).or_default();
                *sum = (sum.0 + n, sum.1 + seconds);
                return Ok(());
            }
            Row::Key(key) => {
                if let Some(bytes) = pack(b'k', [&tenant, &key.kind, &key.value], -micros(key.at), &key.case_id) {
                    return self.sorted.push(&bytes);
                }
                fresh.rows.push((tenant, Row::Key(key)));
                return Ok(());
            }
            Row::Work(ref row) => {
                let newest = -micros(row.received_at);
                for word in search_words(&row.patient_name, &row.member_id, row.authorization.as_deref()) {
                    match pack(b's', [&tenant, &word, ""], newest, &row.case_id) {
                        Some(bytes) => self.sorted.push(&bytes)?,
                        None => {
                            let (tenant, case_id) = (tenant.clone(), row.case_id.clone());
                            fresh.words.push(Word { tenant, word, newest, case_id });
                        }
                    }
                }
            }
            _ => {}
        }
        fresh.rows.push((tenant, row));
        Ok(())
    }
}

/// A word or a key as bytes that sort as its table does; none when a text holds the byte that parts them.
fn pack(table: u8, texts: [&str; 3], newest: i64, case_id: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(64);
    bytes.push(table);
    for text in texts {
        if text.contains('\0') {
            return None;
        }
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
    }
    bytes.extend_from_slice(&(newest ^ i64::MIN).to_be_bytes());
    bytes.extend_from_slice(case_id.as_bytes());
    Some(bytes)
}

/// Puts a packed word or key among the rows again.
fn unpack(bytes: &[u8], fresh: &mut Fresh) -> Result<(), StoreFault> {
    let spoiled = || StoreFault::Spoiled { what: "sorted row", why: "it is not what was packed".to_owned() };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| spoiled());
    let (table, rest) = bytes.split_first().ok_or_else(spoiled)?;
    let mut parts = rest.splitn(4, |byte| *byte == 0);
    let mut part = || parts.next().ok_or_else(spoiled);
    let (tenant, first, second, rest) = (text(part()?)?, text(part()?)?, text(part()?)?, part()?);
    let (newest, case_id) = rest.split_first_chunk::<8>().ok_or_else(spoiled)?;
    let (newest, case_id) = (i64::from_be_bytes(*newest) ^ i64::MIN, text(case_id)?);
    if *table == b's' {
        fresh.words.push(Word { tenant, word: first, newest, case_id });
    } else {
        let at = Moment::from_microsecond(-newest).map_err(|_| spoiled())?;
        fresh.rows.push((tenant, Row::Key(KeyRow { kind: first, value: second, case_id, at })));
    }
    Ok(())
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
