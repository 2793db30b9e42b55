//! Who may deny and hear an appeal, by jurisdiction, as a table; and the lists of what needs review.

use jiff::civil::date;
use vigil_domain::{
    authority::{Act, AuthorityBook, Fit, ReviewQuestion},
    party::{Credential, Licence, LineOfBusiness},
    time::Day,
};
use vigil_packs::{authority, criteria, requirement, shelf::Shelf};

const DAY: Day = date(2026, 3, 6);

fn book() -> AuthorityBook {
    let mut issues = Vec::new();
    let book = authority::load(&Shelf::read(&[]).expect("the embedded packs"), &mut issues);
    assert!(issues.is_empty(), "{issues:#?}");
    book
}

fn reviewer(kind: &str, state: &str, fields: &[&str]) -> Credential {
    Credential {
        person: "reviewer".into(),
        name: "Dr. Rosa Example".into(),
        licences: vec![Licence {
            kind: kind.into(),
            state: state.into(),
            number: "1".into(),
            from: date(2020, 1, 1),
            through: date(2026, 12, 31),
        }],
        specialties: fields.iter().map(|f| (*f).to_owned()).collect(),
        npi: None,
        reports_to: None,
        attested_on: Some(date(2026, 1, 5)),
    }
}

fn question<'a>(lob: &'a LineOfBusiness, jurisdiction: &'a str, act: Act, fields: &'a [String]) -> ReviewQuestion<'a> {
    ReviewQuestion {
        line_of_business: lob,
        jurisdiction,
        accreditation: None,
        act,
        specialties: fields,
        behavioral_health: false,
        substance_use: false,
        day: DAY,
        earlier: &[],
        supervisors: &[],
        attests_no_conflict: true,
        expertise_statement: None,
    }
}

/// The rules that say no; empty when the reviewer qualifies.
fn refusals(book: &AuthorityBook, credential: &Credential, question: &ReviewQuestion<'_>) -> Vec<String> {
    match book.peer_reviewer(credential, question) {
        Ok(peer) => {
            assert!(!peer.rules().is_empty() && peer.person() == credential.person);
            Vec::new()
        }
        Err(reasons) => {
            assert!(reasons.iter().all(|r| !r.says.is_empty() && !r.remedy.is_empty() && !r.citation.is_empty()));
            reasons.into_iter().map(|reason| reason.rule).collect()
        }
    }
}

