//! The statements' side of the seam: one SQL text, written once, run by either engine. Shaped like rusqlite on purpose.
//!
//! Statements keep to what both engines understand: `?1` parameters, `BIGINT` (0 and 1 for no and yes), `TEXT`, byte
//! strings, `ON CONFLICT`, `RETURNING`. Each table's key is led by the tenant.

use rusqlite::types::{ToSqlOutput, ValueRef};

pub(crate) use super::fail::{EngineError, Result};
use super::postgres::reply::{Cells, FromBytes};

/// A connection to run statements on, of either engine.
pub(crate) type Connection<'a> = dyn Sql + 'a;

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What can be a parameter.
pub(crate) trait ToValue {
    fn value(&self) -> Value<'_>;
}

impl ToValue for Value<'_> {
    fn value(&self) -> Value<'_> {
        *self
    }
}

impl ToValue for str {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl ToValue for String {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl ToValue for [u8] {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl ToValue for Vec<u8> {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

macro_rules! whole {
    ($($kind:ty),+) => { $(impl ToValue for $kind {
        fn value(&self) -> Value<'_> {
            Value::Int(i64::from(*self))
        }
    })+ };
}
whole!(i64, i32, u32, u16, bool);

impl<T: ToValue + ?Sized> ToValue for &T {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::value)
    }
}

/// The parameters of one run.
pub(crate) trait Params {
    fn values(&self) -> Vec<Value<'_>>;
}

impl Params for () {
    fn values(&self) -> Vec<Value<'_>> {
        Vec::new()
    }
}

impl<T: ToValue, const N: usize> Params for [T; N] {
    fn values(&self) -> Vec<Value<'_>> {
        self.iter().map(ToValue::value).collect()
    }
}

impl Params for &[Value<'_>] {
    fn values(&self) -> Vec<Value<'_>> {
        self.to_vec()
    }
}

/// Parameters of mixed types.
macro_rules! params {
    () => { () };
    ($($value:expr),+ $(,)?) => { [$($crate::engine::sql::ToValue::value(&$value)),+] };
}
pub(crate) use params;

/// A row under the reader's hand.
pub(crate) enum Row<'a> {
    Lite(&'a rusqlite::Row<'a>),
    Pg(&'a Cells),
}

/// The place of a column.
pub(crate) trait Place {
    fn place(self) -> usize;
}

impl Place for usize {
    fn place(self) -> usize {
        self
    }
}

/// What can be read from a column.
pub(crate) trait FromCell: rusqlite::types::FromSql + FromBytes {}

impl<T: rusqlite::types::FromSql + FromBytes> FromCell for T {}

impl Row<'_> {
    /// A column's value.
    pub(crate) fn get<I: Place, T: FromCell>(&self, column: I) -> Result<T> {
        match self {
            Self::Lite(row) => Ok(row.get(column.place())?),
            Self::Pg(cells) => {
                let column = column.place();
                T::from_bytes(cells.raw(column)?).map_err(|why| EngineError::Cell { column, why })
            }
        }
    }

    /// A text's or byte string's bytes where they lie; empty when the column holds neither.
    pub(crate) fn bytes(&self, column: usize) -> Result<&[u8]> {
        match self {
            Self::Lite(row) => match row.get_ref(column)? {
                ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Ok(bytes),
                _ => Ok(&[]),
            },
            Self::Pg(cells) => Ok(cells.raw(column)?.unwrap_or(&[])),
        }
    }
}

/// An engine's connection.
pub(crate) trait Sql {
    /// Runs a statement that changes; gives how many rows it touched.
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<usize>;
    /// Runs a statement that reads, and tells its rows until told to stop.
    fn tell(&self, sql: &str, values: &[Value<'_>], told: &mut dyn FnMut(&Row<'_>) -> Result<bool>) -> Result<()>;
    /// The expression of the position below which nothing can still appear, however high the log already is.
    fn floor(&self) -> &'static str;
}

impl dyn Sql + '_ {
    /// A statement, prepared once for a connection and then kept.
    pub(crate) fn prepare_cached<'a>(&'a self, sql: &'a str) -> Result<Statement<'a>> {
        Ok(Statement { conn: self, sql })
    }

    /// The one row of a statement.
    pub(crate) fn query_row<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        Statement { conn: self, sql }.query_row(values, read)
    }
}

/// A statement of a connection.
pub(crate) struct Statement<'a> {
    conn: &'a dyn Sql,
    sql: &'a str,
}

impl Statement<'_> {
    /// All rows, each as `read` makes it.
    pub(crate) fn query_map<T>(
        &mut self,
        values: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<std::vec::IntoIter<Result<T>>> {
        let mut rows = Vec::new();
        self.conn.tell(self.sql, &values.values(), &mut |row| {
            rows.push(read(row));
            Ok(true)
        })?;
        Ok(rows.into_iter())
    }

    /// The first row.
    pub(crate) fn query_row<T>(
        &mut self,
        values: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut first = None;
        self.conn.tell(self.sql, &values.values(), &mut |row| {
            first = Some(read(row)?);
            Ok(false)
        })?;
        first.ok_or(EngineError::NoRow)
    }

    /// Tells the rows one after the other until told to stop.
    pub(crate) fn each(&mut self, values: impl Params, mut told: impl FnMut(&Row<'_>) -> Result<bool>) -> Result<()> {
        self.conn.tell(self.sql, &values.values(), &mut told)
    }

    /// Runs a statement that changes; gives how many rows it touched.
    pub(crate) fn execute(&mut self, values: impl Params) -> Result<usize> {
        self.conn.change(self.sql, &values.values())
    }
}

/// No row is an answer too.
pub(crate) trait OptionalExtension<T> {
    fn optional(self) -> Result<Option<T>>;
}

impl<T> OptionalExtension<T> for Result<T> {
    fn optional(self) -> Result<Option<T>> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(EngineError::NoRow) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Sql for rusqlite::Connection {
    fn floor(&self) -> &'static str {
        // One writer: what is there is settled.
        "9223372036854775807"
    }

    fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<usize> {
        Ok(self.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))?)
    }

    fn tell(&self, sql: &str, values: &[Value<'_>], told: &mut dyn FnMut(&Row<'_>) -> Result<bool>) -> Result<()> {
        let mut select = self.prepare_cached(sql)?;
        let mut rows = select.query(rusqlite::params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            if !told(&Row::Lite(row))? {
                break;
            }
        }
        Ok(())
    }
}
