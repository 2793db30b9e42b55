//! The tables, and the migrations that make them. A released migration is never edited: add the next one.

use rusqlite::{Connection, OptionalExtension};

use crate::{
    StoreFault,
    fault::Doing,
    schema::{Phase, Schema, Waiting},
};

/// One released change of the schema.
pub(crate) struct Step {
    /// When it may run.
    pub(crate) phase: Phase,
    /// What it is for.
    pub(crate) says: &'static str,
    /// The change.
    pub(crate) run: fn(&Connection) -> rusqlite::Result<()>,
}

/// Every change, oldest first; the number of a step is its place, from 1. An expanding step may only add what an older
/// Vigil does not miss and does not trip over; what takes away or changes is a contracting step of a later release.
const STEPS: &[Step] = &[
    Step { phase: Phase::Expand, says: "the log, what is kept beside it, the read models", run: first },
    Step { phase: Phase::Expand, says: "the read models of stays", run: second },
    Step { phase: Phase::Expand, says: "an index that stores made before it lack", run: third },
    Step {
        phase: Phase::Expand,
        says: "the read models of stays with their bodies beside the order of their keys",
        run: fourth,
    },
    Step { phase: Phase::Expand, says: "a place for the number of the dictionary an event is packed with", run: fifth },
    Step {
        phase: Phase::Contract,
        says: "from now on messages and events are packed with a dictionary, which an older Vigil cannot read",
        run: |_| Ok(()),
    },
];

/// The step from which on new bodies are packed with a dictionary.
const PACKS: i64 = 6;

/// Whether new bodies are packed with a dictionary.
pub(crate) fn packs(conn: &Connection) -> Result<bool, StoreFault> {
    Ok(applied(conn)?.iter().any(|(version, _)| *version == PACKS))
}

/// Runs the expanding steps that are missing, on a new store all of them: no older Vigil has met it. Refuses a store that no
/// longer lets this Vigil in.
pub(crate) fn migrate(conn: &mut Connection) -> Result<(), StoreFault> {
    let tx = conn.transaction().doing("begin a migration")?;
    let new = applied(&tx)?.is_empty();
    run(&tx, STEPS, new)?;
    tx.commit().doing("end a migration")
}

/// Runs the contracting steps too: from then on older Vigils are refused. Inside the caller's transaction.
pub(crate) fn contract(conn: &Connection) -> Result<(), StoreFault> {
    run(conn, STEPS, true)
}

/// Where a store stands, as this binary sees it.
pub(crate) fn look(conn: &Connection) -> Result<Schema, StoreFault> {
    look_for(conn, STEPS)
}

fn look_for(conn: &Connection, steps: &[Step]) -> Result<Schema, StoreFault> {
    let applied = applied(conn)?;
    let numbered = steps.iter().enumerate().map(|(place, step)| (place as i64 + 1, step));
    let waiting = numbered.filter(|(number, _)| !applied.iter().any(|(version, _)| version == number));
    Ok(Schema {
        found: applied.iter().map(|(version, _)| *version).max().unwrap_or(0),
        known: steps.len() as i64,
        lets_in: applied.iter().map(|(_, needs)| *needs).max().unwrap_or(0),
        waiting: waiting.map(|(version, step)| Waiting { version, phase: step.phase, says: step.says }).collect(),
    })
}

/// Each step that ran, with the oldest schema a Vigil must know to be let in after it.
fn applied(conn: &Connection) -> Result<Vec<(i64, i64)>, StoreFault> {
    let table = "SELECT COUNT(*) FROM pragma_table_info('schema_version') WHERE name = ?1";
    let has = |column: &str| conn.query_row(table, [column], |row| row.get::<_, i64>(0)).map(|n| n > 0);
    if !has("version").doing("read its schema version")? {
        return Ok(Vec::new());
    }
    // A store of before this column, or a step that does not say, lets in nobody who does not know the step.
    let needs = if has("needs").doing("read its schema version")? { "COALESCE(needs, version)" } else { "version" };
    let sql = format!("SELECT version, {needs} FROM schema_version ORDER BY version");
    let mut select = conn.prepare(&sql).doing("read its schema version")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.and_then(Iterator::collect).doing("read its schema version")
}

