//! As a sender meets the prior authorization interface.

use super::{
    client::{Answer, send},
    house::House,
};

/// The sample as another member's request: the same number gives the same bytes.
pub fn request_of(n: u32) -> String {
    let number = format!("{n:09}");
    REQUEST
        .replace("M100200300", &format!("M{number}"))
        .replace("b3132e1f2a883ea832c81864", &format!("{n:024x}"))
        .replace("R-2026-0001", &format!("R-{number}"))
}

pub const REQUEST: &str = include_str!("../../../wire/tests/samples/home-oxygen.in.json");

const SUBMIT: &str = "/pas/2.2/fhir/Claim/$submit";

pub async fn submit(house: &House, token: &str, body: &[u8]) -> Answer {
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/fhir+json")];
    send(house.at, "POST", SUBMIT, &headers, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_and_the_same_bytes_get_the_same_answer() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    let first = submit(&house, &token, REQUEST.as_bytes()).await;
    assert_eq!((first.status, first.header("content-type")), (200, Some("application/fhir+json")), "{}", first.text());
    assert_eq!(first.json()["entry"][0]["resource"]["resourceType"], "ClaimResponse");
    house.later(3);
    let again = submit(&house, &token, REQUEST.as_bytes()).await;
    assert_eq!(again.body, first.body, "the stored answer, byte for byte");
    assert_eq!(house.app.desk.store.subjects("main", "case", "", 10).unwrap().len(), 1, "no second case");
    let other = house.token("another", &["pas"]).await;
    let theirs = submit(&house, &other, REQUEST.as_bytes()).await;
    assert_ne!(theirs.body, first.body, "another sender's message is another message");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_of_the_right_scope_opens_the_interface() {
    let house = House::open(&[]).await;
    let good = house.token("clearinghouse", &["pas"]).await;
    let narrow = house.token("metrics", &["metrics"]).await;
    for (token, status, code) in
        [("", 401, "login"), ("vigil_guess", 401, "login"), (narrow.as_str(), 403, "forbidden")]
    {
        let answer = submit(&house, token, REQUEST.as_bytes()).await;
        assert_eq!(answer.status, status, "{token}");
        assert!(answer.header("www-authenticate").is_some_and(|v| v.starts_with("Bearer")), "{token}");
        assert_eq!(answer.json()["issue"][0]["code"], code);
    }
    let without = send(house.at, "POST", SUBMIT, &[("Content-Type", "application/fhir+json")], b"{}").await;
    assert_eq!(without.status, 401);
    assert_eq!(submit(&house, &good, REQUEST.as_bytes()).await.status, 200);
    house.later(25 * 3600);
    assert_eq!(submit(&house, &good, REQUEST.as_bytes()).await.status, 401, "a token that has ended");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_refused_with_an_operation_outcome() {
    let house = House::open(&["--body-limit", "64KiB"]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    let bearer = format!("Bearer {token}");
    let json = [("Authorization", bearer.as_str()), ("Content-Type", "application/fhir+json")];
    let text = [("Authorization", bearer.as_str()), ("Content-Type", "text/plain")];
    let large = vec![b' '; 70 * 1024];
    let deep = "[".repeat(5_000);
    let rows: &[(&str, &str, &[(&str, &str)], &[u8], u16)] = &[
        ("not JSON", "POST", &json, b"hello", 400),
        ("cut short", "POST", &json, &REQUEST.as_bytes()[..REQUEST.len() / 2], 400),
        ("deeply nested", "POST", &json, deep.as_bytes(), 400),
        ("another type", "POST", &text, REQUEST.as_bytes(), 415),
        ("too large", "POST", &json, &large, 413),
        ("wrong method", "PUT", &json, b"{}", 405),
        ("wrong method", "GET", &json, b"", 405),
    ];
    for (name, method, headers, body, status) in rows {
        let answer = send(house.at, method, SUBMIT, headers, body).await;
        assert_eq!(answer.status, *status, "{name}");
        assert_eq!(answer.json()["resourceType"], "OperationOutcome", "{name}");
    }
    for path in ["/pas/2.1/fhir/Claim/$submit", "/pas/2.2/fhir/Patient", "/pas", "/pas/2.0/fhir"] {
        let answer = send(house.at, "POST", path, &json, b"{}").await;
        assert_eq!((answer.status, &answer.json()["resourceType"]), (404, &"OperationOutcome".into()), "{path}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_is_answered_in_the_form_of_its_base() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    assert_eq!(submit(&house, &token, REQUEST.as_bytes()).await.status, 200);
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/fhir+json")];
    for (base, kind) in [("2.2", "Parameters"), ("2.0", "Bundle")] {
        let path = format!("/pas/{base}/fhir/Claim/$inquire");
        let answer = send(house.at, "POST", &path, &headers, REQUEST.as_bytes()).await;
        assert_eq!((answer.status, &answer.json()["resourceType"]), (200, &kind.into()), "{base}: {}", answer.text());
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_and_health_need_no_token() {
    let house = House::open(&["--base-url", "https://plan.example/"]).await;
    for base in ["2.0", "2.2"] {
        let answer = send(house.at, "GET", &format!("/pas/{base}/fhir/metadata"), &[], b"").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["resourceType"], "CapabilityStatement");
        assert!(answer.text().contains(&format!("https://plan.example/pas/{base}/fhir")));
    }
    assert_eq!(send(house.at, "GET", "/health", &[], b"").await.json()["status"], "ok");
    assert_eq!(send(house.at, "GET", "/ready", &[], b"").await.json()["status"], "ready");
    house.close().await;
}
