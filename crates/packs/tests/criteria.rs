//! Every shipped criteria pack: clean lint, green worked examples, nothing lost against the reference.

use std::{env, fs};

use serde_json::{Map, Value, json};
use vigil_domain::{
    criteria::{
        CriteriaBook, Definition, Facts,
        definition::{Group, Node, Rule, Test, Want},
        evaluate, outline,
    },
    evidence::{Source, Value as Stated},
};
use vigil_packs::{criteria, shelf::Shelf};

fn shipped() -> (Shelf, CriteriaBook) {
    let shelf = Shelf::read(&[]).expect("the embedded packs can be read");
    let mut issues = Vec::new();
    let book = criteria::load(&shelf, &mut issues);
    assert!(issues.is_empty(), "{issues:#?}");
    (shelf, book)
}

#[test]
fn shipped_packs_are_clean_and_their_examples_hold() {
    let (shelf, book) = shipped();
    let mut issues = Vec::new();
    criteria::lint::lint(&shelf, &book, &mut issues);
    let said: Vec<String> = issues.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    assert_eq!(book.iter().count(), 33);
}

#[test]
fn canonical_text_reads_back_with_the_same_digest() {
    for service in shipped().1.versions() {
        let again = criteria::from_canonical(service.text()).expect("a canonical text is a pack");
        assert_eq!(again.digest(), service.digest(), "{}", service.definition().id);
        assert_eq!(again.definition(), service.definition());
        let tree = &service.definition().tree;
        assert_eq!(outline::parse(&outline::print(tree)).as_ref(), Ok(tree));
    }
}