fn run(conn: &Connection, steps: &[Step], contracting: bool) -> Result<(), StoreFault> {
    let schema = look_for(conn, steps)?;
    if schema.lets_in > schema.known {
        return Err(StoreFault::Newer { found: schema.lets_in, known: schema.known });
    }
    if schema.found == 0 {
        conn.execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL, needs BIGINT)")
            .doing("open its schema")?;
    } else if conn.prepare("SELECT needs FROM schema_version").is_err() {
        conn.execute_batch("ALTER TABLE schema_version ADD COLUMN needs BIGINT").doing("open its schema")?;
    }
    let mut lets_in = schema.lets_in;
    for waiting in schema.waiting {
        if waiting.phase == Phase::Contract && !contracting {
            continue;
        }
        // A new store lets in nobody who does not know its first tables.
        if waiting.phase == Phase::Contract || lets_in == 0 {
            lets_in = waiting.version;
        }
        (steps[waiting.version as usize - 1].run)(conn).doing("migrate")?;
        let sql = "INSERT INTO schema_version (version, needs) VALUES (?1, ?2)";
        conn.execute(sql, [waiting.version, lets_in]).doing("migrate")?;
    }
    Ok(())
}

fn first(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(LOG)?;
    conn.execute_batch(BESIDE)?;
    conn.execute_batch(&named(READ_MODEL_TABLES, "", "1"))
}

/// The hospital's side: records that a site loads, and the stays' read model.
fn second(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(RECORDS)?;
    conn.execute_batch("CREATE INDEX messages_unread ON messages (tenant, channel, id) WHERE status >= 400")?;
    conn.execute_batch(STAYS_BEFORE)
}

/// An index that was put into the second step after stores had been made by it.
fn third(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE INDEX IF NOT EXISTS messages_unread ON messages (tenant, channel, id) WHERE status >= 400",
    )
}

/// In a table that is its own key's index a body of a thousand bytes gets a page of its own beside the index, written at
/// each change; in a plain table three or four share a page. Statements read and write either alike.
fn fourth(conn: &Connection) -> rusqlite::Result<()> {
    let generation = "SELECT value FROM settings WHERE tenant = '' AND name = 'read-model-generation'";
    let generation: Option<String> = conn.query_row(generation, [], |row| row.get(0)).optional()?;
    conn.execute_batch("ALTER TABLE stays RENAME TO stays_before")?;
    for index in ["stays_open", "stays_day", "stays_scenario"] {
        conn.execute_batch(&format!("DROP INDEX IF EXISTS {index}_{}", generation.as_deref().unwrap_or("1")))?;
    }
    conn.execute_batch(&named(STAY_TABLES, "", generation.as_deref().unwrap_or("1")))?;
    conn.execute_batch(
        "INSERT INTO stays (tenant, kind, id, hospital, state, due_sort, day, scenario, body)
           SELECT tenant, kind, id, hospital, state, due_sort, day, scenario, body FROM stays_before ORDER BY id, kind;
         DROP TABLE stays_before;",
    )
}

/// None where the body lies in the row as it was given: what was written before this column was known.
fn fifth(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch("ALTER TABLE events ADD COLUMN packed BIGINT")
}

