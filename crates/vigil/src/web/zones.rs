//! The zones of the tenant's contracts: a list of cases shows each due time in the zone in which the law counts it.

use std::collections::BTreeMap;

use vigil_domain::time::{Moment, Zone};

use super::error::PageError;
use crate::app::App;

/// Zones by name, read once a page.
pub struct Zones {
    by_name: BTreeMap<String, Zone>,
    first: Zone,
}

impl Zones {
    /// The zones of all contracts of a tenant.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn of(app: &App, tenant: &str) -> Result<Self, PageError> {
        let mut by_name = BTreeMap::new();
        let mut first = None;
        for contract in app.desk.store.contracts(tenant)? {
            first.get_or_insert_with(|| contract.zone.clone());
            by_name.insert(contract.zone.name().to_owned(), contract.zone);
        }
        let first = first.unwrap_or_else(|| vigil_desk::party::demonstration_contract().zone);
        Ok(Self { by_name, first })
    }

    /// A zone by its name; the first contract's when the row has none.
    pub fn named(&self, name: &str) -> &Zone {
        self.by_name.get(name).unwrap_or(&self.first)
    }

    /// The zone of the first contract: for "today" where a page shows several.
    pub fn first(&self) -> &Zone {
        &self.first
    }

    /// The names of all zones, the first contract's first.
    pub fn names(&self) -> Vec<String> {
        let first = self.first.name().to_owned();
        let rest: Vec<String> = self.by_name.keys().filter(|name| **name != first).cloned().collect();
        std::iter::once(first).chain(rest).collect()
    }

    /// The moment at which today ends in the first contract's zone.
    pub fn day_ends(&self, now: Moment) -> Moment {
        let tomorrow = self.first.day(now).tomorrow().ok();
        tomorrow.and_then(|day| self.first.start_of(day)).unwrap_or(now)
    }
}
