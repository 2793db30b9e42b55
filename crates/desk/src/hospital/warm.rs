//! Stays that feeds have just spoken of, kept as they stand, so that the next message of a stay does not replay its log. A copy
//! that others have overtaken is found out by the log itself: its commit does not fit, and the stay is loaded anew. With
//! the stay go the marks of the rows that its last commits wrote: most news leave most rows as they are, and those are not
//! written again.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::{LazyLock, Mutex, PoisonError},
};

use vigil_domain::stay::Stay;
use vigil_store::{KeyRow, Row, StayRow};

/// Stays of one generation; two are kept.
const GENERATION: usize = 2_048;

/// The copies, by tenant and stay.
#[derive(Debug, Default)]
pub struct Warm(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Held>,
    old: HashMap<String, Held>,
}

/// A stay as it stands after a commit, and what its rows are known to be.
type Held = (Stay, Written);

fn key(tenant: &str, stay: &str) -> String {
    format!("{tenant}|{stay}")
}

impl Warm {
    /// Takes a copy out: whoever works on it puts it back.
    pub(super) fn take(&self, tenant: &str, stay: &str) -> Option<(Stay, Written)> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(tenant, stay);
        held.young.remove(&key).or_else(|| held.old.remove(&key))
    }

    /// Puts a copy back as it stands after a commit.
    pub(super) fn put(&self, tenant: &str, stay: Stay, written: Written) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.young.len() >= GENERATION {
            held.old = std::mem::take(&mut held.young);
        }
        held.young.insert(key(tenant, &stay.id), (stay, written));
    }
}

/// Marks of the rows of one stay as the store holds them. They hold as long as every commit on the stay is known: a commit of
/// anybody else moves the stay's version, the next commit here does not fit, and the marks are gone with the copy.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Keys that are there: they are only ever added.
    keys: HashSet<u64>,
    /// By model and id, what stands there.
    rows: HashMap<u64, u64>,
}

/// Marks are of this process alone, so nobody can make two rows that share one.
static MARKS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl Written {
    /// Takes out the rows that are in the store already as they are here, and marks the others as written.
    pub(super) fn leave_out(&mut self, rows: &mut Vec<Row>) {
        rows.retain(|row| match row {
            Row::Key(row) => self.is_new_key(row),
            Row::Stay(row) => self.is_changed(row),
            _ => true,
        });
    }

    fn is_new_key(&mut self, row: &KeyRow) -> bool {
        let KeyRow { kind, value, case_id, at } = row;
        self.keys.insert(MARKS.hash_one((kind, value, case_id, at)))
    }

    fn is_changed(&mut self, row: &StayRow) -> bool {
        let StayRow { kind, id, hospital, state, due_at, day, scenario, body } = row;
        let mark = MARKS.hash_one((hospital, state, due_at, day, scenario, body));
        self.rows.insert(MARKS.hash_one((kind, id)), mark) != Some(mark)
    }
}
