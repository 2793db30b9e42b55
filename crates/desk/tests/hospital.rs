//! The hospital's side through the ordinary desk: the simulated health system comes out as its scripts say, its read models
//! are rebuilt from the log, the census of a large house is quick, and a plan's answer is the stay's fact.

use std::{sync::Arc, time::Instant};

use vigil_desk::{
    Desk, MAIN_TENANT, Settings,
    errand::{MailRoom, Printer},
    hospital::{act::on_duty, figures, paper::PaperKind, project::key},
    sim::demo,
    time::Time,
};
use vigil_domain::{
    code::{Code, CodeSystem},
    notice::compose,
    party::{Credential, LineOfBusiness, PersonName},
    status::Duty,
    stay::{
        Stay,
        clock::Watch,
        command::{Actor, Command, EnteredDelay, OnDuty},
        delay::QueryKind,
        documented::{Documented, Stated},
        event::Hospital,
        facility::{Facility, SiteMap},
        letter,
        news::{
            ClassNews, DischargeNews, Identifier, NewsKind, NewsSource, OrderState, PatientStatus, PayerNews, Road,
            StatusOrder, StayNews, Told,
        },
        notice::NoticeKind,
        payer::{CoverageChange, PayerTerms},
        plan_duty,
    },
    time::{Moment, Zone},
};
use vigil_store::{
    CensusRow, DeadlineKind, DelayRow, DueDeadline, EscalationRow, FiguresRow, NoticeRow, PayerRow, QueryRow,
    StayModel, Store, SubjectKey, Write, WriteItem,
};

fn desk() -> Desk {
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{} pack issues", issues.len()));
    let store = Store::in_memory().expect("a store");
    Desk::new(store, Arc::new(library), Time::simulated(demo::moment()), Settings::default())
}

/// Unoptimized frames of a whole health system are larger than the two megabytes of a test's thread.
const STACK: usize = 16 << 20;

#[test]
fn the_health_system_comes_out_as_its_scripts_say() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let told = move || runtime.block_on(the_health_system());
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(told).expect("a thread");
    thread.join().expect("it comes out as its scripts say");
}

async fn the_health_system() {
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
    let mut beds: Vec<(&str, &str)> = census.iter().map(|row| (&*row.hospital, &*row.bed)).collect();
    beds.sort_unstable();
    let shared: Vec<_> = beds.windows(2).filter(|two| two[0] == two[1]).collect();
    assert!(shared.is_empty(), "two patients lie in one bed: {shared:?}");
    let due: Vec<NoticeRow> = view.open_stay_rows(MAIN_TENANT, None, 500).expect("notices");
    assert!(due.len() > 5, "{} notices due", due.len());
    let delays: Vec<DelayRow> =
        view.stay_rows_between(MAIN_TENANT, day("2026-11-01"), day("2026-11-30")).expect("delays");
    assert!(delays.iter().any(|d| d.code == "PT-QIO" && !d.counts), "{delays:?}");
    the_plans_scenes_are_of_one_piece(&desk);
    the_committees_letter_waits_until_it_is_whole(&desk).await;
    rebuilt_equals_live(&desk).await;
}

