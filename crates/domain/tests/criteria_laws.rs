//! Laws of three-valued judgement, on small random trees: what is decided stays decided, the facts that could still
//! change the answer are exactly those, and what automation may approve is met.

use proptest::prelude::*;
use vigil_domain::{
    criteria::{
        Basis, Definition, FactDef, FactKind, Facts, Outcome, Service,
        definition::{AppliesTo, Authority, Group, Leaf, Node, Rank, Rule, ServiceCodes, Test, Want},
        evaluate, outline,
    },
    evidence::{Source, Value},
};

const NAMES: [&str; 4] = ["yes", "also", "whole", "plain"];

fn fact(id: &str, kind: FactKind, whole: bool) -> FactDef {
    let unit = (kind == FactKind::Quantity).then(|| "1".to_owned());
    FactDef {
        id: id.into(),
        question: format!("{id}?"),
        kind,
        unit,
        from: String::new(),
        window: String::new(),
        whole,
        signed: true,
        choices: Vec::new(),
        codes: Vec::new(),
        max_age_days: None,
        own_choice: None,
        roster: None,
    }
}

fn service(tree: Node) -> Service {
    let definition = Definition {
        id: "small".into(),
        name: "Small".into(),
        version: "1".into(),
        from: None,
        through: None,
        from_note: String::new(),
        disabled: false,
        illustrative: false,
        specialties: Vec::new(),
        specialties_basis: String::new(),
        limits: Vec::new(),
        documentation: Vec::new(),
        not_covered: Vec::new(),
        notes: Vec::new(),
        tree,
        applies_to: AppliesTo {
            lines_of_business: vec!["any".into()],
            settings: Vec::new(),
            age: "any".into(),
            age_from: None,
            age_through: None,
            certifications: Vec::new(),
            note: String::new(),
        },
        codes: ServiceCodes::default(),
        authority: vec![Authority {
            cite: "X".into(),
            title: String::new(),
            rank: Rank::Ncd,
            effective_from: None,
            effective_to: None,
            source_url: String::new(),
            tier: "primary".into(),
            confidence: "source seen".into(),
            seen_via: String::new(),
            contractor: None,
            contractors: Vec::new(),
            nationwide: false,
        }],
        facts: vec![
            fact("yes", FactKind::Boolean, false),
            fact("also", FactKind::Boolean, false),
            fact("whole", FactKind::Quantity, true),
            fact("plain", FactKind::Quantity, false),
        ],
    };
    Service::compile(definition, "", String::new()).expect("the small tree compiles")
}

fn leaf() -> impl Strategy<Value = Node> {
    let flag = (0..2_usize, any::<bool>()).prop_map(|(i, b)| (NAMES[i], Test::Eq(Want::Bool(b))));
    let number = (2..4_usize, 0..4_u8, 0..6_usize).prop_map(|(i, n, op)| {
        let n = f64::from(n);
        let test = match op {
            0 => Test::Lt(n),
            1 => Test::Le(n),
            2 => Test::Gt(n),
            3 => Test::Ge(n),
            4 => Test::Eq(Want::Number(n)),
            _ => Test::Between(n, n + 1.0),
        };
        (NAMES[i], test)
    });
    (prop_oneof![flag, number], any::<bool>()).prop_map(|((fact, test), read)| {
        let basis = if read { Basis::Read } else { Basis::NotRead };
        Node::Leaf(Leaf { fact: fact.into(), test, cite: "X".into(), says: "It is so.".into(), basis })
    })
}

/// Trees of `ALL`, `ANY` and `NOT`; with `counting`, of the other groups too.
fn tree(counting: bool) -> impl Strategy<Value = Node> {
    leaf().prop_recursive(4, 14, 3, move |inner| {
        let kinds = if counting { 0..5_u8 } else { 0..3_u8 };
        (kinds, proptest::collection::vec((inner, 0..4_u8), 1..4), 1..4_u32).prop_map(|(kind, mut scored, n)| {
            let rule = match kind {
                0 => Rule::All,
                1 => Rule::Any,
                2 => Rule::Not,
                3 => Rule::AtLeast(n.min(scored.len() as u32)),
                _ => Rule::ScoreAtLeast(f64::from(n)),
            };
            if rule == Rule::Not {
                scored.truncate(1);
            }
            let points = scored.iter().map(|(_, p)| f64::from(*p)).filter(|_| matches!(rule, Rule::ScoreAtLeast(_)));
            let points = points.collect();
            let children = scored.into_iter().map(|(node, _)| node).collect();
            Node::Group(Group { rule, label: None, children, points })
        })
    })
}

type Known = [Option<Value>; 4];

fn known() -> impl Strategy<Value = Known> {
    let flag = || proptest::option::of(any::<bool>().prop_map(Value::Bool));
    let number = || proptest::option::of((-2..12_i8).prop_map(|n| Value::Number(f64::from(n) / 2.0)));
    (flag(), flag(), number(), number()).prop_map(|(a, b, c, d)| [a, b, c, d])
}

fn judge(service: &Service, known: &Known) -> vigil_domain::criteria::Trace {
    let values = NAMES.iter().zip(known).filter_map(|(name, value)| Some((*name, value.clone()?)));
    evaluate(service, &Facts::from_values(service, values, &Source::Roster).expect("facts fit"))
}

