//! What is so at present, whatever happened when: patient, visit, payers, diagnoses. The source's last recorded word wins,
//! field by field; an empty field says nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    alias::Joined,
    evidence::{DocumentNews, Measured},
    news::{Identifier, NewsKind, StayNews, Told},
    track::{Flag, FlagKind, Since, Track},
};
use crate::time::Moment;

/// The last word on something; none where nobody said anything of it, or the last word took it away.
fn last<'n, T: Clone + 'n>(recorded: &[&'n StayNews], of: impl Fn(&'n StayNews) -> Option<&'n Told<T>>) -> Option<T> {
    recorded.iter().rev().find_map(|news| of(news)).and_then(Told::value).cloned()
}

/// The last value of a field that nothing takes away.
fn latest<'n, T: Clone + 'n>(recorded: &[&'n StayNews], of: impl Fn(&'n StayNews) -> Option<&'n T>) -> Option<T> {
    recorded.iter().rev().find_map(|news| of(news)).cloned()
}

/// Fills in what is so at present, from news in recorded order.
pub(super) fn fill(track: &mut Track, recorded: &[&StayNews], joined: &Joined) {
    patient(track, recorded);
    visit(track, recorded);
    recorded.iter().for_each(|news| payers(track, news));
    track.diagnoses = latest(recorded, |n| n.diagnoses.as_ref()).unwrap_or_default();
    track.procedures = latest(recorded, |n| n.procedures.as_ref()).unwrap_or_default();
    track.admitting = last(recorded, |n| n.admitting.as_ref());
    track.expected_discharge = last(recorded, |n| n.expected_discharge.as_ref());
    evidence(track, recorded);
    identities(track, recorded, joined);
    arrival(track, recorded);
}

fn patient(track: &mut Track, recorded: &[&StayNews]) {
    let now = &mut track.patient;
    now.name = last(recorded, |n| n.patient.name.as_ref()).unwrap_or_default();
    now.birth_day = last(recorded, |n| n.patient.birth_day.as_ref());
    now.sex = last(recorded, |n| n.patient.sex.as_ref());
    now.address = last(recorded, |n| n.patient.address.as_ref());
    now.phone = last(recorded, |n| n.patient.phone.as_ref());
    now.language = last(recorded, |n| n.patient.language.as_ref());
    now.died_at = last(recorded, |n| n.patient.died_at.as_ref());
    // A merge names the wrong identity first in some systems: who the patient is now follows from the aliases.
    now.id = latest(recorded, |n| n.patient.identifiers.first());
}

fn visit(track: &mut Track, recorded: &[&StayNews]) {
    let now = &mut track.visit;
    now.number = latest(recorded, |n| n.visit.number.as_ref());
    now.account = latest(recorded, |n| n.visit.account.as_ref());
    now.prior = latest(recorded, |n| n.visit.prior.as_ref());
    now.admission_type = last(recorded, |n| n.visit.admission_type.as_ref());
    now.admit_source = last(recorded, |n| n.visit.admit_source.as_ref());
    now.reason = last(recorded, |n| n.visit.reason.as_ref());
    now.expected_at = last(recorded, |n| n.visit.expected_at.as_ref());
    now.service = latest(recorded, |n| n.class.as_ref().map(|c| &c.service).filter(|s| !s.is_empty()));
    now.confidential = latest(recorded, |n| n.visit.confidential.as_ref()).unwrap_or_default();
}

fn payers(track: &mut Track, news: &StayNews) {
    let Some(told) = &news.payers else { return };
    if track.payers.last().is_some_and(|last| last.is == *told) {
        return;
    }
    let from = track.payers.last().map_or(news.effective_at, |last| last.from.max(news.effective_at));
    // Two snapshots of one moment are one: the later word.
    if track.payers.last().is_some_and(|last| last.from == from) {
        track.payers.pop();
    }
    track.payers.push(Since { from, is: told.clone() });
    for payer in told.iter().filter(|p| p.line_of_business.is_none()) {
        let says = format!(
            "payer {} is not in the site map",
            if payer.name.is_empty() { &payer.payer_id } else { &payer.name }
        );
        track.flags.push(Flag { at: from, kind: FlagKind::PayerUnmapped, says });
    }
}

