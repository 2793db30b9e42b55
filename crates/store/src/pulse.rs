//! How the store is doing: the writer's pulse, and figures of what is kept. Nothing of it names anybody.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use vigil_domain::time::Moment;

/// The writer's pulse at one moment. Counters begin at the start of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pulse {
    /// Writes that wait or are being written.
    pub waiting: u64,
    /// Writes that may wait before others are turned away.
    pub room: u64,
    /// Writes that were answered, refused ones included.
    pub answered: u64,
    /// Writes that failed because the world broke.
    pub failed: u64,
    /// Durable transactions.
    pub transactions: u64,
    /// Writes that were turned away because the queue was full.
    pub turned_away: u64,
    /// How long writes have waited without one being answered, or have failed because the database could not keep them; zero
    /// when none waits and the last was kept.
    pub stalled: Duration,
    /// The disk took nothing of the last write: it is full, fails or may not be written. Lasts until a write is kept.
    pub refused: bool,
}

/// Figures of what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// Events in the log.
    pub events: u64,
    /// Cases with work to do.
    pub open_cases: u64,
    /// Of these, cases of which a due time has passed.
    pub late_cases: u64,
    /// Deadlines that have come and nobody acted on: the clock does not keep up when these stay.
    pub deadlines_due: u64,
    /// The oldest of these.
    pub oldest_deadline: Option<Moment>,
    /// Errands not done.
    pub errands_waiting: u64,
    /// Of these, errands that failed at least once.
    pub errands_failing: u64,
    /// When the oldest errand could first have been taken.
    pub oldest_errand: Option<Moment>,
    /// Events after the last checkpoint.
    pub unsealed_events: u64,
    /// When the last checkpoint was written.
    pub last_checkpoint: Option<Moment>,
    /// Size of the database file in bytes; 0 where there is no file.
    pub database_bytes: u64,
    /// Size of its write-ahead log in bytes.
    pub log_bytes: u64,
    /// What was counted since the beginning: line of business, urgency, key (`received`, `decision_lapsed`, …), how many.
    pub counted: Vec<(String, String, String, u64)>,
}

/// Counts what the writer does. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Meter(Arc<Counters>);

struct Counters {
    room: u64,
    taken: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
    transactions: AtomicU64,
    turned_away: AtomicU64,
    // When something was last answered, or first waited after a pause.
    moved: Mutex<Instant>,
    // Since when no write could be kept, although some were asked for.
    failing: Mutex<Option<Instant>>,
    refused: AtomicBool,
}

impl Meter {
    pub(crate) fn new(room: usize) -> Self {
        let none = AtomicU64::default;
        Self(Arc::new(Counters {
            room: room as u64,
            taken: none(),
            answered: none(),
            failed: none(),
            transactions: none(),
            turned_away: none(),
            moved: Mutex::new(Instant::now()),
            failing: Mutex::default(),
            refused: AtomicBool::new(false),
        }))
    }

    /// A write is about to wait.
    pub(crate) fn taken(&self) {
        if self.0.taken.fetch_add(1, Relaxed) == self.0.answered.load(Relaxed) {
            self.moved();
        }
    }

    /// A write that was about to wait is turned away.
    pub(crate) fn turned_away(&self) {
        self.0.taken.fetch_sub(1, Relaxed);
        self.0.turned_away.fetch_add(1, Relaxed);
    }

    /// The database could not keep what was asked: this lasts until [`Meter::sound`]. Called before the answers are given.
    pub(crate) fn failing(&self) {
        let began = *self.0.moved.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.failing.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(began);
    }

    /// The database keeps what it is asked to.
    pub(crate) fn sound(&self) {
        *self.0.failing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The disk took nothing of a write, or takes writes again.
    pub(crate) fn refused(&self, refused: bool) {
        self.0.refused.store(refused, Relaxed);
    }

    /// Whether the disk took nothing of the last write.
    pub(crate) fn is_refused(&self) -> bool {
        self.0.refused.load(Relaxed)
    }

    /// Writes are about to be answered.
    pub(crate) fn answering(&self, writes: usize, failed: bool) {
        self.0.answered.fetch_add(writes as u64, Relaxed);
        match failed {
            true => self.0.failed.fetch_add(writes as u64, Relaxed),
            false => self.0.transactions.fetch_add(1, Relaxed),
        };
        self.moved();
    }

    fn moved(&self) {
        *self.0.moved.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    pub(crate) fn read(&self) -> Pulse {
        let counters = &*self.0;
        let answered = counters.answered.load(Relaxed);
        let waiting = counters.taken.load(Relaxed).saturating_sub(answered);
        let failing = *counters.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let failing = failing.map(|since| since.elapsed()).unwrap_or_default();
        let moved = *counters.moved.lock().unwrap_or_else(PoisonError::into_inner);
        Pulse {
            waiting,
            room: counters.room,
            answered,
            failed: counters.failed.load(Relaxed),
            transactions: counters.transactions.load(Relaxed),
            turned_away: counters.turned_away.load(Relaxed),
            refused: self.is_refused(),
            stalled: failing.max(if waiting > 0 { moved.elapsed() } else { Duration::ZERO }),
        }
    }
}
