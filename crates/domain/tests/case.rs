//! Case behaviour as plain text: `tests/case/*.txt`, read by one `check`. See `case/README.md` for the words.

#[path = "case/people.rs"]
mod people;
#[path = "case/reach.rs"]
mod reach;
mod script;
#[path = "case/stage.rs"]
mod stage;

#[test]
fn every_script_holds() {
    script::every("case", stage::play);
}
