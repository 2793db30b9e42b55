//! Applying a commit: every precondition is read first, then all is written; a refused commit has written nothing.

use rusqlite::{Connection, OptionalExtension, params};

use super::writer::{Cx, Task};
use crate::{
    StoreFault,
    body::Bodies,
    chain::{self, Link},
    commit::{CommitError, Committed, Pin, SubjectKey},
    engine::{
        load,
        prepared::{PackedDocument, PackedMessage, Prepared},
        seam::{Answer, Kept},
        value::micros,
    },
    errand::{ErrandId, NewErrand},
    fault::Doing,
    trail::TrailEntry,
};

/// The same message as it was kept before, if it was.
fn kept_before(
    packed: &PackedMessage,
    conn: &Connection,
    bodies: &Bodies,
    tenant: &str,
) -> Result<Option<CommitError>, StoreFault> {
    let kept = load::message(conn, bodies, tenant, &packed.message.key)?;
    Ok(kept.map(|message| CommitError::Duplicate { message: Box::new(message) }))
}

/// The writer's task for commits that are kept together.
pub(crate) struct CommitTask {
    pub(crate) prepared: Vec<Prepared>,
    pub(crate) bodies: Bodies,
    pub(crate) result: Option<Kept>,
    pub(crate) answer: Answer<Kept>,
}

