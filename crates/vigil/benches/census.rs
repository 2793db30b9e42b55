//! The census of a full health system, and how soon an open page shows what a feed says: a real server, real MLLP, real SQLite on
//! the disk that `VIGIL_BENCH_DIR` names. `cargo bench -p vigil --bench census [STAYS]` (2,000 open stays).
//!
//! The page is asked for as a browser does, one request after another on one connection; its time is from the first byte sent to
//! the last one read. An alert's time is from the first byte of the message to the last byte of a list that shows it, asked for
//! when the page's event stream says that something was written, as the page's own script does.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use vigil::{
    access::session,
    cli::serve,
    feed::{client, mllp},
    open,
};
use vigil_desk::{MAIN_TENANT, time::Time};
use vigil_store::{Account, Write, WriteItem};

mod mercy;
use mercy::{facility, settings_in};

/// Pages asked for of each kind, after a few that warm the caches.
const PAGES: usize = 100;
/// Alerts waited for.
const ALERTS: usize = 40;
/// What the page's script waits after the stream's word before it asks (`static/hospital.js`).
const SCRIPT: Duration = Duration::from_millis(60);

/// A message of a stay: so many minutes ago, on a unit of its own where one is named.
fn message(n: usize, trigger: &str, class: &str, kind: &str, minutes: i64, unit: &str) -> String {
    let at = Time::Wall.now() - jiff::SignedDuration::from_mins(minutes);
    let at = at.to_zoned(jiff::tz::TimeZone::get("America/New_York").unwrap()).strftime("%Y%m%d%H%M%S%z");
    let place = if unit.is_empty() { format!("{}W^{}^A", n % 12, n % 900) } else { format!("{unit}^1^A") };
    format!(
        "MSH|^~\\&|REG|MERCY|VIGIL|VIGIL|{at}||ADT^{trigger}|{n}-{trigger}-{minutes}|P|2.5.1\rEVN|{trigger}|{at}\r\
         PID|1||{n:07}^^^MERCY^MR||Doe{n}^Jane^Q||19440612|F|||12 Elm St^^Albany^NY^12207||(518) 555-0101|||||A{n}^^^MERCY^AN\r\
         PV1|1|{class}|{place}||||1234567893^House^Greta|||MED||||1|||1234567893^House^Greta|{kind}|V{n}^^^MERCY^VN\r\
         DG1|1||I21.4^NSTEMI^I10|||A\rIN1|1|MA01|H9999|Example Advantage||||GRP7||||20260101|20281231|||||||||1||||||||||||||W{n}\r"
    )
}

/// Half observation, half inpatient, spread over five days: emergency, a bed, one update.
fn fill(n: usize) -> Vec<String> {
    let came = 120 + i64::try_from(n * 7_919 % 7_200).unwrap();
    let (class, kind) = if n.is_multiple_of(2) { ("I", "") } else { ("O", "OBS") };
    vec![
        message(n, "A04", "E", "", came, "ED"),
        message(n, if class == "I" { "A06" } else { "A08" }, class, kind, came - 60, ""),
        message(n, "A08", class, kind, came - 90, ""),
    ]
}

/// A browser's connection: it stays open.
struct Browser {
    stream: TcpStream,
    cookie: String,
}

impl Browser {
    async fn open(at: SocketAddr, cookie: &str) -> Self {
        let stream = TcpStream::connect(at).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, cookie: cookie.to_owned() }
    }

    async fn ask(&mut self, path: &str, list_only: bool) {
        let htmx = if list_only { "HX-Request: true\r\n" } else { "" };
        let cookie = &self.cookie;
        let head = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n{htmx}\r\n");
        self.stream.write_all(head.as_bytes()).await.unwrap();
    }

    /// A page and how long it took.
    async fn get(&mut self, path: &str, list_only: bool) -> (String, Duration) {
        let began = Instant::now();
        self.ask(path, list_only).await;
        let mut read = Vec::new();
        let (body, length) = loop {
            assert!(self.stream.read_buf(&mut read).await.unwrap() > 0, "{}", String::from_utf8_lossy(&read));
            if let Some(end) = read.windows(4).position(|w| w == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
                assert!(head.starts_with("http/1.1 200"), "{head}");
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                break (end + 4, length.parse::<usize>().unwrap());
            }
        };
        while read.len() < body + length {
            assert!(self.stream.read_buf(&mut read).await.unwrap() > 0);
        }
        (String::from_utf8_lossy(&read[body..]).into_owned(), began.elapsed())
    }
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("{what}: p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms, of {}", at(50), at(99), at(100), times.len());
}

