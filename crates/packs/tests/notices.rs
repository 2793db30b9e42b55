//! The notice packs as shipped: they load, every letter can be written in both languages, and each gap is named.

#[path = "notices/page.rs"]
mod page;
#[path = "notices/sample.rs"]
mod sample;

use std::{collections::BTreeMap, fs, path::PathBuf};

use vigil_domain::{
    notice::{Audience, FieldKind, NoticeTemplate, Purpose, compose, preview, reading_level_of},
    party::LineOfBusiness,
};
use vigil_packs::{notice, shelf::Shelf};

fn book() -> vigil_domain::notice::NoticeBook {
    let shelf = Shelf::read(&[]).expect("embedded packs read");
    let mut issues = Vec::new();
    let book = notice::load(&shelf, &mut issues);
    let told: Vec<String> = issues.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    book
}

fn worded() -> Vec<NoticeTemplate> {
    book().all().filter(|template| !template.bodies.is_empty()).cloned().collect()
}

#[test]
fn every_letter_is_written_whole_in_english_and_spanish() {
    let accept = std::env::var_os("VIGIL_ACCEPT").is_some();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/notices/golden");
    let mut differing = Vec::new();
    for template in worded() {
        for language in ["en", "es"] {
            let fields = sample::fields(&template, language);
            let letter = compose(&template, language, &fields)
                .unwrap_or_else(|missing| panic!("{} {language}: {missing:#?}", template.id));
            assert!(!letter.has_gaps(), "{} {language}", template.id);
            let text = letter.plain_text();
            assert!(
                !text.contains("{{") && !text.contains("**"),
                "{} {language}: markup left over\n{text}",
                template.id
            );
            let path = folder.join(format!("{}.{language}.txt", template.id));
            if accept {
                fs::create_dir_all(&folder).expect("the golden folder");
                fs::write(&path, &text).expect("a golden file");
            } else if fs::read_to_string(&path).unwrap_or_default() != text {
                differing.push(path.display().to_string());
            }
        }
    }
    assert!(
        differing.is_empty(),
        "letters differ; accept with VIGIL_ACCEPT=1 cargo test -p vigil-packs:\n{}",
        differing.join("\n")
    );
}

#[test]
fn without_any_required_field_no_letter_is_released_and_the_gap_is_named() {
    for template in worded() {
        let whole = sample::fields(&template, "en");
        for element in template.elements.iter().filter(|element| element.unless.is_none()) {
            for name in &element.fields {
                let mut fields = whole.clone();
                match &element.when {
                    // Out of network: the amount brings the words, and is their own field.
                    Some(when) if when == name => continue,
                    Some(when) if template.fields[when].kind == FieldKind::Flag => {
                        fields.set(when, true);
                    }
                    _ => {}
                }
                sample::remove(&mut fields, name);
                let missing = compose(&template, "en", &fields).expect_err(&format!("{} without {name}", template.id));
                let named = missing.iter().find(|gap| gap.element == element.id);
                let named = named.unwrap_or_else(|| panic!("{}: {} not named for {name}", template.id, element.id));
                let list = name.split('.').next().unwrap_or(name);
                assert!(
                    named.fields.iter().any(|f| f.starts_with(list) || name.ends_with(f.as_str())),
                    "{}: {named:?}",
                    template.id
                );
                assert_eq!(named.cite, element.cite);
                let (letter, _) = preview(&template, "en", &fields);
                assert!(letter.has_gaps() || name.contains('.'), "{}: preview hides the gap of {name}", template.id);
            }
        }
    }
}

/// The texts of one notice's folder, and what every notice leans on.
fn texts_of(shelf: &Shelf, id: &str) -> BTreeMap<String, String> {
    let folder = format!("notices/{}/", id.replace('.', "/"));
    let all = shelf.under("notices/", "");
    all.filter(|f| {
        f.path.starts_with(&folder) || f.path.starts_with("notices/common/") || f.path.ends_with("fields.toml")
    })
    .map(|f| (f.path.clone(), f.text.clone()))
    .collect()
}

/// The body without the mark of one element, so that its words are no longer known to carry it.
fn unmarked(body: &str, element: &str) -> String {
    let line = |line: &str| {
        let bare = line.trim_start_matches("> ").trim();
        let Some(marks) = bare.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) else {
            return line.to_owned();
        };
        let kept: Vec<&str> = marks.split(',').map(str::trim).filter(|mark| *mark != element).collect();
        line.replace(bare, &format!("<!-- {} -->", kept.join(", ")).replace("  ", " "))
    };
    body.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_template_that_lacks_the_words_of_any_one_element_is_refused_by_file_and_element() {
    let shelf = Shelf::read(&[]).expect("embedded packs read");
    for template in worded() {
        let texts = texts_of(&shelf, &template.id);
        let loads = |texts: &BTreeMap<String, String>| {
            let mut issues = Vec::new();
            let laid = texts.iter().map(|(path, text)| (path.as_str(), text.clone()));
            notice::load(&Shelf::of_texts(laid), &mut issues);
            issues
        };
        assert_eq!(loads(&texts), [], "{} alone", template.id);
        for (element, language) in template.elements.iter().flat_map(|e| [(e, "en"), (e, "es")]) {
            let mut broken = texts.clone();
            let path = format!("notices/{}/body.{language}.md", template.id.replace('.', "/"));
            let body = unmarked(&broken[&path], &element.id);
            broken.insert(path, body);
            let told =
                format!("required element {:?} ({}) has no words in body.{language}.md", element.id, element.cite);
            let found = loads(&broken).iter().any(|issue| issue.message.contains(&told));
            assert!(found, "{} {language}: the loader misses that {:?} has no words", template.id, element.id);
        }
    }
}