#[test]
fn nothing_of_the_reference_is_lost() {
    let Ok(folder) = env::var("VIGIL_REFERENCE") else {
        return eprintln!("skipped: VIGIL_REFERENCE does not name the reference folder");
    };
    let text = fs::read_to_string(format!("{folder}/domain/criteria.json")).expect("the reference criteria");
    let reference: Vec<Value> = serde_json::from_str(&text).expect("the reference is JSON");
    let (_, book) = shipped();
    assert_eq!(reference.len(), book.iter().count());
    let mut examples = 0;
    for want in &reference {
        let id = want["id"].as_str().expect("an id");
        let service = book.latest(id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(as_reference(service.definition()), without_examples(want), "{id}");
        for example in want["boundary_cases"].as_array().into_iter().flatten() {
            let values = example["facts"].as_object().into_iter().flatten();
            let values = values.filter_map(|(name, value)| Some((name.as_str(), stated(value)?)));
            let facts = Facts::from_values(service, values, &Source::Roster).expect("facts of the service");
            assert_eq!(evaluate(service, &facts).result.word(), example["expected"], "{id}: {}", example["why"]);
            examples += 1;
        }
    }
    assert_eq!(examples, 142);
}

fn stated(value: &Value) -> Option<Stated> {
    match value {
        Value::Bool(b) => Some(Stated::Bool(*b)),
        Value::Number(n) => n.as_f64().map(Stated::Number),
        Value::String(s) => Some(Stated::Text(s.clone())),
        _ => None,
    }
}

fn without_examples(want: &Value) -> Value {
    let mut want = want.clone();
    let service = want.as_object_mut().expect("a service is an object");
    service.remove("boundary_cases");
    service.entry("notes").or_insert(json!([]));
    service.entry("illustrative").or_insert(json!(false));
    numbers(&mut want);
    want
}

/// Whole numbers and floats compare alike.
fn numbers(value: &mut Value) {
    match value {
        Value::Number(n) => *value = json!(n.as_f64()),
        Value::Array(items) => items.iter_mut().for_each(numbers),
        Value::Object(map) => map.values_mut().for_each(numbers),
        _ => {}
    }
}

/// A definition in the reference's form.
fn as_reference(pack: &Definition) -> Value {
    let authority: Vec<Value> = pack
        .authority
        .iter()
        .map(|a| {
            let mut map = json!({
                "cite": a.cite, "title": a.title, "effective_from": a.effective_from, "effective_to": a.effective_to,
                "source_url": a.source_url, "tier": a.tier, "confidence": a.confidence, "seen_via": a.seen_via,
            });
            if let Some(contractor) = &a.contractor {
                map["contractor"] = json!(contractor);
            }
            map
        })
        .collect();
    let facts: Vec<Value> = pack
        .facts
        .iter()
        .map(|f| {
            let mut map = json!({
                "id": f.id, "question": f.question, "type": f.kind.word(), "unit": f.unit, "from": f.from, "window": f.window,
            });
            if f.whole {
                map["whole"] = json!(true);
            }
            if !f.choices.is_empty() {
                map["choices"] = json!(f.choices);
            }
            map
        })
        .collect();
    let mut whole = json!({
        "id": pack.id, "name": pack.name, "version": pack.version, "disabled": pack.disabled,
        "illustrative": pack.illustrative, "limits": pack.limits, "documentation": pack.documentation,
        "not_covered": pack.not_covered, "notes": pack.notes, "authority": authority, "facts": facts,
        "criteria": tree(&pack.tree),
        "applies_to": {
            "lines_of_business": pack.applies_to.lines_of_business, "settings": pack.applies_to.settings,
            "age": pack.applies_to.age, "note": pack.applies_to.note,
        },
        "codes": {
            "hcpcs": pack.codes.hcpcs, "icd10cm": pack.codes.icd10cm, "icd10pcs": pack.codes.icd10pcs,
            "drg": pack.codes.drg, "revenue": pack.codes.revenue, "note": pack.codes.note,
        },
    });
    numbers(&mut whole);
    whole
}

fn tree(node: &Node) -> Value {
    match node {
        Node::Leaf(leaf) => {
            let (op, value) = comparison(&leaf.test);
            json!({"fact": leaf.fact, "op": op, "value": value, "cite": leaf.cite, "says": leaf.says, "basis": leaf.basis.word()})
        }
        Node::Group(group) => {
            let mut map = Map::new();
            if let Some(label) = &group.label {
                map.insert("label".into(), json!(label));
            }
            let children: Vec<Value> = group.children.iter().map(tree).collect();
            match group.rule {
                Rule::All => map.insert("all".into(), json!(children)),
                Rule::Any => map.insert("any".into(), json!(children)),
                Rule::Not => map.insert("not".into(), children[0].clone()),
                Rule::AtLeast(n) => {
                    map.insert("at_least".into(), json!(n));
                    map.insert("of".into(), json!(children))
                }
                Rule::ScoreAtLeast(n) => {
                    map.insert("score_at_least".into(), json!(n));
                    map.insert("of".into(), scored(group, &children))
                }
            };
            Value::Object(map)
        }
    }
}

fn scored(group: &Group, children: &[Value]) -> Value {
    let pairs = group.points.iter().zip(children);
    json!(pairs.map(|(points, child)| json!({"points": points, "if": child})).collect::<Vec<_>>())
}

fn comparison(test: &Test) -> (&'static str, Value) {
    let plain = |want: &Want| match want {
        Want::Bool(b) => json!(b),
        Want::Number(n) => json!(n),
        Want::Word(w) => json!(w),
    };
    match test {
        Test::Eq(want) => ("eq", plain(want)),
        Test::Ne(want) => ("ne", plain(want)),
        Test::Lt(n) => ("lt", json!(n)),
        Test::Le(n) => ("le", json!(n)),
        Test::Gt(n) => ("gt", json!(n)),
        Test::Ge(n) => ("ge", json!(n)),
        Test::Between(a, b) => ("between", json!([a, b])),
        Test::In(items) => ("in", json!(items.iter().map(plain).collect::<Vec<_>>())),
        Test::NotIn(items) => ("not_in", json!(items.iter().map(plain).collect::<Vec<_>>())),
    }
}
