//! A disk that is full, and a disk whose sync fails: nothing is acknowledged that is not kept, answers given before are still
//! given, and the work goes on as soon as the disk does, without a restart.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use super::server::{Answer, Folder, Server, message, must};

/// Compiles the shim that stands between the process and its disk.
fn shim(folder: &Folder) -> PathBuf {
    let (source, library) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c"), folder.join("shim.so"));
    let made =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).arg("-ldl").output();
    let made = made.expect("a C compiler: SQLite was built with one");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    library
}

/// What a sender must see while nothing can be kept.
fn says_that_nothing_was_kept(answer: &Answer) {
    let body = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, 503, "{body}");
    assert!(answer.head.contains("retry-after: "), "{}", answer.head);
    let outcome: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    assert_eq!(outcome["issue"][0]["code"], "no-store", "{body}");
}

fn goes_on_after(word: &str) {
    let folder = Folder::new();
    let (data, control) = (folder.join("data"), folder.join("control"));
    let token = must(&data, &["token", "create", "sender"]).trim().to_owned();
    let library = shim(&folder).display().to_string();
    let control_path = control.display().to_string();
    let server = Server::open(&data, &[("LD_PRELOAD", &library), ("VIGIL_SHIM", &control_path)]);
    let mut client = server.client(&token);
    let before = client.submit(&message(1)).unwrap();
    assert_eq!(before.status, 200, "{}", String::from_utf8_lossy(&before.body));

    std::fs::write(&control, word).unwrap();
    for n in 2..6 {
        says_that_nothing_was_kept(&client.submit(&message(n)).unwrap());
    }
    assert_eq!(client.submit(&message(1)).unwrap(), before, "what was answered is answered again, from what is kept");
    assert_eq!(client.send("GET", "/health", b"").unwrap().status, 200, "the process lives");
    let ready = client.send("GET", "/ready", b"").unwrap();
    let said = String::from_utf8_lossy(&ready.body).into_owned();
    assert_eq!((ready.status, said.as_str()), (503, r#"{"status":"the store does not write"}"#));
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(client.send("GET", "/ready", b"").unwrap().status, 503, "as long as the disk takes nothing");

    std::fs::remove_file(&control).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while client.send("GET", "/ready", b"").unwrap().status != 200 {
        assert!(Instant::now() < until, "it is never ready again, although nobody need send anything for that");
        std::thread::sleep(Duration::from_millis(100));
    }
    for n in 2..6 {
        let answer = client.submit(&message(n)).unwrap();
        assert_eq!(answer.status, 200, "message {n}: {}", String::from_utf8_lossy(&answer.body));
        assert_eq!(client.submit(&message(n)).unwrap().body, answer.body);
    }
    server.stop();
    let verified: serde_json::Value = serde_json::from_str(&must(&data, &["verify", "--json"])).unwrap();
    assert_eq!((&verified["sound"], &verified["subjects"]), (&true.into(), &5.into()), "{verified}");
}

#[test]
fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    goes_on_after("full");
}

#[test]
fn a_failing_sync_acknowledges_nothing() {
    goes_on_after("sync");
}

/// A small disk of its own; unmounted when dropped.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "vigil-faults"]).arg(at).output();
        mounted.is_ok_and(|m| m.status.success()).then_some(Self(at))
    }

    fn grow(&self, size: &str) {
        let size = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &size]).arg(self.0).status().unwrap().success());
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _left = Command::new("umount").args(["-l"]).arg(self.0).status();
    }
}

#[test]
fn a_small_real_disk_fills_and_loses_nothing() {
    let folder = Folder::new();
    let home = folder.join("disk");
    let Some(disk) = Disk::mount(&home, "6m") else {
        println!("not run: a disk cannot be mounted here; the shim's full disk is");
        return;
    };
    let data = home.join("data");
    let token = must(&data, &["token", "create", "sender"]).trim().to_owned();
    let server = Server::open(&data, &[]);
    let mut client = server.client(&token);
    let mut kept = Vec::new();
    let refused = loop {
        let n = u32::try_from(kept.len()).unwrap();
        let answer = client.submit(&message(n)).unwrap();
        if answer.status != 200 {
            break answer;
        }
        kept.push(answer.body);
        assert!(kept.len() < 2_000, "six megabytes never filled");
    };
    says_that_nothing_was_kept(&refused);
    assert!(kept.len() > 5, "some were kept: {}", kept.len());
    disk.grow("64m");
    for (n, body) in kept.iter().enumerate() {
        assert_eq!(&client.submit(&message(u32::try_from(n).unwrap())).unwrap().body, body, "message {n}");
    }
    let late = client.submit(&message(u32::try_from(kept.len()).unwrap())).unwrap();
    assert_eq!(late.status, 200, "{}", String::from_utf8_lossy(&late.body));
    server.stop();
    let verified: serde_json::Value = serde_json::from_str(&must(&data, &["verify", "--json"])).unwrap();
    assert_eq!(verified["sound"], true, "{verified}");
    assert_eq!(verified["subjects"], kept.len() + 1, "one case an answer");
}
