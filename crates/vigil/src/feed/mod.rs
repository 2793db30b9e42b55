//! The hospital's feeds: HL7 version 2 over MLLP, in and (for load and tests) out.

pub mod client;
pub mod frame;
pub mod lanes;
pub mod mllp;
