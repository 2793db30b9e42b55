//! Where a setting comes from, and what a wrong one says.

use std::process::Output;

use super::house::Folder;

fn config(folder: &Folder, file: Option<&str>, env: &[(&str, &str)], flags: &[&str]) -> Output {
    if let Some(text) = file {
        std::fs::write(folder.path().join("vigil.toml"), text).unwrap();
    }
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vigil"));
    command.current_dir(folder.path()).env_clear().args(flags).args(["config", "--json"]);
    command.envs(env.iter().copied());
    command.output().unwrap()
}

fn value(output: &Output, name: &str) -> (String, String) {
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = list.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone();
    (row["value"].as_str().unwrap().to_owned(), row["from"].as_str().unwrap().to_owned())
}

#[test]
fn flag_goes_before_environment_before_file_before_default() {
    let folder = Folder::new();
    let file = "listen = \"127.0.0.1:1\"\nsession-hours = 3\npacks-overlay = [\"a\", \"b\"]\n";
    let env = [("VIGIL_LISTEN", "127.0.0.1:2")];
    let pair = |v: &str, f: &str| (v.to_owned(), f.to_owned());
    let output = config(&folder, None, &[], &[]);
    assert_eq!(value(&output, "listen"), pair("127.0.0.1:8080", "default"));
    let output = config(&folder, Some(file), &[], &[]);
    assert_eq!(value(&output, "listen"), pair("127.0.0.1:1", "file"));
    assert_eq!(value(&output, "session-hours"), pair("3", "file"));
    assert_eq!(value(&output, "packs-overlay"), pair("a,b", "file"));
    let output = config(&folder, Some(file), &env, &[]);
    assert_eq!(value(&output, "listen"), pair("127.0.0.1:2", "env"));
    let output = config(&folder, Some(file), &env, &["--listen", "127.0.0.1:3"]);
    assert_eq!(value(&output, "listen"), pair("127.0.0.1:3", "flag"));
}

#[test]
fn a_wrong_setting_is_said_with_what_would_do() {
    let folder = Folder::new();
    let rows: &[(Option<&str>, &[(&str, &str)], &[&str], &str)] = &[
        (Some("data_dir = \"x\""), &[], &[], "there is no setting \"data_dir\"; the settings are: data-dir, store"),
        (Some("listen = \"nowhere\""), &[], &[], "expected an address and a port, such as 127.0.0.1:8080"),
        (Some("listen = "), &[], &[], "cannot read vigil.toml"),
        (Some(""), &[("VIGIL_MEMBERSHIP", "all")], &[], "expected one of roster, provisional"),
        (Some(""), &[], &["--traces-endpoint", "https://c:4318"], "expected the address of a collector near by"),
        (Some(""), &[], &["--traces-share", "2"], "expected a share from 0 to 1"),
        (Some(""), &[], &["--body-limit", "lots"], "expected a size such as 8MiB"),
        (Some(""), &[], &["--config", "missing.toml"], "cannot read missing.toml"),
    ];
    for (file, env, flags, says) in rows {
        let output = config(&folder, *file, env, flags);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{says}: {error}");
        assert!(error.contains(says), "expected {says:?} in {error:?}");
        assert!(output.stdout.is_empty());
    }
}
