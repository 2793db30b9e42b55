//! What an export reads that no page does: the tenants, and the trail in its order.

use crate::{
    StoreFault, View,
    engine::export,
    trail::{TrailRow, TrailSubject},
};

impl View {
    /// The tenants of which the store holds events, in order.
    pub fn tenants(&self) -> Result<Vec<String>, StoreFault> {
        export::tenants(&*self.engine.reader()?)
    }

    /// The tenants for which a site has loaded records (facilities, payers' terms, …), in order.
    pub fn tenants_with_records(&self) -> Result<Vec<String>, StoreFault> {
        export::tenants_with_records(&*self.engine.reader()?)
    }

    /// Entries of the trail of all tenants after a number, in order.
    pub fn trail_feed(&self, after: i64, limit: usize) -> Result<Vec<TrailRow>, StoreFault> {
        export::trail_feed(&*self.engine.reader()?, after, limit)
    }

    /// The last number of the trail; 0 when it is empty.
    pub fn trail_end(&self) -> Result<i64, StoreFault> {
        export::trail_end(&*self.engine.reader()?)
    }

    /// Whom the trail of a tenant concerned, in the order of subject and number, after one.
    pub fn trail_subjects(
        &self,
        tenant: &str,
        after: Option<&TrailSubject>,
        limit: usize,
    ) -> Result<Vec<TrailSubject>, StoreFault> {
        export::trail_subjects(&*self.engine.reader()?, tenant, after, limit)
    }
}
