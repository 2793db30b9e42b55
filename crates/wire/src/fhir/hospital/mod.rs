//! Hospital stays out of FHIR resources: folders of NDJSON or transaction Bundles. Resources are gathered first, since they
//! point at each other in any order; then each hospital encounter becomes the news of one stay. Every record is accounted
//! for: taken, ignored and why, refused and why.

mod account;
mod evidence;
mod gather;
mod news;
pub mod transaction;
mod visit;

pub use account::{Account, Refused};
pub use gather::{Gathering, READ, is_of};
pub use news::{File, Gathered};
pub use visit::FhirReading;
