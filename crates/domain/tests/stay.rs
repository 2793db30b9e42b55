//! Stay behaviour as plain text: `tests/stay/*.txt`, read by one `check`. See `stay/README.md` for the words.

#![allow(clippy::unwrap_used, reason = "a test that cannot get what it needs fails")]

#[path = "stay/commands.rs"]
mod commands;
#[path = "ledger/made.rs"]
#[allow(dead_code, reason = "the ledger's tests use the rest")]
mod made;
#[path = "stay/orders.rs"]
mod orders;
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
    if let Err(why) = orders::every_order() {
        panic!("{why}");
    }
}

/// Arrivals in the ordinary run; `VIGIL_SHUFFLES` asks for more (`scripts/soak shuffles` for 10,000).
const SHUFFLES: u64 = 500;

#[test]
fn whole_stays_are_and_owe_the_same_in_any_order() {
    let asked = std::env::var("VIGIL_SHUFFLES").ok().and_then(|n| n.parse().ok()).unwrap_or(SHUFFLES);
    match orders::shuffles(asked) {
        Ok((owing, stays)) => {
            println!(
                "{asked} arrivals of {stays} stays: each stay is and owes the same; {owing} of them owe something"
            );
            assert!(owing * 3 > stays, "most stays made owe a notice or have a clock: {owing} of {stays}");
        }
        Err(why) => panic!("{why}"),
    }
}
