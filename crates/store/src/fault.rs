//! What can break in the store room: the disk, the database, the queue. Never a business answer.

use std::path::PathBuf;

use crate::engine::fail::EngineError;

/// The world broke, or is too busy, while the store did something.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// Another process holds the data directory (exit code 75).
    #[error("the data directory {} is in use by another Vigil; stop it first or go through it", dir.display())]
    Locked {
        /// The directory asked for.
        dir: PathBuf,
    },
    /// The write queue is full (becomes 503 with Retry-After).
    #[error("the store is busy: too many writes are waiting; try again shortly")]
    Busy,
    /// The store was closed, or its writer stopped.
    #[error("the store is closed")]
    Closed,
    /// The directory was written by a newer Vigil that has taken away what this one needs (exit code 65).
    #[error(
        "the data directory needs a Vigil that knows schema {found}, this one knows up to {known}: use a newer Vigil"
    )]
    Newer {
        /// Schema version in the file.
        found: i64,
        /// Newest schema version this binary knows.
        known: i64,
    },
    /// An address of a store that cannot be read.
    #[error("the address of the store cannot be read: {why}")]
    Address {
        /// What is wrong with it; never its password.
        why: String,
    },
    /// What the database's own tools do.
    #[error("a store in PostgreSQL is backed up by PostgreSQL's own tools (docs/operate/scale-out.md)")]
    OwnTools,
    /// Data is copied only into a store that holds none.
    #[error("the store in PostgreSQL holds data already: name an empty schema")]
    NotEmpty,
    /// A node of an older version still serves from this store.
    #[error("a node of an older Vigil still serves from this store: stop it first")]
    OlderNodes,
    /// Another node is at the same work.
    #[error("another node is at it; try again later")]
    Elsewhere,
    /// The database refused or failed.
    #[error("the database failed to {doing}: {source}")]
    Sql {
        /// What was being done.
        doing: &'static str,
        /// The engine's own words.
        #[source]
        source: EngineError,
    },
    /// A file could not be read or written.
    #[error("could not {doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's own words.
        #[source]
        source: std::io::Error,
    },
    /// A stored value is not in the form Vigil writes.
    #[error("a stored {what} cannot be read: {why}")]
    Spoiled {
        /// What was read.
        what: &'static str,
        /// Why it cannot be read.
        why: String,
    },
}

impl StoreFault {
    /// Whether trying again later can help without anybody repairing anything.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Busy | Self::Locked { .. } | Self::Elsewhere => true,
            Self::Sql { source, .. } => source.passes() || source.is_held(),
            _ => false,
        }
    }

    /// Whether the database is out of reach or did not answer in time.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Sql { source, .. } if source.passes())
    }

    /// Whether the disk took no more: it is full, gives errors, or may not be written. Nothing of the write was kept.
    pub fn is_disk(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
        match self {
            Self::Sql { source: EngineError::Sqlite(source), .. } => {
                matches!(source.sqlite_error_code(), Some(DiskFull | SystemIoFailure | ReadOnly | CannotOpen))
            }
            Self::Io { .. } => true,
            _ => false,
        }
    }

    /// Whether the database file itself is damaged (a page, not a row).
    pub fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let Self::Sql { source: EngineError::Sqlite(source), .. } = self else { return false };
        matches!(source.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether the store was written by a newer Vigil: neither waiting nor repairing helps, only another binary.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Newer { .. })
    }

    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}

/// Names what was being done when the database failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, StoreFault>;
}

impl<T, E: Into<EngineError>> Doing<T> for Result<T, E> {
    fn doing(self, doing: &'static str) -> Result<T, StoreFault> {
        self.map_err(|source| StoreFault::Sql { doing, source: source.into() })
    }
}
