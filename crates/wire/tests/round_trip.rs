//! What was composed reads back to the same request, in both versions.
#![allow(clippy::unwrap_used)]

mod common;

use proptest::prelude::*;
use vigil_domain::{
    code::{Code, CodeSystem},
    evidence::{ClinicalItem, Document, ItemKind, Value, When},
    party::{Address, Npi, PersonName, Provider, Sex},
    request::{Certification, Diagnosis, Identifier, Quantity, Request, Review, ServiceLine, StatedMember, Urgency},
    time::Day,
};
use vigil_wire::fhir::pas::{Base, compose, read_submit};

const WORD: &str = "[A-Za-z\u{e9}\u{4e2d}\"\\\\/<>&']{1,12}";
const CODE: &str = "[A-Z0-9]{3,7}";

fn word() -> impl Strategy<Value = String> {
    WORD.prop_map(|word| word)
}

fn day(years: std::ops::Range<i16>) -> impl Strategy<Value = Day> {
    (years, 1..=12i8, 1..=28i8).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
}

/// Day of service: after the request was created, so that the review stays what it is.
fn later() -> impl Strategy<Value = Day> {
    day(2027..2030)
}

fn address() -> impl Strategy<Value = Address> {
    (proptest::collection::vec(word(), 0..3), word(), "[A-Z]{2}", "[0-9]{5}")
        .prop_map(|(lines, city, state, zip)| Address { lines, city, state, zip })
}

fn provider(organization: bool) -> impl Strategy<Value = Provider> {
    // Nine digits and the one check digit that holds.
    let npi = "[0-9]{9}".prop_map(|nine| {
        (0..10).map(|last| format!("{nine}{last}")).find(|npi| Npi::checked(npi).is_some()).expect("one of ten holds")
    });
    (proptest::option::of(npi), word(), word(), proptest::option::of("[0-9]{10}"), proptest::option::of(address()))
        .prop_map(move |(npi, given, family, phone, address)| Provider {
            npi,
            name: format!("{given} {family}"),
            organization,
            specialties: if organization { Vec::new() } else { vec!["207R00000X".into()] },
            phone,
            address,
            networks: Vec::new(),
        })
}

fn member() -> impl Strategy<Value = StatedMember> {
    let sex = prop_oneof![Just(Sex::Female), Just(Sex::Male), Just(Sex::OtherSex), Just(Sex::Unknown)];
    (
        CODE,
        proptest::option::of("S[0-9]{8}"),
        word(),
        word(),
        proptest::option::of(day(1930..2020)),
        sex,
        proptest::option::of(address()),
    )
        .prop_map(|(member_id, subscriber_id, family, given, birth_day, sex, address)| StatedMember {
            standing: Default::default(),
            member_id,
            subscriber_id,
            name: PersonName { family, given },
            birth_day,
            sex,
            address,
            phone: Some("5550100".into()),
            language: Some("es".into()),
        })
}

fn line(sequence: u32) -> impl Strategy<Value = ServiceLine> {
    let certification = prop_oneof![
        Just(Certification::Initial),
        Just(Certification::Renewal),
        Just(Certification::Revised),
        Just(Certification::Cancel)
    ];
    let quantity =
        proptest::option::of((1..9999u32, word()).prop_map(|(n, unit)| Quantity { amount: f64::from(n) / 8.0, unit }));
    let service = prop_oneof![
        CODE.prop_map(|code| Code::new(CodeSystem::Hcpcs, format!("E{code}"))),
        CODE.prop_map(|code| Code::new(CodeSystem::Cpt, code)),
        CODE.prop_map(|code| Code::new(CodeSystem::Snomed, code)),
    ];
    let days = prop_oneof![
        Just((None, None)),
        later().prop_map(|day| (Some(day), None)),
        later().prop_map(|day| (Some(day), Some(day)))
    ];
    let drug = any::<bool>();
    let marks = (drug, any::<bool>(), proptest::option::of(Just("changed".to_owned())), proptest::option::of(CODE));
    (service, certification, quantity, days, marks, proptest::option::of(word()), proptest::option::of(provider(true)))
        .prop_map(move |(service, certification, quantity, (from, through), marks, description, provider)| {
            ServiceLine {
                sequence,
                service,
                also: vec![Code::new(CodeSystem::Revenue, "0420"), Code::new(CodeSystem::ServiceType, "42")],
                modifiers: vec!["RR".into()],
                description,
                quantity,
                from,
                through,
                place: Some(Code::new(CodeSystem::PlaceOfService, "12")),
                provider,
                certification,
                drug: marks.0,
                diagnoses: vec![1],
                earlier_authorization: marks.3,
                cancelled: marks.1,
                changed: marks.2,
            }
        })
}

