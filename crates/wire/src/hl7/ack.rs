//! The acknowledgement: taken for good, a fault in the data, or not supported, with the segment and field at fault.

use vigil_domain::time::{Moment, Zone};

use super::{
    lexer::{Header, Message, Segment, escape},
    time,
};
use crate::issue::{Issue, IssueCode, Severity};

/// What the acknowledgement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ack {
    /// Taken: the message and what follows from it are on the disk.
    Accept,
    /// The data are at fault: the message is parked; sending it again as it is will not help.
    Error,
    /// Not supported, or not able to take it now: nothing was kept of it but the message.
    Reject,
}

impl Ack {
    /// HL7 table 0008.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "AA",
            Self::Error => "AE",
            Self::Reject => "AR",
        }
    }
}

/// One thing at fault, as an acknowledgement tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Segment and field: `PV1-19`.
    pub place: String,
    /// What kind of fault, in the words of HL7 table 0357.
    pub kind: String,
    /// What is wrong.
    pub says: String,
    /// What to do about it.
    pub todo: String,
    /// Taken all the same.
    pub warning: bool,
}

/// What an acknowledgement says is at fault, in its order; nothing where it says nothing or cannot be read.
pub fn faults(ack: &[u8]) -> Vec<Told> {
    let Ok(message) = Message::parse(ack) else { return Vec::new() };
    let whole = |segment: Segment<'_>, number| segment.field(number).map(|field| field.whole()).unwrap_or_default();
    let fault = |segment: Segment<'_>| {
        let (name, field) = (segment.text(2, 1), segment.text(2, 3));
        Told {
            place: if field.is_empty() { name } else { format!("{name}-{field}") },
            kind: segment.text(3, 2),
            says: whole(segment, 8),
            todo: whole(segment, 7),
            warning: segment.text(4, 1) == "W",
        }
    };
    message.segments().filter(|segment| segment.name() == "ERR").map(fault).collect()
}

/// Writes the acknowledgement of a message.
pub fn acknowledge(header: &Header, ack: Ack, issues: &[Issue], now: Moment) -> String {
    let version = if header.version.is_empty() { "2.5.1" } else { &header.version };
    let processing = if header.processing.is_empty() { "P" } else { &header.processing };
    let sent = Zone::named("UTC").map(|utc| time::write(now, &utc)).unwrap_or_default();
    let event = if header.trigger.is_empty() { String::new() } else { format!("^{}", escape(&header.trigger)) };
    let control = escape(&header.control);
    let charset = if header.charset.is_empty() { String::new() } else { format!("||||||{}", escape(&header.charset)) };
    let mut out = format!(
        "MSH|^~\\&|{}|{}|{}|{}|{sent}||ACK{event}|{control}.{}|{}|{}{charset}\r",
        escape(&header.to_application),
        escape(&header.to_facility),
        escape(&header.application),
        escape(&header.facility),
        now.as_millisecond(),
        escape(processing),
        escape(version),
    );
    let text = issues.iter().find(|i| i.severity <= Severity::Error).map(|i| i.details.as_str()).unwrap_or_default();
    out.push_str(&format!("MSA|{}|{control}", ack.word()));
    if !text.is_empty() {
        out.push_str(&format!("|{}", escape(text)));
    }
    out.push('\r');
    for issue in issues.iter().filter(|i| i.severity <= Severity::Warning) {
        out.push_str(&error_segment(issue));
    }
    out
}

fn error_segment(issue: &Issue) -> String {
    let (segment, field) = issue.expression.split_once('-').unwrap_or((&issue.expression, ""));
    let place = if field.is_empty() { escape(segment) } else { format!("{}^1^{}", escape(segment), escape(field)) };
    let severity = if issue.severity <= Severity::Error { "E" } else { "W" };
    // HL7 table 0357.
    let (code, word) = match issue.code {
        IssueCode::Structure | IssueCode::Incomplete => ("100", "Segment sequence error"),
        IssueCode::Required => ("101", "Required field missing"),
        IssueCode::CodeInvalid => ("103", "Table value not found"),
        IssueCode::NotSupported => ("201", "Unsupported event code"),
        IssueCode::NotFound => ("204", "Unknown key identifier"),
        IssueCode::Duplicate => ("205", "Duplicate key identifier"),
        IssueCode::Exception | IssueCode::Throttled => ("207", "Application internal error"),
        _ => ("102", "Data type error"),
    };
    format!(
        "ERR||{place}|{code}^{word}^HL70357|{severity}|||{}|{}\r",
        escape(&issue.diagnostics),
        escape(&issue.details)
    )
}
