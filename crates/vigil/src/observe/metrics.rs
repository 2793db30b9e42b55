//! What is counted while the process runs. Labels are route templates, methods, outcomes and senders' limits: never a path, never
//! a name, never a patient.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use vigil_domain::time::Moment;
use vigil_store::Kept;

/// Upper bounds of the latency histogram, in microseconds; the last bucket has none.
pub const BOUNDS: [u64; 14] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000, 30_000_000,
];
/// How old the figures of the store may be when they are asked for again: a scraper cannot make the store work.
const KEPT_SECONDS: u64 = 5;

/// The answers to one method of one route template.
#[derive(Debug, Default)]
pub struct Series {
    /// By the class of the status: `2xx` is at 2.
    pub by_class: [AtomicU64; 6],
    /// By latency: how many took at most the bound, and longer than the one before; the last is the rest.
    pub buckets: [AtomicU64; BOUNDS.len() + 1],
    /// Microseconds, summed.
    pub micros: AtomicU64,
}

/// Method and route template.
type Key = (&'static str, String);

/// What a limit turned away or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// 503: more requests at once than this process answers.
    Requests,
    /// 429: more requests of one sender at once than it may have.
    Sender,
    /// 503: the bodies being read would take more memory than they may.
    Memory,
    /// 503: the store's queue is full, or another holds it.
    Store,
    /// 503: no answer in the time an answer may take.
    Answer,
    /// 408: a body that did not arrive in its time.
    Body,
    /// 413: a body that is too large.
    TooLarge,
    /// A connection whose reader did not take the answer in its time.
    Reader,
}

impl Limit {
    /// All of them, with their labels.
    pub const ALL: [(Limit, &'static str); 8] = [
        (Self::Requests, "requests"),
        (Self::Sender, "sender"),
        (Self::Memory, "memory"),
        (Self::Store, "store"),
        (Self::Answer, "answer-time"),
        (Self::Body, "body-time"),
        (Self::TooLarge, "body-size"),
        (Self::Reader, "reader-time"),
    ];
}

/// A background task's rounds.
#[derive(Debug, Default)]
pub struct Rounds {
    /// Rounds that went through.
    pub done: AtomicU64,
    /// Rounds that failed.
    pub failed: AtomicU64,
    /// Things done in them.
    pub things: AtomicU64,
    /// Things that failed in them and are tried again.
    pub put_back: AtomicU64,
    /// When the last round went through, in seconds since 1970; 0 before the first.
    pub last_done: AtomicI64,
}

/// The tasks that go on while the process serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Deadlines brought to their cases.
    Clock,
    /// Errands after commits.
    Errands,
    /// Checkpoints of the log.
    Checkpoints,
    /// Sign-ins that end.
    Sessions,
}

impl Task {
    /// All of them, with their labels.
    pub const ALL: [(Task, &'static str); 4] = [
        (Self::Clock, "clock"),
        (Self::Errands, "errands"),
        (Self::Checkpoints, "checkpoints"),
        (Self::Sessions, "sessions"),
    ];
}

/// The counters of one process.
#[derive(Debug)]
pub struct Metrics {
    /// When the process began to count, in seconds since 1970.
    pub began_at: Moment,
    routes: RwLock<BTreeMap<Key, Arc<Series>>>,
    limits: [AtomicU64; Limit::ALL.len()],
    tasks: [Rounds; Task::ALL.len()],
    /// Requests being answered.
    pub in_flight: AtomicI64,
    /// Connections open.
    pub connections: AtomicI64,
    /// Connections taken since the start.
    pub connections_taken: AtomicU64,
    kept: Mutex<Option<(Instant, Kept)>>,
}

impl Metrics {
    /// Counters that stand at nothing.
    pub fn new(began_at: Moment) -> Self {
        Self {
            began_at,
            routes: RwLock::default(),
            limits: Default::default(),
            tasks: Default::default(),
            in_flight: AtomicI64::new(0),
            connections: AtomicI64::new(0),
            connections_taken: AtomicU64::new(0),
            kept: Mutex::new(None),
        }
    }

    /// Counts an answer.
    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let series = self.series(method, route);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = usize::from(status / 100).min(5);
        series.by_class[class].fetch_add(1, Relaxed);
        series.buckets[BOUNDS.partition_point(|bound| *bound < micros)].fetch_add(1, Relaxed);
        series.micros.fetch_add(micros, Relaxed);
    }

    fn series(&self, method: &'static str, route: &str) -> Arc<Series> {
        let key = (method, route.to_owned());
        let known = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| {
            let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(routes.entry(key).or_default())
        })
    }

    /// Every series with its method and route template, in order.
    pub fn routes(&self) -> Vec<(Key, Arc<Series>)> {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        routes.iter().map(|(key, series)| (key.clone(), Arc::clone(series))).collect()
    }

    /// Counts what a limit did.
    pub fn limited(&self, limit: Limit) {
        self.limits[limit as usize].fetch_add(1, Relaxed);
    }

    /// How often a limit did something.
    pub fn times_limited(&self, limit: Limit) -> u64 {
        self.limits[limit as usize].load(Relaxed)
    }

    /// A background task's counters.
    pub fn task(&self, task: Task) -> &Rounds {
        &self.tasks[task as usize]
    }

    /// The figures of the store: those of a moment ago, or what `look` finds now.
    ///
    /// # Errors
    /// What `look` says.
    pub fn kept<E>(&self, look: impl FnOnce() -> Result<Kept, E>) -> Result<Kept, E> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((at, known)) if at.elapsed() < Duration::from_secs(KEPT_SECONDS) => Ok(known.clone()),
            _ => {
                let found = look()?;
                *kept = Some((Instant::now(), found.clone()));
                Ok(found)
            }
        }
    }
}

impl Rounds {
    /// A round went through.
    pub fn went(&self, at: Moment, things: usize, put_back: usize) {
        self.done.fetch_add(1, Relaxed);
        self.things.fetch_add(things as u64, Relaxed);
        self.put_back.fetch_add(put_back as u64, Relaxed);
        self.last_done.store(at.as_second(), Relaxed);
    }
}

/// One more while it lives.
pub struct OneMore<'a>(&'a AtomicI64);

impl<'a> OneMore<'a> {
    /// Counts up, and down again at its end.
    pub fn of(gauge: &'a AtomicI64) -> Self {
        gauge.fetch_add(1, Relaxed);
        Self(gauge)
    }
}

impl Drop for OneMore<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_counted_once_in_its_bucket() {
        let metrics = Metrics::new(Moment::UNIX_EPOCH);
        for micros in [1, 1_000, 1_001, 40_000_000] {
            metrics.answered("GET", "/case/{id}", 200, Duration::from_micros(micros));
        }
        metrics.answered("GET", "/case/{id}", 503, Duration::ZERO);
        let routes = metrics.routes();
        let (key, series) = &routes[0];
        assert_eq!((routes.len(), key.0, key.1.as_str()), (1, "GET", "/case/{id}"));
        let counts: Vec<u64> = series.buckets.iter().map(|b| b.load(Relaxed)).collect();
        assert_eq!((counts[0], counts[1], counts[BOUNDS.len()], counts.iter().sum::<u64>()), (3, 1, 1, 5));
        assert_eq!((series.by_class[2].load(Relaxed), series.by_class[5].load(Relaxed)), (4, 1));
    }

    #[test]
    fn labels_stand_at_their_places() {
        assert!(Limit::ALL.iter().enumerate().all(|(place, (limit, _))| *limit as usize == place));
        assert!(Task::ALL.iter().enumerate().all(|(place, (task, _))| *task as usize == place));
    }
}
