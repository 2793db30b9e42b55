//! HL7 version 2: samples in, what is read of them, and the acknowledgement, as files; and whatever is cut or garbled on the
//! way is an answer, never a panic. `VIGIL_ACCEPT=1` writes the files anew.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use vigil_domain::{
    stay::{
        facility::{ClassRule, OrderRule, PayerRule, SiteMap},
        news::{PatientStatus, StayNews},
    },
    time::{Moment, Zone},
};
use vigil_wire::{
    hl7::{Ack, Message, Reading, acknowledge, made::Maker, read},
    issue::Severity,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples/hl7")
}

fn golden(name: &str, text: &str) {
    let path = folder().join(name);
    if std::env::var_os("VIGIL_ACCEPT").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{name} differs; look at it, then accept it with VIGIL_ACCEPT=1 cargo test -p vigil-wire\n{text}"
    );
}

/// The sample with the ends of segments that the wire has.
fn sample(name: &str) -> Vec<u8> {
    std::fs::read_to_string(folder().join(format!("{name}.hl7"))).unwrap().replace('\n', "\r").into_bytes()
}

fn site() -> SiteMap {
    let observation = ClassRule {
        class: Some("O".into()),
        patient_type: Some("OBS".into()),
        service: None,
        accommodation: None,
        unit: None,
        field: None,
        status: PatientStatus::Observation,
    };
    let order = |words: &str, status| OrderRule { code: None, words: Some(words.into()), status };
    let advantage = PayerRule {
        payer_id: Some("H9999".into()),
        plan_id: None,
        plan_type: None,
        words: None,
        line_of_business: vigil_domain::party::LineOfBusiness::MedicareAdvantage,
    };
    SiteMap {
        classes: vec![observation],
        orders: vec![
            order("observation", PatientStatus::Observation),
            order("admit to inpatient", PatientStatus::Inpatient),
        ],
        payers: vec![advantage],
        care_start: vec!["ZPV-4".into()],
        ..SiteMap::default()
    }
}

fn now() -> Moment {
    "2026-03-01T15:20:00Z".parse().unwrap()
}

fn zone() -> Zone {
    Zone::named("America/New_York").unwrap()
}

/// What is read of bytes, and the acknowledgement.
fn answer(bytes: &[u8]) -> (Vec<StayNews>, String, Ack) {
    let (site, zone) = (site(), zone());
    let reading = Reading { site: &site, zone: &zone, mark: "mark", received_at: now() };
    let message = match Message::parse(bytes) {
        Ok(message) => message,
        Err(issue) => return (Vec::new(), acknowledge(&Default::default(), Ack::Reject, &[issue], now()), Ack::Reject),
    };
    let header = message.header();
    match read(&message, reading) {
        Ok(received) => (received.news, acknowledge(&header, Ack::Accept, &received.issues, now()), Ack::Accept),
        Err(unread) => {
            let ack = if unread.unsupported { Ack::Reject } else { Ack::Error };
            assert!(unread.issues.iter().any(|i| i.severity <= Severity::Error), "a refusal says why");
            (Vec::new(), acknowledge(&header, ack, &unread.issues, now()), ack)
        }
    }
}

const SAMPLES: &[(&str, Ack, usize)] = &[
    ("admit", Ack::Accept, 1),
    ("cleared", Ack::Accept, 1),
    ("merge", Ack::Accept, 2),
    ("move", Ack::Accept, 1),
    ("swap", Ack::Accept, 2),
    ("order", Ack::Accept, 2),
    ("movement", Ack::Accept, 1),
    ("pending", Ack::Accept, 0),
    ("faulty", Ack::Error, 0),
    ("unsupported", Ack::Reject, 0),
];

#[test]
fn samples_are_read_and_acknowledged_as_kept() {
    for (name, wanted, count) in SAMPLES {
        let (news, ack, said) = answer(&sample(name));
        assert_eq!((said, news.len()), (*wanted, *count), "{name}: {ack}");
        golden(&format!("{name}.ack.hl7"), &ack.replace('\r', "\n"));
        if !news.is_empty() {
            golden(&format!("{name}.read.json"), &format!("{:#}\n", serde_json::to_value(&news).unwrap()));
        }
    }
}

#[test]
fn every_fault_names_its_segment_and_field() {
    let (_, ack, _) = answer(&sample("faulty"));
    for place in ["MSH^1^7", "MSH^1^10", "EVN^1^2", "PID^1^3", "PID^1^7", "PV1^1^19", "PV1^1^44"] {
        assert!(ack.contains(place), "{place} in {ack}");
    }
    assert!(ack.contains("MSA|AE|"));
}

#[test]
fn code_pages_that_are_not_unicode_are_read_and_said() {
    let mut bytes = sample("admit");
    let at = bytes.windows(2).position(|w| w == "ñ".as_bytes()).unwrap();
    bytes.splice(at..at + 2, [0xF1]);
    let at = bytes.windows(2).position(|w| w == "í".as_bytes()).unwrap();
    bytes.splice(at..at + 2, [0xED]);
    let (news, _, _) = answer(&bytes);
    assert_eq!(news[0].patient.name.as_ref().unwrap().value().unwrap().family, "Muñoz&Sons");
    let text = String::from_utf8_lossy(&sample("admit")).replace("UNICODE UTF-8", "BIG-5");
    let mut bytes = text.into_bytes();
    bytes.push(0xA4);
    let (news, ack, _) = answer(&bytes);
    assert_eq!(news.len(), 1);
    assert!(ack.contains("MSH^1^18"), "{ack}");
}

#[test]
fn what_is_cut_or_garbled_is_an_answer() {
    let mut read_again = 0;
    for (name, ..) in SAMPLES {
        let whole = sample(name);
        for end in 0..whole.len() {
            read_again += answer(&whole[..end]).0.len();
        }
        let mut seed = 0x2545_F491_4F6C_DD1D_u64;
        for _ in 0..2_000 {
            let mut bytes = whole.clone();
            for _ in 0..3 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                let at = (seed as usize >> 8) % bytes.len();
                match seed % 4 {
                    0 => bytes[at] = (seed >> 40) as u8,
                    1 => drop(bytes.remove(at)),
                    2 => bytes.insert(at, b"|^~\\&\r\"\x0b\xff"[(seed >> 40) as usize % 9]),
                    _ => bytes.extend(whole.iter().skip(at).take(40)),
                }
            }
            read_again += answer(&bytes).0.len();
        }
    }
    assert!(read_again > 1_000, "many of them can still be read: {read_again}");
}

#[test]
fn news_written_as_messages_are_read_back() {
    let maker = Maker { application: "REG".into(), facility: "MERCY".into(), zone: zone() };
    let (mut news, ..) = answer(&sample("admit"));
    let mut first = news.remove(0);
    let text = maker.message(&first, "M0001").unwrap();
    let (again, ack, _) = answer(text.as_bytes());
    let mut again = again.into_iter().next().unwrap_or_else(|| panic!("{ack}"));
    // What the maker does not write: own segments, lengths of plans, and the language.
    first.kept.clear();
    first.visit.care_started_at = None;
    first.visit.expected_at = None;
    first.visit.reason = None;
    first.visit.confidential = None;
    first.visit.admission_type = None;
    first.expected_discharge = None;
    first.patient.language = None;
    first.patient.address = None;
    again.patient.address = None;
    first.payers.iter_mut().flatten().for_each(|p| p.authorizations.clear());
    if let Some(place) = first.place.as_mut() {
        *place = again.place.clone().unwrap();
    }
    assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&first).unwrap());
}
