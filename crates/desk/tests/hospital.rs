//! The hospital's side through the ordinary desk: the simulated health system comes out as its scripts say, its read models
//! are rebuilt from the log, the census of a large house is quick, and a plan's answer is the stay's fact.

use std::{sync::Arc, time::Instant};

use vigil_desk::{
    Desk, MAIN_TENANT, Settings,
    errand::{MailRoom, Printer},
    hospital::paper::PaperKind,
    sim::demo,
    time::Time,
};
use vigil_domain::{
    notice::compose,
    party::Credential,
    stay::{
        command::{Actor, Command},
        letter,
        notice::NoticeKind,
    },
};
use vigil_store::{
    CensusRow, DeadlineKind, DelayRow, DueDeadline, FiguresRow, NoticeRow, StayModel, Store, SubjectKey, Write,
    WriteItem,
};

fn desk() -> Desk {
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{} pack issues", issues.len()));
    let store = Store::in_memory().expect("a store");
    Desk::new(store, Arc::new(library), Time::simulated(demo::moment()), Settings::default())
}

#[tokio::test]
async fn the_health_system_comes_out_as_its_scripts_say() {
    let desk = desk();
    let mail = MailRoom { printer: Printer::Text, outbox: None };
    let (filled, failures) = demo::fill_hospitals(&desk, demo::moment(), mail).await.expect("it is filled");
    assert!(failures.is_empty(), "{failures:#?}");
    assert!((40..90).contains(&filled.stays), "{} patients in the house", filled.stays);
    let view = &desk.store;
    let wanted = [
        "3-rehab-peer-to-peer",
        "4-two-midnight",
        "5-cc44",
        "5-cc44-discharged",
        "5-cc44-disagrees",
        "5-cc44-no-part-b",
        "5-cc44-not-appointed",
        "6-short-stay",
        "6-w2",
        "7-qio-appeal",
        "8-behavioral-health",
    ];
    for scenario in wanted {
        assert_eq!(view.stays_of_scenario(MAIN_TENANT, scenario).expect("rows").len(), 1, "{scenario}");
    }
    scenarios_hold(&desk);
    both_records_agree(&desk);
    an_approval_comes_back(&desk).await;
    let census = view.census(MAIN_TENANT, None).expect("the census");
    census.iter().for_each(|row| every_clock_has_its_deadline(&desk, &row.stay_id));
    assert!(census.iter().any(|row| row.days_at_risk(demo::moment()) > 0), "nobody's days are at risk");
    let due: Vec<NoticeRow> = view.open_stay_rows(MAIN_TENANT, None, 500).expect("notices");
    assert!(due.len() > 5, "{} notices due", due.len());
    let delays: Vec<DelayRow> =
        view.stay_rows_between(MAIN_TENANT, day("2026-11-01"), day("2026-11-30")).expect("delays");
    assert!(delays.iter().any(|d| d.code == "PT-QIO" && !d.counts), "{delays:?}");
    the_committees_letter_waits_until_it_is_whole(&desk).await;
    rebuilt_equals_live(&desk).await;
}

/// The committee's notice is the hospital's own letter: a data sheet with its gaps until a person has written what the record
/// does not say, then the letter, in the language of its reader.
async fn the_committees_letter_waits_until_it_is_whole(desk: &Desk) {
    let row = desk.store.stays_of_scenario(MAIN_TENANT, "5-cc44-discharged").expect("rows").pop().expect("a stay");
    let load = || desk.load_stay(MAIN_TENANT, &row.stay_id).expect("a log").expect("a stay");
    let owed = |kind: &NoticeKind| load().notice(kind).expect("it is owed").clone();
    let paper = |kind: &NoticeKind| {
        let paper = desk.notice_paper(MAIN_TENANT, &load(), owed(kind).id, None).expect("printed");
        let paper = paper.expect("a paper");
        (paper.kind, paper.missing)
    };
    let copies = [NoticeKind::CommitteeToAttending, NoticeKind::CommitteeDetermination];
    for copy in &copies {
        let (kind, missing) = paper(copy);
        assert_eq!((kind, missing), (PaperKind::Sheet, vec!["reasons".to_owned(), "effect".to_owned()]), "{copy}");
        let words = [("reasons", "Breathing is normal again."), ("effect", "Part B pays for outpatient care.")];
        let fields = words.map(|(field, text)| (field.to_owned(), text.to_owned())).into();
        let credential = Credential::default();
        let by = Actor { person: "urnurse".into(), name: "A nurse".into(), credential, seats: Vec::new() };
        let prepare = Command::PrepareNotice { by, notice: owed(copy).id, fields };
        desk.act_stay(MAIN_TENANT, &row.stay_id, "urnurse", prepare).await.expect("written");
    }
    assert_eq!(paper(&copies[0]), (PaperKind::Letter, Vec::new()));
    // The patient has left and no address is on record: nobody knows where the letter goes.
    assert_eq!(paper(&copies[1]).0, PaperKind::Sheet);
    let (stay, notice) = (load(), owed(&copies[1]));
    let template = desk.library.notices.get("us.hospital.ur-determination").expect("the pack");
    let mut fields = letter::fields(&stay, &notice, demo::moment());
    let missing = compose(template, "en", &fields).expect_err("no address");
    assert!(missing.iter().all(|gap| gap.element == "address"), "{missing:#?}");
    fields.set_items("recipient_address_lines", ["14 Elm Street", "Albany, NY 12210"]);
    let english = compose(template, "en", &fields).expect("whole").plain_text();
    let at = stay.escalations.iter().flat_map(|e| &e.committee).map(|(at, ..)| *at).next().expect("a member");
    for said in
        ["inpatient hospital care is not medically necessary", "Breathing is normal again.", &stay.attending_at(at)]
    {
        assert!(english.contains(said), "{said}: {english}");
    }
    assert!(english.contains(" agrees.") && !english.contains("outpatient on"), "{english}");
    let spanish = compose(template, "es", &fields).expect("whole").plain_text();
    assert!(spanish.contains("no es médicamente necesaria") && spanish.contains(" de noviembre de 2026"), "{spanish}");
}

