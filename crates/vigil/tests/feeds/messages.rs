//! Messages over a real connection: durable before they are acknowledged, the same whatever their order, parked when nobody can
//! read them.

use std::sync::Arc;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use vigil::{
    export::{WINDOW, Wanted, export},
    feed::{client, mllp},
    open,
};
use vigil_desk::{MAIN_TENANT, hospital::feed::Outcome, hospital::import::Census, time::Time};
use vigil_domain::stay::facility::Facility;
use vigil_store::View;

use crate::house::{Folder, settings_of};

/// The example facility of the documents.
pub fn facility() -> Facility {
    #[derive(serde::Deserialize)]
    struct File {
        facility: Vec<Facility>,
    }
    let text = include_str!("../../../../docs/operate/facility.example.toml");
    toml::from_str::<File>(text).unwrap().facility.remove(0)
}

/// A Vigil that takes feeds, on a clock of its own.
pub struct Hospital {
    pub app: vigil::app::App,
    pub server: mllp::Server,
    _folder: Folder,
}

impl Hospital {
    pub async fn open(now: &str) -> Self {
        let folder = Folder::new();
        let settings = settings_of(&["--data-dir", folder.path().to_str().unwrap()]);
        let app = open::house(&settings, Time::simulated(now.parse().unwrap())).unwrap();
        app.desk.keep_facility(MAIN_TENANT, &facility()).await.unwrap();
        let feed = mllp::Feed::new(app.desk.clone(), 1 << 20);
        let server = mllp::Server::start("127.0.0.1:0".parse().unwrap(), None, feed).await.unwrap();
        Self { app, server, _folder: folder }
    }

    pub async fn send(&self, messages: &[String], ahead: usize) -> Vec<String> {
        client::send(self.server.address, messages, ahead).await.unwrap()
    }

    /// What the feed left out because it stood there already is what a rebuild writes.
    fn rebuilds_as_it_lived(&self) {
        let store = &self.app.desk.store;
        let dump = || View::read_models().iter().map(|table| store.dump_rows(table).unwrap()).collect::<Vec<_>>();
        let lived = dump();
        assert!(lived.iter().map(Vec::len).sum::<usize>() > 20);
        tokio::task::block_in_place(|| self.app.desk.rebuild(|_| ())).unwrap();
        assert_eq!(dump(), lived);
    }

    pub fn census(&self, day: &str) -> Census {
        self.app.desk.census_on(MAIN_TENANT, &facility(), day.parse().unwrap()).unwrap()
    }
}

pub fn adt(trigger: &str, control: &str, at: &str, visit: &str, class: &str, more: &str) -> String {
    let evn = if more.contains("EVN6=") { more.split("EVN6=").nth(1).unwrap_or_default() } else { "" };
    let account = if visit.is_empty() { "" } else { &visit[..2] };
    format!(
        "MSH|^~\\&|REG|MERCY|VIGIL|VIGIL|2026{at}00-0500||ADT^{trigger}|{control}|P|2.5.1\r\
         EVN|{trigger}|2026{at}||||{evn}\r\
         PID|1||P{account}^^^MERCY^MR||Doe^Jane||19440612|F||||||||||A{account}^^^MERCY^AN\r\
         PV1|1|{class}|5E^503^A||||1234567893^House^Greta|||||||||||{}|{visit}^^^MERCY^VN\r",
        if class == "O" { "OBS" } else { "" },
    )
}

/// Emergency, observation, inpatient under a new number, discharge taken back.
fn stay() -> Vec<String> {
    vec![
        adt("A04", "1", "03011000", "10", "E", ""),
        adt("A06", "2", "03011500", "10", "O", ""),
        adt("A08", "3", "03021600", "10", "I", ""),
        adt("A01", "4", "03021700", "10B", "I", ""),
        adt("A03", "5", "03041200", "10B", "I", ""),
        adt("A13", "6", "03041230", "10B", "I", ""),
        adt("A04", "7", "03051000", "20", "E", ""),
    ]
}

