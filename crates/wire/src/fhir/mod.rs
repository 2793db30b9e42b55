//! FHIR R4: the resources a prior authorization touches, read by hand and written by hand.

mod binding;
pub mod bundle;
pub mod capability;
pub mod clinical;
pub mod directory;
pub mod document;
pub mod hospital;
pub mod outcome;
pub mod party;
pub mod pas;
pub(crate) mod pick;
mod pointer;
pub mod references;
mod shape;
pub mod systems;
pub(crate) mod write;
