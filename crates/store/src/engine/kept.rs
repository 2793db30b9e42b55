//! Figures of what is kept, for those who watch over the store.

use vigil_domain::time::Moment;

use super::{
    sql::Connection,
    value::{micros, moment},
};
use crate::{StoreFault, fault::Doing, pulse::Kept};

/// Figures that statements give. Each statement reads an index or a small table.
pub(crate) fn kept(conn: &Connection<'_>, now: Moment) -> Result<Kept, StoreFault> {
    let count = |sql: &str| {
        let found = conn.query_row(sql, (), |row| row.get::<_, i64>(0));
        found.map(|n| n as u64).doing("count what is kept")
    };
    let events = count("SELECT COALESCE(MAX(position), 0) FROM events")?;
    let sealed = count("SELECT COALESCE(MAX(upto_position), 0) FROM checkpoints")?;
    let (deadlines_due, oldest_deadline) =
        since(conn, "SELECT COUNT(*), MIN(at) FROM deadlines WHERE done = 0 AND at <= ?1", now)?;
    let (_, oldest_errand) =
        since(conn, "SELECT COUNT(*), MIN(ready_at) FROM errands WHERE done = 0 AND ready_at <= ?1", now)?;
    Ok(Kept {
        events,
        open_cases: count("SELECT COUNT(*) FROM work WHERE open = 1")?,
        late_cases: count("SELECT COUNT(*) FROM work WHERE open = 1 AND late = 1")?,
        deadlines_due,
        oldest_deadline,
        errands_waiting: count("SELECT COUNT(*) FROM errands WHERE done = 0")?,
        errands_failing: count("SELECT COUNT(*) FROM errands WHERE done = 0 AND last_error IS NOT NULL")?,
        oldest_errand,
        unsealed_events: events.saturating_sub(sealed),
        last_checkpoint: last_checkpoint(conn)?,
        counted: counted(conn)?,
        ..Kept::default()
    })
}

fn since(conn: &Connection<'_>, sql: &str, now: Moment) -> Result<(u64, Option<Moment>), StoreFault> {
    let mut select = conn.prepare_cached(sql).doing("count what is due")?;
    let row = select.query_row([micros(now)], |row| {
        let oldest = row.get::<_, Option<i64>>(1)?.map(|at| moment(1, at)).transpose()?;
        Ok((row.get::<_, i64>(0)? as u64, oldest))
    });
    row.doing("count what is due")
}

fn last_checkpoint(conn: &Connection<'_>) -> Result<Option<Moment>, StoreFault> {
    let mut select = conn.prepare_cached("SELECT MAX(at) FROM checkpoints").doing("read the last checkpoint")?;
    let at = select.query_row((), |row| row.get::<_, Option<i64>>(0)?.map(|at| moment(0, at)).transpose());
    at.doing("read the last checkpoint")
}

fn counted(conn: &Connection<'_>) -> Result<Vec<(String, String, String, u64)>, StoreFault> {
    let sql = "SELECT line_of_business, urgency, key, CAST(SUM(n) AS BIGINT) FROM measures GROUP BY line_of_business, urgency, key
      ORDER BY line_of_business, urgency, key";
    let mut select = conn.prepare_cached(sql).doing("count what was measured")?;
    let rows =
        select.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?.max(0) as u64)));
    rows.and_then(Iterator::collect).doing("count what was measured")
}
