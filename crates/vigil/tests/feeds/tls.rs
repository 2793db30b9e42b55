//! TLS at Vigil's own doors, with the binary as an operator starts it: feeds, pages, the health command, and who is turned away.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use vigil::feed::client;

use crate::{
    authority::Authority,
    house::{Folder, settings_of},
};

const ADT: &str = "MSH|^~\\&|REG|MERCY|VIGIL|VIGIL|20260301100000-0500||ADT^A01|1|P|2.5.1\rEVN|A01|202603011000\r\
    PID|1||P1^^^MERCY^MR||Doe^Jane||19440612|F\rPV1|1|I|5E^503^A||||||||||||||||V1^^^MERCY^VN\r";

/// A serving process with what it has said.
struct Serving {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Serving {
    fn start(folder: &Path, flags: &[&str]) -> Self {
        let mut child = command(folder, &["serve", "--listen", "127.0.0.1:0", "--mllp", "127.0.0.1:0"])
            .args(flags)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| heard.lock().unwrap().push_str(&(line + "\n")));
        });
        Self { child, said }
    }

    /// Waits until it has said something; gives the line.
    async fn says(&self, what: &str) -> String {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let said = self.said.lock().unwrap().clone();
            if let Some(line) = said.lines().find(|line| line.contains(what)) {
                return line.to_owned();
            }
            assert!(Instant::now() < until, "it never said {what:?}: {said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn address(&self, before: &str) -> SocketAddr {
        self.says(before).await.split(before).nth(1).unwrap().trim().parse().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigil"));
    command.current_dir(folder).env_clear().args(arguments).args(["--data-dir", "data"]).stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// A client that believes one authority, and shows a certificate where one is named.
fn connector(folder: &Path, authority: &str, shown: Option<&str>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join(authority)).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
    let config = match shown {
        None => builder.with_no_client_auth(),
        Some(name) => {
            let certificate = CertificateDer::from_pem_file(folder.join(format!("{name}.crt"))).unwrap();
            let key = PrivateKeyDer::from_pem_file(folder.join(format!("{name}.key"))).unwrap();
            builder.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    };
    TlsConnector::from(Arc::new(config))
}

async fn reach(at: SocketAddr, connector: TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(at).await?;
    connector.connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// Everything a server sends until it closes; it must not take long.
async fn until_closed(mut stream: TcpStream, sent: &[u8]) -> Vec<u8> {
    stream.write_all(sent).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    let _reset = read.expect("the connection is closed and does not hang");
    answer
}

fn certificates() -> Folder {
    let folder = Folder::new();
    let (authority, senders, strangers) =
        (Authority::new("of Vigil"), Authority::new("of senders"), Authority::new("x"));
    authority.issue(folder.path(), "vigil", "localhost");
    senders.issue(folder.path(), "hospital", "feeds.hospital.example");
    strangers.issue(folder.path(), "stranger", "feeds.hospital.example");
    for (name, authority) in [("vigil-ca.crt", &authority), ("senders.crt", &senders), ("strangers.crt", &strangers)] {
        std::fs::write(folder.path().join(name), authority.pem()).unwrap();
    }
    folder
}

const MLLP: [&str; 4] = ["--mllp-certificate", "vigil.crt", "--mllp-key", "vigil.key"];

#[tokio::test(flavor = "multi_thread")]
async fn feeds_under_tls_are_answered_and_others_are_turned_away_with_a_clear_line() {
    let folder = certificates();
    let serving = Serving::start(folder.path(), &MLLP);
    let at = serving.address("Vigil takes HL7 feeds at mllps://").await;
    let stream = reach(at, connector(folder.path(), "vigil-ca.crt", None)).await.unwrap();
    let messages: Vec<String> = (0..20).map(|n| ADT.replace("|1|P|", &format!("|{n}|P|"))).collect();
    let answers = client::send_over(stream, &messages, 8).await.unwrap();
    assert_eq!(answers.len(), 20);
    assert!(answers[7].contains("MSA|AE|7|No facility takes messages of this sender."), "{}", answers[7]);
    let error = reach(at, connector(folder.path(), "strangers.crt", None)).await.unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    serving.says("the other side ended the handshake").await;
    let answer = until_closed(TcpStream::connect(at).await.unwrap(), format!("\x0b{ADT}\x1c\r").as_bytes()).await;
    assert!(!answer.windows(3).any(|w| w == b"MSA"), "nothing is acknowledged");
    let line = serving.says("the other side does not speak TLS").await;
    assert!(line.contains("WARN") && line.contains("peer=127.0.0.1") && !line.contains("Doe"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_authority_of_senders_only_their_certificates_come_in() {
    let folder = certificates();
    let serving = Serving::start(folder.path(), &[&MLLP[..], &["--mllp-client-ca", "senders.crt"]].concat());
    let at = serving.address("Vigil takes HL7 feeds at mllps://").await;
    let known = reach(at, connector(folder.path(), "vigil-ca.crt", Some("hospital"))).await.unwrap();
    let answers = client::send_over(known, &[ADT.to_owned()], 1).await.unwrap();
    assert!(answers[0].contains("MSA|AE|1"), "{}", answers[0]);
    for (shown, says) in [(None, "showed no certificate"), (Some("stranger"), "certificate is not taken: ")] {
        // Under TLS 1.3 the client learns of the refusal when it first reads.
        if let Ok(stream) = reach(at, connector(folder.path(), "vigil-ca.crt", shown)).await {
            let sent = timeout(Duration::from_secs(5), client::send_over(stream, &[ADT.to_owned()], 1)).await;
            assert!(sent.expect("no hang").is_err(), "{shown:?} came in");
        }
        serving.says(says).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_at_a_plain_address_is_closed_with_a_clear_line() {
    let folder = certificates();
    let serving = Serving::start(folder.path(), &[]);
    let at = serving.address("Vigil takes HL7 feeds at mllp://").await;
    let began = Instant::now();
    assert!(reach(at, connector(folder.path(), "vigil-ca.crt", None)).await.is_err());
    assert!(began.elapsed() < Duration::from_secs(5));
    serving.says("the other side speaks TLS, and this address takes feeds without it").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_served_under_tls_and_plain_http_is_turned_away() {
    let folder = certificates();
    let flags = ["--tls-certificate", "vigil.crt", "--tls-key", "vigil.key"];
    let serving = Serving::start(folder.path(), &flags);
    let at = serving.address("Vigil serves at https://").await;
    let mut stream = reach(at, connector(folder.path(), "vigil-ca.crt", None)).await.unwrap();
    let asked = format!("GET /sign-in HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Sign in"), "{page}");
    assert!(settings_of(&flags).cookies_are_secure() && !settings_of(&[]).cookies_are_secure());
    let answer = until_closed(TcpStream::connect(at).await.unwrap(), asked.as_bytes()).await;
    assert!(!answer.starts_with(b"HTTP"));
    serving.says("the other side does not speak TLS").await;
    let listen = at.to_string();
    let health = |more: &[&str]| run(folder.path(), &[&["health", "--listen", &listen], more].concat());
    assert_eq!(health(&flags[..2]).status.code(), Some(0));
    assert_eq!(health(&["--tls-certificate", "hospital.crt"]).status.code(), Some(1), "another certificate");
    assert_eq!(health(&[]).status.code(), Some(1), "plain HTTP");
}

#[test]
fn a_door_that_cannot_be_hung_is_said_before_anything_is_served() {
    let folder = certificates();
    std::fs::write(folder.path().join("empty.pem"), "").unwrap();
    let rows: &[(&[&str], &str)] = &[
        (&["--tls-certificate", "vigil.crt"], "tls-certificate needs tls-key too"),
        (&["--tls-key", "vigil.key"], "tls-key needs tls-certificate too"),
        (&["--mllp-client-ca", "senders.crt"], "mllp-client-ca needs mllp-certificate too"),
        (&["--mllp-certificate", "gone.crt", "--mllp-key", "vigil.key"], "gone.crt: "),
        (&["--mllp-certificate", "empty.pem", "--mllp-key", "vigil.key"], "empty.pem: it holds no certificate"),
        (
            &["--mllp-certificate", "vigil.crt", "--mllp-key", "hospital.key"],
            "hospital.key: it does not go with vigil.crt",
        ),
    ];
    for (flags, says) in rows {
        let output =
            run(folder.path(), &[&["serve", "--listen", "127.0.0.1:0", "--mllp", "127.0.0.1:0"], *flags].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{says}: {error}");
        assert!(error.contains(says), "expected {says:?} in {error:?}");
    }
}
