//! The judgement of Vigil: pure values, no IO, no wall time, no randomness.
//!
//! Two functions hold all behaviour of a case: [`case::decide`] answers a command with events or a refusal, and
//! [`case::evolve`] applies one event. Ids and the present moment always come in as values. Nothing in this crate
//! can deny a service by machine: an [`determination::AdverseDetermination`] needs a [`authority::PeerReviewer`].

pub mod authority;
pub mod calendar;
pub mod case;
pub mod clock;
pub mod code;
pub mod control_chart;
pub mod criteria;
pub mod determination;
pub mod evidence;
pub mod improvement;
pub mod law;
pub mod library;
pub mod motion;
pub mod notice;
pub mod party;
pub mod reason;
pub mod request;
pub mod requirement;
pub mod status;
pub mod stay;
pub mod time;
