//! What every clock of a case begins with: its number, its warning, and the law's word for receipt.

use super::Draft;
use crate::time::Moment;

/// The law's word for the receipt of the request.
pub(super) const RECEIVED: &str = "request_received";

/// The next clock's number inside the case.
pub(super) fn next_id(draft: &Draft<'_>) -> u32 {
    draft.case().clocks.iter().map(|c| c.id).max().unwrap_or(0) + 1
}

/// People are warned when a quarter of the time is left, at most a day and at least an hour before.
pub(super) fn warn(started: Moment, due: Moment) -> Moment {
    let whole = due.as_second() - started.as_second();
    let before = (whole / 4).clamp(3_600, 86_400);
    Moment::from_second(due.as_second() - before).unwrap_or(due)
}
