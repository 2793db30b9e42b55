//! Facts from a request's statements, and which packs bind for a line: home oxygen and a few others, as tables.

use jiff::civil::date;
use vigil_domain::{
    code::{Code, CodeSystem},
    criteria::{Authorities, CriteriaBook, Evidence, Facts, Outcome, SetAsideWhy, Trace, evaluate, evaluate_where},
    evidence::{Bound, ClinicalItem, Doubt, Fact, ItemKind, Source, Value, When},
    party::LineOfBusiness,
    request::{Certification, ServiceLine},
    time::Day,
};
use vigil_packs::{criteria, shelf::Shelf};

const TODAY: Day = date(2026, 3, 6);

fn book() -> CriteriaBook {
    let mut issues = Vec::new();
    let book = criteria::load(&Shelf::read(&[]).expect("the embedded packs"), &mut issues);
    assert!(issues.is_empty(), "{issues:#?}");
    book
}

fn answer(link: &str, value: Value) -> ClinicalItem {
    ClinicalItem {
        bound: None,
        doubt: None,
        kind: ItemKind::Answer,
        codes: Vec::new(),
        link_id: Some(link.into()),
        questionnaire: Some("https://example.org/Questionnaire/home-oxygen|2026-11".into()),
        value: Some(value),
        unit: None,
        when: Some(When::Day(TODAY)),
        place: "QuestionnaireResponse/1".into(),
    }
}

fn answers() -> Vec<ClinicalItem> {
    vec![
        answer("test_ordered_evaluated", Value::Bool(true)),
        answer("test_by_dme_supplier", Value::Bool(false)),
        answer("sole_reason", Value::Text("none".into())),
        answer("inpatient_origin", Value::Bool(false)),
        answer("time_of_need_documented", Value::Bool(true)),
    ]
}

fn gas(value: f64, unit: Option<&str>, on: Option<Day>) -> ClinicalItem {
    ClinicalItem {
        bound: None,
        doubt: None,
        kind: ItemKind::Observation,
        codes: vec![Code::new(CodeSystem::Loinc, "2703-7")],
        link_id: None,
        questionnaire: None,
        value: Some(Value::Number(value)),
        unit: unit.map(str::to_owned),
        when: on.map(When::Day),
        place: format!("Observation/{value}"),
    }
}

fn judge(items: &[ClinicalItem]) -> Trace {
    let book = book();
    let service = book.latest("home-oxygen").expect("home oxygen is shipped");
    evaluate(service, &Facts::from_items(service, items, TODAY))
}

#[test]
fn blood_gases_are_read_by_code_unit_and_age() {
    let day = date(2026, 3, 4);
    let rows: [(&str, ClinicalItem, Outcome, Option<SetAsideWhy>); 12] = [
        ("in the band", gas(54.0, Some("mm[Hg]"), Some(day)), Outcome::Met, None),
        ("the other spelling", gas(54.0, Some("mmHg"), Some(day)), Outcome::Met, None),
        // 54.004 mm[Hg]: 54 and 55 both lie in the band.
        ("7.2 kPa", gas(7.2, Some("kPa"), Some(day)), Outcome::Met, None),
        // 55.05 mm[Hg]: 55 lies in the band and 56 does not.
        ("7.34 kPa", gas(7.34, Some("kPa"), Some(day)), Outcome::Unknown, None),
        ("between the bands a person decides", gas(55.4, Some("mm[Hg]"), Some(day)), Outcome::Unknown, None),
        ("30 days old", gas(54.0, Some("mm[Hg]"), Some(date(2026, 2, 4))), Outcome::Met, None),
        ("31 days old", gas(54.0, Some("mm[Hg]"), Some(date(2026, 2, 3))), Outcome::Unknown, Some(SetAsideWhy::Stale)),
        (
            "two years old",
            gas(54.0, Some("mm[Hg]"), Some(date(2024, 3, 6))),
            Outcome::Unknown,
            Some(SetAsideWhy::Stale),
        ),
        ("tomorrow", gas(54.0, Some("mm[Hg]"), Some(date(2026, 3, 7))), Outcome::Unknown, Some(SetAsideWhy::Future)),
        ("no date", gas(54.0, Some("mm[Hg]"), None), Outcome::Unknown, Some(SetAsideWhy::Undated)),
        ("no unit", gas(54.0, None, Some(day)), Outcome::Unknown, Some(SetAsideWhy::UnitUnfit)),
        ("a unit of another kind", gas(54.0, Some("%"), Some(day)), Outcome::Unknown, Some(SetAsideWhy::UnitUnfit)),
    ];
    for (name, item, result, why) in rows {
        let mut items = answers();
        items.push(item);
        let trace = judge(&items);
        assert_eq!(trace.result, result, "{name}");
        assert_eq!(trace.set_aside.first().map(|aside| aside.why.clone()), why, "{name}");
    }
}

