//! The library: which rules, criteria, requirements and notices there are, what each says, and on whose authority.

pub mod criteria;
pub mod lists;
pub mod rules;
pub mod what_if;
