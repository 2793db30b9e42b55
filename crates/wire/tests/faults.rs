//! Every class of fault: each is found, at its place, together with all the others; and nothing makes a reader panic.
#![allow(clippy::unwrap_used)]

mod common;

use proptest::prelude::*;
use serde_json::{Value, json};
use vigil_wire::{
    fhir::{
        outcome::operation_outcome,
        pas::{Base, compose, read_inquiry, read_submit},
    },
    issue::Issue,
};

fn sample() -> Value {
    serde_json::from_slice(&compose::bundle(Base::V22, &common::home_oxygen())).unwrap()
}

fn issues(body: &Value) -> Vec<Issue> {
    match read_submit(Base::V22, &serde_json::to_vec(body).unwrap(), common::receipt()) {
        Ok(submission) => submission.warnings,
        Err(issues) => issues,
    }
}

/// Changes the sample at a JSON pointer; `Null` removes.
fn change(body: &mut Value, pointer: &str, to: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match (parent, to) {
        (Value::Object(map), Value::Null) => drop(map.remove(name)),
        (Value::Object(map), to) => drop(map.insert(name.to_owned(), to)),
        (Value::Array(list), Value::Null) => drop(list.remove(name.parse().unwrap())),
        (Value::Array(list), to) if name == "-" => list.push(to),
        (Value::Array(list), to) => list[name.parse::<usize>().unwrap()] = to,
        _ => unreachable!("the pointer leads to no container"),
    }
}

const CLAIM: &str = "/entry/0/resource";