#[test]
fn every_condition_leads_to_a_whole_letter() {
    for template in worded() {
        let whole = sample::fields(&template, "en");
        let flags = template.fields.iter().filter(|(_, spec)| spec.kind == FieldKind::Flag);
        for (flag, on) in flags.flat_map(|(flag, _)| [(flag, true), (flag, false)]) {
            for language in ["en", "es"] {
                let mut fields = whole.clone();
                fields.set(flag, on);
                let made = compose(&template, language, &fields);
                assert!(made.is_ok(), "{} {language} with {flag} = {on}: {:#?}", template.id, made.err());
            }
        }
    }
}

#[test]
fn english_letters_stay_within_eighth_grade() {
    for template in worded().iter().filter(|template| template.audience == [Audience::Member]) {
        let letter = compose(template, "en", &sample::fields(template, "en")).expect("whole");
        let level = reading_level_of(&letter.prose(), "en");
        assert!(level.grade <= 8.0, "{}: grade {:.1} of {} words", template.id, level.grade, level.words);
    }
}

#[test]
fn spanish_letters_stay_within_sixth_grade() {
    for template in worded().iter().filter(|template| template.audience == [Audience::Member]) {
        let letter = compose(template, "es", &sample::fields(template, "es")).expect("whole");
        let level = reading_level_of(&letter.prose(), "es");
        assert!(level.grade <= 6.0, "{}: grade {:.1} of {} words", template.id, level.grade, level.words);
    }
}

/// Where no line of business has a letter of its own, one for all is there: a case never owes a notice without words.
#[test]
fn every_line_of_business_has_words_for_what_a_case_may_owe() {
    let book = book();
    // Original Medicare's programmes have no such letters here.
    let lines: Vec<&str> = LineOfBusiness::ALL
        .iter()
        .filter(|line| **line != LineOfBusiness::OriginalMedicare)
        .map(LineOfBusiness::word)
        .collect();
    let owed = [
        Purpose::Approval,
        Purpose::AdverseDetermination,
        Purpose::PartialApproval,
        Purpose::RequestForInformation,
        Purpose::Extension,
        Purpose::ExpediteDeclined,
        Purpose::Dismissal,
        Purpose::Withdrawal,
        Purpose::AppealDetermination,
    ];
    for (line, purpose) in lines.iter().flat_map(|line| owed.iter().map(move |purpose| (line, *purpose))) {
        for place in ["US-NY", "US-MA", "US-CA", "US-TX", "US-OH"] {
            let found = book.choose(purpose, line, place, Audience::Member);
            // What Medicare Advantage upholds goes on to the review entity, with that letter; an agency's appeal is the hearing.
            let elsewhere =
                ["medicare-advantage", "medicaid-ffs"].contains(line) && purpose == Purpose::AppealDetermination;
            assert!(found.is_some() != elsewhere, "{purpose:?} for {line} in {place}");
        }
    }
}

#[test]
fn the_committed_page_of_notices_is_current() {
    let page = page::page(&book());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/conform/notices.md");
    if std::env::var_os("VIGIL_ACCEPT").is_some() {
        fs::write(&path, &page).expect("the page");
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page, "run VIGIL_ACCEPT=1 cargo test -p vigil-packs");
}

#[test]
fn the_letter_that_fits_is_chosen() {
    let book = book();
    let rows = include_str!("notices/choose.txt");
    for row in rows.lines().filter(|row| !row.starts_with('#') && !row.trim().is_empty()) {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [purpose, line, place, reader, expected] = words[..] else { panic!("five words: {row}") };
        let purpose: Purpose = serde_json::from_value(purpose.into()).expect(row);
        let reader: Audience = serde_json::from_value(reader.into()).expect(row);
        let found = book.choose(purpose, line, place, reader).map_or("none", |template| template.id.as_str());
        assert_eq!(found, expected, "{row}");
    }
}

#[test]
fn a_template_reads_back_from_its_canonical_form() {
    for template in book().all() {
        let back = notice::reopen(&template.canonical).expect("the canonical form reads back");
        assert_eq!(&back, template);
        assert_eq!(template.digest.len(), 64);
    }
}

#[test]
fn windows_name_rules_of_the_law_library() {
    let Some(root) = std::env::var_os("VIGIL_REFERENCE") else {
        println!("skipped: VIGIL_REFERENCE is not set, so the rule ids have nothing to be compared with");
        return;
    };
    let text = fs::read_to_string(PathBuf::from(root).join("domain/clocks.json")).expect("clocks.json");
    let clocks: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let ids: Vec<&str> =
        clocks["rules"].as_array().expect("rules").iter().filter_map(|rule| rule["id"].as_str()).collect();
    for template in book().all() {
        for rule in template.window.iter().filter_map(|window| window.rule.as_deref()) {
            assert!(ids.contains(&rule), "{}: no rule {rule}", template.id);
        }
    }
}

#[test]
fn the_readme_lists_the_fields_of_each_letter() {
    let mut by_section: BTreeMap<String, String> = BTreeMap::new();
    for template in worded() {
        by_section.insert(template.id.clone(), sample::section(&template));
    }
    let generated: String = by_section.into_values().collect();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packs/notices/README.md");
    let readme = fs::read_to_string(&path).unwrap_or_default();
    let mark = "<!-- generated below: VIGIL_ACCEPT=1 cargo test -p vigil-packs -->\n";
    let (kept, have) = readme.split_once(mark).unwrap_or((&readme, ""));
    if std::env::var_os("VIGIL_ACCEPT").is_some() {
        fs::write(&path, format!("{kept}{mark}{generated}")).expect("the readme");
    } else {
        assert_eq!(have, generated, "run VIGIL_ACCEPT=1 cargo test -p vigil-packs");
    }
}
