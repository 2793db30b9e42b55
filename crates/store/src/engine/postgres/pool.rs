//! Connections to read from: kept, lent, given back; one that was lost is opened anew without its reader's knowing.

use std::{
    cell::RefCell,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    address::Address,
    client::{Client, Manners},
};
use crate::{
    StoreFault,
    engine::sql::{EngineError, Result, Row, Sql, Value},
    fault::Doing,
};

/// Connections lent at most at a time by a node.
const MOST: usize = 16;
/// How long a reader waits for a connection before it is told that the store is busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// After a failed opening nobody tries again for this long: a database that is away must not cost each reader its patience.
const PAUSE: Duration = Duration::from_millis(250);

const READING: Manners = Manners { statement: Duration::from_secs(8), lock: Duration::from_secs(5), by_key: true };

#[derive(Default)]
struct State {
    idle: Vec<Client>,
    lent: usize,
    away_since: Option<(Instant, String)>,
}

/// The pool.
pub(crate) struct Pool {
    address: Address,
    state: Mutex<State>,
    returned: Condvar,
}

impl Pool {
    pub(crate) fn new(address: Address) -> Self {
        Self { address, state: Mutex::default(), returned: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a connection.
    pub(crate) fn lend(&self) -> std::result::Result<Lent<'_>, StoreFault> {
        let mut state = self.state();
        if state.lent >= MOST {
            let free = |state: &mut State| state.lent >= MOST;
            let waited = self.returned.wait_timeout_while(state, PATIENCE, free);
            let (waited, late) = waited.unwrap_or_else(PoisonError::into_inner);
            if late.timed_out() {
                return Err(StoreFault::Busy);
            }
            state = waited;
        }
        state.lent += 1;
        let kept = state.idle.pop();
        drop(state);
        let lent = Lent { client: RefCell::new(kept), pool: self };
        if lent.client.borrow().is_none() {
            lent.renew().doing("reach the database")?;
        }
        Ok(lent)
    }

    /// Opens a connection, unless one could not be opened a moment ago.
    fn open(&self) -> Result<Client> {
        if let Some((since, why)) = &self.state().away_since
            && since.elapsed() < PAUSE
        {
            return Err(std::io::Error::new(std::io::ErrorKind::NotConnected, why.clone()).into());
        }
        let opened = Client::open(&self.address, READING);
        self.state().away_since = opened.as_ref().err().map(|error| (Instant::now(), bare(error)));
        opened
    }

    /// Ends the connections that nobody uses.
    pub(crate) fn empty(&self) {
        let idle = std::mem::take(&mut self.state().idle);
        drop(idle);
    }
}

/// A failure's own words, to be said again.
fn bare(error: &EngineError) -> String {
    match error {
        EngineError::Line(source) => source.to_string(),
        other => other.to_string(),
    }
}

/// A lent connection.
pub(crate) struct Lent<'a> {
    client: RefCell<Option<Client>>,
    pool: &'a Pool,
}

impl Lent<'_> {
    fn renew(&self) -> Result<()> {
        self.client.replace(None);
        self.client.replace(Some(self.pool.open()?));
        Ok(())
    }

    /// Works with the connection itself.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Client) -> Result<T>) -> Result<T> {
        match &*self.client.borrow() {
            Some(client) => work(client),
            None => Err(EngineError::Line(std::io::ErrorKind::NotConnected.into())),
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let client = self.client.take();
        let mut state = self.pool.state();
        state.lent -= 1;
        if let Some(client) = client.filter(Client::is_sound) {
            state.idle.push(client);
        }
        drop(state);
        self.pool.returned.notify_one();
    }
}

impl Sql for Lent<'_> {
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<usize> {
        self.with(|client| client.change(sql, values))
    }

    fn tell(&self, sql: &str, values: &[Value<'_>], told: &mut dyn FnMut(&Row<'_>) -> Result<bool>) -> Result<()> {
        let mut begun = false;
        let first = self.with(|client| {
            client.tell(sql, values, &mut |row| {
                begun = true;
                told(row)
            })
        });
        match first {
            // A connection that the server closed while it was kept: the others kept are of that age too.
            Err(error) if error.lost_line() && !begun => {
                self.pool.empty();
                self.renew()?;
                self.with(|client| client.tell(sql, values, told))
            }
            other => other,
        }
    }

    fn floor(&self) -> &'static str {
        super::client::FLOOR
    }
}
