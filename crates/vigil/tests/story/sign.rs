//! What a physician may sign: the tab of the worklist, and the page of a case that is not hers.

use vigil_domain::{
    case::command::{Actor, Command},
    party::{Credential, Licence},
    time::Day,
};

use super::{
    client::{form, get},
    house::House,
    interface::{REQUEST, submit},
};

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn credential(name: &str, through: &str, field: &str) -> Credential {
    Credential {
        person: name.into(),
        name: format!("{name} of the story"),
        licences: vec![Licence {
            kind: "MD".into(),
            state: "NY".into(),
            number: "1001".into(),
            from: day("2020-01-01"),
            through: day(through),
        }],
        specialties: vec![field.into()],
        npi: None,
        reports_to: None,
        attested_on: Some(day("2026-01-05")),
    }
}

async fn enter(house: &House, name: &str) -> String {
    let fields = [("name", name), ("password", "correct horse battery"), ("next", "/")];
    form(house.at, "/sign-in", "", &fields).await.cookie()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_physician_sees_what_she_may_sign_and_why_the_rest_is_not_hers() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    let at = REQUEST.find("\"linkId\": \"test_ordered_evaluated\"").expect("the answer");
    let (before, after) = REQUEST.split_at(at);
    let answer = before.rfind("\"valueBoolean\": true").expect("its value");
    let body = format!("{}{}{after}", &before[..answer], before[answer..].replacen("true", "false", 1));
    submit(&house, &token, body.replace("2026-11-", "2026-05-").as_bytes()).await;
    let id = house.app.desk.store.subjects("main", "case", "", 10).expect("cases")[0].id.clone();
    house.account("nina", "nurse").await;
    for (name, through, field) in [
        ("paula", "2030-01-01", "pulmonology"),
        ("doris", "2030-01-01", "dermatology"),
        ("olga", "2026-01-31", "pulmonology"),
    ] {
        house.physician(name, credential(name, through, field)).await;
    }
    let by = Actor {
        person: "nina".into(),
        name: "nina of the story".into(),
        credential: Credential { person: "nina".into(), ..Credential::default() },
    };
    let refer = Command::Refer { by, why: "One criterion is open; please decide.".into() };
    house.app.desk.act("main", &id, "nina", refer).await.expect("referred");

    let tab = "/worklist?tab=sign";
    let row = format!("data-id=\"{id}\"");
    let text = get(house.at, tab, &enter(&house, "paula").await).await.text();
    assert!(
        text.contains(&row) && text.contains("you may sign 1,") && !text.contains("State why your field fits"),
        "{text}"
    );
    let text = get(house.at, tab, &enter(&house, "doris").await).await.text();
    assert!(text.contains(&row) && text.contains("State why your field fits"), "her field is not listed: {text}");
    let olga = enter(&house, "olga").await;
    let text = get(house.at, tab, &olga).await.text();
    assert!(!text.contains(&row) && text.contains("you may sign 0,") && text.contains("1 are not yours"), "{text}");
    let text = get(house.at, &format!("/case/{id}"), &olga).await.text();
    for said in ["You may approve here, but not deny.", "ended on Jan 31, 2026", "42 CFR 422.566(d)"] {
        assert!(text.contains(said), "{said} is not on her page");
    }
    let text = get(house.at, "/worklist?tab=all", &enter(&house, "nina").await).await.text();
    assert!(!text.contains("I may sign"), "a nurse signs nothing");

    let take = Command::Take {
        by: Actor {
            person: "paula".into(),
            name: "paula of the story".into(),
            credential: credential("paula", "2030-01-01", "pulmonology"),
        },
    };
    house.app.desk.act("main", &id, "paula", take).await.expect("taken");
    let text = get(house.at, tab, &enter(&house, "doris").await).await.text();
    assert!(!text.contains(&row) && text.contains("others have taken 1"), "{text}");
    house.close().await;
}
