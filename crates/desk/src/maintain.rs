//! Upkeep: the texts that old cases pinned stay on the shelf.

use std::sync::Arc;

use vigil_domain::{criteria::Service, law::Rule, library::Library};
use vigil_store::{Store, StoreFault};

/// Puts the texts that old cases pinned and that are no longer on the shelf back on it (DECISIONS 16). `reopen` reads a
/// criteria pack from its canonical text.
///
/// # Errors
/// Faults of the store. Digests whose text cannot be read come back in the answer: their cases refuse to be ticked.
pub fn shelve_pins(
    store: &Store,
    library: &mut Library,
    reopen: impl Fn(&str) -> Option<Service>,
) -> Result<Vec<String>, StoreFault> {
    let mut unreadable = Vec::new();
    for (digest, text) in store.pins()? {
        if library.text_of(&digest).is_some() {
            continue;
        }
        if let Ok(mut rule) = Rule::from_canonical(&text) {
            rule.digest.clone_from(&digest);
            library.law.keep(rule);
        } else if let Some(service) = reopen(&text) {
            library.criteria.keep(Arc::new(service));
        } else {
            unreadable.push(digest);
        }
    }
    Ok(unreadable)
}
