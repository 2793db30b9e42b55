//! As an operator meets the binary: exit codes, and commands while a Vigil serves.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use super::{
    client,
    house::{Folder, House, settings_of},
    interface::REQUEST,
};

pub fn vigil(folder: &Folder, arguments: &[&str], stdin: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigil"));
    command.current_dir(folder.path()).env_clear().args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _closed = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

pub async fn aside(data: &str, arguments: &[&str], stdin: &[u8]) -> Output {
    let mut all: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
    all.extend(["--data-dir".to_owned(), data.to_owned()]);
    let stdin = stdin.to_vec();
    tokio::task::spawn_blocking(move || {
        let folder = Folder::new();
        vigil(&folder, &all.iter().map(String::as_str).collect::<Vec<_>>(), &stdin)
    })
    .await
    .unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn exit_codes_say_how_it_ended() {
    let folder = Folder::new();
    let submit: &[&str] = &["submit", "-", "--membership", "provisional", "--now", "2026-06-01T13:00:00Z"];
    let rows: &[(&str, &[&str], &str, i32)] = &[
        ("a response", submit, REQUEST, 0),
        ("the same again", submit, REQUEST, 0),
        ("a business error", &["submit", "-", "--sender", "other"], REQUEST, 0),
        ("an outcome", submit, "{}", 2),
        ("not JSON", submit, "hello", 2),
        ("an inquiry", &["inquire", "-"], REQUEST, 0),
        ("no such file", &["submit", "no-such-file.json"], "", 65),
        ("a wrong base", &["submit", "-", "--pas", "3.0"], REQUEST, 64),
        ("a wrong moment", &["submit", "-", "--now", "yesterday"], REQUEST, 64),
        ("no command", &[], "", 64),
        ("an unknown command", &["frobnicate"], "", 64),
        ("an unknown flag", &["verify", "--frobnicate"], "", 64),
        ("help", &["submit", "--help"], "", 0),
        ("the log is sound", &["verify"], "", 0),
        ("rows anew", &["rebuild", "--json"], "", 0),
        ("settings", &["config"], "", 0),
        ("nobody there", &["health", "--listen", "127.0.0.1:9"], "", 1),
        ("nothing to revoke", &["token", "revoke", "nobody"], "", 1),
        ("an unknown scope", &["token", "create", "x", "--scope", "all"], "", 64),
        ("an unknown role", &["account", "create", "x", "--name", "X", "--role", "king"], "", 64),
        ("an import of nothing", &["import", "no-such-folder"], "", 65),
        ("a restore of nothing", &["restore", "no-such-folder", "--data-dir", "fresh"], "", 65),
        ("nothing to migrate", &["migrate", "--check"], "", 0),
        ("nothing to verify", &["verify", "--data-dir", "fresh"], "", 64),
        ("no store to migrate", &["migrate", "--check", "--data-dir", "fresh"], "", 65),
        ("the packs are sound", &["packs", "check", "--on", "2026-11-26"], "", 0),
    ];
    for (name, arguments, stdin, code) in rows {
        let output = vigil(&folder, arguments, stdin.as_bytes());
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(*code), "{name}: {error}{}", out(&output));
    }
    let first = vigil(&folder, submit, REQUEST.as_bytes());
    let json: serde_json::Value = serde_json::from_slice(&first.stdout).expect("standard output is the answer only");
    assert_eq!(json["resourceType"], "Bundle");
}

#[test]
fn a_command_that_only_reads_makes_no_data_directory() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("holiday-pictures")).unwrap();
    let reading: &[&[&str]] = &[
        &["verify"],
        &["rebuild"],
        &["backup", "copy"],
        &["export", "--to", "tables"],
        &["inquire", "-"],
        &["token", "list"],
        &["token", "revoke", "x"],
        &["account", "list"],
        &["feed", "parked"],
        &["form", "list"],
        &["audit", "universe", "--from", "2026-01-01", "--to", "2026-01-31"],
        &["audit", "sample", "--from", "2026-01-01", "--to", "2026-01-31", "--seed", "x"],
        &["migrate", "--contract"],
        &["config"],
    ];
    for arguments in reading {
        for (dir, why) in [("mistyped", "is not there"), ("holiday-pictures", "holds no store")] {
            let all: Vec<&str> = arguments.iter().copied().chain(["--data-dir", dir]).collect();
            let output = vigil(&folder, &all, REQUEST.as_bytes());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if arguments != &["config"] {
                assert_eq!(output.status.code(), Some(64), "{all:?}: {said}{}", out(&output));
                assert!(said.contains(dir) && said.contains(why) && said.contains("--data-dir"), "{all:?}: {said}");
            }
            assert!(!folder.path().join("mistyped").exists(), "{all:?} made the folder");
            let inside = std::fs::read_dir(folder.path().join("holiday-pictures")).unwrap().count();
            assert_eq!(inside, 0, "{all:?} put something into a folder that is not its own");
        }
    }
    for made in ["copy", "tables"] {
        assert!(!folder.path().join(made).exists(), "{made}");
    }
}