#[test]
fn values_that_disagree_are_unknown_and_shown() {
    let day = Some(date(2026, 3, 4));
    let mut items = answers();
    items.extend([gas(54.0, Some("mm[Hg]"), day), gas(57.0, Some("mm[Hg]"), day)]);
    let trace = judge(&items);
    assert_eq!(trace.result, Outcome::Unknown);
    assert_eq!(trace.conflicts.iter().map(|f| &**f).collect::<Vec<_>>(), ["pao2_rest"]);
    assert_eq!(trace.readings_of("pao2_rest").count(), 2);
    assert!(!trace.to_ask().any(|fact| &**fact == "pao2_rest"), "a conflict is for a person, not for the requester");
    assert!(trace.could_change.iter().any(|fact| &**fact == "pao2_rest"));
    // The same value twice agrees.
    items.pop();
    items.push(answer("pao2_rest", Value::Number(54.0)));
    assert_eq!(judge(&items).result, Outcome::Met);
}

#[test]
fn an_answer_of_another_service_or_type_is_not_used() {
    let mut items = answers();
    let mut other = answer("pao2_rest", Value::Number(54.0));
    other.questionnaire = Some("https://example.org/Questionnaire/home-oxygen-therapy".into());
    items.push(other);
    assert_eq!(judge(&items).result, Outcome::Unknown);
    items.push(answer("pao2_rest", Value::Text("54".into())));
    let trace = judge(&items);
    assert_eq!((trace.result, trace.set_aside[0].why.clone()), (Outcome::Unknown, SetAsideWhy::WrongType));
}

#[test]
fn a_gas_is_not_taken_for_rest_when_exercise_was_answered() {
    let mut items = answers();
    items.push(gas(54.0, Some("mm[Hg]"), Some(date(2026, 3, 4))));
    items.push(answer("pao2_exercise", Value::Number(54.0)));
    let trace = judge(&items);
    assert_eq!(trace.result, Outcome::Unknown);
    assert_eq!(trace.set_aside[0].why, SetAsideWhy::Ambiguous);
    assert!(!trace.to_ask().any(|fact| &**fact == "pao2_rest"), "it was sent: a person says which question it answers");
}

#[test]
fn a_gas_stays_the_gas_at_rest_when_another_value_was_answered_for_sleep() {
    for (rest, result) in [(54.0, Outcome::Met), (80.0, Outcome::Unknown)] {
        let mut items = answers();
        items.push(gas(rest, Some("mm[Hg]"), Some(date(2026, 3, 4))));
        items.push(answer("pao2_sleep", Value::Number(99.0)));
        let trace = judge(&items);
        assert_eq!(trace.result, result);
        assert_eq!(trace.readings_of("pao2_rest").count(), 1, "more facts made it forget one");
        assert!(!trace.to_ask().any(|fact| &**fact == "pao2_rest"));
    }
}

#[test]
fn a_statement_that_does_not_hold_up_is_unknown_and_says_why() {
    let day = date(2026, 3, 4);
    let doubted = |doubt| ClinicalItem { doubt: Some(doubt), ..gas(54.0, Some("mm[Hg]"), Some(day)) };
    for (item, why) in [
        (doubted(Doubt::OtherPerson), SetAsideWhy::OtherPerson),
        (doubted(Doubt::NoPerson), SetAsideWhy::NoPerson),
        (doubted(Doubt::NotFinal), SetAsideWhy::NotFinal),
        (gas(-5.0, Some("mm[Hg]"), Some(day)), SetAsideWhy::Impossible),
    ] {
        let mut items = answers();
        items.push(item);
        let trace = judge(&items);
        assert_eq!(trace.result, Outcome::Unknown, "{why}");
        assert_eq!(trace.set_aside.iter().map(|aside| aside.why.clone()).collect::<Vec<_>>(), [why]);
    }
}

#[test]
fn an_answer_is_dated_not_of_tomorrow_and_not_of_long_ago() {
    let month = date(2026, 3, 6);
    for (when, why) in [
        (None, Some(SetAsideWhy::Undated)),
        (Some(date(2026, 3, 7)), Some(SetAsideWhy::Future)),
        (Some(date(2025, 9, 4)), None),
        (Some(date(2025, 9, 3)), Some(SetAsideWhy::Stale)),
        (Some(month), None),
    ] {
        let mut items = answers();
        items[0].when = when.map(When::Day);
        items.push(gas(54.0, Some("mm[Hg]"), Some(date(2026, 3, 4))));
        let trace = judge(&items);
        assert_eq!(trace.set_aside.first().map(|aside| aside.why.clone()), why, "{when:?}");
        assert_eq!(trace.result, if why.is_some() { Outcome::Unknown } else { Outcome::Met }, "{when:?}");
    }
}

