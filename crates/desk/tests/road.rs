//! The whole road without a web server: message in, judged, answered, notice printed and delivered, inquiry, log verified,
//! read models rebuilt. With `VIGIL_REFERENCE` the guide's own examples walk it too.

use std::{fs, path::PathBuf, sync::Arc};

use vigil_desk::{
    Desk, MAIN_TENANT, Membership, Settings,
    errand::{MailRoom, Printer},
    time::Time,
};
use vigil_domain::{
    case::command::{Actor, Command, LineDecision},
    determination::Finding,
    party::{Credential, Licence},
    reason::Reason,
    time::Moment,
};
use vigil_store::{Store, View};
use vigil_wire::fhir::pas::Base;

fn desk(membership: Membership) -> Desk {
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{} pack issues", issues.len()));
    let start: Moment = "2026-11-20T18:10:00-05:00".parse().expect("a moment");
    let settings = Settings { membership, ..Settings::default() };
    Desk::new(Store::in_memory().expect("a store"), Arc::new(library), Time::simulated(start), settings)
}

fn physician() -> Actor {
    let day = |text: &str| text.parse().expect("a day");
    let credential = Credential {
        person: "physician".into(),
        name: "Ada Stern, MD".into(),
        licences: vec![Licence {
            kind: "MD".into(),
            state: "NY".into(),
            number: "NY-1001".into(),
            from: day("2020-01-01"),
            through: day("2027-12-31"),
        }],
        specialties: vec!["internal-medicine".into()],
        npi: None,
        reports_to: None,
        attested_on: Some(day("2026-01-15")),
    };
    Actor { person: "physician".into(), name: "Ada Stern, MD".into(), credential }
}

struct Example {
    base: Base,
    name: String,
    bytes: Vec<u8>,
    inquiry: bool,
}

/// Every request Bundle of the reference folder, or none with a message.
fn examples() -> Vec<Example> {
    let Some(root) = std::env::var_os("VIGIL_REFERENCE").map(PathBuf::from) else {
        println!("skipped: VIGIL_REFERENCE is not set, so the guide's examples were not replayed");
        return Vec::new();
    };
    let folders =
        [("examples/pas-2.0.1", Base::V20), ("examples/pas-2.2.1", Base::V22), ("replay/pas-2.0.1", Base::V20)];
    let mut found = Vec::new();
    for (folder, base) in folders {
        for entry in fs::read_dir(root.join("conformance").join(folder)).expect("the folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let bundle = name.starts_with("Bundle-") && !name.contains("Response") && !name.contains("Notification");
            if bundle || name.contains("payload") {
                let bytes = fs::read(entry.path()).expect("an example");
                let inquiry = name.contains("nquir");
                found.push(Example { base, name: format!("{folder}/{name}"), bytes, inquiry });
            }
        }
    }
    assert!(found.len() >= 11, "only {} examples were found", found.len());
    found
}

/// The review actions of a response, in order.
fn actions(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let mark = "https://codesystem.x12.org/005010/306\",\"code\":\"";
    text.split(mark).skip(1).map(|rest| rest.chars().take_while(|c| *c != '"').collect()).collect()
}

#[tokio::test]
async fn every_example_is_answered_in_the_guides_form() {
    for membership in [Membership::Roster, Membership::Provisional] {
        let desk = desk(membership);
        let now = desk.time.now();
        for example in examples().into_iter().filter(|e| !e.inquiry) {
            let send = || desk.submit(MAIN_TENANT, example.base, "sender", now, example.bytes.clone());
            let answered = send().await.expect("an answer");
            let body = String::from_utf8_lossy(&answered.body);
            assert_eq!(answered.status, 200, "{}: {body}", example.name);
            assert!(body.contains("\"resourceType\":\"ClaimResponse\""), "{}: {body}", example.name);
            if membership == Membership::Roster {
                assert!(body.contains("\"outcome\":\"error\""), "{}: {body}", example.name);
                assert!(answered.case.is_none(), "{}", example.name);
            } else {
                let actions = actions(&answered.body);
                let allowed = actions.iter().all(|a| ["A1", "A4", "NA", "C"].contains(&a.as_str()));
                assert!(allowed && !actions.is_empty(), "{}: {actions:?}", example.name);
            }
            assert_eq!(send().await.expect("an answer").body, answered.body, "{}: not the stored answer", example.name);
        }
        desk.store.verify(&mut |_, _| {}).expect("the log holds");
    }
}

