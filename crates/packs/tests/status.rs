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

#[test]
fn a_pin_finds_its_text_again() {
    let library = vigil_packs::open(&[]).unwrap();
    for rule in library.status.rules() {
        let text = library.text_of(&rule.digest).unwrap();
        assert_eq!(vigil_packs::shelf::digest_of(&text), rule.digest);
        assert!(text.contains(&rule.id) && text.contains("read_on"));
    }
}

#[test]
fn an_overlay_takes_over_a_rule_only_by_its_digest() {
    let folder = std::env::temp_dir().join(format!("vigil-status-overlay-{}", std::process::id()));
    let inside = folder.join("status/us-medicare");
    std::fs::create_dir_all(&inside).unwrap();
    let rule = |replaces: &str| {
        format!(
            "[[rule]]\nid = \"MOON-1\"\n{replaces}topic = \"moon\"\nlines_of_business = [\"original-medicare\"]\ncite = \"house\"\n\
             says = \"sooner\"\nsource = \"own work\"\nread_on = 2026-11-22\nconfidence = \"source seen\"\n\
             figures = {{ over_hours = 24, by_hours = 30 }}\n\n[[timing]]\nid = \"advisor.answer\"\nsays = \"sooner\"\namount = 60\n\
             unit = \"minutes\"\nbasis = \"our policy\"\nsource = \"own work\"\nread_on = 2026-11-22\nconfidence = \"own work\"\n"
        )
    };
    let file = inside.join("our.toml");
    std::fs::write(&file, rule("")).unwrap();
    let issues = vigil_packs::open(&[&folder]).unwrap_err();
    let says = &issues[0].message;
    let wanted = says.split("replaces = ").nth(1).unwrap_or_else(|| panic!("{says}")).trim().to_owned();
    assert!(wanted.starts_with("\"MOON-1@"), "{says}");
    std::fs::write(&file, rule(&format!("replaces = {wanted}\n"))).unwrap();
    let library = vigil_packs::open(&[&folder]).unwrap_or_else(|issues| panic!("{issues:#?}"));
    let moon: Vec<_> = library.status.rules().iter().filter(|rule| rule.id == "MOON-1").collect();
    assert_eq!((moon.len(), moon[0].figure("by_hours")), (1, Some(30)));
    let timing = library.status.timing("advisor.answer").unwrap();
    assert_eq!((timing.amount, timing.unit.as_str()), (60, "minutes"));
    std::fs::write(&file, "[[rule]]\nid = \"X\"\ntpoic = \"moon\"\n").unwrap();
    let issues = vigil_packs::open(&[&folder]).unwrap_err();
    assert!(issues[0].file.ends_with("our.toml") && issues[0].line > 0, "{issues:#?}");
    std::fs::remove_dir_all(&folder).unwrap();
}
