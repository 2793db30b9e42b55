//! Every shipped law pack: the worked examples come out, and the linter is clean.

use vigil_packs::{coverage, law, lint, shelf::Shelf, table};

#[test]
fn every_worked_example_comes_out_as_worked_by_hand() {
    let shelf = Shelf::read(&[]).unwrap();
    let mut issues = Vec::new();
    let read = law::read(&shelf, &mut issues);
    let rows = table::run(&shelf, &read, &mut issues);
    let list: Vec<String> = issues.iter().map(ToString::to_string).collect();
    assert!(issues.is_empty(), "{} of {} rows differ:\n{}", issues.len(), rows.len(), list.join("\n"));
    assert!(rows.len() > 900);
}

#[test]
fn the_linter_is_clean_on_the_day_the_law_was_read() {
    let shelf = Shelf::read(&[]).unwrap();
    let report = lint::check(&shelf, Some("2026-11-22".parse().unwrap()));
    let list: Vec<String> = report.issues.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{} complaints:\n{}", list.len(), list.join("\n"));
}

#[test]
fn a_law_read_more_than_a_year_ago_is_stale() {
    let shelf = Shelf::read(&[]).unwrap();
    let report = lint::check(&shelf, Some("2027-11-23".parse().unwrap()));
    assert_eq!(report.issues.len(), 150);
    assert!(report.issues.iter().all(|i| i.message.contains("stale") && i.line > 0));
    let report = lint::check(&shelf, Some("2027-11-22".parse().unwrap()));
    assert!(report.issues.is_empty());
}

#[test]
fn the_committed_coverage_page_is_current() {
    let shelf = Shelf::read(&[]).unwrap();
    let report = lint::check(&shelf, None);
    let page = coverage::page(&report.read, &report.rows);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conform/law.md");
    if std::env::var_os("VIGIL_ACCEPT").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/conform/law.md is out of date; run VIGIL_ACCEPT=1 cargo test -p vigil-packs --test shipped"
    );
}
