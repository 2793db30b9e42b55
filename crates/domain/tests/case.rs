//! Case behaviour as plain text: `tests/case/*.txt`, read by one `check`. See `case/README.md` for the words.

#[path = "case/stage.rs"]
mod stage;

use std::{fs, path::Path};

#[test]
fn every_script_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/case");
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
