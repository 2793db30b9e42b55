//! As an operator measures their own machine: a plan's roster imported, its requests sent, its year judged again.

use super::{
    commands::{aside, out},
    house::{Folder, House},
};

const PLAN: [&str; 4] = ["--members", "300", "--distinct", "60"];

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_imported_and_its_requests_are_answered() {
    let house = House::open(&[]).await;
    let data = house.data();
    let folder = Folder::new();
    let plan = folder.path().join("plan").display().to_string();
    let written = aside(&data, &[&["load", "roster", &plan], &PLAN[..]].concat(), b"").await;
    assert_eq!(written.status.code(), Some(0), "{}", String::from_utf8_lossy(&written.stderr));
    let loaded = aside(&data, &["import", &plan, "--json"], b"").await;
    assert_eq!(loaded.status.code(), Some(0), "{}{}", out(&loaded), String::from_utf8_lossy(&loaded.stderr));
    let taken: serde_json::Value = serde_json::from_slice(&loaded.stdout).unwrap();
    assert_eq!(taken["taken"]["members"], 300, "{taken}");

    let token = house.token("load", &["pas"]).await;
    let at = house.at.to_string();
    let send = ["load", "send", "--to", &at, "--token", &token, "--connections", "4", "--seconds", "2", "--json"];
    for more in [&[][..], &["--rate", "20", "--first", "1000000"]] {
        let sent = aside(&data, &[&send[..], &PLAN[..], more].concat(), b"").await;
        assert_eq!(sent.status.code(), Some(0), "{}{}", out(&sent), String::from_utf8_lossy(&sent.stderr));
        let said: serde_json::Value = serde_json::from_slice(&sent.stdout).unwrap();
        assert!(said["answers"]["200"].as_u64().unwrap() > 5, "{said}");
    }
    let cases = house.app.desk.store.subjects("main", "case", "", 10_000).unwrap().len();
    assert!(cases > 10, "most requests became cases: {cases}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_judged_again_names_its_figures() {
    let folder = Folder::new();
    let data = folder.path().display().to_string();
    let judge = ["load", "judge", "--requests", "600", "--jobs", "2", "--parse", "--people", "--json"];
    let judged = aside(&data, &[&judge[..], &PLAN[..]].concat(), b"").await;
    assert_eq!(judged.status.code(), Some(0), "{}", String::from_utf8_lossy(&judged.stderr));
    let said: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
    let sum = |name: &str| said["figures"].as_array().unwrap().iter().filter_map(|g| g[name].as_u64()).sum::<u64>();
    assert_eq!(sum("received") + said["turned_away"].as_u64().unwrap(), 600, "{said}");
    assert!(sum("decided") > 150 && sum("denied") > 0 && sum("automated") > 0, "{said}");
}
