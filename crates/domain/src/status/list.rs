//! The inpatient-only list: which codes, on which dates of service. The codes are loaded by the site from the CMS
//! addenda; the repository ships none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{code::Code, time::Day};

/// One published version of the list: it holds from its day until the next version's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListVersion {
    /// Name people can find again ("CY2026 Addendum E").
    pub id: String,
    /// First date of service.
    pub from: Day,
    /// Where it was published.
    pub source: String,
    /// The day the file was read.
    pub read_on: Day,
    /// The codes.
    pub codes: Vec<String>,
    /// Codes that were removed earlier and whose exemption from two-midnight review ended with this version, because
    /// they are now more commonly outpatient.
    #[serde(default)]
    pub exemption_ended: Vec<String>,
    /// Made up, for tests and demonstration.
    #[serde(default)]
    pub demonstration: bool,
}

/// What the list says of one procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListAnswer {
    /// The procedure's code.
    pub code: String,
    /// Its date of service.
    pub on: Day,
    /// The version in force on that day; none when no list is loaded for it, or the list has ended.
    pub version: Option<String>,
    /// On the list that day.
    pub listed: bool,
    /// The version it was last on, when it was removed before that day.
    pub removed_after: Option<String>,
    /// Removed, and still exempt from two-midnight review.
    pub exempt: bool,
    /// The version is a demonstration.
    pub demonstration: bool,
}

/// All versions, in order.
#[derive(Debug, Clone, Default)]
pub struct InpatientOnlyList {
    versions: Vec<ListVersion>,
    /// For each code, the versions (by place) that carry it.
    carried: BTreeMap<String, Vec<usize>>,
    ended: BTreeMap<String, Vec<usize>>,
}

impl InpatientOnlyList {
    /// Puts versions in order of their day.
    pub fn new(mut versions: Vec<ListVersion>) -> Self {
        versions.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
        let mut carried: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut ended: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, version) in versions.iter().enumerate() {
            version.codes.iter().for_each(|code| carried.entry(code.clone()).or_default().push(place));
            version.exemption_ended.iter().for_each(|code| ended.entry(code.clone()).or_default().push(place));
        }
        Self { versions, carried, ended }
    }

    /// The versions, oldest first.
    pub fn versions(&self) -> &[ListVersion] {
        &self.versions
    }

    /// What it says of a code on a date of service. `ends` is the first day without a list, by rule; `exempt` is whether
    /// the exemption of removed procedures is in force that day.
    pub fn ask(&self, code: &Code, on: Day, ends: Option<Day>, exempt: bool) -> ListAnswer {
        let place = self.versions.partition_point(|version| version.from <= on).checked_sub(1);
        let over = ends.is_some_and(|end| on >= end);
        let carried = self.carried.get(&code.value).map_or(&[][..], Vec::as_slice);
        let current = place.and_then(|place| self.versions.get(place));
        let listed = !over && place.is_some_and(|place| carried.contains(&place));
        let last = place.and_then(|place| carried.iter().rev().find(|carried| **carried <= place));
        let removed = if listed { None } else { last.and_then(|last| self.versions.get(*last)) };
        let ended = self.ended.get(&code.value).is_some_and(|e| place.is_some_and(|p| e.iter().any(|at| *at <= p)));
        ListAnswer {
            code: code.value.clone(),
            on,
            version: current.filter(|_| !over).map(|version| version.id.clone()),
            listed,
            removed_after: removed.map(|version| version.id.clone()),
            exempt: removed.is_some() && exempt && !ended,
            demonstration: current.is_some_and(|version| version.demonstration),
        }
    }
}
