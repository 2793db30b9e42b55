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
    fault::Doing,
};

type Key = (String, SubjectKey);

/// What the store says of a batch's subjects, messages and errands, inside the batch's transaction.
pub(crate) struct Known {
    heads: HashMap<Key, Head>,
    messages: HashSet<(String, Vec<u8>)>,
    errands: HashSet<i64>,
}

/// A commit that stands: its events' hashes, in order, on top of a version.
pub(crate) struct Standing {
    pub(crate) job: usize,
    pub(crate) hashes: Vec<[u8; 32]>,
}

fn commits(jobs: &[Job]) -> impl Iterator<Item = (usize, &Prepared, Option<Promise>)> {
    jobs.iter().enumerate().filter_map(|(place, job)| match job {
        Job::Commit { prepared, promise, .. } => Some((place, &**prepared, *promise)),
        Job::Write { .. } => None,
    })
}

impl Known {
    /// Begins the transaction and looks everything up in one go.
    pub(crate) fn look(client: &Client, jobs: &[Job]) -> Result<Self> {
        let subjects: Vec<(&str, &SubjectKey)> = commits(jobs)
            .filter_map(|(_, p, _)| p.commit.subject.as_ref().map(|subject| (p.commit.tenant.as_str(), subject)))
            .collect();
        let keyed: Vec<(&str, &[u8; 32])> = commits(jobs)
            .filter_map(|(_, p, _)| p.message.as_ref().map(|m| (p.commit.tenant.as_str(), &m.message.key)))
            .collect();
        let done: Vec<i64> =
            commits(jobs).flat_map(|(_, p, _)| p.commit.errands_done.iter().map(|errand| errand.0)).collect();
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
        client.run(&[Step::bare("BEGIN"), heads, messages, errands], &mut |place, row| {
            match place {
                1 => {
                    let subject = SubjectKey { kind: row.get(1)?, id: row.get(2)? };
                    let (version, position): (i64, i64) = (row.get(3)?, row.get(4)?);
                    let head = Head { version: version as u64, position: position as u64, hash: row.get(5)? };
                    known.heads.insert((row.get(0)?, subject), head);
                }
                2 => {
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

    /// Judges the commits in their order, each on top of those before it. A commit that stands has no verdict yet.
    pub(crate) fn judge(
        &self,
        client: &Client,
        jobs: &[Job],
    ) -> std::result::Result<(Vec<Standing>, Vec<Option<Verdict>>), StoreFault> {
        let mut ends: HashMap<Key, (u64, [u8; 32])> =
            self.heads.iter().map(|(key, head)| (key.clone(), (head.version, head.hash))).collect();
        let (mut taken, mut finished) = (HashSet::new(), HashSet::new());
        let (mut standing, mut verdicts) = (Vec::new(), Vec::new());
        verdicts.resize_with(jobs.len(), || None);
        for (place, prepared, promise) in commits(jobs) {
            let commit = &prepared.commit;
            let key = commit.subject.clone().map(|subject| (commit.tenant.clone(), subject));
            let (version, hash) = key.as_ref().and_then(|key| ends.get(key)).copied().unwrap_or((0, chain::START));
            let message = prepared.message.as_ref().map(|packed| packed.message.key);
            let no = if let Some(promise) = promise.filter(|promise| (promise.version, promise.hash) == (version, hash))
            {
                let position = key.as_ref().and_then(|key| self.heads.get(key)).map_or(0, |head| head.position);
                Some(Verdict::Kept(Committed { version: promise.version, position }))
            } else if commit.subject.is_some() && version != commit.expected {
                let kept = self.kept_before(client, &commit.tenant, message)?;
                Some(Verdict::Refused(kept.unwrap_or(CommitError::Conflict { actual: version })))
            } else if commit.errands_done.iter().any(|e| !self.errands.contains(&e.0) || finished.contains(e)) {
                Some(Verdict::Refused(CommitError::ErrandGone))
            } else if let Some(duplicate) = self.kept_before(client, &commit.tenant, message)? {
                Some(Verdict::Refused(duplicate))
            } else if message.is_some_and(|key| !taken.insert((commit.tenant.clone(), key))) {
                // The same message twice in one batch: the second is answered with the first, when that one is kept.
                Some(Verdict::Later)
            } else {
                None
            };
            if no.is_none() {
                finished.extend(commit.errands_done.iter().copied());
                let hashes = hashes(commit, version, hash);
                if let (Some(key), Some(last)) = (key, hashes.last()) {
                    ends.insert(key, (version + hashes.len() as u64, *last));
                }
                standing.push(Standing { job: place, hashes });
            }
            verdicts[place] = no;
        }
        Ok((standing, verdicts))
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
