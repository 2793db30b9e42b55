//! The sample request against a roster: who is covered, by which payer and plan, and what the answer says when they are not.

use std::sync::Arc;

use serde_json::{Value, json};
use vigil_desk::{Desk, MAIN_TENANT, Membership, Settings, party::demonstration_contract, time::Time};
use vigil_domain::{
    case::Stage,
    party::{Contract, Coverage, Member, PersonName, Sex},
    time::Moment,
};
use vigil_store::{Store, Write, WriteItem};
use vigil_wire::fhir::pas::Base;

const PAYER: &str = "1679576722";
const MEMBER: &str = "M100200300";

fn sample() -> Value {
    serde_json::from_slice(include_bytes!("../../wire/tests/samples/home-oxygen.in.json")).expect("the sample")
}

async fn desk(membership: Membership) -> Desk {
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{} pack issues", issues.len()));
    let start: Moment = "2026-11-24T10:00:00-05:00".parse().expect("a moment");
    let settings = Settings { membership, ..Settings::default() };
    let desk = Desk::new(Store::in_memory().expect("a store"), Arc::new(library), Time::simulated(start), settings);
    let contract = |plan: &str| Contract {
        id: format!("C-{plan}"),
        payer_id: PAYER.into(),
        plan_id: plan.into(),
        ..demonstration_contract()
    };
    let coverage = |plan: &str, through| Coverage {
        payer_id: PAYER.into(),
        member_id: MEMBER.into(),
        subscriber_id: None,
        plan_id: plan.into(),
        from: jiff::civil::date(2026, 1, 1),
        through,
        order: 1,
    };
    let member = Member {
        payer_id: PAYER.into(),
        member_id: MEMBER.into(),
        name: PersonName { family: "Rivera".into(), given: "Ana Maria".into() },
        birth_day: Some(jiff::civil::date(1951, 4, 9)),
        sex: Sex::Female,
        address: None,
        phone: None,
        language: None,
        provisional: false,
    };
    if membership == Membership::Roster {
        let items = vec![
            WriteItem::Contract(contract("H9999-001")),
            WriteItem::Contract(contract("H9999-002")),
            WriteItem::Member(member),
            WriteItem::Coverage(coverage("H9999-001", None)),
        ];
        desk.store.write(Write::of(MAIN_TENANT, items)).await.expect("the roster");
    }
    desk
}

/// The reject reason or review action of the answer, and the stage of the case, when there is one.
async fn answer(membership: Membership, change: impl Fn(&mut Value)) -> (String, Option<&'static str>) {
    let desk = desk(membership).await;
    let mut body = sample();
    body["entry"].as_array_mut().expect("entries").iter_mut().for_each(|entry| change(&mut entry["resource"]));
    let bytes = serde_json::to_vec(&body).expect("JSON");
    let answered = desk.submit(MAIN_TENANT, Base::V22, "sender", desk.time.now(), bytes).await.expect("an answer");
    let text = String::from_utf8(answered.body).expect("text");
    let code = |system: &str| {
        let mark = format!("https://codesystem.x12.org/005010/{system}\",\"code\":\"");
        text.split(&mark).nth(1).map(|rest| rest.chars().take_while(|c| *c != '"').collect::<String>())
    };
    let stage = answered.case.map(|id| {
        let case = desk.load(MAIN_TENANT, &id).expect("a load").expect("the case");
        assert!(!matches!(case.stage, Stage::Determined { .. }) || case.is_determined());
        case.stage.word()
    });
    (code("901").or_else(|| code("306")).unwrap_or(text), stage)
}

fn of(kind: &str, change: impl Fn(&mut Value)) -> impl Fn(&mut Value) {
    move |resource| {
        if resource["resourceType"] == kind {
            change(resource);
        }
    }
}

#[tokio::test]
async fn the_roster_says_who_is_covered() {
    use Membership::Roster;
    let insurer = |resource: &mut Value| {
        if resource["id"] == "insurer" {
            resource["identifier"][0]["value"] = json!("1234567893");
        }
    };
    assert_eq!(answer(Roster, |_| {}).await, ("A1".into(), Some("determined")));
    assert_eq!(answer(Roster, of("Coverage", |c| c["status"] = json!("cancelled"))).await, ("72".into(), None));
    assert_eq!(answer(Roster, of("Coverage", |c| c["status"] = json!("entered-in-error"))).await, ("72".into(), None));
    assert_eq!(answer(Roster, of("Organization", insurer)).await, ("T4".into(), None));
    let plan = |word: &'static str| of("Coverage", move |c| c["class"][0]["value"] = json!(word));
    assert_eq!(answer(Roster, plan("OTHERPLAN")).await, ("T4".into(), None));
    assert_eq!(answer(Roster, plan("H9999-002")).await, ("72".into(), None));
    let pended = ("A4".to_owned(), Some("administrative_review"));
    assert_eq!(answer(Roster, of("Patient", |p| p["name"] = json!([{"family": "Zzz"}]))).await, pended);
    assert_eq!(answer(Roster, of("Patient", |p| p["gender"] = json!("male"))).await, pended);
}

#[tokio::test]
async fn without_a_roster_what_is_stated_of_the_coverage_still_counts() {
    use Membership::Provisional;
    let pended = ("A4".to_owned(), Some("administrative_review"));
    assert_eq!(answer(Provisional, |_| {}).await.0, "A1");
    let ended = |c: &mut Value| c["period"] = json!({"start": "2024-01-01", "end": "2024-12-31"});
    assert_eq!(answer(Provisional, of("Coverage", ended)).await, pended);
    assert_eq!(answer(Provisional, of("Coverage", |c| c["status"] = json!("cancelled"))).await, pended);
    assert_eq!(answer(Provisional, of("Patient", |p| p["deceasedDateTime"] = json!("2020-01-01"))).await, pended);
    let related = |c: &mut Value| c["related"] = json!([{"claim": {"reference": "Claim/zzz"}}]);
    assert_eq!(answer(Provisional, of("Claim", related)).await, pended);
}

/// One thing of a request changed.
type Change = fn(&mut Value);

#[tokio::test]
async fn evidence_that_proves_nothing_is_never_approved_on() {
    use Membership::Provisional;
    let changes: [(&str, Change); 9] = [
        ("Observation", |o| drop(o.as_object_mut().expect("an object").remove("subject"))),
        ("Observation", |o| o["status"] = json!("preliminary")),
        ("Observation", |o| o["valueQuantity"]["comparator"] = json!(">")),
        ("Observation", |o| o["valueQuantity"]["value"] = json!(-5)),
        ("QuestionnaireResponse", |q| drop(q.as_object_mut().expect("an object").remove("subject"))),
        ("QuestionnaireResponse", |q| drop(q.as_object_mut().expect("an object").remove("authored"))),
        ("QuestionnaireResponse", |q| q["authored"] = json!("2030-01-01T00:00:00Z")),
        ("QuestionnaireResponse", |q| q["authored"] = json!("2020-01-01T00:00:00Z")),
        ("QuestionnaireResponse", |q| q["status"] = json!("in-progress")),
    ];
    for (at, (kind, change)) in changes.into_iter().enumerate() {
        assert_eq!(answer(Provisional, of(kind, change)).await.0, "A4", "change {at} of {kind}");
    }
}