/// The log and what commits with it.
const LOG: &str = "
CREATE TABLE events (
  position INTEGER PRIMARY KEY, tenant TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL,
  version BIGINT NOT NULL, kind TEXT NOT NULL, form BIGINT NOT NULL, occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL, actor TEXT NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX events_of_subject ON events (tenant, subject_kind, subject_id, version);
CREATE TABLE heads (
  tenant TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, version BIGINT NOT NULL,
  position BIGINT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (tenant, subject_kind, subject_id)) WITHOUT ROWID;
CREATE TABLE checkpoints (
  number INTEGER PRIMARY KEY, at BIGINT NOT NULL, after_position BIGINT NOT NULL, upto_position BIGINT NOT NULL,
  subjects BIGINT NOT NULL, root BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TABLE messages (
  id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, key BLOB NOT NULL, channel TEXT NOT NULL, base TEXT NOT NULL,
  operation TEXT NOT NULL, sender TEXT NOT NULL, received_at BIGINT NOT NULL, status BIGINT NOT NULL,
  business_id TEXT, subject_kind TEXT, subject_id TEXT, response BLOB NOT NULL, request BLOB NOT NULL);
CREATE UNIQUE INDEX messages_by_key ON messages (tenant, key);
CREATE INDEX messages_by_business_id ON messages (tenant, business_id) WHERE business_id IS NOT NULL;
CREATE INDEX messages_of_subject ON messages (tenant, subject_kind, subject_id) WHERE subject_id IS NOT NULL;
CREATE TABLE documents (
  tenant TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, name TEXT NOT NULL, size BIGINT NOT NULL,
  body BLOB NOT NULL);
CREATE UNIQUE INDEX documents_by_digest ON documents (tenant, digest);
CREATE TABLE pins (tenant TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX pins_by_digest ON pins (tenant, digest);
CREATE TABLE errands (
  id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL, ready_at BIGINT NOT NULL, attempts BIGINT NOT NULL, lease_owner TEXT, last_error TEXT,
  done BIGINT NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX errands_by_key ON errands (tenant, key);
CREATE INDEX errands_ready ON errands (ready_at, id) WHERE done = 0;
CREATE TABLE trail (
  number INTEGER PRIMARY KEY, tenant TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  detail TEXT NOT NULL);
CREATE INDEX trail_of_actor ON trail (tenant, actor, number);
CREATE TABLE trail_subjects (
  tenant TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, number BIGINT NOT NULL,
  PRIMARY KEY (tenant, subject_kind, subject_id, number)) WITHOUT ROWID;
";

/// People, interfaces, the directory and code sets.
const BESIDE: &str = "
CREATE TABLE settings (tenant TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (tenant, name));
CREATE TABLE accounts (tenant TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, name));
CREATE TABLE sessions (
  token_hash BLOB NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, account TEXT NOT NULL, created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL);
CREATE INDEX sessions_of_account ON sessions (tenant, account);
CREATE TABLE tokens (
  hash BLOB NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT);
CREATE TABLE contracts (
  tenant TEXT NOT NULL, id TEXT NOT NULL, payer_id TEXT NOT NULL, plan_id TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (tenant, id));
CREATE INDEX contracts_by_plan ON contracts (tenant, payer_id, plan_id);
CREATE TABLE members (
  tenant TEXT NOT NULL, payer_id TEXT NOT NULL, member_id TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (tenant, member_id, payer_id)) WITHOUT ROWID;
CREATE INDEX members_by_name ON members (tenant, name);
CREATE TABLE coverages (
  tenant TEXT NOT NULL, payer_id TEXT NOT NULL, member_id TEXT NOT NULL, plan_id TEXT NOT NULL, from_day TEXT NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY (tenant, member_id, payer_id, plan_id, from_day)) WITHOUT ROWID;
CREATE TABLE providers (
  tenant TEXT NOT NULL, npi TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, npi))
  WITHOUT ROWID;
CREATE INDEX providers_by_name ON providers (tenant, name);
CREATE TABLE codes (
  system TEXT NOT NULL, code TEXT NOT NULL, display TEXT NOT NULL, from_day TEXT, through_day TEXT,
  PRIMARY KEY (system, code)) WITHOUT ROWID;
";

/// The read models under a suffix: the live ones have none, a rebuild's shadow is `_next`. Index names carry the
/// generation, because they stay when a shadow table takes the live name.
pub(crate) fn read_models(suffix: &str, generation: &str) -> String {
    [READ_MODEL_TABLES, STAY_TABLES].map(|tables| named(tables, suffix, generation)).concat()
}

fn named(tables: &str, suffix: &str, generation: &str) -> String {
    tables.replace("{s}", suffix).replace("{g}", generation)
}

/// Facilities, payers' terms, tables of expected stays: a kind, an id, a body.
const RECORDS: &str = "
CREATE TABLE records (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, kind, id));
";

/// Every read model of stays as the second step made it.
const STAYS_BEFORE: &str = "
CREATE TABLE stays (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, hospital TEXT NOT NULL, state BIGINT NOT NULL,
  due_sort BIGINT NOT NULL, day TEXT, scenario TEXT, body TEXT NOT NULL, PRIMARY KEY (tenant, kind, id)) WITHOUT ROWID;
CREATE INDEX stays_open_1 ON stays (tenant, kind, state, due_sort, id) WHERE state > 0;
CREATE INDEX stays_day_1 ON stays (tenant, kind, day) WHERE day IS NOT NULL;
CREATE INDEX stays_scenario_1 ON stays (tenant, scenario) WHERE scenario IS NOT NULL;
";

/// Every read model of stays in one table, a kind each; the body is the model's own.
const STAY_TABLES: &str = "
CREATE TABLE stays{s} (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, hospital TEXT NOT NULL, state BIGINT NOT NULL,
  due_sort BIGINT NOT NULL, day TEXT, scenario TEXT, body TEXT NOT NULL);
CREATE UNIQUE INDEX stays_by_key_{g} ON stays{s} (tenant, kind, id);
CREATE INDEX stays_open_{g} ON stays{s} (tenant, kind, state, due_sort, id) WHERE state > 0;
CREATE INDEX stays_day_{g} ON stays{s} (tenant, kind, day, id) WHERE day IS NOT NULL;
CREATE INDEX stays_scenario_{g} ON stays{s} (tenant, scenario) WHERE scenario IS NOT NULL;
";

const READ_MODEL_TABLES: &str = "
CREATE TABLE work{s} (
  tenant TEXT NOT NULL, case_id TEXT NOT NULL, stage TEXT NOT NULL, queue TEXT NOT NULL, open BIGINT NOT NULL,
  line_of_business TEXT NOT NULL, urgency TEXT NOT NULL, review TEXT NOT NULL, service TEXT NOT NULL,
  patient_name TEXT NOT NULL, member_id TEXT NOT NULL, birth_day TEXT, sex TEXT NOT NULL, provider_name TEXT NOT NULL,
  provider_npi TEXT NOT NULL, due_sort BIGINT NOT NULL, due_rule TEXT, late BIGINT NOT NULL, risk_sort BIGINT NOT NULL,
  why TEXT NOT NULL, next TEXT NOT NULL, owner TEXT, received_at BIGINT NOT NULL, decided_at BIGINT, outcome TEXT,
  authorization_number TEXT, episode TEXT, scenario TEXT, zone TEXT NOT NULL);
CREATE UNIQUE INDEX work_by_case_{g} ON work{s} (tenant, case_id);
CREATE INDEX work_received_{g} ON work{s} (tenant, received_at, case_id);
CREATE INDEX work_due_{g} ON work{s} (tenant, due_sort, risk_sort, case_id, line_of_business, urgency, late)
  WHERE open = 1;
CREATE INDEX work_queue_{g} ON work{s} (tenant, queue, due_sort, risk_sort, case_id, line_of_business, urgency, late)
  WHERE open = 1;
CREATE INDEX work_line_{g} ON work{s} (tenant, line_of_business, due_sort, risk_sort, case_id, urgency, late)
  WHERE open = 1;
CREATE INDEX work_urgency_{g} ON work{s} (tenant, urgency, due_sort, risk_sort, case_id, line_of_business, late)
  WHERE open = 1;
CREATE INDEX work_late_{g} ON work{s} (tenant, late, due_sort, risk_sort, case_id) WHERE open = 1 AND late = 1;
CREATE INDEX work_owner_{g} ON work{s} (tenant, owner, due_sort, risk_sort, case_id) WHERE open = 1;
CREATE INDEX work_episode_{g} ON work{s} (tenant, episode) WHERE episode IS NOT NULL;
CREATE INDEX work_scenario_{g} ON work{s} (tenant, scenario) WHERE scenario IS NOT NULL;
CREATE TABLE search{s} (
  tenant TEXT NOT NULL, word TEXT NOT NULL, newest BIGINT NOT NULL, case_id TEXT NOT NULL,
  PRIMARY KEY (tenant, word, newest, case_id)) WITHOUT ROWID;
CREATE TABLE keys{s} (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, newest BIGINT NOT NULL, case_id TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, value, newest, case_id)) WITHOUT ROWID;
CREATE TABLE deadlines{s} (
  tenant TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, clock_id TEXT NOT NULL,
  what TEXT NOT NULL, at BIGINT NOT NULL, done BIGINT NOT NULL,
  PRIMARY KEY (tenant, subject_kind, subject_id, clock_id, what)) WITHOUT ROWID;
