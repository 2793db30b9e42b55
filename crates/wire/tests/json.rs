//! The JSON room: what it accepts and refuses, where it says so, and that nothing makes it panic.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use vigil_wire::json::{Json, Kind, Limits, Trouble, Value};

fn trouble(text: &[u8]) -> Option<(Trouble, usize, usize)> {
    let limits = Limits { bytes: 10_000, depth: 8 };
    Json::parse(text, limits).err().map(|error| (error.trouble, error.line, error.column))
}

#[test]
fn bodies_that_are_no_documents_say_why_and_where() {
    let cut = |line, column| Some((Trouble::Truncated, line, column));
    let wrong = |words, line, column| Some((Trouble::Syntax(words), line, column));
    for (text, expected) in [
        (&b""[..], cut(1, 1)),
        (b"{\"a\": [1,\n 2", cut(2, 3)),
        (b"{\"a\": \"cut", cut(1, 11)),
        (b"{\"a\": \"\\u00", cut(1, 12)),
        (b"tru", cut(1, 4)),
        (b"\"\xe2\x82", cut(1, 4)),
        (b"\"\xff\"", Some((Trouble::NotUtf8, 1, 2))),
        (b"{\n  \"a\" 1}", wrong("a colon", 2, 7)),
        (b"{\"a\":1,}", wrong("a member name in double quotes", 1, 8)),
        (b"[1,]", wrong("a value", 1, 4)),
        (b"[01]", wrong("a comma or ]", 1, 3)),
        (b"[1.]", wrong("a digit", 1, 4)),
        (b"{\"a\":1} x", wrong("the end of the document", 1, 9)),
        (b"\"a\nb\"", wrong("an escaped control character", 1, 3)),
        (b"\"\\ud800\"", wrong("a whole surrogate pair", 1, 8)),
        (b"\"\\x\"", wrong("a known escape", 1, 3)),
        (b"NaN", wrong("a value", 1, 1)),
        (b"[[[[[[[[[1]]]]]]]]]", Some((Trouble::TooDeep, 1, 9))),
    ] {
        assert_eq!(trouble(text), expected, "{}", String::from_utf8_lossy(text));
    }
    assert_eq!(trouble(&[b' '; 10_001]).map(|found| found.0), Some(Trouble::TooLarge));
    assert_eq!(trouble(b"[[[[[[[[1]]]]]]]]"), None);
}

#[test]
fn values_know_their_text_their_span_and_their_place() {
    let text = "{ \"resourceType\":\"Bundle\", \"entry\": [ {\"a\": 1}, { \"k\\u0065y\" : \"x\\n\\ud83d\\ude00\" } ] }";
    let json = Json::parse(text.as_bytes(), Limits::default()).unwrap();
    let second = json.root().get("entry").unwrap().items().nth(1).unwrap();
    assert_eq!(second.raw(), "{ \"k\\u0065y\" : \"x\\n\\ud83d\\ude00\" }");
    let value = second.get("key").unwrap();
    assert_eq!(value.text().unwrap(), "x\n\u{1F600}");
    assert_eq!(value.path(), "Bundle.entry[1].key");
    assert_eq!(json.line_column(second.offset()), (1, 49));
}

#[test]
fn members_that_stand_twice_are_found_in_narrow_and_wide_objects() {
    let twice = |text: &str| -> Vec<String> {
        let json = Json::parse(text.as_bytes(), Limits::default()).unwrap();
        json.twice().map(|value| format!("{}={}", value.name(), value.raw())).collect()
    };
    assert_eq!(twice(r#"{"a":1,"b":2,"a":3,"\u0061":4,"c":{"a":5}}"#), ["a=3", "a=4"]);
    let mut wide: Vec<String> = (0..500).map(|n| format!("\"m{n}\":{n}")).collect();
    assert!(twice(&format!("{{{}}}", wide.join(","))).is_empty());
    wide.push("\"m7\":true".into());
    wide.insert(8, "\"m7\":false".into());
    assert_eq!(twice(&format!("{{{}}}", wide.join(","))), ["m7=false", "m7=true"]);
}

/// The same value in both libraries.
fn same(ours: Value<'_>, theirs: &serde_json::Value) -> bool {
    match (ours.kind(), theirs) {
        (Kind::Null, serde_json::Value::Null) => true,
        (Kind::True | Kind::False, serde_json::Value::Bool(flag)) => ours.boolean() == Some(*flag),
        (Kind::Number, serde_json::Value::Number(number)) => {
            ours.number().unwrap().parse::<f64>().ok() == number.as_f64()
        }
        (Kind::Text, serde_json::Value::String(text)) => ours.text().unwrap() == *text,
        (Kind::Array, serde_json::Value::Array(list)) => {
            ours.items().count() == list.len() && ours.items().zip(list).all(|(a, b)| same(a, b))
        }
        (Kind::Object, serde_json::Value::Object(map)) => {
            ours.members().count() == map.len()
                && map.iter().all(|(name, b)| ours.get(name).is_some_and(|a| same(a, b)))
        }
        _ => false,
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-1e9..1e9f64).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 128, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            proptest::collection::btree_map("[a-z\"\\\\é]{0,6}", inner, 0..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn whatever_another_library_writes_reads_the_same(json in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) }.unwrap();
        let ours = Json::parse(text.as_bytes(), Limits::default()).unwrap();
        prop_assert!(same(ours.root(), &json), "{}", text);
    }

    #[test]
    fn any_bytes_are_read_or_refused_as_another_library_does(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let theirs = serde_json::from_slice::<serde_json::Value>(&bytes);
        let ours = Json::parse(&bytes, Limits::default());
        if theirs.is_ok() { prop_assert!(ours.is_ok()); }
    }

    #[test]
    fn tokens_in_any_order_are_read_or_refused_as_another_library_does(
        tokens in proptest::collection::vec(prop_oneof!["[\\[\\]{},: ]", Just("\"a\"".to_owned()), Just("1e5".to_owned()), Just("-0".to_owned()), Just("true".to_owned()), Just("\"\\u12".to_owned())], 0..12)
    ) {
        let text = tokens.concat();
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        let ours = Json::parse(text.as_bytes(), Limits::default());
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}", text);
    }
}
