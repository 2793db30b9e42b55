//! Short lists: deadlines that came, errands to lease, keys, measures, decided cases, the trail.

use vigil_domain::time::{Day, Moment};

use super::{
    sql::{self, Connection, Row, params},
    value::{day, micros, moment},
};
use crate::{
    StoreFault,
    commit::SubjectKey,
    fault::Doing,
    rows::{DeadlineKind, DeadlineRow, DecidedRow, DueDeadline, MeasureRow},
    trail::TrailNote,
};

fn deadline(row: &Row<'_>) -> sql::Result<DueDeadline> {
    let what: String = row.get(4)?;
    Ok(DueDeadline {
        tenant: row.get(0)?,
        deadline: DeadlineRow {
            subject: SubjectKey { kind: row.get(1)?, id: row.get(2)? },
            clock_id: row.get(3)?,
            what: if what == "warn" { DeadlineKind::Warn } else { DeadlineKind::Due },
            at: moment(5, row.get(5)?)?,
            done: row.get(6)?,
        },
    })
}

/// Deadlines at or before a moment that nobody has acted on, earliest first.
pub(crate) fn due_deadlines(conn: &Connection<'_>, now: Moment, limit: usize) -> Result<Vec<DueDeadline>, StoreFault> {
    let sql = "SELECT tenant, subject_kind, subject_id, clock_id, what, at, done FROM deadlines
      WHERE done = 0 AND at <= ?1 ORDER BY at, tenant, subject_kind, subject_id, clock_id, what LIMIT ?2";
    let mut select = conn.prepare_cached(sql).doing("read deadlines")?;
    let rows = select.query_map([micros(now), limit as i64], deadline);
    rows.and_then(Iterator::collect).doing("read deadlines")
}

/// A subject's deadlines, done ones too.
pub(crate) fn deadlines_of(
    conn: &Connection<'_>,
    tenant: &str,
    subject: &SubjectKey,
) -> Result<Vec<DueDeadline>, StoreFault> {
    let sql = "SELECT tenant, subject_kind, subject_id, clock_id, what, at, done FROM deadlines
      WHERE tenant = ?1 AND subject_kind = ?2 AND subject_id = ?3 ORDER BY at, clock_id, what";
    let mut select = conn.prepare_cached(sql).doing("read deadlines")?;
    let rows = select.query_map(params![tenant, subject.kind, subject.id], deadline);
    rows.and_then(Iterator::collect).doing("read deadlines")
}

/// The earliest deadline that nobody has acted on.
pub(crate) fn next_deadline(conn: &Connection<'_>) -> Result<Option<Moment>, StoreFault> {
    let mut select =
        conn.prepare_cached("SELECT MIN(at) FROM deadlines WHERE done = 0").doing("read the next deadline")?;
    let at = select.query_row((), |row| row.get::<_, Option<i64>>(0)?.map(|at| moment(0, at)).transpose());
    at.doing("read the next deadline")
}

/// When the next errand may be taken.
pub(crate) fn next_errand(conn: &Connection<'_>) -> Result<Option<Moment>, StoreFault> {
    let mut select =
        conn.prepare_cached("SELECT MIN(ready_at) FROM errands WHERE done = 0").doing("read the next errand")?;
    let at = select.query_row((), |row| row.get::<_, Option<i64>>(0)?.map(|at| moment(0, at)).transpose());
    at.doing("read the next errand")
}

/// Cases a key finds, newest first.
pub(crate) fn by_key(
    conn: &Connection<'_>,
    tenant: &str,
    kind: &str,
    value: &str,
    limit: usize,
) -> Result<Vec<String>, StoreFault> {
    let sql =
        "SELECT case_id FROM keys WHERE tenant = ?1 AND kind = ?2 AND value = ?3 ORDER BY newest, case_id LIMIT ?4";
    let mut select = conn.prepare_cached(sql).doing("look for cases by key")?;
    let rows = select.query_map(params![tenant, kind, value, limit as i64], |row| row.get(0));
    rows.and_then(Iterator::collect).doing("look for cases by key")
}

