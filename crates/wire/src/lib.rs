//! Translation: standard messages to and from the domain. Text in, values out; no clock, no IO, no randomness.
//!
//! This is the only room that knows the field names of a standard. Reading gives a typed value or *all* issues;
//! writing gives bytes that say exactly what the caller decided and nothing more.

pub mod csv;
pub mod fhir;
pub mod hl7;
pub mod issue;
pub mod json;
