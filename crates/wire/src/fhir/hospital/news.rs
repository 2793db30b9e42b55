//! From what was gathered to news: one snapshot for each hospital encounter, and each status order.

use std::collections::{BTreeMap, BTreeSet};

use vigil_domain::{
    code::{Code, CodeSystem},
    stay::{
        evidence::Measured,
        facility::SiteMap,
        news::{
            DiagnosisNews, DischargeNews, NewsKind, NewsSource, OrderState, PayerNews, Place, Practitioner, Road,
            StatusOrder, StayNews, Told,
        },
    },
    time::Moment,
};

use super::{
    account::Account,
    gather::{Gathering, Held, Kept, moment, reference, target, word},
    visit::{FhirReading, Not, Visit, history, number, visit},
};
use crate::{
    fhir::pick,
    issue::Notes,
    json::{Json, Limits, Value},
};

/// The news of all stays, in order of time, and what became of every record.
#[derive(Debug)]
pub struct Gathered {
    /// The news.
    pub news: Vec<StayNews>,
    /// Documents whose bytes came along: digest, media type, what it is, bytes.
    pub files: Vec<File>,
    /// The account.
    pub account: Account,
}

/// A document's bytes.
#[derive(Debug, Clone)]
pub struct File {
    /// SHA-256 in hex.
    pub digest: String,
    /// Media type.
    pub media_type: String,
    /// What it is, in the source's words.
    pub title: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Gathering {
    /// Makes the news.
    pub fn finish(mut self, reading: FhirReading<'_>) -> Gathered {
        let encounters = std::mem::take(&mut self.encounters);
        let parsed: Vec<(&String, &Kept, Json<'_>)> = encounters
            .iter()
            .filter_map(|(id, kept)| Some((id, kept, Json::parse(kept.text.as_bytes(), Limits::default()).ok()?)))
            .collect();
        let (mut visits, mut used) = (Vec::new(), Used::default());
        for (id, kept, json) in &parsed {
            match visit(id, json.root(), reading, &self.patients) {
                Ok(visit) => visits.push(visit),
                Err(Not::Ignored(why)) => self.account.ignore("Encounter", why, 1),
                Err(Not::Refused(issues)) => self.account.refuse("Encounter", &kept.place, &issues),
            }
        }
        let care = self.care_starts(&visits, reading.site, &mut used);
        let starts: BTreeMap<&str, (Moment, Option<Moment>, &str)> =
            visits.iter().map(|v| (v.id, (v.start, v.end, v.patient.as_str()))).collect();
        let mut news = Vec::new();
        for visit in &visits {
            let mut told = self.snapshot(visit, reading, &mut used);
            self.link(visit, &mut told, &starts, &care, &parsed, reading.site);
            news.push(told);
            self.account.take("Encounter");
        }
        self.orders_of(&visits, reading, &mut news, &mut used);
        let files = self.record_of(&visits, reading, &mut news, &mut used);
        self.settle(&used);
        // A visit stands before what is told of it.
        let later = |one: &StayNews| one.kind != NewsKind::Snapshot;
        news.sort_by(|a, b| (a.effective_at, later(a), &a.id).cmp(&(b.effective_at, later(b), &b.id)));
        Gathered { news, files, account: self.account }
    }

    /// When care began in each encounter, as far as orders and laboratory work tell.
    fn care_starts(&self, visits: &[Visit<'_>], site: &SiteMap, used: &mut Used) -> BTreeMap<String, Moment> {
        let known: BTreeMap<&str, &Visit<'_>> = visits.iter().map(|v| (v.id, v)).collect();
        let mut care: BTreeMap<String, Moment> = BTreeMap::new();
        let mut see = |encounter: &Option<String>, at: Moment| {
            let Some(visit) = encounter.as_deref().and_then(|e| known.get(e)) else { return false };
            if at >= visit.start && visit.end.is_none_or(|end| at <= end) {
                let first = care.entry(visit.id.to_owned()).or_insert(at);
                *first = (*first).min(at);
            }
            true
        };
        for order in &self.orders {
            let counts = order.is.state == "placed" && order.is.codes.iter().all(|c| site.status_of_order(c).is_none());
            if let Some(at) = order.is.at.filter(|_| counts)
                && see(&order.encounter, at)
            {
                used.orders.insert(order.is.id.clone());
            }
        }
        for work in &self.laboratory {
            used.laboratory += u64::from(see(&work.encounter, work.is));
        }
        care
    }

    fn snapshot(&self, visit: &Visit<'_>, reading: FhirReading<'_>, used: &mut Used) -> StayNews {
        let mut notes = Notes::default();
        let (at, id) = (visit.at, visit.id);
        let source =
            NewsSource { road: Road::Fhir, sender: reading.sender.to_owned(), message: format!("Encounter/{id}") };
        let mut news = StayNews::new(source, "fhir:Encounter", NewsKind::Snapshot, visit.start);
        let updated = at.get("meta").and_then(|meta| moment(meta, "lastUpdated", reading.zone, &mut notes));
        news.recorded_at = updated.unwrap_or(reading.recorded_at);
        news.id = format!("fhir/{}/Encounter/{id}/{}", reading.sender, news.recorded_at);
        used.patients.insert(visit.patient.clone());
        news.patient = self.patients.get(&visit.patient).cloned().unwrap_or_default();
        news.visit.number = Some(number(at, id));
        news.visit.started_at = Some(Told::Is(visit.start));
        let stay = at.get("hospitalization");
        let coded = |name: &str| stay.and_then(|s| pick::first_coding(s.get(name)?)).map(|(_, code)| code.into_owned());
        news.visit.admit_source = coded("admitSource").map(Told::Is);
        news.visit.admission_type =
            at.get("priority").and_then(pick::first_coding).map(|(_, code)| Told::Is(code.into_owned()));
        let reason = at.get("reasonCode").and_then(|r| r.items().next());
        news.visit.reason = reason.map(|r| word(r, "text")).filter(|t| !t.is_empty()).map(Told::Is);
        news.class = Some(visit.class.clone());
        news.place = self.place(at).map(Told::Is);
        news.class_history = history(visit, reading, &news);
        let person = |role: &str| self.participant(at, role).map(Told::Is);
        news.attending = person("ATND");
        news.admitting = person("ADM");
        news.diagnoses = Some(self.diagnoses(at, used)).filter(|told| !told.is_empty());
        let done = self.procedures.iter().filter(|p| p.encounter.as_deref() == Some(id)).map(|p| p.is.clone());
        news.procedures = Some(done.collect::<Vec<_>>()).filter(|told| !told.is_empty());
        used.procedures += news.procedures.as_ref().map_or(0, Vec::len);
        // What was not sent was not said: no Coverage among the records does not end the one that is known.
        if self.coverages.contains_key(&visit.patient) {
            news.payers = Some(self.payers(visit, reading, used));
        }
        if let Some(end) = visit.end.filter(|_| visit.status == "finished") {
            let disposition = coded("dischargeDisposition").unwrap_or_default();
            news.discharge = Some(Told::Is(DischargeNews { at: Some(end), disposition, to: String::new() }));
        }
        news
    }

    /// The visit it goes on from, when that is the same patient's and ended as this one began; then care began there.
    fn link(
        &self,
        visit: &Visit<'_>,
        news: &mut StayNews,
        starts: &BTreeMap<&str, (Moment, Option<Moment>, &str)>,
        care: &BTreeMap<String, Moment>,
        parsed: &[(&String, &Kept, Json<'_>)],
        site: &SiteMap,
    ) {
        let mut began = care.get(visit.id).copied();
        if let Some(prior) = reference(visit.at, "partOf")
            && let Some((start, end, patient)) = starts.get(prior.as_str())
            && *patient == visit.patient
        {
            let hours = end.map(|end| (visit.start.as_second() - end.as_second()).abs() / 3600);
            if hours.is_none_or(|h| h < i64::from(site.episode_hours)) && *start <= visit.start {
                began = care.get(&prior).copied().or(Some(*start));
                let json = parsed.iter().find(|(id, ..)| **id == prior).map(|(.., json)| json);
                news.visit.prior = json.map(|json| number(json.root(), &prior));
            }
        }
        news.visit.care_started_at = began.map(Told::Is);
    }

    /// The most exact place: a bed before a room before a ward.
    fn place(&self, at: Value<'_>) -> Option<Place> {
        let named = at.get("location").into_iter().flat_map(Value::items).filter_map(|l| {
            let location = l.get("location")?;
            let id = target(&location.get("reference").and_then(Value::text).unwrap_or_default());
            let shown = word(location, "display");
            Some((id, shown))
        });
        let named: Vec<(String, String)> = named.collect();
        let physical = |id: &str| self.locations.get(id).map_or("", |l| l.physical.as_str());
        let of = |wanted: &str| named.iter().find(|(id, _)| physical(id) == wanted);
        let name = |id: &str, shown: &str| {
            self.locations.get(id).map(|l| l.name.clone()).filter(|n| !n.is_empty()).unwrap_or_else(|| shown.to_owned())
        };
        let inner = of("bd").or_else(|| of("ro"));
        let around = inner.and_then(|(id, _)| self.locations.get(id)?.part_of.as_deref());
        let unit = match (around, of("wa"), named.first()) {
            (Some(id), ..) => name(id, ""),
            (None, Some((id, shown)), _) | (None, None, Some((id, shown))) => name(id, shown),
            _ => return None,
        };
        let bed = inner.map(|(id, shown)| name(id, shown)).unwrap_or_default();
        Some(Place { unit, bed, ..Place::default() })
    }

    fn participant(&self, at: Value<'_>, role: &str) -> Option<Practitioner> {
        let plays = |p: &Value<'_>| {
            let roles = p.get("type").into_iter().flat_map(Value::items).filter_map(pick::first_coding);
            roles.map(|(_, code)| code).any(|code| code == role)
        };
        let found = at.get("participant")?.items().find(plays)?.get("individual")?;
        let id = target(&found.get("reference").and_then(Value::text).unwrap_or_default());
        let known = self.practitioners.get(&id).cloned();
        known.or_else(|| Some(Practitioner { id, npi: None, name: word(found, "display") }))
    }

    fn diagnoses(&self, at: Value<'_>, used: &mut Used) -> Vec<DiagnosisNews> {
        let mut found = Vec::new();
        for entry in at.get("diagnosis").into_iter().flat_map(Value::items) {
            let Some(id) = reference(entry, "condition") else { continue };
            let Some(condition) = self.conditions.get(&id) else { continue };
            used.conditions.insert(id);
            let kind = entry.get("use").and_then(pick::first_coding).map(|(_, code)| code.into_owned());
            let rank = entry.get("rank").and_then(Value::number).and_then(|n| n.parse().ok()).unwrap_or(0);
            found.push(DiagnosisNews { kind: kind.unwrap_or_default(), rank, ..condition.clone() });
        }
        found
    }

    /// Coverages in force on the day the visit began, in order of benefits.
    fn payers(&self, visit: &Visit<'_>, reading: FhirReading<'_>, used: &mut Used) -> Vec<PayerNews> {
        let day = reading.zone.day(visit.start);
        let holds = |held: &&Held| {
            let p = &held.payer;
            held.active && p.from.is_none_or(|from| from <= day) && p.through.is_none_or(|through| day <= through)
        };
        let held = self.coverages.get(&visit.patient).into_iter().flatten();
        let mut payers: Vec<PayerNews> = Vec::new();
        for one in held.filter(holds) {
            let mut payer = one.payer.clone();
            if let Some(name) =
                one.organization.as_ref().and_then(|id| self.organizations.get(id)).filter(|n| !n.is_empty())
            {
                payer.name.clone_from(name);
            }
            payer.line_of_business = reading.site.line_of(&payer);
            payers.push(payer);
        }
        payers.sort_by_key(|p| if p.order == 0 { u8::MAX } else { p.order });
        for (index, payer) in payers.iter_mut().enumerate() {
            payer.order = u8::try_from(index + 1).unwrap_or(u8::MAX);
        }
        used.covered.insert(visit.patient.clone());
        payers
    }

    fn orders_of(&self, visits: &[Visit<'_>], reading: FhirReading<'_>, news: &mut Vec<StayNews>, used: &mut Used) {
        let known: BTreeMap<&str, &Visit<'_>> = visits.iter().map(|v| (v.id, v)).collect();
        for order in &self.orders {
            let told = &order.is;
            let Some(visit) = order.encounter.as_deref().and_then(|e| known.get(e)) else { continue };
            let words =
                Code { system: CodeSystem::Other(String::new()), value: String::new(), label: Some(told.text.clone()) };
            let mut codes = told.codes.iter().chain([&words]);
            let found = codes.find_map(|code| Some((code, reading.site.status_of_order(code)?)));
            let (Some((code, status)), Some(at)) = (found, told.at) else { continue };
            used.orders.insert(told.id.clone());
            let state = OrderState::read(told.state);
            let ends = !matches!(state, OrderState::Placed | OrderState::Unsigned);
            let by = told.by.as_ref().and_then(|id| self.practitioners.get(id)).cloned();
            let source = NewsSource {
                road: Road::Fhir,
                sender: reading.sender.to_owned(),
                message: format!("ServiceRequest/{}", told.id),
            };
            let mut one = StayNews::new(source, "fhir:ServiceRequest", NewsKind::Order, at);
            one.id = format!("fhir/{}/ServiceRequest/{}/{}", reading.sender, told.id, told.state);
            one.visit.number = Some(number(visit.at, visit.id));
            one.patient.identifiers =
                self.patients.get(&visit.patient).map(|p| p.identifiers.clone()).unwrap_or_default();
            one.order = Some(StatusOrder {
                number: told.id.clone(),
                code: code.clone(),
                status: Some(status),
                state,
                at,
                ended_at: ends.then_some(at),
                by,
            });
            news.push(one);
        }
    }

    /// Documents and vital signs, each with the visit it belongs to: one piece of news for each document, one for all signs of
    /// a visit.
    fn record_of(
        &mut self,
        visits: &[Visit<'_>],
        reading: FhirReading<'_>,
        news: &mut Vec<StayNews>,
        used: &mut Used,
    ) -> Vec<File> {
        let known: BTreeMap<&str, &Visit<'_>> = visits.iter().map(|v| (v.id, v)).collect();
        let of = |encounter: &Option<String>| encounter.as_deref().and_then(|e| known.get(e)).copied();
        let mut files = Vec::new();
        for filed in std::mem::take(&mut self.documents) {
            used.filed += 1;
            let Some(visit) = of(&filed.encounter) else { continue };
            used.documents += 1;
            let document = filed.is.news;
            let (place, at) = (format!("DocumentReference/{}", document.id), document.at.unwrap_or(visit.start));
            let mut one = self.told_of(visit, reading, place, at);
            if let (Some(bytes), Some(digest)) = (filed.is.bytes, document.digest.clone()) {
                let (media_type, title) = (document.media_type.clone(), document.title.clone());
                files.push(File { digest, media_type, title, bytes });
            }
            one.id = format!("{}/{}/{}", one.id, document.state, document.digest.as_deref().unwrap_or("-"));
            one.documents = vec![document];
            news.push(one);
        }
        let mut signs: BTreeMap<&str, Vec<Measured>> = BTreeMap::new();
        for sign in &self.signs {
            let Some(visit) = of(&sign.encounter) else { continue };
            used.signs += 1;
            signs.entry(visit.id).or_default().extend(sign.is.iter().cloned());
        }
        for (visit, mut measured) in signs {
            let Some(visit) = known.get(visit) else { continue };
            last_of_each(&mut measured);
            let Some(at) = measured.iter().map(|m| m.at).max() else { continue };
            let mut one = self.told_of(visit, reading, format!("Encounter/{}/vital-signs", visit.id), at);
            one.id = format!("{}/{at}", one.id);
            one.measured = measured;
            news.push(one);
        }
        files
    }

    /// News of a visit's record: of this patient and visit, recorded when it was written, never before the visit began.
    fn told_of(&self, visit: &Visit<'_>, reading: FhirReading<'_>, place: String, at: Moment) -> StayNews {
        let id = format!("fhir/{}/{place}", reading.sender);
        let trigger = if place.starts_with("Doc") { "fhir:DocumentReference" } else { "fhir:Observation" };
        let source = NewsSource { road: Road::Fhir, sender: reading.sender.to_owned(), message: place };
        let mut one = StayNews::new(source, trigger, NewsKind::Record, at.max(visit.start));
        one.id = id;
        one.recorded_at = reading.recorded_at;
        one.visit.number = Some(number(visit.at, visit.id));
        one.patient.identifiers = self.patients.get(&visit.patient).map(|p| p.identifiers.clone()).unwrap_or_default();
        one
    }

    /// Records that only matter through others: used by a stay, or not.
    fn settle(&mut self, used: &Used) {
        let mut count = |kind: &str, all: u64, taken: u64, why: &str| {
            if taken > 0 {
                *self.account.taken.entry(kind.to_owned()).or_default() += taken;
            }
            self.account.ignore(kind, why, all - taken);
        };
        let size = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let patients = self.patients.keys().filter(|id| used.patients.contains(*id)).count();
        count("Patient", size(self.patients.len()), size(patients), "the patient has no hospital stay");
        let covers: usize = self.coverages.values().map(Vec::len).sum();
        let covered = self.coverages.iter().filter(|(p, _)| used.covered.contains(*p)).map(|(_, c)| c.len()).sum();
        count("Coverage", size(covers), size(covered), "the patient has no hospital stay");
        count(
            "Condition",
            size(self.conditions.len()),
            size(used.conditions.len()),
            "no stay names it as its diagnosis",
        );
        count("Procedure", size(self.procedures.len()), size(used.procedures), "it belongs to no hospital stay");
        count(
            "ServiceRequest",
            size(self.orders.len()),
            size(used.orders.len()),
            "it belongs to no hospital stay, or was called off",
        );
        count("Observation", size(self.laboratory.len()), used.laboratory, "laboratory work of no hospital stay");
        count("DocumentReference", used.filed, used.documents, "it belongs to no hospital stay of this delivery");
        count("Observation", size(self.signs.len()), used.signs, "vital signs of no hospital stay");
    }
}

/// Which records a stay used.
#[derive(Default)]
struct Used {
    patients: BTreeSet<String>,
    covered: BTreeSet<String>,
    conditions: BTreeSet<String>,
    orders: BTreeSet<String>,
    procedures: usize,
    laboratory: u64,
    filed: u64,
    documents: u64,
    signs: u64,
}

/// Keeps the newest measurement of each kind.
fn last_of_each(measured: &mut Vec<Measured>) {
    measured.sort_by_cached_key(|m| (m.code.to_string(), m.at, m.value.clone()));
    let mut last: Vec<Measured> = Vec::new();
    for one in measured.drain(..) {
        match last.last_mut().filter(|kept| kept.code.to_string() == one.code.to_string()) {
            Some(kept) => *kept = one,
            None => last.push(one),
        }
    }
    *measured = last;
}