#[tokio::test]
async fn an_inquiry_follows_the_case_from_pended_to_not_certified() {
    let desk = desk(Membership::Provisional);
    let all = examples();
    let Some(submit) = all.iter().find(|e| e.name.contains("pended_pa_submit")) else { return };
    let inquire = all.iter().find(|e| e.name.contains("pended_pa_inquire")).expect("the inquiry");
    let now = desk.time.now();
    let answered = desk.submit(MAIN_TENANT, submit.base, "sender", now, submit.bytes.clone()).await.expect("an answer");
    let case = answered.case.expect("a case");
    let ask = || desk.inquire(MAIN_TENANT, inquire.base, "sender", now, &inquire.bytes);
    let pended = ask().await.expect("an answer");
    assert!(actions(&pended.body).contains(&"A4".to_owned()), "{}", String::from_utf8_lossy(&pended.body));

    let by = physician();
    let before = desk.load(MAIN_TENANT, &case).expect("a load").expect("the case");
    for evidence in before.evidence() {
        let open = Command::OpenEvidence { by: by.clone(), evidence };
        desk.act(MAIN_TENANT, &case, "physician", open).await.expect("opened");
    }
    // The example asks for a service of long ago: a person looks at that before the physician decides.
    for line in before.lines.iter().filter(|l| !l.administrative.is_empty()) {
        let clear = Command::ClearAdministrative {
            by: by.clone(),
            line: line.line.sequence,
            finding: "the dates are as the example has them".into(),
        };
        desk.act(MAIN_TENANT, &case, "physician", clear).await.expect("cleared");
    }
    let finding = |line| Finding {
        line,
        reason: Reason::InsufficientInformation,
        rationale: "The request holds no clinical record that shows the need for this service.".into(),
        plain_reason: "We did not get the records we need.".into(),
        criterion: Some("plan policy 1".into()),
        whose: Some(vigil_domain::determination::RuleOwner::PlanPolicy),
    };
    let decisions = before.open_lines().map(|l| LineDecision::Deny { finding: finding(l.line.sequence) }).collect();
    let expertise = Some("Internal medicine covers this service.".to_owned());
    let determine = Command::Determine { by, decisions, attests_no_conflict: true, expertise };
    desk.act(MAIN_TENANT, &case, "physician", determine).await.expect("determined");
    let denied = ask().await.expect("an answer");
    assert!(actions(&denied.body).contains(&"A3".to_owned()), "{}", String::from_utf8_lossy(&denied.body));

    let mail = MailRoom { printer: Printer::Text, outbox: None };
    for _ in 0..2 {
        assert_eq!(desk.run_errands("test", &mail, 50).await.expect("errands").failed, 0);
    }
    let after = desk.load(MAIN_TENANT, &case).expect("a load").expect("the case");
    let held: Vec<_> = after.notices.iter().map(|n| (n.purpose, &n.held, n.deliveries.len())).collect();
    assert!(after.notices.iter().all(|n| n.given().is_some()), "{held:?}");
    rebuild_equals_live(&desk);
}

fn rebuild_equals_live(desk: &Desk) {
    let dump = || -> Vec<Vec<String>> {
        View::read_models().iter().map(|table| desk.store.dump_rows(table).expect("a dump")).collect()
    };
    let live = dump();
    desk.rebuild(|_| {}).expect("a rebuild");
    assert_eq!(live, dump(), "the rebuilt tables differ from the live ones");
}