fn main() {
    let stays = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(2_000);
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(run(stays));
}

async fn run(stays: usize) {
    let home = std::env::var_os("VIGIL_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = home.join(format!("bench-census-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let app = open::house(&settings_in(folder.to_str().unwrap()), Time::Wall).unwrap();
    app.desk.keep_facility(MAIN_TENANT, &facility()).await.unwrap();
    let nurse = Account {
        name: "nurse".into(),
        display: "Nurse".into(),
        roles: vec!["ur-nurse".into()],
        password_hash: String::new(),
        active: true,
        credential: None,
    };
    app.desk.store.write(Write::of(MAIN_TENANT, vec![WriteItem::Account(nurse)])).await.unwrap();
    let cookie = session::begin(&app, MAIN_TENANT, "nurse").await.unwrap();
    let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve::until(app.clone(), listener, async {
        let _told = stopped.await;
    }));
    let feed = mllp::Feed::new(app.desk.clone(), 1 << 20);
    let door = mllp::Server::start("127.0.0.1:0".parse().unwrap(), None, feed).await.unwrap();

    let all: Vec<String> = (0..stays).flat_map(fill).collect();
    let answers = client::send(door.address, &all, 256).await.unwrap();
    assert!(answers.iter().all(|a| a.contains("MSA|AA|")), "every message was taken");
    let open = app.desk.store.census(MAIN_TENANT, None).unwrap();
    assert_eq!(open.len(), stays, "every stay is open");
    println!("{stays} open stays, {} with alerts", open.iter().filter(|row| !row.alerts.is_empty()).count());
    pages(&mut Browser::open(at, &cookie).await).await;
    alerts(at, &cookie, door.address).await;

    door.stop().await;
    stop.send(()).unwrap();
    serving.await.unwrap();
    app.desk.store.close();
    let _gone = std::fs::remove_dir_all(&folder);
}

async fn pages(browser: &mut Browser) {
    let kinds = [
        ("the whole page", "/census", false),
        ("the list alone, as an open page asks for it", "/census?tab=all", true),
        ("the page of one unit", "/census?unit=4W", false),
        ("the page of alerts", "/census?tab=alerts", false),
    ];
    for (what, path, list_only) in kinds {
        for _ in 0..5 {
            browser.get(path, list_only).await;
        }
        let mut times = Vec::with_capacity(PAGES);
        for _ in 0..PAGES {
            times.push(browser.get(path, list_only).await.1);
        }
        tell(what, times);
    }
}

/// Inpatients whose registration turns to outpatient in the house: the alert of the condition code 44 gate.
async fn alerts(at: SocketAddr, cookie: &str, door: SocketAddr) {
    let (mut stream, mut page) = (Browser::open(at, cookie).await, Browser::open(at, cookie).await);
    stream.ask("/live", false).await;
    let mut times = Vec::with_capacity(ALERTS);
    for nth in 0..ALERTS {
        let (unit, stay) = (format!("ALERT{nth}"), nth * 2);
        let list = format!("/census?tab=alerts&unit={unit}");
        // Not in step with the stream's own readings.
        tokio::time::sleep(Duration::from_millis(300 + nth as u64 * 37 % 250)).await;
        let (before, _) = page.get(&list, true).await;
        assert!(!before.contains("inpatient becomes"), "nothing of it is shown yet");
        // What the stream said before is not this message's word.
        let mut earlier = [0; 4_096];
        while stream.stream.try_read(&mut earlier).is_ok_and(|n| n > 0) {}
        let news = message(stay, "A07", "O", "OBS", 0, &unit);
        let began = Instant::now();
        let answer = client::send(door, &[news], 1).await.unwrap();
        assert!(answer[0].contains("MSA|AA|"), "{}", answer[0]);
        loop {
            let mut told = [0; 4_096];
            let n = stream.stream.read(&mut told).await.unwrap();
            assert!(n > 0, "the stream stays open");
            if !String::from_utf8_lossy(&told[..n]).contains("data:") {
                continue;
            }
            tokio::time::sleep(SCRIPT).await;
            let (shown, _) = page.get(&list, true).await;
            if shown.contains("inpatient becomes") {
                break;
            }
        }
        times.push(began.elapsed());
    }
    tell("from the message to its alert on an open page", times);
}
