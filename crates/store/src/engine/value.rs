//! How moments, days and bodies stand in columns, on both engines.

use vigil_domain::time::{Day, Moment};

use super::sql::{self, EngineError};
use crate::StoreFault;

/// Due times that are absent sort last.
pub(crate) const NEVER: i64 = i64::MAX;

/// Moments are whole microseconds since 1970 in every table.
pub(crate) fn micros(moment: Moment) -> i64 {
    moment.as_microsecond()
}

/// The moment of a column; a value outside the calendar is a damaged row.
pub(crate) fn moment(column: usize, micros: i64) -> sql::Result<Moment> {
    Moment::from_microsecond(micros).map_err(|error| EngineError::Cell { column, why: error.to_string() })
}

/// The day of a column.
pub(crate) fn day(column: usize, text: &str) -> sql::Result<Day> {
    text.parse().map_err(|error: jiff::Error| EngineError::Cell { column, why: error.to_string() })
}

/// Reads a stored JSON body.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreFault> {
    serde_json::from_str(text).map_err(|error| StoreFault::Spoiled { what, why: error.to_string() })
}

/// Writes a JSON body.
pub(crate) fn to_json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, StoreFault> {
    serde_json::to_string(value).map_err(|error| StoreFault::Spoiled { what, why: error.to_string() })
}
