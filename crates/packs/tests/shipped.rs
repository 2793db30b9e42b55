//! Every shipped law pack: the worked examples come out, and the linter is clean.

use vigil_packs::{law, shelf::Shelf, table};

#[test]
fn every_worked_example_comes_out_as_worked_by_hand() {
    let shelf = Shelf::read(&[]).unwrap();
    let mut issues = Vec::new();
    let read = law::read(&shelf, &mut issues);
    let rows = table::run(&shelf, &read.book, &mut issues);
    let list: Vec<String> = issues.iter().map(ToString::to_string).collect();
    assert!(issues.is_empty(), "{} of {} rows differ:\n{}", issues.len(), rows.len(), list.join("\n"));
    assert!(rows.len() > 900);
}
