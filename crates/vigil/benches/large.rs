//! A store with many cases: `cargo bench -p vigil --bench large`. `VIGIL_BENCH_CASES` is their number (1,000,000),
//! `VIGIL_BENCH_DIR` names the disk, `VIGIL_BENCH_SECONDS` the length of each load (10). A case takes about 6 kB of the disk,
//! and as much again while its back-up is there; `VIGIL_BENCH_COPY=no` leaves the back-up out, `VIGIL_BENCH_UPKEEP=no` rebuild
//! and verify. `VIGIL_BENCH_KEEP=FOLDER` keeps the filled store there, and a later run with as many cases begins with it.
//!
//! Submissions on an empty store; the cases (by the ordinary road), then the store is closed and its file on the disk, so that
//! what follows measures serving and not the write-back of the filling: the same submissions on top of them; the worklist page;
//! a back-up while serving; rebuild; verify; a cold start.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use vigil::{
    access::{password, secret},
    app::App,
    cli::serve,
    load::drive::{Driven, Orders, drive},
    open,
    settings::{self, Settings},
};
use vigil_desk::{
    MAIN_TENANT,
    replay::pool::{Pool, Year},
    time::Time,
};
use vigil_domain::{
    case::command::{Actor, Command},
    party::{Credential, Licence},
};
use vigil_store::{Account, Token, WorkFilter, Write, WriteItem};

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run());
}

