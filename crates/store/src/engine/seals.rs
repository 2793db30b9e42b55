//! Statements of checkpoints and verification.

use super::{
    sql::{self, Connection, OptionalExtension, Row, params},
    value::{micros, moment},
};
use crate::{StoreFault, chain::Link, commit::SubjectKey, fault::Doing, maintain::Checkpoint, packing};

/// An event as verification reads it, borrowed from the row.
pub(crate) struct Sealed<'a> {
    pub(crate) position: u64,
    pub(crate) link: Link<'a>,
    pub(crate) hash: &'a [u8],
}

const CHECKPOINT: &str = "SELECT number, at, after_position, upto_position, subjects, root, hash FROM checkpoints";

fn checkpoint(row: &Row<'_>) -> sql::Result<Checkpoint> {
    let number = |column| row.get::<_, i64>(column).map(|n| n as u64);
    Ok(Checkpoint {
        number: number(0)?,
        at: moment(1, row.get(1)?)?,
        after_position: number(2)?,
        upto_position: number(3)?,
        subjects: number(4)?,
        root: row.get(5)?,
        hash: row.get(6)?,
    })
}

/// The newest checkpoint.
pub(crate) fn last(conn: &Connection<'_>) -> Result<Option<Checkpoint>, StoreFault> {
    let sql = format!("{CHECKPOINT} ORDER BY number DESC LIMIT 1");
    let mut select = conn.prepare_cached(&sql).doing("read the last checkpoint")?;
    select.query_row((), checkpoint).optional().doing("read the last checkpoint")
}

/// All checkpoints, in order.
pub(crate) fn all(conn: &Connection<'_>) -> Result<Vec<Checkpoint>, StoreFault> {
    let sql = format!("{CHECKPOINT} ORDER BY number");
    let mut select = conn.prepare_cached(&sql).doing("read checkpoints")?;
    select.query_map((), checkpoint).and_then(Iterator::collect).doing("read checkpoints")
}

/// Keeps a checkpoint, unless another was kept since it was made.
pub(crate) fn keep(conn: &Connection<'_>, checkpoint: &Checkpoint) -> Result<Option<Checkpoint>, StoreFault> {
    if last(conn)?.map_or(0, |last| last.number) + 1 != checkpoint.number {
        return Ok(None);
    }
    let sql = "INSERT INTO checkpoints (number, at, after_position, upto_position, subjects, root, hash)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut insert = conn.prepare_cached(sql).doing("keep a checkpoint")?;
    let kept = insert.execute(params![
        checkpoint.number as i64,
        micros(checkpoint.at),
        checkpoint.after_position as i64,
        checkpoint.upto_position as i64,
        checkpoint.subjects as i64,
        &checkpoint.root[..],
        &checkpoint.hash[..]
    ]);
    kept.doing("keep a checkpoint")?;
    Ok(Some(checkpoint.clone()))
}

/// Tells the subject, version and hash of the next events in a range; gives the position reached.
pub(crate) fn heads_between(
    conn: &Connection<'_>,
    after: u64,
    upto: u64,
    limit: usize,
    told: &mut dyn FnMut(String, SubjectKey, u64, [u8; 32]),
) -> Result<u64, StoreFault> {
    let sql = "SELECT position, tenant, subject_kind, subject_id, version, hash FROM events
      WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3";
    let mut select = conn.prepare_cached(sql).doing("read heads")?;
    let mut reached = upto;
    let mut seen = 0;
    let each = select.each(params![after as i64, upto as i64, limit as i64], |row| {
        reached = row.get::<_, i64>(0)? as u64;
        let subject = SubjectKey { kind: row.get(2)?, id: row.get(3)? };
        told(row.get(1)?, subject, row.get::<_, i64>(4)? as u64, row.get(5)?);
        seen += 1;
        Ok(true)
    });
    each.doing("read heads")?;
    Ok(if seen < limit { upto } else { reached })
}

