//! How a statement fails, in the engines' own words.

/// What a statement's run may give.
pub(crate) type Result<T> = std::result::Result<T, EngineError>;

/// The engine's own words when a statement fails.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// SQLite's.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL's, with its five-letter code; never the detail, which may quote a row.
    #[error("{says} ({code})")]
    Postgres {
        /// SQLSTATE.
        code: String,
        /// The server's sentence.
        says: String,
    },
    /// The connection to the database was lost, or could not be made.
    #[error("the database is out of reach: {0}")]
    Line(#[from] std::io::Error),
    /// No row where there should be one.
    #[error("no row was found")]
    NoRow,
    /// A column holds what Vigil does not write there.
    #[error("column {column} cannot be read: {why}")]
    Cell {
        /// The column's place in the statement, from 0.
        column: usize,
        /// Why.
        why: String,
    },
}

impl EngineError {
    /// Whether trying again later can help without anybody repairing anything.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Line(_) => true,
            // Connection lost, server stopping or starting, too many connections, a standby, a timeout, a lost race.
            Self::Postgres { code, .. } => {
                let class = code.get(..2).unwrap_or_default();
                ["08", "53", "40"].contains(&class)
                    || ["57P01", "57P02", "57P03", "57P05", "57014", "55P03", "25006", "25P03"].contains(&code.as_str())
            }
            _ => false,
        }
    }

    /// Whether another held the file for longer than we wait: nothing was kept.
    pub(crate) fn is_held(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        let Self::Sqlite(error) = self else { return false };
        matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
    }

    /// Whether another transaction came between, so that the same work can be tried again at once.
    pub(crate) fn lost_race(&self) -> bool {
        matches!(self, Self::Postgres { code, .. } if ["40001", "40P01", "23505"].contains(&code.as_str()))
    }

    /// Whether the connection is gone or of no more use.
    pub(crate) fn lost_line(&self) -> bool {
        match self {
            Self::Line(_) => true,
            Self::Postgres { code, .. } => {
                code.starts_with("08") || code.starts_with("57P") || ["25006", "25P03"].contains(&code.as_str())
            }
            _ => false,
        }
    }
}
