//! Pack files of an overlay: every reader sees the text under each of the places it reads from.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigil_domain::law::Rule;
use vigil_packs::{authority, criteria, law, notice, requirement, shelf::Shelf};

const PLACES: [&str; 6] = [
    "law/us/x/rule.toml",
    "calendars/x.toml",
    "criteria/x/1.toml",
    "requirements/x/list.toml",
    "authority/x.toml",
    "notices/us/x/notice.toml",
];

fuzz_target!(|text: &str| {
    let _whether = (Rule::from_canonical(text).is_ok(), criteria::from_canonical(text).is_ok());
    let _whether = notice::reopen(text).is_ok();
    for place in PLACES {
        let shelf = Shelf::of([(place.to_owned(), text.to_owned())]);
        let mut issues = Vec::new();
        let book = criteria::load(&shelf, &mut issues);
        let law = law::read(&shelf, &mut issues);
        let _read = (
            requirement::load(&shelf, &book, &mut issues),
            authority::load(&shelf, &mut issues),
            notice::load(&shelf, &mut issues),
        );
        vigil_packs::table::run(&shelf, &law, &mut issues);
        assert!(issues.iter().all(|issue| !issue.to_string().is_empty()));
    }
});
