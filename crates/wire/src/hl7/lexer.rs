//! The shape of a message: segments, fields, repeats, components, by the delimiters that its own header names.

use std::borrow::Cow;

use crate::issue::{Issue, IssueCode, Severity};

/// The characters that set things apart, as MSH-1 and MSH-2 name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Between fields.
    pub field: char,
    /// Between components.
    pub component: char,
    /// Between repeats.
    pub repeat: char,
    /// Around escapes; none when the sender names none.
    pub escape: Option<char>,
    /// Between subcomponents; none when the sender names none.
    pub sub: Option<char>,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { field: '|', component: '^', repeat: '~', escape: Some('\\'), sub: Some('&') }
    }
}

/// Most segments of one message.
const SEGMENTS: usize = 4_096;

/// A message over its text.
#[derive(Debug)]
pub struct Message {
    text: String,
    delimiters: Delimiters,
    /// Spans of the segments.
    segments: Vec<(u32, u32)>,
    /// The code page was not one we know: the text was read byte by byte.
    pub foreign: bool,
}

/// One segment, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'m> {
    /// All of it, its name first.
    pub text: &'m str,
    delimiters: Delimiters,
}

/// Who sent what: enough to answer, whatever else is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// Sending application (MSH-3).
    pub application: String,
    /// Sending facility (MSH-4).
    pub facility: String,
    /// Receiving application (MSH-5).
    pub to_application: String,
    /// Receiving facility (MSH-6).
    pub to_facility: String,
    /// Message time as written (MSH-7).
    pub time: String,
    /// Message type (`ADT`).
    pub kind: String,
    /// Trigger (`A01`): MSH-9.2, else EVN-1.
    pub trigger: String,
    /// Trigger of EVN-1 where it says another.
    pub other_trigger: Option<String>,
    /// Control id (MSH-10).
    pub control: String,
    /// Processing id (MSH-11), `P`, `T` or `D`.
    pub processing: String,
    /// Version (MSH-12).
    pub version: String,
    /// Code page (MSH-18).
    pub charset: String,
}

impl Header {
    /// `APPLICATION|FACILITY`: how facility records name a sender.
    pub fn sender(&self) -> String {
        format!("{}|{}", self.application, self.facility)
    }
}

fn broken(place: &str, details: &str, todo: &str) -> Issue {
    Issue {
        severity: Severity::Fatal,
        code: IssueCode::Structure,
        expression: place.to_owned(),
        details: details.to_owned(),
        diagnostics: todo.to_owned(),
    }
}

impl Message {
    /// Finds the segments of a message.
    ///
    /// # Errors
    /// One issue: it does not begin with a header that names its delimiters.
    pub fn parse(bytes: &[u8]) -> Result<Self, Issue> {
        let (text, foreign) = decode(bytes);
        let text = text.trim_start_matches(['\u{feff}', '\r', '\n', ' ', '\t']).to_owned();
        let delimiters = delimiters(&text)?;
        let mut segments = Vec::new();
        let mut start = 0;
        for (end, _) in text.match_indices(['\r', '\n']).chain([(text.len(), "")]) {
            if end > start && !text[start..end].trim().is_empty() {
                segments.push((start as u32, end as u32));
            }
            start = end + 1;
            if segments.len() > SEGMENTS {
                return Err(broken(
                    "MSH",
                    "The message has too many segments.",
                    "Send at most 4,096 segments a message.",
                ));
            }
        }
        Ok(Self { text, delimiters, segments, foreign })
    }

    /// The delimiters in use.
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// All segments in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.segments.iter().map(|(start, end)| Segment {
            text: &self.text[*start as usize..*end as usize],
            delimiters: self.delimiters,
        })
    }

    /// The first segment of a name.
    pub fn segment(&self, name: &str) -> Option<Segment<'_>> {
        self.segments().find(|s| s.name() == name)
    }

    /// Who sent what.
    pub fn header(&self) -> Header {
        let Some(msh) = self.segment("MSH") else { return Header::default() };
        let text = |field: usize| msh.text(field, 1);
        let event = self.segment("EVN").map(|evn| evn.text(1, 1)).unwrap_or_default();
        let trigger = msh.text(9, 2);
        let other = (!event.is_empty() && !trigger.is_empty() && event != trigger).then(|| event.clone());
        Header {
            application: text(3),
            facility: text(4),
            to_application: text(5),
            to_facility: text(6),
            time: text(7),
            kind: text(9),
            trigger: if trigger.is_empty() { event } else { trigger },
            other_trigger: other,
            control: text(10),
            processing: text(11),
            version: text(12),
            charset: text(18),
        }
    }
}

fn delimiters(text: &str) -> Result<Delimiters, Issue> {
    let todo = "Begin the message with MSH|^~\\& or with your own delimiters.";
    let rest = text.strip_prefix("MSH").ok_or_else(|| broken("MSH", "The message does not begin with MSH.", todo))?;
    let field = rest.chars().next().ok_or_else(|| broken("MSH-1", "The field separator is missing.", todo))?;
    let named: Vec<char> =
        rest.chars().skip(1).take_while(|c| *c != field && *c != '\r' && *c != '\n').take(5).collect();
    let (Some(component), Some(repeat)) = (named.first(), named.get(1)) else {
        return Err(broken("MSH-2", "The delimiters are missing.", todo));
    };
    let all: Vec<char> = std::iter::once(field).chain(named.iter().take(4).copied()).collect();
    let twice = all.iter().enumerate().any(|(i, c)| all[..i].contains(c));
    if twice || all.iter().any(|c| c.is_alphanumeric() || c.is_whitespace() || *c == '"') {
        return Err(broken("MSH-2", "The delimiters do not set things apart.", todo));
    }
    Ok(Delimiters {
        field,
        component: *component,
        repeat: *repeat,
        escape: named.get(2).copied(),
        sub: named.get(3).copied(),
    })
}

