//! Subjects met lately. Work on a case comes in bursts: it is taken, its evidence is opened, it is decided, its letter is
//! written and sent, each a command of its own. Between them the state is kept, and only what was written since is read.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

/// How many are kept at most: those of the last minutes of a department at work.
const KEPT: usize = 256;

/// A subject as the log had it, with the hash of its last event then.
#[derive(Debug, Clone)]
pub(crate) struct Met<S> {
    /// The state after that event.
    pub(crate) state: S,
    /// That event's hash.
    pub(crate) hash: [u8; 32],
}

/// Tenant and id.
type Key = (String, String);

/// What was met lately. What is not met for a while goes.
pub(crate) struct Recent<S>(Mutex<Generations<S>>);

struct Generations<S> {
    lately: HashMap<Key, Met<S>>,
    before: HashMap<Key, Met<S>>,
}

impl<S> Default for Recent<S> {
    fn default() -> Self {
        Self(Mutex::new(Generations { lately: HashMap::new(), before: HashMap::new() }))
    }
}

impl<S> Recent<S> {
    /// Takes one out: while it is worked on, nobody else is given it.
    pub(crate) fn take(&self, tenant: &str, id: &str) -> Option<Met<S>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tenant.to_owned(), id.to_owned());
        kept.lately.remove(&key).or_else(|| kept.before.remove(&key))
    }

    /// Keeps one for the next who asks.
    pub(crate) fn keep(&self, tenant: &str, id: &str, met: Met<S>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = if kept.lately.len() >= KEPT / 2 {
            let before = mem::take(&mut kept.lately);
            mem::replace(&mut kept.before, before)
        } else {
            HashMap::new()
        };
        kept.lately.insert((tenant.to_owned(), id.to_owned()), met);
        // Freed when nobody waits for it.
        drop(kept);
        drop(gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_met_lately_is_kept_once_and_never_too_much() {
        let recent = Recent::default();
        for n in 0..1_000_u32 {
            recent.keep("main", &n.to_string(), Met { state: n, hash: [0; 32] });
        }
        assert!(recent.take("other", "999").is_none());
        assert_eq!(recent.take("main", "999").map(|met| met.state), Some(999));
        assert!(recent.take("main", "999").is_none(), "it was taken out");
        assert!(recent.take("main", "0").is_none(), "it went");
        let kept = (0..1_000).filter(|n| recent.take("main", &n.to_string()).is_some()).count();
        assert!((KEPT / 2..=KEPT).contains(&(kept + 1)), "{kept}");
    }
}
