//! Statements of an export.

use super::{
    sql::{Connection, params},
    value::moment,
};
use crate::{
    StoreFault,
    commit::SubjectKey,
    fault::Doing,
    trail::{TrailRow, TrailSubject},
};

/// Each tenant is found by one step into the index, however many subjects it has.
pub(crate) fn tenants(conn: &Connection<'_>) -> Result<Vec<String>, StoreFault> {
    each_tenant(conn, "SELECT MIN(tenant) FROM heads WHERE tenant > ?1")
}

/// Tenants that have loaded records of any kind.
pub(crate) fn tenants_with_records(conn: &Connection<'_>) -> Result<Vec<String>, StoreFault> {
    each_tenant(conn, "SELECT MIN(tenant) FROM records WHERE tenant > ?1")
}

fn each_tenant(conn: &Connection<'_>, after: &str) -> Result<Vec<String>, StoreFault> {
    let mut next = conn.prepare_cached(after).doing("list tenants")?;
    let mut found: Vec<String> = Vec::new();
    loop {
        let after = found.last().map_or("", String::as_str);
        match next.query_row([after], |row| row.get::<_, Option<String>>(0)).doing("list tenants")? {
            Some(tenant) => found.push(tenant),
            None => return Ok(found),
        }
    }
}

pub(crate) fn trail_feed(conn: &Connection<'_>, after: i64, limit: usize) -> Result<Vec<TrailRow>, StoreFault> {
    let sql = "SELECT number, tenant, at, actor, action, detail FROM trail WHERE number > ?1 ORDER BY number LIMIT ?2";
    let mut select = conn.prepare_cached(sql).doing("read the trail")?;
    let rows = select.query_map([after, limit as i64], |row| {
        Ok(TrailRow {
            number: row.get(0)?,
            tenant: row.get(1)?,
            at: moment(2, row.get(2)?)?,
            actor: row.get(3)?,
            action: row.get(4)?,
            detail: row.get(5)?,
        })
    });
    rows.and_then(Iterator::collect).doing("read the trail")
}

pub(crate) fn trail_end(conn: &Connection<'_>) -> Result<i64, StoreFault> {
    let mut select = conn.prepare_cached("SELECT COALESCE(MAX(number), 0) FROM trail").doing("read the trail's end")?;
    select.query_row((), |row| row.get(0)).doing("read the trail's end")
}

pub(crate) fn trail_subjects(
    conn: &Connection<'_>,
    tenant: &str,
    after: Option<&TrailSubject>,
    limit: usize,
) -> Result<Vec<TrailSubject>, StoreFault> {
    let sql = "SELECT subject_kind, subject_id, number FROM trail_subjects
      WHERE tenant = ?1 AND (subject_kind, subject_id, number) > (?2, ?3, ?4)
      ORDER BY subject_kind, subject_id, number LIMIT ?5";
    let mut select = conn.prepare_cached(sql).doing("read the trail's subjects")?;
    let (kind, id, number) = after.map_or(("", "", 0), |a| (a.subject.kind.as_str(), a.subject.id.as_str(), a.number));
    let rows = select.query_map(params![tenant, kind, id, number, limit as i64], |row| {
        Ok(TrailSubject { subject: SubjectKey { kind: row.get(0)?, id: row.get(1)? }, number: row.get(2)? })
    });
    rows.and_then(Iterator::collect).doing("read the trail's subjects")
}
