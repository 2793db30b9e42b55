//! Status packs: `status/**/*.toml`, what the hospital side stands on. One file may hold rules, timings, payer guidelines,
//! inpatient-only lists and reasons for delay; the worked examples stand beside them in `*.cases.toml`.

pub mod ask;
mod lint;
mod page;
mod read;
mod rows;

pub use lint::{StatusReport, check};
pub use page::page;
pub use read::{StatusPlace, StatusRead, read};
pub use rows::{StatusRow, run};

use vigil_domain::status::StatusBook;

use crate::{issue::PackIssue, shelf::Shelf};

/// Reads this room's packs from the shelf. An overlay adds; it takes over a shipped rule only with
/// `replaces = "ID@DIGEST"`. Timings, guidelines, lists and reasons are the site's own and are replaced by their id.
pub fn load(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> StatusBook {
    read(shelf, issues).book
}
