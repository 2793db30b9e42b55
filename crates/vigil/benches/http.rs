//! Figures over HTTP, server and client in one process on the real disk: `cargo bench -p vigil --bench http`.
//!
//! Every request is another member's home oxygen request of 15.7 kB, judged and durable before its answer. `VIGIL_BENCH_DIR` names the
//! disk, `VIGIL_BENCH_STORE` the engine (`sqlite`, or the address of a PostgreSQL schema of its own), `VIGIL_BENCH_SECONDS` the length (10), `VIGIL_BENCH_CONNECTIONS` the connections (64).
#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use vigil::{access::secret, app::App, cli::serve, open, settings};
use vigil_desk::{MAIN_TENANT, party::demonstration_contract, time::Time};
use vigil_domain::party::{Contract, Coverage, Member, PersonName, Sex};
use vigil_store::{Token, Write, WriteItem};

const REQUEST: &str = include_str!("../../wire/tests/samples/home-oxygen.in.json");
/// The member, the message and the request of the sample; each request replaces their last digits.
const MEMBER: &str = "M100200300";
const MESSAGE: &str = "b3132e1f2a883ea832c81864733dce4e";
const NUMBER: &str = "R-2026-0001";
const MEMBERS: u32 = 120_000;
/// The hour after the sample was written: its evidence grows old, and an old one is a nurse's to judge.
const SENT: &str = "2026-11-23T16:00:00Z";

fn main() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if std::env::var("VIGIL_BENCH_STORE").is_ok_and(|store| store != "sqlite") {
        // As `vigil serve` does when the store is not in the same process.
        builder.worker_threads(24);
    }
    builder.enable_all().build().unwrap().block_on(run());
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

async fn run() {
    let home = std::env::var_os("VIGIL_BENCH_DIR").map_or_else(|| std::env::current_dir().unwrap(), PathBuf::from);
    let folder = home.join(format!("bench-http-{}", std::process::id()));
    let data = folder.display().to_string();
    let store = std::env::var("VIGIL_BENCH_STORE").unwrap_or_else(|_| "sqlite".to_owned());
    let flags = ["bench", "--data-dir", &data, "--listen", "127.0.0.1:0", "--store", &store];
    let matches = clap::Command::new("bench").args(settings::flags()).get_matches_from(flags);
    let settings = settings::settings(&matches, &|_| None).unwrap();
    let app = open::house(&settings, Time::shifted(SENT.parse().unwrap())).unwrap();
    let token = prepare(&app).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve::until(app.clone(), listener, async {
        let _told = stopped.await;
    }));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let next = Arc::new(AtomicU32::new(0));
    let one = load(at, &token, &next, 1, Duration::from_secs(2)).await;
    tell("one connection", 1, &one, 2.0);
    let (seconds, connections) = (setting("VIGIL_BENCH_SECONDS", 10), setting("VIGIL_BENCH_CONNECTIONS", 64));
    let many = load(at, &token, &next, connections, Duration::from_secs(seconds)).await;
    #[expect(clippy::cast_precision_loss, reason = "seconds are few")]
    tell("many connections", connections, &many, seconds as f64);
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = memory.lines().find(|l| l.starts_with("VmRSS")).unwrap_or_default().to_owned();
    println!("memory of server and client: {memory}");
    stop.send(()).unwrap();
    serving.await.unwrap();
    let _gone = std::fs::remove_dir_all(&folder);
}

