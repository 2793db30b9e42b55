//! Back-off after failed sign-ins: five are free, then each doubles the wait, up to a quarter of an hour. Kept by name, whether
//! anybody has the name or not, so that nothing is learnt from it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use vigil_domain::time::Moment;

/// Failures that cost nothing.
const FREE: u32 = 5;
const FIRST_WAIT_SECONDS: i64 = 30;
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;
/// Names kept at most; the oldest go first.
const KEPT: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: i64,
}

/// Failed sign-ins by name.
#[derive(Debug, Default)]
pub struct Lockout {
    names: Mutex<HashMap<String, Failures>>,
}

impl Lockout {
    /// Seconds still to wait before the name may try again; none when it may.
    pub fn wait_seconds(&self, name: &str, now: Moment) -> Option<i64> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = names.get(name)?;
        let left = failures.last + wait_after(failures.count) - now.as_second();
        (left > 0).then_some(left)
    }

    /// Records a failure.
    pub fn failed(&self, name: &str, now: Moment) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= KEPT && !names.contains_key(name) {
            let oldest = names.iter().min_by_key(|(_, f)| f.last).map(|(name, _)| name.clone());
            oldest.map(|name| names.remove(&name));
        }
        let entry = names.entry(name.to_owned()).or_insert(Failures { count: 0, last: 0 });
        // After a quiet hour the counting starts again.
        if now.as_second() - entry.last > 4 * LONGEST_WAIT_SECONDS {
            entry.count = 0;
        }
        entry.count += 1;
        entry.last = now.as_second();
    }

    /// Forgets the failures of a name that signed in.
    pub fn succeeded(&self, name: &str) {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

fn wait_after(count: u32) -> i64 {
    if count < FREE { 0 } else { (FIRST_WAIT_SECONDS << (count - FREE).min(10)).min(LONGEST_WAIT_SECONDS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end() {
        let lockout = Lockout::default();
        let at = |s: i64| Moment::from_second(1_700_000_000 + s).unwrap();
        for _ in 0..4 {
            lockout.failed("dana", at(0));
        }
        assert_eq!(lockout.wait_seconds("dana", at(0)), None, "four are free");
        lockout.failed("dana", at(0));
        assert_eq!(lockout.wait_seconds("dana", at(0)), Some(30));
        assert_eq!(lockout.wait_seconds("lee", at(0)), None, "other names are not held");
        assert_eq!(lockout.wait_seconds("dana", at(30)), None);
        lockout.failed("dana", at(30));
        assert_eq!(lockout.wait_seconds("dana", at(30)), Some(60));
        for _ in 0..40 {
            lockout.failed("dana", at(90));
        }
        assert_eq!(lockout.wait_seconds("dana", at(90)), Some(900), "never more than a quarter of an hour");
        lockout.succeeded("dana");
        assert_eq!(lockout.wait_seconds("dana", at(90)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let lockout = Lockout::default();
        for i in 0..(KEPT + 50) {
            let at = Moment::from_second(1_700_000_000 + i64::try_from(i).unwrap()).unwrap();
            lockout.failed(&format!("name {i}"), at);
        }
        assert_eq!(lockout.names.lock().unwrap().len(), KEPT);
    }
}
