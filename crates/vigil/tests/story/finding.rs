//! Where the law wants a reviewer's own finding first: no page, no answer and no list shows a machine's verdict before.

use super::{
    client::{Answer, form, get, send},
    house::{Folder, House},
    interface::{REQUEST, submit},
};

/// An overlay's rule: this plan, too, wants the physician's own finding first.
const RULE: &str = r#"
[[rule]]
id = "ny.deny.own-finding-first"
jurisdiction = "US-NY"
lines_of_business = ["medicare-advantage"]
act = "deny"
licences = ["MD", "DO"]
machine_verdict_hidden = true
from = 2025-01-01
cite = "Policy of the story's plan"
says = "No machine verdict is shown until the physician has marked her own."
source = "own work"
confidence = "own work"
"#;

/// What only a verdict says: of the whole, of a criterion, of what is still open.
const VERDICTS: &[&str] = &[
    "verdict met",
    "verdict unmet",
    "verdict open",
    "✗",
    "not met:",
    "criteria met",
    "could change the answer",
    "What could still change",
    "Criteria checked",
    "unread documents may answer",
];

fn silent(answer: &Answer, what: &str) {
    assert!(matches!(answer.status, 200 | 409), "{what}: {}", answer.status);
    let text = answer.text();
    for verdict in VERDICTS {
        assert!(!text.contains(verdict), "{what} says {verdict:?}");
    }
}

async fn enter(house: &House, name: &str) -> String {
    let fields = [("name", name), ("password", "correct horse battery"), ("next", "/")];
    form(house.at, "/sign-in", "", &fields).await.cookie()
}

/// The sample, made before the story's day, with one criterion answered so that the whole is not met.
fn not_met() -> String {
    let at = REQUEST.find("\"linkId\": \"test_ordered_evaluated\"").unwrap();
    let (before, after) = REQUEST.split_at(at);
    let answer = before.rfind("\"valueBoolean\": true").unwrap();
    let whole = format!("{}{}{after}", &before[..answer], before[answer..].replacen("true", "false", 1));
    whole.replace("2026-11-", "2026-05-")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_verdict_is_shown_before_the_reviewer_has_marked_her_own() {
    let packs = Folder::new();
    std::fs::create_dir_all(packs.path().join("authority")).unwrap();
    std::fs::write(packs.path().join("authority/story.toml"), RULE).unwrap();
    let house = House::open(&["--packs-overlay", &packs.path().display().to_string()]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    let body = not_met();
    let pended = submit(&house, &token, body.as_bytes()).await;
    silent(&pended, "the answer to the sender");
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/fhir+json")];
    silent(&send(house.at, "POST", "/pas/2.2/fhir/Claim/$inquire", &headers, body.as_bytes()).await, "an inquiry");

    let cases = house.app.desk.store.subjects("main", "case", "", 10).unwrap();
    let id = cases.first().unwrap().id.clone();
    house.account("paula", "physician").await;
    house.account("nina", "nurse").await;
    for name in ["paula", "nina"] {
        let cookie = enter(&house, name).await;
        for page in ["/", "/worklist?tab=all", "/worklist?tab=sign", "/cases"] {
            silent(&get(house.at, page, &cookie).await, page);
        }
        for page in ["", "/do/ask", "/do/refer", "/do/note", "/do/approve"] {
            let page = format!("/case/{id}{page}");
            let shown = get(house.at, &page, &cookie).await;
            silent(&shown, &page);
            assert!(shown.text().contains("your own judgement first"), "{page} says why");
        }
    }
    let cookie = enter(&house, "paula").await;
    let page = get(house.at, &format!("/case/{id}/determine"), &cookie).await;
    silent(&page, "determine");
    let csrf = page.csrf();
    let draft = [("csrf", csrf.as_str()), ("d1", "deny"), ("r1", "criteria-not-met"), ("w1", "I looked at it.")];
    silent(&form(house.at, &format!("/case/{id}/determine/preview"), &cookie, &draft).await, "the notice's preview");
    silent(&form(house.at, &format!("/case/{id}/determine"), &cookie, &draft).await, "a refused signature");

    let own = [("csrf", csrf.as_str()), ("line", "1"), ("finding", "not_met"), ("text", "The clinic note")];
    let marked = form(house.at, &format!("/case/{id}/do/mark"), &cookie, &own).await;
    assert_eq!(marked.status, 303, "{}", marked.text());
    let text = get(house.at, &format!("/case/{id}/determine"), &cookie).await.text();
    assert!(text.contains("verdict unmet") && text.contains("✗"), "now she may compare");
    let others = enter(&house, "nina").await;
    silent(&get(house.at, &format!("/case/{id}"), &others).await, "who has not marked sees none still");
    house.close().await;
}
