//! Writing read model rows, into the live tables or into a rebuild's shadow.

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use crate::{
    StoreFault,
    engine::{
        seam::{Fresh, Word},
        value::{NEVER, micros},
        words::{deadline_word, search_words},
    },
    fault::Doing,
    rows::{DeadlineRow, DecidedRow, KeyRow, MeasureRow, Row, WorkRow},
    stay_rows::StayRow,
};

/// The statements that write rows under one table suffix.
pub(crate) struct RowSql {
    work: String,
    old_words: String,
    drop_word: String,
    word: String,
    key: String,
    deadline: String,
    measure: String,
    decided: String,
    stay: String,
    drop_stay: String,
}

impl RowSql {
    pub(crate) fn new(suffix: &str) -> Self {
        let named = |sql: &str| sql.replace("{s}", suffix);
        Self {
            work: named(UPSERT_WORK),
            old_words: named(OLD_WORDS),
            drop_word: named("DELETE FROM search{s} WHERE tenant = ?1 AND word = ?2 AND newest = ?3 AND case_id = ?4"),
            word: named(
                "INSERT INTO search{s} (tenant, word, newest, case_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            ),
            key: named(
                "INSERT INTO keys{s} (tenant, kind, value, newest, case_id) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO NOTHING",
            ),
            deadline: named(UPSERT_DEADLINE),
            measure: named(ADD_MEASURE),
            decided: named(UPSERT_DECIDED),
            stay: named(UPSERT_STAY),
            drop_stay: named("DELETE FROM stays{s} WHERE tenant = ?1 AND kind = ?2 AND id = ?3"),
        }
    }

    /// Writes one row.
    pub(crate) fn write(&self, conn: &Connection, tenant: &str, row: &Row) -> Result<(), StoreFault> {
        match row {
            Row::Work(row) => self.work(conn, tenant, row),
            Row::Key(row) => self.key(conn, tenant, row),
            Row::Deadline(row) => self.deadline(conn, tenant, row),
            Row::Measure(row) => self.measure(conn, tenant, row),
            Row::Decided(row) => self.decided(conn, tenant, row),
            Row::Stay(row) => self.stay(conn, tenant, row),
        }
        .doing("write a row")
    }

    fn work(&self, conn: &Connection, tenant: &str, row: &WorkRow) -> rusqlite::Result<()> {
        self.words(conn, tenant, row)?;
        put_work(&mut conn.prepare_cached(&self.work)?, tenant, row)
    }

    /// Writes rows of subjects of which the tables hold nothing: a statement is looked for once for all rows of its table.
    pub(crate) fn write_fresh(&self, conn: &Connection, fresh: &Fresh) -> Result<(), StoreFault> {
        self.fresh(conn, fresh).doing("write rows")
    }

    fn fresh(&self, conn: &Connection, fresh: &Fresh) -> rusqlite::Result<()> {
        let mut work = conn.prepare_cached(&self.work)?;
        let mut deadline = conn.prepare_cached(&self.deadline)?;
        let mut decided = conn.prepare_cached(&self.decided)?;
        let mut key = conn.prepare_cached(&self.key)?;
        for (tenant, row) in &fresh.rows {
            match row {
                Row::Work(row) => put_work(&mut work, tenant, row)?,
                Row::Deadline(row) => put_deadline(&mut deadline, tenant, row)?,
                Row::Decided(row) => put_decided(&mut decided, tenant, row)?,
                Row::Key(row) => put_key(&mut key, tenant, row)?,
                Row::Measure(row) => self.measure(conn, tenant, row)?,
                Row::Stay(row) => self.stay(conn, tenant, row)?,
            }
        }
        let mut word = conn.prepare_cached(&self.word)?;
        for Word { tenant, word: text, newest, case_id } in &fresh.words {
            word.execute(params![tenant, text, newest, case_id])?;
        }
        Ok(())
    }

    /// Keeps the search words of a case: written once, rewritten only when a name or a number changes.
    fn words(&self, conn: &Connection, tenant: &str, row: &WorkRow) -> rusqlite::Result<()> {
        let newest = -micros(row.received_at);
        let words = search_words(&row.patient_name, &row.member_id, row.authorization.as_deref());
        let mut select = conn.prepare_cached(&self.old_words)?;
        let old: Option<(String, String, Option<String>, i64)> = select
            .query_row(params![tenant, row.case_id], |old| Ok((old.get(0)?, old.get(1)?, old.get(2)?, old.get(3)?)))
            .optional()?;
        let mut fresh = words.clone();
        if let Some((name, member, authorization, received)) = old {
            let old = search_words(&name, &member, authorization.as_deref());
            if old == words && -received == newest {
                return Ok(());
            }
            let mut delete = conn.prepare_cached(&self.drop_word)?;
            for word in old.iter().filter(|word| -received != newest || !words.contains(word)) {
                delete.execute(params![tenant, word, -received, row.case_id])?;
            }
            fresh.retain(|word| -received != newest || !old.contains(word));
        }
        let mut insert = conn.prepare_cached(&self.word)?;
        for word in fresh {
            insert.execute(params![tenant, word, newest, row.case_id])?;
        }
        Ok(())
    }

    fn key(&self, conn: &Connection, tenant: &str, row: &KeyRow) -> rusqlite::Result<()> {
        put_key(&mut conn.prepare_cached(&self.key)?, tenant, row)
    }

    fn deadline(&self, conn: &Connection, tenant: &str, row: &DeadlineRow) -> rusqlite::Result<()> {
        put_deadline(&mut conn.prepare_cached(&self.deadline)?, tenant, row)
    }

    fn measure(&self, conn: &Connection, tenant: &str, row: &MeasureRow) -> rusqlite::Result<()> {
        let mut add = conn.prepare_cached(&self.measure)?;
        let day = row.day.to_string();
        add.execute(params![tenant, day, row.line_of_business, row.urgency, row.key, row.n, row.seconds]).map(|_| ())
    }

    /// A row without a body goes.
    fn stay(&self, conn: &Connection, tenant: &str, row: &StayRow) -> rusqlite::Result<()> {
        if row.body.is_empty() {
            let mut delete = conn.prepare_cached(&self.drop_stay)?;
            return delete.execute(params![tenant, row.kind, row.id]).map(|_| ());
        }
        let mut upsert = conn.prepare_cached(&self.stay)?;
        upsert.execute(params![
            tenant,
            row.kind,
            row.id,
            row.hospital,
            row.state,
            row.due_at.map_or(NEVER, micros),
            row.day.map(|day| day.to_string()),
            row.scenario,
            row.body
        ])?;
        Ok(())
    }

    fn decided(&self, conn: &Connection, tenant: &str, row: &DecidedRow) -> rusqlite::Result<()> {
        put_decided(&mut conn.prepare_cached(&self.decided)?, tenant, row)
    }
}

fn put_work(upsert: &mut CachedStatement<'_>, tenant: &str, row: &WorkRow) -> rusqlite::Result<()> {
    upsert.execute(params![
        tenant,
        row.case_id,
        row.stage,
        row.queue,
        row.open,
        row.line_of_business,
        row.urgency,
        row.review,
        row.service,
        row.patient_name,
        row.member_id,
        row.birth_day.map(|day| day.to_string()),
        row.sex,
        row.provider_name,
        row.provider_npi,
        row.due_at.map_or(NEVER, micros),
        row.due_rule,
        row.late,
        -row.risk,
        row.why,
        row.next,
        row.owner,
        micros(row.received_at),
        row.decided_at.map(micros),
        row.outcome,
        row.authorization,
        row.episode,
        row.scenario,
        row.zone
    ])?;
    Ok(())
}

fn put_key(insert: &mut CachedStatement<'_>, tenant: &str, row: &KeyRow) -> rusqlite::Result<()> {
    insert.execute(params![tenant, row.kind, row.value, -micros(row.at), row.case_id]).map(|_| ())
}

fn put_deadline(upsert: &mut CachedStatement<'_>, tenant: &str, row: &DeadlineRow) -> rusqlite::Result<()> {
    let what = deadline_word(row.what);
    let subject = &row.subject;
    upsert.execute(params![tenant, subject.kind, subject.id, row.clock_id, what, micros(row.at), row.done]).map(|_| ())
}

fn put_decided(upsert: &mut CachedStatement<'_>, tenant: &str, row: &DecidedRow) -> rusqlite::Result<()> {
    upsert.execute(params![
        tenant,
        row.case_id,
        row.line_of_business,
        row.urgency,
        micros(row.received_at),
        micros(row.decided_at),
        row.due_at.map(micros),
        row.outcome,
        row.automated,
        row.service
    ])?;
    Ok(())
}

const OLD_WORDS: &str = "SELECT patient_name, member_id, authorization_number, received_at FROM work{s}
  WHERE tenant = ?1 AND case_id = ?2";

const UPSERT_WORK: &str = "INSERT INTO work{s} (tenant, case_id, stage, queue, open, line_of_business, urgency, review,
  service, patient_name, member_id, birth_day, sex, provider_name, provider_npi, due_sort, due_rule, late, risk_sort,
  why, next, owner, received_at, decided_at, outcome, authorization_number, episode, scenario,
  zone)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
  ?24, ?25, ?26, ?27, ?28, ?29)
  ON CONFLICT (tenant, case_id) DO UPDATE SET stage = excluded.stage, queue = excluded.queue, open = excluded.open,
  line_of_business = excluded.line_of_business, urgency = excluded.urgency, review = excluded.review,
  service = excluded.service, patient_name = excluded.patient_name, member_id = excluded.member_id,
  birth_day = excluded.birth_day, sex = excluded.sex, provider_name = excluded.provider_name,
  provider_npi = excluded.provider_npi, due_sort = excluded.due_sort, due_rule = excluded.due_rule,
  late = excluded.late, risk_sort = excluded.risk_sort, why = excluded.why, next = excluded.next,
  owner = excluded.owner, received_at = excluded.received_at, decided_at = excluded.decided_at,
  outcome = excluded.outcome, authorization_number = excluded.authorization_number, episode = excluded.episode,
  scenario = excluded.scenario, zone = excluded.zone";

