//! The JSON reader against a second opinion: what it takes is JSON, and every value knows its place in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value as Second;
use serde::de::IgnoredAny;
use vigil_wire::json::{Json, Kind, Limits, Trouble, Value};

/// A byte order mark, which this reader passes over as RFC 8259 lets it.
const BOM: &[u8] = b"\xef\xbb\xbf";

fuzz_target!(|body: &[u8]| {
    let limits = Limits { bytes: 1 << 20, depth: 32 };
    // As text: the second opinion passes over the bytes of strings it ignores.
    let second = match std::str::from_utf8(body.strip_prefix(BOM).unwrap_or(body)) {
        Ok(text) => serde_json::from_str::<IgnoredAny>(text).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match Json::parse(body, limits) {
        Ok(json) => {
            assert!(second.is_ok(), "taken here, refused there: {:?}", second.err());
            assert!(!json.is_empty() && json.len() > json.twice().count());
            walk(json.root());
            if json.twice().next().is_none() {
                same(json.root(), body);
            }
        }
        Err(error) => {
            assert!(error.offset <= body.len() && error.line > 0 && error.column > 0, "{error:?}");
            let ours = matches!(error.trouble, Trouble::TooDeep | Trouble::TooLarge);
            // A lone half of a surrogate pair is no text; the second opinion does not look.
            let escapes = body.windows(2).any(|two| two == b"\\u");
            assert!(second.is_err() || ours || escapes, "refused here, taken there: {error:?}");
        }
    }
});

/// Every value's text stands where it says, and its path can be told.
fn walk(value: Value<'_>) {
    let (raw, path) = (value.raw(), value.path());
    assert!(!raw.is_empty(), "{path}");
    match value.kind() {
        Kind::Object => {
            for member in value.members() {
                assert!(value.get(&member.name()).is_some());
                walk(member);
            }
        }
        Kind::Array => value.items().for_each(walk),
        _ => {
            let _read = (value.text(), value.number(), value.boolean());
        }
    }
}

/// The texts of a document without doubles are those of the second opinion.
fn same(value: Value<'_>, body: &[u8]) {
    let body = body.strip_prefix(BOM).unwrap_or(body);
    let Ok(second) = serde_json::from_slice::<Second>(body) else { return };
    compare(value, &second);
}

fn compare(value: Value<'_>, second: &Second) {
    match second {
        Second::String(text) => assert_eq!(value.text().as_deref(), Some(text.as_str())),
        Second::Bool(yes) => assert_eq!(value.boolean(), Some(*yes)),
        Second::Array(list) => {
            let items: Vec<Value<'_>> = value.items().collect();
            assert_eq!(items.len(), list.len());
            items.into_iter().zip(list).for_each(|(value, second)| compare(value, second));
        }
        Second::Object(map) => {
            assert_eq!(value.members().count(), map.len());
            for (name, second) in map {
                compare(value.get(name).expect("a member is found by its name"), second);
            }
        }
        Second::Number(_) => assert!(value.number().is_some()),
        Second::Null => assert_eq!(value.kind(), Kind::Null),
    }
}
