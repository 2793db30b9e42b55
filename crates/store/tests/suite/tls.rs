//! The line to PostgreSQL under TLS, against a server that speaks it: who is believed, who is not, and what is said then.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    time::{Duration, Instant},
};

use vigil_store::*;

use crate::common::{authority::Authority, postgres::Server, *};

struct Fixture {
    server: Server,
    port: u16,
    /// `ca.crt`, `other.crt` and the shown certificates.
    dir: Dir,
}

/// Who may come how: `vigil` any way, `guarded` with a certificate, `keyed` with a password.
const DOORS: &str = "local all all trust\nhostssl all guarded 127.0.0.1/32 trust clientcert=verify-ca\n\
    hostssl all keyed 127.0.0.1/32 scram-sha-256\nhost all vigil 127.0.0.1/32 trust\n";

fn left_out() -> bool {
    std::env::var("VIGIL_TEST_POSTGRES").is_ok_and(|said| said == "none")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Fixture {
    fn start(ssl: &str) -> Self {
        Self::start_with(&[ssl])
    }

    fn start_with(settings: &[&str]) -> Self {
        let (authority, other, dir) = (Authority::new("of the tests"), Authority::new("another"), Dir::new());
        let files = dir.0.join("server");
        std::fs::create_dir_all(&files).unwrap();
        authority.issue(&files, "server", "localhost");
        std::fs::write(files.join("ca.crt"), authority.pem()).unwrap();
        std::fs::write(files.join("pg_hba.conf"), DOORS).unwrap();
        std::fs::write(dir.0.join("ca.crt"), authority.pem()).unwrap();
        std::fs::write(dir.0.join("other.crt"), other.pem()).unwrap();
        authority.issue(&dir.0, "node", "guarded");
        other.issue(&dir.0, "stranger", "guarded");
        let port = free_port();
        let words: Vec<&str> =
            settings.iter().chain(&["ssl_ca_file=ca.crt"]).flat_map(|setting| ["-c", setting]).collect();
        let server = Server::start_at(port, &files, &words);
        let told = Self { server, port, dir };
        told.psql("CREATE ROLE guarded SUPERUSER LOGIN; CREATE ROLE keyed SUPERUSER LOGIN PASSWORD 'pencil'");
        told
    }

    fn psql(&self, sql: &str) -> String {
        let out = std::process::Command::new("psql")
            .args(["-h", &self.server.folder.display().to_string(), "-p", &self.port.to_string(), "-U", "vigil"])
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-c", sql])
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// Opens a store as `user` at `host`, with words behind the question mark; `DIR` in them is the folder of certificates.
    fn open(&self, who: &str, host: &str, words: &str) -> Result<Store, StoreFault> {
        let words = words.replace("DIR", &self.dir.0.display().to_string());
        let address = format!("postgres://{who}@{host}:{}/postgres?schema=tls&{words}", self.port);
        Store::connect(Address::parse(&address)?, &Options::default())
    }

    fn refusal(&self, who: &str, host: &str, words: &str) -> String {
        match self.open(who, host, words) {
            Ok(_) => panic!("{who} at {host} with {words} came in"),
            Err(fault) => fault.to_string(),
        }
    }

    /// How many connections of Vigil there are, under TLS and in the clear.
    fn lines(&self) -> String {
        self.psql(
            "SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl) FROM pg_stat_ssl s \
             JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'vigil'",
        )
    }

    /// A store whose every connection is under TLS, or in the clear, and that keeps what it is given.
    fn serves(&self, who: &str, host: &str, words: &str, protected: bool) {
        let store = self.open(who, host, words).unwrap_or_else(|fault| panic!("{who} at {host} with {words}: {fault}"));
        let case = format!("{who}-{host}-{words}").replace(':', "-");
        store.commit_blocking(events(&case, 0, 3)).unwrap();
        let mut large = events(&case, 3, 1);
        // More than a TLS record and more than the socket takes at once.
        large.events[0].body = vec![b'x'; 3_000_000];
        store.commit_blocking(large).unwrap();
        let kept = store.load(TENANT, &SubjectKey::case(&*case)).unwrap();
        assert_eq!((kept.len(), kept[3].body.len()), (4, 3_000_000));
        let lines = self.lines();
        let (secure, clear) = lines.split_once('|').unwrap();
        let expected = if protected { secure != "0" && clear == "0" } else { secure == "0" && clear != "0" };
        assert!(expected, "{words}: {lines}");
        store.close();
        let until = Instant::now() + Duration::from_secs(10);
        while self.lines() != "0|0" && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_server_with_a_certificate_is_believed_as_far_as_it_is_asked_to_prove_itself() {
    if left_out() {
        return;
    }
    let here = Fixture::start("ssl=on");
    here.serves("vigil", "127.0.0.1", "", true);
    here.serves("vigil", "127.0.0.1", "sslmode=prefer", true);
    here.serves("vigil", "127.0.0.1", "sslmode=disable", false);
    here.serves("vigil", "127.0.0.1", "sslmode=require", true);
    here.serves("vigil", "127.0.0.1", "sslmode=verify-ca&sslrootcert=DIR/ca.crt", true);
    here.serves("vigil", "localhost", "sslmode=verify-full&sslrootcert=DIR/ca.crt", true);
    here.serves("keyed:pencil", "localhost", "sslmode=verify-full&sslrootcert=DIR/ca.crt", true);
    let words = "sslmode=verify-full&sslrootcert=DIR/ca.crt&sslcert=DIR/node.crt&sslkey=DIR/node.key";
    here.serves("guarded", "localhost", words, true);

    let table = [
        ("vigil", "127.0.0.1", "sslmode=verify-full&sslrootcert=DIR/ca.crt", "certificate is not for 127.0.0.1"),
        ("vigil", "localhost", "sslmode=verify-full&sslrootcert=DIR/other.crt", "not issued by an authority of"),
        ("vigil", "localhost", "sslmode=verify-ca&sslrootcert=DIR/other.crt", "not issued by an authority of"),
        ("vigil", "localhost", "sslmode=require&sslrootcert=DIR/other.crt", "not issued by an authority of"),
        ("vigil", "localhost", "sslmode=require&sslrootcert=DIR/gone.crt", "gone.crt cannot be used"),
        ("vigil", "localhost", "sslmode=require&sslrootcert=DIR/node.key", "it holds no certificate"),
        ("keyed:crayon", "localhost", "sslmode=require", "password authentication failed"),
        ("guarded", "localhost", "sslmode=require", "connection requires a valid client certificate"),
        ("keyed:pencil", "localhost", "sslmode=disable", "no encryption"),
        ("guarded", "localhost", "sslmode=require&sslcert=DIR/node.crt&sslkey=DIR/stranger.key", "cannot be used"),
        ("guarded", "localhost", "sslmode=require&sslcert=DIR/stranger.crt&sslkey=DIR/stranger.key", "UnknownCA"),
    ];
    for (who, host, words, says) in table {
        let said = here.refusal(who, host, words);
        assert!(said.contains(says), "{who} at {host} with {words}: expected {says:?} in {said:?}");
        assert!(!said.contains("crayon") && !said.contains("pencil"), "{said}");
    }
}

#[test]
fn a_server_without_tls_is_used_in_the_clear_only_by_those_who_allow_it() {
    if left_out() {
        return;
    }
    let here = Fixture::start("ssl=off");
    here.serves("vigil", "127.0.0.1", "", false);
    let said = here.refusal("vigil", "127.0.0.1", "sslmode=require");
    assert!(said.contains("the server speaks no TLS"), "{said}");
}

#[test]
fn a_handshake_that_fails_leaves_the_line_in_the_clear_only_to_those_who_prefer() {
    if left_out() {
        return;
    }
    // Versions of TLS that no modern side speaks: the server agrees to it, and the handshake fails.
    let old = ["ssl=on", "ssl_min_protocol_version=TLSv1", "ssl_max_protocol_version=TLSv1.1"];
    let here = Fixture::start_with(&old);
    here.serves("vigil", "127.0.0.1", "sslmode=prefer", false);
    let said = here.refusal("vigil", "127.0.0.1", "sslmode=require");
    assert!(said.contains("TLS"), "{said}");
    let said = here.refusal("keyed:pencil", "localhost", "sslmode=prefer");
    assert!(said.contains("no encryption"), "whom the server lets in only under TLS: {said}");
    let said = here.refusal("vigil", "127.0.0.1", "sslmode=prefer&sslcert=DIR/node.crt&sslkey=DIR/stranger.key");
    assert!(said.contains("cannot be used"), "a mistake of the address is not a failed handshake: {said}");
}

#[test]
fn a_server_that_agrees_and_falls_silent_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let mut asked = [0; 8];
            stream.read_exact(&mut asked).unwrap();
            assert_eq!(asked, [0, 0, 0, 8, 4, 210, 22, 47], "an SSLRequest");
            stream.write_all(b"S").unwrap();
            held.push(stream);
        }
    });
    let began = Instant::now();
    let address = format!("postgres://vigil@127.0.0.1:{port}/x?sslmode=require&connect_timeout=1");
    let fault = Store::connect(Address::parse(&address).unwrap(), &Options::default()).err().unwrap();
    assert!(fault.to_string().contains("did not finish the TLS handshake in time"), "{fault}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
