//! Hospital stays out of FHIR: a Bundle, or lines of NDJSON. Every record is accounted for, and what is taken makes a stay's
//! track, in any order of the records.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigil_domain::{
    stay::{facility::SiteMap, track::Track},
    time::{Moment, Zone},
};
use vigil_wire::fhir::hospital::{FhirReading, Gathered, Gathering, is_of};

fn gathered<'a>(texts: impl Iterator<Item = &'a [u8]>, site: &SiteMap, zone: &Zone) -> Gathered {
    let mut gathering = Gathering::new(zone.clone());
    texts.for_each(|text| gathering.read("fuzz", text));
    let recorded_at: Moment = "2026-03-09T12:00:00Z".parse().expect("a moment");
    gathering.finish(FhirReading { site, zone, sender: "fuzz", recorded_at })
}

fuzz_target!(|bytes: &[u8]| {
    let (site, zone) = (SiteMap::default(), Zone::named("America/New_York").expect("a zone"));
    let whole = gathered(std::iter::once(bytes), &site, &zone);
    let lines: Vec<&[u8]> = bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
    lines.iter().for_each(|line| drop(is_of("Encounter", line)));
    let forth = gathered(lines.iter().copied(), &site, &zone);
    for read in [&whole, &forth] {
        assert_eq!(read.account.accounted(), read.account.records, "every record is accounted for: {:?}", read.account);
        assert!(read.account.refused.iter().all(|r| !r.place.is_empty()), "a refusal says where");
        for news in &read.news {
            let once = Track::derive(std::slice::from_ref(news), &site, &zone);
            let twice = Track::derive(&[news.clone(), news.clone()], &site, &zone);
            assert_eq!(once, twice, "the same news twice change nothing");
        }
    }
});
