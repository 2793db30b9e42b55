//! What can be wrong with a message: all of it collected, each with its place, what is wrong and what to do.

use std::fmt;

use crate::json::{JsonError, Trouble, Value};

/// How bad an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The body could not be read at all.
    Fatal,
    /// The message cannot be accepted.
    Error,
    /// Accepted; the sender should know.
    Warning,
    /// For information.
    Information,
}

impl Severity {
    /// FHIR issue-severity.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

/// What kind of issue it is: the FHIR issue-type codes that Vigil uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum IssueCode {
    Structure,
    Required,
    Value,
    Invariant,
    CodeInvalid,
    NotFound,
    NotSupported,
    Duplicate,
    TooLong,
    Extension,
    BusinessRule,
    Forbidden,
    Login,
    Throttled,
    NoStore,
    Timeout,
    Incomplete,
    Processing,
    Exception,
    Informational,
}

impl IssueCode {
    /// FHIR issue-type.
    pub fn word(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Required => "required",
            Self::Value => "value",
            Self::Invariant => "invariant",
            Self::CodeInvalid => "code-invalid",
            Self::NotFound => "not-found",
            Self::NotSupported => "not-supported",
            Self::Duplicate => "duplicate",
            Self::TooLong => "too-long",
            Self::Extension => "extension",
            Self::BusinessRule => "business-rule",
            Self::Forbidden => "forbidden",
            Self::Login => "login",
            Self::Throttled => "throttled",
            Self::NoStore => "no-store",
            Self::Timeout => "timeout",
            Self::Incomplete => "incomplete",
            Self::Processing => "processing",
            Self::Exception => "exception",
            Self::Informational => "informational",
        }
    }
}

/// One complaint about one place of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of issue it is.
    pub code: IssueCode,
    /// Where: FHIRPath, or `line N, column M` of a table or of a body that is not JSON.
    pub expression: String,
    /// What is wrong, in plain words.
    pub details: String,
    /// What to do about it.
    pub diagnostics: String,
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {} {}", self.severity.word(), self.expression, self.details, self.diagnostics)
    }
}

/// What a reader gives: the value, or every issue that stands in its way.
pub type Read<T> = Result<T, Vec<Issue>>;

impl From<JsonError> for Issue {
    fn from(error: JsonError) -> Self {
        let (code, details, diagnostics) = match error.trouble {
            Trouble::TooLarge => (
                IssueCode::TooLong,
                "The body is larger than this server accepts.".to_owned(),
                "Send large attachments apart, or ask the operator for the limit.",
            ),
            Trouble::TooDeep => (
                IssueCode::Structure,
                "The body nests objects and arrays too deeply.".to_owned(),
                "Send a Bundle nested no deeper than 64 levels.",
            ),
            Trouble::NotUtf8 => (
                IssueCode::Structure,
                "The body is not UTF-8 text.".to_owned(),
                "Send JSON in UTF-8, without compression.",
            ),
            Trouble::Truncated => (
                IssueCode::Incomplete,
                "The body ends in the middle of the document.".to_owned(),
                "Send the whole document; check the content length.",
            ),
            Trouble::Syntax(expected) => {
                (IssueCode::Structure, format!("The body is not JSON here: expected {expected}."), "Correct the JSON.")
            }
        };
        Issue {
            severity: Severity::Fatal,
            code,
            expression: format!("line {}, column {}", error.line, error.column),
            details,
            diagnostics: diagnostics.to_owned(),
        }
    }
}

/// The issues found so far. Readers go on after an error, so that the sender hears everything at once.
#[derive(Debug, Default)]
pub struct Notes {
    /// In the order found.
    pub issues: Vec<Issue>,
    errors: usize,
}

impl Notes {
    /// Adds an issue.
    pub fn add(&mut self, issue: Issue) {
        self.errors += usize::from(issue.severity <= Severity::Error);
        self.issues.push(issue);
    }

    /// An error at a value of the document.
    pub fn error(&mut self, code: IssueCode, at: Value<'_>, details: impl Into<String>, todo: impl Into<String>) {
        self.note(Severity::Error, code, at.path(), details, todo);
    }

    /// An error at a member that is absent.
    pub fn missing(&mut self, at: Value<'_>, name: &str) {
        let path = format!("{}.{name}", at.path());
        self.note(Severity::Error, IssueCode::Required, path, format!("{name} is missing."), format!("Add {name}."));
    }

    /// A warning at a value of the document.
    pub fn warn(&mut self, code: IssueCode, at: Value<'_>, details: impl Into<String>, todo: impl Into<String>) {
        self.note(Severity::Warning, code, at.path(), details, todo);
    }

    /// An issue at a place given in words.
    pub fn note(
        &mut self,
        severity: Severity,
        code: IssueCode,
        expression: impl Into<String>,
        details: impl Into<String>,
        todo: impl Into<String>,
    ) {
        self.add(Issue {
            severity,
            code,
            expression: expression.into(),
            details: details.into(),
            diagnostics: todo.into(),
        });
    }

    /// Whether anything stands in the way of accepting the message.
    pub fn refused(&self) -> bool {
        self.errors > 0
    }

    /// The value with its warnings, or all issues.
    pub fn finish<T>(self, value: Option<T>) -> Read<(T, Vec<Issue>)> {
        match value {
            Some(value) if self.errors == 0 => Ok((value, self.issues)),
            _ => Err(self.issues),
        }
    }
}
