//! Every "no" a stay can say: the same form as the case's, with the rule that says it and what would do.

pub use crate::case::refusal::{Refusal, Refused};
