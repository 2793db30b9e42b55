//! Rosters and directories as FHIR: one resource, a Bundle, or NDJSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigil_wire::fhir::directory::read_directory;

fuzz_target!(|body: &[u8]| {
    match read_directory(body, "P1") {
        Ok(read) => {
            assert!(read.providers.iter().all(|p| p.npi.is_some()), "every provider has an NPI");
            assert!(read.members.iter().all(|m| !m.member_id.is_empty()), "every member has a number");
        }
        Err(issues) => assert!(!issues.is_empty(), "a refusal says why"),
    }
});
