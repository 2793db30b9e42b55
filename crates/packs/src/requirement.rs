//! (under construction)

use crate::{issue::PackIssue, shelf::Shelf};
use vigil_domain::requirement::RequirementBook;

/// Reads this room's packs from the shelf.
pub fn load(_shelf: &Shelf, _issues: &mut Vec<PackIssue>) -> RequirementBook {
    RequirementBook::default()
}
