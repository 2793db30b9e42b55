//! (stub while the requirement room is being built)
use crate::{party::LineOfBusiness, request::ServiceLine, time::Day};
#[derive(Debug, Default)]
pub struct RequirementBook {}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    Required,
    NotRequired,
    Unlisted,
}
pub struct Requirement {
    pub needed: Needed,
    pub citation: String,
    pub says: String,
    pub service: Option<String>,
}
impl RequirementBook {
    pub fn needed(&self, _l: &ServiceLine, _b: &LineOfBusiness, _p: &str, _on: Day) -> Requirement {
        Requirement { needed: Needed::Unlisted, citation: String::new(), says: String::new(), service: None }
    }
}
