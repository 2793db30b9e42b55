//! Rosters, coverages, providers and contracts as CSV; the first byte chooses the table.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigil_wire::csv;

fuzz_target!(|bytes: &[u8]| {
    let Some((table, bytes)) = bytes.split_first() else { return };
    let issues = match table % 4 {
        0 => csv::read_members(bytes).err(),
        1 => csv::read_coverages(bytes).err(),
        2 => csv::read_providers(bytes).err(),
        _ => csv::read_contracts(bytes).err(),
    };
    assert!(issues.is_none_or(|issues| !issues.is_empty()), "a refusal says why");
});
