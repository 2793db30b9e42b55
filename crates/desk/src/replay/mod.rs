//! A plan's year, judged again without a door and without a store: every request of a plan of any size is decided by the same
//! `decide` that serves, on every core, and every determination is folded into the public figures.
//!
//! The year is not kept anywhere: request n follows from the seed and n, so that a nation's year needs no more memory than a
//! clinic's. A pool of distinct requests (drawn as the simulation draws them) is laid out over the year; each n has its own
//! member number, case number and moment of receipt.

pub mod figures;
mod people;
pub mod pool;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use vigil_domain::{
    case::{
        Case,
        command::{Command, Resolved},
        decide::decide,
    },
    library::Library,
    request::Request,
    time::Moment,
};

use self::{
    figures::Figures,
    pool::{Entry, Pool, Year},
};
use crate::{act::ActError, ids, sim::rng::Rng};

/// Requests taken by a worker at a time.
const SHARE: u64 = 512;

/// How a year is judged again.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The plan.
    pub year: Year,
    /// Requests to judge.
    pub requests: u64,
    /// Workers; one a core.
    pub jobs: usize,
    /// Each request is read from its bytes, or taken as it was read once.
    pub parse: bool,
    /// Nurses and physicians finish what automation leaves, each by the same commands as on the pages.
    pub people: bool,
}

/// What a replay came to.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// Requests judged.
    pub requests: u64,
    /// Commands decided: the request and every step of people.
    pub commands: u64,
    /// Events made.
    pub events: u64,
    /// Bytes read, where each request was read.
    pub bytes: u64,
    /// How long it took, the making of the pool apart.
    pub took: Duration,
    /// The public figures.
    pub figures: Figures,
}

/// Judges a year again.
///
/// # Errors
/// The pool could not be made: a fault of the store in memory that resolves its parties.
pub fn run(library: &Arc<Library>, replay: &Replay, progress: &(dyn Fn(u64) + Sync)) -> Result<Replayed, ActError> {
    let pool = Pool::draw(library, &replay.year)?;
    let next = AtomicU64::new(0);
    let began = Instant::now();
    let parts: Vec<Tally> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..replay.jobs.max(1)).map(|_| scope.spawn(|| work(library, replay, &pool, &next, progress))).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let mut all = Tally::default();
    for part in parts {
        all.fold(&part);
    }
    Ok(Replayed {
        requests: replay.requests,
        commands: all.commands,
        events: all.events,
        bytes: all.bytes,
        took: began.elapsed(),
        figures: all.figures,
    })
}

/// One worker's part.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    commands: u64,
    events: u64,
    bytes: u64,
    figures: Figures,
}

impl Tally {
    fn fold(&mut self, other: &Self) {
        self.commands += other.commands;
        self.events += other.events;
        self.bytes += other.bytes;
        self.figures.fold(&other.figures);
    }

    /// Decides a command; none when the case refuses it, and then nothing has changed.
    pub(crate) fn decide(
        &mut self,
        case: Option<&Case>,
        command: Command,
        library: &Library,
        now: Moment,
    ) -> Option<Case> {
        self.commands += 1;
        let decided = decide(case, command, library, now).ok()?;
        self.events += decided.events.len() as u64;
        Some(decided.case)
    }
}

fn work(library: &Library, replay: &Replay, pool: &Pool, next: &AtomicU64, progress: &(dyn Fn(u64) + Sync)) -> Tally {
    let mut tally = Tally::default();
    let staff = people::staff(replay.year.from.year());
    loop {
        let from = next.fetch_add(SHARE, Ordering::Relaxed);
        if from >= replay.requests {
            return tally;
        }
        let until = (from + SHARE).min(replay.requests);
        for n in from..until {
            one(library, replay, pool, &staff, n, &mut tally);
        }
        progress(until - from);
    }
}

