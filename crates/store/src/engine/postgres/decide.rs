//! The first half of a batch: what is known of its subjects, and which commits may stand.

use std::collections::{HashMap, HashSet};

use super::{
    cell::{Cell, Kind, Param},
    client::{Client, Step},
    job::{Job, Promise, Verdict},
    tables::{FIND_ERRANDS, FIND_HEADS, FIND_MESSAGES},
};
use crate::{
    StoreFault,
    body::Bodies,
    chain::{self, Link},
    commit::{Commit, CommitError, Committed, Head, SubjectKey},
    engine::{load, prepared::Prepared, sql::Result, value::micros},
    errand::ErrandId,
    fault::Doing,
};

/// Takes the lock under which events are written, and nothing else, before any other table is touched. The last step of a
/// rebuild holds writers at this place; one that already held a read model would keep it from being replaced, and it the
/// writer: a deadlock that the rebuild loses.
const ENTER_LOG: &str = "UPDATE events SET position = position WHERE FALSE";

type Key = (String, SubjectKey);

/// What the store says of a batch's subjects, messages and errands, inside the batch's transaction.
pub(crate) struct Known {
    heads: HashMap<Key, Head>,
    messages: HashSet<(String, Vec<u8>)>,
    errands: HashSet<i64>,
}

/// A commit that stands: its job and its place in it, and its events' hashes, in order, on top of a version.
pub(crate) struct Standing {
    pub(crate) job: usize,
    pub(crate) nth: usize,
    pub(crate) hashes: Vec<[u8; 32]>,
}

/// How far the commits of a batch that stand have come: ends of subjects, messages taken, errands finished.
#[derive(Clone)]
struct Course {
    ends: HashMap<Key, (u64, [u8; 32])>,
    taken: HashSet<(String, [u8; 32])>,
    finished: HashSet<ErrandId>,
}

fn commits(jobs: &[Job]) -> impl Iterator<Item = &Prepared> {
    jobs.iter().flat_map(|job| match job {
        Job::Commit { prepared, .. } => &prepared[..],
        Job::Write { .. } => &[],
    })
}

impl Known {
    /// Begins the transaction and looks everything up in one go.
    pub(crate) fn look(client: &Client, jobs: &[Job]) -> Result<Self> {
        let subjects: Vec<(&str, &SubjectKey)> = commits(jobs)
            .filter_map(|p| p.commit.subject.as_ref().map(|subject| (p.commit.tenant.as_str(), subject)))
            .collect();
        let keyed: Vec<(&str, &[u8; 32])> = commits(jobs)
            .filter_map(|p| p.message.as_ref().map(|m| (p.commit.tenant.as_str(), &m.message.key)))
            .collect();
        let done: Vec<i64> = commits(jobs).flat_map(|p| p.commit.errands_done.iter().map(|errand| errand.0)).collect();
        let heads = Step {
            sql: FIND_HEADS,
            params: vec![
                texts(subjects.iter().map(|(tenant, _)| *tenant).collect()),
                texts(subjects.iter().map(|(_, subject)| subject.kind.as_str()).collect()),
                texts(subjects.iter().map(|(_, subject)| subject.id.as_str()).collect()),
            ],
        };
        let keys = keyed.iter().map(|(_, key)| Cell::from(&key[..])).collect();
        let messages = Step {
            sql: FIND_MESSAGES,
            params: vec![texts(keyed.iter().map(|(tenant, _)| *tenant).collect()), Param::Many(Kind::Bytes, keys)],
        };
        let errands = Step {
            sql: FIND_ERRANDS,
            params: vec![Param::Many(Kind::Whole, done.into_iter().map(Cell::from).collect())],
        };
        let mut known = Self { heads: HashMap::new(), messages: HashSet::new(), errands: HashSet::new() };
        client.run(&[Step::bare("BEGIN"), Step::bare(ENTER_LOG), heads, messages, errands], &mut |place, row| {
            match place {
                2 => {
                    let subject = SubjectKey { kind: row.get(1)?, id: row.get(2)? };
                    let (version, position): (i64, i64) = (row.get(3)?, row.get(4)?);
                    let head = Head { version: version as u64, position: position as u64, hash: row.get(5)? };
                    known.heads.insert((row.get(0)?, subject), head);
                }
                3 => {
                    known.messages.insert((row.get(0)?, row.get(1)?));
                }
                _ => {
                    known.errands.insert(row.get(0)?);
                }
            }
            Ok(true)
        })?;
        Ok(known)
    }

    /// The version of a subject before the batch.
    pub(crate) fn version(&self, tenant: &str, subject: &SubjectKey) -> u64 {
        self.heads.get(&(tenant.to_owned(), subject.clone())).map_or(0, |head| head.version)
    }

    /// Judges the commits in their order, each on top of those before it; of commits that belong together all stand or none.
    /// A job that stands has no verdict yet.
    pub(crate) fn judge(
        &self,
        client: &Client,
        jobs: &[Job],
    ) -> std::result::Result<(Vec<Standing>, Vec<Option<Verdict>>), StoreFault> {
        let ends = self.heads.iter().map(|(key, head)| (key.clone(), (head.version, head.hash))).collect();
        let mut course = Course { ends, taken: HashSet::new(), finished: HashSet::new() };
        let (mut standing, mut verdicts) = (Vec::new(), Vec::new());
        verdicts.resize_with(jobs.len(), || None);
        for (place, job) in jobs.iter().enumerate() {
            let Job::Commit { prepared, promises, .. } = job else { continue };
            if let Some(kept) = self.kept_already(prepared, promises) {
                verdicts[place] = Some(Verdict::Kept(kept));
                continue;
            }
            // What one alone is refused for leaves no mark on the course.
            let before = (prepared.len() > 1).then(|| course.clone());
            let mut all = Vec::with_capacity(prepared.len());
            for (nth, prepared) in prepared.iter().enumerate() {
                match self.step(client, &mut course, prepared)? {
                    Ok(hashes) => all.push(Standing { job: place, nth, hashes }),
                    Err(no) => {
                        verdicts[place] = Some(no);
                        break;
                    }
                }
            }
            match before.filter(|_| verdicts[place].is_some()) {
                Some(before) => course = before,
                None if verdicts[place].is_none() => standing.append(&mut all),
                None => {}
            }
        }
        Ok((standing, verdicts))
    }

