//! One connection to PostgreSQL, used by one thread at a time: statements are prepared once, sent together, answered in
//! order. Blocking on purpose, so that a page's read may run where no runtime may be entered (docs/decisions).

use std::{cell::RefCell, io::Error, time::Duration};

use bytes::BytesMut;
use postgres_protocol::message::{
    backend::Message,
    frontend::{self, BindError},
};

use super::{
    address::{Address, Host},
    cell::Param,
    line::{Line, said},
    login,
    reply::Cells,
};
use crate::engine::sql::{EngineError, Result, Row, Sql, Value};

/// A statement with its parameters, on its way.
pub(crate) struct Step<'a> {
    pub(crate) sql: &'a str,
    pub(crate) params: Vec<Param<'a>>,
}

impl<'a> Step<'a> {
    pub(crate) fn bare(sql: &'a str) -> Self {
        Self { sql, params: Vec::new() }
    }

    pub(crate) fn with(sql: &'a str, values: &[Value<'a>]) -> Self {
        Self { sql, params: values.iter().map(|value| Param::One((*value).into())).collect() }
    }
}

/// Each node that writes stands in `writers` with a floor: every position it may still write lies above it.
pub(crate) const FLOOR: &str = "(SELECT COALESCE(MIN(floor), 9223372036854775807) FROM writers)";

/// A connection.
pub(crate) struct Client(RefCell<Line>);

/// How long a connection waits, and for what it is used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    /// The longest a statement may take; zero for no end.
    pub(crate) statement: Duration,
    /// The longest to wait for another's lock.
    pub(crate) lock: Duration,
    /// Every statement finds its rows by a key. The planner is told so: a plan made while a table was small is kept, and must
    /// not read the whole table when it has grown.
    pub(crate) by_key: bool,
}

/// For migrations, rebuilds and other work that nobody waits for.
pub(crate) const PATIENT: Manners =
    Manners { statement: Duration::from_secs(3_600), lock: Duration::from_secs(60), by_key: false };

