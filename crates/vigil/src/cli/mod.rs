//! The command line: one module a command.

pub mod clock;
pub mod criteria;
pub mod packs;
