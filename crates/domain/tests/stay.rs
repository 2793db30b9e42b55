//! Stay behaviour as plain text: `tests/stay/*.txt`, read by one `check`. See `stay/README.md` for the words.

#[path = "stay/people.rs"]
mod people;
#[path = "stay/stage.rs"]
mod stage;

use std::{fs, path::Path};

#[test]
fn every_stay_script_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stay");
    let mut scripts = 0;
    let mut failures = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder).expect("the scripts' folder").flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "txt")) {
        let text = fs::read_to_string(file).expect("a script");
        for script in text.split("\n== ").skip(1) {
            scripts += 1;
            let title = script.lines().next().unwrap_or_default();
            if let Err(why) = stage::play(script) {
                failures.push(format!("{} == {title}\n    {why}", file.display()));
            }
        }
    }
    assert!(scripts > 20, "only {scripts} scripts were found");
    assert!(failures.is_empty(), "{} of {scripts} scripts failed:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn a_stay_owes_the_same_in_any_order_of_its_news() {
    if let Err(why) = stage::every_order() {
        panic!("{why}");
    }
}
