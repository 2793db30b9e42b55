//! The senders: in a closed loop each waits for its answer before it sends again; in an open loop requests are due at their
//! moments whatever the answers do, and a request's time runs from the moment it was due, so that a server that stalls is
//! charged for those who had to wait (no coordinated omission).

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use vigil_desk::replay::pool::Pool;
use vigil_wire::fhir::pas::Base;

use super::{histogram::Histogram, line::Line};
use crate::http::fhir;

/// What is sent where.
#[derive(Debug, Clone)]
pub struct Orders {
    /// Host and port.
    pub at: String,
    /// The bearer token.
    pub token: String,
    /// Senders at once.
    pub connections: usize,
    /// How long.
    pub length: Duration,
    /// Requests a second in an open loop; none for a closed loop.
    pub rate: Option<f64>,
    /// The number of the first request: another one makes other requests.
    pub first: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Driven {
    /// Answers by status; 0 for connections that broke.
    pub answers: BTreeMap<u16, u64>,
    /// Times of whole answers.
    pub times: Histogram,
    /// Bytes of bodies sent.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
}

impl Driven {
    fn fold(&mut self, other: &Self) {
        for (status, n) in &other.answers {
            *self.answers.entry(*status).or_default() += n;
        }
        self.times.fold(&other.times);
        self.bytes += other.bytes;
    }
}

/// Sends the plan's requests until the time is over.
pub async fn drive(pool: Arc<Pool>, orders: &Orders) -> Driven {
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let senders: Vec<_> = (0..orders.connections.max(1))
        .map(|_| tokio::spawn(sender(Arc::clone(&pool), orders.clone(), Arc::clone(&next), began)))
        .collect();
    let mut all = Driven::default();
    for sender in senders {
        if let Ok(part) = sender.await {
            all.fold(&part);
        }
    }
    all.took = began.elapsed();
    all
}

async fn sender(pool: Arc<Pool>, orders: Orders, next: Arc<AtomicU64>, began: Instant) -> Driven {
    let line = |base| Line::new(&orders.at, &format!("{}/Claim/$submit", fhir::path(base)), &orders.token);
    let (mut old, mut new) = (line(Base::V20), line(Base::V22));
    let mut part = Driven::default();
    let mut body = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let due = match orders.rate {
            Some(rate) => began + Duration::from_secs_f64(n as f64 / rate),
            None => Instant::now(),
        };
        if due.duration_since(began) >= orders.length {
            return part;
        }
        // The timer counts whole milliseconds: only who is early asks it.
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        let base = pool.body(orders.first + n, &mut body);
        let due = if orders.rate.is_some() { due } else { Instant::now() };
        let status = match base {
            Base::V20 => old.post(&body).await,
            Base::V22 => new.post(&body).await,
        };
        part.times.keep(u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX));
        part.bytes += body.len() as u64;
        *part.answers.entry(status.unwrap_or(0)).or_default() += 1;
        if status.is_none_or(|s| s == 503) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
