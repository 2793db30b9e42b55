//! What waits for the writer, and what becomes of it.

use crate::{
    StoreFault,
    commit::{CommitError, Committed},
    directory::Write,
    engine::{
        prepared::Prepared,
        seam::{Answer, Kept},
    },
};

/// What a commit will have made of its subject, noted before the transaction is asked to be kept: when the answer to that
/// is lost with the connection, the subject's head tells whether it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) version: u64,
    pub(crate) hash: [u8; 32],
}

/// A piece of work for the writer.
pub(crate) enum Job {
    /// Commits that are kept together, with what each was promised to become.
    Commit {
        prepared: Vec<Prepared>,
        promises: Vec<Option<Promise>>,
        answer: Answer<Kept>,
    },
    Write {
        items: Write,
        answer: Answer<Result<(), StoreFault>>,
    },
}

/// What an attempt made of a job.
pub(crate) enum Verdict {
    /// The commits stand.
    Kept(Vec<Committed>),
    /// One of the commits is refused; nothing of them was written.
    Refused(CommitError),
    /// The items stand.
    Written,
    /// The items cannot be written, whatever happens to the others.
    Unfit(StoreFault),
    /// It must wait for the next batch.
    Later,
}

impl Job {
    /// About how many bytes it sends.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Commit { prepared, .. } => prepared
                .iter()
                .map(|prepared| {
                    let message = prepared.message.as_ref().map_or(0, |m| m.request.len() + m.response.len());
                    let events: usize = prepared.commit.events.iter().map(|event| event.body.len() + 200).sum();
                    message + events + prepared.documents.iter().map(|document| document.body.len()).sum::<usize>()
                })
                .sum(),
            Self::Write { items, .. } => items.items.len() * 400,
        }
    }

    /// Answers with what became of it; a job that must wait comes back.
    pub(crate) fn answer(self, verdict: Verdict) -> Option<Self> {
        match (self, verdict) {
            (job, Verdict::Later) => return Some(job),
            (Self::Commit { answer, .. }, Verdict::Kept(committed)) => answer.give(Ok(committed)),
            (Self::Commit { answer, .. }, Verdict::Refused(error)) => answer.give(Err(error)),
            (Self::Commit { answer, .. }, Verdict::Unfit(fault)) => answer.give(Err(fault.into())),
            (Self::Commit { answer, .. }, Verdict::Written) => answer.give(Err(StoreFault::Closed.into())),
            (Self::Write { answer, .. }, Verdict::Written) => answer.give(Ok(())),
            (Self::Write { answer, .. }, Verdict::Unfit(fault)) => answer.give(Err(fault)),
            (Self::Write { answer, .. }, Verdict::Kept(_) | Verdict::Refused(_)) => {
                answer.give(Err(StoreFault::Closed))
            }
        }
        None
    }

    /// Answers with a fault.
    pub(crate) fn fail(self, fault: StoreFault) {
        self.answer(Verdict::Unfit(fault));
    }
}
