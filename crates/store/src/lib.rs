//! Memory: the event log, messages, documents, read models, deadlines, errands and trail, on SQLite.
//!
//! [`Store`] writes and reads; [`View`] only reads, and is what pages are given. All writes share one bounded queue and
//! one writer, which puts what is waiting into one durable transaction before anybody is answered.

mod beside;
mod body;
mod carry;
mod chain;
mod commit;
mod directory;
mod engine;
mod errand;
mod export;
mod fault;
mod maintain;
mod manifest;
mod migrate;
mod packing;
mod pulse;
mod rebuild;
mod restore;
mod rows;
mod schema;
mod sorted;
mod stay_rows;
mod stay_view;
mod store;
mod trail;
mod view;

pub use chain::first_break;
pub use commit::{
    Commit, CommitError, Committed, Document, Head, MessageNote, NewEvent, NewMessage, Pin, StoredEvent, StoredMessage,
    SubjectKey, digest_of, message_key,
};
pub use directory::{Account, CodeEntry, Session, Token, Write, WriteItem};
pub use engine::fail::EngineError;
pub use engine::postgres::{address::Address, schema::Migrated};
pub use engine::work::{WorkCursor, WorkFilter, WorkPage};
pub use errand::{Errand, ErrandId, NewErrand};
pub use fault::StoreFault;
pub use maintain::{Checkpoint, FirstFault, Verified, VerifyError};
pub use manifest::{Copied, MANIFEST, Manifest};
pub use migrate::{schema_at, schema_of};
pub use pulse::{Kept, Pulse};
pub use rebuild::{Rebuild, Tail};
pub use restore::{RestoreError, Restored, restore};
pub use rows::{DeadlineKind, DeadlineRow, DecidedRow, DueDeadline, KeyRow, MeasureRow, Row, WorkRow};
pub use schema::{Phase, Schema, Waiting};
pub use stay_rows::{
    CensusRow, DelayRow, EscalationRow, FiguresRow, NoticeRow, PayerRow, QueryRow, Record, StayModel, StayRow,
};
pub use store::{Options, Store};
pub use trail::{TrailEntry, TrailNote, TrailRow, TrailSubject};
pub use view::View;
