//! Figures of the law room.
fn main() {}
