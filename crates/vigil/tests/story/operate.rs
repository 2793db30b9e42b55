//! As the people meet Vigil who run it: back-up and restore, an older binary, counters, the log, the end.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    client::{self, send},
    commands::{aside, out, vigil},
    house::{Folder, House},
    interface::{REQUEST, request_of, submit},
};

fn err(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_up_made_under_load_restores_and_gives_the_same_answers() {
    let house = Arc::new(House::open(&[]).await);
    let token = house.token("clearinghouse", &["pas"]).await;
    let (stop, mut hands) = (Arc::new(AtomicBool::new(false)), Vec::new());
    for hand in 0..4_u32 {
        let (house, token, stop) = (Arc::clone(&house), token.clone(), Arc::clone(&stop));
        hands.push(tokio::spawn(async move {
            let mut kept = Vec::new();
            for n in (hand * 100_000).. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let answer = submit(&house, &token, request_of(n).as_bytes()).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                kept.push((n, answer.body, house.app.desk.store.watermark().unwrap()));
            }
            kept
        }));
    }
    while house.app.desk.store.watermark().unwrap() < 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let folder = Folder::new();
    let copy = folder.path().join("copy").display().to_string();
    let made = aside(&house.data(), &["backup", &copy, "--json"], b"").await;
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let events = made["events"].as_u64().unwrap();
    stop.store(true, Ordering::SeqCst);
    let mut kept = Vec::new();
    for hand in hands {
        kept.extend(hand.await.unwrap());
    }
    assert!(events >= 200 && house.app.desk.store.watermark().unwrap() >= events);

    let data = folder.path().join("data").display().to_string();
    let restored = aside(&data, &["restore", &copy, "--json"], b"").await;
    assert_eq!(restored.status.code(), Some(0), "{}", err(&restored));
    let told: serde_json::Value = serde_json::from_slice(&restored.stdout).unwrap();
    assert_eq!((&told["sound"], told["events"].as_u64()), (&true.into(), Some(events)));
    let before: Vec<_> = kept.iter().filter(|(.., seen)| *seen <= events).collect();
    assert!(!before.is_empty(), "something was answered before the back-up began");
    for (n, body, _) in before.iter().step_by(before.len().div_ceil(12)) {
        let arguments = ["submit", "-", "--sender", "clearinghouse", "--membership", "provisional"];
        let again = aside(&data, &arguments, request_of(*n).as_bytes()).await;
        assert_eq!(again.stdout.strip_suffix(b"\n"), Some(body.as_slice()), "request {n}: the stored answer");
    }
    let twice = aside(&data, &["restore", &copy], b"").await;
    assert_eq!(
        (twice.status.code(), err(&twice).contains("holds a store already")),
        (Some(64), true),
        "{}",
        err(&twice)
    );
    Arc::into_inner(house).expect("every hand is done").close().await;
}

#[test]
fn an_older_vigil_refuses_a_newer_store_and_says_what_to_do() {
    let folder = Folder::new();
    assert_eq!(vigil(&folder, &["token", "create", "clinic"], b"").status.code(), Some(0), "makes the store");
    let now = vigil(&folder, &["migrate", "--json"], b"");
    let schema: serde_json::Value = serde_json::from_slice(&now.stdout).unwrap();
    assert_eq!((now.status.code(), &schema["found"]), (Some(0), &schema["known"]), "{}", err(&now));
    let known = schema["known"].as_i64().unwrap();
    let store = rusqlite::Connection::open(folder.path().join("vigil-data/vigil.db")).unwrap();
    let step = |version: i64, needs: i64| {
        store.execute("INSERT INTO schema_version (version, needs) VALUES (?1, ?2)", [version, needs]).unwrap();
    };
    step(known + 1, 1);
    let expanded = vigil(&folder, &["token", "list"], b"");
    assert_eq!(expanded.status.code(), Some(0), "a newer Vigil that only added leaves a way back: {}", err(&expanded));
    step(known + 2, known + 2);
    drop(store);
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["token", "list"], &["verify"], &["migrate"]] {
        let refused = vigil(&folder, command, b"");
        assert_eq!(refused.status.code(), Some(65), "{command:?}: {}", err(&refused));
        assert!(err(&refused).contains("use a newer Vigil"), "{command:?}: {}", err(&refused));
    }
    assert_eq!(vigil(&folder, &["migrate", "--check"], b"").status.code(), Some(65));
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_need_a_token_and_name_nobody() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    let watcher = house.token("watcher", &["metrics"]).await;
    assert_eq!(submit(&house, &token, REQUEST.as_bytes()).await.status, 200);
    assert_eq!(submit(&house, &token, b"{}").await.status, 400);
    let metrics = |token: &str| {
        let bearer = format!("Bearer {token}");
        async move { send(house.at, "GET", "/metrics", &[("Authorization", &bearer)], b"").await }
    };
    for closed in ["", "vigil_guess", token.as_str()] {
        assert_eq!(metrics(closed).await.status, 401);
    }
    let told = metrics(&watcher).await;
    assert_eq!((told.status, told.header("content-type")), (200, Some("text/plain; version=0.0.4; charset=utf-8")));
    let text = told.text();
    let submits = "route=\"/pas/2.2/fhir/Claim/$submit\"";
    for line in [
        format!("vigil_http_requests_total{{method=\"POST\",{submits},status=\"2xx\"}} 1"),
        format!("vigil_http_requests_total{{method=\"POST\",{submits},status=\"4xx\"}} 1"),
        format!("vigil_http_request_seconds_count{{method=\"POST\",{submits}}} 2"),
        "vigil_cases_open 1".to_owned(),
        "vigil_store_writes_failed_total 0".to_owned(),
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    for name in ["Rivera", "M100200300", "1951", "clearinghouse", "R-2026-0001"] {
        assert!(!text.contains(name), "{name}");
    }
    house.close().await;
}