/// Where it is changed, to what, and the issue that follows: severity, code, place.
fn table() -> Vec<(String, Value, &'static str, &'static str, &'static str)> {
    let claim = |path: &str| format!("{CLAIM}{path}");
    let concept = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code}]});
    vec![
        ("/resourceType".into(), json!("Patient"), "error", "structure", "Patient"),
        ("/type".into(), json!("transaction"), "error", "value", "Bundle.type"),
        ("/type".into(), Value::Null, "error", "required", "Bundle.type"),
        ("/identifier".into(), Value::Null, "error", "required", "Bundle.identifier"),
        ("/timestamp".into(), json!("2026-11-23"), "error", "value", "Bundle.timestamp"),
        ("/timestamp".into(), json!("yesterday"), "error", "value", "Bundle.timestamp"),
        ("/entry/0".into(), Value::Null, "error", "invariant", "Bundle.entry[0].resource"),
        ("/entry".into(), json!([]), "error", "required", "Bundle"),
        ("/entry".into(), json!({}), "error", "structure", "Bundle.entry"),
        ("/entry/1/fullUrl".into(), Value::Null, "error", "required", "Bundle.entry[1].fullUrl"),
        ("/entry/1/fullUrl".into(), json!("Patient/1"), "error", "value", "Bundle.entry[1].fullUrl"),
        ("/entry/1/resource".into(), Value::Null, "error", "required", "Bundle.entry[1].resource"),
        (claim("/status"), json!("draft"), "error", "value", "Bundle.entry[0].resource.status"),
        (claim("/use"), json!("claim"), "error", "value", "Bundle.entry[0].resource.use"),
        (claim("/use"), json!(7), "error", "structure", "Bundle.entry[0].resource.use"),
        (
            claim("/type"),
            concept("http://terminology.hl7.org/CodeSystem/claim-type", "vision"),
            "error",
            "code-invalid",
            "Bundle.entry[0].resource.type",
        ),
        (claim("/created"), Value::Null, "error", "required", "Bundle.entry[0].resource.created"),
        (claim("/priority"), Value::Null, "error", "required", "Bundle.entry[0].resource.priority"),
        (claim("/patient"), Value::Null, "error", "required", "Bundle.entry[0].resource.patient"),
        (claim("/patient"), json!([]), "error", "structure", "Bundle.entry[0].resource.patient"),
        (
            claim("/patient/reference"),
            json!("Patient/none"),
            "error",
            "not-found",
            "Bundle.entry[0].resource.patient.reference",
        ),
        (claim("/insurer"), Value::Null, "error", "required", "Bundle.entry[0].resource.insurer"),
        (claim("/insurance"), Value::Null, "error", "required", "Bundle.entry[0].resource.insurance"),
        (
            claim("/insurance/0/focal"),
            json!("true"),
            "error",
            "structure",
            "Bundle.entry[0].resource.insurance[0].focal",
        ),
        (claim("/item"), Value::Null, "error", "required", "Bundle.entry[0].resource.item"),
        (claim("/item/0/sequence"), Value::Null, "error", "required", "Bundle.entry[0].resource.item[0].sequence"),
        (claim("/item/0/sequence"), json!(0), "error", "structure", "Bundle.entry[0].resource.item[0].sequence"),
        (
            claim("/item/0/productOrService"),
            Value::Null,
            "error",
            "required",
            "Bundle.entry[0].resource.item[0].productOrService",
        ),
        (
            claim("/item/0/productOrService"),
            concept("http://example.org/own", "1"),
            "error",
            "code-invalid",
            "Bundle.entry[0].resource.item[0].productOrService",
        ),
        (claim("/item/0/category"), Value::Null, "error", "required", "Bundle.entry[0].resource.item[0].category"),
        (
            claim("/item/0/locationCodeableConcept"),
            concept("http://example.org/own", "1"),
            "error",
            "code-invalid",
            "Bundle.entry[0].resource.item[0].locationCodeableConcept",
        ),
        (
            claim("/item/0/servicedPeriod/end"),
            json!("2020-01-01"),
            "error",
            "invariant",
            "Bundle.entry[0].resource.item[0].servicedPeriod",
        ),
        (
            claim("/item/0/servicedPeriod/end"),
            json!("2026-02-30"),
            "error",
            "value",
            "Bundle.entry[0].resource.item[0].servicedPeriod.end",
        ),
        (
            claim("/item/0/quantity/value"),
            json!("12"),
            "error",
            "structure",
            "Bundle.entry[0].resource.item[0].quantity.value",
        ),
        (
            claim("/item/0/diagnosisSequence/0"),
            json!(9),
            "error",
            "not-found",
            "Bundle.entry[0].resource.item[0].diagnosisSequence",
        ),
        (
            claim("/item/0/extension/0/valueCodeableConcept/coding/0/code"),
            json!("ZZ"),
            "error",
            "code-invalid",
            "Bundle.entry[0].resource.item[0].extension[0].valueCodeableConcept",
        ),
        (
            claim("/diagnosis/0/diagnosisCodeableConcept"),
            concept("http://snomed.info/sct", "1"),
            "error",
            "code-invalid",
            "Bundle.entry[0].resource.diagnosis[0].diagnosisCodeableConcept",
        ),
        (
            claim("/diagnosis/0/type/0/coding/0/code"),
            json!("other"),
            "error",
            "code-invalid",
            "Bundle.entry[0].resource.diagnosis[0].type[0]",
        ),
        (
            claim("/modifierExtension"),
            json!([{"url": "http://example.org/not", "valueBoolean": true}]),
            "error",
            "extension",
            "Bundle.entry[0].resource.modifierExtension[0]",
        ),
        (
            claim("/supportingInfo/1/sequence"),
            json!(1),
            "error",
            "duplicate",
            "Bundle.entry[0].resource.supportingInfo[1].sequence",
        ),
        ("/entry/1/resource/gender".into(), json!("x"), "error", "code-invalid", "Bundle.entry[1].resource.gender"),
        (
            "/entry/1/resource/birthDate".into(),
            json!("09/04/1951"),
            "error",
            "value",
            "Bundle.entry[1].resource.birthDate",
        ),
        (
            "/entry/1/resource/generalPractitioner".into(),
            json!([{"reference": "Practitioner/elsewhere"}]),
            "warning",
            "not-found",
            "Bundle.entry[1].resource.generalPractitioner[0].reference",
        ),
        ("/entry/1/resource/favourite".into(), json!("ignored"), "none", "", ""),
    ]
}

#[test]
fn each_fault_is_named_at_its_place() {
    assert!(issues(&sample()).is_empty(), "{:#?}", issues(&sample()));
    for (pointer, to, severity, code, place) in table() {
        let mut body = sample();
        change(&mut body, &pointer, to.clone());
        let found = issues(&body);
        if severity == "none" {
            assert!(found.is_empty(), "{pointer}: {found:#?}");
            continue;
        }
        let hit = found.iter().any(|issue| {
            (issue.severity.word(), issue.code.word(), issue.expression.as_str()) == (severity, code, place)
        });
        assert!(hit, "{pointer} = {to}: wanted {severity} {code} at {place}, found {found:#?}");
        assert!(found.iter().all(|issue| !issue.details.is_empty() && !issue.diagnostics.is_empty()));
    }
}

