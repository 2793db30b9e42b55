//! The hospital's feeds, end to end: FHIR files through the command, ADT through a real MLLP connection, parked messages
//! replayed. The simulated hospital of the reference is used when `VIGIL_REFERENCE` names it.
#![allow(clippy::unwrap_used)]

#[path = "../../../store/tests/common/authority.rs"]
mod authority;
#[path = "../story/client.rs"]
#[allow(dead_code, reason = "the stories use more of it")]
mod client;
#[path = "../story/house.rs"]
#[allow(dead_code, reason = "the stories use more of the house")]
mod house;
mod messages;
mod papers;
mod reference;
mod tls;
mod transactions;
