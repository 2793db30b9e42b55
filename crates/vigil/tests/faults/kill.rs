//! Killed at random moments under load: every acknowledged request is there, once, with the answer that was given.

use std::{
    collections::BTreeMap,
    path::Path,
    process::Child,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use super::server::{Client, Folder, Server, message, must};

/// Senders at once.
const SENDERS: usize = 8;

/// What the senders know: messages sent, and the answers that came back whole.
#[derive(Default)]
struct Journal {
    next: AtomicU32,
    answers: Mutex<BTreeMap<u32, Option<Vec<u8>>>>,
}

impl Journal {
    /// A new message, noted before it is sent.
    fn new_message(&self) -> u32 {
        let n = self.next.fetch_add(1, Ordering::SeqCst);
        self.answers.lock().unwrap().insert(n, None);
        n
    }

    /// Sends one; false when the server is gone. An answer given before must come again, byte for byte.
    fn send(&self, client: &mut Client, n: u32) -> bool {
        let Some(answer) = client.submit(&message(n)) else { return false };
        if answer.status == 503 {
            std::thread::sleep(Duration::from_millis(5));
            return true;
        }
        assert_eq!(answer.status, 200, "message {n}: {}", String::from_utf8_lossy(&answer.body));
        let before = self.answers.lock().unwrap().insert(n, Some(answer.body.clone())).flatten();
        assert!(before.is_none_or(|before| before == answer.body), "message {n} was answered otherwise before");
        true
    }

    fn with_answer(&self, wanted: bool) -> Vec<u32> {
        self.answers.lock().unwrap().iter().filter(|(_, a)| a.is_some() == wanted).map(|(n, _)| *n).collect()
    }
}

/// Dice for the moments of the kills.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

/// One life of the process: it is killed some time after it serves, or before.
fn life(data: &Path, token: &str, journal: &Journal, dice: &mut Dice) {
    // One in five dies while it starts: in the middle of recovering from the death before.
    let early = dice.below(5) == 0;
    let after = Duration::from_millis(if early { dice.below(60) } else { dice.below(350) });
    let kill = |child: &Arc<Mutex<Child>>| {
        let child = Arc::clone(child);
        std::thread::spawn(move || {
            std::thread::sleep(after);
            // kill() is SIGKILL on Unix; a process that ended before it is left alone.
            child.lock().unwrap().kill().unwrap();
        });
    };
    let server = Server::start(data, &[], |child| {
        if early {
            kill(child);
        }
    });
    let Some(server) = server else { return };
    if !early {
        kill(server.child());
    }
    let unanswered = Mutex::new(journal.with_answer(false));
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                let mut client = server.client(token);
                loop {
                    let old = unanswered.lock().unwrap().pop();
                    let n = old.unwrap_or_else(|| journal.new_message());
                    if !journal.send(&mut client, n) {
                        break;
                    }
                }
            });
        }
    });
    server.gone();
}

#[test]
fn every_acknowledged_request_is_there_once_after_any_number_of_kills() {
    let (kills, seed) = (number("VIGIL_KILLS", 6), number("VIGIL_SEED", 1));
    let folder = Folder::new();
    let data = folder.join("data");
    let token = must(&data, &["token", "create", "sender"]).trim().to_owned();
    let (journal, mut dice, began) = (Journal::default(), Dice(seed), Instant::now());
    for _ in 0..kills {
        life(&data, &token, &journal, &mut dice);
    }
    let acknowledged = journal.with_answer(true).len();
    let in_flight = journal.with_answer(false).len();
    assert!(acknowledged > 0, "the load was never answered");

    // The last life is left alone: every message again, the answered ones must get the same bytes.
    let server = Server::open(&data, &[]);
    let all = journal.answers.lock().unwrap().keys().copied().collect::<Vec<_>>();
    let shares: Vec<&[u32]> = all.chunks(all.len().div_ceil(SENDERS)).collect();
    std::thread::scope(|scope| {
        for share in shares {
            let (journal, server, token) = (&journal, &server, &token);
            scope.spawn(move || {
                let mut client = server.client(token);
                for n in share {
                    assert!(journal.send(&mut client, *n), "the server is there");
                }
                while let Some(n) = share.iter().find(|n| journal.answers.lock().unwrap()[n].is_none()) {
                    assert!(journal.send(&mut client, *n), "the server is there");
                }
            });
        }
    });
    server.stop();
    let verified: serde_json::Value = serde_json::from_str(&must(&data, &["verify", "--json"])).unwrap();
    println!(
        "{kills} kills in {:.0} s, seed {seed}: {} messages, {acknowledged} acknowledged before the last start, \
         {in_flight} in flight when killed; {verified}",
        began.elapsed().as_secs_f64(),
        all.len()
    );
    assert_eq!(verified["sound"], true);
    assert_eq!(verified["subjects"], all.len(), "one case a message, no more and no fewer");
}
