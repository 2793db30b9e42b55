//! Hospital stays out of FHIR: lines of NDJSON or one Bundle; every record is accounted for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigil_domain::{
    stay::{facility::SiteMap, track::Track},
    time::Zone,
};
use vigil_wire::fhir::hospital::{FhirReading, Gathering};

fuzz_target!(|bytes: &[u8]| {
    let mut gathering = Gathering::default();
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Ok(_) => gathering.read("whole", bytes),
        Err(_) => bytes.split(|b| *b == b'\n').for_each(|line| gathering.read("line", line)),
    }
    let (site, zone) = (SiteMap::default(), Zone::named("America/New_York").expect("a zone"));
    let recorded_at = "2026-03-01T15:20:00Z".parse().expect("a moment");
    let gathered = gathering.finish(FhirReading { site: &site, zone: &zone, sender: "fuzz", recorded_at });
    let _track = Track::derive(&gathered.news, &site, &zone);
});
