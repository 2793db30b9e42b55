//! The stay: one hospital encounter, watched from the first hour. It copies what feeds, people and payers said, and never
//! reads a case.

pub mod facility;
pub mod news;
pub mod track;
