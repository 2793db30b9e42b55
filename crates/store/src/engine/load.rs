//! Reading the log: subjects, the feed, messages, documents, pins.

use super::{
    sql::{self, Connection, OptionalExtension, Row, params},
    value::moment,
};
use crate::{
    StoreFault,
    body::Bodies,
    commit::{Document, Head, MessageNote, NewMessage, StoredEvent, StoredMessage, SubjectKey},
    fault::Doing,
    packing,
};

const EVENT: &str = "position, tenant, subject_kind, subject_id, version, kind, form, occurred_at, recorded_at, actor,
  hash, body, packed";

fn event(row: &Row<'_>) -> sql::Result<StoredEvent> {
    Ok(StoredEvent {
        position: row.get::<_, i64>(0)? as u64,
        tenant: row.get(1)?,
        subject: SubjectKey { kind: row.get(2)?, id: row.get(3)? },
        version: row.get::<_, i64>(4)? as u64,
        kind: row.get(5)?,
        form: row.get(6)?,
        occurred_at: moment(7, row.get(7)?)?,
        recorded_at: moment(8, row.get(8)?)?,
        actor: row.get(9)?,
        hash: row.get(10)?,
        body: packing::event_body(row.get(12)?, row.bytes(11)?)
            .map_err(|why| sql::EngineError::Cell { column: 11, why })?,
    })
}

/// The events of a subject after a version, in order.
pub(crate) fn events_after(
    conn: &Connection<'_>,
    tenant: &str,
    subject: &SubjectKey,
    version: u64,
) -> Result<Vec<StoredEvent>, StoreFault> {
    let sql = format!(
        "SELECT {EVENT} FROM events WHERE tenant = ?1 AND subject_kind = ?2 AND subject_id = ?3 AND version > ?4
         ORDER BY version"
    );
    let mut select = conn.prepare_cached(&sql).doing("load a subject")?;
    let rows = select.query_map(params![tenant, subject.kind, subject.id, version as i64], event);
    rows.and_then(Iterator::collect).doing("load a subject")
}

/// The head of a subject's chain.
pub(crate) fn head(conn: &Connection<'_>, tenant: &str, subject: &SubjectKey) -> Result<Option<Head>, StoreFault> {
    let sql = "SELECT version, position, hash FROM heads WHERE tenant = ?1 AND subject_kind = ?2 AND subject_id = ?3";
    let mut select = conn.prepare_cached(sql).doing("read a head")?;
    let head = select.query_row(params![tenant, subject.kind, subject.id], |row| {
        let (version, position): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok(Head { version: version as u64, position: position as u64, hash: row.get(2)? })
    });
    head.optional().doing("read a head")
}

