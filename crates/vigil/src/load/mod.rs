//! Load: a plan's requests sent to a serving Vigil over HTTP, in a closed or an open loop, with every answer's time kept.

pub mod drive;
pub mod histogram;
mod line;
pub mod roster;