/// The measures of days, both ends included.
pub(crate) fn measures(conn: &Connection<'_>, tenant: &str, from: Day, to: Day) -> Result<Vec<MeasureRow>, StoreFault> {
    // A figure may stand in several rows, so that nodes do not wait for each other to count.
    let sql = "SELECT day, line_of_business, urgency, key, CAST(SUM(n) AS BIGINT), CAST(SUM(seconds) AS BIGINT)
      FROM measures WHERE tenant = ?1 AND day >= ?2 AND day <= ?3
      GROUP BY day, line_of_business, urgency, key ORDER BY day, line_of_business, urgency, key";
    let mut select = conn.prepare_cached(sql).doing("read measures")?;
    let rows = select.query_map(params![tenant, from.to_string(), to.to_string()], |row| {
        Ok(MeasureRow {
            day: day(0, &row.get::<_, String>(0)?)?,
            line_of_business: row.get(1)?,
            urgency: row.get(2)?,
            key: row.get(3)?,
            n: row.get(4)?,
            seconds: row.get(5)?,
        })
    });
    rows.and_then(Iterator::collect).doing("read measures")
}

/// Cases decided from a moment up to, not including, another.
pub(crate) fn decided(
    conn: &Connection<'_>,
    tenant: &str,
    from: Moment,
    to: Moment,
) -> Result<Vec<DecidedRow>, StoreFault> {
    let sql = "SELECT case_id, line_of_business, urgency, received_at, decided_at, due_at, outcome, automated, service
      FROM decided
      WHERE tenant = ?1 AND decided_at >= ?2 AND decided_at < ?3 ORDER BY decided_at, case_id";
    let mut select = conn.prepare_cached(sql).doing("read decided cases")?;
    let rows = select.query_map(params![tenant, micros(from), micros(to)], |row| {
        Ok(DecidedRow {
            case_id: row.get(0)?,
            line_of_business: row.get(1)?,
            urgency: row.get(2)?,
            received_at: moment(3, row.get(3)?)?,
            decided_at: moment(4, row.get(4)?)?,
            due_at: row.get::<_, Option<i64>>(5)?.map(|at| moment(5, at)).transpose()?,
            outcome: row.get(6)?,
            automated: row.get(7)?,
            service: row.get(8)?,
        })
    });
    rows.and_then(Iterator::collect).doing("read decided cases")
}

fn note(row: &Row<'_>) -> sql::Result<TrailNote> {
    Ok(TrailNote {
        number: row.get(0)?,
        at: moment(1, row.get(1)?)?,
        actor: row.get(2)?,
        action: row.get(3)?,
        detail: row.get(4)?,
    })
}

/// A subject's trail, newest first, before a number.
pub(crate) fn trail(
    conn: &Connection<'_>,
    tenant: &str,
    subject: &SubjectKey,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<TrailNote>, StoreFault> {
    let sql =
        "SELECT t.number, t.at, t.actor, t.action, t.detail FROM trail_subjects s JOIN trail t ON t.number = s.number
      WHERE s.tenant = ?1 AND s.subject_kind = ?2 AND s.subject_id = ?3 AND s.number < ?4
      ORDER BY s.number DESC LIMIT ?5";
    let mut select = conn.prepare_cached(sql).doing("read the trail")?;
    let before = before.unwrap_or(i64::MAX);
    let rows = select.query_map(params![tenant, subject.kind, subject.id, before, limit as i64], note);
    rows.and_then(Iterator::collect).doing("read the trail")
}

/// What an account or token did, newest first, before a number.
pub(crate) fn trail_of_actor(
    conn: &Connection<'_>,
    tenant: &str,
    actor: &str,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<TrailNote>, StoreFault> {
    let sql = "SELECT number, at, actor, action, detail FROM trail WHERE tenant = ?1 AND actor = ?2 AND number < ?3
      ORDER BY number DESC LIMIT ?4";
    let mut select = conn.prepare_cached(sql).doing("read the trail")?;
    let rows = select.query_map(params![tenant, actor, before.unwrap_or(i64::MAX), limit as i64], note);
    rows.and_then(Iterator::collect).doing("read the trail")
}
