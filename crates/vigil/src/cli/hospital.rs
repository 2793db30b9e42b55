//! A hospital's files, gathered from folders: what is read goes along, the rest is counted where it lies.

use std::path::{Path, PathBuf};

use vigil_wire::fhir::hospital::{READ, is_of};

use super::{ask::Wrong, message};
use crate::control::Input;

/// Whether a folder looks like a hospital's bulk export.
pub fn is_hospital(path: &Path) -> bool {
    let inside = |folder: &Path| folder.join("Encounter.ndjson").is_file();
    let folders = || std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir());
    path.is_dir() && (inside(path) || folders().any(|folder| inside(&folder)))
}

/// Reads the files that matter; gives how many records the others hold, by type.
///
/// # Errors
/// A file that cannot be read.
pub fn gather(paths: &[PathBuf], inputs: &mut Vec<Input>) -> Result<Vec<(String, u64)>, Wrong> {
    let mut counted = Vec::new();
    for path in paths {
        walk(path, inputs, &mut counted)?;
    }
    Ok(counted)
}

fn walk(path: &Path, inputs: &mut Vec<Input>, counted: &mut Vec<(String, u64)>) -> Result<(), Wrong> {
    if !path.is_dir() {
        return file(path, inputs, counted);
    }
    let unreadable = |error: std::io::Error| Wrong::unreadable(&path.display().to_string(), &error);
    let entries = std::fs::read_dir(path).and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect());
    let mut inside: Vec<PathBuf> = entries.map_err(unreadable)?;
    inside.sort();
    for entry in inside.iter().filter(|entry| entry.is_dir() || is_fhir(entry)) {
        walk(entry, inputs, counted)?;
    }
    Ok(())
}

/// FHIR files; a name that begins with an underscore is the exporter's own note.
fn is_fhir(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let known = [".ndjson", ".json"].iter().any(|end| name.ends_with(end));
    known && !name.starts_with('_')
}

fn file(path: &Path, inputs: &mut Vec<Input>, counted: &mut Vec<(String, u64)>) -> Result<(), Wrong> {
    let input = message::read(path)?;
    let stem = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    // A bulk export names each file by the type of its records, sometimes with a number after it.
    let kind = stem.split(['.', '-', '_']).next().unwrap_or_default().to_owned();
    let named = kind.chars().next().is_some_and(char::is_uppercase) && path.extension().is_some_and(|e| e == "ndjson");
    if named && !READ.contains(&kind.as_str()) {
        let lines: Vec<&[u8]> = input.bytes.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).collect();
        if lines.iter().all(|line| is_of(&kind, line)) {
            counted.push((kind, u64::try_from(lines.len()).unwrap_or(u64::MAX)));
            return Ok(());
        }
    }
    inputs.push(input);
    Ok(())
}