/// The last position behind which nothing can still appear. With one writer it is the last one.
pub(crate) fn watermark(conn: &Connection<'_>) -> Result<u64, StoreFault> {
    let sql = format!("SELECT COALESCE(MAX(position), 0), {} FROM events", conn.floor());
    let mut select = conn.prepare_cached(&sql).doing("read the watermark")?;
    let ends = select.query_row((), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
    ends.map(|(last, floor)| last.min(floor) as u64).doing("read the watermark")
}

/// Events of all subjects after a position.
pub(crate) fn feed(conn: &Connection<'_>, after: u64, limit: usize) -> Result<Vec<StoredEvent>, StoreFault> {
    let floor = conn.floor();
    let sql =
        format!("SELECT {EVENT} FROM events WHERE position > ?1 AND position <= {floor} ORDER BY position LIMIT ?2");
    let mut select = conn.prepare_cached(&sql).doing("read the feed")?;
    select.query_map([after as i64, limit as i64], event).and_then(Iterator::collect).doing("read the feed")
}

/// Events up to a position, a whole subject after the other, after one of them. The sign keeps SQLite from walking the log
/// by position and sorting all of it.
pub(crate) fn told(
    conn: &Connection<'_>,
    after: Option<&StoredEvent>,
    upto: u64,
    limit: usize,
) -> Result<Vec<StoredEvent>, StoreFault> {
    let sql = format!(
        "SELECT {EVENT} FROM events WHERE (tenant, subject_kind, subject_id, version) > (?1, ?2, ?3, ?4)
         AND +position <= ?5 ORDER BY tenant, subject_kind, subject_id, version LIMIT ?6"
    );
    let (tenant, kind, id, version) = after.map_or(("", "", "", 0), |event| {
        (event.tenant.as_str(), event.subject.kind.as_str(), event.subject.id.as_str(), event.version as i64)
    });
    let mut select = conn.prepare_cached(&sql).doing("read the log by subject")?;
    let rows = select.query_map(params![tenant, kind, id, version, upto as i64, limit as i64], event);
    rows.and_then(Iterator::collect).doing("read the log by subject")
}

/// The subjects of a tenant in the order of their ids, after one.
pub(crate) fn subjects(
    conn: &Connection<'_>,
    tenant: &str,
    kind: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<SubjectKey>, StoreFault> {
    let sql = "SELECT subject_kind, subject_id FROM heads WHERE tenant = ?1 AND subject_kind = ?2 AND subject_id > ?3
      ORDER BY subject_id LIMIT ?4";
    let mut select = conn.prepare_cached(sql).doing("list subjects")?;
    let rows = select.query_map(params![tenant, kind, after, limit as i64], |row| {
        Ok(SubjectKey { kind: row.get(0)?, id: row.get(1)? })
    });
    rows.and_then(Iterator::collect).doing("list subjects")
}

const MESSAGE: &str = "key, channel, base, operation, sender, received_at, status, business_id, subject_kind,
  subject_id, response, request";

fn subject_of(row: &Row<'_>, kind: usize, id: usize) -> sql::Result<Option<SubjectKey>> {
    let (kind, id): (Option<String>, Option<String>) = (row.get(kind)?, row.get(id)?);
    Ok(kind.zip(id).map(|(kind, id)| SubjectKey { kind, id }))
}

/// The message of a key, with its stored answer.
pub(crate) fn message(
    conn: &Connection<'_>,
    bodies: &Bodies,
    tenant: &str,
    key: &[u8; 32],
) -> Result<Option<StoredMessage>, StoreFault> {
    let sql = format!("SELECT {MESSAGE} FROM messages WHERE tenant = ?1 AND key = ?2");
    let mut select = conn.prepare_cached(&sql).doing("look for a message")?;
    let found = select.query_row(params![tenant, &key[..]], |row| {
        let message = NewMessage {
            key: row.get(0)?,
            channel: row.get(1)?,
            base: row.get(2)?,
            operation: row.get(3)?,
            sender: row.get(4)?,
            received_at: moment(5, row.get(5)?)?,
            status: row.get(6)?,
            business_id: row.get(7)?,
            response: row.get(10)?,
            request: row.get(11)?,
        };
        Ok(StoredMessage { message, subject: subject_of(row, 8, 9)? })
    });
    let Some(mut found) = found.optional().doing("look for a message")? else { return Ok(None) };
    let message = &mut found.message;
    (message.request, message.response) = bodies.unpack_pair(&message.request, &message.response)?;
    Ok(Some(found))
}

const NOTE: &str = "SELECT key, received_at, sender, base, operation, status, subject_kind, subject_id FROM messages";

fn note(row: &Row<'_>) -> sql::Result<MessageNote> {
    Ok(MessageNote {
        key: row.get(0)?,
        received_at: moment(1, row.get(1)?)?,
        sender: row.get(2)?,
        base: row.get(3)?,
        operation: row.get(4)?,
        status: row.get(5)?,
        subject: subject_of(row, 6, 7)?,
    })
}

/// Messages with a sender's own identifier, newest first.
pub(crate) fn messages_by_business_id(
    conn: &Connection<'_>,
    tenant: &str,
    business_id: &str,
    limit: usize,
) -> Result<Vec<MessageNote>, StoreFault> {
    let sql = format!("{NOTE} WHERE tenant = ?1 AND business_id = ?2 ORDER BY id DESC LIMIT ?3");
    let mut select = conn.prepare_cached(&sql).doing("look for messages")?;
    let rows = select.query_map(params![tenant, business_id, limit as i64], note);
    rows.and_then(Iterator::collect).doing("look for messages")
}

/// Messages of a subject, oldest first.
pub(crate) fn messages_of(
    conn: &Connection<'_>,
    tenant: &str,
    subject: &SubjectKey,
) -> Result<Vec<MessageNote>, StoreFault> {
    let sql = format!("{NOTE} WHERE tenant = ?1 AND subject_kind = ?2 AND subject_id = ?3 ORDER BY id");
    let mut select = conn.prepare_cached(&sql).doing("look for messages")?;
    let rows = select.query_map(params![tenant, subject.kind, subject.id], note);
    rows.and_then(Iterator::collect).doing("look for messages")
}

pub(crate) fn messages_unread(
    conn: &Connection<'_>,
    tenant: &str,
    channel: &str,
    limit: usize,
) -> Result<Vec<MessageNote>, StoreFault> {
    let sql =
        format!("{NOTE} WHERE tenant = ?1 AND channel = ?2 AND operation = 'receive' AND status >= 400 ORDER BY id");
    let mut select = conn.prepare_cached(&sql).doing("look for messages")?;
    let rows = select.query_map(params![tenant, channel], note);
    let all: Vec<MessageNote> = rows.and_then(Iterator::collect).doing("look for messages")?;
    let mut unread = Vec::new();
    for one in all {
        if unread.len() == limit {
            break;
        }
        let replays = messages_by_business_id(conn, tenant, &format!("replay {}", crate::chain::hex(&one.key)), 100)?;
        if replays.iter().all(|replay| replay.status >= 400) {
            unread.push(one);
        }
    }
    Ok(unread)
}

/// A document by its digest.
pub(crate) fn document(
    conn: &Connection<'_>,
    bodies: &Bodies,
    tenant: &str,
    digest: &str,
) -> Result<Option<Document>, StoreFault> {
    let sql = "SELECT digest, media_type, name, body FROM documents WHERE tenant = ?1 AND digest = ?2";
    let mut select = conn.prepare_cached(sql).doing("look for a document")?;
    let found = select.query_row([tenant, digest], |row| {
        Ok(Document { digest: row.get(0)?, media_type: row.get(1)?, name: row.get(2)?, bytes: row.get(3)? })
    });
    let Some(mut found) = found.optional().doing("look for a document")? else { return Ok(None) };
    found.bytes = bodies.unpack(&found.bytes)?;
    Ok(Some(found))
}

/// A pinned text by its digest.
pub(crate) fn pin(conn: &Connection<'_>, tenant: &str, digest: &str) -> Result<Option<String>, StoreFault> {
    let sql = "SELECT body FROM pins WHERE tenant = ?1 AND digest = ?2";
    let mut select = conn.prepare_cached(sql).doing("look for a pin")?;
    let found: Option<Vec<u8>> =
        select.query_row([tenant, digest], |row| row.get(0)).optional().doing("look for a pin")?;
    let Some(packed) = found else { return Ok(None) };
    let text = String::from_utf8(Bodies::in_rows().unpack(&packed)?);
    text.map(Some).map_err(|error| StoreFault::Spoiled { what: "pin", why: error.to_string() })
}

/// Every pinned text of every tenant, with its digest.
pub(crate) fn pins(conn: &Connection<'_>) -> Result<Vec<(String, String)>, StoreFault> {
    let mut select =
        conn.prepare_cached("SELECT DISTINCT digest, body FROM pins ORDER BY digest").doing("list pins")?;
    let rows = select.query_map((), |row| Ok((row.get(0)?, row.get(1)?)));
    let packed: Vec<(String, Vec<u8>)> = rows.and_then(Iterator::collect).doing("list pins")?;
    let unpack = |(digest, body): (String, Vec<u8>)| {
        let text = String::from_utf8(Bodies::in_rows().unpack(&body)?);
        let text = text.map_err(|error| StoreFault::Spoiled { what: "pin", why: error.to_string() })?;
        Ok((digest, text))
    };
    packed.into_iter().map(unpack).collect()
}