fn day(text: &str) -> vigil_domain::time::Day {
    text.parse().expect("a day")
}

fn every_clock_has_its_deadline(desk: &Desk, id: &str) {
    let stay = desk.load_stay(MAIN_TENANT, id).expect("a log").expect("a stay");
    let kept = desk.store.deadlines_of(MAIN_TENANT, &SubjectKey::stay(id)).expect("rows");
    let due = |d: &&DueDeadline| d.deadline.what == DeadlineKind::Due && d.deadline.clock_id != "look";
    let pending = kept.iter().filter(due).filter(|d| !d.deadline.done).count();
    let running = stay.clocks.iter().filter(|c| c.is_open() && c.lapsed_at.is_none()).count();
    assert_eq!(pending, running, "{id}: {:?}", stay.clocks);
    assert!(stay.clocks.iter().all(|c| !c.is_open() || c.lapsed_at.is_some() || !c.is_past(demo::moment())), "{id}");
}

fn scenarios_hold(desk: &Desk) {
    let of = |scenario: &str| -> CensusRow {
        let row = desk.store.stays_of_scenario(MAIN_TENANT, scenario).expect("rows").pop();
        row.unwrap_or_else(|| panic!("no stay of {scenario}"))
    };
    let stay = |scenario: &str| desk.load_stay(MAIN_TENANT, &of(scenario).stay_id).expect("a log").expect("a stay");
    let had =
        |scenario: &str, kind: &str| stay(scenario).notices.iter().any(|n| n.kind.word() == kind && n.ended.is_none());
    // Scenario 5: no observation notice; the change-of-status notice only without Part B, due 13:00.
    assert!(!had("5-cc44", "moon") && !had("5-cc44", "mcsn"));
    let without = stay("5-cc44-no-part-b");
    let notice = without.notices.iter().find(|n| n.kind.word() == "mcsn").expect("it is owed without Part B");
    let clock = without.clocks.iter().find(|c| c.about == notice.id.to_string()).expect("its window");
    assert_eq!(clock.due_at, "2026-11-20T13:00:00-05:00".parse().expect("a moment"));
    assert!(stay("5-cc44").changed_at().is_some() && stay("5-cc44-disagrees").changed_at().is_none());
    // Scenario 6: stays Part A; the twin goes to W2.
    assert!(stay("6-short-stay").changed_at().is_none());
    assert_eq!(stay("6-w2").bill.released.as_ref().map(|(_, route, _)| route.as_str()), Some("w2"));
    // Scenario 7: liability held, the detailed notice was due Wednesday noon.
    let appeal = stay("7-qio-appeal");
    assert!(appeal.liability_held());
    let noon = "2026-11-18T12:00:00-05:00".parse().expect("a moment");
    assert!(appeal.clocks.iter().any(|c| c.watch.word() == "notice" && c.due_at == noon && c.lapsed_at.is_none()));
}

/// Scenario 3 and 4: one number on both screens.
fn both_records_agree(desk: &Desk) {
    for (scenario, post_acute) in [("3-rehab-peer-to-peer", true), ("4-two-midnight", false)] {
        let case = desk.store.cases_of_scenario(MAIN_TENANT, scenario, 1).expect("cases").pop().expect("a case");
        let row = desk.store.stays_of_scenario(MAIN_TENANT, scenario).expect("rows").pop().expect("a stay");
        let stay = desk.load_stay(MAIN_TENANT, &row.stay_id).expect("a log").expect("a stay");
        let number = case.authorization.clone().unwrap_or_else(|| panic!("{scenario} is approved: {case:?}"));
        let told: Vec<String> = if post_acute {
            stay.post_acute.iter().flat_map(|p| p.steps.iter().filter_map(|s| s.3.clone())).collect()
        } else {
            stay.payers.iter().flat_map(|p| p.answers.iter().filter_map(|(_, a, ..)| a.authorization.clone())).collect()
        };
        assert!(told.contains(&number), "{scenario}: the case has {number}, the stay {told:?}");
    }
}