const UPSERT_DEADLINE: &str = "INSERT INTO deadlines{s} (tenant, subject_kind, subject_id, clock_id, what, at, done)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant, subject_kind, subject_id, clock_id, what)
  DO UPDATE SET at = excluded.at, done = excluded.done";

const ADD_MEASURE: &str = "INSERT INTO measures{s} (tenant, day, line_of_business, urgency, key, n, seconds)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant, day, line_of_business, urgency, key)
  DO UPDATE SET n = measures{s}.n + excluded.n, seconds = measures{s}.seconds + excluded.seconds";

const UPSERT_DECIDED: &str = "INSERT INTO decided{s} (tenant, case_id, line_of_business, urgency, received_at,
  decided_at, due_at, outcome, automated, service) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
  ON CONFLICT (tenant, case_id) DO UPDATE SET line_of_business = excluded.line_of_business,
  urgency = excluded.urgency, received_at = excluded.received_at, decided_at = excluded.decided_at,
  due_at = excluded.due_at, outcome = excluded.outcome, automated = excluded.automated,
  service = excluded.service";

const UPSERT_STAY: &str = "INSERT INTO stays{s} (tenant, kind, id, hospital, state, due_sort, day, scenario, body)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant, kind, id) DO UPDATE SET hospital = excluded.hospital,
  state = excluded.state, due_sort = excluded.due_sort, day = excluded.day, scenario = excluded.scenario,
  body = excluded.body";
