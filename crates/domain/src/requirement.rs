//! (under construction: owned by the criteria room)
/// Requirement packs in memory.
#[derive(Debug, Default)]
pub struct RequirementBook {}
