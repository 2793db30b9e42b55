//! Merges that came before the stay they speak of: kept as records, and taken when the stay begins. So a merge and an
//! admission under the wrong number give the same stay, whichever comes first.

use vigil_domain::stay::{
    facility::Facility,
    news::{Identifier, NewsKind, StayNews},
};
use vigil_store::{StoreFault, Write};

use super::records::record;
use crate::Desk;

/// The kind under which early merges are kept.
const JOIN: &str = "feed-join";

/// The numbers that are no longer used.
fn wrong(news: &StayNews) -> Vec<(&'static str, &Identifier)> {
    let Some(joins) = &news.joins else { return Vec::new() };
    let pairs = [("patient", &joins.patient), ("account", &joins.account), ("visit", &joins.visit)];
    pairs.into_iter().filter_map(|(what, pair)| pair.as_ref().map(|(from, _)| (what, from))).collect()
}

fn id(facility: &Facility, what: &str, number: &Identifier) -> String {
    format!("{}|{what}|{}", facility.id, number.key())
}

fn kept(desk: &Desk, tenant: &str, id: &str) -> Result<Vec<StayNews>, StoreFault> {
    let Some(record) = desk.store.record(tenant, JOIN, id)? else { return Ok(Vec::new()) };
    serde_json::from_str(&record.body).map_err(|e| StoreFault::Spoiled { what: "early merge", why: e.to_string() })
}

/// Keeps a merge that no stay knows of yet; other news that nobody watches are not kept beside their message.
///
/// # Errors
/// The store.
pub(super) async fn keep(desk: &Desk, tenant: &str, facility: &Facility, news: &StayNews) -> Result<(), StoreFault> {
    if !matches!(news.kind, NewsKind::Merge | NewsKind::Renumber) {
        return Ok(());
    }
    for (what, number) in wrong(news) {
        let id = id(facility, what, number);
        let mut all = kept(desk, tenant, &id)?;
        if all.iter().all(|known| known.id != news.id) {
            all.push(news.clone());
            desk.store.write(Write::of(tenant, vec![record(JOIN, &id, &all)?])).await?;
        }
    }
    Ok(())
}

/// Merges that were waiting for a stay with these numbers.
///
/// # Errors
/// The store.
pub(super) fn waiting(
    desk: &Desk,
    tenant: &str,
    facility: &Facility,
    news: &StayNews,
) -> Result<Vec<StayNews>, StoreFault> {
    let patients = news.patient.identifiers.iter().map(|n| ("patient", n));
    let accounts = news.visit.account.iter().map(|n| ("account", n));
    let visits = news.visit.number.iter().map(|n| ("visit", n));
    let mut found: Vec<StayNews> = Vec::new();
    for (what, number) in patients.chain(accounts).chain(visits) {
        for one in kept(desk, tenant, &id(facility, what, number))? {
            if found.iter().all(|known| known.id != one.id) {
                found.push(one);
            }
        }
    }
    Ok(found)
}
