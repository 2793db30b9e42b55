//! A hospital's stays out of FHIR: gathered, then taken like news of any feed. Every record is accounted for.

use std::sync::Arc;

use serde::Serialize;
use vigil_domain::{
    stay::{facility::Facility, news::StayNews},
    time::{Day, Moment},
};
use vigil_store::{Commit, StoreFault};
use vigil_wire::fhir::hospital::{Account, FhirReading, File, Gathering, Refused};

use super::{
    books::hospital_of,
    feed::document,
    route::{self, Route},
    warm::Warm,
};
use crate::{Desk, subject::ActError};

/// Stays listed at a time.
const PAGE: usize = 1_000;

/// One open stay, as a census lists it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CensusLine {
    /// The stay.
    pub stay: String,
    /// Visit number.
    pub visit: String,
    /// The patient's number.
    pub patient: String,
    /// Status.
    pub status: String,
    /// What the status rests on, and how sure it is.
    pub basis: String,
    /// Since when.
    pub since: Moment,
    /// When care began.
    pub first_care_at: Option<Moment>,
    /// Unit and bed.
    pub place: String,
    /// Attending.
    pub attending: String,
    /// Primary payer.
    pub payer: String,
    /// Its line of business; empty when the site map does not know it.
    pub line_of_business: String,
}

/// The census of a day's end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Census {
    /// As of the end of this day, in the facility's zone.
    pub as_of: Day,
    /// The facility.
    pub facility: String,
    /// Patients in the house, in order of visit number.
    pub open: Vec<CensusLine>,
}

/// What an import became.
#[derive(Debug, Clone, Serialize)]
pub struct HospitalReport {
    /// The facility.
    pub facility: String,
    /// Each record: taken, ignored and why, refused and why.
    #[serde(flatten)]
    pub account: Account,
    /// Stays that the import began or changed, or knew already.
    pub stays: usize,
    /// Of them, begun by this import.
    pub begun: usize,
    /// The census asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub census: Option<Census>,
}

impl Desk {
    /// Takes what was gathered into stays of a facility.
    ///
    /// # Errors
    /// The store. What a stay refuses stands in the account.
    pub async fn import_hospital(
        &self,
        tenant: &str,
        facility: &Facility,
        gathering: Gathering,
        sender: &str,
        recorded_at: Moment,
    ) -> Result<HospitalReport, StoreFault> {
        let (terms, warm) = (self.payer_terms(tenant)?, Warm::default());
        let hospital = Arc::new(hospital_of(facility));
        let reading = FhirReading { site: &facility.site, zone: &facility.zone, sender, recorded_at };
        let gathered = gathering.finish(reading);
        let (mut account, files) = (gathered.account, gathered.files);
        let (mut stays, mut begun) = (std::collections::BTreeSet::new(), 0);
        for news in gathered.news {
            let (stay, new) = match route::route(self, tenant, facility, &news)? {
                Route::Stays(found) => (found.into_iter().next().unwrap_or_default(), false),
                Route::Opens(stay) => (stay, true),
                Route::Nothing => continue,
            };
            let place = news.source.message.clone();
            let told = |file: &&File| news.documents.iter().any(|d| d.digest.as_ref() == Some(&file.digest));
            let documents = files.iter().filter(told).map(document).collect();
            let along = Commit { documents, ..Commit::default() };
            match self.take_news((tenant, &stay), &hospital, &terms, news, along, &warm).await {
                Ok(()) => {
                    begun += usize::from(new);
                    stays.insert(stay);
                }
                Err(ActError::Fault(fault)) => return Err(fault),
                Err(other) => refused(&mut account, &place, &other),
            }
        }
        Ok(HospitalReport { facility: facility.id.clone(), account, stays: stays.len(), begun, census: None })
    }

