//! Leasing errands: the one writer takes those that are ready.

use rusqlite::{Connection, ToSql, params, types::Value};

use crate::{
    StoreFault,
    commit::SubjectKey,
    engine::{seam::Lease, value::micros},
    errand::{Errand, ErrandId},
    fault::Doing,
};

/// Takes errands that are ready: until the lease runs out nobody else is given them.
pub(crate) fn lease(
    conn: &Connection,
    Lease { owner, now, until, kinds, limit }: &Lease,
) -> Result<Vec<Errand>, StoreFault> {
    let among = match kinds.len() {
        0 => String::new(),
        n => format!(" AND kind IN ({})", vec!["?"; n].join(", ")),
    };
    let sql = format!(
        "SELECT id, tenant, kind, subject_kind, subject_id, key, body, attempts, last_error FROM errands
         WHERE done = 0 AND ready_at <= ?{among} ORDER BY ready_at, id LIMIT ?"
    );
    let mut values = vec![Value::from(micros(*now))];
    values.extend(kinds.iter().cloned().map(Value::from));
    values.push(Value::from(*limit as i64));
    let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let mut select = conn.prepare_cached(&sql).doing("lease errands")?;
    let rows = select.query_map(&values[..], |row| {
        Ok(Errand {
            id: ErrandId(row.get(0)?),
            tenant: row.get(1)?,
            kind: row.get(2)?,
            subject: SubjectKey { kind: row.get(3)?, id: row.get(4)? },
            key: row.get(5)?,
            body: row.get(6)?,
            attempt: row.get::<_, u32>(7)? + 1,
            last_error: row.get(8)?,
        })
    });
    let errands: Vec<Errand> = rows.and_then(Iterator::collect).doing("lease errands")?;
    let sql = "UPDATE errands SET lease_owner = ?2, ready_at = ?3, attempts = attempts + 1 WHERE id = ?1";
    let mut update = conn.prepare_cached(sql).doing("lease errands")?;
    for errand in &errands {
        update.execute(params![errand.id.0, owner, micros(*until)]).doing("lease errands")?;
    }
    Ok(errands)
}
