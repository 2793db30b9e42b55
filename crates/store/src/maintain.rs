//! Keeping the store honest and whole: checkpoints, verification, back-up.

use std::{collections::BTreeMap, collections::HashMap, path::Path, sync::mpsc::sync_channel};

use tokio::sync::oneshot;
use vigil_domain::time::Moment;

use crate::{
    Store, StoreFault, View,
    chain::{self, Seal},
    commit::SubjectKey,
    engine::{
        kept,
        seals::{self, Astray, HeadKey, Sealed},
        seam::{Answer, Reader},
    },
    manifest::Manifest,
    pulse::{Kept, Pulse},
};

/// At most so many events are sealed by one checkpoint, so that sealing takes bounded memory.
const SEALED_AT_ONCE: u64 = 1_000_000;
/// Events read at a time while verifying; between reads the store is free.
const CHUNK: usize = 20_000;
/// Heads compared at a time. Few in builds for tests too.
const COMPARED: usize = if cfg!(debug_assertions) { 3 } else { 20_000 };
/// Subjects whose last hash is kept in memory while verifying; others' is read from the log again when they are met. Few in
/// builds for tests, so that they come to that.
const KEPT: usize = if cfg!(debug_assertions) { 8 } else { 100_000 };

/// A seal over the heads that changed since the one before, chained to it. Keep a copy of its hash elsewhere to prove
/// that nothing before it was cut or rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// 1, 2, 3, …
    pub number: u64,
    /// When it was written.
    pub at: Moment,
    /// The events after this position …
    pub after_position: u64,
    /// … up to this one are sealed.
    pub upto_position: u64,
    /// How many subjects those events touched.
    pub subjects: u64,
    /// The Merkle root over their heads, in the order of their keys.
    pub root: [u8; 32],
    /// SHA-256 over the previous checkpoint's hash and all of the above.
    pub hash: [u8; 32],
}

impl Checkpoint {
    fn sealed(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut seal = Seal::new("vigil-checkpoint-1");
        seal.bytes(previous);
        seal.number(self.number as i64);
        seal.number(self.at.as_microsecond());
        for number in [self.after_position, self.upto_position, self.subjects] {
            seal.number(number as i64);
        }
        seal.bytes(&self.root);
        seal.close()
    }
}

/// What a whole store was found to hold, sound.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Subjects.
    pub subjects: u64,
    /// Events.
    pub events: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Messages as they were received.
    pub messages: u64,
    /// Messages among them whose bytes could be read but not proven: they were kept before their keys could be made again.
    pub unproven: u64,
    /// Documents.
    pub documents: u64,
    /// Pinned texts of law, criteria and letters.
    pub pins: u64,
}

/// The first place where what is kept is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstFault {
    /// The checkpoint that seals the place, or none when it is newer than all of them.
    pub checkpoint: Option<u64>,
    /// The tenant, where it can be told.
    pub tenant: Option<String>,
    /// The row, where it lies beside the log: a message, a document, a pinned text.
    pub row: Option<String>,
    /// The subject, where it can be told.
    pub subject: Option<SubjectKey>,
    /// The version, where it can be told.
    pub version: Option<u64>,
    /// What is wrong, in a sentence.
    pub what: String,
}