/// A serving house.
struct House {
    app: App,
    at: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl House {
    async fn open(settings: &Settings) -> Self {
        let app = open::house(settings, Time::Wall).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = app.clone();
        let running = tokio::spawn(serve::until(serving, listener, async {
            let _told = stopped.await;
        }));
        Self { app, at, stop, running }
    }

    async fn close(self) {
        self.stop.send(()).unwrap();
        self.running.await.unwrap();
    }
}

/// The settings of a Vigil on a folder.
fn settings_in(data: &Path) -> Settings {
    let text = data.display().to_string();
    let arguments = ["bench", "--data-dir", &text, "--listen", "127.0.0.1:0"];
    let matches = clap::Command::new("bench").args(settings::flags()).get_matches_from(arguments);
    settings::settings(&matches, &|_| None).unwrap()
}

/// Whether a part of the bench is left out.
fn without(name: &str) -> bool {
    std::env::var(name).is_ok_and(|word| word == "no")
}

async fn run() {
    let cases = setting("VIGIL_BENCH_CASES", 1_000_000);
    let home = std::env::var_os("VIGIL_BENCH_DIR").map_or_else(|| std::env::current_dir().unwrap(), PathBuf::from);
    let folder = home.join(format!("bench-large-{}", std::process::id()));
    let kept = std::env::var_os("VIGIL_BENCH_KEEP").map(PathBuf::from);
    let length = Duration::from_secs(setting("VIGIL_BENCH_SECONDS", 10));
    let empty = on_empty(&folder.join("empty"), length).await;
    eprintln!("memory: {}", resident());

    let filled = Filled { folder: kept.clone().unwrap_or_else(|| folder.clone()) };
    let data = filled.folder.join("data");
    let settings = settings_in(&data);
    let house = House::open(&settings).await;
    let year = Year { members: (cases / 2).max(20_000), ..Year::of(11) };
    let pool = Arc::new(Pool::draw(&house.app.desk.library, &year).unwrap());
    let token = admit(&house.app).await;
    let round = filled.round(cases);
    if round == 0 {
        roster(&house.app, &pool).await;
        fill(&house.app, &pool, cases).await;
        filled.note(cases, 0);
    }
    eprintln!("memory: {}", resident());
    house.close().await;
    settle(&data);
    filled.note(cases, round + 1);

    let house = House::open(&settings).await;
    size(&data, &house.app);
    // Numbers far from those of the filling and of other rounds, so that nothing comes twice.
    let orders = |load: u64| Orders {
        at: house.at.clone(),
        token: token.clone(),
        connections: 64,
        length,
        rate: None,
        first: ((round * 2 + load) << 34) + (1 << 40),
    };
    let full = drive(Arc::clone(&pool), &orders(0)).await;
    tell(&format!("submissions on {cases} cases"), &full);
    println!("  on the full store {:.0} % slower", (1.0 - rate(&full) / rate(&empty)) * 100.0);
    worklist(&house).await;
    if without("VIGIL_BENCH_COPY") {
        println!("back-up while serving: left out");
    } else {
        let copy = folder.join("copy");
        backup(&house, &pool, &copy, orders(1)).await;
        std::fs::remove_dir_all(&copy).unwrap();
    }
    eprintln!("memory: {}", resident());
    if !without("VIGIL_BENCH_UPKEEP") {
        upkeep(&house.app).await;
    }
    println!("memory of server and client: {}", resident());
    house.close().await;
    let began = Instant::now();
    let house = House::open(&settings).await;
    let health = get(&house.at, "/health", "").await;
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    println!("start on {cases} cases, to the first answer: {:.2} s", began.elapsed().as_secs_f64());
    house.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A filled store, with a note beside it of how many cases it holds and how often it was measured.
struct Filled {
    folder: PathBuf,
}

impl Filled {
    /// The number of this round; 0 when the store is still to be filled.
    fn round(&self, cases: u64) -> u64 {
        let Ok(note) = std::fs::read_to_string(self.folder.join("filled")) else { return 0 };
        let (held, rounds) = note.trim().split_once(' ').unwrap();
        assert_eq!(held.parse::<u64>().unwrap(), cases, "{} holds {held} cases", self.folder.display());
        println!("the {held} cases of {}, measured {rounds} times before", self.folder.display());
        rounds.parse::<u64>().unwrap().max(1)
    }

    fn note(&self, cases: u64, rounds: u64) {
        std::fs::write(self.folder.join("filled"), format!("{cases} {rounds}\n")).unwrap();
    }
}

/// Waits until the database is on the disk.
fn settle(data: &Path) {
    let began = Instant::now();
    std::fs::File::open(data.join("vigil.db")).unwrap().sync_all().unwrap();
    println!("the closed store is on the disk after {:.1} s more", began.elapsed().as_secs_f64());
}

/// Submissions on a store that holds a small roster and nothing else.
async fn on_empty(folder: &Path, length: Duration) -> Driven {
    let house = House::open(&settings_in(folder)).await;
    let year = Year { members: 20_000, ..Year::of(11) };
    let pool = Arc::new(Pool::draw(&house.app.desk.library, &year).unwrap());
    let token = admit(&house.app).await;
    roster(&house.app, &pool).await;
    let orders = Orders { at: house.at.clone(), token, connections: 64, length, rate: None, first: 0 };
    let empty = drive(pool, &orders).await;
    tell("submissions on the empty store", &empty);
    house.close().await;
    std::fs::remove_dir_all(folder).unwrap();
    empty
}

fn rate(driven: &Driven) -> f64 {
    driven.times.count() as f64 / driven.took.as_secs_f64()
}

fn tell(what: &str, driven: &Driven) {
    assert!(driven.answers.keys().all(|status| *status == 200), "{what}: {:?}", driven.answers);
    println!(
        "{what}: {:.0}/s at 64 connections, bodies of {} bytes, p50 {:.1} ms, p99 {:.1} ms",
        rate(driven),
        driven.bytes / driven.times.count().max(1),
        driven.times.within(500) as f64 / 1e3,
        driven.times.within(990) as f64 / 1e3
    );
}

/// A physician who may sign in every state of the pool's contracts, with a statement of expertise.
fn physician() -> Credential {
    let licence = |state: &str| Licence {
        kind: "MD".into(),
        state: state.into(),
        number: "1001".into(),
        from: jiff::civil::date(2020, 1, 1),
        through: jiff::civil::date(2035, 1, 1),
    };
    Credential {
        person: "physician".into(),
        name: "Physician of the bench".into(),
        licences: ["NY", "MA", "TX", "CA"].map(licence).into(),
        attested_on: Some(jiff::civil::date(2026, 1, 5)),
        ..Credential::default()
    }
}

/// So many cases of the nurses' pile go to the physicians', so that what one of them may sign can be asked.
async fn refer(app: &App, cases: usize) {
    let filter = WorkFilter { queue: Some("nurse".into()), ..WorkFilter::default() };
    let rows = app.desk.store.worklist(MAIN_TENANT, &filter, None, cases).unwrap().rows;
    let credential = Credential { person: "nurse".into(), ..Credential::default() };
    let by = Actor { person: "nurse".into(), name: "Nurse of the bench".into(), credential };
    let mut referred = 0;
    for row in rows {
        let refer = Command::Refer { by: by.clone(), why: "One criterion is open; please decide.".into() };
        referred += usize::from(app.desk.act(MAIN_TENANT, &row.case_id, "nurse", refer).await.is_ok());
    }
    println!("  {referred} cases wait for a physician");
}

/// A sender's token, a nurse and a physician who may sign in.
async fn admit(app: &App) -> String {
    let token = secret::make("vigil");
    let now = app.desk.time.now();
    let known = Token {
        hash: secret::hash(&token),
        tenant: MAIN_TENANT.into(),
        name: "bench".into(),
        scopes: vec!["pas".into()],
        created_at: now,
        expires_at: None,
        revoked_at: None,
    };
    let person = |name: &str, role: &str, credential| Account {
        name: name.into(),
        display: format!("{name} of the bench"),
        roles: vec![role.into()],
        password_hash: password::hash_now("correct horse battery").unwrap(),
        active: true,
        credential,
    };
    let items = vec![
        WriteItem::Token(known),
        WriteItem::Account(person("nurse", "nurse", None)),
        WriteItem::Account(person("physician", "physician", Some(physician()))),
    ];
    app.desk.store.write(Write::of(MAIN_TENANT, items)).await.unwrap();
    token
}

async fn roster(app: &App, pool: &Pool) {
    let mut items: Vec<WriteItem> = pool.contracts().iter().cloned().map(WriteItem::Contract).collect();
    items.extend(pool.providers().iter().cloned().map(WriteItem::Provider));
    for (member, coverages) in pool.roster() {
        items.push(WriteItem::Member(member));
        items.extend(coverages.into_iter().map(WriteItem::Coverage));
        if items.len() >= 5_000 {
            app.desk.store.write(Write::of(MAIN_TENANT, std::mem::take(&mut items))).await.unwrap();
        }
    }
    app.desk.store.write(Write::of(MAIN_TENANT, items)).await.unwrap();
}

/// Cases by the ordinary road, without HTTP.
async fn fill(app: &App, pool: &Arc<Pool>, cases: u64) {
    let (next, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let tasks: Vec<_> = (0..128)
        .map(|_| {
            let (app, pool, next) = (app.clone(), Arc::clone(pool), Arc::clone(&next));
            tokio::spawn(async move {
                let mut body = Vec::new();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= cases {
                        return;
                    }
                    if n > 0 && n.is_multiple_of(100_000) {
                        eprintln!("{n} of {cases}");
                    }
                    let base = pool.body(n, &mut body);
                    let now = app.desk.time.now();
                    app.desk.submit(MAIN_TENANT, base, "bench", now, body.clone()).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let took = began.elapsed().as_secs_f64();
    println!("{cases} cases made in {took:.0} s: {:.0}/s without HTTP", cases as f64 / took);
}

fn size(data: &Path, app: &App) {
    let bytes = |name: &str| std::fs::metadata(data.join(name)).map_or(0, |m| m.len());
    let events = app.desk.store.watermark().unwrap();
    println!(
        "{events} events, database {} MB, log beside it {} MB",
        bytes("vigil.db") >> 20,
        bytes("vigil.db-wal") >> 20
    );
}

/// Signs somebody in; the session's cookie.
async fn sign_in(house: &House, name: &str) -> String {
    let form = format!("name={name}&password=correct+horse+battery&next=%2F");
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        house.at,
        form.len()
    );
    let answer = ask(&house.at, &head).await;
    let cookie = answer.lines().find_map(|l| l.strip_prefix("set-cookie: ")).expect("signed in");
    cookie.split(';').next().unwrap().to_owned()
}

async fn worklist(house: &House) {
    refer(&house.app, 200).await;
    let (nurse, physician) = (sign_in(house, "nurse").await, sign_in(house, "physician").await);
    let pages = [
        ("/worklist", &nurse),
        ("/worklist?queue=nurse", &nurse),
        ("/worklist?q=rivera", &nurse),
        ("/worklist?tab=sign", &physician),
        ("/measures", &nurse),
    ];
    for (page, cookie) in pages {
        let mut times: Vec<f64> = Vec::new();
        for _ in 0..40 {
            let began = Instant::now();
            let answer = get(&house.at, page, cookie).await;
            times.push(began.elapsed().as_secs_f64() * 1e3);
            assert!(answer.starts_with("HTTP/1.1 200"), "{page}: {}", &answer[..answer.len().min(200)]);
        }
        times.sort_by(f64::total_cmp);
        println!("page {page:<24} median {:.1} ms, worst {:.1} ms", times[times.len() / 2], times[times.len() - 1]);
    }
}

async fn get(at: &str, path: &str, cookie: &str) -> String {
    ask(at, &format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n")).await
}

async fn ask(at: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn backup(house: &House, pool: &Arc<Pool>, to: &Path, orders: Orders) {
    let (store, folder) = (house.app.desk.store.clone(), to.to_owned());
    let began = Instant::now();
    let copying = tokio::task::spawn_blocking(move || {
        store.backup(&folder, "bench", vigil_domain::time::Moment::UNIX_EPOCH, &mut |_, _| ()).unwrap()
    });
    let orders = Orders { connections: 4, rate: Some(100.0), ..orders };
    let meanwhile = drive(Arc::clone(pool), &orders).await;
    copying.await.unwrap();
    println!("back-up while serving: {:.1} s", began.elapsed().as_secs_f64());
    tell("  meanwhile, in an open loop", &meanwhile);
}

async fn upkeep(app: &App) {
    let desk = app.desk.clone();
    let rebuild = tokio::task::spawn_blocking(move || {
        let began = Instant::now();
        let mut told = 0;
        let rebuilt = desk.rebuild(|events| {
            if events / 1_000_000 > told {
                told = events / 1_000_000;
                eprintln!("{told} million events replayed after {:.0} s", began.elapsed().as_secs_f64());
            }
        });
        let rebuilt = rebuilt.unwrap();
        println!("rebuild: {:.0} events/s ({rebuilt:?})", rebuilt.events as f64 / began.elapsed().as_secs_f64());
        eprintln!("memory: {}", resident());
        let began = Instant::now();
        let verified = desk.store.verify(&mut |_, _| ()).unwrap();
        println!("verify: {:.0} events/s ({verified:?})", verified.events as f64 / began.elapsed().as_secs_f64());
    });
    rebuild.await.unwrap();
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| status.lines().find(|l| l.starts_with(name)).unwrap_or_default().replace('\t', " ");
    format!("{}, {}", line("VmRSS"), line("VmHWM"))
}