#[test]
fn a_bound_counts_where_every_value_on_its_side_answers_alike() {
    let day = date(2026, 3, 4);
    for (bound, number, result) in [
        (Bound::Below, 55.0, Outcome::Met),
        (Bound::AtMost, 55.0, Outcome::Met),
        (Bound::Below, 56.0, Outcome::Unknown),
        (Bound::AtMost, 56.0, Outcome::Unknown),
        (Bound::Above, 54.0, Outcome::Unknown),
        (Bound::AtLeast, 40.0, Outcome::Unknown),
        (Bound::Other("about".into()), 54.0, Outcome::Unknown),
    ] {
        let mut items = answers();
        items.push(ClinicalItem { bound: Some(bound.clone()), ..gas(number, Some("mm[Hg]"), Some(day)) });
        let trace = judge(&items);
        assert_eq!(trace.result, result, "{bound} {number}");
        assert_eq!(trace.readings_of("pao2_rest").next().and_then(|r| r.bound.clone()), Some(bound), "shown as sent");
    }
}

#[test]
fn a_reviewer_answers_and_may_disagree() {
    let book = book();
    let service = book.latest("home-oxygen").expect("shipped");
    let fact = |value: f64| Fact {
        service: "home-oxygen".into(),
        id: "pao2_rest".into(),
        value: Value::Number(value),
        on: None,
        source: Source::Reviewer { person: "nurse".into(), found_in: "laboratory report, page 2".into() },
    };
    let items = answers();
    let with = |reviewed: &[Fact], items: &[ClinicalItem]| {
        evaluate(service, &Facts::gather(service, &Evidence { reviewed, ..Evidence::of_items(items, TODAY) }))
    };
    assert_eq!(with(&[fact(54.0)], &items).result, Outcome::Met);
    assert_eq!(with(&[fact(70.0), fact(54.0)], &items).result, Outcome::Met, "the later answer stands");
    let mut measured = items.clone();
    measured.push(gas(58.0, Some("mm[Hg]"), Some(date(2026, 3, 4))));
    let trace = with(&[fact(54.0)], &measured);
    assert_eq!((trace.result, trace.conflicts.len()), (Outcome::Unknown, 1));
}

#[test]
fn the_roster_answers_age() {
    let book = book();
    let service = book.latest("pap-osa-initial").expect("shipped");
    for (age, adult) in [(17, Value::Bool(false)), (18, Value::Bool(true))] {
        let evidence = Evidence { age: Some(age), ..Evidence::of_items(&[], TODAY) };
        let facts = Facts::gather(service, &evidence);
        assert_eq!(facts.readings()[0].value, adult);
        assert_eq!(facts.readings()[0].source, Source::Roster);
    }
}

#[test]
fn only_read_leaves_carry_an_approval() {
    let book = book();
    let bilevel = book.latest("pap-osa-initial").expect("shipped");
    let values = |device: &str| {
        vec![
            ("adult", Value::Bool(true)),
            ("clinical_eval_before_test", Value::Bool(true)),
            ("sleep_test_type", Value::Text("facility-psg".into())),
            ("test_ordered_by_treating", Value::Bool(true)),
            ("education_done", Value::Bool(true)),
            ("ahi", Value::Number(20.0)),
            ("recorded_sleep_hours", Value::Number(4.0)),
            ("device", Value::Text(device.into())),
            ("e0601_ineffective", Value::Bool(true)),
        ]
    };
    for (device, approvable) in [("E0601", true), ("E0470", false)] {
        let facts = Facts::from_values(bilevel, values(device), &Source::Roster).expect("facts fit");
        let trace = evaluate(bilevel, &facts);
        assert_eq!((trace.result, trace.approvable), (Outcome::Met, approvable), "{device}");
    }
}

fn line(system: CodeSystem, code: &str, certification: Certification) -> ServiceLine {
    ServiceLine {
        sequence: 1,
        service: Code::new(system, code),
        also: Vec::new(),
        modifiers: Vec::new(),
        description: None,
        quantity: None,
        from: None,
        through: None,
        place: None,
        provider: None,
        certification,
        drug: false,
        diagnoses: Vec::new(),
        earlier_authorization: None,
        cancelled: false,
        changed: None,
    }
}

