//! Stay behaviour as plain text: `tests/stay/*.txt`, read by one `check`. See `stay/README.md` for the words.

#[path = "stay/people.rs"]
mod people;
mod script;
#[path = "stay/stage.rs"]
mod stage;

#[test]
fn every_stay_script_holds() {
    script::every("stay", stage::play);
}

#[test]
fn a_stay_owes_the_same_in_any_order_of_its_news() {
    if let Err(why) = stage::every_order() {
        panic!("{why}");
    }
}