    /// Who was in the house at the end of a day, from the stays' own histories.
    ///
    /// # Errors
    /// The store.
    pub fn census_on(&self, tenant: &str, facility: &Facility, as_of: Day) -> Result<Census, ActError> {
        let end = end_of(facility, as_of);
        let mut open = Vec::new();
        for id in self.stay_ids(tenant)? {
            let Some(stay) = self.load_stay(tenant, &id)? else { continue };
            if stay.hospital.id != facility.id {
                continue;
            }
            let track = &stay.track;
            let Some(period) = track.period_at(end).filter(|p| p.status.in_house()) else { continue };
            let payer = track.payers_at(end).first();
            open.push(CensusLine {
                stay: id,
                visit: track.visit.number.as_ref().map(|n| n.value.clone()).unwrap_or_default(),
                patient: track.patient.id.as_ref().map(|n| n.value.clone()).unwrap_or_default(),
                status: period.status.to_string(),
                basis: format!("{}, {}", period.basis, period.confidence),
                since: period.from,
                first_care_at: track.first_care_at,
                place: track.place_at(end).map(vigil_domain::stay::news::Place::listed).unwrap_or_default(),
                attending: track.attending_at(end).map(|a| a.name.clone()).unwrap_or_default(),
                payer: payer.map(|p| p.name.clone()).unwrap_or_default(),
                line_of_business: payer
                    .and_then(|p| p.line_of_business.as_ref())
                    .map(|l| l.word().to_owned())
                    .unwrap_or_default(),
            });
        }
        open.sort_by(|a, b| a.visit.cmp(&b.visit));
        Ok(Census { as_of, facility: facility.id.clone(), open })
    }
}

impl Desk {
    /// The ids of all stays, in order.
    fn stay_ids(&self, tenant: &str) -> Result<Vec<String>, StoreFault> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.store.subjects(tenant, "stay", &after, PAGE)?;
            let Some(last) = page.last() else { return Ok(all) };
            after.clone_from(&last.id);
            all.extend(page.into_iter().map(|key| key.id));
        }
    }
}

fn refused(account: &mut Account, place: &str, why: &ActError) {
    let kind = place.split('/').next().unwrap_or_default().to_owned();
    // It was counted as taken when it was read.
    if let Some(taken) = account.taken.get_mut(&kind) {
        *taken = taken.saturating_sub(1);
    }
    account.refused.push(Refused { kind, place: place.to_owned(), why: vec![why.to_string()], issues: Vec::new() });
}

/// The last moment of a day in the facility's zone.
pub fn end_of(facility: &Facility, day: Day) -> Moment {
    let next = day.tomorrow().unwrap_or(day);
    let midnight = facility.zone.start_of(next);
    midnight.map_or(Moment::UNIX_EPOCH, |at| Moment::from_second(at.as_second() - 1).unwrap_or_default())
}

/// News of stays as messages of the same hospital: each snapshot told as the events it stands for.
pub fn as_events(news: &StayNews) -> Vec<StayNews> {
    use vigil_domain::stay::news::{NewsKind, PatientStatus};
    let mut events: Vec<StayNews> = Vec::new();
    for period in &news.class_history {
        let status = period.class.status.clone();
        let opened = events.iter().any(|e| matches!(e.kind, NewsKind::Admit | NewsKind::Register));
        let kind = match (&status, opened) {
            (Some(PatientStatus::PreAdmit), _) => NewsKind::PreAdmit,
            (Some(PatientStatus::Inpatient), false) => NewsKind::Admit,
            (_, false) => NewsKind::Register,
            (_, true) => NewsKind::Update,
        };
        let mut event = StayNews { kind, effective_at: period.from, recorded_at: period.from, ..news.clone() };
        event.class = Some(period.class.clone());
        event.class_history.clear();
        event.discharge = None;
        event.sent_at = None;
        events.push(event);
    }
    if let Some(end) = news.discharge.as_ref().and_then(|d| d.value()).and_then(|d| d.at) {
        let kind = NewsKind::Discharge;
        let mut event = StayNews { kind, effective_at: end, recorded_at: end, ..news.clone() };
        event.class_history.clear();
        event.sent_at = None;
        events.push(event);
    }
    events
}