/// Tells the next events in a range until told to stop; gives the position reached.
pub(crate) fn events_between(
    conn: &Connection<'_>,
    after: u64,
    upto: u64,
    limit: usize,
    told: &mut dyn FnMut(Sealed<'_>) -> bool,
) -> Result<u64, StoreFault> {
    let sql = "SELECT position, tenant, subject_kind, subject_id, version, kind, form, occurred_at, recorded_at, actor,
      hash, body, packed FROM events WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3";
    let mut select = conn.prepare_cached(sql).doing("walk the log")?;
    let (mut reached, mut seen) = (upto, 0);
    let each = select.each(params![after as i64, upto as i64, limit as i64], |row| {
        let unpacked = unpacked(row)?;
        let event = sealed(row, unpacked.as_deref())?;
        reached = event.position;
        seen += 1;
        Ok(told(event))
    });
    each.doing("walk the log")?;
    Ok(if seen < limit { upto } else { reached })
}

/// The body of a row that is packed. One that cannot be unpacked is taken as it lies: the hash then says so, at the right event.
fn unpacked(row: &Row<'_>) -> sql::Result<Option<Vec<u8>>> {
    let dictionary: Option<i64> = row.get(12)?;
    Ok(dictionary.and_then(|number| packing::event_body(Some(number), row.bytes(11).ok()?).ok()))
}

fn sealed<'a>(row: &'a Row<'_>, unpacked: Option<&'a [u8]>) -> sql::Result<Sealed<'a>> {
    let number = |column| row.get::<_, i64>(column);
    let bytes = |column| row.bytes(column);
    // A text that is no longer UTF-8 reads as another text: the hash then says so, at the right event.
    let word = |column| bytes(column).map(|bytes| std::str::from_utf8(bytes).unwrap_or("\u{FFFD}"));
    Ok(Sealed {
        position: number(0)? as u64,
        link: Link {
            tenant: word(1)?,
            subject_kind: word(2)?,
            subject_id: word(3)?,
            version: number(4)?,
            kind: word(5)?,
            form: number(6)?,
            occurred_at: number(7)?,
            recorded_at: number(8)?,
            actor: word(9)?,
            body: unpacked.map_or_else(|| bytes(11), Ok)?,
        },
        hash: bytes(10)?,
    })
}

/// Tells the heads whose last event is in a range, until told to stop.
pub(crate) fn heads(
    conn: &Connection<'_>,
    after: u64,
    upto: u64,
    told: &mut dyn FnMut(String, SubjectKey, u64, [u8; 32]) -> bool,
) -> Result<(), StoreFault> {
    let sql = "SELECT tenant, subject_kind, subject_id, version, hash FROM heads WHERE position > ?1 AND position <= ?2
      ORDER BY tenant, subject_kind, subject_id";
    let mut select = conn.prepare_cached(sql).doing("read heads")?;
    let each = select.each([after as i64, upto as i64], |row| {
        let subject = SubjectKey { kind: row.get(1)?, id: row.get(2)? };
        Ok(told(row.get(0)?, subject, row.get::<_, i64>(3)? as u64, row.get(4)?))
    });
    each.doing("read heads")
}

/// How a subject stood before one of its events: the last version below it and its hash; none when there is none.
pub(crate) fn before(
    conn: &Connection<'_>,
    tenant: &str,
    subject: (&str, &str),
    version: u64,
) -> Result<Option<(u64, [u8; 32])>, StoreFault> {
    let sql = "SELECT version, hash FROM events WHERE tenant = ?1 AND subject_kind = ?2 AND subject_id = ?3
      AND version < ?4 ORDER BY version DESC LIMIT 1";
    let mut select = conn.prepare_cached(sql).doing("walk the log")?;
    let found = select.query_row(params![tenant, subject.0, subject.1, version as i64], |row| {
        let hash: Vec<u8> = row.get(1)?;
        // A hash of another length is nobody's: the event before it has shown that already.
        Ok((row.get::<_, i64>(0)? as u64, hash.try_into().unwrap_or_default()))
    });
    found.optional().doing("walk the log")
}

/// A head that is not the end of its subject's events up to a position.
pub(crate) struct Astray {
    pub(crate) tenant: String,
    pub(crate) subject: SubjectKey,
    /// What the head says.
    pub(crate) version: u64,
    /// Where the events end.
    pub(crate) found: u64,
}

/// A subject's key among the heads: tenant, kind, id.
pub(crate) type HeadKey = (String, String, String);

