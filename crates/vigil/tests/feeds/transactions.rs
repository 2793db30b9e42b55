//! A hospital's FHIR transactions over the network: taken whole or not at all, the same bytes the same answer; and a feed that
//! falls silent.

use serde_json::{Value, json};
use vigil_desk::MAIN_TENANT;
use vigil_store::{Commit, NewEvent, SubjectKey};

use crate::{
    client::{self, Answer, send},
    house::House,
    messages::facility,
    papers::sign_in,
};

/// A house that knows the example hospital, with the token of its interface.
async fn open() -> (House, String) {
    let house = House::open(&[]).await;
    house.app.desk.keep_facility(MAIN_TENANT, &facility()).await.unwrap();
    let token = house.token("mercy-ehr", &["hospital"]).await;
    (house, token)
}

async fn post(house: &House, path: &str, token: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/fhir+json")];
    send(house.at, "POST", path, &headers, body.to_string().as_bytes()).await
}

fn entry(resource: Value) -> Value {
    let (kind, id) = (resource["resourceType"].clone(), resource["id"].clone());
    let url = format!("{}/{}", kind.as_str().unwrap(), id.as_str().unwrap());
    json!({"fullUrl": format!("https://ehr.example/{url}"), "resource": resource, "request": {"method": "PUT", "url": url}})
}

fn transaction(resources: Vec<Value>) -> Value {
    let entries: Vec<Value> = resources.into_iter().map(entry).collect();
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p1", "name": [{"family": "Doe", "given": ["Jane"]}], "gender": "female",
        "birthDate": "1944-06-12", "identifier": [{"system": "urn:mrn", "value": "M1"}]})
}

fn encounter(class: &str) -> Value {
    json!({"resourceType": "Encounter", "id": "e1", "status": "in-progress", "class": {"code": class},
        "subject": {"reference": "Patient/p1"}, "period": {"start": "2026-06-01T07:00:00"}})
}

fn coverage() -> Value {
    json!({"resourceType": "Coverage", "id": "c1", "status": "active", "beneficiary": {"reference": "Patient/p1"},
        "subscriberId": "1EG4", "type": {"text": "Original Medicare"}, "payor": [{"display": "Medicare"}]})
}

