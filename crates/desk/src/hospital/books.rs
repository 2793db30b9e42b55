//! The records that feeds are read by: facilities, payers' terms, and the stays as the feeds last saw them.

use std::sync::Arc;

use vigil_domain::stay::{event::Hospital, facility::Facility, payer::PayerTerms};
use vigil_store::StoreFault;
use vigil_wire::hl7::Header;

use super::warm::Warm;
use crate::Desk;

/// The records that feeds are read by.
#[derive(Debug, Clone, Default)]
pub struct FeedBooks {
    /// Facilities.
    pub facilities: Vec<Facility>,
    /// Payers' terms.
    pub terms: Vec<PayerTerms>,
    /// The facilities as their stays keep them, in the same order.
    hospitals: Vec<Arc<Hospital>>,
    /// Stays as the feeds last saw them.
    pub(super) warm: Arc<Warm>,
}

impl FeedBooks {
    /// The same records with the stays that feeds read by earlier ones have seen.
    pub fn after(self, earlier: &Self) -> Self {
        Self { warm: Arc::clone(&earlier.warm), ..self }
    }

    /// A facility as its stays keep it.
    pub(super) fn hospital(&self, facility: &Facility) -> Arc<Hospital> {
        let known = self.hospitals.iter().find(|hospital| hospital.id == facility.id);
        known.map_or_else(|| Arc::new(hospital_of(facility)), Arc::clone)
    }

    /// The facility whose feed a sender is: named by application and facility, by either alone, or the only one that names no
    /// sender.
    pub fn facility_of(&self, header: &Header) -> Option<&Facility> {
        let (both, named) = (header.sender(), format!("|{}", header.facility));
        let of = |wanted: &str| self.facilities.iter().find(|f| f.senders.iter().any(|s| s == wanted));
        of(&both).or_else(|| of(&header.application)).or_else(|| of(&named)).or_else(|| match &self.facilities[..] {
            [only] if only.senders.is_empty() => Some(only),
            _ => None,
        })
    }
}

impl Desk {
    /// The records that feeds are read by, as they stand.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn feed_books(&self, tenant: &str) -> Result<FeedBooks, StoreFault> {
        let (facilities, terms) = (self.facilities(tenant)?, self.payer_terms(tenant)?);
        let hospitals = facilities.iter().map(|facility| Arc::new(hospital_of(facility))).collect();
        Ok(FeedBooks { facilities, terms, hospitals, warm: Arc::default() })
    }
}

/// The hospital as a stay keeps it.
pub fn hospital_of(facility: &Facility) -> Hospital {
    Hospital {
        id: facility.id.clone(),
        name: facility.name.clone(),
        state: facility.state.clone(),
        zone: facility.zone.clone(),
        kind: facility.kind.clone(),
        site: facility.site.clone(),
        prospective_payment: facility.prospective_payment,
        part_456: facility.part_456,
    }
}
