//! The cells of PostgreSQL's rows.

use std::ops::Range;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::DataRowBody;

use crate::engine::fail::{EngineError, Result};

/// A row as it came.
pub(crate) struct Cells {
    body: DataRowBody,
    places: Vec<Option<Range<usize>>>,
}

impl Cells {
    pub(crate) fn new(body: DataRowBody) -> std::io::Result<Self> {
        let places = body.ranges().collect()?;
        Ok(Self { body, places })
    }

    /// A cell's bytes; none for NULL.
    pub(crate) fn raw(&self, column: usize) -> Result<Option<&[u8]>> {
        let place =
            self.places.get(column).ok_or(EngineError::Cell { column, why: "there is no such column".into() })?;
        Ok(place.clone().map(|place| &self.body.buffer()[place]))
    }

    /// All cells as text, for comparing: numbers as numbers, byte strings by their bytes.
    pub(crate) fn shown(&self) -> String {
        let cells = self.places.iter().map(|place| match place {
            Some(place) => {
                let bytes = &self.body.buffer()[place.clone()];
                match (std::str::from_utf8(bytes), <[u8; 8]>::try_from(bytes)) {
                    (_, Ok(number)) => i64::from_be_bytes(number).to_string(),
                    (Ok(text), _) => text.to_owned(),
                    (Err(_), _) => crate::chain::hex(bytes),
                }
            }
            None => "-".to_owned(),
        });
        cells.collect::<Vec<_>>().join(" | ")
    }
}

/// Reads a cell as a Rust value.
pub(crate) trait FromBytes: Sized {
    /// The value of a cell's bytes; NULL is none.
    fn from_bytes(bytes: Option<&[u8]>) -> std::result::Result<Self, String>;
}

fn there(bytes: Option<&[u8]>) -> std::result::Result<&[u8], String> {
    bytes.ok_or_else(|| "it is empty".to_owned())
}

impl FromBytes for i64 {
    fn from_bytes(bytes: Option<&[u8]>) -> std::result::Result<Self, String> {
        let bytes = there(bytes)?;
        match *bytes {
            [a] => Ok(Self::from(a)),
            [a, b, c, d] => Ok(Self::from(i32::from_be_bytes([a, b, c, d]))),
            [a, b, c, d, e, f, g, h] => Ok(Self::from_be_bytes([a, b, c, d, e, f, g, h])),
            _ => Err("it is not a whole number".to_owned()),
        }
    }
}

macro_rules! smaller {
    ($($kind:ty),+) => { $(impl FromBytes for $kind {
        fn from_bytes(bytes: Option<&[u8]>) -> std::result::Result<Self, String> {
            Self::try_from(i64::from_bytes(bytes)?).map_err(|error| error.to_string())
        }
    })+ };
}
smaller!(u16, u32, i32);

impl FromBytes for bool {
    fn from_bytes(bytes: Option<&[u8]>) -> std::result::Result<Self, String> {
        Ok(i64::from_bytes(bytes)? != 0)
    }
}

impl FromBytes for String {
    fn from_bytes(bytes: Option<&[u8]>) -> std::result::Result<Self, String> {
        String::from_utf8(there(bytes)?.to_vec()).map_err(|error| error.to_string())
    }
}

impl FromBytes for Vec<u8> {
    fn from_bytes(bytes: Option<&[u8]>) -> std::result::Result<Self, String> {
        Ok(there(bytes)?.to_vec())
    }
}

impl FromBytes for [u8; 32] {
    fn from_bytes(bytes: Option<&[u8]>) -> std::result::Result<Self, String> {
        there(bytes)?.try_into().map_err(|_| "it is not 32 bytes long".to_owned())
    }
}

impl<T: FromBytes> FromBytes for Option<T> {
    fn from_bytes(bytes: Option<&[u8]>) -> std::result::Result<Self, String> {
        bytes.map(|bytes| T::from_bytes(Some(bytes))).transpose()
    }
}
