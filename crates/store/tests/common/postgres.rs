//! A PostgreSQL server of the tests' own: Debian's, started when first asked for, gone when the test process ends.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Waits at its standard input: when the test process ends, however it ends, the input closes and the server goes.
const KEEPER: &str = r#"
set -e
bin=$1; shift
replica=
dir=$(mktemp -d /tmp/vigil-postgres-XXXXXX)
"$bin/initdb" -D "$dir/data" -U vigil -A trust -E UTF8 --locale=C --no-sync >/dev/null
[ -z "${VIGIL_TEST_FILES:-}" ] || { cp "$VIGIL_TEST_FILES"/* "$dir/data/"; chmod 600 "$dir/data"/*.key; }
start() { "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c max_connections=200 "$@" >>"$dir/log" 2>&1 & pid=$!; }
start "$@"
until "$bin/pg_isready" -q -h "$dir"; do kill -0 $pid; sleep 0.1; done
echo "ready $dir"
while read -r word; do
  case $word in
    stop) kill -INT $pid; wait $pid || true;;
    kill) kill -KILL $(cat "$dir/data/postmaster.pid" | head -1) || true; wait $pid || true; sleep 0.2;;
    start)
      start "$@"
      until "$bin/pg_isready" -q -h "$dir"; do
        # Backends of a killed server may still hold its memory.
        kill -0 $pid 2>/dev/null || start "$@"
        sleep 0.2
      done;;
    freeze) pkill -STOP -P $pid || true; kill -STOP $pid;;
    thaw) kill -CONT $pid; pkill -CONT -P $pid || true;;
    clone)
      mkdir "$dir/r"
      "$bin/pg_basebackup" -h "$dir" -U vigil -D "$dir/replica" -R -X stream -c fast >/dev/null
      "$bin/postgres" -D "$dir/replica" -k "$dir/r" -c listen_addresses= -c max_connections=200 >>"$dir/log2" 2>&1 & replica=$!
      until "$bin/pg_isready" -q -h "$dir/r"; do sleep 0.1; done;;
    promote) "$bin/pg_ctl" -D "$dir/replica" promote -w >/dev/null;;
  esac
  echo "done $word"
done
kill -INT $pid $replica 2>/dev/null || true
wait $pid $replica || true
rm -rf "$dir"
"#;

/// A running server.
pub struct Server {
    keeper: Child,
    answers: BufReader<std::process::ChildStdout>,
    pub folder: PathBuf,
}

fn binaries() -> PathBuf {
    let found = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        found.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).collect();
    found.sort();
    found.pop().expect("no PostgreSQL is installed: run scripts/need test, or set VIGIL_TEST_POSTGRES to a server's address or to `none`")
}

impl Server {
    /// Starts one with settings of its own (`-c`, `fsync=off`, …).
    pub fn start(settings: &[&str]) -> Self {
        Self::start_with(settings, &[])
    }

    /// Starts one that is reached at a port of 127.0.0.1 too, with files laid in its data directory (`server.key`, …).
    pub fn start_at(port: u16, files: &std::path::Path, settings: &[&str]) -> Self {
        let all = [&["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"], settings].concat();
        Self::start_with(&all, &[("PGPORT", &port.to_string()), ("VIGIL_TEST_FILES", &files.display().to_string())])
    }

    fn start_with(settings: &[&str], environment: &[(&str, &str)]) -> Self {
        let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0"));
        // PostgreSQL refuses to run as root.
        let mut command = if root { Command::new("runuser") } else { Command::new("sh") };
        if root {
            command.args(["-u", "postgres", "--", "sh"]);
        }
        let mut keeper = command
            .args(["-c", KEEPER, "keeper"])
            .arg(binaries())
            .args(settings)
            .envs(environment.iter().copied())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut answers = BufReader::new(keeper.stdout.take().unwrap());
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let folder = line.trim().strip_prefix("ready ").expect("the server did not start").into();
        Self { keeper, answers, folder }
    }

    /// `stop`, `kill`, `start`, `freeze`, `thaw`; `clone` makes a replica that streams, `promote` makes it take writes.
    pub fn tell(&mut self, word: &str) {
        let input = self.keeper.stdin.as_mut().unwrap();
        input.write_all(format!("{word}\n").as_bytes()).unwrap();
        input.flush().unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), format!("done {word}"));
    }

    /// The address of a schema.
    pub fn address(&self, schema: &str) -> String {
        format!("postgres://vigil@localhost/postgres?host={}&schema={schema}", self.folder.display())
    }
}

impl Server {
    /// The address of a schema on the server and its replica, whichever takes writes.
    pub fn either(&self, schema: &str) -> String {
        let place = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://vigil@{place},{place}%2Fr/postgres?schema={schema}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.keeper.stdin.take();
        drop(self.keeper.wait());
    }
}

/// The server that all tests of this process share, durable enough for everything but a crash of the machine.
fn shared() -> Option<&'static str> {
    static ADDRESS: OnceLock<Option<String>> = OnceLock::new();
    let address = ADDRESS.get_or_init(|| match std::env::var("VIGIL_TEST_POSTGRES") {
        Ok(none) if none == "none" => {
            eprintln!("VIGIL_TEST_POSTGRES=none: PostgreSQL is left out");
            None
        }
        Ok(address) => Some(address),
        Err(_) => {
            // Lives as long as the process: its keeper sees the process end.
            let server = Box::leak(Box::new(Server::start(&["-c", "fsync=off"])));
            Some(format!("postgres://vigil@localhost/postgres?host={}", server.folder.display()))
        }
    });
    address.as_deref()
}

/// The address of a fresh schema on the shared server; none when PostgreSQL is left out.
pub fn fresh() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let base = shared()?;
    let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let join = if base.contains('?') { '&' } else { '?' };
    Some(format!("{base}{join}schema={schema}"))
}

/// Runs SQL in the schema of an address, and gives its unaligned answer.
pub fn psql(address: &str, sql: &str) -> String {
    let (place, schema) = address.rsplit_once("schema=").unwrap();
    let out = Command::new("psql")
        .args([place.trim_end_matches(['&', '?']), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .env("PGOPTIONS", format!("-c search_path={schema}"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{sql}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}
