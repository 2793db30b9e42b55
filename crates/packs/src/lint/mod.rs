//! The linter of the law: what a compliance officer would ask of every file, asked every time.

mod dates;
mod rows;
mod words;

use vigil_domain::time::Day;

use crate::{
    issue::PackIssue,
    law::{self, LawRead},
    shelf::Shelf,
    table::{self, Row},
};

/// What a check of the law found.
#[derive(Debug)]
pub struct Report {
    /// Every complaint, in file order.
    pub issues: Vec<PackIssue>,
    /// The law as read.
    pub read: LawRead,
    /// The worked examples as run.
    pub rows: Vec<Row>,
}

/// Checks the law packs of a shelf. `on` is the day on which staleness is judged; without it, staleness is not judged.
pub fn check(shelf: &Shelf, on: Option<Day>) -> Report {
    let mut issues = Vec::new();
    let read = law::read(shelf, &mut issues);
    let rows = table::run(shelf, &read, &mut issues);
    let mut lint = Lint { read: &read, issues };
    words::check(&mut lint, on);
    dates::check(&mut lint);
    rows::check(&mut lint, &rows);
    let mut issues = lint.issues;
    issues.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Report { issues, read, rows }
}

/// The library under the lens, and what has been found so far.
struct Lint<'a> {
    read: &'a LawRead,
    issues: Vec<PackIssue>,
}

impl Lint<'_> {
    /// A complaint at the place of a rule.
    fn complain(&mut self, rule: &str, message: impl Into<String>) {
        let place = self.read.places.get(rule).cloned().unwrap_or_default();
        self.issues.push(PackIssue::new(place.file, place.line, format!("{rule}: {}", message.into())));
    }
}