impl std::fmt::Display for FirstFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.row, self.checkpoint) {
            (Some(row), _) => write!(f, "{row}")?,
            (None, Some(number)) => write!(f, "checkpoint {number}")?,
            (None, None) => write!(f, "after the last checkpoint")?,
        }
        if let Some(subject) = &self.subject {
            write!(f, ", {subject}")?;
        }
        if let Some(version) = self.version {
            write!(f, ", version {version}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Why a store did not verify.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The log is not what was written.
    #[error("{0}")]
    Broken(Box<FirstFault>),
    /// The database file itself is damaged: the engine's own findings.
    #[error("the database file is damaged: {}", .0.join("; "))]
    Damaged(Vec<String>),
    /// The world broke.
    #[error(transparent)]
    Fault(StoreFault),
}

impl From<StoreFault> for VerifyError {
    fn from(fault: StoreFault) -> Self {
        if fault.is_damage() { Self::Damaged(vec![fault.to_string()]) } else { Self::Fault(fault) }
    }
}

impl From<FirstFault> for VerifyError {
    fn from(fault: FirstFault) -> Self {
        Self::Broken(Box::new(fault))
    }
}

type Touched = BTreeMap<(String, SubjectKey), (u64, [u8; 32])>;

fn root_of(touched: &Touched) -> [u8; 32] {
    let leaves =
        touched.iter().map(|((tenant, subject), (version, hash))| chain::leaf(tenant, subject, *version, hash));
    chain::merkle_root(leaves.collect())
}

impl Store {
    /// How the writer is doing.
    pub fn pulse(&self) -> Pulse {
        self.engine.pulse()
    }

    /// Seals the heads that changed since the last checkpoint; none when nothing did. Call it again while it answers with
    /// a checkpoint to seal a long backlog. Two callers at once are safe: one of them seals.
    pub async fn write_checkpoint(&self, now: Moment) -> Result<Option<Checkpoint>, StoreFault> {
        let Some(checkpoint) = self.next_checkpoint(now)? else { return Ok(None) };
        let (sender, receiver) = oneshot::channel();
        self.engine.seal(checkpoint, Answer::Later(sender))?;
        receiver.await.map_err(|_| StoreFault::Closed)?
    }

    /// The blocking twin of [`Store::write_checkpoint`].
    pub fn write_checkpoint_blocking(&self, now: Moment) -> Result<Option<Checkpoint>, StoreFault> {
        let Some(checkpoint) = self.next_checkpoint(now)? else { return Ok(None) };
        let (sender, receiver) = sync_channel(1);
        self.engine.seal(checkpoint, Answer::Now(sender))?;
        receiver.recv().map_err(|_| StoreFault::Closed)?
    }

    fn next_checkpoint(&self, now: Moment) -> Result<Option<Checkpoint>, StoreFault> {
        let last = self.last_checkpoint()?;
        let (number, after, previous) = last.map_or((0, 0, chain::START), |c| (c.number, c.upto_position, c.hash));
        let upto = self.watermark()?.min(after + SEALED_AT_ONCE);
        if upto <= after {
            return Ok(None);
        }
        let mut touched = Touched::new();
        let mut from = after;
        while from < upto {
            let reader = self.engine.reader()?;
            from = seals::heads_between(&*reader, from, upto, CHUNK, &mut |tenant, subject, version, hash| {
                touched.insert((tenant, subject), (version, hash));
            })?;
        }
        if touched.is_empty() {
            // Positions that were drawn and never used.
            return Ok(None);
        }
        let at = Moment::from_microsecond(now.as_microsecond()).unwrap_or(now);
        let mut checkpoint = Checkpoint {
            number: number + 1,
            at,
            after_position: after,
            upto_position: upto,
            subjects: touched.len() as u64,
            root: root_of(&touched),
            hash: chain::START,
        };
        checkpoint.hash = checkpoint.sealed(&previous);
        Ok(Some(checkpoint))
    }
}

impl View {
    /// The newest checkpoint.
    pub fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreFault> {
        seals::last(&*self.engine.reader()?)
    }

    /// Figures of what is kept, for those who watch; some milliseconds on a large store.
    pub fn kept(&self, now: Moment) -> Result<Kept, StoreFault> {
        let kept = kept::kept(&*self.engine.reader()?, now)?;
        let (database_bytes, log_bytes) = self.engine.sizes();
        Ok(Kept { database_bytes, log_bytes, ..kept })
    }

    /// Asks the engine to check the database file itself; empty when it is sound. Reads the whole file.
    pub fn check_file(&self) -> Result<Vec<String>, StoreFault> {
        self.engine.check()
    }

    /// Walks the whole store while serving: recomputes every chain, compares heads and checkpoints with what is there, then
    /// hashes anew each message, document and pinned text that is kept beside the log. `progress` is told how many of how many
    /// rows are done. Memory: some tens of megabytes, whatever the store holds.
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, VerifyError> {
        let end = seals::end(&*self.engine.reader()?)?;
        let all = end + self.rows_beside()?;
        let mut found = self.verify_log(end, &mut |done| progress(done, all))?;
        self.verify_beside(&mut found, &mut |done| progress((end + done).min(all), all))?;
        Ok(found)
    }

    fn verify_log(&self, end: u64, progress: &mut dyn FnMut(u64)) -> Result<Verified, VerifyError> {
        let checkpoints = seals::all(&*self.engine.reader()?)?;
        let spare = Some(self.engine.reader()?).filter(|reader| matches!(reader, Reader::Pooled(_)));
        let mut walk = Walk {
            view: self,
            spare,
            checkpoints,
            place: 0,
            touched: Touched::new(),
            lately: HashMap::new(),
            before: HashMap::new(),
            subjects: 0,
            events: 0,
            suspect: None,
        };
        if let Err(error) = walk.whole(end, progress) {
            return Err(walk.name_suspect(error)?);
        }
        let checkpoints = walk.checkpoints.len() as u64;
        Ok(Verified { subjects: walk.subjects, events: walk.events, checkpoints, ..Verified::default() })
    }

    /// Copies the store to a new directory while it serves: one consistent state, the large bodies it names, and last the
    /// list of both with their digests. `vigil` is the version of whoever makes it, `at` the moment.
    pub fn backup(
        &self,
        to: &Path,
        vigil: &str,
        at: Moment,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Manifest, StoreFault> {
        let copied = self.engine.backup(to, progress)?;
        let manifest = Manifest {
            form: 1,
            vigil: vigil.to_owned(),
            made_at: at,
            schema: copied.schema,
            events: copied.events,
            checkpoint: copied.checkpoint.map(|c| (c.number, chain::hex(&c.hash))),
            files: copied.files,
        };
        manifest.write(to)?;
        Ok(manifest)
    }
}

/// A subject's key, folded so that a walk over millions stays small.
fn folded(event: &Sealed<'_>) -> [u8; 16] {
    let mut seal = Seal::new("");
    for word in [event.link.tenant, event.link.subject_kind, event.link.subject_id] {
        seal.word(word);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&seal.close()[..16]);
    short
}

struct Walk<'a> {
    view: &'a View,
    // To look up what is not kept; a store in memory has but one connection, and all is kept.
    spare: Option<Reader<'a>>,
    checkpoints: Vec<Checkpoint>,
    place: usize,
    touched: Touched,
    // Where the chains met lately stand, and those met before them.
    lately: HashMap<[u8; 16], (u64, [u8; 32])>,
    before: HashMap<[u8; 16], (u64, [u8; 32])>,
    subjects: u64,
    events: u64,
    // The window whose seal did not match: after, up to, and what was found in it.
    suspect: Option<(u64, u64, Touched)>,
}

impl Walk<'_> {
    fn number(&self) -> Option<u64> {
        self.checkpoints.get(self.place).map(|checkpoint| checkpoint.number)
    }

    fn whole(&mut self, end: u64, progress: &mut dyn FnMut(u64)) -> Result<(), VerifyError> {
        self.check_seals(end)?;
        let view = self.view;
        let mut from = 0;
        while from < end {
            let reader = view.engine.reader()?;
            let mut first = None;
            from = seals::events_between(&*reader, from, end, CHUNK, &mut |event| {
                self.step(&event).map_err(|fault| first = Some(fault)).is_ok()
            })?;
            drop(reader);
            if let Some(fault) = first {
                return Err(fault);
            }
            progress(from.min(end));
        }
        while self.place < self.checkpoints.len() {
            self.close_window()?;
        }
        self.compare_heads(end)
    }

    /// The checkpoints' own chain.
    fn check_seals(&self, end: u64) -> Result<(), VerifyError> {
        let (mut previous, mut after) = (chain::START, 0);
        for (place, checkpoint) in self.checkpoints.iter().enumerate() {
            let whole = checkpoint.number == place as u64 + 1
                && checkpoint.after_position == after
                && checkpoint.sealed(&previous) == checkpoint.hash;
            if !whole {
                return Err(bare(Some(place as u64 + 1), "the checkpoint itself was changed or removed").into());
            }
            (previous, after) = (checkpoint.hash, checkpoint.upto_position);
        }
        match self.checkpoints.iter().find(|checkpoint| checkpoint.upto_position > end) {
            Some(checkpoint) => Err(self.cut(checkpoint, end)?.into()),
            None => Ok(()),
        }
    }

    /// The log ends before a checkpoint does: names the first subject whose head says so.
    fn cut(&self, checkpoint: &Checkpoint, end: u64) -> Result<FirstFault, StoreFault> {
        let missing = seals::head_after(&*self.view.engine.reader()?, end)?;
        let what = format!("the log ends at position {end}, the checkpoint sealed {}", checkpoint.upto_position);
        let mut fault = bare(Some(checkpoint.number), &what);
        if let Some((tenant, subject, version)) = missing {
            (fault.tenant, fault.subject, fault.version) = (Some(tenant), Some(subject), Some(version));
        }
        Ok(fault)
    }

    fn step(&mut self, event: &Sealed<'_>) -> Result<(), VerifyError> {
        while self.checkpoints.get(self.place).is_some_and(|c| c.upto_position < event.position) {
            self.close_window()?;
        }
        let number = self.number();
        let version = event.link.version as u64;
        let key = folded(event);
        let (last, previous) = self.stood(&key, event)?;
        let at = |version, what: String| {
            let link = &event.link;
            let subject = Some(SubjectKey::new(link.subject_kind, link.subject_id));
            FirstFault {
                checkpoint: number,
                tenant: Some(link.tenant.to_owned()),
                row: None,
                subject,
                version: Some(version),
                what,
            }
        };
        if version != last + 1 {
            return Err(at(last + 1, format!("version {} is missing: {version} follows {last}", last + 1)).into());
        }
        let hash = event.link.hash(&previous);
        if hash[..] != *event.hash {
            return Err(at(version, "the event is not what was written: its hash does not match".to_owned()).into());
        }
        self.subjects += u64::from(last == 0);
        if self.spare.is_some() && self.lately.len() >= KEPT {
            self.before = std::mem::take(&mut self.lately);
        }
        self.lately.insert(key, (version, hash));
        if number.is_some() {
            let subject = SubjectKey::new(event.link.subject_kind, event.link.subject_id);
            self.touched.insert((event.link.tenant.to_owned(), subject), (version, hash));
        }
        self.events += 1;
        Ok(())
    }

    /// How an event's subject stood before it.
    fn stood(&self, key: &[u8; 16], event: &Sealed<'_>) -> Result<(u64, [u8; 32]), StoreFault> {
        let link = &event.link;
        let known = self.lately.get(key).or_else(|| self.before.get(key)).copied();
        let stood = match (known, &self.spare) {
            (None, Some(spare)) if link.version > 1 => {
                let subject = (link.subject_kind, link.subject_id);
                seals::before(&**spare, link.tenant, subject, link.version as u64)?
            }
            _ => known,
        };
        Ok(stood.unwrap_or((0, chain::START)))
    }

    /// The end of a checkpoint's window: its root must come out again.
    fn close_window(&mut self) -> Result<(), VerifyError> {
        let touched = std::mem::take(&mut self.touched);
        let checkpoint = &self.checkpoints[self.place];
        self.place += 1;
        if root_of(&touched) == checkpoint.root && touched.len() as u64 == checkpoint.subjects {
            return Ok(());
        }
        let what = format!("{} subjects were sealed here, {} are found", checkpoint.subjects, touched.len());
        let fault = bare(Some(checkpoint.number), &format!("events were removed or replaced ({what})"));
        self.suspect = Some((checkpoint.after_position, checkpoint.upto_position, touched));
        Err(fault.into())
    }

    /// A seal that does not match cannot tell whose events are gone; the heads often can.
    fn name_suspect(&self, error: VerifyError) -> Result<VerifyError, StoreFault> {
        let Some((after, upto, touched)) = &self.suspect else { return Ok(error) };
        let VerifyError::Broken(mut fault) = error else { return Ok(error) };
        let (after, upto) = (*after, *upto);
        let reader = self.view.engine.reader()?;
        seals::heads(&*reader, after, upto, &mut |tenant, subject, version, hash| {
            let key = (tenant, subject);
            let same = touched.get(&key) == Some(&(version, hash));
            if !same {
                (fault.tenant, fault.subject, fault.version) = (Some(key.0), Some(key.1), Some(version));
            }
            same
        })?;
        Ok(VerifyError::Broken(fault))
    }

    /// The heads that appends rely on must be the ends of the chains.
    fn compare_heads(&self, end: u64) -> Result<(), VerifyError> {
        let mut after = HeadKey::default();
        loop {
            let reader = self.view.engine.reader()?;
            let upto = seals::head_at(&*reader, &after, COMPARED - 1)?;
            if let Some(astray) = seals::astray(&*reader, end, &after, upto.as_ref())? {
                return Err(not_the_end(astray).into());
            }
            let Some(upto) = upto else { break };
            after = upto;
        }
        // New subjects came meanwhile; only a missing one is a fault.
        match seals::count_heads(&*self.view.engine.reader()?)? < self.subjects {
            true => Err(bare(None, "a subject's head is missing").into()),
            false => Ok(()),
        }
    }
}

fn not_the_end(astray: Astray) -> FirstFault {
    let (version, found) = (astray.version, astray.found);
    let mut first = bare(None, &format!("the subject's head says version {version}, its events end at {found}"));
    (first.tenant, first.subject) = (Some(astray.tenant), Some(astray.subject));
    first.version = Some(found.min(version) + u64::from(found < version));
    first
}

fn bare(checkpoint: Option<u64>, what: &str) -> FirstFault {
    FirstFault { checkpoint, tenant: None, row: None, subject: None, version: None, what: what.to_owned() }
}
