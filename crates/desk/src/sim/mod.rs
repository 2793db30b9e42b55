//! The simulation: a seeded department that lives whole years in seconds, and is checked at every step.
//!
//! [`run`] drives the ordinary desk (`submit`, `enter`, `act`, `tick`, `run_errands`, `inquire`) under a simulated clock;
//! [`invariants`] says what must hold; [`demo`] leaves a living department behind for `vigil demo`. Nothing here reads the
//! wall clock or the system's randomness: the same seed gives the same log, on memory and on disk.

pub mod arrivals;
pub mod demo;
mod ending;
mod faults;
pub mod hospital;
pub mod invariants;
mod later;
mod office;
pub mod people;
pub(crate) mod policy;
mod report;
pub mod rng;
mod run;
pub mod services;
pub mod world;

pub use invariants::Failure;
pub use report::Report;
pub use run::{Plan, Sim, run};