/// The binary serving a folder, its log gathered from the first line on.
struct Served {
    child: Child,
    at: SocketAddr,
    log: std::thread::JoinHandle<Vec<String>>,
}

impl Served {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigil"));
        command.current_dir(folder.path()).env_clear().args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--log-format",
            "json",
        ]);
        let mut child = command.args(arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let at = loop {
            let line = lines.next().expect("it serves").unwrap();
            seen.push(line);
            let value: serde_json::Value = serde_json::from_str(&seen[seen.len() - 1]).expect("a line is one object");
            if value["fields"]["message"] == "serving" {
                break value["fields"]["address"].as_str().unwrap().parse().unwrap();
            }
        };
        let log = std::thread::spawn(move || {
            seen.extend(lines.map_while(Result::ok));
            seen
        });
        Self { child, at, log }
    }

    fn told_to_stop(&self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    fn end(mut self) -> (Option<i32>, Vec<String>) {
        let code = self.child.wait().unwrap().code();
        (code, self.log.join().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_answered_when_the_process_is_told_to_stop() {
    let folder = Folder::new();
    let token = out(&vigil(&folder, &["token", "create", "clearinghouse"], b"")).trim().to_owned();
    let served = Served::start(&folder, &["--membership", "provisional"]);
    let mut slow = TcpStream::connect(served.at).await.unwrap();
    let head = format!(
        "POST /pas/2.2/fhir/Claim/$submit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n",
        REQUEST.len()
    );
    let (first, rest) = REQUEST.as_bytes().split_at(REQUEST.len() / 2);
    slow.write_all(&[head.as_bytes(), first].concat()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    served.told_to_stop();
    let mut refused = false;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        refused = TcpStream::connect(served.at).await.is_err();
        if refused {
            break;
        }
    }
    assert!(refused, "no new connections are taken");
    slow.write_all(rest).await.unwrap();
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    let (code, log) = tokio::task::spawn_blocking(move || served.end()).await.unwrap();
    assert_eq!(code, Some(0), "{log:?}");
    let kept = vigil(&folder, &["verify", "--json"], b"");
    let kept: serde_json::Value = serde_json::from_slice(&kept.stdout).unwrap();
    assert_eq!((&kept["sound"], kept["subjects"].as_u64()), (&true.into(), Some(1)), "the answered request is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_no_patient_at_any_level() {
    let folder = Folder::new();
    let token = out(&vigil(&folder, &["token", "create", "clearinghouse"], b"")).trim().to_owned();
    let made = vigil(&folder, &["account", "create", "dana", "--name", "Dana Reyes, RN", "--role", "nurse"], b"");
    let password = out(&made).trim().to_owned();
    let served = Served::start(&folder, &["--membership", "provisional", "--log-filter", "trace"]);
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/fhir+json")];
    let path = "/pas/2.2/fhir/Claim/$submit";
    let faulty = REQUEST.replace("1951-04-09", "yesterday");
    for (body, status) in [(REQUEST, 200), (REQUEST, 200), (faulty.as_str(), 400), (&REQUEST[..9_000], 400)] {
        assert_eq!(send(served.at, "POST", path, &headers, body.as_bytes()).await.status, status);
    }
    assert_eq!(send(served.at, "POST", "/pas/2.2/fhir/Claim/$inquire", &headers, REQUEST.as_bytes()).await.status, 200);
    let wrong = [("name", "dana"), ("password", "wrong-horse-battery"), ("next", "/")];
    assert_eq!(client::form(served.at, "/sign-in", "", &wrong).await.status, 401);
    let right = [("name", "dana"), ("password", password.as_str()), ("next", "/")];
    let cookie = client::form(served.at, "/sign-in", "", &right).await.cookie();
    for path in ["/cases?q=Rivera", "/worklist?q=M100200300", "/request/new?member=M100200300", "/work?q=Rivera"] {
        assert!(client::get(served.at, path, &cookie).await.status < 500, "{path}");
    }
    // The notice is composed and handed over beside the answers.
    tokio::time::sleep(Duration::from_secs(3)).await;
    served.told_to_stop();
    let (code, log) = tokio::task::spawn_blocking(move || served.end()).await.unwrap();
    assert_eq!(code, Some(0));
    assert!(log.len() > 10, "it was logged: {}", log.len());
    let secrets = ["Rivera", "M100200300", "1951-04-09", "5185550120", "R-2026-0001", &token, &password, "wrong-horse"];
    for line in &log {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "a line is one object: {line}");
        for secret in secrets {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
    }
    assert!(
        log.iter().any(|line| line.contains("answered") && line.contains("$submit")),
        "requests are there by route"
    );
}

#[test]
fn the_unit_lets_the_service_write_where_the_documents_send_it() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let unit = read("deploy/vigil.service");
    let listed = unit.lines().find_map(|line| line.strip_prefix("ReadWritePaths=")).unwrap();
    let listed: Vec<&str> = listed.split(' ').map(|path| path.trim_start_matches('-')).collect();
    let mut seen = 0;
    for page in ["back-up-and-restore", "export", "upgrade"] {
        let text = read(&format!("docs/operate/{page}.md"));
        for command in ["vigil vigil backup /", "vigil vigil export --to /"] {
            for rest in text.split(command).skip(1) {
                let path = format!("/{}", rest.split([' ', '\n']).next().unwrap());
                assert!(listed.iter().any(|open| path.starts_with(open)), "{page}.md: {path} is not in {listed:?}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 4, "the commands were found: {seen}");
}
