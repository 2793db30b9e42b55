//! Hospital stays out of FHIR: a transaction Bundle whose entries point at each other, times without an offset, and every record
//! accounted for, whatever is wrong with it.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use vigil_domain::{
    stay::{
        facility::{OrderRule, SiteMap},
        news::{NewsKind, OrderState, PatientStatus},
        track::Track,
    },
    time::Zone,
};
use vigil_wire::fhir::hospital::{FhirReading, Gathered, Gathering};

fn zone() -> Zone {
    Zone::named("America/New_York").unwrap()
}

fn site() -> SiteMap {
    let observation = OrderRule { code: None, words: Some("observation".into()), status: PatientStatus::Observation };
    SiteMap { orders: vec![observation], ..SiteMap::default() }
}

fn read(resources: &[Value]) -> Gathered {
    let entries: Vec<Value> = resources
        .iter()
        .map(|r| json!({"fullUrl": format!("urn:uuid:{}", r["id"].as_str().unwrap_or("x")), "resource": r}))
        .collect();
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
    let mut gathering = Gathering::new(zone());
    gathering.read("bundle.json", bundle.to_string().as_bytes());
    let site = site();
    let recorded_at = "2026-03-09T12:00:00Z".parse().unwrap();
    let gathered = gathering.finish(FhirReading { site: &site, zone: &zone(), sender: "test", recorded_at });
    assert_eq!(gathered.account.accounted(), gathered.account.records, "{:?}", gathered.account);
    gathered
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p1", "name": [{"family": "Doe", "given": ["Jane"]}], "gender": "female",
        "birthDate": "1944-06-12", "identifier": [{"system": "urn:mrn", "value": "M1"}]})
}

fn encounter(id: &str, class: &str, status: &str, start: &str, end: Option<&str>) -> Value {
    let mut period = json!({"start": start});
    if let Some(end) = end {
        period["end"] = json!(end);
    }
    json!({"resourceType": "Encounter", "id": id, "status": status, "class": {"code": class},
        "subject": {"reference": "urn:uuid:p1"}, "period": period})
}

#[test]
fn an_emergency_visit_and_what_goes_on_from_it_are_two_stays_with_one_start_of_care() {
    let emergency = encounter("e1", "EMER", "finished", "2026-03-07T22:00:00", Some("2026-03-08T04:00:00"));
    let mut inpatient = encounter("e2", "IMP", "in-progress", "2026-03-08T04:00:00", None);
    inpatient["partOf"] = json!({"reference": "urn:uuid:e1"});
    let laboratory = json!({"resourceType": "Observation", "id": "o1", "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}], "encounter": {"reference": "urn:uuid:e1"},
        "effectiveDateTime": "2026-03-07T22:40:00"});
    let gathered = read(&[inpatient, laboratory, emergency, patient()]);
    assert!(gathered.account.refused.is_empty(), "{:?}", gathered.account.refused);
    assert_eq!(gathered.news.len(), 2);
    let tracks: Vec<Track> =
        gathered.news.iter().map(|n| Track::derive(std::slice::from_ref(n), &site(), &zone())).collect();
    let care = "2026-03-08T03:40:00Z".parse().unwrap();
    assert_eq!(tracks[0].first_care_at, Some(care), "local 22:40 before the clocks went forward is UTC minus five");
    assert_eq!(tracks[1].first_care_at, Some(care), "care began in the emergency department");
    assert_eq!(tracks[0].status(), Some(&PatientStatus::Discharged));
    // Four o'clock on the morning the clocks went forward is UTC minus four.
    assert_eq!(tracks[1].periods[0].from, "2026-03-08T08:00:00Z".parse().unwrap());
    assert_eq!(gathered.news[1].visit.prior.as_ref().unwrap().value, "e1");
}

