//! The shelf: every pack file by its path, embedded ones first, overlays laid over them.

use std::{collections::BTreeMap, fs, path::Path};

use include_dir::{Dir, DirEntry, include_dir};
use sha2::{Digest as _, Sha256};

use crate::issue::PackIssue;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../packs");

/// One pack file as read.
#[derive(Debug, Clone)]
pub struct PackFile {
    /// Path with forward slashes, relative to the pack folder (`law/us/…`).
    pub path: String,
    /// The text.
    pub text: String,
    /// 0 for embedded, 1 for the first overlay, and so on.
    pub layer: usize,
}

/// All pack files. Within one path the highest layer is last; every layer is kept.
#[derive(Debug, Default)]
pub struct Shelf {
    files: BTreeMap<(String, usize), PackFile>,
}

impl Shelf {
    /// Reads the embedded packs and the overlay folders.
    pub fn read(overlays: &[&Path]) -> Result<Self, Vec<PackIssue>> {
        let mut shelf = Self::default();
        shelf.embed(&EMBEDDED);
        let mut issues = Vec::new();
        for (index, folder) in overlays.iter().enumerate() {
            shelf.walk(folder, folder, index + 1, &mut issues);
        }
        if issues.is_empty() { Ok(shelf) } else { Err(issues) }
    }

    /// A shelf of exactly these files, each a path and its text: for those who read packs that are not in a folder.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut shelf = Self::default();
        files.into_iter().for_each(|(path, text)| shelf.put(path, text, 0));
        shelf
    }

    /// A shelf of these texts alone, each under its path: what tests lay out.
    pub fn of_texts<'t>(texts: impl IntoIterator<Item = (&'t str, String)>) -> Self {
        Self::of(texts.into_iter().map(|(path, text)| (path.to_owned(), text)))
    }

    /// Files under a folder (`law/`) whose name ends so (`.toml`), lower layers first.
    pub fn under<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = &'a PackFile> {
        self.files.values().filter(move |f| f.path.starts_with(folder) && f.path.ends_with(ending))
    }

    /// SHA-256 over paths, layers and texts.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for file in self.files.values() {
            hash.update(file.path.as_bytes());
            hash.update([0]);
            hash.update(file.text.as_bytes());
            hash.update([0]);
        }
        hex(&hash.finalize())
    }

    fn embed(&mut self, dir: &Dir<'_>) {
        for entry in dir.entries() {
            match entry {
                DirEntry::Dir(sub) => self.embed(sub),
                DirEntry::File(file) => {
                    if let Some(text) = file.contents_utf8() {
                        self.put(file.path().to_string_lossy().replace('\\', "/"), text.to_owned(), 0);
                    }
                }
            }
        }
    }

    fn walk(&mut self, root: &Path, folder: &Path, layer: usize, issues: &mut Vec<PackIssue>) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return issues.push(PackIssue::new(folder.display().to_string(), 0, error.to_string())),
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.walk(root, &path, layer, issues);
                continue;
            }
            match fs::read_to_string(&path) {
                Ok(text) => {
                    let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                    self.put(name, text, layer);
                }
                Err(error) => issues.push(PackIssue::new(path.display().to_string(), 0, error.to_string())),
            }
        }
    }

    fn put(&mut self, path: String, text: String, layer: usize) {
        self.files.insert((path.clone(), layer), PackFile { path, text, layer });
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// SHA-256 of a text, in lower-case hex.
pub fn digest_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
