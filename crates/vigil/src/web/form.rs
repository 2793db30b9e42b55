//! Forms as posted: ordered pairs with every value kept, so that a refused form comes back filled.

use std::fmt::Write as _;

/// A posted form or a query: pairs in the order they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// From pairs, as axum reads them.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first value of a name, trimmed; empty when absent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
    }

    /// The first value of a name, trimmed; none when absent or blank.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|v| !v.is_empty()).map(str::to_owned)
    }

    /// Every value of a name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.trim()).collect()
    }

    /// Whether the name was posted at all.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        matches!(self.get(name), "on" | "true" | "yes" | "1")
    }

    /// Lines of a text field that say something.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.get(name).lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
    }

    /// Name (without what they begin with) and trimmed value of the fields whose name begins so.
    pub fn named<'a>(&'a self, begins: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(begins)?, value.trim())))
    }

    /// Adds a pair.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Replaces every value of a name by one.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(n, _)| n != name);
        self.push(name, value);
    }

    /// Nothing was posted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As a query string, without the names left out.
    pub fn query_without(&self, leave_out: &[&str]) -> String {
        let kept: Vec<String> = self
            .0
            .iter()
            .filter(|(n, v)| !leave_out.contains(&n.as_str()) && !v.is_empty())
            .map(|(n, v)| format!("{}={}", encode(n), encode(v)))
            .collect();
        kept.join("&")
    }
}

/// Percent-encodes a value for a query.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_everything_in_order() {
        let form = Form::new(vec![
            ("line".into(), " 1 ".into()),
            ("line".into(), "2".into()),
            ("wanted".into(), "one\n\n two \n".into()),
            ("box".into(), "on".into()),
        ]);
        assert_eq!(form.get("line"), "1");
        assert_eq!(form.all("line"), ["1", "2"]);
        assert_eq!(form.lines("wanted"), ["one", "two"]);
        assert!(form.ticked("box") && !form.ticked("other"));
        assert_eq!(form.query_without(&["wanted"]), "line=%201%20&line=2&box=on");
    }
}
