//! What a sample request says when one thing in it is changed: statements that prove nothing, codes and references that may not
//! stand there, and messages that are no request.

mod common;

use serde_json::{Value, json};
use vigil_domain::evidence::{Bound, Doubt};
use vigil_wire::{
    fhir::pas::{Base, Submission, compose, read_inquiry, read_submit},
    issue::Issue,
};

fn sample() -> Value {
    serde_json::from_slice(&compose::bundle(Base::V22, &common::home_oxygen())).expect("a request made here")
}

/// The place of the first entry of a kind.
fn at(body: &Value, kind: &str) -> usize {
    body["entry"]
        .as_array()
        .expect("a request made here")
        .iter()
        .position(|entry| entry["resource"]["resourceType"] == kind)
        .expect("a request made here")
}

fn read(body: &Value) -> Result<Submission, Vec<Issue>> {
    read_submit(Base::V22, &serde_json::to_vec(body).expect("a request made here"), common::receipt())
}

fn changed(kind: &str, change: impl Fn(&mut Value)) -> Value {
    let mut body = sample();
    let at = at(&body, kind);
    change(&mut body["entry"][at]["resource"]);
    body
}

/// The sample with a second patient in it.
fn with_another_patient(mut body: Value) -> Value {
    let mut entry = body["entry"][at(&body, "Patient")].clone();
    entry["fullUrl"] = json!("http://example.org/fhir/Patient/other");
    entry["resource"]["id"] = json!("other");
    entry["resource"]["identifier"][0]["value"] = json!("SOMEBODY-ELSE");
    body["entry"].as_array_mut().expect("a request made here").push(entry);
    body
}

#[test]
fn statements_that_prove_nothing_are_kept_with_their_doubt() {
    let other = json!({"reference": "http://example.org/fhir/Patient/other"});
    for (kind, place, rows) in [
        (
            "Observation",
            "Observation/pao2",
            [
                ("subject", other.clone(), Some(Doubt::OtherPerson)),
                ("subject", Value::Null, Some(Doubt::NoPerson)),
                ("status", json!("preliminary"), Some(Doubt::NotFinal)),
                ("status", json!("amended"), None),
            ],
        ),
        (
            "QuestionnaireResponse",
            "QuestionnaireResponse/home-oxygen#sole_reason",
            [
                ("subject", other.clone(), Some(Doubt::OtherPerson)),
                ("subject", Value::Null, Some(Doubt::NoPerson)),
                ("status", json!("in-progress"), Some(Doubt::NotFinal)),
                ("status", json!("amended"), None),
            ],
        ),
    ] {
        for (name, to, doubt) in rows {
            let body = with_another_patient(changed(kind, |resource| {
                match to.is_null() {
                    true => drop(resource.as_object_mut().expect("a request made here").remove(name)),
                    false => resource[name] = to.clone(),
                };
            }));
            let read = read(&body).unwrap_or_else(|issues| panic!("{kind}.{name}: {issues:#?}"));
            let item = read.request.items.iter().find(|item| item.place == place).expect("it is kept");
            assert_eq!(item.doubt, doubt, "{kind}.{name} = {to}");
        }
    }
    assert!(read(&sample()).expect("a request made here").request.items.iter().all(|item| item.doubt.is_none()));
}

#[test]
fn a_comparator_makes_a_value_a_bound() {
    for (word, bound) in [("<", Bound::Below), ("<=", Bound::AtMost), (">=", Bound::AtLeast), (">", Bound::Above)] {
        let body = changed("Observation", |resource| resource["valueQuantity"]["comparator"] = json!(word));
        let read = read(&body).expect("a request made here");
        let item =
            read.request.items.iter().find(|item| item.place == "Observation/pao2").expect("a request made here");
        assert_eq!(item.bound, Some(bound));
    }
}

#[test]
fn death_and_coverage_are_read_as_stated() {
    let day = jiff::civil::date;
    let body = changed("Patient", |patient| patient["deceasedDateTime"] = json!("2020-01-01"));
    let standing = read(&body).expect("a request made here").request.member.standing;
    assert_eq!((standing.deceased, standing.died_on), (true, Some(day(2020, 1, 1))));
    let body = changed("Coverage", |coverage| {
        coverage["status"] = json!("cancelled");
        coverage["period"] = json!({"start": "2024-01-01", "end": "2024-12-31"});
    });
    let standing = read(&body).expect("a request made here").request.member.standing;
    assert_eq!(standing.inactive.as_deref(), Some("cancelled"));
    assert_eq!((standing.covered_from, standing.covered_through), (Some(day(2024, 1, 1)), Some(day(2024, 12, 31))));
    assert!(read(&sample()).expect("a request made here").request.member.standing.is_empty());
}

