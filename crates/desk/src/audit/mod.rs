//! What an auditor asks for: one case with everything behind it, and the list of all cases of a span.

mod packet;
mod sample;
mod universe;
mod zip;

pub use packet::Packet;
pub use sample::sample;
pub use universe::{COLUMNS, Selection, Universe, UniverseError};
