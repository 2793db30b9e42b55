//! Stays that feeds have just spoken of, kept as they stand, so that the next message of a stay does not replay its log. A copy
//! that others have overtaken is found out by the log itself: its commit does not fit, and the stay is loaded anew.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use vigil_domain::stay::Stay;

/// Stays of one generation; two are kept.
const GENERATION: usize = 2_048;

/// The copies, by tenant and stay.
#[derive(Debug, Default)]
pub struct Warm(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Stay>,
    old: HashMap<String, Stay>,
}

fn key(tenant: &str, stay: &str) -> String {
    format!("{tenant}|{stay}")
}

impl Warm {
    /// Takes a copy out: whoever works on it puts it back.
    pub(super) fn take(&self, tenant: &str, stay: &str) -> Option<Stay> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(tenant, stay);
        held.young.remove(&key).or_else(|| held.old.remove(&key))
    }

    /// Puts a copy back as it stands after a commit.
    pub(super) fn put(&self, tenant: &str, stay: Stay) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.young.len() >= GENERATION {
            held.old = std::mem::take(&mut held.young);
        }
        held.young.insert(key(tenant, &stay.id), stay);
    }
}
