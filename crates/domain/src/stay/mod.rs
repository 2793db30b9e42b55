//! The stay: one hospital encounter, watched from the first hour. It copies what feeds, people and payers said, and never
//! reads a case.

mod alias;
mod cancel;
pub mod facility;
mod ledger;
pub mod news;
mod present;
mod standing;
pub mod track;
