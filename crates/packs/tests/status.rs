//! The shipped status packs: they open, their rules are cited, their worked rows come out.

use vigil_packs::{shelf::Shelf, status};

#[test]
fn the_shipped_status_packs_open() {
    let mut issues = Vec::new();
    let read = status::read(&Shelf::read(&[]).unwrap(), &mut issues);
    assert!(issues.is_empty(), "{issues:#?}");
    assert!(read.book.rules().len() > 15);
    assert!(read.places.values().all(|place| place.line > 0));
}
