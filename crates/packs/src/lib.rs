//! The law library: opens the packs embedded in the binary, lays a customer's overlay folders over them, and hands the
//! result down as a plain [`vigil_domain::library::Library`]. Every complaint names file and line.

pub mod ask;
pub mod authority;
pub mod coverage;
pub mod criteria;
pub mod diff;
pub mod issue;
pub mod law;
pub mod lint;
pub mod notice;
pub mod probe;
pub mod requirement;
pub mod shelf;
pub mod status;
pub mod table;

use std::path::Path;

use issue::PackIssue;
use shelf::Shelf;
use vigil_domain::library::Library;

/// Opens the embedded packs with the given overlay folders over them, in order.
///
/// Either the whole library, or every complaint at once.
pub fn open(overlays: &[&Path]) -> Result<Library, Vec<PackIssue>> {
    let shelf = Shelf::read(overlays)?;
    let mut issues = Vec::new();
    let criteria = criteria::load(&shelf, &mut issues);
    let library = Library {
        law: law::load(&shelf, &mut issues),
        requirements: requirement::load(&shelf, &criteria, &mut issues),
        authority: authority::load(&shelf, &mut issues),
        criteria,
        notices: notice::load(&shelf, &mut issues),
        status: status::load(&shelf, &mut issues),
        digest: shelf.digest(),
    };
    if issues.is_empty() { Ok(library) } else { Err(issues) }
}
