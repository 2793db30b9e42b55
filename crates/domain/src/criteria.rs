//! (under construction: owned by the criteria room)
/// Criteria packs in memory.
#[derive(Debug, Default)]
pub struct CriteriaBook {}
