//! The hospital's side of the desk: stays are fed, acted on, projected and ticked like cases, by the same loop.

pub mod act;
pub mod books;
pub mod feed;
pub mod figures;
pub mod handover;
pub mod import;
mod joins;
pub mod paper;
pub mod parked;
pub mod project;
pub mod pulse;
pub mod records;
mod route;
pub mod transaction;
pub mod warm;