/// Text out of bytes: UTF-8 where it is UTF-8, else byte by byte as ISO 8859-1. True when the header names a code page that
/// is neither: the bytes are kept with the message either way.
fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => {
            let text: String = bytes.iter().map(|b| char::from(*b)).collect();
            let named = text.lines().next().unwrap_or_default().split('|').nth(17).unwrap_or_default();
            let known =
                named.is_empty() || named.contains("8859/1") || named.contains("ASCII") || named.contains("UNICODE");
            (Cow::Owned(text), !known)
        }
    }
}

impl<'m> Segment<'m> {
    /// Its name, three letters.
    pub fn name(self) -> &'m str {
        part(self.text, self.delimiters.field, 0).trim()
    }

    /// A field as written, its repeats and all; the first is 1. MSH-1 is the separator itself.
    pub fn raw(self, number: usize) -> &'m str {
        let index = if self.text.starts_with("MSH") { number.wrapping_sub(1) } else { number };
        part(self.text, self.delimiters.field, index)
    }

    /// The repeats of a field, empty ones left out.
    pub fn repeats(self, number: usize) -> impl Iterator<Item = Field<'m>> {
        let delimiters = self.delimiters;
        self.raw(number)
            .split(delimiters.repeat)
            .filter(|text| !text.is_empty())
            .map(move |text| Field { text, delimiters })
    }

    /// The first repeat of a field; none when the field is empty.
    pub fn field(self, number: usize) -> Option<Field<'m>> {
        self.repeats(number).next()
    }

    /// A component of a field's first repeat as text; empty when absent or deleted.
    pub fn text(self, number: usize, component: usize) -> String {
        self.field(number).map(|f| f.text(component)).unwrap_or_default()
    }

    /// Where a field stands: `PV1-44`.
    pub fn place(self, number: usize) -> String {
        format!("{}-{number}", self.name())
    }
}

/// One repeat of a field.
#[derive(Debug, Clone, Copy)]
pub struct Field<'m> {
    text: &'m str,
    delimiters: Delimiters,
}

impl<'m> Field<'m> {
    /// Says that there is none any more.
    pub fn is_removed(self) -> bool {
        self.text == "\"\""
    }

    /// A component as text, its first subcomponent, escapes resolved; empty when absent or deleted.
    pub fn text(self, component: usize) -> String {
        let raw = part(self.text, self.delimiters.component, component.wrapping_sub(1));
        let raw = match self.delimiters.sub {
            Some(sub) => part(raw, sub, 0),
            None => raw,
        };
        if raw == "\"\"" {
            return String::new();
        }
        unescape(raw.trim(), self.delimiters)
    }

    /// The whole repeat as text, escapes resolved.
    pub fn whole(self) -> String {
        if self.is_removed() { String::new() } else { unescape(self.text.trim(), self.delimiters) }
    }
}

/// One of the parts that a character sets apart, the first is 0; empty when there are not so many. Fields are short and many
/// are asked for: a walk over the bytes is several times as fast as a search.
fn part(text: &str, by: char, nth: usize) -> &str {
    if !by.is_ascii() {
        return text.split(by).nth(nth).unwrap_or_default();
    }
    let (by, mut left, mut from) = (by as u8, nth, 0);
    // An ASCII byte is never a part of another character, so both ends lie between characters.
    for (at, byte) in text.bytes().enumerate() {
        if byte == by {
            if left == 0 {
                return &text[from..at];
            }
            left -= 1;
            from = at + 1;
        }
    }
    if left == 0 { &text[from..] } else { "" }
}

/// Resolves the escapes of a text.
fn unescape(text: &str, delimiters: Delimiters) -> String {
    let Some(mark) = delimiters.escape.filter(|mark| text.contains(*mark)) else { return text.to_owned() };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(mark) {
        out.push_str(before);
        let Some((code, next)) = after.split_once(mark) else {
            // An escape that never ends is a character of its own.
            out.push(mark);
            rest = after;
            continue;
        };
        match code {
            "F" => out.push(delimiters.field),
            "S" => out.push(delimiters.component),
            "R" => out.push(delimiters.repeat),
            "T" => out.extend(delimiters.sub),
            "E" => out.push(mark),
            ".br" => out.push('\n'),
            "H" | "N" => {}
            _ if code.starts_with('X') && hex(&code[1..]).is_some() => {
                out.push_str(&String::from_utf8_lossy(&hex(&code[1..]).unwrap_or_default()));
            }
            // Unknown: kept as written.
            _ => {
                out.push(mark);
                out.push_str(code);
                out.push(mark);
            }
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    let whole = digits.len().is_multiple_of(2) && !digits.is_empty();
    whole.then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Writes a text so that no delimiter in it sets anything apart.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '~' => out.push_str("\\R\\"),
            '&' => out.push_str("\\T\\"),
            '\\' => out.push_str("\\E\\"),
            '\n' | '\r' => out.push_str("\\.br\\"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_part_is_what_splitting_gives() {
        for text in ["", "|", "||", "a", "a|b", "|é|ü^ñ|", "PV1|1|I||x", "日|本|語", "a¦b¦c", "x|"] {
            for by in ['|', '^', '¦', 'é', '日'] {
                for nth in 0..7 {
                    assert_eq!(part(text, by, nth), text.split(by).nth(nth).unwrap_or_default(), "{text} {by} {nth}");
                }
            }
        }
        assert_eq!(part("a|b", '|', usize::MAX), "");
    }
}
