//! The hospital's read models and records, as both engines read them.

use super::sql::{self, Connection, OptionalExtension, Params, params};
use crate::{StoreFault, fault::Doing, stay_rows::Record};
use vigil_domain::time::Day;

fn bodies(conn: &Connection<'_>, sql: &str, values: impl Params) -> Result<Vec<String>, StoreFault> {
    let mut select = conn.prepare_cached(sql).doing("read stays")?;
    let rows = select.query_map(values, |row| row.get(0));
    rows.and_then(Iterator::collect).doing("read stays")
}

/// Open rows of a kind, earliest due first: `least` and `most` bound the state.
pub(crate) fn open(
    conn: &Connection<'_>,
    (tenant, kind): (&str, &str),
    hospital: Option<&str>,
    (least, most): (i64, i64),
    limit: usize,
) -> Result<Vec<String>, StoreFault> {
    let limit = limit as i64;
    // Of one state the index gives the rows in their order; of several they are sorted, bodies and all.
    match hospital {
        Some(hospital) if least == most => bodies(
            conn,
            "SELECT body FROM stays WHERE tenant = ?1 AND kind = ?2 AND state > 0 AND state = ?3 AND hospital = ?4
             ORDER BY due_sort, id LIMIT ?5",
            params![tenant, kind, least, hospital, limit],
        ),
        None if least == most => bodies(
            conn,
            "SELECT body FROM stays WHERE tenant = ?1 AND kind = ?2 AND state > 0 AND state = ?3
             ORDER BY due_sort, id LIMIT ?4",
            params![tenant, kind, least, limit],
        ),
        Some(hospital) => bodies(
            conn,
            "SELECT body FROM stays WHERE tenant = ?1 AND kind = ?2 AND state > 0 AND state >= ?3 AND state <= ?4
               AND hospital = ?5 ORDER BY due_sort, id LIMIT ?6",
            params![tenant, kind, least, most, hospital, limit],
        ),
        None => bodies(
            conn,
            "SELECT body FROM stays WHERE tenant = ?1 AND kind = ?2 AND state > 0 AND state >= ?3 AND state <= ?4
             ORDER BY due_sort, id LIMIT ?5",
            params![tenant, kind, least, most, limit],
        ),
    }
}

/// Rows of a kind whose day lies in a period, both ends included.
pub(crate) fn between(
    conn: &Connection<'_>,
    (tenant, kind): (&str, &str),
    from: Day,
    through: Day,
) -> Result<Vec<String>, StoreFault> {
    let sql = "SELECT body FROM stays WHERE tenant = ?1 AND kind = ?2 AND day >= ?3 AND day <= ?4 ORDER BY day, id";
    bodies(conn, sql, params![tenant, kind, from.to_string(), through.to_string()])
}

/// One row by its key.
pub(crate) fn one(conn: &Connection<'_>, tenant: &str, kind: &str, id: &str) -> Result<Option<String>, StoreFault> {
    Ok(bodies(conn, "SELECT body FROM stays WHERE tenant = ?1 AND kind = ?2 AND id = ?3", [tenant, kind, id])?.pop())
}

/// The numbered rows of one stay, in order of their keys.
pub(crate) fn of_stay(conn: &Connection<'_>, tenant: &str, kind: &str, stay: &str) -> Result<Vec<String>, StoreFault> {
    // A slash sorts just before a zero: everything that begins with the stay and a slash lies between.
    let (from, until) = (format!("{stay}/"), format!("{stay}0"));
    let sql = "SELECT body FROM stays WHERE tenant = ?1 AND kind = ?2 AND id >= ?3 AND id < ?4 ORDER BY id";
    bodies(conn, sql, params![tenant, kind, from, until])
}

/// Rows of a demonstration scenario, in order of their keys.
pub(crate) fn of_scenario(
    conn: &Connection<'_>,
    tenant: &str,
    kind: &str,
    scenario: &str,
) -> Result<Vec<String>, StoreFault> {
    let sql = "SELECT body FROM stays WHERE tenant = ?1 AND scenario = ?3 AND kind = ?2 ORDER BY id";
    bodies(conn, sql, [tenant, kind, scenario])
}

/// The demonstration scenarios of which there are stays.
pub(crate) fn scenarios(conn: &Connection<'_>, tenant: &str) -> Result<Vec<String>, StoreFault> {
    let sql = "SELECT DISTINCT scenario FROM stays WHERE tenant = ?1 AND scenario IS NOT NULL ORDER BY scenario";
    bodies(conn, sql, [tenant])
}

/// A record by its kind and id.
pub(crate) fn record(conn: &Connection<'_>, tenant: &str, kind: &str, id: &str) -> Result<Option<Record>, StoreFault> {
    let sql = "SELECT body FROM records WHERE tenant = ?1 AND kind = ?2 AND id = ?3";
    let mut select = conn.prepare_cached(sql).doing("read a record")?;
    let body: Option<String> =
        select.query_row([tenant, kind, id], |row| row.get(0)).optional().doing("read a record")?;
    Ok(body.map(|body| Record { kind: kind.to_owned(), id: id.to_owned(), body }))
}

/// All records of a kind, in order of id.
pub(crate) fn records(conn: &Connection<'_>, tenant: &str, kind: &str) -> Result<Vec<Record>, StoreFault> {
    let sql = "SELECT id, body FROM records WHERE tenant = ?1 AND kind = ?2 ORDER BY id";
    let mut select = conn.prepare_cached(sql).doing("read records")?;
    let read = |row: &sql::Row<'_>| Ok(Record { kind: kind.to_owned(), id: row.get(0)?, body: row.get(1)? });
    let rows = select.query_map([tenant, kind], read);
    rows.and_then(Iterator::collect).doing("read records")
}
