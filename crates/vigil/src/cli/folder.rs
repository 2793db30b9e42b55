//! Files and folders of files, in an order in which what others point at comes first, and cut into pieces that fit.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
};

use super::ask::Wrong;

/// The largest piece of NDJSON that is sent at once.
const PIECE: usize = 4 << 20;

/// The files that are named, and those of folders that are named whose names end in one of `endings`, in the order of their paths.
///
/// # Errors
/// A folder that cannot be read.
pub fn gather(paths: &[PathBuf], endings: &[&str]) -> Result<Vec<PathBuf>, Wrong> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, endings, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn walk(folder: &Path, endings: &[&str], files: &mut Vec<PathBuf>) -> Result<(), Wrong> {
    let unreadable = |error: std::io::Error| Wrong::unreadable(&folder.display().to_string(), &error);
    let mut inside = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>())
        .map_err(unreadable)?;
    inside.sort();
    for path in inside {
        if path.is_dir() {
            walk(&path, endings, files)?;
        } else if has_ending(&path, endings) {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether a file's name ends in one of these.
pub fn has_ending(file: &Path, endings: &[&str]) -> bool {
    file.extension().is_some_and(|e| endings.iter().any(|k| e.eq_ignore_ascii_case(k)))
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The line it begins at, from 1.
    pub first_line: usize,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Hands over a file in pieces: NDJSON cut between lines, anything else whole. The cuts depend on the bytes alone, so that a second
/// reading makes the same pieces.
///
/// # Errors
/// What the system says, and what `take` says.
pub fn in_parts(file: &Path, take: &mut dyn FnMut(Part)) -> std::io::Result<()> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        take(Part { first_line: 1, bytes });
        return Ok(());
    }
    if !has_ending(file, &["ndjson"]) {
        take(Part { first_line: 1, bytes: std::fs::read(file)? });
        return Ok(());
    }
    let mut reader = BufReader::with_capacity(1 << 20, File::open(file)?);
    let (mut part, mut line) = (Part { first_line: 1, bytes: Vec::new() }, 1);
    loop {
        let read = reader.read_until(b'\n', &mut part.bytes)?;
        line += 1;
        if read == 0 || part.bytes.len() >= PIECE {
            let bytes = std::mem::take(&mut part.bytes);
            if !bytes.is_empty() {
                take(Part { first_line: part.first_line, bytes });
            }
            part.first_line = line;
        }
        if read == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_never_cut_and_each_part_knows_where_it_began() {
        let folder = std::env::temp_dir().join(format!("vigil-folder-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("b")).unwrap();
        let line = format!("{}\n", "x".repeat(1 << 20));
        std::fs::write(folder.join("b/lines.ndjson"), line.repeat(9) + "last").unwrap();
        std::fs::write(folder.join("a.csv"), "one\ntwo\n").unwrap();
        std::fs::write(folder.join("notes.txt"), "").unwrap();
        let files = gather(std::slice::from_ref(&folder), &["csv", "ndjson"]).unwrap();
        assert_eq!(files.len(), 2, "{files:?}");
        let mut parts = Vec::new();
        in_parts(&files[1], &mut |part| parts.push(part)).unwrap();
        let lines: Vec<(usize, usize)> = parts
            .iter()
            .map(|p| (p.first_line, p.bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).count()))
            .collect();
        assert_eq!(lines, [(1, 4), (5, 4), (9, 2)]);
        assert!(parts.iter().all(|p| p.bytes.ends_with(b"\n") || p.bytes.ends_with(b"last")));
        in_parts(&files[0], &mut |part| assert_eq!(part.bytes, b"one\ntwo\n")).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }
}
