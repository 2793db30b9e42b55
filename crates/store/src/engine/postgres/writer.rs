//! A node's writer: puts what is waiting into one transaction, tries again when another node came between or the database
//! was away for a moment, and tells other nodes how far it may still write (docs/decisions: the watermark).

use std::{
    collections::VecDeque,
    hash::{BuildHasher, Hasher, RandomState},
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use super::{
    address::Address,
    batch::Batcher,
    cell::Param,
    client::{Client, Manners, Step},
    job::{Job, Verdict},
    schema::KNOWN,
};
use crate::{
    StoreFault,
    engine::sql::{EngineError, Result},
    fault::Doing,
    pulse::Meter,
};

/// At most so many jobs share a transaction.
const BATCH: usize = 256;
/// A transaction takes no further job beyond so many bytes.
const HEAVY: usize = 16 << 20;
/// How long the writer waits for work before it gives up its floor.
const IDLE: Duration = Duration::from_millis(50);
/// How often it says that it lives, and looks for nodes that do not.
const BEAT: Duration = Duration::from_secs(10);
/// How long the database may be away before those who wait are told so.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often a lost race is tried again, alone at last.
const RACES: u32 = 12;

const WRITING: Manners = Manners { statement: Duration::from_secs(30), lock: Duration::from_secs(10), by_key: true };

/// Registers the node before it draws its first position: its floor lies below every position it will draw.
const ENTER: &str = "INSERT INTO writers (node, floor, known, until)
  SELECT ?1, CASE WHEN is_called THEN last_value ELSE last_value - 1 END, ?2, now() + interval '30 seconds'
  FROM event_positions
  ON CONFLICT (node) DO UPDATE SET floor = excluded.floor, known = excluded.known, until = excluded.until";
const LIVE: &str =
    "INSERT INTO writers (node, floor, known, until) VALUES (?1, NULL, ?2, now() + interval '30 seconds')
  ON CONFLICT (node) DO UPDATE SET until = excluded.until";
/// Says that the node lives and writes nothing, when it comes to rest and as long as it rests: a floor that a lost
/// connection left behind must not live on with it. A transaction of that connection which still runs either holds the row,
/// so that this waits for it, or finds no floor and keeps nothing.
const REST: &str =
    "INSERT INTO writers (node, floor, known, until) VALUES (?1, NULL, ?2, now() + interval '30 seconds')
  ON CONFLICT (node) DO UPDATE SET floor = NULL, until = excluded.until";
/// Takes away the floors of nodes that are silent. One that is only slow finds its own gone and writes nothing.
const BURY: &str = "DELETE FROM writers WHERE node IN
  (SELECT node FROM writers WHERE until < now() ORDER BY node FOR UPDATE SKIP LOCKED)";
const LEAVE: &str = "DELETE FROM writers WHERE node = ?1";
const LET_ALL_GO: &str = "DELETE FROM leases WHERE owner = ?1";

/// The writer's thread.
pub(crate) struct Writer {
    address: Address,
    batcher: Batcher,
    meter: Meter,
    client: Option<Client>,
    /// Whether the node's floor stands in `writers`.
    entered: bool,
    beaten: Option<Instant>,
    away_since: Option<Instant>,
    held: VecDeque<Job>,
}

impl Writer {
    pub(crate) fn new(address: Address, node: String, meter: Meter) -> Self {
        let slot = (chance() % 16) as i64;
        Self {
            address,
            batcher: Batcher::new(node, slot),
            meter,
            client: None,
            entered: false,
            beaten: None,
            away_since: None,
            held: VecDeque::new(),
        }
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn serve(mut self, jobs: &Receiver<Job>) {
        loop {
            let first = match self.held.pop_front() {
                Some(job) => job,
                None => match jobs.recv_timeout(if self.entered { IDLE } else { BEAT }) {
                    Ok(job) => job,
                    Err(RecvTimeoutError::Timeout) => {
                        self.rest();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                },
            };
            let mut weight = first.weight();
            let mut batch = vec![first];
            while batch.len() < BATCH && weight < HEAVY {
                let Some(job) = self.held.pop_front().or_else(|| jobs.try_recv().ok()) else { break };
                weight += job.weight();
                batch.push(job);
            }
            self.keep(batch);
            self.beat();
        }
        if let Some(client) = &self.client {
            // A node that is told to stop hands its tasks over at once.
            let node = &self.batcher.node;
            drop(client.all(&[named(LET_ALL_GO, node), named(LEAVE, node)]));
        }
    }

    /// Writes a batch and answers it, whatever happens.
    fn keep(&mut self, mut jobs: Vec<Job>) {
        let (began, mut races) = (Instant::now(), 0);
        loop {
            match self.attempt(&mut jobs) {
                Ok(Some(verdicts)) => return self.answer(jobs, verdicts),
                Ok(None) => races += 1,
                Err(StoreFault::Sql { source, .. }) if source.lost_race() => races += 1,
                Err(fault) if fault.is_busy() => {
                    let away = *self.away_since.get_or_insert(began);
                    if away.elapsed() > PATIENCE {
                        self.meter.failing();
                        return self.fail_all(jobs, fault);
                    }
                    pause(50, 250);
                    continue;
                }
                Err(fault) if jobs.len() == 1 => return self.fail_all(jobs, fault),
                // One of them cannot be written: each gets a transaction of its own.
                Err(_) => return jobs.into_iter().for_each(|job| self.keep(vec![job])),
            }
            if jobs.len() > 1 && races >= 3 {
                return jobs.into_iter().for_each(|job| self.keep(vec![job]));
            }
            if races >= RACES {
                return self.fail_all(jobs, StoreFault::Busy);
            }
            pause(1, 4 << races.min(5));
        }
    }

    fn answer(&mut self, jobs: Vec<Job>, verdicts: Vec<Verdict>) {
        self.away_since = None;
        self.meter.sound();
        self.meter.answering(verdicts.iter().filter(|verdict| !matches!(verdict, Verdict::Later)).count(), false);
        let later: Vec<Job> = jobs.into_iter().zip(verdicts).filter_map(|(job, verdict)| job.answer(verdict)).collect();
        for job in later.into_iter().rev() {
            self.held.push_front(job);
        }
    }

    fn attempt(&mut self, jobs: &mut [Job]) -> std::result::Result<Option<Vec<Verdict>>, StoreFault> {
        let outcome = self.ready().and_then(|client| {
            let outcome = self.batcher.attempt(&client, jobs);
            client.roll_back();
            let lost = matches!(&outcome, Err(StoreFault::Sql { source, .. }) if source.lost_line());
            // A race may have been lost because the floor was taken away: enter again before the next attempt.
            self.entered &= matches!(outcome, Ok(Some(_)));
            self.client = (!lost && client.is_sound()).then_some(client);
            outcome
        });
        self.entered &= self.client.is_some();
        outcome
    }

    /// The connection, with the node's floor in place.
    fn ready(&mut self) -> std::result::Result<Client, StoreFault> {
        let client = match self.client.take() {
            Some(client) => client,
            None => {
                self.entered = false;
                Client::open(&self.address, WRITING).doing("reach the database")?
            }
        };
        if !self.entered {
            self.lightly(&client, ENTER).doing("enter as a writer")?;
            self.entered = true;
            self.beaten = Some(Instant::now());
        }
        Ok(client)
    }

    /// Changes the node's own row; a crash of the database may forget it, because it forgets the node's transactions too.
    fn lightly(&self, client: &Client, sql: &str) -> Result<()> {
        let params = vec![Param::One((&self.batcher.node).into()), Param::One(KNOWN.into())];
        let steps = [
            Step::bare("BEGIN"),
            Step::bare("SET LOCAL synchronous_commit TO off"),
            Step { sql, params },
            Step::bare("COMMIT"),
        ];
        let done = client.all(&steps).map(|_| ());
        client.roll_back();
        done
    }

    /// Answers all with a fault.
    fn fail_all(&self, jobs: Vec<Job>, fault: StoreFault) {
        self.meter.answering(jobs.len(), true);
        fail_all(jobs, fault);
    }

    /// With nothing to write the node holds nobody's watermark back.
    fn rest(&mut self) {
        if let Some(client) = self.client.take() {
            let done = if self.entered { self.lightly(&client, REST) } else { Ok(()) };
            self.entered = false;
            self.client = done.is_ok().then_some(client);
        }
        self.beat();
        if self.client.is_some() {
            // For a while nobody asked for anything, and the node's own row is kept: whoever turned away may come back.
            self.meter.sound();
        }
    }

    /// Every few seconds: says that the node lives, and buries those that do not.
    fn beat(&mut self) {
        if self.beaten.is_some_and(|at| at.elapsed() < BEAT) {
            return;
        }
        self.beaten = Some(Instant::now());
        self.entered &= self.client.is_some();
        let opened = self.client.take().or_else(|| Client::open(&self.address, WRITING).ok());
        let Some(client) = opened else { return };
        let live = if self.entered { LIVE } else { REST };
        let done = self.lightly(&client, live).and_then(|()| client.all(&[Step::bare(BURY)]).map(|_| ()));
        self.entered &= done.is_ok();
        self.client = done.is_ok().then_some(client);
    }
}

fn named<'a>(sql: &'a str, node: &'a str) -> Step<'a> {
    Step { sql, params: vec![Param::One(node.into())] }
}

fn fail_all(jobs: Vec<Job>, fault: StoreFault) {
    let says = match &fault {
        StoreFault::Sql { source: EngineError::Line(source), .. } => source.to_string(),
        other => other.to_string(),
    };
    let mut fault = Some(fault);
    for job in jobs {
        let same = || {
            let source = EngineError::Line(std::io::Error::new(std::io::ErrorKind::NotConnected, says.clone()));
            StoreFault::Sql { doing: "keep a transaction", source }
        };
        job.fail(fault.take().unwrap_or_else(same));
    }
}

/// A number nobody can foretell, for jitter and names.
pub(crate) fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Waits for a while between two bounds, so that nodes that met do not meet again.
fn pause(least_ms: u64, most_ms: u64) {
    std::thread::sleep(Duration::from_millis(least_ms + chance() % most_ms.max(1)));
}
