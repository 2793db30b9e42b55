//! When each hospital's feed was last heard, and which feeds are silent although they should speak. Kept beside the log, at
//! most twice a minute a hospital, so that every node and every start of the process knows it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use vigil_domain::{stay::facility::Facility, time::Moment};
use vigil_store::{StoreFault, Write};

use super::records::record;
use crate::Desk;

/// The kind under which it is kept.
const HEARD: &str = "feed-heard";
/// How long what is kept may lag behind what was heard, in seconds.
const LAG_SECONDS: i64 = 30;

/// When this process last wrote down that it heard a feed, by tenant and hospital.
#[derive(Debug, Default)]
pub struct Pulse(Mutex<BTreeMap<(String, String), Moment>>);

impl Pulse {
    /// Whether it is time to write it down.
    fn is_due(&self, tenant: &str, facility: &str, at: Moment) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = written.entry((tenant.to_owned(), facility.to_owned())).or_insert(Moment::UNIX_EPOCH);
        let due = at.as_second() - last.as_second() >= LAG_SECONDS;
        if due {
            *last = at;
        }
        due
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Heard {
    at: Moment,
}

/// A feed and when it was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedState {
    /// The hospital.
    pub facility: Facility,
    /// The last message, half a minute exact; none when there never was one.
    pub heard_at: Option<Moment>,
    /// Since when it is silent although it should speak.
    pub silent_since: Option<Moment>,
}

impl Desk {
    /// Writes down that a hospital's feed was heard.
    ///
    /// # Errors
    /// The store.
    pub async fn heard(&self, tenant: &str, facility: &str, at: Moment) -> Result<(), StoreFault> {
        if !self.pulse.is_due(tenant, facility, at) {
            return Ok(());
        }
        let kept = record(HEARD, facility, &Heard { at })?;
        self.store.write(Write::of(tenant, vec![kept])).await
    }

    /// The feeds of all tenants: tenant and feed.
    ///
    /// # Errors
    /// The store.
    pub fn all_feeds(&self, now: Moment) -> Result<Vec<(String, FeedState)>, StoreFault> {
        let mut all = Vec::new();
        for tenant in self.store.tenants_with_records()? {
            all.extend(self.feeds(&tenant, now)?.into_iter().map(|feed| (tenant.clone(), feed)));
        }
        Ok(all)
    }

    /// Every hospital of a tenant whose feed is watched or was ever heard, in order of id.
    ///
    /// # Errors
    /// The store.
    pub fn feeds(&self, tenant: &str, now: Moment) -> Result<Vec<FeedState>, StoreFault> {
        let mut heard = BTreeMap::new();
        for record in self.store.records(tenant, HEARD)? {
            let told: Heard = serde_json::from_str(&record.body)
                .map_err(|error| StoreFault::Spoiled { what: "record", why: error.to_string() })?;
            heard.insert(record.id, told.at);
        }
        let state = |facility: Facility| {
            let heard_at = heard.get(&facility.id).copied();
            let silent_since = facility.silent_since(heard_at, now);
            FeedState { facility, heard_at, silent_since }
        };
        let all = self.facilities(tenant)?.into_iter().map(state);
        Ok(all.filter(|feed| feed.facility.feed_watch.is_some() || feed.heard_at.is_some()).collect())
    }
}
