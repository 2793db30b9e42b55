//! Several desks over one store, as several nodes are: each keeps cases it met lately, and none decides on what is no longer so.
#![allow(clippy::unwrap_used, reason = "a test that cannot get what it needs fails")]

#[path = "../../store/tests/common/postgres.rs"]
mod postgres;

use std::sync::Arc;

use vigil_desk::{
    Desk, MAIN_TENANT, Settings,
    act::{ActError, read_event},
    replay::pool::{Pool, Year},
    time::Time,
};
use vigil_domain::{
    case::{
        Case,
        command::{Actor, Command},
        event::Event,
    },
    library::Library,
    party::Credential,
    time::Moment,
};
use vigil_store::{Address, Options, Store, SubjectKey, Write, WriteItem, first_break};

fn library() -> Arc<Library> {
    Arc::new(vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("the shipped packs open: {issues:?}")))
}

fn now() -> Moment {
    "2026-11-20T18:10:00-05:00".parse().unwrap()
}

fn desk(store: Store, library: &Arc<Library>) -> Desk {
    Desk::new(store, Arc::clone(library), Time::simulated(now()), Settings::default())
}

fn note(text: &str) -> Command {
    let (person, name) = ("nurse".to_owned(), "Nina Note, RN".to_owned());
    let credential = Credential {
        person: person.clone(),
        name: name.clone(),
        licences: Vec::new(),
        specialties: Vec::new(),
        npi: None,
        reports_to: None,
        attested_on: None,
    };
    Command::Note { by: Actor { person, name, credential }, kind: "note".into(), text: text.into() }
}

/// Sends requests until one stays open; gives its case.
async fn open_case(desk: &Desk) -> String {
    let pool = Pool::draw(&desk.library, &Year { members: 60, distinct: 40, ..Year::of(3) }).unwrap();
    let mut items: Vec<_> = pool.contracts().iter().cloned().map(WriteItem::Contract).collect();
    items.extend(pool.providers().iter().cloned().map(WriteItem::Provider));
    for (member, coverages) in pool.roster() {
        items.push(WriteItem::Member(member));
        items.extend(coverages.into_iter().map(WriteItem::Coverage));
    }
    desk.store.write(Write::of(MAIN_TENANT, items)).await.unwrap();
    for n in 0..40 {
        let mut body = Vec::new();
        let base = pool.body(n, &mut body);
        desk.submit(MAIN_TENANT, base, "clinic", now(), body).await.unwrap();
        let open = desk.store.subjects(MAIN_TENANT, "case", "", 99).unwrap();
        let found = open.into_iter().find(|case| !desk.load(MAIN_TENANT, &case.id).unwrap().unwrap().is_determined());
        if let Some(case) = found {
            return case.id;
        }
    }
    panic!("every request was answered at once")
}

/// The texts of the notes in the log, in order; its chain stands and its versions have no gap.
fn notes(store: &Store, case: &str) -> Vec<String> {
    let stored = store.load(MAIN_TENANT, &SubjectKey::case(case)).unwrap();
    assert_eq!(first_break(&stored), None);
    assert!((1..).zip(&stored).all(|(n, event)| event.version == n));
    let text = |event| if let Event::Noted { text, .. } = event { Some(text) } else { None };
    stored.iter().filter_map(|event| text(read_event(event).unwrap())).collect()
}

fn load(desk: &Desk, case: &str) -> Case {
    desk.load(MAIN_TENANT, case).unwrap().unwrap()
}

/// `one` and `two` are open at the same time on the same store.
async fn two_desks(one: Store, two: Store, library: &Arc<Library>) {
    let (one, two) = (desk(one, library), desk(two, library));
    let case = open_case(&one).await;
    let mut expected = Vec::new();
    let mut last = load(&two, &case).version;
    // In turn: what the other wrote meanwhile is under each.
    for n in 0..6 {
        let desk = if n % 2 == 0 { &one } else { &two };
        let text = format!("in turn {n}");
        let answered = desk.act(MAIN_TENANT, &case, "nurse", note(&text)).await.unwrap();
        assert_eq!(answered.version, last + 1, "nothing was decided on an older case");
        last = answered.version;
        expected.push(text);
    }
    assert_eq!(notes(&one.store, &case), expected);
    // All at once: whoever lost a race decides again on what is there, or says that it could not.
    let mut racing = tokio::task::JoinSet::new();
    for n in 0..24 {
        let (desk, case, text) =
            (if n % 2 == 0 { one.clone() } else { two.clone() }, case.clone(), format!("at once {n}"));
        racing.spawn(async move { (desk.act(MAIN_TENANT, &case, "nurse", note(&text)).await, text) });
    }
    let mut kept = Vec::new();
    while let Some(done) = racing.join_next().await {
        match done.unwrap() {
            (Ok(_), text) => kept.push(text),
            (Err(ActError::Raced), _) => {}
            (Err(other), text) => panic!("{text}: {other}"),
        }
    }
    let mut found = notes(&one.store, &case).split_off(expected.len());
    kept.sort();
    found.sort();
    assert!(kept.len() >= 3, "{kept:?}");
    assert_eq!(found, kept, "what was answered is there, once");
    let anew = desk(one.store.clone(), library);
    assert_eq!(load(&one, &case), load(&anew, &case));
    assert_eq!(load(&two, &case), load(&anew, &case));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_desks_over_one_store_never_decide_on_an_older_case() {
    let library = library();
    let store = Store::in_memory().unwrap();
    two_desks(store.clone(), store, &library).await;
    let Some(address) = postgres::fresh() else { return };
    let node = || Store::connect(Address::parse(&address).unwrap(), &Options::default()).unwrap();
    two_desks(node(), node(), &library).await;
}

#[tokio::test]
async fn a_case_that_was_kept_of_another_log_is_read_anew() {
    let library = library();
    let (before, after) = (desk(Store::in_memory().unwrap(), &library), desk(Store::in_memory().unwrap(), &library));
    let case = open_case(&before).await;
    assert_eq!(open_case(&after).await, case, "the same request at the same moment has the same number");
    for (desk, text) in [(&before, "before"), (&after, "after")] {
        desk.act(MAIN_TENANT, &case, "nurse", note(text)).await.unwrap();
    }
    load(&before, &case);
    // As if the store had been replaced under the desk: as long, and with another history.
    let mut replaced = before.clone();
    replaced.store = after.store.clone();
    assert_eq!(load(&replaced, &case), load(&after, &case));
    replaced.act(MAIN_TENANT, &case, "nurse", note("on top")).await.unwrap();
    assert_eq!(notes(&after.store, &case), ["after", "on top"]);
    assert_eq!(load(&replaced, &case), load(&desk(after.store.clone(), &library), &case));
}

#[test]
fn a_figure_with_many_digits_is_read_back_as_it_was_written() {
    // Reading levels and values of laboratories: what a case was decided on must be what a replay reads.
    for n in 1..20_000_u32 {
        let level = 0.39 * (f64::from(n) / 7.0) + 11.8 * (f64::from(n) / 1_003.0) - 15.59;
        let event = Event::NoticeComposed {
            notice: 1,
            template: "t".into(),
            template_digest: "d".into(),
            document: "d".into(),
            language: "en".into(),
            reading_level: level,
        };
        let read: Event = serde_json::from_slice(&serde_json::to_vec(&event).unwrap()).unwrap();
        assert_eq!(read, event, "{level:?}");
    }
}
