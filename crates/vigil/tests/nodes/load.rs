//! Clients: each sends a request to any node, and the same bytes again to another when it hears nothing or is told to wait.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

const REQUEST: &str = include_str!("../../../wire/tests/samples/home-oxygen.in.json");

/// The request of the n-th member: member, message and request have numbers of their own.
pub fn request(n: u32) -> Vec<u8> {
    let filled = REQUEST
        .replace("M100200300", &format!("M{n:09}"))
        .replace("b3132e1f2a883ea832c81864733dce4e", &format!("b3132e1f2a883ea832c8186{n:09}"))
        .replace("R-2026-0001", &format!("R-{n:09}"));
    assert_ne!(filled, REQUEST);
    filled.into_bytes()
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn send(at: SocketAddr, head: &str, body: &[u8]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&at, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    stream.write_all(format!("{head}\r\nHost: {at}\r\nConnection: close\r\n{length}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(cut)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(cut)?;
    let answer = Answer { status, head, body: bytes[end + 4..].to_vec() };
    match answer.header("content-length").and_then(|n| n.parse::<usize>().ok()) {
        Some(length) if length != answer.body.len() => Err(cut()),
        _ => Ok(answer),
    }
}

/// One try at one node.
pub fn submit(at: SocketAddr, token: &str, body: &[u8]) -> std::io::Result<Answer> {
    let head = format!(
        "POST /pas/2.2/fhir/Claim/$submit HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/fhir+json"
    );
    send(at, &head, body)
}

/// A page or a plain address.
pub fn get(at: SocketAddr, path: &str, cookie: &str) -> Answer {
    send(at, &format!("GET {path} HTTP/1.1\r\nCookie: {cookie}"), b"").unwrap()
}

/// Signs in and gives the cookie.
pub fn sign_in(at: SocketAddr, name: &str, password: &str) -> String {
    let page = get(at, "/sign-in", "");
    let text = page.text();
    let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let before = page.header("set-cookie").and_then(|set| set.split(';').next()).unwrap_or_default().to_owned();
    let form = format!("csrf={token}&name={name}&password={}&next=", password.replace(' ', "+"));
    let head = format!("POST /sign-in HTTP/1.1\r\nCookie: {before}\r\nContent-Type: application/x-www-form-urlencoded");
    let entered = send(at, &head, form.as_bytes()).unwrap();
    assert_eq!(entered.status, 303, "{}", entered.text());
    entered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

type Answered = Vec<(Vec<u8>, Vec<u8>)>;

/// Clients at work.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Answered>>,
}

impl Load {
    pub fn start(token: &str, places: &Arc<Mutex<Vec<SocketAddr>>>, clients: usize) -> Self {
        let (stop, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(1_000)));
        let clients = (0..clients)
            .map(|client| {
                let (token, places) = (token.to_owned(), Arc::clone(places));
                let (stop, next) = (Arc::clone(&stop), Arc::clone(&next));
                std::thread::spawn(move || {
                    let mut answered = Vec::new();
                    let mut turn = client;
                    while !stop.load(Ordering::Relaxed) {
                        let body = request(next.fetch_add(1, Ordering::Relaxed));
                        let answer = insist(&token, &places, &body, &mut turn);
                        answered.push((body, answer));
                    }
                    answered
                })
            })
            .collect();
        Self { stop, clients }
    }

    /// Lets each client have its answer, and gives what was sent and answered.
    pub fn end(self) -> Answered {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    }
}

/// Sends until it is answered; anything but 503 or silence is an error that a client would see.
fn insist(token: &str, places: &Arc<Mutex<Vec<SocketAddr>>>, body: &[u8], turn: &mut usize) -> Vec<u8> {
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < Duration::from_secs(60), "a request was not answered in a minute");
        *turn += 1;
        let at = {
            let places = places.lock().unwrap();
            places[*turn % places.len()]
        };
        match submit(at, token, body) {
            Ok(answer) if answer.status == 200 => return answer.body,
            Ok(answer) => {
                assert_eq!(answer.status, 503, "{}", answer.text());
                std::thread::sleep(Duration::from_millis(200));
            }
            // A node that was killed or is starting: the next one is asked.
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
