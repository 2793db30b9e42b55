//! The engine room: the only place that knows a SQL dialect.

pub(crate) mod apply;
pub(crate) mod backup;
pub(crate) mod lists;
pub(crate) mod load;
pub(crate) mod lookup;
pub(crate) mod open;
pub(crate) mod rows;
pub(crate) mod schema;
pub(crate) mod seals;
pub(crate) mod shadow;
pub(crate) mod wal;
pub(crate) mod work;
pub(crate) mod write;
pub(crate) mod writer;

use vigil_domain::time::{Day, Moment};

use crate::StoreFault;

/// Moments are whole microseconds since 1970 in every table.
pub(crate) fn micros(moment: Moment) -> i64 {
    moment.as_microsecond()
}

/// The moment of a column; a value outside the calendar is a damaged row.
pub(crate) fn moment(column: usize, micros: i64) -> rusqlite::Result<Moment> {
    Moment::from_microsecond(micros).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Integer, Box::new(error))
    })
}

/// The day of a column.
pub(crate) fn day(column: usize, text: &str) -> rusqlite::Result<Day> {
    text.parse().map_err(|error: jiff::Error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// Reads a stored JSON body.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreFault> {
    serde_json::from_str(text).map_err(|error| StoreFault::Spoiled { what, why: error.to_string() })
}

/// Writes a JSON body.
pub(crate) fn to_json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, StoreFault> {
    serde_json::to_string(value).map_err(|error| StoreFault::Spoiled { what, why: error.to_string() })
}