/// The head so many places behind a key; none when there are not so many.
pub(crate) fn head_at(conn: &Connection<'_>, after: &HeadKey, places: usize) -> Result<Option<HeadKey>, StoreFault> {
    let sql = "SELECT tenant, subject_kind, subject_id FROM heads
      WHERE (tenant, subject_kind, subject_id) > (?1, ?2, ?3) ORDER BY tenant, subject_kind, subject_id
      LIMIT 1 OFFSET ?4";
    let mut select = conn.prepare_cached(sql).doing("compare heads")?;
    let found = select.query_row(params![after.0, after.1, after.2, places as i64], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    });
    found.optional().doing("compare heads")
}

/// The first head that is not the end of its subject's events up to a position, behind a key and not behind another.
pub(crate) fn astray(
    conn: &Connection<'_>,
    end: u64,
    after: &HeadKey,
    upto: Option<&HeadKey>,
) -> Result<Option<Astray>, StoreFault> {
    let bound = upto.map_or("", |_| "AND (h.tenant, h.subject_kind, h.subject_id) <= (?5, ?6, ?7)");
    let sql = format!(
        "SELECT h.tenant, h.subject_kind, h.subject_id, h.version, COALESCE((SELECT MAX(m.version) FROM events m
           WHERE m.tenant = h.tenant AND m.subject_kind = h.subject_kind AND m.subject_id = h.subject_id
           AND m.position <= ?1), 0)
         FROM heads h LEFT JOIN events e ON e.tenant = h.tenant AND e.subject_kind = h.subject_kind
           AND e.subject_id = h.subject_id AND e.version = h.version
         WHERE (h.tenant, h.subject_kind, h.subject_id) > (?2, ?3, ?4) {bound} AND h.position <= ?1
           AND (e.hash IS NULL OR e.hash <> h.hash OR EXISTS (SELECT 1 FROM events n
             WHERE n.tenant = h.tenant AND n.subject_kind = h.subject_kind AND n.subject_id = h.subject_id
             AND n.version = h.version + 1 AND n.position <= ?1))
         ORDER BY h.tenant, h.subject_kind, h.subject_id LIMIT 1"
    );
    let end = end as i64;
    let mut values = params![end, after.0, after.1, after.2].to_vec();
    if let Some(upto) = upto {
        values.extend(params![upto.0, upto.1, upto.2]);
    }
    let mut select = conn.prepare_cached(&sql).doing("compare heads")?;
    let found = select.query_row(values.as_slice(), |row| {
        Ok(Astray {
            tenant: row.get(0)?,
            subject: SubjectKey { kind: row.get(1)?, id: row.get(2)? },
            version: row.get::<_, i64>(3)? as u64,
            found: row.get::<_, i64>(4)? as u64,
        })
    });
    found.optional().doing("compare heads")
}

/// The first head whose last event is beyond a position.
pub(crate) fn head_after(
    conn: &Connection<'_>,
    position: u64,
) -> Result<Option<(String, SubjectKey, u64)>, StoreFault> {
    let sql =
        "SELECT tenant, subject_kind, subject_id, version FROM heads WHERE position > ?1 ORDER BY position LIMIT 1";
    let found = conn.query_row(sql, [position as i64], |row| {
        Ok((row.get(0)?, SubjectKey { kind: row.get(1)?, id: row.get(2)? }, row.get::<_, i64>(3)? as u64))
    });
    found.optional().doing("read heads")
}

/// The last settled position that the events or the heads know of, in one state of the store.
pub(crate) fn end(conn: &Connection<'_>) -> Result<u64, StoreFault> {
    let sql = format!(
        "SELECT COALESCE((SELECT MAX(position) FROM events), 0), COALESCE((SELECT MAX(position) FROM heads), 0), {}",
        conn.floor()
    );
    let ends =
        conn.query_row(&sql, (), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)));
    ends.map(|(events, heads, floor)| events.max(heads).min(floor) as u64).doing("read the log's end")
}

/// How many heads there are.
pub(crate) fn count_heads(conn: &Connection<'_>) -> Result<u64, StoreFault> {
    conn.query_row("SELECT COUNT(*) FROM heads", (), |row| row.get::<_, i64>(0)).map(|n| n as u64).doing("read heads")
}
