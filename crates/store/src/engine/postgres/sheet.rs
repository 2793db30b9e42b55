//! Rows of one table on their way, sent as whole columns in one statement. They are kept by their key, so that the last one
//! (or the first, or the sum) wins inside a batch, and every node touches rows in the same order.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    cell::{Cell, Kind, Param},
    client::Step,
};

/// A table that sheets are written into.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns; the first `key` of them make the row's key inside a batch.
    pub(crate) columns: &'static [(&'static str, Kind)],
    pub(crate) key: usize,
    /// Whether rows are written in the order in which they came (their ids follow it) and not in the order of their keys.
    pub(crate) as_they_came: bool,
    /// What happens to a row that is there already; `old` names it.
    pub(crate) then: &'static str,
}

/// Rows for a table.
pub(crate) struct Sheet<'a> {
    table: &'static Table,
    rows: BTreeMap<Vec<Cell<'a>>, (usize, Vec<Cell<'a>>)>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(table: &'static Table) -> Self {
        Self { table, rows: BTreeMap::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Keeps a row; the last of a key wins.
    pub(crate) fn put(&mut self, mut row: Vec<Cell<'a>>) {
        let rest = row.split_off(self.table.key);
        let came = self.rows.len();
        self.rows.insert(row, (came, rest));
    }

    /// Keeps a row unless its key is taken.
    pub(crate) fn put_first(&mut self, mut row: Vec<Cell<'a>>) {
        let rest = row.split_off(self.table.key);
        let came = self.rows.len();
        self.rows.entry(row).or_insert((came, rest));
    }

    /// Forgets the row of a key.
    pub(crate) fn remove(&mut self, key: &[Cell<'a>]) {
        self.rows.remove(key);
    }

    /// Adds a row's numbers to those of its key.
    pub(crate) fn add(&mut self, mut row: Vec<Cell<'a>>) {
        let rest = row.split_off(self.table.key);
        let came = self.rows.len();
        match self.rows.entry(row) {
            Entry::Vacant(free) => {
                free.insert((came, rest));
            }
            Entry::Occupied(mut taken) => {
                for (sum, more) in taken.get_mut().1.iter_mut().zip(rest) {
                    if let (Cell::Int(sum), Cell::Int(more)) = (sum, more) {
                        *sum += more;
                    }
                }
            }
        }
    }

    /// The rows as one statement's columns.
    pub(crate) fn params(&self) -> Vec<Param<'a>> {
        let mut columns: Vec<Vec<Cell<'a>>> =
            self.table.columns.iter().map(|_| Vec::with_capacity(self.rows.len())).collect();
        let mut rows: Vec<(&Vec<Cell<'a>>, usize, &Vec<Cell<'a>>)> =
            self.rows.iter().map(|(key, (came, rest))| (key, *came, rest)).collect();
        if self.table.as_they_came {
            rows.sort_by_key(|(_, came, _)| *came);
        }
        for (key, _, rest) in rows {
            for (column, cell) in columns.iter_mut().zip(key.iter().chain(rest)) {
                column.push(cell.clone());
            }
        }
        let kinds = self.table.columns.iter().map(|(_, kind)| *kind);
        kinds.zip(columns).map(|(kind, cells)| Param::Many(kind, cells)).collect()
    }

    /// The step that writes the sheet with a text of [`Table::insert`]; none when it is empty.
    pub(crate) fn step(&self, sql: &'a str) -> Option<Step<'a>> {
        (!self.rows.is_empty()).then(|| Step { sql, params: self.params() })
    }
}

impl Table {
    /// The statement that writes a sheet into the table under a suffix.
    pub(crate) fn insert(&self, suffix: &str) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        format!(
            "INSERT INTO {}{suffix} AS old ({}) SELECT * FROM {} {}",
            self.name,
            names.join(", "),
            self.unnest(),
            self.then
        )
    }

    /// The sheet's columns as a table to read from.
    pub(crate) fn unnest(&self) -> String {
        let arrays: Vec<String> = self
            .columns
            .iter()
            .enumerate()
            .map(|(place, (_, kind))| format!("?{}::{}", place + 1, kind.array()))
            .collect();
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        format!("unnest({}) AS sheet ({})", arrays.join(", "), names.join(", "))
    }
}