/// Judges request n and folds what became of it.
fn one(library: &Library, replay: &Replay, pool: &Pool, staff: &people::Staff, n: u64, tally: &mut Tally) {
    let mut rng = Rng::new(replay.year.seed ^ n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let entry = pool.entry(n);
    let at = pool.moment(&mut rng);
    let Some(request) = request(replay, pool, entry, n, at, tally) else {
        tally.figures.turned_away += 1;
        return;
    };
    let Some(resolved) = entry.resolved.as_ref() else {
        tally.figures.turned_away += 1;
        return;
    };
    let case = ids::case_number(at, &rng.next().to_be_bytes());
    let command = Command::Receive {
        authorization: ids::authorization_number(&case),
        case,
        request: Box::new(request),
        resolved: Box::new(Resolved::clone(resolved)),
        scenario: None,
    };
    match tally.decide(None, command, library, at) {
        Some(judged) => {
            let machine = judged.is_determined();
            let end =
                if replay.people { people::settle(library, staff, judged, entry, &mut rng, tally) } else { judged };
            tally.figures.add(&end, machine);
        }
        None => tally.figures.turned_away += 1,
    }
}

fn request(replay: &Replay, pool: &Pool, entry: &Entry, n: u64, at: Moment, tally: &mut Tally) -> Option<Request> {
    let mut request = if replay.parse {
        tally.bytes += entry.bytes.len() as u64;
        pool::read(entry.base, &entry.bytes, at)?
    } else {
        entry.request.clone()
    };
    pool.lay(&mut request, entry, n, at);
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_of_a_seed_is_the_same_on_one_core_and_on_three() {
        let library = Arc::new(vigil_packs::open(&[]).expect("the shipped packs are sound"));
        let year = Year { distinct: 60, ..Year::of(7) };
        let replay = |jobs, parse| Replay { year: year.clone(), requests: 1_500, jobs, parse, people: true };
        let one = run(&library, &replay(1, false), &|_| ()).expect("it runs");
        let three = run(&library, &replay(3, false), &|_| ()).expect("it runs");
        assert_eq!(one.figures, three.figures);
        let read = run(&library, &replay(2, true), &|_| ()).expect("it runs");
        assert_eq!(one.figures, read.figures, "a request read anew is judged as the one read once");
        assert!(read.bytes > 1_000_000, "{}", read.bytes);
        let figures = &one.figures;
        assert_eq!(figures.requests(), 1_500);
        assert!(figures.decided() > 600, "{figures:?}");
        let groups: Vec<_> = figures.groups().map(|(_, g)| g).collect();
        assert!(groups.iter().any(|g| g.denied > 0) && groups.iter().any(|g| g.approved > g.denied), "{figures:?}");
        assert!(groups.iter().all(|g| g.automated <= g.approved + g.not_required), "no denial by machine");
    }

    #[test]
    fn every_message_of_a_plan_is_another_one_and_reads_as_its_request() {
        let library = Arc::new(vigil_packs::open(&[]).expect("the shipped packs are sound"));
        let pool = Pool::draw(&library, &Year { distinct: 40, members: 500, ..Year::of(3) }).expect("it draws");
        let (mut seen, mut body) = (std::collections::HashSet::new(), Vec::new());
        let after: Moment = "2026-12-31T00:00:00Z".parse().expect("a moment");
        for n in 0..200 {
            let base = pool.body(n, &mut body);
            assert!(seen.insert(body.clone()), "message {n} came before");
            let request = pool::read(base, &body, after).expect("its own reader takes it");
            assert_eq!(request.identifiers[0].value, format!("R{n:010}"));
            assert_eq!(request.member.member_id, pool.member_number(pool.entry(n), n));
        }
        let roster: std::collections::HashSet<String> = pool.roster().map(|(m, _)| m.member_id).collect();
        assert_eq!(roster.len(), 500);
        let known = (0..200).filter(|n| pool.entry(*n).resolved.is_some());
        assert!(
            known.clone().count() > 150
                && known.map(|n| pool.member_number(pool.entry(n), n)).all(|m| roster.contains(&m))
        );
    }
}