/// A census without the stays' own numbers, which follow from the first visit number heard of.
fn unnumbered(mut census: Census) -> Census {
    census.open.iter_mut().for_each(|line| line.stay.clear());
    census
}

fn codes(answers: &[String]) -> Vec<&str> {
    answers.iter().map(|a| a.split("MSA|").nth(1).unwrap().split('\r').next().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_of_messages_gives_the_same_census_and_doubles_get_the_same_answer() {
    let hospital = Hospital::open("2026-03-06T12:00:00Z").await;
    let messages = stay();
    let mut answers = Vec::new();
    for (nth, message) in messages.iter().enumerate() {
        // The clock goes on between them: rows that hold what was so at a moment are written when it was.
        let at = hospital.app.desk.time.now() + jiff::SignedDuration::from_mins(17 * nth as i64);
        hospital.app.desk.time.set(at);
        answers.extend(hospital.send(std::slice::from_ref(message), 1).await);
    }
    assert_eq!(codes(&answers), ["AA|1", "AA|2", "AA|3", "AA|4", "AA|5", "AA|6", "AA|7"]);
    let census = unnumbered(hospital.census("2026-03-05"));
    let open: Vec<(&str, &str)> = census.open.iter().map(|l| (l.visit.as_str(), l.status.as_str())).collect();
    assert_eq!(open, [("10B", "inpatient"), ("20", "emergency")]);
    assert_eq!(hospital.send(&messages, 64).await, answers, "the same bytes get the stored answer");
    hospital.rebuilds_as_it_lived();
    let mut reversed = messages.clone();
    reversed.reverse();
    let mut turned = messages.clone();
    turned.rotate_left(3);
    for (ahead, order) in [(1, reversed.clone()), (64, reversed), (64, turned)] {
        let other = Hospital::open("2026-03-06T12:00:00Z").await;
        let sent = other.send(&order, ahead).await;
        assert!(codes(&sent).iter().all(|c| c.starts_with("AA")), "{sent:?}");
        assert_eq!(unnumbered(other.census("2026-03-05")), census);
        other.rebuilds_as_it_lived();
        other.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_that_comes_before_its_stay_is_not_lost() {
    let merge = "MSH|^~\\&|REG|MERCY|VIGIL|VIGIL|20260301110000-0500||ADT^A40|9|P|2.5.1\r\
                 EVN|A40|202603011100\rPID|1||RIGHT^^^MERCY^MR\rMRG|P30^^^MERCY^MR\r";
    let admit = adt("A01", "1", "03011000", "30", "I", "");
    let mut patients = Vec::new();
    for order in [vec![merge.to_owned(), admit.clone()], vec![admit, merge.to_owned()]] {
        let hospital = Hospital::open("2026-03-06T12:00:00Z").await;
        let answers = hospital.send(&order, 1).await;
        assert!(codes(&answers).iter().all(|c| c.starts_with("AA")), "{answers:?}");
        patients.push(hospital.census("2026-03-05").open[0].patient.clone());
    }
    assert_eq!(patients, ["RIGHT", "RIGHT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_read_is_parked_shown_and_replayed() {
    let hospital = Hospital::open("2026-03-06T12:00:00Z").await;
    let stranger = adt("A01", "1", "03011000", "40", "I", "").replace("REG|MERCY", "NEW|ELSE");
    let faulty = adt("A01", "2", "0301xx00", "41", "I", "");
    let foreign = "MSH|^~\\&|REG|MERCY|||20260301||ORU^R01|3|P|2.5.1\r".to_owned();
    let nonsense = "hello".to_owned();
    let answers = hospital.send(&[stranger, faulty, foreign, nonsense], 4).await;
    assert_eq!(
        codes(&answers)[..3],
        [
            "AE|1|No facility takes messages of this sender.",
            "AE|2|The time cannot be read.",
            "AR|3|ORU\\S\\R01 is not supported."
        ]
    );
    assert!(answers[1].contains("ERR||EVN^1^2|"), "{}", answers[1]);
    let desk = &hospital.app.desk;
    let parked = desk.parked(MAIN_TENANT, 10).unwrap();
    assert_eq!(parked.len(), 4, "each is kept");
    assert!(hospital.census("2026-03-05").open.is_empty());
    let books = desk.feed_books(MAIN_TENANT).unwrap();
    let key = parked.iter().find(|n| n.sender.starts_with("NEW")).unwrap().key;
    let still = desk.replay_parked(MAIN_TENANT, &books, &key).await.unwrap().unwrap();
    assert_eq!(still.outcome, Outcome::Parked);
    let mut known = facility();
    known.senders.push("NEW".into());
    desk.keep_facility(MAIN_TENANT, &known).await.unwrap();
    let books = desk.feed_books(MAIN_TENANT).unwrap();
    desk.time.set("2026-03-06T12:05:00Z".parse().unwrap());
    let taken = desk.replay_parked(MAIN_TENANT, &books, &key).await.unwrap().unwrap();
    assert!(matches!(taken.outcome, Outcome::Taken(_)), "{taken:?}");
    assert_eq!(desk.parked(MAIN_TENANT, 10).unwrap().len(), 3, "what was taken is no longer parked");
    assert_eq!(hospital.census("2026-03-05").open.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_connections_at_once_lose_and_double_nothing() {
    let hospital = Arc::new(Hospital::open("2026-03-06T12:00:00Z").await);
    let mut sending = Vec::new();
    for connection in 0..4 {
        let hospital = Arc::clone(&hospital);
        sending.push(tokio::spawn(async move {
            let messages: Vec<String> = (0..25)
                .flat_map(|n| {
                    let visit = format!("{}", 10 + n);
                    let control = format!("{connection}-{n}");
                    // Every connection speaks of the same visits.
                    [
                        adt("A01", &format!("{control}a"), "03011000", &visit, "I", ""),
                        adt("A08", &format!("{control}b"), "03011100", &visit, "I", ""),
                    ]
                })
                .collect();
            hospital.send(&messages, 32).await
        }));
    }
    for one in sending {
        let answers = one.await.unwrap();
        assert!(codes(&answers).iter().all(|c| c.starts_with("AA")), "{answers:?}");
    }
    let census = hospital.census("2026-03-05");
    assert_eq!(census.open.len(), 25, "one stay a visit");
    let stay = hospital.app.desk.load_stay(MAIN_TENANT, &census.open[0].stay).unwrap().unwrap();
    assert_eq!(stay.news.len(), 8, "four connections, two messages each");
}

/// Every row of every file of a table, as text.
fn rows_of(table: &std::path::Path) -> Vec<String> {
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(table).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            rows.extend(rows_of(&entry.path()));
        } else {
            let file = SerializedFileReader::new(std::fs::File::open(entry.path()).unwrap()).unwrap();
            rows.extend(file.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()));
        }
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn stays_are_exported_and_their_patients_only_when_asked_for() {
    let house = Hospital::open("2026-03-06T12:00:00Z").await;
    house.send(&stay(), 1).await;
    for patients in [false, true] {
        let folder = Folder::new();
        let to = folder.path().join("out");
        let wanted = Wanted { to: to.clone(), patients, now: house.app.desk.time.now(), window: WINDOW };
        let store = house.app.desk.store.clone();
        let done = tokio::task::block_in_place(|| export(&store, &wanted, &mut |_| ())).unwrap();
        assert_eq!(done.rows.get("stays"), Some(&2), "{done:?}");
        let rows = rows_of(&to.join("stays"));
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().any(|row| row.contains("inpatient")), "{rows:?}");
        assert!(rows.iter().all(|row| row.contains("Doe") == patients && row.contains("1944") == patients), "{rows:?}");
    }
}
