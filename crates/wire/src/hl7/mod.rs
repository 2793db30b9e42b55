//! HL7 version 2: pipes and carets into news of a stay, and the acknowledgement back.
//!
//! Read fully, then judge: a message becomes news, or every issue with the segment and field at fault. Empty fields say
//! nothing, `""` says "none any more". Times without a zone are the facility's. What no reader knows is kept.

pub mod ack;
mod fields;
mod insurance;
mod lexer;
pub mod made;
mod order;
mod people;
mod read;
mod time;
mod trigger;

pub use ack::{Ack, Told, acknowledge, faults};
pub use lexer::{Delimiters, Header, Message, Segment};
pub use read::{Reading, Received, Unread, read};
