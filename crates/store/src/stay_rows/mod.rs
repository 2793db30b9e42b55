//! The hospital's read models: what the census, the lists of due work and the measures show. One table keeps them all, a
//! kind per model; the columns are what lists are found and ordered by, the rest is the model's own body.

mod census;
mod due;
mod figures;
mod model;
mod record;

pub use census::CensusRow;
pub use due::{EscalationRow, NoticeRow, PayerRow, QueryRow};
pub use figures::{DelayRow, FiguresRow};
pub use model::{StayModel, StayRow};
pub use record::Record;