#[test]
fn what_a_claim_points_at_has_the_shape_that_fhir_asks_for() {
    let at = |kind: &str| {
        let body = sample();
        let entries = body["entry"].as_array().unwrap();
        entries.iter().position(|entry| entry["resource"]["resourceType"] == kind).unwrap()
    };
    let (patient, coverage, observation) = (at("Patient"), at("Coverage"), at("Observation"));
    for (entry, name, to, code, place) in [
        (patient, "identifier", Value::Null, "required", "identifier"),
        (patient, "name", json!([]), "required", "name"),
        (patient, "birthDate", json!("2090-01-01"), "invariant", "birthDate"),
        (coverage, "status", Value::Null, "required", "status"),
        (coverage, "status", json!("in-force"), "code-invalid", "status"),
        (coverage, "payor", Value::Null, "required", "payor"),
        (coverage, "beneficiary", Value::Null, "required", "beneficiary"),
        (coverage, "period", json!({"start": "2026-05-01", "end": "2026-01-01"}), "invariant", "period"),
        (observation, "status", json!("done"), "code-invalid", "status"),
        (observation, "code", Value::Null, "required", "code"),
    ] {
        let mut body = sample();
        change(&mut body, &format!("/entry/{entry}/resource/{name}"), to);
        let place = format!("Bundle.entry[{entry}].resource.{place}");
        let found = issues(&body);
        let hit = found.iter().any(|issue| issue.code.word() == code && issue.expression == place);
        assert!(hit, "wanted {code} at {place}, found {found:#?}");
    }
    for (pointer, to, code) in [
        ("/item/0/servicedDate", json!("2026-12-01"), "structure"),
        ("/item/0/quantity", json!({"value": -5, "unit": "month"}), "value"),
        ("/item/0/quantity", json!({"value": 1e300}), "value"),
    ] {
        let mut body = sample();
        change(&mut body, &format!("{CLAIM}{pointer}"), to);
        let found = issues(&body);
        assert!(found.iter().any(|issue| issue.code.word() == code), "{pointer}: {found:#?}");
    }
    let mut body = sample();
    let again = body.pointer("/entry/0/resource/insurance/0").unwrap().clone();
    change(&mut body, "/entry/0/resource/insurance/-", again);
    assert!(issues(&body).iter().any(|issue| issue.code.word() == "invariant"), "two focal insurances");
}

#[test]
fn all_faults_are_told_at_once() {
    let mut body = sample();
    for (pointer, to) in [
        ("/timestamp", json!("yesterday")),
        ("/entry/0/resource/use", json!("claim")),
        ("/entry/0/resource/item/0/servicedPeriod/end", json!("2020-01-01")),
        ("/entry/1/resource/gender", json!("x")),
    ] {
        change(&mut body, pointer, to);
    }
    let copy = body.pointer("/entry/1").unwrap().clone();
    change(&mut body, "/entry/-", copy);
    let found = issues(&body);
    let places: Vec<&str> = found.iter().map(|issue| issue.expression.as_str()).collect();
    let last = format!("Bundle.entry[{}].fullUrl", body["entry"].as_array().unwrap().len() - 1);
    for place in [
        "Bundle.timestamp",
        last.as_str(),
        "Bundle.entry[0].resource.use",
        "Bundle.entry[0].resource.item[0].servicedPeriod",
        "Bundle.entry[1].resource.gender",
    ] {
        assert!(places.contains(&place), "{place} is not in {places:?}");
    }
    let outcome: Value = serde_json::from_slice(&operation_outcome(&found)).unwrap();
    assert_eq!(outcome["issue"].as_array().unwrap().len(), found.len());
    assert_eq!(outcome["issue"][0]["expression"][0], found[0].expression);
}

#[test]
fn a_member_that_stands_twice_is_an_error() {
    let body = String::from_utf8(compose::bundle(Base::V22, &common::home_oxygen())).unwrap();
    let body = body.replacen("\"use\":\"preauthorization\"", "\"use\":\"preauthorization\",\"use\":\"claim\"", 1);
    let found = read_submit(Base::V22, body.as_bytes(), common::receipt()).unwrap_err();
    assert_eq!(found[0].expression, "Bundle.entry[0].resource.use");
    assert_eq!(found[0].code.word(), "structure");
}

#[test]
fn a_version_asks_only_what_its_guide_asks() {
    let mut body = sample();
    change(&mut body, "/entry/0/resource/item/0/locationCodeableConcept", Value::Null);
    let bytes = serde_json::to_vec(&body).unwrap();
    assert!(read_submit(Base::V20, &bytes, common::receipt()).is_ok());
    assert!(read_submit(Base::V22, &bytes, common::receipt()).is_err());
}

#[test]
fn statements_that_were_withdrawn_are_no_evidence() {
    let mut body = sample();
    let at =
        body["entry"].as_array().unwrap().iter().position(|e| e["resource"]["resourceType"] == "Observation").unwrap();
    change(&mut body, &format!("/entry/{at}/resource/status"), json!("entered-in-error"));
    let read = read_submit(Base::V22, &serde_json::to_vec(&body).unwrap(), common::receipt()).unwrap();
    assert!(read.request.items.iter().all(|item| item.place != "Observation/pao2"));
}