const AT: &str = "/hospital/mercy/fhir";

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_becomes_a_stay_and_its_repeat_gets_the_same_answer() {
    let (house, token) = open().await;
    let note = json!({"resourceType": "DocumentReference", "id": "d1", "status": "current"});
    let body = transaction(vec![patient(), encounter("EMER"), coverage(), note]);
    let first = post(&house, AT, &token, &body).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let told = first.json();
    assert_eq!(told["type"], "transaction-response");
    let at: Vec<&str> =
        told["entry"].as_array().unwrap().iter().map(|e| e["response"]["location"].as_str().unwrap()).collect();
    assert_eq!(at, ["Patient/p1", "Encounter/e1", "Coverage/c1", "DocumentReference/d1"]);
    let unread = &told["entry"][3]["response"]["outcome"]["issue"][0];
    assert_eq!(unread["severity"], "information", "what is not read is said, not hidden");
    let census =
        |house: &House| house.app.desk.census_on(MAIN_TENANT, &facility(), "2026-06-01".parse().unwrap()).unwrap();
    assert_eq!(census(&house).open.len(), 1);
    let stay = census(&house).open[0].stay.clone();
    let version = |house: &House| house.app.desk.load_stay(MAIN_TENANT, &stay).unwrap().unwrap().version;
    let before = version(&house);
    house.later(60);
    let again = post(&house, AT, &token, &body).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(version(&house), before, "the same bytes change nothing");
    // An update without the Coverage does not take the Coverage away.
    let update = post(&house, AT, &token, &transaction(vec![patient(), encounter("OBSENC")])).await;
    assert_eq!(update.status, 200, "{}", update.text());
    let after = census(&house).open;
    assert_eq!((after.len(), after[0].status.as_str()), (1, "observation"));
    assert_eq!(after[0].line_of_business, "original-medicare");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_answered_whole_kept_and_nothing_is_taken() {
    let (house, token) = open().await;
    let mut broken = encounter("XYZ");
    broken["id"] = json!("e2");
    let mut nobody = encounter("IMP");
    nobody["subject"] = json!({"reference": "Patient/unknown"});
    let body = transaction(vec![patient(), broken, nobody]);
    let answer = post(&house, AT, &token, &body).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["resourceType"], "OperationOutcome");
    let places: Vec<String> =
        told["issue"].as_array().unwrap().iter().map(|i| i["expression"][0].as_str().unwrap().to_owned()).collect();
    assert_eq!(places, ["Bundle.entry[2].resource.subject", "Bundle.entry[1].resource.class"].map(str::to_owned));
    let census = house.app.desk.census_on(MAIN_TENANT, &facility(), "2026-06-01".parse().unwrap()).unwrap();
    assert!(census.open.is_empty(), "all or nothing");
    assert_eq!(post(&house, AT, &token, &body).await.body, answer.body, "kept with its answer");

    let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": [{"resource": patient()}]});
    let answer = post(&house, AT, &token, &batch).await;
    assert_eq!((answer.status, answer.json()["issue"].as_array().unwrap().len()), (400, 2), "{}", answer.text());
    let answer = post(&house, AT, &token, &json!({"resourceType": "Patient"})).await;
    assert_eq!((answer.status, answer.json()["issue"][0]["code"].as_str()), (400, Some("structure")));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_bundle_over_two_stays_nothing_is_kept_as_done_when_one_of_them_takes_nothing() {
    let (house, token) = open().await;
    let desk = &house.app.desk;
    let named = |mut resource: Value, id: &str, patient: &str| {
        resource["id"] = json!(id);
        if resource["resourceType"] == "Patient" {
            resource["identifier"][0]["value"] = json!(id);
        } else {
            resource["subject"] = json!({"reference": format!("Patient/{patient}")});
        }
        resource
    };
    let both = |class: &str| {
        let people = ["p1", "p2"].map(|id| named(patient(), id, id));
        let stays = [("e1", "p1"), ("e2", "p2")].map(|(id, who)| named(encounter(class), id, who));
        transaction(people.into_iter().chain(stays).collect())
    };
    assert_eq!(post(&house, AT, &token, &both("EMER")).await.status, 200);
    let open = desk.census_on(MAIN_TENANT, &facility(), "2026-06-01".parse().unwrap()).unwrap().open;
    let ids: Vec<String> = open.iter().map(|line| line.stay.clone()).collect();
    assert_eq!(ids.len(), 2);
    let versions = || {
        let version = |id: &String| desk.store.head(MAIN_TENANT, &SubjectKey::stay(id)).unwrap().unwrap().version;
        ids.iter().map(version).collect::<Vec<_>>()
    };
    // The stay that is written last gets a log that makes no stay any more: it takes no news from now on.
    let damaged = ids.iter().max().unwrap();
    let before = versions();
    let version = desk.load_stay(MAIN_TENANT, damaged).unwrap().unwrap().version;
    let mut broken = Commit::on(MAIN_TENANT, SubjectKey::stay(damaged), version);
    let now = desk.time.now();
    broken.events = vec![NewEvent {
        kind: "clock_warned".into(),
        form: 1,
        occurred_at: now,
        recorded_at: now,
        actor: "test".into(),
        body: br#"{"clock_warned":{"clock":404}}"#.to_vec(),
    }];
    desk.store.commit(broken).await.unwrap();
    let after = versions();
    assert_ne!(before, after);
    house.later(60);
    let body = both("IMP");
    let answer = post(&house, AT, &token, &body).await;
    assert_eq!((answer.status, answer.json()["resourceType"].as_str()), (422, Some("OperationOutcome")));
    assert_eq!(versions(), after, "no event of the Bundle is kept");
    let whole = ids.iter().find(|id| *id != damaged).unwrap();
    assert_eq!(desk.load_stay(MAIN_TENANT, whole).unwrap().unwrap().status().word(), "emergency");
    assert_eq!(desk.store.stay(MAIN_TENANT, whole).unwrap().unwrap().status, "emergency", "nor any row");
    let again = post(&house, AT, &token, &body).await;
    assert_eq!((again.status, &again.body), (422, &answer.body), "the message as received is kept with its answer");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_vital_signs_of_the_record_stand_on_the_stay_and_in_the_review() {
    let (house, token) = open().await;
    house.account("nurse", "ur-nurse").await;
    let note = json!({"resourceType": "DocumentReference", "id": "d1", "status": "current", "date": "2026-06-01T08:10:00",
        "type": {"text": "History and physical"}, "author": [{"display": "Dr. Roe"}],
        "context": {"encounter": [{"reference": "Encounter/e1"}]},
        "content": [{"attachment": {"contentType": "text/plain", "data": "U2hvcnQgb2YgYnJlYXRoLg=="}}]});
    let sign = |id: &str, code: &str, value: f64, at: &str| {
        json!({"resourceType": "Observation", "id": id, "status": "final",
            "category": [{"coding": [{"code": "vital-signs"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": "Heart rate"}]},
            "encounter": {"reference": "Encounter/e1"}, "effectiveDateTime": at,
            "valueQuantity": {"value": value, "unit": "/min"}})
    };
    let signs = [sign("o2", "8867-4", 96.0, "2026-06-01T08:40:00"), sign("o1", "8867-4", 118.0, "2026-06-01T07:20:00")];
    let [newer, older] = signs;
    let body = transaction(vec![note, newer, patient(), older, encounter("IMP"), coverage()]);
    let answer = post(&house, AT, &token, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains("not used"), "every record is used: {}", answer.text());
    let open = house.app.desk.census_on(MAIN_TENANT, &facility(), "2026-06-01".parse().unwrap()).unwrap().open;
    assert_eq!(open.len(), 1);
    let stay = house.app.desk.load_stay(MAIN_TENANT, &open[0].stay).unwrap().unwrap();
    let measured: Vec<&str> = stay.track.measured.iter().map(|m| m.value.as_str()).collect();
    assert_eq!(measured, ["96.0"], "the last of each kind");
    let digest = stay.track.documents[0].digest.clone().unwrap();
    let cookie = sign_in(&house).await;
    let page = client::get(house.at, &format!("/stay/{}", stay.id), &cookie).await.text();
    assert!(page.contains("History and physical") && page.contains("Heart rate 96.0 /min"), "{page}");
    let paper = client::get(house.at, &format!("/stay/{}/document/{digest}", stay.id), &cookie).await;
    assert_eq!((paper.status, paper.text().as_str()), (200, "Short of breath."));
    let form = client::get(house.at, &format!("/stay/{}/do/review", stay.id), &cookie).await.text();
    assert!(form.contains("name=\"document.d1\""), "the review asks what was looked at: {form}");
    // Another stay's page does not open it.
    let other = client::get(house.at, &format!("/stay/{}/document/{}", stay.id, "0".repeat(64)), &cookie).await;
    assert_eq!(other.status, 404);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_says_what_it_takes_without_a_token() {
    let (house, _) = open().await;
    let told = send(house.at, "GET", "/hospital/mercy/fhir/metadata", &[], b"").await;
    assert_eq!(told.status, 200);
    let told = told.json();
    assert_eq!(told["resourceType"], "CapabilityStatement");
    assert_eq!(told["rest"][0]["interaction"][0]["code"], "transaction");
    let types: Vec<&str> =
        told["rest"][0]["resource"].as_array().unwrap().iter().map(|r| r["type"].as_str().unwrap()).collect();
    assert!(types.contains(&"Encounter") && types.contains(&"DocumentReference") && !types.contains(&"Bundle"));
    let unknown = send(house.at, "GET", "/hospital/nowhere/fhir/metadata", &[], b"").await;
    assert_eq!(unknown.status, 200, "which facilities there are is not told");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_opens_for_its_own_tokens_and_facilities_only() {
    let (house, token) = open().await;
    let body = transaction(vec![patient(), encounter("EMER")]);
    assert_eq!(post(&house, AT, "vigil_nobody", &body).await.status, 401);
    let other = house.token("plan", &["pas"]).await;
    let closed = post(&house, AT, &other, &body).await;
    assert_eq!(closed.status, 403);
    assert!(closed.header("www-authenticate").unwrap().contains("scope=\"hospital\""));
    assert_eq!(post(&house, "/hospital/nowhere/fhir", &token, &body).await.status, 404);
    assert_eq!(
        post(&house, "/pas/2.2/fhir/Claim/$submit", &token, &body).await.status,
        403,
        "no more than its own door"
    );
    let bearer = format!("Bearer {token}");
    let text = send(house.at, "POST", AT, &[("Authorization", &bearer), ("Content-Type", "text/plain")], b"x").await;
    assert_eq!(text.status, 415);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_falls_silent_is_an_alarm_on_the_census_and_in_the_metrics() {
    let (house, token) = open().await;
    let metrics = house.token("watch", &["metrics"]).await;
    house.account("nurse", "ur-nurse").await;
    let cookie = sign_in(&house).await;
    // Nine in the morning in New York: since seven it should have spoken, and the limit is an hour.
    // The same hospital's id with another tenant, which nobody hears: a line of its own, and the alarm stands throughout.
    house.app.desk.keep_facility("other", &facility()).await.unwrap();
    let of = |tenant: &str, text: &str| {
        text.contains(&format!("vigil_feed_silent{{facility=\"mercy\",tenant=\"{tenant}\"}} 1"))
    };
    let silent = |text: &str| of("main", text);
    let bearer = format!("Bearer {metrics}");
    let headers = [("Authorization", bearer.as_str())];
    let counted = async || send(house.at, "GET", "/metrics", &headers, b"").await.text();
    assert!(silent(&counted().await));
    assert!(client::get(house.at, "/census", &cookie).await.text().contains("has never said anything"));
    let body = transaction(vec![patient(), encounter("EMER")]);
    assert_eq!(post(&house, AT, &token, &body).await.status, 200);
    let told = counted().await;
    assert!(!silent(&told) && of("other", &told), "{told}");
    assert!(!client::get(house.at, "/census", &cookie).await.text().contains("its feed has"));
    house.later(59 * 60);
    assert!(!silent(&counted().await), "59 minutes");
    house.later(60);
    assert!(silent(&counted().await), "60 minutes");
    let cookie = sign_in(&house).await;
    let page = client::get(house.at, "/census", &cookie).await.text();
    assert!(page.contains("its feed has said nothing since") && page.contains("role=\"alert\""), "{page}");
    // At night it need not speak.
    house.later(14 * 3_600);
    assert!(!silent(&counted().await));
    house.close().await;
}
