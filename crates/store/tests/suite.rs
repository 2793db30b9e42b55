//! One suite for the store, run on the engine in memory and on the engine on disk.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
mod suite {
    pub mod beside;
    pub mod disk;
    pub mod log;
    pub mod rebuild;
    pub mod seals;
    pub mod work;
}
