//! Figures of the store on the real disk: `cargo bench -p vigil-store --bench log [-- commits|worklist|verify|import|rebuild]`.
//!
//! `VIGIL_BENCH_DIR` names the disk (the target directory's by default), `VIGIL_BENCH_CASES` the worklist's size.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use vigil_domain::time::Moment;
use vigil_store::*;

const TENANT: &str = "main";

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let runs: [(&str, fn()); 5] =
        [("commits", commits), ("worklist", worklist), ("verify", verify), ("import", import), ("rebuild", rebuild)];
    for (name, run) in runs {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            run();
        }
    }
}

/// A store in a directory of its own; removed by [`Scratch::drop`].
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let home = std::env::var_os("VIGIL_BENCH_DIR").map_or_else(|| std::env::current_dir().unwrap(), PathBuf::from);
        let path = home.join(format!("bench-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        Self(path)
    }

    fn open(&self) -> Store {
        Store::open(&self.0, &Options::default()).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn at(seconds: i64) -> Moment {
    Moment::from_second(1_770_000_000 + seconds).unwrap()
}

/// A small generator, the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// JSON-like text that compresses about as a FHIR Bundle does (three to four times).
fn body(dice: &mut Dice, size: usize) -> Vec<u8> {
    const KEYS: [&str; 8] =
        ["resourceType", "reference", "identifier", "system", "valueCodeableConcept", "coding", "code", "display"];
    let mut text = String::with_capacity(size + 80);
    while text.len() < size {
        let key = KEYS[dice.roll(8) as usize];
        text.push_str(&format!(
            "{{\"{key}\":\"urn:oid:2.16.840.1.{:x}/{:08x}\"}},",
            dice.roll(4096),
            dice.roll(1 << 32)
        ));
    }
    text.truncate(size);
    text.into_bytes()
}

const NAMES: [&str; 16] = [
    "Smith", "Johnson", "Garcia", "Brown", "Davis", "Miller", "Lopez", "Wilson", "Moore", "Taylor", "Thomas", "Lee",
    "White", "Harris", "Clark", "Young",
];
const LINES: [&str; 4] = ["medicare-advantage", "medicaid-managed-care", "commercial-insured", "chip"];

fn work(n: u64, open: bool, dice: &mut Dice) -> WorkRow {
    let name = |dice: &mut Dice| format!("{}{}", NAMES[dice.roll(16) as usize], dice.roll(500));
    WorkRow {
        case_id: format!("C{n:010}"),
        stage: "initial-clinical-review".to_owned(),
        queue: ["nurse", "physician", "information", "administrative"][dice.roll(4) as usize].to_owned(),
        open,
        line_of_business: LINES[dice.roll(4) as usize].to_owned(),
        urgency: if dice.roll(8) == 0 { "expedited" } else { "standard" }.to_owned(),
        review: "prior".to_owned(),
        service: "Power wheelchair, group 3, K0861".to_owned(),
        patient_name: format!("{}, {}", name(dice), name(dice)),
        member_id: format!("H{:09}", dice.roll(1_000_000_000)),
        birth_day: Some("1951-04-05".parse().unwrap()),
        sex: "female".to_owned(),
        provider_name: "Main Street Clinic".to_owned(),
        provider_npi: "1234567893".to_owned(),
        due_at: open.then(|| at(n as i64 / 4 + dice.roll(7 * 86_400) as i64)),
        due_rule: Some("cms-ma-standard-7d".to_owned()),
        risk: dice.roll(100) as i64,
        why: "hematocrit is not stated".to_owned(),
        next: "Review".to_owned(),
        owner: (dice.roll(3) == 0).then(|| format!("nurse{}", dice.roll(40))),
        received_at: at(n as i64 / 4),
        ..WorkRow::default()
    }
}

/// A judged request: 17 kB in, 6 kB out, four events of 600 bytes, six rows.
fn judged(n: u64, request: &[u8], response: &[u8], dice: &mut Dice) -> Commit {
    let case = format!("C{n:010}");
    let mut commit = Commit::on(TENANT, SubjectKey::case(case.clone()), 0);
    commit.events = (0..4)
        .map(|kind| NewEvent {
            kind: ["received", "clock-started", "screened", "determined"][kind].to_owned(),
            form: 1,
            occurred_at: at(n as i64),
            recorded_at: at(n as i64),
            actor: "automation".to_owned(),
            body: request[kind * 600..kind * 600 + 600].to_vec(),
        })
        .collect();
    let mut request = request.to_vec();
    request[..8].copy_from_slice(&n.to_be_bytes());
    commit.message = Some(NewMessage {
        key: message_key(TENANT, "pas/2.2", "submit", "clinic", &request),
        channel: "pas".to_owned(),
        base: "pas/2.2".to_owned(),
        operation: "submit".to_owned(),
        sender: "clinic".to_owned(),
        received_at: at(n as i64),
        request,
        response: response.to_vec(),
        status: 200,
        business_id: Some(format!("urn:uuid:{:016x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15))),
    });
    let row = work(n, n.is_multiple_of(3), dice);
    let key = |kind: &str, value: String| {
        Row::Key(KeyRow { kind: kind.to_owned(), value, case_id: case.clone(), at: at(n as i64) })
    };
    commit.rows = vec![
        key("member-npi", format!("{} 1234567893", row.member_id)),
        key("claim-identifier", format!("urn:uuid:{n}")),
        Row::Deadline(DeadlineRow {
            subject: SubjectKey::case(case.clone()),
            clock_id: "decision".to_owned(),
            what: DeadlineKind::Due,
            at: row.due_at.unwrap_or(at(0)),
            done: !row.open,
        }),
        Row::Measure(MeasureRow {
            day: "2026-03-01".parse().unwrap(),
            line_of_business: row.line_of_business.clone(),
            urgency: row.urgency.clone(),
            key: "received".to_owned(),
            n: 1,
            seconds: 0,
        }),
        Row::Decided(Box::new(DecidedRow { case_id: case.clone(), decided_at: at(n as i64), ..DecidedRow::default() })),
        Row::Work(Box::new(row)),
    ];
    commit.pins = vec![Pin { digest: vigil_store::digest_of(b"a rule"), text: "a rule".to_owned() }];
    commit
}

/// Processor time of the writer so far, in nanoseconds (Linux; zero elsewhere): what a busy machine does not distort.
fn writer_time() -> u64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    let mut sum = 0;
    for task in tasks.flatten().map(|task| task.path()) {
        if std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "vigil-writer") {
            let stat = std::fs::read_to_string(task.join("schedstat")).unwrap_or_default();
            sum += stat.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    sum
}

fn commits() {
    println!("commits: 17 kB request, 6 kB response, 4 events of 600 B, 6 rows; fsync before the answer");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let scratch = Scratch::new("commits");
    let store = scratch.open();
    let next = Arc::new(AtomicU64::new(0));
    for hands in [1, 64, 256, 256, 256] {
        let length = Duration::from_secs(if hands == 1 { 3 } else { 8 });
        let writer = writer_time();
        let (began, first) = (Instant::now(), next.load(Ordering::Relaxed));
        let mut took: Vec<u32> = runtime.block_on(async {
            let tasks: Vec<_> = (0..hands)
                .map(|hand| {
                    let (store, next) = (store.clone(), Arc::clone(&next));
                    tokio::spawn(async move {
                        let mut dice = Dice(hand);
                        let (request, response) = (body(&mut dice, 17_000), body(&mut dice, 6_000));
                        let mut took = Vec::new();
                        while began.elapsed() < length {
                            let n = next.fetch_add(1, Ordering::Relaxed);
                            let commit = judged(n, &request, &response, &mut dice);
                            let start = Instant::now();
                            store.commit(commit).await.unwrap();
                            took.push(start.elapsed().as_micros() as u32);
                        }
                        took
                    })
                })
                .collect();
            let mut all = Vec::new();
            for task in tasks {
                all.extend(task.await.unwrap());
            }
            all
        });
        let n = next.load(Ordering::Relaxed) - first;
        took.sort_unstable();
        let part = |share: f64| f64::from(took[((took.len() - 1) as f64 * share) as usize]) / 1e3;
        println!(
            "  {hands:>3} at once: {:>6.0} commits/s   p50 {:.2} ms  p99 {:.2} ms  max {:.1} ms   writer {:.0} us each   ({} kept in all)",
            n as f64 / began.elapsed().as_secs_f64(),
            part(0.5),
            part(0.99),
            part(1.0),
            (writer_time() - writer) as f64 / n as f64 / 1e3,
            next.load(Ordering::Relaxed)
        );
    }
    let wal = std::fs::metadata(scratch.0.join("vigil.db-wal")).map_or(0, |meta| meta.len());
    let db = std::fs::metadata(scratch.0.join("vigil.db")).map_or(0, |meta| meta.len());
    println!("  database {} MB, write-ahead log {} MB", db >> 20, wal >> 20);
    let began = Instant::now();
    let verified = store.verify(&mut |_, _| ()).unwrap();
    println!("  verify: {:.0} events/s", verified.events as f64 / began.elapsed().as_secs_f64());
}

fn time<T>(what: &str, times: u32, mut run: impl FnMut() -> T) {
    drop(run());
    let began = Instant::now();
    let worst = (0..times).map(|_| {
        let start = Instant::now();
        drop(run());
        start.elapsed()
    });
    let worst = worst.max().unwrap_or_default();
    let mean = began.elapsed() / times;
    println!("  {what:<58} mean {:>8.3} ms   worst {:>8.3} ms", mean.as_secs_f64() * 1e3, worst.as_secs_f64() * 1e3);
}

fn worklist() {
    let cases: u64 = std::env::var("VIGIL_BENCH_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    for (what, open_one_in) in [("one in fifty open", 50), ("all open", 1)] {
        let scratch = Scratch::new("worklist");
        let store = scratch.open();
        let mut dice = Dice(7);
        let began = Instant::now();
        for start in (0..cases).step_by(1_000) {
            let mut commit = Commit { tenant: TENANT.to_owned(), ..Commit::default() };
            let rows = (start..start + 1_000).map(|n| work(n, n.is_multiple_of(open_one_in), &mut dice));
            commit.rows = rows.map(|row| Row::Work(Box::new(row))).collect();
            store.commit_blocking(commit).unwrap();
        }
        let loaded = cases as f64 / began.elapsed().as_secs_f64();
        println!("worklist: {cases} cases, {what} (loaded at {loaded:.0} rows/s)");
        measure_lists(&store);
    }
}

fn measure_lists(store: &Store) {
    let some = |text: &str| Some(text.to_owned());
    let none = WorkFilter::default();
    let filters = [
        ("first page of 50", none.clone()),
        ("a queue", WorkFilter { queue: some("physician"), ..none.clone() }),
        (
            "a queue, line and urgency",
            WorkFilter {
                queue: some("nurse"),
                line_of_business: some("chip"),
                urgency: some("expedited"),
                ..none.clone()
            },
        ),
        ("a person", WorkFilter { owner: some("nurse7"), ..none.clone() }),
        ("a line that has none", WorkFilter { line_of_business: some("part-d"), ..none.clone() }),
        ("late ones (none)", WorkFilter { late: Some(true), ..none.clone() }),
        ("a name", WorkFilter { text: some("garcia7"), ..none.clone() }),
    ];
    for (what, filter) in &filters {
        time(what, 20, || store.worklist(TENANT, filter, None, 50).unwrap());
    }
    let middle = WorkCursor::parse(&format!("{}.0.C", at(100_000).as_microsecond())).unwrap();
    time("a page from the middle", 20, || store.worklist(TENANT, &none, Some(&middle), 50).unwrap());
    time("count to 1,000", 20, || store.count_work(TENANT, &none, 1_000).unwrap());
    time("count to 1,000 of a queue", 20, || store.count_work(TENANT, &filters[1].1, 1_000).unwrap());
    time("search: a common beginning of a name (smi)", 20, || store.case_search(TENANT, "smi", 50).unwrap());
    time("search: two names", 20, || store.case_search(TENANT, "smith12 garcia", 50).unwrap());
    time("search: a member number", 20, || store.case_search(TENANT, "h123456", 50).unwrap());
    time("search: a case id", 20, || store.case_search(TENANT, "c0000012345", 50).unwrap());
    time("case list", 20, || store.cases(TENANT, None, 50).unwrap());
}

fn verify() {
    let scratch = Scratch::new("verify");
    let store = scratch.open();
    let mut dice = Dice(3);
    let text = body(&mut dice, 4_000);
    let mut n = 0;
    for _ in 0..250 {
        let tasks: Vec<Commit> = (0..1_000)
            .map(|_| {
                n += 1;
                let mut commit = judged(n, &text, b"{}", &mut dice);
                commit.rows = Vec::new();
                commit
            })
            .collect();
        std::thread::scope(|scope| {
            for share in tasks.chunks(250) {
                let store = &store;
                scope.spawn(move || {
                    share.iter().for_each(|commit| {
                        store.commit_blocking(commit.clone()).unwrap();
                    });
                });
            }
        });
    }
    let began = Instant::now();
    store.write_checkpoint_blocking(at(0)).unwrap();
    println!("verify: {} events; sealed in {:.2} s", n * 4, began.elapsed().as_secs_f64());
    let began = Instant::now();
    let verified = store.verify(&mut |_, _| ()).unwrap();
    let took = began.elapsed().as_secs_f64();
    let rows = verified.events + verified.messages + verified.documents + verified.pins;
    println!(
        "  {:.2} s: {:.0} events/s, {:.0} rows/s ({verified:?})",
        took,
        verified.events as f64 / took,
        rows as f64 / took
    );
}

fn import() {
    let scratch = Scratch::new("import");
    let store = scratch.open();
    let (rows, began) = (300_000_u64, Instant::now());
    let mut dice = Dice(5);
    for start in (0..rows).step_by(5_000) {
        let items = (start..start + 5_000).map(|n| {
            WriteItem::Member(vigil_domain::party::Member {
                payer_id: "P".to_owned(),
                member_id: format!("H{:09}", dice.roll(1_000_000_000)),
                name: vigil_domain::party::PersonName {
                    family: NAMES[dice.roll(16) as usize].to_owned(),
                    given: format!("N{n}"),
                },
                birth_day: Some("1951-04-05".parse().unwrap()),
                sex: vigil_domain::party::Sex::Female,
                address: None,
                phone: None,
                language: None,
                provisional: false,
            })
        });
        store.write_blocking(Write::of(TENANT, items.collect())).unwrap();
    }
    println!(
        "import: {:.0} members/s, ids in random order; writer {:.1} us each",
        rows as f64 / began.elapsed().as_secs_f64(),
        writer_time() as f64 / rows as f64 / 1e3
    );
}

fn rebuild() {
    let scratch = Scratch::new("rebuild");
    let store = scratch.open();
    let (cases, began) = (200_000_u64, Instant::now());
    let rebuild = store.begin_rebuild().unwrap();
    let mut dice = Dice(11);
    let mut rows = 0;
    for start in (0..cases).step_by(5_000) {
        let mut batch = Vec::new();
        for n in start..start + 5_000 {
            let commit = judged(n, &[b'x'; 4_000], b"", &mut dice);
            batch.extend(commit.rows.into_iter().map(|row| (TENANT.to_owned(), row)));
        }
        rows += batch.len();
        rebuild.write(batch).unwrap();
    }
    let wrote = began.elapsed().as_secs_f64();
    let writer = writer_time() as f64 / rows as f64 / 1e3;
    let began = Instant::now();
    rebuild.finish(0, |_, _| Ok(Vec::new())).unwrap();
    println!(
        "rebuild: {:.0} rows/s ({:.0} events/s at 4 events a case), writer {writer:.1} us a row, swapped in {:.0} ms",
        rows as f64 / wrote,
        cases as f64 * 4.0 / wrote,
        began.elapsed().as_secs_f64() * 1e3
    );
}
