//! How scripts are found, read line by line and replayed, whatever their subject.

use std::{fmt::Display, fs, path::Path, sync::OnceLock};

use serde::{Serialize, de::DeserializeOwned};
use vigil_domain::{library::Library, time::Moment};

/// The real library.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{} pack issues", issues.len())))
}

/// Plays every script of a folder of the tests; all that do not hold are told.
pub fn every(folder: &str, play: impl Fn(&str) -> Result<(), String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut scripts = 0;
    let mut failures = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder).expect("the scripts' folder").flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "txt")) {
        let text = fs::read_to_string(file).expect("a script");
        for script in text.split("\n== ").skip(1) {
            scripts += 1;
            let title = script.lines().next().unwrap_or_default();
            if let Err(why) = play(script) {
                failures.push(format!("{} == {title}\n    {why}", file.display()));
            }
        }
    }
    assert!(scripts > 20, "only {scripts} scripts were found");
    assert!(failures.is_empty(), "{} of {scripts} scripts failed:\n{}", failures.len(), failures.join("\n"));
}

/// One line of a script.
pub enum Line<'a> {
    /// Something is done at a moment.
    At(Moment, &'a str),
    /// Something is expected.
    Expect(&'a str),
}

/// Reads a script's lines; the first that does not hold is the answer.
pub fn each(script: &str, mut step: impl FnMut(Line<'_>) -> Result<(), String>) -> Result<(), String> {
    for line in script.lines().skip(1) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        read(line).and_then(&mut step).map_err(|why| format!("{line}\n    {why}"))?;
    }
    Ok(())
}

fn read(line: &str) -> Result<Line<'_>, String> {
    match line.split_once(' ') {
        Some(("at", rest)) => {
            let (at, act) = rest.split_once(' ').ok_or("an act is missing")?;
            Ok(Line::At(at.parse().map_err(|e| format!("{e}"))?, act))
        }
        Some(("expect", what)) => Ok(Line::Expect(what)),
        _ => Err("a step is `at` or `expect`".into()),
    }
}

/// Replay equals live, through the stored form; every event has a name.
pub fn replays<S, E, F>(
    log: &[(E, Moment)],
    live: &Option<S>,
    kind: impl Fn(&E) -> &'static str,
    evolve: impl Fn(Option<S>, &E, Moment) -> Result<S, F>,
) -> Result<(), String>
where
    S: PartialEq,
    E: Serialize + DeserializeOwned + PartialEq,
    F: Display,
{
    let mut state = None;
    for (event, at) in log {
        let named = kind(event);
        let stored = serde_json::to_string(event).map_err(|e| e.to_string())?;
        let read: E = serde_json::from_str(&stored).map_err(|e| format!("{named}: {e}"))?;
        if read != *event {
            return Err(format!("{named} does not come back as stored"));
        }
        if named == "unnamed" {
            return Err(format!("an event has no name: {stored}"));
        }
        state = Some(evolve(state, &read, *at).map_err(|e| e.to_string())?);
    }
    if state == *live { Ok(()) } else { Err("replay differs from live".into()) }
}
