//! The shipped status packs: they open, the linter is clean, every worked row comes out, the page is current.

use vigil_packs::{shelf::Shelf, status};

#[test]
fn every_worked_row_comes_out_and_the_linter_is_clean() {
    let report = status::check(&Shelf::read(&[]).unwrap(), Some("2026-11-22".parse().unwrap()));
    let list: Vec<String> = report.issues.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{} complaints on {} rows:\n{}", list.len(), report.rows.len(), list.join("\n"));
    assert!(report.rows.len() > 150, "{} rows", report.rows.len());
    assert!(report.read.book.rules().len() > 60);
    assert!(report.read.places.values().all(|place| place.line > 0));
}

#[test]
fn a_rule_read_more_than_a_year_ago_is_stale() {
    let report = status::check(&Shelf::read(&[]).unwrap(), Some("2027-11-23".parse().unwrap()));
    assert_eq!(report.issues.len(), report.read.book.rules().len());
    assert!(report.issues.iter().all(|issue| issue.message.contains("stale") && issue.line > 0));
}

#[test]
fn the_committed_page_is_current() {
    let page = status::page(&status::check(&Shelf::read(&[]).unwrap(), None));
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conform/status.md");
    if std::env::var_os("VIGIL_ACCEPT").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/conform/status.md is out of date; run VIGIL_ACCEPT=1 cargo test -p vigil-packs --test status"
    );
}
