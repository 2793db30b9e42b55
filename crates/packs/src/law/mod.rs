//! The law room of the library: rules and calendars from `packs/law` and `packs/calendars` to a [`LawBook`].

mod calendar;
pub mod inline;
mod overlay;
mod read;

use std::collections::BTreeMap;

use crate::{issue::PackIssue, shelf::Shelf};
use vigil_domain::law::{Family, LawBook};

/// Where something stands in the packs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Pack file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// 0 for the shipped packs, 1 for the first overlay, and so on.
    pub layer: usize,
}

/// The law as read, with the place of every version.
#[derive(Debug, Default)]
pub struct LawRead {
    /// The book.
    pub book: LawBook,
    /// Rule id to place.
    pub places: BTreeMap<String, Place>,
}

/// Reads this room's packs from the shelf.
pub fn load(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> LawBook {
    read(shelf, issues).book
}

/// Reads this room's packs and keeps the places, for the linter.
pub fn read(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> LawRead {
    let calendars = calendar::read(shelf, issues);
    let mut families: Vec<Family> = Vec::new();
    let mut places = BTreeMap::new();

    for file in shelf.under("law/", ".toml").filter(|f| !f.path.ends_with(".cases.toml") && f.layer == 0) {
        for read in read::families(file, issues) {
            overlay::lay(read, file, &mut families, &mut places, &calendars, issues);
        }
    }
    let layers = shelf.under("law/", ".toml").map(|f| f.layer).max().unwrap_or_default();
    for layer in 1..=layers {
        for file in shelf.under("law/", ".toml").filter(|f| !f.path.ends_with(".cases.toml") && f.layer == layer) {
            for read in read::families(file, issues) {
                overlay::lay(read, file, &mut families, &mut places, &calendars, issues);
            }
        }
    }
    for family in &mut families {
        family.versions.sort_by_key(|v| v.effective.from);
    }
    LawRead { book: LawBook::new(families, calendars), places }
}
