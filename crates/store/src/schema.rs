//! The schema as an operator sees it: what a store has, what this Vigil knows, what waits.
//!
//! A change comes in two steps. The first only adds, runs when a newer Vigil opens the store, and still lets the older
//! Vigil in: there is a way back. The second takes away what nobody reads any more; `vigil migrate --contract` runs it once
//! the older Vigil is not wanted back, and from then on it is refused.

use serde::Serialize;

/// When a step may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Only adds; runs by itself.
    Expand,
    /// Takes away; runs when asked for.
    Contract,
}

/// A step that has not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Its number.
    pub version: i64,
    /// When it may run.
    pub phase: Phase,
    /// What it is for.
    pub says: &'static str,
}

/// Where a store stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schema {
    /// The newest step that ran; 0 for an empty store.
    pub found: i64,
    /// The newest step this Vigil knows.
    pub known: i64,
    /// A Vigil that does not know this step is refused.
    pub lets_in: i64,
    /// Steps this Vigil knows that have not run.
    pub waiting: Vec<Waiting>,
}
