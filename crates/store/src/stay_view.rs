//! Reading the hospital's side: the census, lists of due work, periods for the measures, and records.

use vigil_domain::time::Day;

use crate::{
    StoreFault, View,
    engine::stays,
    stay_rows::{CensusRow, Record, StayModel},
};

/// More rows than any board shows.
const ALL: usize = 100_000;

fn read<T: StayModel>(bodies: Vec<String>) -> Result<Vec<T>, StoreFault> {
    bodies.iter().map(|body| one(body)).collect()
}

fn one<T: StayModel>(body: &str) -> Result<T, StoreFault> {
    serde_json::from_str(body).map_err(|error| StoreFault::Spoiled { what: "stay row", why: error.to_string() })
}

impl View {
    /// The census: every stay in the house, of one hospital or of all, earliest due first.
    pub fn census(&self, tenant: &str, hospital: Option<&str>) -> Result<Vec<CensusRow>, StoreFault> {
        read(stays::open(&*self.engine.reader()?, (tenant, CensusRow::KIND), hospital, (1, 1), ALL)?)
    }

    /// Stays whose patient has left and that still ask for work (a held bill, a notice, an open clock).
    pub fn stays_left_with_work(&self, tenant: &str, hospital: Option<&str>) -> Result<Vec<CensusRow>, StoreFault> {
        read(stays::open(&*self.engine.reader()?, (tenant, CensusRow::KIND), hospital, (2, 2), ALL)?)
    }

    /// One stay's census row, in the house or gone.
    pub fn stay(&self, tenant: &str, stay: &str) -> Result<Option<CensusRow>, StoreFault> {
        let body = stays::one(&*self.engine.reader()?, tenant, CensusRow::KIND, stay)?;
        body.as_deref().map(one).transpose()
    }

    /// Open rows of a model (notices due, payers, queries, escalations), earliest due first.
    pub fn open_stay_rows<T: StayModel>(
        &self,
        tenant: &str,
        hospital: Option<&str>,
        limit: usize,
    ) -> Result<Vec<T>, StoreFault> {
        read(stays::open(&*self.engine.reader()?, (tenant, T::KIND), hospital, (1, 2), limit)?)
    }

    /// Rows of a model whose day lies in a period, both ends included (figures by discharge, delays by first day, …).
    pub fn stay_rows_between<T: StayModel>(&self, tenant: &str, from: Day, through: Day) -> Result<Vec<T>, StoreFault> {
        read(stays::between(&*self.engine.reader()?, (tenant, T::KIND), from, through)?)
    }

    /// A model's rows of one stay.
    pub fn rows_of_stay<T: StayModel>(&self, tenant: &str, stay: &str) -> Result<Vec<T>, StoreFault> {
        read(stays::of_stay(&*self.engine.reader()?, tenant, T::KIND, stay)?)
    }

    /// The stays of a demonstration scenario.
    pub fn stays_of_scenario(&self, tenant: &str, scenario: &str) -> Result<Vec<CensusRow>, StoreFault> {
        read(stays::of_scenario(&*self.engine.reader()?, tenant, CensusRow::KIND, scenario)?)
    }

    /// The demonstration scenarios of which there are stays.
    pub fn stay_scenarios(&self, tenant: &str) -> Result<Vec<String>, StoreFault> {
        stays::scenarios(&*self.engine.reader()?, tenant)
    }

    /// Stays that a key finds (kinds and values: `vigil_desk::hospital::project::key`), newest first.
    pub fn stays_by_key(&self, tenant: &str, kind: &str, value: &str, limit: usize) -> Result<Vec<String>, StoreFault> {
        self.cases_by_key(tenant, kind, value, limit)
    }

    /// A record that a site loaded.
    pub fn record(&self, tenant: &str, kind: &str, id: &str) -> Result<Option<Record>, StoreFault> {
        stays::record(&*self.engine.reader()?, tenant, kind, id)
    }

    /// All records of a kind.
    pub fn records(&self, tenant: &str, kind: &str) -> Result<Vec<Record>, StoreFault> {
        stays::records(&*self.engine.reader()?, tenant, kind)
    }
}