type BindingRow = (
    LineOfBusiness,
    &'static str,
    Option<i16>,
    Day,
    CodeSystem,
    &'static str,
    Certification,
    &'static [&'static str],
    &'static str,
);

/// line of business, contractors, age, day, code -> services that bind; part of the reason why another does not.
#[test]
fn packs_bind_only_where_they_may() {
    use Certification::{Extension, Initial};
    use CodeSystem::{Hcpcs, Icd10Cm, Icd10Pcs, Revenue};
    use LineOfBusiness::{CommercialInsured, MedicaidManagedCare, MedicareAdvantage, OriginalMedicare};
    let book = book();
    let day = date(2026, 3, 6);
    let rows: [BindingRow; 19] = [
        (MedicareAdvantage, "NGS", Some(70), day, Hcpcs, "E1390", Initial, &["home-oxygen"], ""),
        (MedicareAdvantage, "", None, day, Hcpcs, "E1390", Initial, &["home-oxygen"], ""),
        (OriginalMedicare, "", Some(70), day, Hcpcs, "E1390", Initial, &["home-oxygen"], ""),
        (LineOfBusiness::DsnpIntegrated, "", Some(70), day, Hcpcs, "E1390", Initial, &["home-oxygen"], ""),
        (CommercialInsured, "", Some(70), day, Hcpcs, "E1390", Initial, &[], "Medicare FFS"),
        (MedicaidManagedCare, "", Some(20), day, Hcpcs, "E1390", Initial, &[], "EPSDT"),
        (MedicaidManagedCare, "", None, day, Hcpcs, "E1390", Initial, &[], "EPSDT"),
        (MedicaidManagedCare, "", Some(21), day, Hcpcs, "E1390", Initial, &[], "Medicare FFS"),
        (MedicareAdvantage, "", Some(70), date(2023, 3, 31), Hcpcs, "E1390", Initial, &[], "No version"),
        (MedicareAdvantage, "", Some(70), day, Hcpcs, "E0601", Initial, &["pap-osa-initial"], "initial"),
        (MedicareAdvantage, "", Some(70), day, Hcpcs, "E0601", Extension, &["pap-osa-continued"], "extension"),
        (MedicareAdvantage, "", Some(17), day, Hcpcs, "E0601", Initial, &[], "age"),
        (MedicareAdvantage, "", None, day, Hcpcs, "E0601", Initial, &[], "not known"),
        (MedicareAdvantage, "WPS", Some(70), day, Icd10Pcs, "0RG10A0", Initial, &["cervical-fusion"], ""),
        (MedicareAdvantage, "ngs", Some(70), day, Icd10Pcs, "0RG10A0", Initial, &[], "another contractor"),
        (MedicareAdvantage, "", Some(70), day, Icd10Pcs, "0RG10A0", Initial, &[], "another contractor"),
        (MedicareAdvantage, "", Some(70), day, Hcpcs, "A0428", Initial, &[], "Medicare FFS"),
        (MedicareAdvantage, "", Some(70), day, Icd10Cm, "J96.11", Initial, &[], ""),
        (MedicareAdvantage, "", Some(70), day, Revenue, "0022", Initial, &["snf-care"], ""),
    ];
    for (lob, contractor, age, on, system, code, certification, want, why) in rows {
        let contractors: Vec<String> = Some(contractor.to_owned()).filter(|c| !c.is_empty()).into_iter().collect();
        let binding = book.binding(&line(system, code, certification), &lob, &contractors, age, on);
        let bound: Vec<&str> = binding.bound.iter().map(|b| b.service.definition().id.as_str()).collect();
        assert_eq!(bound, want, "{lob} {contractor} {age:?} {on} {code}");
        let reasons: String = binding.apart.iter().map(|apart| apart.why.as_str()).collect();
        assert!(reasons.contains(why), "{lob} {code}: {reasons}");
    }
}

#[test]
fn a_leaf_of_another_area_supports_nothing() {
    let book = book();
    let lids = book.latest("spinal-neurostimulator").expect("shipped");
    // NCD 160.7 binds everywhere, the contractor's LCD only in its area.
    let elsewhere = Authorities::such_that(lids.definition().authority.len(), |place| {
        lids.definition().authority[place].binds_for(&["NGS".into()])
    });
    let facts = Facts::none(lids);
    let trace = evaluate_where(lids, &facts, elsewhere);
    let all = evaluate(lids, &facts);
    assert!(trace.nodes.contains('x') && !all.nodes.contains('x'));
    let lcd_only: Vec<_> = all.could_change.iter().filter(|fact| !trace.could_change.contains(fact)).collect();
    assert!(!lcd_only.is_empty(), "facts that only the other area's leaves ask are not asked here");
}
