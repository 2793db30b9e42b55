//! Parameters on their way to PostgreSQL, one by one or as whole columns.

use std::borrow::Cow;

use bytes::{BufMut, BytesMut};
use postgres_protocol::{IsNull, types};

use crate::engine::sql::Value;

const BYTES: u32 = 17;
const WHOLE: u32 = 20;
const TEXT: u32 = 25;
const MANY_BYTES: u32 = 1001;
const MANY_TEXTS: u32 = 1009;
const MANY_WHOLE: u32 = 1016;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Whole,
    Text,
    Bytes,
}

impl Kind {
    /// The array type that carries a column of this kind.
    pub(crate) fn array(self) -> &'static str {
        match self {
            Self::Whole => "bigint[]",
            Self::Text => "text[]",
            Self::Bytes => "bytea[]",
        }
    }
}

/// A value that may own what it holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Cell<'_> {
    fn from(yes: bool) -> Self {
        Self::Int(i64::from(yes))
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Cell<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(Cow::Owned(bytes))
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<Value<'a>> for Cell<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(number),
            Value::Text(text) => text.into(),
            Value::Blob(bytes) => bytes.into(),
        }
    }
}

impl Cell<'_> {
    /// The same value, with nothing borrowed.
    pub(crate) fn owned(self) -> Cell<'static> {
        match self {
            Self::Null => Cell::Null,
            Self::Int(number) => Cell::Int(number),
            Self::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Self::Blob(bytes) => Cell::Blob(Cow::Owned(bytes.into_owned())),
        }
    }

    fn write(&self, out: &mut BytesMut) -> IsNull {
        match self {
            Self::Null => return IsNull::Yes,
            Self::Int(number) => types::int8_to_sql(*number, out),
            Self::Text(text) => write_text(text, out),
            Self::Blob(bytes) => out.put_slice(bytes),
        }
        IsNull::No
    }
}

/// PostgreSQL's texts hold no NUL; one that came in a message is kept as the sign for what cannot be shown.
fn write_text(text: &str, out: &mut BytesMut) {
    if text.contains('\0') {
        out.put_slice(text.replace('\0', "\u{FFFD}").as_bytes());
    } else {
        out.put_slice(text.as_bytes());
    }
}

/// A parameter: one value, or a whole column of them.
#[derive(Debug, Clone)]
pub(crate) enum Param<'a> {
    One(Cell<'a>),
    Many(Kind, Vec<Cell<'a>>),
}

impl Param<'_> {
    /// The type by its number; 0 lets the server find it from where the parameter stands.
    pub(crate) fn type_of(&self) -> u32 {
        match self {
            Self::One(Cell::Null) => 0,
            Self::One(Cell::Int(_)) => WHOLE,
            Self::One(Cell::Text(_)) => TEXT,
            Self::One(Cell::Blob(_)) => BYTES,
            Self::Many(Kind::Whole, _) => MANY_WHOLE,
            Self::Many(Kind::Text, _) => MANY_TEXTS,
            Self::Many(Kind::Bytes, _) => MANY_BYTES,
        }
    }

    /// Writes the value in its binary form.
    pub(crate) fn write(&self, out: &mut BytesMut) -> IsNull {
        match self {
            Self::One(cell) => cell.write(out),
            Self::Many(kind, cells) => {
                let element = match kind {
                    Kind::Whole => WHOLE,
                    Kind::Text => TEXT,
                    Kind::Bytes => BYTES,
                };
                out.put_i32(i32::from(!cells.is_empty()));
                out.put_i32(i32::from(cells.contains(&Cell::Null)));
                out.put_u32(element);
                if !cells.is_empty() {
                    out.put_i32(cells.len() as i32);
                    out.put_i32(1);
                }
                for cell in cells {
                    let place = out.len();
                    out.put_i32(-1);
                    if let IsNull::No = cell.write(out) {
                        let length = (out.len() - place - 4) as i32;
                        out[place..place + 4].copy_from_slice(&length.to_be_bytes());
                    }
                }
                IsNull::No
            }
        }
    }
}
