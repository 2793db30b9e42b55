//! More than the server takes: told so at once, told when to come back, and nobody else made to wait.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    client::send,
    house::House,
    interface::{request_of, submit},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_store_turns_senders_away_and_keeps_what_it_took() {
    let house = std::sync::Arc::new(House::open(&["--max-requests", "4", "--max-requests-per-sender", "3"]).await);
    let (one, other) = (house.token("one", &["pas"]).await, house.token("other", &["pas"]).await);
    assert_eq!(submit(&house, &one, request_of(1).as_bytes()).await.status, 200);
    // Another holds the file, as a stuck disk would: nothing can be written until it lets go.
    let held = rusqlite::Connection::open(house.folder.path().join("data/vigil.db")).unwrap();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = |token: &str, n: u32| {
        let (house, token) = (std::sync::Arc::clone(&house), token.to_owned());
        tokio::spawn(async move { submit(&house, &token, request_of(n).as_bytes()).await.status })
    };
    let mut taken: Vec<_> = (2..5).map(|n| waiting(&one, n)).collect();
    let in_flight = |n: i64| {
        let app = house.app.clone();
        async move {
            while app.metrics.in_flight.load(std::sync::atomic::Ordering::SeqCst) < n {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    };
    in_flight(3).await;
    let began = Instant::now();
    let more = submit(&house, &one, request_of(5).as_bytes()).await;
    assert_eq!((more.status, more.header("retry-after")), (429, Some("1")), "{}", more.text());
    assert_eq!(more.json()["issue"][0]["code"], "throttled");
    taken.push(waiting(&other, 6));
    in_flight(4).await;
    let full = submit(&house, &other, request_of(7).as_bytes()).await;
    assert_eq!((full.status, full.header("retry-after")), (503, Some("1")), "{}", full.text());
    let page = send(house.at, "GET", "/sign-in", &[], b"").await;
    assert_eq!((page.status, page.header("retry-after")), (503, Some("2")));
    assert_eq!(send(house.at, "GET", "/health", &[], b"").await.status, 200, "the watchers are answered");
    assert!(began.elapsed() < Duration::from_secs(5), "told at once: {:?}", began.elapsed());
    held.execute_batch("ROLLBACK").unwrap();
    for answer in taken {
        assert_eq!(answer.await.unwrap(), 200, "what was taken is answered");
    }
    assert_eq!(submit(&house, &one, request_of(5).as_bytes()).await.status, 200, "and the place came back");
    assert_eq!(house.app.desk.store.subjects("main", "case", "", 100).unwrap().len(), 6);
    std::sync::Arc::into_inner(house).expect("everybody is answered").close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_in_time_is_an_answer() {
    let house = House::open(&["--answer-seconds", "1"]).await;
    let token = house.token("one", &["pas"]).await;
    let held = rusqlite::Connection::open(house.folder.path().join("data/vigil.db")).unwrap();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let late = submit(&house, &token, request_of(1).as_bytes()).await;
    assert_eq!((late.status, late.header("retry-after")), (503, Some("5")));
    assert_eq!(late.json()["issue"][0]["code"], "timeout");
    held.execute_batch("ROLLBACK").unwrap();
    // The message may have been judged meanwhile; the same bytes get one answer and make one case.
    assert_eq!(submit(&house, &token, request_of(1).as_bytes()).await.status, 200);
    assert_eq!(house.app.desk.store.subjects("main", "case", "", 100).unwrap().len(), 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_loris_does_not_keep_others_out() {
    let house = House::open(&["--max-connections", "8", "--head-seconds", "1"]).await;
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(house.at).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        slow.push(stream);
    }
    let dripping = tokio::spawn(async move {
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            for stream in &mut slow {
                let _closed = stream.write_all(b"a").await;
            }
        }
    });
    let began = Instant::now();
    assert_eq!(send(house.at, "GET", "/health", &[], b"").await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(9), "served after {:?}", began.elapsed());
    dripping.abort();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_bodies_have_a_size() {
    let house = House::open(&["--body-limit", "64KiB", "--memory-for-bodies", "64KiB"]).await;
    let token = house.token("one", &["pas"]).await;
    let long = "x".repeat(300 * 1024);
    assert_eq!(send(house.at, "GET", "/health", &[("X-Long", &long)], b"").await.status, 431);
    let names: Vec<String> = (0..150).map(|n| format!("X-{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(send(house.at, "GET", "/health", &many, b"").await.status, 431);
    // One body is being read; it has all the memory there is for bodies.
    let head = format!(
        "POST /pas/2.2/fhir/Claim/$submit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/fhir+json\r\nContent-Length: 60000\r\n\r\n"
    );
    let mut first = TcpStream::connect(house.at).await.unwrap();
    first.write_all(&[head.as_bytes(), &[b' '; 100]].concat()).await.unwrap();
    while house.app.metrics.in_flight.load(std::sync::atomic::Ordering::SeqCst) < 1 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let second = submit(&house, &token, request_of(1).as_bytes()).await;
    assert_eq!((second.status, second.header("retry-after")), (503, Some("1")), "{}", second.text());
    first.write_all(&[b' '; 59_900]).await.unwrap();
    let mut answer = [0; 12];
    first.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 400", "blank, but read");
    assert_eq!(submit(&house, &token, request_of(1).as_bytes()).await.status, 200);
    house.close().await;
}