/// The values an unknown fact may turn out to have; a fraction of a whole-number fact, its two neighbours.
fn completions(place: usize, value: Option<&Value>) -> Vec<Value> {
    match (place, value) {
        (2, Some(Value::Number(n))) if n.fract() != 0.0 => vec![Value::Number(n.floor()), Value::Number(n.ceil())],
        (_, Some(value)) => vec![value.clone()],
        (0 | 1, None) => vec![Value::Bool(true), Value::Bool(false)],
        (2, None) => (-2..7_i8).map(|n| Value::Number(f64::from(n))).collect(),
        (_, None) => (-4..14_i8).map(|n| Value::Number(f64::from(n) / 2.0)).collect(),
    }
}

/// By trying every filling of the other facts: is there one that leaves the tree unknown while this fact stays as it is?
fn needed_by_force(service: &Service, known: &Known, place: usize) -> bool {
    let others: Vec<usize> = (0..4).filter(|other| *other != place).collect();
    let lists: Vec<Vec<Value>> = others.iter().map(|o| completions(*o, known[*o].as_ref())).collect();
    for first in &lists[0] {
        for second in &lists[1] {
            for third in &lists[2] {
                let mut filled = known.clone();
                for (other, value) in others.iter().zip([first, second, third]) {
                    filled[*other] = Some(value.clone());
                }
                if judge(service, &filled).result == Outcome::Unknown {
                    return true;
                }
            }
        }
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn could_change_is_exactly_what_could(tree in tree(false), known in known()) {
        let service = service(tree);
        let trace = judge(&service, &known);
        let said: Vec<&str> = trace.could_change.iter().map(|fact| &**fact).collect();
        let force: Vec<&str> = (0..4)
            .filter(|_| trace.result == Outcome::Unknown)
            .filter(|place| needed_by_force(&service, &known, *place))
            .map(|place| NAMES[place])
            .collect();
        prop_assert_eq!(said, force);
    }

    #[test]
    fn with_counting_rules_nothing_that_could_change_is_left_out(tree in tree(true), known in known()) {
        let service = service(tree);
        let trace = judge(&service, &known);
        for place in (0..4).filter(|_| trace.result == Outcome::Unknown) {
            let needed = needed_by_force(&service, &known, place);
            prop_assert!(!needed || trace.could_change.iter().any(|fact| **fact == *NAMES[place]), "{}", NAMES[place]);
        }
    }

    #[test]
    fn what_is_decided_stays_decided(tree in tree(true), known in known(), more in known()) {
        let service = service(tree);
        let before = judge(&service, &known).result;
        let mut filled = known;
        for (slot, value) in filled.iter_mut().zip(more) {
            if slot.is_none() {
                *slot = value;
            }
        }
        let after = judge(&service, &filled).result;
        prop_assert!(before == Outcome::Unknown || before == after, "{before:?} became {after:?}");
    }

    #[test]
    fn what_automation_may_approve_is_met_without_unread_leaves(tree in tree(true), known in known()) {
        let trace = judge(&service(tree.clone()), &known);
        prop_assert!(!trace.approvable || trace.result == Outcome::Met);
        prop_assert!(trace.result != Outcome::Met || trace.could_change.is_empty());
        let all_read = read_throughout(tree);
        let strict = judge(&service(all_read), &known);
        prop_assert_eq!(strict.approvable, strict.result == Outcome::Met);
    }

    #[test]
    fn an_outline_reads_back(tree in tree(true)) {
        prop_assert_eq!(outline::parse(&outline::print(&tree)), Ok(tree));
    }

    #[test]
    fn an_outline_of_anything_never_panics(text in "[ A-Z+\"=<>\\[\\],a-z0-9.\n]{0,120}") {
        let _ = outline::parse(&text);
    }

    #[test]
    fn a_trace_keeps_through_storage(tree in tree(true), known in known()) {
        let service = service(tree);
        let trace = judge(&service, &known);
        let text = serde_json::to_string(&trace).expect("a trace is JSON");
        let back: vigil_domain::criteria::Trace = serde_json::from_str(&text).expect("and back");
        prop_assert_eq!(&back, &trace);
        let explained = service.explain(&back);
        prop_assert!(explained.is_some());
    }
}

fn read_throughout(node: Node) -> Node {
    match node {
        Node::Leaf(leaf) => Node::Leaf(Leaf { basis: Basis::Read, ..leaf }),
        Node::Group(group) => {
            let children = group.children.into_iter().map(read_throughout).collect();
            Node::Group(Group { children, ..group })
        }
    }
}

#[test]
fn outline_errors_name_the_line() {
    for (text, line, part) in [
        ("", 1, "empty"),
        ("ALL", 1, "no children"),
        ("ALL\n  a = true", 2, "source"),
        ("ALL\n   a = true\n    [X, read] Yes.", 2, "two blanks"),
        ("ALL\n  a = true\n    [X, wrong] Yes.", 3, "basis"),
        ("ALL\n  a ~ true\n    [X, read] Yes.", 2, "expected"),
        ("a = true\n  [X, read] Yes.\nb = true\n  [X, read] Yes.", 3, "one root"),
        ("AT LEAST 3\n  a = true\n    [X, read] Yes.", 1, "AT LEAST"),
        ("a between 5 and 2\n  [X, read] Yes.", 1, "never"),
        ("SCORE 2\n  a = true\n    [X, read] Yes.", 2, "points"),
    ] {
        let error = outline::parse(text).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.says.contains(part), "{text}: {error}");
    }
}