/// The last word on each document, and the last measurement of each kind.
fn evidence(track: &mut Track, recorded: &[&StayNews]) {
    let mut documents: BTreeMap<&str, &DocumentNews> = BTreeMap::new();
    for document in recorded.iter().flat_map(|news| &news.documents) {
        documents.insert(&document.id, document);
    }
    let standing = documents.into_values().filter(|d| d.state != "entered-in-error");
    track.documents = standing.cloned().collect();
    track.documents.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    let mut measured: Vec<&Measured> = recorded.iter().flat_map(|news| &news.measured).collect();
    measured.sort_by_cached_key(|m| (m.code.to_string(), m.at, m.value.clone(), m.unit.clone(), m.code.label.clone()));
    track.measured = measured
        .chunk_by(|a, b| (&a.code.system, &a.code.value) == (&b.code.system, &b.code.value))
        .filter_map(|of_one| of_one.last().map(|last| (*last).clone()))
        .collect();
}

/// Each of them once, sorted.
fn each<'n>(all: impl Iterator<Item = &'n Identifier>) -> Vec<Identifier> {
    all.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// Follows merges, moves and renumberings.
fn identities(track: &mut Track, recorded: &[&StayNews], joined: &Joined) {
    let joins = || recorded.iter().filter_map(|n| n.joins.as_ref());
    let patients = joins().flat_map(|j| &j.patient).flat_map(|(a, b)| [a, b]);
    let visits = joins().flat_map(|j| &j.visit).flat_map(|(a, b)| [a, b]);
    let accounts = joins().flat_map(|j| &j.account).flat_map(|(a, b)| [a, b]);
    track.patient.identifiers = each(recorded.iter().flat_map(|n| &n.patient.identifiers).chain(patients));
    let numbers = recorded.iter().flat_map(|n| n.visit.number.iter().chain(&n.visit.alternate));
    track.visit.numbers = each(numbers.chain(visits));
    track.visit.accounts = each(recorded.iter().filter_map(|n| n.visit.account.as_ref()).chain(accounts));
    track.patient.id = track.patient.id.as_ref().map(|id| joined.patients.resolve(id));
    track.visit.account = track.visit.account.as_ref().map(|id| joined.accounts.resolve(id));
    track.visit.number = track.visit.number.as_ref().map(|id| joined.visits.resolve(id));
    let mut flag = |at: Moment, kind: FlagKind, says: String| track.flags.push(Flag { at, kind, says });
    for news in recorded {
        let Some(joins) = &news.joins else { continue };
        let kind = match news.kind {
            NewsKind::Merge => FlagKind::Merged,
            NewsKind::Move => FlagKind::Moved,
            _ => continue,
        };
        let pairs = [("patient", &joins.patient), ("account", &joins.account), ("visit", &joins.visit)];
        for (what, (from, into)) in pairs.iter().filter_map(|(w, p)| p.as_ref().map(|p| (w, p))) {
            flag(
                news.effective_at,
                kind.clone(),
                format!("{}: {what} {} is {} now", news.trigger, from.value, into.value),
            );
        }
    }
    let at = recorded.last().map_or(Moment::UNIX_EPOCH, |n| n.effective_at);
    let circles = [&joined.patients, &joined.accounts, &joined.visits].into_iter().flat_map(|a| &a.circles);
    for (from, into) in circles {
        flag(at, FlagKind::MergeCircle, format!("{} was merged into {} and back", into.value, from.value));
    }
}

/// The first start ever told stands as arrival: feeds overwrite it with the time of the inpatient order.
fn arrival(track: &mut Track, recorded: &[&StayNews]) {
    let told: Vec<(Moment, Moment)> = recorded
        .iter()
        .filter(|n| !matches!(n.kind, NewsKind::PreAdmit | NewsKind::Person | NewsKind::Order | NewsKind::Record))
        .filter_map(|n| Some((n.effective_at, *n.visit.started_at.as_ref()?.value()?)))
        .collect();
    track.arrival_at = told.first().map(|(_, start)| *start);
    if let Some((at, start)) = told.iter().find(|(_, start)| Some(*start) != track.arrival_at) {
        let says = format!("the feed now says the visit began at {start}");
        track.flags.push(Flag { at: *at, kind: FlagKind::StartOverwritten, says });
    }
    let care = last(recorded, |n| n.visit.care_started_at.as_ref());
    track.care_start_told = care.is_some();
    track.first_care_at = care;
}