/// The request went out as a message and became a case; a nurse approves, and the stay has the same number.
async fn an_approval_comes_back(desk: &Desk) {
    let row =
        desk.store.stays_of_scenario(MAIN_TENANT, "also-hospital-asks-here").expect("rows").pop().expect("a stay");
    let stay = desk.load_stay(MAIN_TENANT, &row.stay_id).expect("a log").expect("a stay");
    let proof = stay.payers.iter().flat_map(|p| &p.asked).find_map(|(.., reference)| reference.clone()).expect("asked");
    let id = proof.strip_prefix("case ").expect("the case's number").to_owned();
    let case = desk.load(MAIN_TENANT, &id).expect("a log").expect("a case");
    assert!(case.request.identifiers.iter().any(|i| i.value == row.stay_id), "the case names the stay");
    let (_, name, _, credential) = demo::people().into_iter().find(|p| p.0 == "nurse").expect("a nurse");
    let by = vigil_domain::case::command::Actor { person: "nurse".into(), name, credential };
    for evidence in case.evidence() {
        let open = vigil_domain::case::command::Command::OpenEvidence { by: by.clone(), evidence };
        desk.act(MAIN_TENANT, &id, "nurse", open).await.expect("opened");
    }
    let approve = vigil_domain::case::command::Command::Approve { by, lines: Vec::new(), grant: None };
    let case = desk.act(MAIN_TENANT, &id, "nurse", approve).await.expect("approved");
    let mail = MailRoom { printer: Printer::Text, outbox: None };
    while desk.run_errands("test", &mail, 100).await.expect("errands").done > 0 {}
    let stay = desk.load_stay(MAIN_TENANT, &row.stay_id).expect("a log").expect("a stay");
    let state = stay.primary_state().expect("a payer");
    assert_eq!(state.authorization(), Some(case.authorization.as_str()), "{:?}", state.answers);
    assert!(state.locked.is_some() && stay.days_at_risk(demo::moment()).is_empty(), "{state:?}");
}

async fn rebuilt_equals_live(desk: &Desk) {
    let live = desk.store.dump_rows("stays").expect("rows");
    let deadlines = desk.store.dump_rows("deadlines").expect("rows");
    assert!(live.len() > 300, "{} rows", live.len());
    desk.rebuild(|_| {}).expect("rebuilt");
    let again = desk.store.dump_rows("stays").expect("rows");
    let differ: Vec<_> = again.iter().zip(&live).filter(|(a, b)| a != b).take(2).collect();
    assert!(again == live, "{} rows and {} rows; {differ:#?}", live.len(), again.len());
    assert_eq!(desk.store.dump_rows("deadlines").expect("rows"), deadlines);
    let figures: Vec<FiguresRow> =
        desk.store.stay_rows_between(MAIN_TENANT, day("2026-10-01"), day("2026-11-30")).expect("figures");
    let sum = |name: &str| figures.iter().filter_map(|f| f.figures.get(name)).sum::<f64>();
    assert!(sum("discharged") > 50.0 && sum("gmlos_days") > 100.0 && sum("initial_review_on_time") > 20.0);
    assert!((sum("cc44") - 2.0).abs() < f64::EPSILON && (sum("w2") - 1.0).abs() < f64::EPSILON);
}

/// The board of a large house: 2,000 open stays, read as pages read it.
#[tokio::test]
async fn the_census_of_two_thousand_is_quick() {
    let desk = desk();
    let mail = MailRoom { printer: Printer::Text, outbox: None };
    drop(mail);
    let rows: Vec<CensusRow> = (0..2_000)
        .map(|n| CensusRow {
            stay_id: format!("{n:04}-STAY"),
            hospital: if n % 2 == 0 { "riverside".into() } else { "hillcrest".into() },
            zone: "America/New_York".into(),
            in_house: true,
            patient: "Doe, Jane".into(),
            status: "inpatient".into(),
            basis: "benchmark".into(),
            first_care_at: Some(demo::moment()),
            clock: Some(("notice".into(), demo::moment())),
            ..CensusRow::default()
        })
        .collect();
    let commit = vigil_store::Commit {
        tenant: MAIN_TENANT.into(),
        rows: rows.iter().map(|row| vigil_store::Row::Stay(Box::new(row.row()))).collect(),
        ..vigil_store::Commit::default()
    };
    desk.store.commit(commit).await.expect("kept");
    desk.store.write(Write::of(MAIN_TENANT, Vec::<WriteItem>::new())).await.expect("written");
    let begun = Instant::now();
    let census = desk.store.census(MAIN_TENANT, None).expect("the census");
    let took = begun.elapsed();
    println!("census of {} stays: {took:?}", census.len());
    assert_eq!(census.len(), 2_000);
    assert_eq!(desk.store.census(MAIN_TENANT, Some("riverside")).expect("one hospital").len(), 1_000);
    assert!(took.as_millis() < 500, "{took:?} without optimization");
}
