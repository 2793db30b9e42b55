//! (stub while the authority room is being built)
use crate::{
    determination::ReviewerRecord,
    party::{Credential, LineOfBusiness},
    time::Day,
};
#[derive(Debug, Default)]
pub struct AuthorityBook {}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Approve,
    Deny,
    Appeal,
}
pub struct ReviewQuestion<'a> {
    pub act: Act,
    pub line_of_business: &'a LineOfBusiness,
    pub jurisdiction: String,
    pub specialties: Vec<String>,
    pub day: Day,
    pub earlier: Vec<String>,
    pub attests_no_conflict: bool,
}
#[derive(Debug, Clone)]
pub struct Unqualified {
    pub rule: String,
    pub cite: String,
    pub says: String,
    pub instead: String,
}
pub struct PeerReviewer {
    person: String,
    name: String,
}
impl PeerReviewer {
    pub fn record(&self) -> ReviewerRecord {
        ReviewerRecord {
            person: self.person.clone(),
            name: self.name.clone(),
            licence: String::new(),
            specialty: String::new(),
            rules: vec![],
        }
    }
}
impl AuthorityBook {
    pub fn may(&self, _c: &Credential, _q: &ReviewQuestion<'_>) -> Result<(), Vec<Unqualified>> {
        Ok(())
    }
    pub fn peer_reviewer(&self, c: &Credential, q: &ReviewQuestion<'_>) -> Result<PeerReviewer, Vec<Unqualified>> {
        let licensed = c.licences.iter().any(|l| l.kind == "MD" && l.from <= q.day && q.day <= l.through);
        if licensed && q.attests_no_conflict {
            Ok(PeerReviewer { person: c.person.clone(), name: c.name.clone() })
        } else {
            Err(vec![])
        }
    }
}
