//! How a read model of stays is kept: the columns that lists are found and ordered by, and its body.

use serde::{Serialize, de::DeserializeOwned};
use vigil_domain::time::{Day, Moment};

/// A row of one of the hospital's read models, as the table keeps it. The same (kind, id) replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayRow {
    /// Which model.
    pub kind: &'static str,
    /// Its key: the stay id, or the stay id, a slash and a number.
    pub id: String,
    /// The hospital.
    pub hospital: String,
    /// 0 done, 1 open, 2 work is left after the patient has left.
    pub state: i64,
    /// What is open is ordered by this moment; what has none comes last.
    pub due_at: Option<Moment>,
    /// The day by which periods find it.
    pub day: Option<Day>,
    /// Demonstration scenario.
    pub scenario: Option<String>,
    /// The model's body in JSON; empty removes the row.
    pub body: String,
}

impl StayRow {
    /// A mark on a subject, by which a list finds it beside the pile it lies on: there is one of this kind, or none any more.
    pub fn mark(kind: &'static str, id: &str, there: bool) -> Self {
        Self {
            kind,
            id: id.to_owned(),
            hospital: String::new(),
            state: i64::from(there),
            due_at: None,
            day: None,
            scenario: None,
            body: if there { "{}".to_owned() } else { String::new() },
        }
    }
}

/// A read model of stays.
pub trait StayModel: Serialize + DeserializeOwned {
    /// The word under which the table keeps it.
    const KIND: &'static str;
    /// Key, state, due moment, day and scenario; the hospital.
    fn columns(&self) -> StayRow;

    /// The row as the table keeps it.
    fn row(&self) -> StayRow {
        StayRow { kind: Self::KIND, body: body(self), ..self.columns() }
    }
}

/// The body without what is empty: every model reads a field that is absent as its default, and a board reads thousands.
pub(super) fn body(model: &impl Serialize) -> String {
    serde_json::to_string(model).map(|text| without_empty(&text)).unwrap_or_default()
}

/// What the members of an object may be left out for.
const EMPTY: [&str; 7] = ["null", "false", "0", "0.0", "\"\"", "[]", "{}"];

/// An object's text, as `serde_json` writes it, without the members that say nothing.
fn without_empty(object: &str) -> String {
    let mut out = String::with_capacity(object.len());
    out.push('{');
    let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
    let (mut member, mut value) = (1, 1);
    for (at, byte) in object.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b':' if depth == 1 => value = at + 1,
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' => {
                if depth == 1 && at > member && !EMPTY.contains(&&object[value..at]) {
                    if out.len() > 1 {
                        out.push(',');
                    }
                    out.push_str(&object[member..at]);
                }
                if depth == 1 {
                    member = at + 1;
                }
                depth -= u32::from(byte != b',');
            }
            _ => {}
        }
    }
    out.push('}');
    out
}

pub(super) fn columns(id: String, hospital: &str, state: i64) -> StayRow {
    let hospital = hospital.to_owned();
    StayRow { kind: "", id, hospital, state, due_at: None, day: None, scenario: None, body: String::new() }
}

#[cfg(test)]
mod tests {
    use super::without_empty;

    #[test]
    fn a_body_keeps_what_says_something() {
        let all = r#"{"a":null,"b":"","c":"x, \"y\": {[","d":0,"e":0.0,"f":-1,"g":false,"h":true,"i":[],"j":[0,""],"k":{},"l":{"m":0}}"#;
        let kept = r#"{"c":"x, \"y\": {[","f":-1,"h":true,"j":[0,""],"l":{"m":0}}"#;
        assert_eq!(without_empty(all), kept);
        assert_eq!(without_empty("{}"), "{}");
        assert_eq!(without_empty(r#"{"a":0}"#), "{}");
        assert_eq!(without_empty(r#"{"a":"\\","b":[]}"#), r#"{"a":"\\"}"#);
    }
}
