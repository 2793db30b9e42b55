//! Makes two dictionaries for the store's bodies, of events and of messages with their answers, out of what the product makes
//! up itself: `cargo run --release -p vigil --example dictionary -- FOLDER`.
//!
//! Only a new file with a new number is ever added to `crates/store/src/dictionary` (docs/decisions/0022).
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use vigil_desk::{
    Desk, MAIN_TENANT, Settings,
    errand::{MailRoom, Printer},
    replay::pool::{Pool, Year},
    sim::{self, Plan, demo},
    time::Time,
};
use vigil_domain::library::Library;
use vigil_store::{Options, Store, View};

/// Bytes of a dictionary.
const SIZE: usize = 112 << 10;
/// Bodies of each kind of event that are shown to the trainer at most, so that the common ones leave room for the others.
const OF_A_KIND: usize = 1_500;
/// Messages that are shown to it.
const MESSAGES: usize = 2_000;

#[derive(Default)]
struct Samples {
    events: Vec<(String, Vec<u8>)>,
    messages: Vec<[Vec<u8>; 2]>,
}

impl Samples {
    /// Takes what a store holds.
    fn take(&mut self, store: &View) {
        let (mut after, mut met) = (0, BTreeSet::new());
        loop {
            let events = store.feed(after, 1_000).unwrap();
            let Some(last) = events.last() else { break };
            after = last.position;
            met.extend(events.iter().map(|event| (event.subject.kind.clone(), event.subject.id.clone())));
            self.events
                .extend(events.into_iter().map(|event| (format!("{} {}", event.subject.kind, event.kind), event.body)));
        }
        for (kind, id) in met {
            for note in store.messages_of(MAIN_TENANT, &vigil_store::SubjectKey::new(kind, id)).unwrap() {
                let kept = store.message(MAIN_TENANT, &note.key).unwrap().unwrap().message;
                self.messages.push([kept.request, kept.response]);
            }
        }
        eprintln!("{} events, {} messages", self.events.len(), self.messages.len());
    }

    /// Of each kind of event some, spread over all there are.
    fn of_events(&self) -> Vec<&[u8]> {
        let kinds: BTreeSet<&str> = self.events.iter().map(|(kind, _)| kind.as_str()).collect();
        let mut chosen: Vec<&[u8]> = Vec::new();
        for kind in kinds {
            let of: Vec<&[u8]> = self.events.iter().filter(|(k, _)| k == kind).map(|(_, body)| &body[..]).collect();
            chosen.extend(of.iter().step_by(of.len().div_ceil(OF_A_KIND)));
        }
        fit(chosen)
    }

    /// Of the messages some, spread over all there are.
    fn of_messages(&self) -> Vec<&[u8]> {
        let messages = self.messages.iter().step_by(self.messages.len().div_ceil(MESSAGES));
        fit(messages.flatten().map(|body| &body[..]).collect())
    }
}

/// Without those that are not packed or are like no others, and in an order in which all kinds come throughout: the trainer
/// learns from the first three quarters and chooses by the rest.
fn fit(mut bodies: Vec<&[u8]>) -> Vec<&[u8]> {
    bodies.retain(|body| (24..64 << 10).contains(&body.len()));
    let mut mixed: Vec<(u32, &[u8])> =
        (0_u32..).zip(bodies).map(|(n, body)| (n.wrapping_mul(2_654_435_761), body)).collect();
    mixed.sort_unstable();
    mixed.into_iter().map(|(_, body)| body).collect()
}

fn train(bodies: &[&[u8]], file: &Path) {
    let bytes: usize = bodies.iter().map(|body| body.len()).sum();
    let dictionary = zstd::dict::from_samples(bodies, SIZE).unwrap();
    std::fs::write(file, &dictionary).unwrap();
    println!("{}: {} bytes out of {} bodies of {bytes} bytes", file.display(), dictionary.len(), bodies.len());
}

/// Months of a department, told through to each case's end.
async fn lived(library: &Arc<Library>, samples: &mut Samples) {
    let folder = std::env::temp_dir().join(format!("vigil-dictionary-{}", std::process::id()));
    let plan = Plan { days: 60, dir: Some(folder.clone()), ..Plan::year(90_001, 600) };
    let report = sim::run(Arc::clone(library), plan).await.unwrap();
    assert!(report.failures.is_empty(), "{}", report.text());
    samples.take(&Store::open(&folder, &Options::default()).unwrap());
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Requests as `vigil load` sends them.
async fn sent(library: &Arc<Library>, samples: &mut Samples) {
    let pool = Pool::draw(library, &Year { members: 2_000, distinct: 2_000, ..Year::of(90_002) }).unwrap();
    let now = demo::moment();
    let desk = Desk::new(Store::in_memory().unwrap(), Arc::clone(library), Time::simulated(now), Settings::default());
    let mut items: Vec<_> = pool.contracts().iter().cloned().map(vigil_store::WriteItem::Contract).collect();
    items.extend(pool.providers().iter().cloned().map(vigil_store::WriteItem::Provider));
    for (member, coverages) in pool.roster() {
        items.push(vigil_store::WriteItem::Member(member));
        items.extend(coverages.into_iter().map(vigil_store::WriteItem::Coverage));
    }
    desk.store.write(vigil_store::Write::of(MAIN_TENANT, items)).await.unwrap();
    for n in 0..2_000 {
        let mut body = Vec::new();
        let base = pool.body(n, &mut body);
        desk.submit(MAIN_TENANT, base, "load", now, body).await.unwrap();
    }
    samples.take(&desk.store);
}

/// The demonstration, hospitals included.
async fn shown(library: &Arc<Library>, samples: &mut Samples) {
    let now = demo::moment();
    let mail = MailRoom { printer: Printer::Text, outbox: None };
    let desk = Desk::new(Store::in_memory().unwrap(), Arc::clone(library), Time::simulated(now), Settings::default());
    demo::fill(&desk, now, mail).await.unwrap();
    samples.take(&desk.store);
}

#[tokio::main]
async fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("the folder to write to"));
    let library = Arc::new(vigil_packs::open(&[]).unwrap());
    let mut samples = Samples::default();
    lived(&library, &mut samples).await;
    sent(&library, &mut samples).await;
    shown(&library, &mut samples).await;
    train(&samples.of_events(), &folder.join("events.zdict"));
    train(&samples.of_messages(), &folder.join("messages.zdict"));
}
