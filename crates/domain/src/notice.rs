//! (under construction: owned by the notice room)
/// Notice packs in memory.
#[derive(Debug, Default)]
pub struct NoticeBook {}
