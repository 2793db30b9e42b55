//! JSON for reading: one pass over the bytes, borrowed values, a byte span for everything.
//!
//! Written here because a claim must be echoed as it came (exact spans), must say where it is wrong (line, column,
//! FHIRPath), must refuse two members of one name, and must tell a truncated body from a wrong one. The general
//! parsers give at most two of these four. The parse is one flat list of nodes in document order, so a value is a
//! number and a place in the document costs nothing until somebody asks for it.

mod parse;
mod value;

pub use value::{Items, Kind, Members, Value};

/// How large and how deep a body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest body in bytes.
    pub bytes: usize,
    /// Deepest nesting of objects and arrays.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 32 * 1024 * 1024, depth: 64 }
    }
}

/// Why a body is not a JSON document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Larger than the limit.
    TooLarge,
    /// Nested deeper than the limit.
    TooDeep,
    /// Not UTF-8.
    NotUtf8,
    /// Ends in the middle: probably cut on the way.
    Truncated,
    /// Not JSON at this place; the words say what was expected.
    Syntax(&'static str),
}

/// A body that cannot be read, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonError {
    /// What is wrong.
    pub trouble: Trouble,
    /// Byte offset of the trouble.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
}

/// A parsed document over the text it was parsed from.
#[derive(Debug)]
pub struct Json<'t> {
    text: &'t str,
    nodes: Vec<Node>,
    /// Nodes whose member name was already used in the same object.
    twice: Vec<u32>,
}

/// One value: its kind, its span, its member name, and where its next sibling stands.
#[derive(Debug, Clone, Copy)]
struct Node {
    kind: Kind,
    /// The text has escapes.
    escaped: bool,
    /// The member name has escapes.
    key_escaped: bool,
    key: u32,
    key_len: u32,
    start: u32,
    end: u32,
    next: u32,
}

impl<'t> Json<'t> {
    /// Parses a body.
    pub fn parse(body: &'t [u8], limits: Limits) -> Result<Self, JsonError> {
        parse::parse(body, limits)
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        Value { json: self, at: 0 }
    }

    /// The second and later values of members that stand twice in one object, in document order.
    pub fn twice(&self) -> impl Iterator<Item = Value<'_>> {
        self.twice.iter().map(|at| Value { json: self, at: *at })
    }

    /// How many values the document has.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never true: a document has at least its outermost value.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Line and column (bytes), both from 1, of a byte offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        line_column(self.text.as_bytes(), offset)
    }
}

pub(crate) fn line_column(body: &[u8], offset: usize) -> (usize, usize) {
    let before = &body[..offset.min(body.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}
