//! The published conventions, sentence by sentence: each row of `conventions.jsonl` says which sentence it shows, asks a
//! question in the batch format, and has the answer that a reading of the text alone gives. The rows were worked from the
//! text by a second calculation written apart from this engine, not taken from its answers.

use serde_json::Value;

const ROWS: &str = include_str!("conventions.jsonl");

fn rows() -> Vec<Value> {
    ROWS.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

#[test]
fn every_sentence_of_the_conventions_is_kept() {
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{issues:#?}"));
    let mut wrong = Vec::new();
    for row in rows() {
        let answer = vigil_packs::ask::answer_line(&library.law, &row["ask"].to_string());
        let same = answer["status"] == row["status"]
            && answer["due_at"] == row["due_at"]
            && answer["controlling"] == row["controlling"]
            && answer["rule"] == row["controlling"][0];
        if !same {
            wrong.push(format!(
                "{}\n  asked {}\n  wanted {} {}\n  answered {answer}",
                row["says"], row["ask"], row["status"], row["due_at"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_section_and_every_status_has_rows() {
    let rows = rows();
    for section in 1..=8 {
        let shown =
            rows.iter().filter(|row| row["says"].as_str().is_some_and(|s| s.starts_with(&format!("{section}: "))));
        assert!(shown.count() >= 2, "section {section} of the conventions has no rows");
    }
    for status in ["due", "not_started", "not_in_force", "no_clock", "tolled", "invalid"] {
        assert!(rows.iter().any(|row| row["status"] == status), "no row answers {status}");
    }
}