impl Task for CommitTask {
    fn run(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreFault> {
        self.result = Some(match apply_all(cx, &self.prepared, &self.bodies) {
            Err(CommitError::Fault(fault)) => return Err(fault),
            other => other,
        });
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreFault>) {
        let result = match outcome {
            Ok(()) => self.result.unwrap_or(Err(CommitError::Fault(StoreFault::Closed))),
            Err(fault) => Err(CommitError::Fault(fault)),
        };
        self.answer.give(result);
    }
}

/// Applies commits that belong together. One alone that is refused has written nothing; of several, what those before the
/// refused one wrote is taken back, while the transaction goes on for the others that share it.
fn apply_all(cx: &mut Cx<'_>, prepared: &[Prepared], bodies: &Bodies) -> Kept {
    if let [one] = prepared {
        return apply(cx, one, bodies).map(|committed| vec![committed]);
    }
    run(cx.conn, "SAVEPOINT together")?;
    let kept = prepared.iter().map(|one| apply(cx, one, bodies)).collect::<Kept>();
    if kept.is_err() {
        // A pin of theirs may have been noted as kept.
        cx.known_pins.clear();
        run(cx.conn, "ROLLBACK TO together")?;
    }
    run(cx.conn, "RELEASE together")?;
    kept
}

fn run(conn: &Connection, sql: &str) -> Result<(), StoreFault> {
    conn.prepare_cached(sql).and_then(|mut statement| statement.execute([])).doing("keep commits together").map(|_| ())
}

fn apply(cx: &mut Cx<'_>, prepared: &Prepared, bodies: &Bodies) -> Result<Committed, CommitError> {
    let commit = &prepared.commit;
    let tenant = commit.tenant.as_str();
    let head = match &commit.subject {
        Some(subject) => load::head(cx.conn, tenant, subject)?,
        None => None,
    };
    let actual = head.as_ref().map_or(0, |head| head.version);
    let late = commit.subject.is_some() && actual != commit.expected;
    if late {
        let kept = prepared.message.as_ref().map(|packed| kept_before(packed, cx.conn, bodies, tenant)).transpose()?;
        return Err(kept.flatten().unwrap_or(CommitError::Conflict { actual }));
    }
    for errand in &commit.errands_done {
        if !errand_is_open(cx.conn, *errand)? {
            return Err(CommitError::ErrandGone);
        }
    }
    // The message goes first: a key that is taken is the last reason to refuse, and nothing is written before it.
    if let Some(packed) = &prepared.message
        && !keep_message(cx.conn, tenant, commit.subject.as_ref(), packed)?
        && let Some(duplicate) = kept_before(packed, cx.conn, bodies, tenant)?
    {
        return Err(duplicate);
    }
    let mut committed = Committed { version: actual, position: 0 };
    if let Some(subject) = &commit.subject {
        let start = head.map_or(chain::START, |head| head.hash);
        append(cx.conn, prepared, subject, start, &mut committed)?;
    }
    for document in &prepared.documents {
        keep_document(cx.conn, tenant, document)?;
    }
    for pin in &commit.pins {
        keep_pin(cx, tenant, pin)?;
    }
    for row in &commit.rows {
        cx.live.write(cx.conn, tenant, row)?;
    }
    for errand in &commit.errands {
        enqueue(cx.conn, tenant, errand)?;
    }
    for errand in &commit.errands_done {
        finish(cx.conn, *errand)?;
    }
    for entry in &commit.trail {
        keep_trail(cx.conn, tenant, entry)?;
    }
    Ok(committed)
}

fn append(
    conn: &Connection,
    prepared: &Prepared,
    subject: &SubjectKey,
    mut hash: [u8; 32],
    committed: &mut Committed,
) -> Result<(), StoreFault> {
    let commit = &prepared.commit;
    if commit.events.is_empty() {
        return Ok(());
    }
    let mut insert = conn.prepare_cached(INSERT_EVENT).doing("prepare an event")?;
    for (event, kept) in commit.events.iter().zip(&prepared.events) {
        committed.version += 1;
        let link = Link {
            tenant: &commit.tenant,
            subject_kind: &subject.kind,
            subject_id: &subject.id,
            version: committed.version as i64,
            kind: &event.kind,
            form: i64::from(event.form),
            occurred_at: micros(event.occurred_at),
            recorded_at: micros(event.recorded_at),
            actor: &event.actor,
            body: &event.body,
        };
        hash = link.hash(&hash);
        let (dictionary, body) = kept.columns(&event.body);
        let position = insert.insert(params![
            link.tenant,
            link.subject_kind,
            link.subject_id,
            link.version,
            link.kind,
            link.form,
            link.occurred_at,
            link.recorded_at,
            link.actor,
            &hash[..],
            body,
            dictionary
        ]);
        committed.position = position.doing("append an event")? as u64;
    }
    let mut upsert = conn.prepare_cached(UPSERT_HEAD).doing("prepare a head")?;
    let head = params![
        commit.tenant,
        subject.kind,
        subject.id,
        committed.version as i64,
        committed.position as i64,
        &hash[..]
    ];
    upsert.execute(head).doing("write a head")?;
    Ok(())
}

const INSERT_EVENT: &str = "INSERT INTO events (tenant, subject_kind, subject_id, version, kind, form, occurred_at,
  recorded_at, actor, hash, body, packed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const UPSERT_HEAD: &str = "INSERT INTO heads (tenant, subject_kind, subject_id, version, position, hash)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant, subject_kind, subject_id)
  DO UPDATE SET version = excluded.version, position = excluded.position, hash = excluded.hash";

const INSERT_MESSAGE: &str = "INSERT INTO messages (tenant, key, channel, base, operation, sender, received_at, status,
  business_id, subject_kind, subject_id, response, request)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (tenant, key) DO NOTHING";

/// Keeps a message; false when its key is taken.
fn keep_message(
    conn: &Connection,
    tenant: &str,
    subject: Option<&SubjectKey>,
    packed: &PackedMessage,
) -> Result<bool, StoreFault> {
    let message = &packed.message;
    let mut insert = conn.prepare_cached(INSERT_MESSAGE).doing("prepare a message")?;
    let kept = insert.execute(params![
        tenant,
        &message.key[..],
        message.channel,
        message.base,
        message.operation,
        message.sender,
        micros(message.received_at),
        message.status,
        message.business_id,
        subject.map(|subject| &subject.kind),
        subject.map(|subject| &subject.id),
        packed.response,
        packed.request
    ]);
    kept.doing("keep a message").map(|n| n == 1)
}