impl Client {
    /// Opens a connection to the first host that takes writes.
    pub(crate) fn open(address: &Address, manners: Manners) -> Result<Self> {
        let mut last = None;
        for host in &address.hosts {
            match Self::at(address, host, manners) {
                Ok(client) => return Ok(client),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or(EngineError::NoRow))
    }

    fn at(address: &Address, host: &Host, manners: Manners) -> Result<Self> {
        let mut line = Line::open(host, address)?;
        let milliseconds = |time: Duration| time.as_millis().to_string();
        let (statement, lock) = (milliseconds(manners.statement), milliseconds(manners.lock));
        let scans = if manners.by_key { "off" } else { "on" };
        let settings = [
            ("user", address.user.as_str()),
            ("database", &address.database),
            ("application_name", "vigil"),
            ("client_encoding", "UTF8"),
            ("search_path", &address.schema),
            ("default_transaction_isolation", address.isolation),
            ("statement_timeout", &statement),
            ("lock_timeout", &lock),
            ("idle_in_transaction_session_timeout", "60000"),
            ("enable_seqscan", scans),
            ("enable_hashjoin", scans),
            ("enable_mergejoin", scans),
            ("jit", "off"),
        ];
        login::enter(&mut line, &settings, &address.user, address.password.as_deref())?;
        let client = Self(RefCell::new(line));
        let standby = client.one_number("SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END::BIGINT")?;
        if standby != 0 {
            let says = format!("{}:{} is a standby and takes no writes", host.name, host.port);
            return Err(EngineError::Postgres { code: "25006".to_owned(), says });
        }
        // The server ends a slow statement first and says so; this is for a server that does not answer at all.
        let whole = (!manners.statement.is_zero()).then(|| manners.statement + Duration::from_secs(2));
        client.0.borrow().wait_at_most(whole)?;
        Ok(client)
    }

    /// Whether the connection can be used again.
    pub(crate) fn is_sound(&self) -> bool {
        let line = self.0.borrow();
        !line.broken && !line.in_transaction
    }

    /// Sends statements together and tells their rows, each with its statement's place; gives the rows each touched.
    /// After a failure the statements behind it have not run.
    pub(crate) fn run(
        &self,
        steps: &[Step<'_>],
        told: &mut dyn FnMut(usize, &Row<'_>) -> Result<bool>,
    ) -> Result<Vec<usize>> {
        let mut line = self.0.borrow_mut();
        let outcome = line.send(steps).and_then(|asked| line.answers(steps.len(), &asked, told));
        if let Err(EngineError::Line(_)) = &outcome {
            line.broken = true;
        }
        outcome
    }

    /// Runs statements that give no rows.
    pub(crate) fn all(&self, steps: &[Step<'_>]) -> Result<Vec<usize>> {
        self.run(steps, &mut |_, _| Ok(true))
    }

    /// The one number of a statement.
    pub(crate) fn one_number(&self, sql: &str) -> Result<i64> {
        let mut number = None;
        self.run(&[Step::bare(sql)], &mut |_, row| {
            number = Some(row.get(0)?);
            Ok(false)
        })?;
        number.ok_or(EngineError::NoRow)
    }

    /// Runs several statements without parameters, as migrations are.
    pub(crate) fn script(&self, sql: &str) -> Result<()> {
        let mut line = self.0.borrow_mut();
        line.outgoing.clear();
        frontend::query(sql, &mut line.outgoing)?;
        let outcome = line.flush().and_then(|()| line.until_ready());
        if let Err(EngineError::Line(_)) = &outcome {
            line.broken = true;
        }
        outcome
    }

    /// Gives up the transaction, if there is one.
    pub(crate) fn roll_back(&self) {
        if self.0.borrow().in_transaction && !self.0.borrow().broken {
            drop(self.all(&[Step::bare("ROLLBACK")]));
        }
    }
}

/// Statements over a line.
trait Statements {
    /// Writes all statements; gives the texts that are being prepared.
    fn send(&mut self, steps: &[Step<'_>]) -> Result<Vec<String>>;
    /// Reads what the server makes of them.
    fn answers(
        &mut self,
        steps: usize,
        fresh: &[String],
        told: &mut dyn FnMut(usize, &Row<'_>) -> Result<bool>,
    ) -> Result<Vec<usize>>;
}

impl Statements for Line {
    fn send(&mut self, steps: &[Step<'_>]) -> Result<Vec<String>> {
        self.outgoing.clear();
        let mut fresh = Vec::new();
        for step in steps {
            let name = match self.prepared.get(step.sql) {
                Some(name) => name.clone(),
                None => {
                    self.names += 1;
                    let name = format!("s{}", self.names);
                    let types = step.params.iter().map(Param::type_of);
                    frontend::parse(&name, &translated(step.sql), types, &mut self.outgoing)?;
                    self.prepared.insert(step.sql.to_owned(), name.clone());
                    fresh.push(step.sql.to_owned());
                    name
                }
            };
            let write = |param: &Param<'_>, out: &mut BytesMut| Ok(param.write(out));
            frontend::bind("", &name, [1], &step.params, write, [1], &mut self.outgoing).map_err(
                |error| match error {
                    BindError::Conversion(error) => Error::other(error),
                    BindError::Serialization(error) => error,
                },
            )?;
            frontend::execute("", 0, &mut self.outgoing)?;
        }
        frontend::sync(&mut self.outgoing);
        self.flush()?;
        Ok(fresh)
    }

    fn answers(
        &mut self,
        steps: usize,
        fresh: &[String],
        told: &mut dyn FnMut(usize, &Row<'_>) -> Result<bool>,
    ) -> Result<Vec<usize>> {
        let mut touched = Vec::with_capacity(steps);
        let mut failed = None;
        let mut listening = true;
        let mut parsed = 0;
        loop {
            match self.next()? {
                Message::ParseComplete => parsed += 1,
                Message::DataRow(body) if listening && failed.is_none() => {
                    let cells = Cells::new(body)?;
                    match told(touched.len(), &Row::Pg(&cells)) {
                        Ok(more) => listening = more,
                        Err(error) => failed = Some(error),
                    }
                }
                Message::CommandComplete(body) => {
                    let count = body.tag().ok().and_then(|tag| tag.rsplit(' ').next()?.parse().ok());
                    touched.push(count.unwrap_or(0));
                    listening = true;
                }
                Message::ErrorResponse(body) => failed = Some(said(&body)),
                Message::ReadyForQuery(body) => {
                    self.in_transaction = body.status() != b'I';
                    break;
                }
                _ => {}
            }
        }
        let Some(error) = failed else { return Ok(touched) };
        // What the server did not come to prepare is prepared when it is next asked for.
        for sql in &fresh[parsed.min(fresh.len())..] {
            self.prepared.remove(sql);
        }
        Err(error)
    }
}

/// A shared statement as PostgreSQL reads it: `$1` for `?1`, numbered in order for a bare `?`. A plus before a column keeps
/// SQLite from one of its indexes; PostgreSQL's planner has statistics and needs no hint.
fn translated(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut next = 0;
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '?' if rest.peek().is_some_and(char::is_ascii_digit) => out.push('$'),
            '?' => {
                next += 1;
                out.push_str(&format!("${next}"));
            }
            '+' if out.ends_with(" AND ") => {}
            c => out.push(c),
        }
    }
    out
}

impl Sql for Client {
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<usize> {
        let touched = self.all(&[Step::with(sql, values)])?;
        Ok(touched.last().copied().unwrap_or(0))
    }

    fn tell(&self, sql: &str, values: &[Value<'_>], told: &mut dyn FnMut(&Row<'_>) -> Result<bool>) -> Result<()> {
        self.run(&[Step::with(sql, values)], &mut |_, row| told(row)).map(|_| ())
    }

    fn floor(&self) -> &'static str {
        FLOOR
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn shared_statements_are_read_by_postgresql() {
        let table = [
            ("SELECT a FROM t WHERE b = ?1 AND c > ?12", "SELECT a FROM t WHERE b = $1 AND c > $12"),
            ("tenant = ? AND +queue = ? LIMIT ?", "tenant = $1 AND queue = $2 LIMIT $3"),
            ("SET n = n + ?1", "SET n = n + $1"),
        ];
        for (shared, expected) in table {
            assert_eq!(super::translated(shared), expected);
        }
    }
}