#[test]
fn an_order_for_observation_is_news_of_its_own() {
    let emergency = encounter("e1", "EMER", "in-progress", "2026-03-07T22:00:00-05:00", None);
    let order = |id: &str, text: &str, status: &str| {
        json!({"resourceType": "ServiceRequest", "id": id, "status": status, "intent": "order", "code": {"text": text},
            "encounter": {"reference": "Encounter/e1"}, "authoredOn": "2026-03-08T01:00:00-05:00"})
    };
    let gathered = read(&[
        patient(),
        emergency,
        order("s1", "Place in Observation", "active"),
        order("s2", "Metabolic panel", "active"),
        order("s3", "Place in observation", "draft"),
    ]);
    let orders: Vec<_> = gathered.news.iter().filter(|n| n.kind == NewsKind::Order).collect();
    assert_eq!(orders.len(), 2);
    let states: Vec<&OrderState> = orders.iter().map(|n| &n.order.as_ref().unwrap().state).collect();
    assert!(states.contains(&&OrderState::Placed) && states.contains(&&OrderState::Unsigned));
    let track = Track::derive(&gathered.news, &site(), &zone());
    assert_eq!(track.status(), Some(&PatientStatus::Observation));
}

#[test]
fn what_is_wrong_is_refused_with_its_reason_and_what_is_no_stay_is_ignored_with_its() {
    let gathered = read(&[
        patient(),
        encounter("a", "AMB", "finished", "2026-03-01T10:00:00Z", Some("2026-03-01T11:00:00Z")),
        encounter("b", "WEIRD", "finished", "2026-03-01T10:00:00Z", Some("2026-03-01T11:00:00Z")),
        encounter("c", "IMP", "finished", "2026-03-01T10:00:00Z", None),
        encounter("d", "IMP", "finished", "2026-03-02T10:00:00Z", Some("2026-03-01T11:00:00Z")),
        encounter("e", "IMP", "finished", "yesterday", None),
        encounter("f", "IMP", "entered-in-error", "2026-03-01T10:00:00Z", None),
        json!({"resourceType": "Encounter", "id": "g", "status": "in-progress", "class": {"code": "IMP"},
            "subject": {"reference": "Patient/nobody"}, "period": {"start": "2026-03-01T10:00:00Z"}}),
        json!({"resourceType": "Encounter", "status": "in-progress"}),
        json!({"resourceType": "Condition", "id": "h"}),
        json!({"resourceType": "Immunization", "id": "i"}),
        json!({"id": "j"}),
        encounter("k", "IMP", "in-progress", "2026-03-01T10:00:00Z", None),
        encounter("k", "IMP", "in-progress", "2026-03-01T10:00:00Z", None),
    ]);
    assert_eq!(gathered.news.len(), 1, "only the sound one");
    assert_eq!(gathered.account.taken["Encounter"], 1);
    let refused: Vec<(&str, String)> =
        gathered.account.refused.iter().map(|r| (r.kind.as_str(), r.why.join(" "))).collect();
    assert_eq!(refused.len(), 9, "{refused:?}");
    for wanted in
        ["site map", "has no end", "ends before it starts", "not a date", "not among the records", "id before"]
    {
        let found = refused
            .iter()
            .any(|(_, why)| why.contains(wanted) || (wanted == "id before" && why.contains("stands before")));
        assert!(found, "{wanted} in {refused:?}");
    }
    assert_eq!(gathered.account.ignored["Encounter"].values().sum::<u64>(), 2);
}

#[test]
fn what_is_cut_is_an_answer() {
    let whole = encounter("e1", "EMER", "finished", "2026-03-07T22:00:00Z", Some("2026-03-08T04:00:00Z")).to_string();
    for end in 0..whole.len() {
        let mut gathering = Gathering::new(zone());
        gathering.read("cut", &whole.as_bytes()[..end]);
        let site = site();
        let recorded_at = "2026-03-09T12:00:00Z".parse().unwrap();
        let gathered = gathering.finish(FhirReading { site: &site, zone: &zone(), sender: "test", recorded_at });
        assert_eq!(gathered.account.refused.len(), 1);
    }
}

#[test]
fn a_practitioner_that_is_refused_is_not_taken_as_well() {
    let named = json!({"resourceType": "Practitioner", "id": "d1", "name": "House"});
    let gathered = read(&[named]);
    assert_eq!((gathered.account.refused.len(), gathered.account.taken.len()), (1, 0));
}
