//! What is so at present, whatever happened when: patient, visit, payers, diagnoses. The source's last recorded word wins,
//! field by field; an empty field says nothing.

use std::collections::BTreeMap;

use super::{
    alias::Joined,
    evidence::{DocumentNews, Measured},
    news::{Identifier, NewsKind, StayNews, Told},
    track::{Flag, FlagKind, Since, Track},
};
use crate::time::Moment;

fn tell<T: Clone>(now: &mut Option<T>, told: Option<&Told<T>>) {
    if let Some(told) = told {
        *now = told.value().cloned();
    }
}

/// Fills in what is so at present, from news in recorded order.
pub(super) fn fill(track: &mut Track, recorded: &[&StayNews], joined: &Joined) {
    for news in recorded {
        patient(track, news);
        visit(track, news);
        payers(track, news);
        if let Some(diagnoses) = &news.diagnoses {
            track.diagnoses.clone_from(diagnoses);
        }
        if let Some(procedures) = &news.procedures {
            track.procedures.clone_from(procedures);
        }
        tell(&mut track.admitting, news.admitting.as_ref());
        tell(&mut track.expected_discharge, news.expected_discharge.as_ref());
    }
    evidence(track, recorded);
    identities(track, recorded, joined);
    arrival(track, recorded);
}

fn patient(track: &mut Track, news: &StayNews) {
    let (now, told) = (&mut track.patient, &news.patient);
    if let Some(name) = &told.name {
        now.name = name.value().cloned().unwrap_or_default();
    }
    tell(&mut now.birth_day, told.birth_day.as_ref());
    tell(&mut now.sex, told.sex.as_ref());
    tell(&mut now.address, told.address.as_ref());
    tell(&mut now.phone, told.phone.as_ref());
    tell(&mut now.language, told.language.as_ref());
    tell(&mut now.died_at, told.died_at.as_ref());
    // A merge names the wrong identity first in some systems: who the patient is now follows from the aliases.
    if let Some(first) = told.identifiers.first() {
        now.id = Some(first.clone());
    }
    now.identifiers.extend(told.identifiers.iter().cloned());
}

fn visit(track: &mut Track, news: &StayNews) {
    let (now, told) = (&mut track.visit, &news.visit);
    if told.number.is_some() {
        now.number.clone_from(&told.number);
    }
    if told.account.is_some() {
        now.account.clone_from(&told.account);
    }
    if told.prior.is_some() {
        now.prior.clone_from(&told.prior);
    }
    now.numbers.extend(told.number.iter().chain(&told.alternate).cloned());
    now.accounts.extend(told.account.iter().cloned());
    tell(&mut now.admission_type, told.admission_type.as_ref());
    tell(&mut now.admit_source, told.admit_source.as_ref());
    tell(&mut now.reason, told.reason.as_ref());
    tell(&mut now.expected_at, told.expected_at.as_ref());
    if let Some(service) = news.class.as_ref().map(|c| &c.service).filter(|s| !s.is_empty()) {
        now.service = Some(service.clone());
    }
    if let Some(confidential) = told.confidential {
        now.confidential = confidential;
    }
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

fn settle(all: &mut Vec<Identifier>) {
    all.sort();
    all.dedup();
}

/// Follows merges, moves and renumberings.
fn identities(track: &mut Track, recorded: &[&StayNews], joined: &Joined) {
    for joins in recorded.iter().filter_map(|n| n.joins.as_ref()) {
        let ids = joins.patient.iter().flat_map(|(a, b)| [a, b]);
        track.patient.identifiers.extend(ids.cloned());
        track.visit.numbers.extend(joins.visit.iter().flat_map(|(a, b)| [a, b]).cloned());
        track.visit.accounts.extend(joins.account.iter().flat_map(|(a, b)| [a, b]).cloned());
    }
    settle(&mut track.patient.identifiers);
    settle(&mut track.visit.numbers);
    settle(&mut track.visit.accounts);
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
    let mut care = None;
    for news in recorded {
        tell(&mut care, news.visit.care_started_at.as_ref());
    }
    track.care_start_told = care.is_some();
    track.first_care_at = care;
}
