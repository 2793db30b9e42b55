//! Where a data directory stands between this Vigil and an older or newer one, and the step that closes the way back.

use std::path::Path;

use crate::{
    Address, Store, StoreFault, View,
    engine::{postgres::Postgres, sqlite},
    schema::Schema,
};

/// Where the store of a data directory stands, without changing it; none when there is no store.
///
/// # Errors
/// A file that is no store.
pub fn schema_of(dir: &Path) -> Result<Option<Schema>, StoreFault> {
    sqlite::schema_of(dir)
}

/// Where a store in PostgreSQL stands, without changing it; none when there is no store.
///
/// # Errors
/// A database that does not answer.
pub fn schema_at(address: &Address) -> Result<Option<Schema>, StoreFault> {
    Postgres::schema_at(address)
}

impl View {
    /// Where the store stands.
    pub fn schema(&self) -> Result<Schema, StoreFault> {
        self.engine.schema()
    }
}

impl Store {
    /// Runs the steps that take away, in one transaction: older Vigils are refused from then on. Blocking.
    pub fn contract(&self) -> Result<(), StoreFault> {
        self.engine.contract()
    }
}
