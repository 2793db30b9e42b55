//! One suite for the store, run on both engines: SQLite in memory and on disk, and PostgreSQL.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
mod suite {
    pub mod beside;
    pub mod disk;
    pub mod log;
    pub mod nodes;
    pub mod packed;
    pub mod rebuild;
    pub mod seals;
    pub mod tls;
    pub mod whole;
    pub mod work;
}
