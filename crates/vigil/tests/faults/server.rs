//! The binary as a process of its own, and a client that sends exactly what it is told and says when it got no answer.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

const SAMPLE: &str = include_str!("../../../wire/tests/samples/home-oxygen.in.json");
/// The member, the message and the request of the sample; each message has its own.
const PLACES: [(&str, &str); 3] =
    [("M100200300", "M"), ("b3132e1f2a883ea832c81864733dce4e", "b3132e1f2a883ea832c818"), ("R-2026-0001", "R-")];

/// The n-th message: another member's home oxygen.
pub fn message(n: u32) -> Vec<u8> {
    let mut text = SAMPLE.to_owned();
    for (word, begins) in PLACES {
        text = text.replace(word, &format!("{begins}{n:09}"));
    }
    text.into_bytes()
}

/// A directory that goes away with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("vigil-faults-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

/// A command of the binary under test.
pub fn vigil(data: &Path, arguments: &[&str]) -> Command {
    let binary = std::env::var_os("VIGIL_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_vigil").into());
    let mut command = Command::new(binary);
    command.env_clear().args(arguments).arg("--data-dir").arg(data).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run(data: &Path, arguments: &[&str]) -> Output {
    vigil(data, arguments).output().unwrap()
}

/// Runs a command that must succeed, and gives its standard output.
pub fn must(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A serving process.
pub struct Server {
    child: Arc<Mutex<Child>>,
    pub at: String,
    pub said: Arc<Mutex<String>>,
}

impl Server {
    /// Starts one and waits until it serves; none when it ended before that.
    pub fn start(data: &Path, environment: &[(&str, &str)], began: impl FnOnce(&Arc<Mutex<Child>>)) -> Option<Self> {
        let mut command =
            vigil(data, &["serve", "--listen", "127.0.0.1:0", "--membership", "provisional", "--log-filter", "warn"]);
        command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let child = Arc::new(Mutex::new(child));
        began(&child);
        let said = Arc::new(Mutex::new(String::new()));
        let at = loop {
            let Some(Ok(line)) = lines.next() else {
                child.lock().unwrap().wait().unwrap();
                return None;
            };
            if let Some(at) = line.strip_prefix("Vigil serves at http://") {
                break at.split(' ').next().unwrap_or_default().to_owned();
            }
            said.lock().unwrap().push_str(&(line + "\n"));
        };
        let heard = Arc::clone(&said);
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| heard.lock().unwrap().push_str(&line)));
        Some(Self { child, at, said })
    }

    /// Starts one that nobody kills.
    pub fn open(data: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start(data, environment, |_| ()).expect("it serves")
    }

    pub fn child(&self) -> &Arc<Mutex<Child>> {
        &self.child
    }

    pub fn client(&self, token: &str) -> Client {
        Client { at: self.at.clone(), token: token.to_owned(), stream: None }
    }

    /// Asks it to stop in order, and waits.
    pub fn stop(self) {
        let mut child = self.child.lock().unwrap();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        assert!(child.wait().unwrap().success(), "{}", self.said.lock().unwrap());
    }

    /// Waits for a process that somebody killed.
    pub fn gone(self) {
        self.child.lock().unwrap().wait().unwrap();
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// One connection, kept alive.
pub struct Client {
    at: String,
    token: String,
    stream: Option<TcpStream>,
}

impl Client {
    /// Sends a message; none when no whole answer came back.
    pub fn submit(&mut self, body: &[u8]) -> Option<Answer> {
        self.send("POST", "/pas/2.2/fhir/Claim/$submit", body)
    }

    /// Sends anything; none when no whole answer came back.
    pub fn send(&mut self, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
        let answer = self.tried(method, path, body);
        if answer.is_none() {
            self.stream = None;
        }
        answer
    }

    fn tried(&mut self, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(&self.at).ok()?;
            stream.set_nodelay(true).ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
            self.stream = Some(stream);
        }
        let stream = self.stream.as_mut()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n",
            self.at,
            self.token,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
        read(stream)
    }
}

fn read(stream: &mut TcpStream) -> Option<Answer> {
    let (mut have, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let n = stream.read(&mut buffer).ok().filter(|n| *n > 0)?;
        have.extend_from_slice(&buffer[..n]);
        let Some(end) = have.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&have[..end]).to_lowercase();
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).map_or(0, |l| l.parse().unwrap());
        if have.len() >= end + 4 + length {
            let status = head.split(' ').nth(1)?.parse().ok()?;
            return Some(Answer { status, head, body: have[end + 4..end + 4 + length].to_vec() });
        }
    }
}