async fn prepare(app: &App) -> String {
    // The payer and the plan that the sample's card names.
    let contract = Contract { payer_id: "1679576722".into(), plan_id: "H9999-001".into(), ..demonstration_contract() };
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
    let (payer_id, plan_id) = (contract.payer_id.clone(), contract.plan_id.clone());
    let mut items = vec![WriteItem::Contract(contract), WriteItem::Token(known)];
    for n in 0..MEMBERS {
        let member_id = member(n);
        items.push(WriteItem::Coverage(Coverage {
            payer_id: payer_id.clone(),
            member_id: member_id.clone(),
            subscriber_id: None,
            plan_id: plan_id.clone(),
            from: jiff::civil::date(2024, 1, 1),
            through: None,
            order: 1,
        }));
        items.push(WriteItem::Member(Member {
            payer_id: payer_id.clone(),
            member_id,
            name: PersonName { family: "Rivera".into(), given: "Ana Maria".into() },
            birth_day: Some(jiff::civil::date(1951, 4, 9)),
            sex: Sex::Female,
            address: None,
            phone: None,
            language: None,
            provisional: false,
        }));
        if items.len() >= 4_000 {
            app.desk.store.write(Write::of(MAIN_TENANT, std::mem::take(&mut items))).await.unwrap();
        }
    }
    app.desk.store.write(Write::of(MAIN_TENANT, items)).await.unwrap();
    token
}

fn member(n: u32) -> String {
    format!("M{n:09}")
}

/// One message as bytes on the line, with the places that differ from message to message.
struct Template {
    bytes: Vec<u8>,
    places: Vec<(usize, usize)>,
}

impl Template {
    fn new(at: SocketAddr, token: &str) -> Self {
        let head = format!(
            "POST /pas/2.2/fhir/Claim/$submit HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n",
            REQUEST.len()
        );
        let bytes = [head.as_bytes(), REQUEST.as_bytes()].concat();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let find = |word: &str| text.match_indices(word).map(|(p, w)| (p, w.len())).collect::<Vec<_>>();
        let places: Vec<_> = [MEMBER, MESSAGE, NUMBER].iter().flat_map(|word| find(word)).collect();
        assert!(places.len() >= 4, "the sample still has its places");
        Self { bytes, places }
    }

    fn fill(&mut self, n: u32) {
        for (at, length) in &self.places {
            let digits = length.min(&9);
            let number = format!("{n:0digits$}");
            self.bytes[at + length - digits..at + length].copy_from_slice(&number.as_bytes()[number.len() - digits..]);
        }
    }
}

async fn load(at: SocketAddr, token: &str, next: &Arc<AtomicU32>, connections: u64, length: Duration) -> Vec<u64> {
    let end = Instant::now() + length;
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let (mut template, next) = (Template::new(at, token), Arc::clone(next));
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(at).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (mut taken, mut answer) = (Vec::new(), vec![0; 1 << 20]);
                while Instant::now() < end {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    assert!(n < MEMBERS, "more requests than members: raise MEMBERS");
                    template.fill(n);
                    let began = Instant::now();
                    stream.write_all(&template.bytes).await.unwrap();
                    read(&mut stream, &mut answer).await;
                    taken.push(u64::try_from(began.elapsed().as_micros()).unwrap());
                }
                taken
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    all.sort_unstable();
    all
}

/// Reads one answer; anything but an approval by automation, with its number, ends the bench.
async fn read(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut have = 0;
    loop {
        have += stream.read(&mut buffer[have..]).await.unwrap();
        let text = &buffer[..have];
        let Some(head) = text.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let words = std::str::from_utf8(&text[..head]).unwrap();
        assert!(words.starts_with("HTTP/1.1 200"), "{words}");
        let length = words.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
        if have >= head + 4 + length.parse::<usize>().unwrap() {
            let says = |word: &str| text.windows(word.len()).any(|w| w == word.as_bytes());
            assert!(says("\"preAuthRef\"") && says("\"A1\""), "not approved: {}", String::from_utf8_lossy(text));
            return;
        }
    }
}

fn tell(name: &str, connections: u64, taken: &[u64], seconds: f64) {
    let at = |part: usize| taken.get(taken.len() * part / 1000).copied().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = taken.len() as f64 / seconds;
    println!(
        "{name} ({connections}): {} judged, {rate:.0}/s, p50 {} us, p95 {} us, p99 {} us, worst {} us",
        taken.len(),
        at(500),
        at(950),
        at(990),
        taken.last().copied().unwrap_or_default()
    );
}