#[test]
fn every_code_with_a_required_binding_is_told_at_once() {
    let mut body = sample();
    let (patient, practitioner, organization) =
        (at(&body, "Patient"), at(&body, "Practitioner"), at(&body, "Organization"));
    body["entry"][patient]["resource"]["name"][0]["use"] = json!("zzz");
    body["entry"][patient]["resource"]["telecom"][0]["system"] = json!("zzz");
    body["entry"][patient]["resource"]["telecom"][0]["use"] = json!("zzz");
    body["entry"][patient]["resource"]["identifier"][0]["use"] = json!("zzz");
    body["entry"][organization]["resource"]["address"] = json!([{"use": "zzz", "type": "zzz"}]);
    body["entry"][practitioner]["resource"]["gender"] = json!("zzz");
    let observation = at(&body, "Observation");
    body["entry"][observation]["resource"]["valueQuantity"]["comparator"] = json!("zzz");
    let found = read(&body).unwrap_err();
    for (entry, place) in [
        (patient, "name[0].use"),
        (patient, "telecom[0].system"),
        (patient, "telecom[0].use"),
        (patient, "identifier[0].use"),
        (organization, "address[0].use"),
        (organization, "address[0].type"),
        (practitioner, "gender"),
        (observation, "valueQuantity.comparator"),
    ] {
        let place = format!("Bundle.entry[{entry}].resource.{place}");
        let hit = found.iter().any(|issue| issue.code.word() == "code-invalid" && issue.expression == place);
        assert!(hit, "{place} is not in {found:#?}");
    }
    assert_eq!(found.len(), 8, "{found:#?}");
}

#[test]
fn a_reference_leads_to_a_resource_of_its_type() {
    let url = |kind: &str| json!({"reference": sample()["entry"][at(&sample(), kind)]["fullUrl"]});
    type Change<'a> = &'a dyn Fn(&mut Value);
    let rows: [(&str, Change<'_>, &str); 4] = [
        ("Claim", &|claim| claim["insurance"][0]["coverage"] = url("Patient"), "insurance[0].coverage"),
        ("Claim", &|claim| claim["careTeam"][0]["provider"] = url("Patient"), "careTeam[0].provider"),
        ("Coverage", &|coverage| coverage["beneficiary"] = url("Organization"), "beneficiary"),
        ("Coverage", &|coverage| coverage["payor"][0] = url("Observation"), "payor[0]"),
    ];
    for (kind, change, place) in rows {
        let body = changed(kind, change);
        let place = format!("Bundle.entry[{}].resource.{place}", at(&body, kind));
        let found = read(&body).unwrap_err();
        assert!(found.iter().any(|issue| issue.code.word() == "invariant" && issue.expression == place), "{found:#?}");
    }
}

#[test]
fn a_patient_that_is_none_is_told_once_and_in_good_english() {
    let organization = sample()["entry"][at(&sample(), "Organization")]["fullUrl"].clone();
    let found = read(&changed("Claim", |claim| claim["patient"]["reference"] = organization.clone())).unwrap_err();
    let said: Vec<&str> = found.iter().map(|issue| issue.details.as_str()).collect();
    assert_eq!(said, ["patient points at an Organization."]);
}

#[test]
fn provider_numbers_are_held_to_their_check_digit() {
    let mut body = sample();
    let practitioner = at(&body, "Practitioner");
    let place = format!("Bundle.entry[{practitioner}].resource.identifier[0].value");
    for (number, severity) in [("1234567890", "error"), ("789312", "warning")] {
        body["entry"][practitioner]["resource"]["identifier"][0]["value"] = json!(number);
        let found = read(&body).map_or_else(|issues| issues, |read| read.warnings);
        assert!(found.iter().any(|i| (i.severity.word(), &i.expression) == (severity, &place)), "{number}: {found:#?}");
    }
}

#[test]
fn an_inquiry_is_no_request() {
    let definitions = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/";
    let mut body = sample();
    body["meta"] = json!({"profile": [format!("{definitions}profile-pas-inquiry-request-bundle|2.2.1")]});
    assert_eq!(read(&body).unwrap_err()[0].expression, "Bundle.meta.profile[0]");
    let body =
        changed("Claim", |claim| claim["meta"] = json!({"profile": [format!("{definitions}profile-claim-inquiry")]}));
    assert_eq!(read(&body).unwrap_err()[0].expression, "Bundle.entry[0].resource.meta.profile[0]");
}

#[test]
fn an_inquiry_that_names_no_profile_is_no_request_either() {
    let body = changed("Claim", |claim| {
        claim.as_object_mut().unwrap().remove("meta");
        for item in claim["item"].as_array_mut().unwrap() {
            item.as_object_mut().unwrap().remove("category");
        }
    });
    for base in [Base::V20, Base::V22] {
        let bytes = serde_json::to_vec(&body).unwrap();
        let issues = read_submit(base, &bytes, common::receipt()).expect_err("no case is made of an inquiry");
        let told = issues.iter().find(|issue| issue.expression == "Bundle.entry[0].resource");
        assert!(told.is_some_and(|issue| issue.diagnostics.contains("$inquire")), "{issues:#?}");
        let item = issues.iter().any(|issue| issue.expression == "Bundle.entry[0].resource.item[0].category");
        assert!(item, "{issues:#?}");
        assert!(read_inquiry(base, &bytes).is_ok(), "and it is a good inquiry");
    }
}

#[test]
fn a_claim_is_not_made_after_it_came() {
    let found = read(&changed("Claim", |claim| claim["created"] = json!("2036-01-01T00:00:00Z"))).unwrap_err();
    assert!(found.iter().any(|issue| issue.expression == "Bundle.entry[0].resource.created"), "{found:#?}");
}

#[test]
fn a_number_that_is_too_large_hears_its_limit() {
    let found = read(&changed("Claim", |claim| claim["item"][0]["sequence"] = json!(1u64 << 40))).unwrap_err();
    assert_eq!(
        found[0].details, "sequence must be a whole number from 1 to 2147483647, but is 1099511627776.",
        "{found:#?}"
    );
}
