//! HL7 version 2 messages: read or refused, answered either way, and news that a stay can take without panicking.
//! A line break in an input stands for the end of a segment, so that seeds can be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigil_domain::{
    stay::{facility::SiteMap, track::Track},
    time::{Moment, Zone},
};
use vigil_wire::hl7::{Ack, Message, Reading, acknowledge, read};

fuzz_target!(|bytes: &[u8]| {
    let bytes: Vec<u8> = bytes.iter().map(|b| if *b == b'\n' { b'\r' } else { *b }).collect();
    let now: Moment = "2026-03-01T15:20:00Z".parse().expect("a moment");
    let (site, zone) = (SiteMap::default(), Zone::named("America/New_York").expect("a zone"));
    let message = match Message::parse(&bytes) {
        Ok(message) => message,
        Err(issue) => {
            assert!(acknowledge(&Default::default(), Ack::Reject, &[issue], now).starts_with("MSH|"));
            return;
        }
    };
    let header = message.header();
    let reading = Reading { site: &site, zone: &zone, mark: "mark", received_at: now };
    match read(&message, reading) {
        Ok(received) => {
            let answer = acknowledge(&header, Ack::Accept, &received.issues, now);
            assert!(Message::parse(answer.as_bytes()).is_ok(), "an acknowledgement is a message: {answer}");
            let once = Track::derive(&received.news, &site, &zone);
            let mut other_way = received.news.clone();
            other_way.reverse();
            assert_eq!(once, Track::derive(&other_way, &site, &zone), "the order of arrival does not matter");
        }
        Err(unread) => {
            assert!(!unread.issues.is_empty(), "a refusal says why");
            let answer = acknowledge(&header, Ack::Error, &unread.issues, now);
            assert!(Message::parse(answer.as_bytes()).is_ok(), "an acknowledgement is a message: {answer}");
        }
    }
});
