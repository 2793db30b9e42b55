//! One suite for the store, run on the engine in memory and on the engine on disk.
#![allow(missing_docs)]

mod common;
mod suite {
    pub mod log;
}
