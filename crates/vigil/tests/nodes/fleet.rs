//! Nodes as processes.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

pub const PASSWORD: &str = "correct horse battery";

/// Runs the binary to its end.
pub fn vigil(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vigil")).current_dir(std::env::temp_dir()).args(arguments).output().unwrap()
}

/// Nodes over one store.
pub struct Fleet {
    address: String,
    folder: PathBuf,
    nodes: Vec<Option<Child>>,
    places: Arc<Mutex<Vec<SocketAddr>>>,
    pub token: String,
}

impl Fleet {
    pub fn start(address: &str, nodes: usize) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("vigil-nodes-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let made = vigil(&["token", "create", "clinic", "--scope", "pas", "--store", address]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
        let places = Arc::new(Mutex::new(vec![nobody; nodes]));
        let mut fleet =
            Self { address: address.to_owned(), folder, nodes: (0..nodes).map(|_| None).collect(), places, token };
        (0..nodes).for_each(|node| fleet.begin(node));
        fleet
    }

    pub fn places(&self) -> &Arc<Mutex<Vec<SocketAddr>>> {
        &self.places
    }

    /// Starts a node and waits until its door is open. It keeps its port over restarts, as behind a balancer.
    pub fn begin(&mut self, node: usize) {
        let port = self.places.lock().unwrap()[node].port();
        let listen = format!("127.0.0.1:{}", if port == 9 { 0 } else { port });
        let data = self.folder.join(format!("node-{node}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_vigil"))
            .current_dir(&self.folder)
            .args(["serve", "--membership", "provisional", "--log-filter", "warn"])
            .args(["--listen", &listen, "--store", &self.address])
            .arg("--data-dir")
            .arg(data)
            .arg("--outbox-dir")
            .arg(self.folder.join("outbox"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let place = loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).unwrap() > 0, "node {node} did not start: {said}");
            if let Some(at) = line.trim().strip_prefix("Vigil serves at http://") {
                break at.split_whitespace().next().unwrap().parse().unwrap();
            }
            said += &line;
        };
        self.places.lock().unwrap()[node] = place;
        // Somebody must read what it says, or it would wait for that.
        std::thread::spawn(move || {
            let mut rest = String::new();
            let _ended = lines.read_to_string(&mut rest);
            let _closed = std::io::stderr().lock().write_all(rest.as_bytes());
        });
        self.nodes[node] = Some(child);
    }

    /// `kill -9`
    pub fn kill(&mut self, node: usize) {
        let mut child = self.nodes[node].take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks a node to stop, and waits for its end.
    pub fn stop(&mut self, node: usize) {
        let mut child = self.nodes[node].take().unwrap();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        assert!(child.wait().unwrap().success(), "a node that is told to stop ends well");
    }

    pub fn account(&self, name: &str, role: &str) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vigil"))
            .args([
                "account",
                "create",
                name,
                "--role",
                role,
                "--name",
                name,
                "--password-stdin",
                "--store",
                &self.address,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    pub fn verify(&self) -> String {
        let said = vigil(&["verify", "--store", &self.address]);
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for child in self.nodes.iter_mut().flatten() {
            let _dead = child.kill();
            let _gone = child.wait();
        }
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}
