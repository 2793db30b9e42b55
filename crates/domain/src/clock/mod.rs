//! Clock arithmetic: from one rule and the events of one case to a due time, a status, and the reasons in words.
//!
//! Every sentence here follows the published conventions: an elapsed clock counts from the instant, a day clock from the
//! local date (day 0) to 23:59:59, nothing rolls, nothing is inferred, and the zone never changes the holiday list.

mod answer;
mod combine;
mod days;
mod explain;
mod given;
mod stops;

pub use answer::{Answer, Asked, Candidate, Question, answer};
pub use combine::{compute, compute_pinned};
pub use explain::{Step, explain, moment_in_words, print_moment};
pub use given::{Branch, Computed, Extend, Extended, Given, Invalid, NO_FLAGS, Status, read_day, read_moment};
pub use stops::Stop;
