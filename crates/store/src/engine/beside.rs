//! Statements that read what lies beside the log, row after row, to be hashed anew.

use super::sql::{self, Connection, params};
use crate::{StoreFault, commit::SubjectKey, fault::Doing};

/// A message as verification reads it, borrowed from the row.
pub(crate) struct HeldMessage<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) key: &'a [u8],
    pub(crate) base: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) sender: &'a str,
    pub(crate) subject: Option<SubjectKey>,
    pub(crate) response: &'a [u8],
    pub(crate) request: &'a [u8],
}

/// A body that is kept under its digest, borrowed from the row.
pub(crate) struct HeldBody<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) digest: &'a str,
    pub(crate) body: &'a [u8],
}

/// Where bodies lie under their digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shelf {
    Documents,
    Pins,
}

/// How many rows there are beside the log: messages, documents, pinned texts.
pub(crate) fn counts(conn: &Connection<'_>) -> Result<u64, StoreFault> {
    let sql = "SELECT (SELECT COUNT(*) FROM messages) + (SELECT COUNT(*) FROM documents) + (SELECT COUNT(*) FROM pins)";
    conn.query_row(sql, (), |row| row.get::<_, i64>(0)).map(|n| n as u64).doing("count what is kept beside the log")
}

/// Tells the next messages after a key until told to stop; gives how many.
pub(crate) fn messages(
    conn: &Connection<'_>,
    after: (&str, &[u8]),
    limit: usize,
    told: &mut dyn FnMut(HeldMessage<'_>) -> bool,
) -> Result<usize, StoreFault> {
    let sql = "SELECT tenant, key, base, operation, sender, subject_kind, subject_id, response, request FROM messages
      WHERE (tenant, key) > (?1, ?2) ORDER BY tenant, key LIMIT ?3";
    let mut select = conn.prepare_cached(sql).doing("walk the messages")?;
    let mut seen = 0;
    let each = select.each(params![after.0, after.1, limit as i64], |row| {
        seen += 1;
        let (kind, id): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
        Ok(told(HeldMessage {
            tenant: word(row, 0)?,
            key: row.bytes(1)?,
            base: word(row, 2)?,
            operation: word(row, 3)?,
            sender: word(row, 4)?,
            subject: kind.zip(id).map(|(kind, id)| SubjectKey { kind, id }),
            response: row.bytes(7)?,
            request: row.bytes(8)?,
        }))
    });
    each.doing("walk the messages")?;
    Ok(seen)
}

/// Tells the next bodies of a shelf after a digest until told to stop; gives how many.
pub(crate) fn bodies(
    conn: &Connection<'_>,
    shelf: Shelf,
    after: (&str, &str),
    limit: usize,
    told: &mut dyn FnMut(HeldBody<'_>) -> bool,
) -> Result<usize, StoreFault> {
    let (sql, doing) = match shelf {
        Shelf::Documents => (
            "SELECT tenant, digest, body FROM documents WHERE (tenant, digest) > (?1, ?2) ORDER BY tenant, digest LIMIT ?3",
            "walk the documents",
        ),
        Shelf::Pins => (
            "SELECT tenant, digest, body FROM pins WHERE (tenant, digest) > (?1, ?2) ORDER BY tenant, digest LIMIT ?3",
            "walk the pinned texts",
        ),
    };
    let mut select = conn.prepare_cached(sql).doing(doing)?;
    let mut seen = 0;
    let each = select.each(params![after.0, after.1, limit as i64], |row| {
        seen += 1;
        Ok(told(HeldBody { tenant: word(row, 0)?, digest: word(row, 1)?, body: row.bytes(2)? }))
    });
    each.doing(doing)?;
    Ok(seen)
}

/// A text that is no longer UTF-8 reads as another text: the digest then says so, at the right row.
fn word<'a>(row: &'a sql::Row<'_>, column: usize) -> sql::Result<&'a str> {
    row.bytes(column).map(|bytes| std::str::from_utf8(bytes).unwrap_or("\u{FFFD}"))
}