#[test]
fn every_command_has_an_example_and_its_exit_codes() {
    let folder = Folder::new();
    let commands = [
        "serve", "demo", "submit", "inquire", "token", "account", "import", "packs", "clock", "criteria", "verify",
        "rebuild", "backup", "restore", "migrate", "export", "sim", "load", "config", "health",
    ];
    for command in commands {
        let help = out(&vigil(&folder, &[command, "--help"], b""));
        assert!(help.contains("Example: "), "{command}: {help}");
        assert!(help.contains("Exit codes: 0"), "{command}: {help}");
    }
}

const CONTRACT_RULE: &str = r#"
[[rule]]
family = "own.standard"
title = "Our contract"

[[rule.version]]
id = "OWN-STD"
cite = "Provider agreement, section 4"
says = "We answer standard requests within three days."
confidence = "source seen"
read_on = 2026-05-01
jurisdiction = "US"
effective = { basis = "calendar-day" }
scope = { lines_of_business = ["medicare-advantage"], reviews = ["prospective"], urgency = "standard" }
deadlines = [ { amount = 3, unit = "calendar_days", from = "request_received" } ]
combine = "earliest"
on_breach = { effect = "escalate" }
calendar = "calendar days count every day"
"#;

#[test]
fn new_packs_are_held_against_the_open_cases_before_anybody_puts_them_in_force() {
    let folder = Folder::new();
    let packs = folder.path().join("new-packs/law");
    std::fs::create_dir_all(&packs).unwrap();
    std::fs::write(packs.join("contract.toml"), CONTRACT_RULE).unwrap();
    let rules_only = vigil(&folder, &["packs", "diff", "new-packs"], b"");
    let says = String::from_utf8_lossy(&rules_only.stderr).into_owned();
    assert!(rules_only.status.success() && says.contains("open cases are not"), "{says}");
    assert!(out(&rules_only).contains("added   OWN-STD"), "{}", out(&rules_only));
    let submit = ["submit", "-", "--membership", "provisional", "--now", "2026-06-01T13:00:00Z"];
    assert!(vigil(&folder, &submit, REQUEST.as_bytes()).status.success());
    let compared = vigil(&folder, &["packs", "diff", "new-packs", "--json"], b"");
    let said = String::from_utf8_lossy(&compared.stderr).into_owned();
    assert!(compared.status.success() && said.contains("1 open cases compared"), "{said}");
    let found: serde_json::Value = serde_json::from_slice(&compared.stdout).expect("the answer only");
    let due = &found["dues"][0];
    assert_eq!((due["rule"].as_str(), due["before"].as_str()), (Some("OWN-STD"), Some("no such clock")), "{found}");
    assert_eq!(due["after"], "2026-06-04T23:59:59-04:00");
    assert_eq!(found["dues"].as_array().map(Vec::len), Some(1), "clocks of the law in force do not move");
    let nobody = vigil(&folder, &["packs", "diff", "new-packs", "--tenant", "nobody", "--json"], b"");
    let said = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert!(nobody.status.success() && said.contains("0 open cases compared"), "{said}");
    let same = vigil(&folder, &["packs", "diff", "new-packs", "new-packs"], b"");
    assert!(same.status.success() && out(&same).contains("change no rule"), "{}", out(&same));
    assert_eq!(vigil(&folder, &["packs", "diff"], b"").status.code(), Some(64));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_while_a_vigil_serves() {
    let house = House::open(&[]).await;
    let data = house.data();
    use std::os::unix::fs::PermissionsExt as _;
    let socket = std::fs::metadata(format!("{data}/control.sock")).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);

    let made = aside(&data, &["token", "create", "clearinghouse"], b"").await;
    let token = out(&made).trim().to_owned();
    assert_eq!((made.status.code(), out(&made).lines().count()), (Some(0), 1), "prints only the token");
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/fhir+json")];
    let submit = "/pas/2.2/fhir/Claim/$submit";
    assert_eq!(client::send(house.at, "POST", submit, &headers, REQUEST.as_bytes()).await.status, 200);
    assert_eq!(aside(&data, &["token", "revoke", "clearinghouse"], b"").await.status.code(), Some(0));
    let shut = client::send(house.at, "POST", submit, &headers, REQUEST.as_bytes()).await;
    assert_eq!(shut.status, 401, "revoked at once");

    let judged = aside(&data, &["submit", "-", "--sender", "clearinghouse"], REQUEST.as_bytes()).await;
    assert_eq!(judged.status.code(), Some(0), "{}", String::from_utf8_lossy(&judged.stderr));
    let outcome = aside(&data, &["submit", "-"], b"{}").await;
    assert_eq!(outcome.status.code(), Some(2));
    let password =
        aside(&data, &["account", "create", "dana", "--name", "Dana Reyes, RN", "--role", "nurse"], b"").await;
    let fields = [("name", "dana"), ("password", out(&password).trim()), ("next", "/")].map(|(k, v)| (k, v.to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(client::form(house.at, "/sign-in", "", &fields).await.status, 303, "the printed password opens");
    assert_eq!(aside(&data, &["account", "disable", "dana"], b"").await.status.code(), Some(0));
    assert_eq!(client::form(house.at, "/sign-in", "", &fields).await.status, 401);

    let wrong = ["account", "create", "Lee Chen", "--name", " ", "--role", "boss", "--npi", "123", "--licence"];
    let wrong = aside(&data, &[&wrong[..], &["MD:ZZ:1:2027-12-31:2020-01-01"]].concat(), b"").await;
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(64), "{said}");
    for words in
        ["no sign-in name", "a name that is shown", "no role \"boss\"", "\"ZZ\" is no state", "before it begins", "NPI"]
    {
        assert!(said.contains(words), "all at once, {words}: {said}");
    }

    let contracts = "id,payer_id,plan_id,name,line_of_business,state,zone\n\
                     H9999,P1,001,Plan One,medicare-advantage,NY,America/New_York\n";
    let folder = Folder::new();
    let file = folder.path().join("contracts.csv");
    std::fs::write(&file, contracts).unwrap();
    let loaded = aside(&data, &["import", &file.display().to_string(), "--json"], b"").await;
    assert_eq!(loaded.status.code(), Some(0), "{}{}", out(&loaded), String::from_utf8_lossy(&loaded.stderr));
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&loaded.stdout).unwrap()["taken"]["contracts"], 1);

    for command in ["verify", "rebuild"] {
        let done = aside(&data, &[command, "--json"], b"").await;
        assert_eq!(done.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&done.stderr));
        assert!(serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap()["events"].as_u64().unwrap() > 0);
    }
    let copy = folder.path().join("copy");
    let backed = aside(&data, &["backup", &copy.display().to_string()], b"").await;
    assert_eq!(backed.status.code(), Some(0), "{}", String::from_utf8_lossy(&backed.stderr));
    let copied = aside(&copy.display().to_string(), &["verify"], b"").await;
    assert_eq!(copied.status.code(), Some(0), "a copy verifies by itself");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_held_by_someone_without_a_socket_is_busy() {
    let folder = Folder::new();
    let data = folder.path().join("data").display().to_string();
    let settings = settings_of(&["--data-dir", &data]);
    let held = vigil::open::house(&settings, vigil_desk::time::Time::Wall).unwrap();
    let refused = aside(&data, &["token", "list"], b"").await;
    assert_eq!(refused.status.code(), Some(75), "{}", String::from_utf8_lossy(&refused.stderr));
    let serving = aside(&data, &["serve", "--listen", "127.0.0.1:0"], b"").await;
    assert_eq!(serving.status.code(), Some(75));
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstration_never_enters_a_directory_with_real_work() {
    let house = House::open(&[]).await;
    house.account("dana", "nurse").await;
    let data = house.data();
    let folder = House::close_keeping(house).await;
    let refused = aside(&data, &["demo", "--fill-only"], b"").await;
    assert_eq!(refused.status.code(), Some(64), "{}", String::from_utf8_lossy(&refused.stderr));
    drop(folder);
}