/// Keeps a document whose digest is new.
pub(crate) fn keep_document(conn: &Connection, tenant: &str, packed: &PackedDocument) -> Result<(), StoreFault> {
    let sql = "INSERT INTO documents (tenant, digest, media_type, name, size, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (tenant, digest) DO NOTHING";
    let mut insert = conn.prepare_cached(sql).doing("prepare a document")?;
    let document = &packed.document;
    let kept =
        insert.execute(params![tenant, document.digest, document.media_type, document.name, packed.size, packed.body]);
    kept.doing("keep a document").map(|_| ())
}

/// Keeps a pinned text whose digest is new.
pub(crate) fn keep_pin(cx: &mut Cx<'_>, tenant: &str, pin: &Pin) -> Result<(), StoreFault> {
    let name = format!("{tenant} {}", pin.digest);
    if cx.known_pins.contains(&name) {
        return Ok(());
    }
    let sql = "INSERT INTO pins (tenant, digest, body) VALUES (?1, ?2, ?3) ON CONFLICT (tenant, digest) DO NOTHING";
    let mut insert = cx.conn.prepare_cached(sql).doing("prepare a pin")?;
    let body = Bodies::in_rows().pack(pin.text.as_bytes())?;
    insert.execute(params![tenant, pin.digest, body]).doing("keep a pin")?;
    cx.known_pins.insert(name);
    Ok(())
}

/// Keeps an errand whose key is new.
pub(crate) fn enqueue(conn: &Connection, tenant: &str, errand: &NewErrand) -> Result<(), StoreFault> {
    let sql = "INSERT INTO errands (tenant, key, kind, subject_kind, subject_id, ready_at, attempts, done, body)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7) ON CONFLICT (tenant, key) DO NOTHING";
    let mut insert = conn.prepare_cached(sql).doing("prepare an errand")?;
    let kept = insert.execute(params![
        tenant,
        errand.key,
        errand.kind,
        errand.subject.kind,
        errand.subject.id,
        micros(errand.not_before),
        errand.body
    ]);
    kept.doing("keep an errand").map(|_| ())
}

fn errand_is_open(conn: &Connection, errand: ErrandId) -> Result<bool, StoreFault> {
    let mut select = conn.prepare_cached("SELECT done FROM errands WHERE id = ?1").doing("look for an errand")?;
    let done: Option<i64> = select.query_row([errand.0], |row| row.get(0)).optional().doing("look for an errand")?;
    Ok(done == Some(0))
}

/// Marks an errand done; its key stays, so that it is never enqueued again.
pub(crate) fn finish(conn: &Connection, errand: ErrandId) -> Result<(), StoreFault> {
    let sql = "UPDATE errands SET done = 1, body = x'', lease_owner = NULL WHERE id = ?1";
    let mut update = conn.prepare_cached(sql).doing("finish an errand")?;
    update.execute([errand.0]).doing("finish an errand").map(|_| ())
}

/// Keeps a trail entry and the subjects it names.
pub(crate) fn keep_trail(conn: &Connection, tenant: &str, entry: &TrailEntry) -> Result<(), StoreFault> {
    let sql = "INSERT INTO trail (tenant, at, actor, action, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = conn.prepare_cached(sql).doing("prepare a trail entry")?;
    let number = insert
        .insert(params![tenant, micros(entry.at), entry.actor, entry.action, entry.detail])
        .doing("keep a trail entry")?;
    let sql = "INSERT INTO trail_subjects (tenant, subject_kind, subject_id, number) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT DO NOTHING";
    let mut insert = conn.prepare_cached(sql).doing("prepare a trail entry")?;
    for subject in &entry.subjects {
        insert.execute(params![tenant, subject.kind, subject.id, number]).doing("keep a trail entry")?;
    }
    Ok(())
}
