//! (under construction)

use crate::{issue::PackIssue, shelf::Shelf};
use vigil_domain::criteria::CriteriaBook;

/// Reads this room's packs from the shelf.
pub fn load(_shelf: &Shelf, _issues: &mut Vec<PackIssue>) -> CriteriaBook {
    CriteriaBook::default()
}
