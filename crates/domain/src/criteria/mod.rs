//! Clinical criteria: public rules as trees over facts, judged in three values, never a denial.
//!
//! A [`Service`] is one compiled pack version. [`Facts`] are gathered for it from a request; [`evaluate`] answers met, not
//! met or unknown with a [`Trace`]; [`CriteriaBook::binding`] says which packs bind for a line at all. `Met` may be
//! approved by automation only when [`Trace::approvable`]; everything else goes to a person or asks for a fact.

mod binding;
pub mod definition;
mod evaluate;
mod facts;
mod ground;
pub mod outline;
mod plan;
mod relevance;
pub mod unit;

use std::{collections::BTreeMap, sync::Arc};

pub use binding::{Apart, Binding, Bound, IndividualReview};
pub use definition::{Basis, Definition, FactDef, FactKind};
pub use evaluate::{Authorities, Explained, ExplainedLeaf, Outcome, Trace, evaluate, evaluate_where};
pub use facts::{Evidence, Facts, Reading, SetAside, SetAsideWhy};
pub use ground::Ground;
pub use plan::Service;

use crate::{code::Code, library::Digest, time::Day};

/// Criteria packs in memory: every version of every service, and the versions open cases pinned.
#[derive(Debug, Default)]
pub struct CriteriaBook {
    services: BTreeMap<String, Vec<Arc<Service>>>,
    by_digest: BTreeMap<Digest, Arc<Service>>,
    by_code: BTreeMap<String, Vec<String>>,
    individual: Vec<IndividualReview>,
}

impl CriteriaBook {
    /// Puts the packs of a library together. The packs room has checked that versions do not overlap.
    pub fn new(services: impl IntoIterator<Item = Service>, individual: Vec<IndividualReview>) -> Self {
        let mut book = Self { individual, ..Self::default() };
        for service in services {
            let service = Arc::new(service);
            for (_, value) in service.definition().codes.binding() {
                let ids = book.by_code.entry(value.to_owned()).or_default();
                if !ids.contains(&service.definition().id) {
                    ids.push(service.definition().id.clone());
                }
            }
            book.keep(service.clone());
            book.services.entry(service.definition().id.clone()).or_default().push(service);
        }
        for versions in book.services.values_mut() {
            versions.sort_by_key(|service| service.definition().from);
        }
        book
    }

    /// Keeps a version that an open case pinned and that is no longer on the shelf: found by digest, never binding.
    pub fn keep(&mut self, service: Arc<Service>) {
        self.by_digest.insert(service.digest().clone(), service);
    }

    /// The version with this digest.
    pub fn by_digest(&self, digest: &str) -> Option<&Arc<Service>> {
        self.by_digest.get(digest)
    }

    /// The version of a service in force on a day, disabled and illustrative ones included. The latest that has begun: a
    /// later version ends the one before it.
    pub fn in_force(&self, id: &str, day: Day) -> Option<&Arc<Service>> {
        self.services
            .get(id)?
            .iter()
            .rev()
            .find(|s| s.definition().from.is_none_or(|from| from <= day))
            .filter(|s| s.definition().in_force(day))
    }

    /// The latest version of a service.
    pub fn latest(&self, id: &str) -> Option<&Arc<Service>> {
        self.services.get(id)?.last()
    }

    /// The latest version of every service, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Service>> {
        self.services.values().filter_map(|versions| versions.last())
    }

    /// Every version of every service.
    pub fn versions(&self) -> impl Iterator<Item = &Arc<Service>> {
        self.services.values().flatten()
    }

    /// Ids of the services whose packs name one of the codes (diagnosis hints apart), in order.
    pub fn services_for<'a>(&'a self, codes: impl Iterator<Item = &'a Code>) -> Vec<&'a str> {
        let mut found: Vec<&str> = Vec::new();
        for code in codes {
            for id in self.by_code.get(&code.value).into_iter().flatten() {
                let named = self.services[id].iter().any(|service| service.definition().codes.names(code));
                if named && !found.contains(&id.as_str()) {
                    found.push(id);
                }
            }
        }
        found
    }

    /// Rules by which some members are judged one by one.
    pub fn individual(&self) -> &[IndividualReview] {
        &self.individual
    }
}

impl CriteriaBook {
    /// The specialties whose expertise fits the named services, as the packs say.
    pub fn specialties(&self, services: &[String]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for id in services {
            for word in self.latest(id).into_iter().flat_map(|s| &s.definition().specialties) {
                if !found.contains(word) {
                    found.push(word.clone());
                }
            }
        }
        found
    }

    /// Whether a fact stated by hand names a fact of its service and is of its kind.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn accepts(&self, fact: &crate::evidence::Fact) -> Result<(), String> {
        let Some(service) = self.latest(&fact.service) else {
            return Err(format!("There is no criteria pack {}.", fact.service));
        };
        let facts = Facts::from_values(service, [(fact.id.as_str(), fact.value.clone())], &fact.source)
            .map_err(|problems| problems.join(" "))?;
        match facts.set_aside().first() {
            Some(aside) => Err(format!("{}: {}.", aside.fact, aside.why.says())),
            None => Ok(()),
        }
    }
}
