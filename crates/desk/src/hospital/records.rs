//! Records of the hospital's side that a site loads: facilities, payers' terms, tables of expected length of stay.

use serde::{Serialize, de::DeserializeOwned};
use vigil_domain::{
    stay::{
        delay::{ExpectedStay, Grouping},
        facility::Facility,
        payer::PayerTerms,
    },
    time::Day,
};
use vigil_store::{Record, StoreFault, Write, WriteItem};

use crate::Desk;

/// The kind under which facilities are kept.
pub const FACILITY: &str = "facility";
/// The kind under which payers' terms are kept.
pub const TERMS: &str = "payer-terms";
/// The kind under which tables of expected stays are kept.
pub const GMLOS: &str = "gmlos";

/// A record as the store keeps it.
///
/// # Errors
/// A body that cannot be written as JSON.
pub fn record(kind: &str, id: &str, body: &impl Serialize) -> Result<WriteItem, StoreFault> {
    let body =
        serde_json::to_string(body).map_err(|error| StoreFault::Spoiled { what: "record", why: error.to_string() })?;
    Ok(WriteItem::Record(Record { kind: kind.to_owned(), id: id.to_owned(), body }))
}

/// A payer's terms as a record; the same payer and plan replace.
///
/// # Errors
/// A body that cannot be written as JSON.
pub fn terms_record(terms: &PayerTerms) -> Result<WriteItem, StoreFault> {
    record(TERMS, &format!("{}|{}", terms.payer_id, terms.plan_id.as_deref().unwrap_or("*")), terms)
}

/// An expected stay as a record.
///
/// # Errors
/// A body that cannot be written as JSON.
pub fn expected_record(row: &ExpectedStay) -> Result<WriteItem, StoreFault> {
    record(GMLOS, &format!("{}|{}", row.ms_drg, row.from), row)
}

fn read<T: DeserializeOwned>(record: &Record) -> Result<T, StoreFault> {
    serde_json::from_str(&record.body).map_err(|error| StoreFault::Spoiled { what: "record", why: error.to_string() })
}

impl Desk {
    /// Keeps a facility; the same id replaces.
    pub async fn keep_facility(&self, tenant: &str, facility: &Facility) -> Result<(), StoreFault> {
        let item = record(FACILITY, &facility.id, facility)?;
        self.store.write(Write::of(tenant, vec![item])).await
    }

    /// Every facility, in order of id.
    pub fn facilities(&self, tenant: &str) -> Result<Vec<Facility>, StoreFault> {
        self.store.records(tenant, FACILITY)?.iter().map(read).collect()
    }

    /// One facility.
    pub fn facility(&self, tenant: &str, id: &str) -> Result<Option<Facility>, StoreFault> {
        self.store.record(tenant, FACILITY, id)?.as_ref().map(read).transpose()
    }

    /// Every payer's terms.
    pub fn payer_terms(&self, tenant: &str) -> Result<Vec<PayerTerms>, StoreFault> {
        self.store.records(tenant, TERMS)?.iter().map(read).collect()
    }

    /// The grouping of a stay with its expected length from the loaded table of the discharge day; without a table, none.
    pub fn grouping(&self, tenant: &str, ms_drg: &str, on: Day, working: bool) -> Result<Grouping, StoreFault> {
        let tables: Vec<ExpectedStay> =
            self.store.records(tenant, GMLOS)?.iter().map(read).collect::<Result<_, _>>()?;
        let row = tables.into_iter().find(|row| row.ms_drg == ms_drg && row.from <= on && on <= row.through);
        Ok(Grouping {
            ms_drg: ms_drg.to_owned(),
            working,
            gmlos: row.as_ref().map(|r| r.gmlos),
            table: row.map(|r| r.table),
        })
    }
}
