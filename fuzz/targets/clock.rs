//! Questions about clocks as JSON lines, asked of the whole law.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vigil_domain::library::Library;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| vigil_packs::open(&[]).expect("the packs are sound"));

fuzz_target!(|text: &str| {
    let answer = vigil_packs::ask::answer_line(&LIBRARY.law, text);
    assert!(answer.get("status").is_some_and(|status| status.is_string()), "every line has an answer");
});
