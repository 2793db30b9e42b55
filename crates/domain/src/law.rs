//! (under construction: owned by the law room)
/// Law packs in memory.
#[derive(Debug, Default)]
pub struct LawBook {}
