//! What an author of criteria packs may get wrong, each with its file and line; and how an overlay takes a pack's place.

use std::{fs, path::PathBuf};

use jiff::civil::date;
use vigil_packs::{criteria, issue::PackIssue, shelf::Shelf};

const PATH: &str = "criteria/home-oxygen/2026-11.toml";

fn shipped() -> String {
    let shelf = Shelf::read(&[]).expect("the embedded packs");
    shelf.under(PATH, "").next().map(|file| file.text.clone()).expect("home oxygen is shipped")
}

/// Lays one changed file over the shipped packs.
fn complaints(name: &str, path: &str, text: &str) -> (Vec<PackIssue>, vigil_domain::criteria::CriteriaBook) {
    let folder: PathBuf = std::env::temp_dir().join(format!("vigil-overlay-{}-{name}", std::process::id()));
    let file = folder.join(path);
    fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a scratch folder");
    fs::write(&file, text).expect("a scratch file");
    let shelf = Shelf::read(&[&folder]).expect("the overlay can be read");
    fs::remove_dir_all(&folder).expect("the scratch folder goes");
    let mut issues = Vec::new();
    let book = criteria::load(&shelf, &mut issues);
    criteria::lint::lint(&shelf, &book, &mut issues);
    (issues, book)
}

fn replacing(text: &str) -> String {
    let mut none = Vec::new();
    let book = criteria::load(&Shelf::read(&[]).expect("the embedded packs"), &mut none);
    let digest = book.latest("home-oxygen").expect("shipped").digest().clone();
    format!("replaces = \"home-oxygen@{digest}\"\n{text}")
}

#[test]
fn every_mistake_names_its_line() {
    let good = replacing(&shipped());
    for (name, from, to, part) in [
        ("operator", "pao2_rest <= 55", "pao2_rest <~ 55", "expected"),
        ("fact", "pao2_rest <= 55", "pao2_rests <= 55", "not declared"),
        ("type", "test_by_dme_supplier = false", "test_by_dme_supplier = 3", "boolean"),
        ("word", "sole_reason = none", "sole_reason = nothing", "not one of"),
        ("basis", "[NCD 240.2, read] The equipment", "[NCD 240.2, believed] The equipment", "basis"),
        ("cite", "[NCD 240.2, read] The equipment", "[NCD 1.1, read] The equipment", "NCD 1.1"),
        ("indent", "  test_by_dme_supplier", "   test_by_dme_supplier", "two blanks"),
        ("tier", "tier = \"mirror\"", "tier = \"glass\"", "tier"),
        ("unit", "unit = \"mm[Hg]\"", "unit = \"cubits\"", "cubits"),
        ("window", "own_choice = ", "# own_choice = ", "own_choice"),
        (
            "specialties",
            "specialties = [\"pulmonology\", \"internal-medicine\", \"family-medicine\"]",
            "specialties = []",
            "specialties",
        ),
        ("toml", "version = ", "version ", ""),
    ] {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{name}: the shipped pack has these words");
        let (issues, _) = complaints(name, PATH, &text);
        let found = issues.iter().find(|i| i.file == PATH && i.line > 0 && i.message.contains(part));
        assert!(found.is_some(), "{name}: {issues:#?}");
    }
}

#[test]
fn a_mistake_in_the_tree_is_at_its_very_line() {
    let text = replacing(&shipped()).replacen("pao2_rest <= 55", "pao2_rest <~ 55", 1);
    let line = text.lines().position(|l| l.contains("<~")).expect("the line") + 1;
    let (issues, _) = complaints("line", PATH, &text);
    assert!(issues.iter().any(|issue| issue.line == line), "{issues:#?}");
}

#[test]
fn an_overlay_replaces_only_what_it_names() {
    let changed = shipped().replacen("pao2_rest <= 55", "pao2_rest <= 54", 1);
    // The same version without saying so: two versions on the same days.
    let (issues, _) = complaints("silent", PATH, &changed);
    assert!(issues.iter().any(|i| i.message.contains("replaces = ")), "{issues:#?}");
    // A digest that is not there.
    let (issues, _) = complaints("wrong", PATH, &format!("replaces = \"home-oxygen@000000000000\"\n{changed}"));
    assert!(issues.iter().any(|i| i.line == 1 && i.message.contains("no pack below")), "{issues:#?}");
    // Said rightly: the new one stands, and only its missing worked examples are complained of.
    let (issues, book) = complaints("right", PATH, &replacing(&changed));
    assert!(issues.iter().all(|i| i.message.contains("worked examples")), "{issues:#?}");
    assert!(book.latest("home-oxygen").expect("there").text().contains("pao2_rest <= 54"));
}

#[test]
fn a_later_version_ends_the_one_before() {
    let next = shipped().replacen("version = \"2026-11\"", "version = \"2027-02\"", 1).replacen(
        "from = 2023-04-01",
        "from = 2027-02-01",
        1,
    );
    let (issues, book) = complaints("next", "criteria/home-oxygen/2027-02.toml", &next);
    assert!(issues.iter().all(|i| i.message.contains("worked examples")), "{issues:#?}");
    for (day, version) in [(date(2027, 1, 31), "2026-11"), (date(2027, 2, 1), "2027-02")] {
        let in_force = book.in_force("home-oxygen", day).expect("one is in force");
        assert_eq!(in_force.definition().version, version, "{day}");
    }
    // An end that leaves a gap, and one that overlaps.
    for (end, part) in [("2027-01-30", "gap"), ("2027-02-01", "before the end")] {
        let ending =
            replacing(&shipped().replacen("from = 2023-04-01", &format!("from = 2023-04-01\nthrough = {end}"), 1));
        let folder = std::env::temp_dir().join(format!("vigil-overlay-{}-{part}", std::process::id()));
        fs::create_dir_all(folder.join("criteria/home-oxygen")).expect("a scratch folder");
        fs::write(folder.join(PATH), ending).expect("a scratch file");
        fs::write(folder.join("criteria/home-oxygen/2027-02.toml"), &next).expect("a scratch file");
        let shelf = Shelf::read(&[&folder]).expect("the overlay can be read");
        fs::remove_dir_all(&folder).expect("the scratch folder goes");
        let mut issues = Vec::new();
        criteria::load(&shelf, &mut issues);
        assert!(issues.iter().any(|i| i.message.contains(part)), "{part}: {issues:#?}");
    }
}