fn item(index: usize) -> impl Strategy<Value = ClinicalItem> {
    let when = prop_oneof![
        Just(None),
        day(2020..2026).prop_map(|day| Some(When::Day(day))),
        (0..4_000_000_000i64).prop_map(|s| Some(When::Moment(jiff::Timestamp::from_second(s).unwrap()))),
    ];
    let observation = (CODE, -999i32..9999, when.clone()).prop_map(move |(code, number, when)| ClinicalItem {
        bound: None,
        doubt: None,
        kind: ItemKind::Observation,
        codes: vec![Code::new(CodeSystem::Loinc, code)],
        link_id: None,
        questionnaire: None,
        value: Some(Value::Number(f64::from(number) / 4.0)),
        unit: Some("mm[Hg]".into()),
        when,
        place: format!("Observation/o{index}"),
    });
    let condition = (CODE, when.clone()).prop_map(move |(code, when)| ClinicalItem {
        bound: None,
        doubt: None,
        kind: ItemKind::Condition,
        codes: vec![Code::new(CodeSystem::Icd10Cm, code)],
        link_id: None,
        questionnaire: None,
        value: None,
        unit: None,
        when,
        place: format!("Condition/c{index}"),
    });
    let stated = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        (0..500u32).prop_map(|n| Value::Number(f64::from(n))),
        word().prop_map(Value::Text),
        day(2020..2026).prop_map(Value::Day),
    ];
    let answer = (word(), stated, when).prop_map(move |(link, value, when)| ClinicalItem {
        bound: None,
        doubt: None,
        kind: ItemKind::Answer,
        codes: Vec::new(),
        link_id: Some(link.clone()),
        questionnaire: Some("http://example.org/Questionnaire/q".into()),
        value: Some(value),
        unit: None,
        when,
        place: format!("QuestionnaireResponse/q{index}#{link}"),
    });
    prop_oneof![observation, condition, answer]
}

fn request() -> impl Strategy<Value = Request> {
    let review = prop_oneof![Just(Review::Prospective), Just(Review::Concurrent)];
    let urgency = prop_oneof![Just(Urgency::Standard), Just(Urgency::Expedited)];
    let parties = (provider(true), proptest::option::of(provider(false)), proptest::option::of(provider(true)));
    let items = (item(0), item(1), item(2)).prop_map(|(a, b, c)| vec![a, b, c]);
    let lines = (line(1), line(2)).prop_map(|(a, b)| vec![a, b]);
    let update = proptest::option::of(CODE);
    (review, urgency, member(), parties, lines, items, proptest::option::of(word()), update, word()).prop_map(
        |(review, urgency, member, (requester, practitioner, facility), lines, items, note, update, title)| Request {
            receipt: common::receipt(),
            review,
            urgency,
            payer_id: "1234567893".into(),
            payer_name: Some("Example Health".into()),
            plan_id: Some("H0000-001".into()),
            member,
            requester,
            practitioner,
            facility,
            diagnoses: vec![Diagnosis {
                sequence: 1,
                code: Code { label: Some("stated".into()), ..Code::new(CodeSystem::Icd10Cm, "J96.11") },
                role: Some("principal".into()),
                recorded_on: Some(jiff::civil::date(2026, 3, 1)),
            }],
            lines,
            items,
            documents: vec![Document {
                digest: None,
                title,
                media_type: "application/pdf".into(),
                size: 1234,
                on: Some(jiff::civil::date(2026, 2, 2)),
                place: "DocumentReference/d1".into(),
            }],
            identifiers: vec![Identifier { system: "urn:example:requests".into(), value: "R-1".into() }],
            circumstances: Vec::new(),
            cut: None,
            updates: update.into_iter().map(|value| Identifier { system: String::new(), value }).collect(),
            note,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]
    #[test]
    fn what_was_composed_reads_back(request in request()) {
        for base in Base::ALL {
                        let body = compose::bundle(base, &request);
            let read = read_submit(base, &body, request.receipt.clone());
            let submission = read.unwrap_or_else(|issues| panic!("{issues:#?}\n{}", String::from_utf8_lossy(&body)));
            prop_assert_eq!(&submission.request, &request);
            let silent = request.requester.npi.is_none() || submission.warnings.is_empty();
            prop_assert!(silent, "{:?}", submission.warnings);
        }
    }
}