type Row =
    (LineOfBusiness, &'static str, Act, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

/// Line of business, jurisdiction, act, licence kind and state, fields held -> rules that refuse. The service is home
/// oxygen: pulmonology, internal or family medicine.
#[test]
fn each_jurisdiction_has_its_own_table() {
    use Act::{Appeal, Deny};
    use LineOfBusiness::{CommercialInsured, MedicaidManagedCare, MedicareAdvantage, OriginalMedicare, SelfFunded};
    const LUNG: &[&str] = &["pulmonology"];
    const SKIN: &[&str] = &["dermatology"];
    let rows: &[Row] = &[
        (MedicareAdvantage, "US-NY", Deny, "MD", "NY", LUNG, &[]),
        (MedicareAdvantage, "US-NY", Deny, "MD", "NJ", LUNG, &[]),
        (MedicareAdvantage, "US-NY", Deny, "MD", "NY", SKIN, &["us.ma.deny"]),
        (MedicareAdvantage, "US-NY", Deny, "PharmD", "NY", LUNG, &[]),
        (MedicareAdvantage, "US-NY", Deny, "RN", "NY", LUNG, &["house.deny", "us.ma.deny"]),
        (MedicareAdvantage, "US-TX", Deny, "MD", "NY", LUNG, &[]),
        (MedicareAdvantage, "US-NY", Appeal, "MD", "NY", LUNG, &[]),
        (MedicareAdvantage, "US-NY", Appeal, "PharmD", "NY", LUNG, &["us.ma.appeal"]),
        (MedicareAdvantage, "US-NY", Appeal, "MD", "NY", SKIN, &["us.ma.appeal"]),
        (MedicaidManagedCare, "US-NJ", Deny, "MD", "NJ", SKIN, &["us.medicaid.deny"]),
        (MedicaidManagedCare, "US-NY", Deny, "MD", "NY", SKIN, &["us.medicaid.deny"]),
        (CommercialInsured, "US-NY", Deny, "MD", "NJ", SKIN, &[]),
        (CommercialInsured, "US-NY", Deny, "PharmD", "NY", SKIN, &["ny.deny"]),
        (CommercialInsured, "US-NY", Deny, "PharmD", "NY", LUNG, &[]),
        (CommercialInsured, "US-NY", Appeal, "MD", "NY", SKIN, &["us.erisa.appeal", "ny.appeal"]),
        (CommercialInsured, "US-MA", Deny, "MD", "MA", LUNG, &[]),
        (CommercialInsured, "US-MA", Deny, "MD", "NY", LUNG, &["massachusetts.deny"]),
        (CommercialInsured, "US-MA", Deny, "MD", "MA", SKIN, &["massachusetts.deny"]),
        (CommercialInsured, "US-CA", Deny, "MD", "CA", SKIN, &["ca.deny"]),
        (CommercialInsured, "US-CA", Deny, "MD", "NV", LUNG, &[]),
        (CommercialInsured, "US-TX", Deny, "MD", "TX", SKIN, &[]),
        (CommercialInsured, "US-TX", Deny, "MD", "OK", LUNG, &["tx.deny"]),
        (CommercialInsured, "US-TX", Deny, "PharmD", "TX", LUNG, &["tx.deny", "tx.deny.software"]),
        (CommercialInsured, "US-TX", Appeal, "DO", "TX", LUNG, &[]),
        (SelfFunded, "US-NY", Deny, "PharmD", "NY", SKIN, &[]),
        (SelfFunded, "US-NY", Appeal, "MD", "NY", SKIN, &["us.erisa.appeal"]),
        (OriginalMedicare, "US-TX", Deny, "MD", "OK", SKIN, &[]),
    ];
    let book = book();
    let service: Vec<String> = ["pulmonology", "internal-medicine", "family-medicine"].map(str::to_owned).into();
    for (lob, place, act, kind, state, fields, want) in rows {
        let got = refusals(&book, &reviewer(kind, state, fields), &question(lob, place, act.clone(), &service));
        let mut want: Vec<String> = want.iter().map(|rule| (*rule).to_owned()).collect();
        let mut got = got;
        want.sort();
        got.sort();
        assert_eq!(got, want, "{lob} {place} {act} {kind} {state} {fields:?}");
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let book = book();
    let lob = LineOfBusiness::MedicareAdvantage;
    let service = vec!["pulmonology".to_owned()];
    let earlier = vec!["reviewer".to_owned(), "director".to_owned()];
    let mut bad = reviewer("MD", "NY", &["dermatology"]);
    bad.licences[0].through = date(2026, 3, 5);
    bad.reports_to = Some("director".into());
    bad.attested_on = Some(date(2025, 3, 1));
    let asked = ReviewQuestion {
        earlier: &earlier,
        attests_no_conflict: false,
        ..question(&lob, "US-NY", Act::Appeal, &service)
    };
    let reasons = book.peer_reviewer(&bad, &asked).expect_err("much is wrong");
    let said: Vec<&str> = reasons.iter().map(|reason| reason.says.as_str()).collect();
    for part in
        ["ended on 2026-03-05", "took part", "reports to director", "conflict of interest", "2025-03-01", "expertise"]
    {
        assert!(said.iter().any(|says| says.contains(part)), "{part}: {said:#?}");
    }
}

#[test]
fn single_faults_refuse_and_their_remedy_helps() {
    let book = book();
    let lob = LineOfBusiness::MedicareAdvantage;
    let service = vec!["pulmonology".to_owned()];
    let good = reviewer("MD", "NY", &["pulmonology"]);
    let base = question(&lob, "US-NY", Act::Appeal, &service);
    assert!(refusals(&book, &good, &base).is_empty());
    let mut late = good.clone();
    late.licences[0].through = DAY;
    assert!(refusals(&book, &late, &base).is_empty(), "the last day counts");
    late.licences[0].through = date(2026, 3, 5);
    assert!(!refusals(&book, &late, &base).is_empty());
    let mut early = good.clone();
    early.licences[0].from = date(2026, 3, 7);
    assert!(!refusals(&book, &early, &base).is_empty());
    let involved = vec!["reviewer".to_owned()];
    assert!(!refusals(&book, &good, &ReviewQuestion { earlier: &involved, ..base.clone() }).is_empty());
    assert!(refusals(&book, &good, &ReviewQuestion { earlier: &involved, act: Act::Deny, ..base.clone() }).is_empty());
    let boss = vec!["boss".to_owned()];
    let under = ReviewQuestion { earlier: &boss, supervisors: &boss, ..base.clone() };
    assert_eq!(refusals(&book, &good, &under), ["house.appeal"]);
    assert!(!refusals(&book, &good, &ReviewQuestion { attests_no_conflict: false, ..base.clone() }).is_empty());
    let mut unsigned = good.clone();
    unsigned.attested_on = None;
    assert_eq!(refusals(&book, &unsigned, &base), ["house.appeal"]);
    let nobody = Credential { person: "reviewer".into(), ..Credential::default() };
    assert!(refusals(&book, &nobody, &base).len() >= 3);
    assert!(!refusals(&book, &good, &ReviewQuestion { act: Act::Approve, ..base.clone() }).is_empty());
    let unknown = ReviewQuestion { act: Act::Other("void".into()), ..base };
    assert!(!refusals(&book, &good, &unknown).is_empty());
}

#[test]
fn a_statement_shows_expertise_but_not_similarity() {
    let book = book();
    let service = ["pulmonology".to_owned()];
    let skin = reviewer("MD", "MA", &["dermatology"]);
    let words = Some("Twenty years of care for patients on home oxygen.");
    for (lob, place, fields, want) in [
        (LineOfBusiness::MedicareAdvantage, "US-MA", &service[..], true),
        (LineOfBusiness::CommercialInsured, "US-MA", &service[..], false),
        (LineOfBusiness::CommercialInsured, "US-MA", &[][..], true),
    ] {
        let asked = ReviewQuestion { expertise_statement: words, ..question(&lob, place, Act::Deny, fields) };
        assert_eq!(refusals(&book, &skin, &asked).is_empty(), want, "{lob} {place} {fields:?}");
        let silent = ReviewQuestion { expertise_statement: Some("  "), ..asked };
        assert!(!refusals(&book, &skin, &silent).is_empty());
    }
}

#[test]
fn behavioral_health_needs_somebody_who_treats_it() {
    let book = book();
    let lob = LineOfBusiness::CommercialInsured;
    for (fields, want) in
        [(&["internal-medicine"][..], false), (&["psychiatry"][..], true), (&["addiction-medicine"][..], true)]
    {
        let asked = ReviewQuestion { substance_use: true, ..question(&lob, "US-NY", Act::Deny, &[]) };
        assert_eq!(refusals(&book, &reviewer("MD", "NY", fields), &asked).is_empty(), want, "{fields:?}");
    }
    let ma = LineOfBusiness::MedicareAdvantage;
    let service = vec!["internal-medicine".to_owned()];
    let accredited = ReviewQuestion {
        behavioral_health: true,
        accreditation: Some("ncqa"),
        ..question(&ma, "US-NY", Act::Deny, &service)
    };
    let internist = reviewer("MD", "NY", &["internal-medicine"]);
    assert_eq!(refusals(&book, &internist, &accredited), ["ncqa.um4.deny"]);
    assert!(refusals(&book, &internist, &ReviewQuestion { accreditation: None, ..accredited }).is_empty());
}

#[test]
fn an_accredited_plan_wants_a_peer_of_the_services_own_area() {
    let book = book();
    let own = LineOfBusiness::SelfFunded;
    let (imaging, teeth) = (vec!["radiology".to_owned()], vec!["dentistry".to_owned()]);
    let asked =
        |specialties| ReviewQuestion { accreditation: Some("ncqa"), ..question(&own, "US-OH", Act::Deny, specialties) };
    let dentist = reviewer("DDS", "OH", &["dentistry"]);
    assert_eq!(refusals(&book, &dentist, &asked(&imaging)), ["ncqa.um4.deny"]);
    assert!(refusals(&book, &dentist, &asked(&teeth)).is_empty());
    let pharmacist = reviewer("PharmD", "OH", &["pharmacy"]);
    assert_eq!(refusals(&book, &pharmacist, &asked(&imaging)), ["ncqa.um4.deny"]);
    let physician = reviewer("MD", "OH", &["internal-medicine"]);
    assert!(refusals(&book, &physician, &asked(&imaging)).is_empty(), "a physician reviews every service");
    assert!(refusals(&book, &dentist, &ReviewQuestion { accreditation: None, ..asked(&imaging) }).is_empty());
}

#[test]
fn nurses_approve_and_automation_never_denies() {
    let book = book();
    let nurse = reviewer("RN", "NY", &[]);
    let clerk = Credential { person: "clerk".into(), ..Credential::default() };
    for (lob, place, nurse_may, clerk_may) in [
        (LineOfBusiness::MedicareAdvantage, "US-NY", true, true),
        (LineOfBusiness::CommercialInsured, "US-NY", true, false),
        (LineOfBusiness::CommercialInsured, "US-TX", true, true),
    ] {
        let asked = question(&lob, place, Act::Approve, &[]);
        assert_eq!(book.may_approve(&nurse, &asked).is_ok(), nurse_may, "{lob} {place}");
        assert_eq!(book.may_approve(&clerk, &asked).is_ok(), clerk_may, "{lob} {place}");
    }
    for (lob, place, day, hidden) in [
        (LineOfBusiness::CommercialInsured, "US-TX", DAY, true),
        (LineOfBusiness::CommercialInsured, "US-TX", date(2025, 8, 31), false),
        (LineOfBusiness::MedicareAdvantage, "US-TX", DAY, false),
        (LineOfBusiness::CommercialInsured, "US-NY", DAY, false),
        (LineOfBusiness::CommercialInsured, "US-CA", DAY, true),
        (LineOfBusiness::CommercialInsured, "US-CA", date(2024, 12, 31), false),
        (LineOfBusiness::MedicareAdvantage, "US-CA", DAY, false),
    ] {
        let automation = book.automation(&lob, place, None, day);
        assert_eq!((automation.may_approve, automation.verdict_hidden), (true, hidden), "{lob} {place} {day}");
    }
    assert!(!AuthorityBook::default().automation(&LineOfBusiness::MedicareAdvantage, "US-NY", None, DAY).may_approve);
    assert!(
        AuthorityBook::default()
            .peer_reviewer(&nurse, &question(&LineOfBusiness::Chip, "US-NY", Act::Deny, &[]))
            .is_err()
    );
}

#[test]
fn requirement_lists_are_clean_and_their_examples_hold() {
    let shelf = Shelf::read(&[]).expect("the embedded packs");
    let mut issues = Vec::new();
    let book = requirement::load(&shelf, &criteria::load(&shelf, &mut issues), &mut issues);
    requirement::lint(&shelf, &book, &mut issues);
    let said: Vec<String> = issues.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    let pack = book.pack_of("any plan").expect("the demonstration list");
    let oxygen = pack.entries.iter().find(|entry| entry.id == "home-oxygen").expect("listed");
    assert!(oxygen.codes.hcpcs.contains(&"E1390".to_owned()) && !oxygen.documents.is_empty());
}

/// Every row of the table has one act that it lets pass and, where it asks for anything, one that it alone refuses.
#[test]
fn every_row_of_the_table_is_tried_on_both_sides() {
    let book = book();
    let service = vec!["pulmonology".to_owned()];
    for rule in book.rules() {
        let house = book.rules().iter().find(|r| r.id == format!("house.{}", rule.act)).expect("the house's own row");
        let alone = AuthorityBook::new(vec![rule.clone(), house.clone()]);
        let lob = rule.lines_of_business.first().cloned().unwrap_or(LineOfBusiness::MedicareAdvantage);
        let place = if rule.jurisdiction == "US" { "US-NY" } else { rule.jurisdiction.as_str() };
        let state = place.trim_start_matches("US-");
        let kind = rule.licences.first().map_or("MD", String::as_str);
        let fields: Vec<&str> =
            std::iter::once("pulmonology").chain(rule.behavioral_fields.iter().map(String::as_str)).collect();
        let good = reviewer(kind, state, &fields);
        let asked = ReviewQuestion {
            accreditation: rule.accreditation.as_deref(),
            behavioral_health: !rule.behavioral_fields.is_empty(),
            ..question(&lob, place, rule.act.clone(), &service)
        };
        let reasons = |credential: &Credential, asked: &ReviewQuestion<'_>| match &rule.act {
            Act::Approve => alone.may_approve(credential, asked).err().unwrap_or_default(),
            _ => alone.peer_reviewer(credential, asked).err().unwrap_or_default(),
        };
        assert_eq!(reasons(&good, &asked), [], "{}: the fit reviewer is refused", rule.id);
        let mut tried = 0;
        let mut must_refuse = |what: &str, credential: &Credential, asked: &ReviewQuestion<'_>| {
            tried += 1;
            let said = reasons(credential, asked);
            assert!(said.iter().any(|r| r.rule == rule.id), "{}: {what} passes; {said:?}", rule.id);
        };
        if !rule.licences.is_empty() {
            must_refuse("another profession", &reviewer("XX", state, &fields), &asked);
            let mut ended = good.clone();
            ended.licences[0].through = date(2026, 3, 5);
            must_refuse("an ended licence", &ended, &asked);
        }
        if rule.own_state_licence {
            must_refuse("a licence of another state", &reviewer(kind, "ZZ", &fields), &asked);
        }
        if !matches!(rule.fit, Fit::NoFit) {
            let other = rule.licences.iter().find(|l| !rule.fit_not_asked_of.contains(l)).map_or("MD", String::as_str);
            let elsewhere: Vec<&str> = rule.behavioral_fields.iter().map(String::as_str).collect();
            must_refuse("another field", &reviewer(other, state, &elsewhere), &asked);
        }
        if !rule.behavioral_fields.is_empty() {
            must_refuse("somebody who does not treat it", &reviewer(kind, state, &["pulmonology"]), &asked);
        }
        let involved = vec!["reviewer".to_owned()];
        if rule.not_involved_before {
            must_refuse("somebody involved before", &good, &ReviewQuestion { earlier: &involved, ..asked.clone() });
        }
        let boss = vec!["boss".to_owned()];
        if rule.not_subordinate {
            let under = ReviewQuestion { earlier: &boss, supervisors: &boss, ..asked.clone() };
            must_refuse("a subordinate", &good, &under);
        }
        if rule.attest_no_conflict {
            must_refuse(
                "a conflict of interest",
                &good,
                &ReviewQuestion { attests_no_conflict: false, ..asked.clone() },
            );
        }
        if rule.yearly_attestation_days.is_some() {
            must_refuse("no attestation", &Credential { attested_on: None, ..good.clone() }, &asked);
        }
        let before = rule.from.and_then(|from| from.yesterday().ok());
        if let Some(day) = before {
            let early = ReviewQuestion { day, ..asked.clone() };
            let mut credential = reviewer("XX", "ZZ", &[]);
            credential.licences[0].from = date(2000, 1, 1);
            let reasons = book.peer_reviewer(&credential, &early).err().unwrap_or_default();
            assert!(reasons.iter().all(|r| r.rule != rule.id), "{} speaks before its first day", rule.id);
            tried += 1;
        }
        let asks_nothing = matches!(rule.act, Act::Approve) && rule.licences.is_empty();
        assert!(tried > 0 || asks_nothing, "{} is never tried", rule.id);
    }
}