#[test]
fn a_bundle_of_many_entries_is_read_as_a_small_one() {
    let mut body = sample();
    for n in 0..3000 {
        let url = format!("urn:uuid:00000000-0000-4000-8000-{n:012}");
        let resource = json!({"resourceType": "Condition", "id": format!("c{n}"), "subject": {"reference": "Patient/patient"},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "J96.11"}]}});
        body["entry"].as_array_mut().unwrap().push(json!({"fullUrl": url, "resource": resource}));
    }
    let read = read_submit(Base::V22, &serde_json::to_vec(&body).unwrap(), common::receipt()).unwrap();
    assert_eq!(read.request.items.len(), 3006);
    let copy = body["entry"][2000].clone();
    body["entry"].as_array_mut().unwrap().push(copy);
    let found = read_submit(Base::V22, &serde_json::to_vec(&body).unwrap(), common::receipt()).unwrap_err();
    assert_eq!((found.len(), found[0].code.word()), (1, "duplicate"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn cut_and_garbled_requests_never_panic(cut in 0usize..8000, at in 0usize..8000, byte in any::<u8>()) {
        let mut body = compose::bundle(Base::V22, &common::home_oxygen());
        let at = at % body.len();
        body[at] = byte;
        let _ = read_submit(Base::V22, &body, common::receipt());
        let _ = read_inquiry(Base::V20, &body);
        body.truncate(cut % body.len());
        let cut = read_submit(Base::V22, &body, common::receipt());
        prop_assert!(cut.is_err());
    }

    #[test]
    fn any_value_in_any_place_never_panics(place in any::<prop::sample::Index>(), to in prop_oneof![
        Just(json!(null)), Just(json!([])), Just(json!({})), Just(json!("")), Just(json!(-1)), Just(json!(true)), Just(json!([[]])), Just(json!("#x")),
    ]) {
        let mut body = sample();
        let mut places = Vec::new();
        fn walk(value: &Value, path: String, places: &mut Vec<String>) {
            match value {
                Value::Object(map) => map.iter().for_each(|(name, v)| walk(v, format!("{path}/{}", name.replace('/', "~1")), places)),
                Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| walk(v, format!("{path}/{i}"), places)),
                _ => {}
            }
            places.push(path);
        }
        walk(&body, String::new(), &mut places);
        let pointer = place.get(&places).clone();
        if let Some(found) = body.pointer_mut(&pointer) {
            *found = to;
        }
        let bytes = serde_json::to_vec(&body).unwrap();
        for base in Base::ALL {
            let _ = read_submit(base, &bytes, common::receipt());
            let _ = read_inquiry(base, &bytes);
        }
    }
}

/// Found by fuzzing: the reader went round until the stack, and with it the process, was gone.
#[test]
fn roles_that_point_at_themselves_or_at_each_other_come_to_an_end() {
    for (one, other) in [("role-a", "role-a"), ("role-a", "role-b")] {
        let mut body = sample();
        for (id, at) in [(one, other), (other, one)] {
            let at = json!({"reference": format!("PractitionerRole/{at}")});
            let role = json!({"resourceType": "PractitionerRole", "id": id, "practitioner": at, "organization": at});
            let entry = json!({"fullUrl": format!("http://example.org/fhir/PractitionerRole/{id}"), "resource": role});
            change(&mut body, "/entry/-", entry);
        }
        let role = json!({"reference": format!("http://example.org/fhir/PractitionerRole/{one}")});
        change(&mut body, &format!("{CLAIM}/provider"), role.clone());
        change(&mut body, &format!("{CLAIM}/careTeam"), json!([{"sequence": 1, "provider": role}]));
        let bytes = serde_json::to_vec(&body).unwrap();
        for base in Base::ALL {
            let read = read_submit(base, &bytes, common::receipt());
            assert!(read.is_ok() || read.is_err_and(|issues| !issues.is_empty()));
            drop(read_inquiry(base, &bytes));
        }
    }
}

/// Found by fuzzing: a letter of three bytes across the place where a year ends.
#[test]
fn a_date_with_other_letters_in_it_is_an_issue_and_no_panic() {
    for text in [
        "19\u{feff}48",
        "1948-0\u{e9}",
        "194\u{20ac}-",
        "\u{1d7d8}948",
        "1948-01-0\u{e9}",
        "194\u{20ac}-01-01T00:00:00Z",
    ] {
        let mut body = sample();
        let patient = body["entry"].as_array().unwrap().iter().position(|e| e["resource"]["resourceType"] == "Patient");
        let place = format!("/entry/{}/resource/birthDate", patient.unwrap());
        change(&mut body, &place, json!(text));
        let found = issues(&body);
        assert!(found.iter().any(|issue| issue.expression.ends_with("birthDate")), "{text:?}: {found:?}");
    }
}