/// The moved surgery is answered in time; what a scene asks for fits its days.
fn the_plans_scenes_are_of_one_piece(desk: &Desk) {
    let cases = |scenario: &str| -> Vec<vigil_domain::case::Case> {
        let rows = desk.store.cases_of_scenario(MAIN_TENANT, scenario, 20).expect("rows");
        rows.iter().map(|row| desk.load(MAIN_TENANT, &row.case_id).expect("a log").expect("a case")).collect()
    };
    let moved = cases("also-surgery-date").pop().expect("the surgery");
    assert_eq!(moved.lines.len(), 2, "the new day is a line of its own");
    assert!(moved.lines.iter().all(|l| l.outcome.as_ref().is_some_and(|o| o.grant().is_some())), "{:?}", moved.stage);
    assert!(moved.clocks.iter().all(|clock| clock.lapsed.is_none()), "{:?}", moved.clocks);
    for case in desk.store.scenarios(MAIN_TENANT).expect("rows").iter().flat_map(|scenario| cases(scenario)) {
        for line in case.lines.iter().map(|l| &l.line) {
            let (Some(quantity), Some(from), Some(through)) = (&line.quantity, line.from, line.through) else {
                continue;
            };
            let days = match quantity.unit.as_str() {
                "day" => jiff::Span::new().days(quantity.amount as i64),
                "month" => jiff::Span::new().months(quantity.amount as i64),
                _ => continue,
            };
            let last = from.checked_add(days).and_then(|day| day.yesterday()).expect("a day");
            assert_eq!(through, last, "{} {}: {quantity:?} from {from}", case.id, line.title());
        }
    }
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
    let mut fields = letter::fields(&stay, &notice, "en", demo::moment());
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
    // To a patient who reads Spanish no English sentence goes: the letter waits for the words.
    let mut fields = letter::fields(&stay, &notice, "es", demo::moment());
    fields.set_items("recipient_address_lines", ["14 Elm Street", "Albany, NY 12210"]);
    let missing = compose(template, "es", &fields).expect_err("its reasons are in English");
    let lacking: Vec<&str> = missing.iter().flat_map(|gap| &gap.fields).map(String::as_str).collect();
    assert_eq!(lacking, ["reasons", "effect"], "{missing:#?}");
    fields
        .set("reasons", "Su respiración es normal otra vez.")
        .set("effect", "La Parte B paga la atención ambulatoria.");
    let letter = compose(template, "es", &fields).expect("whole");
    // To be looked at: VIGIL_LETTERS names a folder.
    if let Some(folder) = std::env::var_os("VIGIL_LETTERS").map(std::path::PathBuf::from) {
        let printed = vigil_print::pdf(&letter, &vigil_print::Letterhead::default()).expect("printed");
        std::fs::write(folder.join("es-committee.pdf"), printed).expect("written");
        let paper =
            desk.notice_paper(MAIN_TENANT, &load(), owed(&copies[0]).id, None).expect("printed").expect("a paper");
        std::fs::write(folder.join("en-committee.pdf"), paper.document.bytes).expect("written");
    }
    let spanish = letter.plain_text();
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
    let approve = vigil_domain::case::command::Command::Approve {
        by,
        lines: Vec::new(),
        grant: None,
        why: "the documents show the need".into(),
    };
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

/// One stay's news, by hand: everything in the past of the demonstration's moment.
fn news(visit: &str, kind: NewsKind, at: &str) -> StayNews {
    let at = at.parse().expect("a moment");
    let word = kind.word().to_owned();
    let source = NewsSource { road: Road::Simulated, sender: "test".into(), message: format!("{visit}/{word}/{at}") };
    let mut news = StayNews::new(source, &word, kind, at);
    news.recorded_at = at;
    let id = |value: String, kind: &str| Identifier { value, authority: "MERCY".into(), kind: kind.into() };
    news.patient.identifiers = vec![id(format!("P-{visit}"), "MR")];
    news.patient.name = Some(Told::Is(PersonName { family: "Quill".into(), given: "Rosa".into() }));
    news.visit.number = Some(id(visit.to_owned(), "VN"));
    news.visit.account = Some(id(format!("A-{visit}"), "AN"));
    news
}

fn admitted(visit: &str, status: PatientStatus, at: &str, line: &str) -> StayNews {
    let mut told = news(visit, NewsKind::Admit, at);
    let (code, moment) = (Code::new(CodeSystem::read("site"), status.word()), told.effective_at);
    told.order = Some(StatusOrder {
        number: format!("O-{visit}"),
        code,
        status: Some(status.clone()),
        state: OrderState::Placed,
        at: moment,
        ended_at: None,
        by: None,
    });
    told.class = Some(ClassNews { class: "I".into(), status: Some(status), ..ClassNews::default() });
    told.payers = Some(vec![PayerNews {
        order: 1,
        payer_id: "FIRST".into(),
        plan_id: "1".into(),
        name: "First payer".into(),
        line_of_business: Some(LineOfBusiness::read(line)),
        member_id: "M1".into(),
        ..PayerNews::default()
    }]);
    told
}

fn gone(visit: &str, at: &str) -> StayNews {
    let mut told = news(visit, NewsKind::Discharge, at);
    let (at, disposition) = (Some(told.effective_at), "01".to_owned());
    told.discharge = Some(Told::Is(DischargeNews { at, disposition, to: String::new() }));
    told
}

fn terms(payer: &str, plan: &str) -> PayerTerms {
    let text = format!(
        "{{\"payer_id\": \"{payer}\", \"plan_id\": \"{plan}\", \"name\": \"A plan\", \"line_of_business\": \"commercial-insured\",
          \"notify_hours\": 24, \"needs_authorization\": true, \"cite\": \"Agreement, exhibit C\", \"confidence\": \"made up\"}}"
    );
    serde_json::from_str(&text).expect("terms")
}

async fn take(desk: &Desk, news: StayNews, terms: Vec<PayerTerms>) -> Stay {
    let stay = format!("STAY-{}", news.visit.number.as_ref().expect("a number").value);
    let hospital = Hospital {
        id: "mercy".into(),
        name: "Mercy".into(),
        state: "NY".into(),
        zone: Zone::named("America/New_York").expect("a zone"),
        kind: "acute".into(),
        site: SiteMap::default(),
        prospective_payment: None,
        part_456: None,
    };
    let (hospital, news) = (Arc::new(hospital), Arc::new(news));
    let command = Command::TakeNews { stay: stay.clone(), hospital, news, terms, scenario: None };
    desk.act_stay(MAIN_TENANT, &stay, "feed", command).await.expect("it is taken")
}

fn nurse() -> Actor {
    Actor { person: "nurse".into(), name: "A. Nurse".into(), credential: Credential::default(), seats: Vec::new() }
}

fn figures_of(desk: &Desk, stay: &Stay) -> std::collections::BTreeMap<String, f64> {
    let rows: Vec<FiguresRow> =
        desk.store.stay_rows_between(MAIN_TENANT, day("2026-11-01"), day("2026-11-30")).expect("figures");
    rows.into_iter().find(|row| row.stay_id == stay.id).expect("a row for each stay").figures
}

fn counts(figures: &std::collections::BTreeMap<String, f64>, name: &str, wanted: f64) {
    let found = figures.get(name).copied().unwrap_or(0.0);
    assert!((found - wanted).abs() < 1e-9, "{name} is {found}, not {wanted}: {figures:?}");
}

#[tokio::test]
async fn a_miss_stays_a_miss_and_more_than_a_day_is_more_than_a_day() {
    let desk = desk();
    for (visit, left, over) in [("V1", "2026-11-11T13:00:00Z", 0.0), ("V2", "2026-11-11T13:00:01Z", 1.0)] {
        let line = "commercial-insured";
        take(&desk, admitted(visit, PatientStatus::Observation, "2026-11-10T13:00:00Z", line), Vec::new()).await;
        let stay = take(&desk, gone(visit, left), Vec::new()).await;
        let figures = figures_of(&desk, &stay);
        counts(&figures, "observation_started", 1.0);
        counts(&figures, "observation_over_24", over);
        // Nobody ever reviewed it: it left, and remains in the measure.
        counts(&figures, "initial_review_late", 1.0);
        counts(&figures, "initial_review_on_time", 0.0);
    }
}

#[tokio::test]
async fn a_notice_counts_once_it_was_given_or_missed_and_not_while_its_window_runs() {
    let desk = desk();
    // 26 hours and 3 days before the demonstration's moment: one window runs until hour 36, one has passed.
    for (visit, began, owed) in [("V1", "2026-11-21T16:00:00Z", 0.0), ("V2", "2026-11-19T16:00:00Z", 1.0)] {
        let told = admitted(visit, PatientStatus::Observation, began, "original-medicare");
        let stay = take(&desk, told, Vec::new()).await;
        assert!(stay.open_notices().any(|n| n.kind == NoticeKind::Moon), "{:?}", stay.notices);
        counts(&figures_of(&desk, &stay), "moon_owed", owed);
        counts(&figures_of(&desk, &stay), "moon_on_time", 0.0);
    }
    // Three hours before release: before it, and outside the window of four hours.
    for (given, before, in_window) in [("10:00", 1.0, 1.0), ("14:00", 1.0, 0.0), ("17:30", 0.0, 0.0)] {
        let visit = format!("C{}", &given[..2]);
        let told = admitted(&visit, PatientStatus::Inpatient, "2026-11-19T13:00:00Z", "original-medicare");
        take(&desk, told, Vec::new()).await;
        let mut stay = take(&desk, gone(&visit, "2026-11-20T17:00:00Z"), Vec::new()).await;
        let at: Moment = format!("2026-11-20T{given}:00Z").parse().expect("a moment");
        give_change_notice(&mut stay, at, "2026-11-20T13:00:00Z".parse().expect("a moment"));
        let row = figures::of(&stay, demo::moment());
        counts(&row.figures, "mcsn_owed", 1.0);
        counts(&row.figures, "mcsn_before_release", before);
        counts(&row.figures, "mcsn_on_time", in_window);
    }
}

/// A change-of-status notice as the log leaves it: given, and its clock met or passed.
fn give_change_notice(stay: &mut Stay, at: Moment, due_at: Moment) {
    let delivery = serde_json::json!({
        "at": at, "to": "patient", "receipt": "signed", "signer": "the patient", "explained": true, "paper_copy": true, "language": "en",
    });
    let mut notice = stay.notices.first().expect("an inpatient of Medicare is owed a notice").clone();
    notice.id = 90;
    notice.kind = NoticeKind::ChangeOfStatus;
    notice.delivered = Some(("nurse".to_owned(), serde_json::from_value(delivery).expect("a delivery")));
    notice.ended = None;
    stay.notices.push(notice);
    let mut clock = stay.clocks.iter().find(|c| c.watch == Watch::Notice).expect("a notice has a clock").clone();
    clock.about = "90".to_owned();
    clock.due_at = due_at;
    clock.satisfied_at = Some(at);
    clock.lapsed_at = (at > due_at).then_some(due_at);
    clock.ended = None;
    stay.clocks.push(clock);
}

#[test]
fn rota_and_cover_pass_over_whoever_is_away() {
    let facility: Facility = serde_json::from_value(serde_json::json!({
        "id": "mercy", "name": "Mercy", "zone": "America/New_York", "state": "NY",
        "advisors": [
            {"person": "first", "name": "First, MD", "weekdays": [1, 2, 3, 4, 5], "from_hour": 7, "until_hour": 19},
            {"person": "second", "name": "Second, MD", "weekdays": [3]},
        ],
        "chief_medical_officer": "chief",
        "officer_cover": ["first", "deputy"],
        "away": [
            {"person": "first", "from": "2026-11-18", "through": "2026-11-19"},
            {"person": "chief", "from": "2026-11-19", "through": "2026-11-20"},
        ],
    }))
    .expect("a facility");
    // 17 November 2026 is a Tuesday; hours are New York's.
    let duty = |at: &str| {
        let (advisor, officer) = on_duty(&facility, at.parse().expect("a moment"));
        (advisor.map(|a| a.person), officer.map(|o| o.person).expect("somebody covers"))
    };
    let told = |advisor: Option<&str>, officer: &str| (advisor.map(str::to_owned), officer.to_owned());
    assert_eq!(duty("2026-11-17T07:00:00-05:00"), told(Some("first"), "chief"));
    assert_eq!(duty("2026-11-17T06:59:59-05:00"), told(None, "chief"));
    assert_eq!(duty("2026-11-18T09:00:00-05:00"), told(Some("second"), "chief"), "the next entry of the rota");
    assert_eq!(duty("2026-11-19T09:00:00-05:00"), told(None, "deputy"), "the first of the cover is away too");
    assert_eq!(duty("2026-11-20T23:59:59-05:00"), told(None, "first"), "after hours the cover still stands in");
    assert_eq!(duty("2026-11-21T00:00:00-05:00"), told(None, "chief"), "back on the day after the last one");
}

#[tokio::test]
async fn a_review_of_the_ur_plan_has_its_deadline_and_its_row_among_the_notices() {
    let desk = desk();
    let told = admitted("V1", PatientStatus::Inpatient, "2026-11-20T15:00:00Z", "medicaid-ffs");
    let stay = take(&desk, told, Vec::new()).await;
    let rows = || -> Vec<NoticeRow> { desk.store.open_stay_rows(MAIN_TENANT, None, 50).expect("rows") };
    let reviews = || rows().into_iter().filter(|row| row.about == "medicaid-admission").collect::<Vec<_>>();
    assert!(reviews().is_empty(), "nobody has said that part 456 applies");
    let state = |facts: Vec<Stated>| Command::Document {
        by: nurse(),
        facts: facts.into_iter().map(|fact| Documented { fact, found_in: "state plan".into() }).collect(),
    };
    let applies = Stated::Answer { id: plan_duty::PART_456.into(), yes: true };
    let stay = desk.act_stay(MAIN_TENANT, &stay.id, "nurse", state(vec![applies])).await.expect("it is stated");
    let row = reviews().pop().expect("it is owed");
    let due: Moment = "2026-11-25T04:59:59Z".parse().expect("a moment");
    assert_eq!((row.due_at, row.late, row.delivered_at), (Some(due), false, None));
    every_clock_has_its_deadline(&desk, &stay.id);
    let done = Stated::PlanDuty {
        duty: Duty::MedicaidAdmission,
        assigned_on: None,
        learned_on: None,
        done_on: Some(day("2026-11-21")),
        void: false,
    };
    desk.act_stay(MAIN_TENANT, &stay.id, "nurse", state(vec![done])).await.expect("it is stated");
    assert!(reviews().is_empty(), "what was done is not owed");
    every_clock_has_its_deadline(&desk, &stay.id);
    let live = desk.store.dump_rows("stays").expect("rows");
    desk.rebuild(|_| {}).expect("rebuilt");
    assert_eq!(desk.store.dump_rows("stays").expect("rows"), live);
}

#[tokio::test]
async fn an_elective_admission_counts_when_it_was_approved_by_its_day() {
    let desk = desk();
    for (visit, kind, said, elective, obtained) in [
        ("V1", "3", "2026-11-09T15:00:00Z", 1.0, 1.0),
        ("V2", "C", "2026-11-11T15:00:00Z", 1.0, 0.0),
        ("V3", "1", "2026-11-09T15:00:00Z", 0.0, 0.0),
    ] {
        let mut told = admitted(visit, PatientStatus::Inpatient, "2026-11-10T13:00:00Z", "commercial-insured");
        told.visit.admission_type = Some(Told::Is(kind.to_owned()));
        let stay = take(&desk, told, vec![terms("FIRST", "1")]).await;
        let answer = serde_json::json!({"kind": "approved", "authorization": "A7", "from": "2026-11-10", "through": "2026-11-12"});
        let source = serde_json::json!({"channel": "portal", "said_by": "Pat", "said_at": said});
        let command = Command::RecordPayerAnswer {
            by: nurse(),
            payer: "FIRST".into(),
            answer: serde_json::from_value(answer).expect("an answer"),
            source: serde_json::from_value(source).expect("a source"),
        };
        let stay = desk.act_stay(MAIN_TENANT, &stay.id, "nurse", command).await.expect("it is recorded");
        let figures = figures_of(&desk, &stay);
        counts(&figures, "authorization_needed", 1.0);
        counts(&figures, "elective_needs_authorization", elective);
        counts(&figures, "authorization_obtained", obtained);
    }
}

#[tokio::test]
async fn coverage_that_a_person_states_starts_the_contracts_clock() {
    let desk = desk();
    let write = |t: &PayerTerms| vigil_desk::hospital::records::terms_record(t).expect("a record");
    let loaded = vec![write(&terms("SECOND", "7")), write(&terms("TWO", "1")), write(&terms("TWO", "2"))];
    desk.store.write(Write::of(MAIN_TENANT, loaded)).await.expect("kept");
    let told = admitted("V1", PatientStatus::Inpatient, "2026-11-10T13:00:00Z", "self-pay");
    let stay = take(&desk, told, Vec::new()).await;
    let state = |payer: &str| {
        let held = serde_json::json!({"payer_id": payer, "name": payer, "member_id": "M2", "line_of_business": "commercial-insured"});
        Command::StateCoverage {
            by: nurse(),
            held: vec![serde_json::from_value(held).expect("coverage")],
            change: CoverageChange::Corrected,
            from: None,
            basis: "card shown".into(),
        }
    };
    let told = |stay: &Stay| stay.clocks.iter().any(|c| c.watch.word() == "payer_notification" && c.ended.is_none());
    assert!(!told(&stay), "{:?}", stay.clocks);
    let stay = desk.act_stay(MAIN_TENANT, &stay.id, "nurse", state("SECOND")).await.expect("it is stated");
    assert_eq!(stay.held[0].terms.as_ref().and_then(|t| t.plan_id.as_deref()), Some("7"));
    assert!(told(&stay), "{:?}", stay.clocks);
    // Of two plans none is guessed.
    let stay = desk.act_stay(MAIN_TENANT, &stay.id, "nurse", state("TWO")).await.expect("it is stated");
    assert!(stay.held[0].terms.is_none(), "{:?}", stay.held);
}

#[tokio::test]
async fn a_confidential_stay_is_marked_in_every_row_that_names_it_and_found_by_its_numbers() {
    let desk = desk();
    let told = admitted("V1", PatientStatus::Inpatient, "2026-11-10T13:00:00Z", "original-medicare");
    let stay = take(&desk, told, Vec::new()).await;
    let delay = EnteredDelay {
        code: "PAC-BED".into(),
        from: day("2026-11-11"),
        through: day("2026-11-11"),
        hours: None,
        department: None,
        note: String::new(),
    };
    let command = Command::RecordAvoidableDays { by: nurse(), delay: Box::new(delay) };
    let stay = desk.act_stay(MAIN_TENANT, &stay.id, "nurse", command).await.expect("it is recorded");
    // The patient is still here: the measure counts what the board lists.
    counts(&figures_of(&desk, &stay), "avoidable_days", 1.0);
    counts(&figures_of(&desk, &stay), "bedded_stay", 1.0);
    let command = Command::AskPhysician {
        by: nurse(),
        kind: QueryKind::Clarification,
        to: "Dr. Roe".into(),
        question: "Which type?".into(),
        because: "the record".into(),
    };
    let stay = desk.act_stay(MAIN_TENANT, &stay.id, "nurse", command).await.expect("it is asked");
    let command = Command::Escalate { by: nurse(), why: "unclear".into(), advisor: Some(on_call()), officer: None };
    let stay = desk.act_stay(MAIN_TENANT, &stay.id, "nurse", command).await.expect("it goes up");
    let marks = || {
        let view = &desk.store;
        let notices: Vec<NoticeRow> = view.open_stay_rows(MAIN_TENANT, None, 50).expect("notices");
        let payers: Vec<PayerRow> = view.open_stay_rows(MAIN_TENANT, None, 50).expect("payers");
        let queries: Vec<QueryRow> = view.open_stay_rows(MAIN_TENANT, None, 50).expect("queries");
        let up: Vec<EscalationRow> = view.open_stay_rows(MAIN_TENANT, None, 50).expect("escalations");
        let delays: Vec<DelayRow> =
            view.stay_rows_between(MAIN_TENANT, day("2026-11-01"), day("2026-11-30")).expect("delays");
        [
            notices.iter().map(|r| r.confidential).collect::<Vec<_>>(),
            payers.iter().map(|r| r.confidential).collect(),
            queries.iter().map(|r| r.confidential).collect(),
            up.iter().map(|r| r.confidential).collect(),
            delays.iter().map(|r| r.confidential).collect(),
        ]
    };
    assert!(marks().iter().all(|rows| !rows.is_empty() && rows.iter().all(|marked| !marked)), "{:?}", marks());
    let mut hidden = news("V1", NewsKind::Update, "2026-11-12T13:00:00Z");
    hidden.visit.confidential = Some(true);
    take(&desk, hidden, Vec::new()).await;
    assert!(marks().iter().all(|rows| !rows.is_empty() && rows.iter().all(|marked| *marked)), "{:?}", marks());
    for number in ["V1", "A-V1", "P-V1"] {
        let found = desk.store.stays_by_key(MAIN_TENANT, key::NUMBER, number, 5).expect("keys");
        assert_eq!(found, std::slice::from_ref(&stay.id), "{number}");
    }
}

fn on_call() -> OnDuty {
    OnDuty { person: "advisor".into(), name: "A. Advisor".into() }
}