CREATE INDEX deadlines_at_{g} ON deadlines{s} (at) WHERE done = 0;
CREATE TABLE measures{s} (
  tenant TEXT NOT NULL, day TEXT NOT NULL, line_of_business TEXT NOT NULL, urgency TEXT NOT NULL, key TEXT NOT NULL,
  n BIGINT NOT NULL, seconds BIGINT NOT NULL, PRIMARY KEY (tenant, day, line_of_business, urgency, key)) WITHOUT ROWID;
CREATE TABLE decided{s} (
  tenant TEXT NOT NULL, case_id TEXT NOT NULL, line_of_business TEXT NOT NULL, urgency TEXT NOT NULL,
  received_at BIGINT NOT NULL, decided_at BIGINT NOT NULL, due_at BIGINT, outcome TEXT NOT NULL,
  automated BIGINT NOT NULL, service TEXT NOT NULL, PRIMARY KEY (tenant, case_id)) WITHOUT ROWID;
CREATE INDEX decided_at_{g} ON decided{s} (tenant, decided_at, case_id);
";

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &Connection) -> rusqlite::Result<()> {
        Ok(())
    }

    fn make(conn: &Connection) -> rusqlite::Result<()> {
        conn.execute_batch("CREATE TABLE lists (old TEXT NOT NULL DEFAULT '')")
    }

    fn widen(conn: &Connection) -> rusqlite::Result<()> {
        conn.execute_batch("ALTER TABLE lists ADD COLUMN new TEXT NOT NULL DEFAULT ''; UPDATE lists SET new = old")
    }

    fn narrow(conn: &Connection) -> rusqlite::Result<()> {
        conn.execute_batch("ALTER TABLE lists DROP COLUMN old")
    }

    const fn step(phase: Phase, run: fn(&Connection) -> rusqlite::Result<()>) -> Step {
        Step { phase, says: "a step of a test", run }
    }

    const OLD: &[Step] = &[step(Phase::Expand, make)];
    const NEW: &[Step] = &[
        step(Phase::Expand, make),
        step(Phase::Expand, widen),
        step(Phase::Contract, narrow),
        step(Phase::Expand, nothing),
    ];

    fn columns(conn: &Connection) -> Vec<String> {
        let mut select = conn.prepare("SELECT name FROM pragma_table_info('lists')").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn an_expanded_store_lets_the_old_vigil_in_and_a_contracted_one_does_not() {
        let conn = Connection::open_in_memory().unwrap();
        run(&conn, OLD, false).unwrap();
        conn.execute("INSERT INTO lists (old) VALUES ('kept')", []).unwrap();
        run(&conn, NEW, false).unwrap();
        assert_eq!(columns(&conn), ["old", "new"], "expanded");
        let schema = look_for(&conn, NEW).unwrap();
        assert_eq!((schema.found, schema.lets_in, schema.waiting.len()), (4, 1, 1), "{schema:?}");
        run(&conn, OLD, false).expect("the old Vigil still opens it: a way back");
        conn.execute("INSERT INTO lists (old) VALUES ('by the old one')", []).unwrap();
        run(&conn, NEW, true).unwrap();
        assert_eq!(columns(&conn), ["new"], "contracted");
        assert!(look_for(&conn, NEW).unwrap().waiting.is_empty());
        let refused = run(&conn, OLD, false);
        assert!(matches!(refused, Err(StoreFault::Newer { found: 3, known: 1 })), "{refused:?}");
        run(&conn, NEW, true).expect("twice is once");
    }

    #[test]
    fn a_store_made_before_an_index_was_known_gets_it() {
        let conn = Connection::open_in_memory().unwrap();
        run(&conn, &STEPS[..2], false).unwrap();
        conn.execute_batch("DROP INDEX messages_unread").unwrap();
        let waiting = look(&conn).unwrap().waiting;
        assert_eq!(
            waiting.iter().map(|w| (w.version, w.phase)).collect::<Vec<_>>(),
            [(3, Phase::Expand), (4, Phase::Expand), (5, Phase::Expand), (6, Phase::Contract)]
        );
        run(&conn, STEPS, false).unwrap();
        let plan =
            "EXPLAIN QUERY PLAN SELECT id FROM messages WHERE tenant = 'main' AND channel = 'adt' AND status >= 400";
        let plan: String = conn.query_row(plan, [], |row| row.get(3)).unwrap();
        assert!(plan.contains("messages_unread"), "{plan}");
        run(&conn, &STEPS[..2], false).expect("the Vigil of before still opens it");
    }

    #[test]
    fn stays_move_to_a_plain_table_with_all_they_hold() {
        let conn = Connection::open_in_memory().unwrap();
        run(&conn, &STEPS[..3], false).unwrap();
        // After a rebuild the indexes carry its number.
        conn.execute_batch(
            "INSERT INTO settings VALUES ('', 'read-model-generation', '2');
             DROP INDEX stays_open_1; DROP INDEX stays_day_1; DROP INDEX stays_scenario_1;
             CREATE INDEX stays_open_2 ON stays (tenant, kind, state, due_sort, id) WHERE state > 0;
             INSERT INTO stays VALUES ('main', 'census', 's1', 'mercy', 1, 5, '2026-03-01', NULL, 'old');",
        )
        .unwrap();
        run(&conn, STEPS, false).unwrap();
        let upsert = "INSERT INTO stays VALUES ('main', 'census', 's1', 'mercy', 1, 5, NULL, NULL, 'new')
          ON CONFLICT (tenant, kind, id) DO UPDATE SET body = stays.body || ' ' || excluded.body";
        conn.execute(upsert, []).unwrap();
        let kept: (i64, String) =
            conn.query_row("SELECT rowid, body || day FROM stays", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(kept, (1, "old new2026-03-01".to_owned()));
        let indexes = "SELECT group_concat(name) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'stays'";
        let indexes: String = conn.query_row(indexes, [], |row| row.get(0)).unwrap();
        assert_eq!(indexes, "stays_by_key_2,stays_open_2,stays_day_2,stays_scenario_2");
    }

    #[test]
    fn a_store_of_before_the_floor_was_kept_is_read_as_it_was_meant() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES (1)",
        )
        .unwrap();
        make(&conn).unwrap();
        run(&conn, NEW, false).unwrap();
        assert_eq!(look_for(&conn, OLD).unwrap().lets_in, 1);
        conn.execute("INSERT INTO schema_version (version) VALUES (9)", []).unwrap();
        assert!(matches!(run(&conn, NEW, false), Err(StoreFault::Newer { found: 9, known: 4 })));
    }
}
