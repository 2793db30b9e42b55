//! What rots on the disk: a changed byte of the log is named by case and version, a broken page is told apart as damage of the
//! file, and a back-up brings everything back that it held.

use std::path::Path;

use super::server::{Folder, Server, message, must, run};

const MESSAGES: u32 = 12;

fn filled(folder: &Folder) -> (std::path::PathBuf, String, Vec<Vec<u8>>) {
    let data = folder.join("data");
    let token = must(&data, &["token", "create", "sender"]).trim().to_owned();
    let server = Server::open(&data, &[]);
    let mut client = server.client(&token);
    let answers = (0..MESSAGES).map(|n| client.submit(&message(n)).unwrap().body).collect();
    server.stop();
    (data, token, answers)
}

/// Where the body of the log's first event of the n-th case begins or goes on. Bodies are packed, so it is found by the row's
/// words before it: the subject's kind, its number, the event's kind; then times, who, and 32 bytes of hash.
fn place(file: &[u8], n: usize) -> usize {
    let word = b"request_received";
    let rows = file.windows(word.len()).enumerate().filter(|(_, w)| w == word).map(|(at, _)| at);
    let in_log = |at: &usize| file[at.saturating_sub(32)..*at].windows(4).any(|w| w == b"case");
    rows.filter(in_log).nth(n).expect("the event is in the file") + 200
}

/// Where the packed request of the n-th message lies: after the words of its row, which say that it belongs to a case.
fn message_place(file: &[u8], n: usize) -> usize {
    let word = b"fhir2.2.1submit";
    let rows = file.windows(word.len()).enumerate().filter(|(_, w)| w == word).map(|(at, _)| at);
    rows.filter(|at| file[*at..at + 160].windows(4).any(|w| w == b"case")).nth(n).expect("a message is in the file")
        + 330
}

fn verify(data: &Path) -> (i32, serde_json::Value) {
    let output = run(data, &["verify", "--json"]);
    let json = serde_json::from_slice(&output.stdout);
    (output.status.code().unwrap(), json.unwrap_or_else(|_| String::from_utf8_lossy(&output.stderr).into()))
}

#[test]
fn rot_is_named_and_a_back_up_brings_everything_back() {
    let folder = Folder::new();
    let (data, token, answers) = filled(&folder);
    let copy = folder.join("copy");
    must(&data, &["backup", copy.to_str().unwrap()]);
    let database = data.join("vigil.db");
    let whole = std::fs::read(&database).unwrap();

    let mut changed = whole.clone();
    changed[place(&whole, 7)] ^= 1;
    std::fs::write(&database, &changed).unwrap();
    let (code, said) = verify(&data);
    assert_eq!((code, &said["sound"]), (1, &false.into()), "{said}");
    assert_eq!(said["first_fault"]["version"], 1, "{said}");
    assert_eq!(said["first_fault"]["subject"]["kind"], "case", "{said}");
    assert!(said["damaged_file"].is_null(), "a changed byte is no damage of the file: {said}");

    // A byte of a message as it was received, where it lies packed after its own words.
    let mut changed = whole.clone();
    let byte = message_place(&whole, 5);
    changed[byte] ^= 1;
    std::fs::write(&database, &changed).unwrap();
    let (code, said) = verify(&data);
    assert_eq!((code, &said["sound"]), (1, &false.into()), "{said}");
    let row = said["first_fault"]["row"].as_str().unwrap_or_default();
    assert!(row.starts_with("message ") && said["first_fault"]["subject"]["kind"] == "case", "{said}");

    let mut torn = whole.clone();
    let page = place(&torn, 7) / 4096 * 4096;
    torn[page..page + 64].fill(0xff);
    std::fs::write(&database, &torn).unwrap();
    let (code, said) = verify(&data);
    assert_eq!(code, 1, "{said}");
    assert!(said["damaged_file"].is_array(), "damage of the file is told apart: {said}");

    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&copy, &data).unwrap();
    assert_eq!(verify(&data).1["subjects"], MESSAGES);
    let server = Server::open(&data, &[]);
    let mut client = server.client(&token);
    for (n, body) in answers.iter().enumerate() {
        assert_eq!(&client.submit(&message(u32::try_from(n).unwrap())).unwrap().body, body, "message {n}");
    }
    assert_eq!(client.submit(&message(MESSAGES)).unwrap().status, 200, "and the work goes on");
    server.stop();
}
