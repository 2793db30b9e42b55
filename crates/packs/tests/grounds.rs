//! What a trace leaves open, on the shipped packs: the criteria a denial may rest on, and what would change the answer.

use vigil_domain::{
    criteria::{Facts, Ground, evaluate},
    evidence::{Source, Value},
};

fn books() -> vigil_domain::library::Library {
    vigil_packs::open(&[]).expect("the shipped packs load")
}

fn asked(service: &str, facts: &[(&str, Value)]) -> (Vec<Ground>, Vec<Ground>) {
    let library = books();
    let pack = library.criteria.latest(service).expect("the pack");
    let facts = facts.iter().map(|(id, value)| (*id, value.clone()));
    let facts = Facts::from_values(pack, facts, &Source::Roster).expect("the facts fit");
    let trace = evaluate(pack, &facts);
    (pack.grounds(&trace), pack.would_change(&trace))
}

fn says(grounds: &[Ground]) -> Vec<&str> {
    grounds.iter().map(|g| &*g.says).collect()
}

#[test]
fn a_denial_rests_on_nothing_that_is_met() {
    let (open, _) = asked(
        "cardiac-rehab",
        &[
            ("program", Value::Text("intensive".into())),
            ("sessions_used", Value::Number(10.0)),
            ("itp_signed", Value::Bool(false)),
            ("covered_setting", Value::Bool(true)),
            ("stable_angina", Value::Bool(true)),
        ],
    );
    assert_eq!(says(&open).first(), Some(&"A signed plan."), "{open:?}");
    assert!(!says(&open).contains(&"Bypass surgery."), "another branch of a group that is met: {open:?}");
    assert!(!says(&open).contains(&"Under 72 used."), "a criterion that is met: {open:?}");
}

#[test]
fn what_would_change_the_answer_is_one_set_that_can_be_true_together() {
    let (_, wanted) = asked(
        "power-mobility-device",
        &[
            ("device", Value::Text("power-wheelchair".into())),
            ("extra_features_needed", Value::Bool(true)),
            ("pov_suitable", Value::Bool(false)),
            ("user_can_operate", Value::Bool(true)),
            ("home_supports_device", Value::Bool(false)),
            ("mrdl_limited_in_home", Value::Bool(true)),
        ],
    );
    let said = says(&wanted);
    assert!(said.contains(&"The home supports the device."), "{said:?}");
    assert!(!said.iter().any(|s| s.contains("scooter")), "a chair was asked for, not a scooter: {said:?}");
    let (_, oxygen) = asked("home-oxygen", &[("pao2_rest", Value::Number(70.0))]);
    let both =
        ["The prescription starts from an inpatient stay.", "The prescription does not start from an inpatient stay."];
    assert!(!both.iter().all(|s| says(&oxygen).contains(s)), "never two that exclude each other: {oxygen:?}");
    assert!(oxygen.len() < 12, "one way, not every leaf: {oxygen:?}");
}

#[test]
fn every_public_service_has_a_spanish_name() {
    let library = books();
    let bare: Vec<&str> = library
        .criteria
        .iter()
        .map(|pack| pack.definition().name.as_str())
        .filter(|name| library.notices.say(name, "es-MX").is_none())
        .collect();
    assert!(bare.is_empty(), "packs/notices/words.es.toml lacks {bare:?}");
    assert_eq!(library.notices.unit("month", true, "es"), "meses");
    assert_eq!(library.notices.unit("unit", false, "en"), "unit");
    assert_eq!(library.notices.name("Something new", "es"), "«Something new»");
}

#[test]
fn every_condition_for_more_time_has_words_for_the_letter_in_both_languages() {
    let library = books();
    let mut conditions = 0;
    for rule in library.law.rules() {
        let allowed = rule.extension.iter().filter(|e| e.is_allowed());
        for condition in allowed.flat_map(|e| &e.when) {
            conditions += 1;
            assert!(library.notices.say(&condition.letter, "es").is_some(), "{}: {}", rule.id, condition.letter);
        }
    }
    assert!(conditions >= 24, "each of the rules that allow more time names its conditions: {conditions}");
}
