//! What the loader says about bad notice packs: file, line, and what to do.

use std::{fs, path::PathBuf};

use vigil_packs::{issue::PackIssue, notice, shelf::Shelf};

const TOML: &str = r#"id = "us.test.letter"
purposes = ["withdrawal"]
audience = ["member"]
lines_of_business = ["test"]
jurisdiction = "US"
trigger = "A test."
to_whom = "Nobody."
title = { en = "Test" }

[[element]]
id = "who"
asks = "Who?"
cite = "A test"
confidence = "source seen"
fields = ["member_name"]
"#;

/// Lays files over the embedded packs and gives the complaints.
fn complaints(name: &str, files: &[(&str, &str)]) -> Vec<PackIssue> {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&root);
    for (path, text) in files {
        let path = root.join("notices").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let shelf = Shelf::read(&[&root]).expect("the overlay reads");
    let mut issues = Vec::new();
    notice::load(&shelf, &mut issues);
    issues
}

#[test]
fn each_fault_has_its_place() {
    let good = "<!-- who -->\nDear {{member_name}}";
    let twice =
        format!("{TOML}\n[[element]]\nid = \"who\"\nasks = \"Who?\"\ncite = \"x\"\nconfidence = \"source seen\"\n");
    let other = TOML.replace("us.test.letter", "us.test.other");
    let unknown_set = TOML.replace("trigger", "include = [\"nothing\"]\ntrigger");
    let unknown_key = TOML.replace("trigger", "triger");
    let unknown_field = TOML.replace("member_name", "shoe_size");
    let toml_path = "us/test/letter/notice.toml";
    let body_path = "us/test/letter/body.en.md";
    let rows: &[(&str, &str, &str, &str, usize, &str)] = &[
        ("unmarked", TOML, "Dear {{member_name}}", toml_path, 11, "required element \"who\""),
        ("heading-only", TOML, "<!-- who -->\n# Title\n<!-- -->\nDear {{member_name}}", toml_path, 11, "has no words"),
        ("unprinted", TOML, "<!-- who -->\nDear friend", toml_path, 11, "must print member_name"),
        ("undeclared", TOML, "<!-- who -->\nDear {{member_name}}\n\n{{shoe_size}}", body_path, 4, "not declared"),
        ("flag", TOML, "<!-- who -->\nDear {{member_name}} {{dual}}", body_path, 2, "is a flag"),
        ("parts", TOML, "<!-- who -->\nDear {{member_name}} {{lines}}", body_path, 2, "has parts"),
        ("stray-mark", TOML, "<!-- who -->\nDear {{member_name}}\n<!-- what -->\nx", body_path, 3, "names no element"),
        ("unclosed", TOML, "<!-- who -->\nDear {{member_name}}\n{{#if dual}}\nx", body_path, 3, "is not closed"),
        ("twice", &twice, good, toml_path, 11, "stands twice"),
        ("id", &other, good, toml_path, 1, "this folder holds"),
        ("set", &unknown_set, good, toml_path, 6, "no common set"),
        ("key", &unknown_key, good, toml_path, 6, "unknown field"),
        ("field", &unknown_field, good, toml_path, 11, "does not declare"),
    ];
    for (name, toml, body, file, line, part) in rows {
        let issues = complaints(name, &[(toml_path, toml), (body_path, body)]);
        let told = issues.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let found =
            issues.iter().any(|i| i.file == format!("notices/{file}") && i.line == *line && i.message.contains(part));
        assert!(found, "{name}: no complaint at {file}:{line} with {part:?} among\n{told}");
    }
    assert_eq!(complaints("good", &[(toml_path, TOML), (body_path, good)]), []);
}

#[test]
fn an_overlay_replaces_only_what_it_names_and_drops_no_duty_in_silence() {
    let mut issues = Vec::new();
    let book = notice::load(&Shelf::read(&[]).expect("embedded packs"), &mut issues);
    let digest = &book.get("us.withdrawal").expect("the letter").digest;
    let toml = TOML.replace("us.test.letter", "us.withdrawal").replace("lines_of_business = [\"test\"]\n", "");
    let body = "<!-- who -->\nDear {{member_name}}";
    let path = "us/withdrawal/notice.toml";
    let told = |name: &str, toml: &str| {
        let files = [(path, toml), ("us/withdrawal/body.en.md", body), ("us/withdrawal/body.es.md", body)];
        let issues = complaints(name, &files);
        issues.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let replaces = format!("replaces = \"us.withdrawal@{digest}\"\ntrigger");
    let toml = toml.replace("title = { en = \"Test\" }", "title = { en = \"Test\", es = \"Prueba\" }");
    assert!(told("silent", &toml).contains("to replace this notice say replaces"));
    let loose = told("loose", &toml.replace("trigger", &replaces));
    assert!(loose.contains("drops the required element \"withdrawn\"") && loose.contains("loosens"), "{loose}");
    assert_eq!(told("owned", &toml.replace("trigger", &format!("loosens = \"our form carries it\"\n{replaces}"))), "");
    let stray = complaints("stray", &[("us/withdrawal/body.en.md", "Words.")]);
    assert!(stray.iter().any(|issue| issue.message.contains("needs a notice.toml beside it")));
}
