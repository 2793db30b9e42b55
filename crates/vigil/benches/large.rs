//! A store with many cases: `cargo bench -p vigil --bench large`. `VIGIL_BENCH_CASES` is their number (1,000,000),
//! `VIGIL_BENCH_DIR` names the disk, `VIGIL_BENCH_SECONDS` the length of each load (10). A case takes about 18 kB of the disk,
//! and as much again while its back-up is there; `VIGIL_BENCH_COPY=no` leaves the back-up out.
//!
//! Submissions on the empty store, then the cases (by the ordinary road), then the same submissions on top of them; the worklist
//! page; a back-up while serving; rebuild; verify; a cold start.
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
use vigil_store::{Account, Token, Write, WriteItem};

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

async fn run() {
    let cases = setting("VIGIL_BENCH_CASES", 1_000_000);
    let home = std::env::var_os("VIGIL_BENCH_DIR").map_or_else(|| std::env::current_dir().unwrap(), PathBuf::from);
    let folder = home.join(format!("bench-large-{}", std::process::id()));
    let data = folder.join("data");
    let text = data.display().to_string();
    let arguments = ["bench", "--data-dir", &text, "--listen", "127.0.0.1:0"];
    let matches = clap::Command::new("bench").args(settings::flags()).get_matches_from(arguments);
    let settings = settings::settings(&matches, &|_| None).unwrap();
    let house = House::open(&settings).await;
    let year = Year { members: (cases / 2).max(20_000), ..Year::of(11) };
    let pool = Arc::new(Pool::draw(&house.app.desk.library, &year).unwrap());
    let token = prepare(&house.app, &pool).await;

    let length = Duration::from_secs(setting("VIGIL_BENCH_SECONDS", 10));
    let orders =
        |first| Orders { at: house.at.clone(), token: token.clone(), connections: 64, length, rate: None, first };
    // Numbers far from those of the filling, so that nothing comes twice.
    let empty = drive(Arc::clone(&pool), &orders(1 << 40)).await;
    tell("submissions on the empty store", &empty);
    eprintln!("memory: {}", resident());
    fill(&house.app, &pool, cases).await;
    size(&data, &house.app);
    eprintln!("memory: {}", resident());
    let full = drive(Arc::clone(&pool), &orders(1 << 41)).await;
    tell(&format!("submissions on {cases} cases"), &full);
    let (a, b) = (rate(&empty), rate(&full));
    println!("  on the full store {:.0} % slower", (1.0 - b / a) * 100.0);
    worklist(&house).await;
    if std::env::var("VIGIL_BENCH_COPY").is_ok_and(|word| word == "no") {
        println!("back-up while serving: left out");
    } else {
        backup(&house, &pool, &folder.join("copy"), orders(1 << 42)).await;
        std::fs::remove_dir_all(folder.join("copy")).unwrap();
    }
    eprintln!("memory: {}", resident());
    upkeep(&house.app).await;
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

async fn prepare(app: &App, pool: &Pool) -> String {
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
    let nurse = Account {
        name: "nurse".into(),
        display: "Nurse of the bench".into(),
        roles: vec!["nurse".into()],
        password_hash: password::hash_now("correct horse battery").unwrap(),
        active: true,
        credential: None,
    };
    let mut items = vec![WriteItem::Token(known), WriteItem::Account(nurse)];
    items.extend(pool.contracts().iter().cloned().map(WriteItem::Contract));
    items.extend(pool.providers().iter().cloned().map(WriteItem::Provider));
    for (member, coverages) in pool.roster() {
        items.push(WriteItem::Member(member));
        items.extend(coverages.into_iter().map(WriteItem::Coverage));
        if items.len() >= 5_000 {
            app.desk.store.write(Write::of(MAIN_TENANT, std::mem::take(&mut items))).await.unwrap();
        }
    }
    app.desk.store.write(Write::of(MAIN_TENANT, items)).await.unwrap();
    token
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

async fn worklist(house: &House) {
    let form = "name=nurse&password=correct+horse+battery&next=%2F";
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        house.at,
        form.len()
    );
    let answer = ask(&house.at, &head).await;
    let cookie = answer.lines().find_map(|l| l.strip_prefix("set-cookie: ")).expect("signed in");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    for page in ["/worklist", "/worklist?queue=nurse", "/worklist?q=rivera", "/measures"] {
        let mut times: Vec<f64> = Vec::new();
        for _ in 0..40 {
            let began = Instant::now();
            let answer = get(&house.at, page, &cookie).await;
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