    /// What the commits of a job became when an earlier attempt was kept and only its answer was lost.
    fn kept_already(&self, prepared: &[Prepared], promises: &[Option<Promise>]) -> Option<Vec<Committed>> {
        let head = |prepared: &Prepared| {
            let subject = prepared.commit.subject.clone()?;
            self.heads.get(&(prepared.commit.tenant.clone(), subject))
        };
        let fulfilled = |(prepared, promise): (&Prepared, &Option<Promise>)| {
            let end = head(prepared).map_or((0, chain::START), |head| (head.version, head.hash));
            promise.is_some_and(|promise| (promise.version, promise.hash) == end)
        };
        let became = |(prepared, promise): (&Prepared, &Option<Promise>)| Committed {
            version: promise.map_or(prepared.commit.expected, |promise| promise.version),
            position: promise.and_then(|_| head(prepared)).map_or(0, |head| head.position),
        };
        let each = || prepared.iter().zip(promises);
        each().any(fulfilled).then(|| each().map(became).collect())
    }

    /// One commit on top of what stands: the hashes of its events, or what becomes of its job instead.
    fn step(
        &self,
        client: &Client,
        course: &mut Course,
        prepared: &Prepared,
    ) -> std::result::Result<std::result::Result<Vec<[u8; 32]>, Verdict>, StoreFault> {
        let commit = &prepared.commit;
        let key = commit.subject.clone().map(|subject| (commit.tenant.clone(), subject));
        let (version, hash) = key.as_ref().and_then(|key| course.ends.get(key)).copied().unwrap_or((0, chain::START));
        let message = prepared.message.as_ref().map(|packed| packed.message.key);
        if commit.subject.is_some() && version != commit.expected {
            let kept = self.kept_before(client, &commit.tenant, message)?;
            return Ok(Err(Verdict::Refused(kept.unwrap_or(CommitError::Conflict { actual: version }))));
        }
        if commit.errands_done.iter().any(|e| !self.errands.contains(&e.0) || course.finished.contains(e)) {
            return Ok(Err(Verdict::Refused(CommitError::ErrandGone)));
        }
        if let Some(duplicate) = self.kept_before(client, &commit.tenant, message)? {
            return Ok(Err(Verdict::Refused(duplicate)));
        }
        if message.is_some_and(|key| !course.taken.insert((commit.tenant.clone(), key))) {
            // The same message twice in one batch: the second is answered with the first, when that one is kept.
            return Ok(Err(Verdict::Later));
        }
        course.finished.extend(commit.errands_done.iter().copied());
        let hashes = hashes(commit, version, hash);
        if let (Some(key), Some(last)) = (key, hashes.last()) {
            course.ends.insert(key, (version + hashes.len() as u64, *last));
        }
        Ok(Ok(hashes))
    }

    fn kept_before(
        &self,
        client: &Client,
        tenant: &str,
        key: Option<[u8; 32]>,
    ) -> std::result::Result<Option<CommitError>, StoreFault> {
        let Some(key) = key.filter(|key| self.messages.contains(&(tenant.to_owned(), key.to_vec()))) else {
            return Ok(None);
        };
        let kept = load::message(client, &Bodies::in_rows(), tenant, &key)?;
        Ok(kept.map(|message| CommitError::Duplicate { message: Box::new(message) }))
    }
}

/// The hashes of a commit's events on top of a chain.
fn hashes(commit: &Commit, version: u64, mut hash: [u8; 32]) -> Vec<[u8; 32]> {
    let Some(subject) = &commit.subject else { return Vec::new() };
    let numbered = commit.events.iter().zip(version as i64 + 1..);
    let chained = numbered.map(|(event, version)| {
        let link = Link {
            tenant: &commit.tenant,
            subject_kind: &subject.kind,
            subject_id: &subject.id,
            version,
            kind: &event.kind,
            form: i64::from(event.form),
            occurred_at: micros(event.occurred_at),
            recorded_at: micros(event.recorded_at),
            actor: &event.actor,
            body: &event.body,
        };
        hash = link.hash(&hash);
        hash
    });
    chained.collect()
}

fn texts(texts: Vec<&str>) -> Param<'_> {
    Param::Many(Kind::Text, texts.into_iter().map(Cell::from).collect())
}

/// Draws numbers from a sequence.
pub(crate) fn draw(client: &Client, sql: &str, n: usize) -> std::result::Result<Vec<i64>, StoreFault> {
    let mut numbers = Vec::with_capacity(n);
    if n > 0 {
        let step = Step { sql, params: vec![Param::One((n as i64).into())] };
        let drawn = client.run(&[step], &mut |_, row| {
            numbers.push(row.get(0)?);
            Ok(true)
        });
        drawn.doing("draw positions")?;
    }
    Ok(numbers)
}
