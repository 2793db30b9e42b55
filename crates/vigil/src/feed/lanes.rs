//! Lanes: messages of one patient one after another, of many patients side by side, so that many share one transaction and none
//! waits for another's disk.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::{Mutex, MutexGuard};

/// How many lanes there are.
const LANES: usize = 512;

/// The lanes of a feed, shared by all of its connections.
pub struct Lanes(Vec<Mutex<()>>);

impl Default for Lanes {
    fn default() -> Self {
        Self((0..LANES).map(|_| Mutex::new(())).collect())
    }
}

impl Lanes {
    /// Waits until the messages before it in its lane are done. A lane is fair: first come, first served.
    pub async fn enter(&self, message: &[u8]) -> MutexGuard<'_, ()> {
        self.0[lane(message)].lock().await
    }
}

/// The lane of a message: by the first patient number as written; all that name none share one. Only speed hangs on it: two
/// lanes that meet in one stay are put in order by the log.
fn lane(message: &[u8]) -> usize {
    let pid = message.split(|b| *b == b'\r' || *b == b'\n').find(|s| s.starts_with(b"PID"));
    let number = pid.and_then(|pid| {
        let separator = pid.get(3)?;
        pid.split(|b| b == separator).nth(3)
    });
    let mut hasher = DefaultHasher::new();
    number.unwrap_or_default().hash(&mut hasher);
    (hasher.finish() % LANES as u64) as usize
}
