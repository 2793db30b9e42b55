//! The tables on PostgreSQL, and the migrations that make them. A released migration is never edited: add the next one.
//!
//! A migration has two halves. `expand` only adds, so that nodes of the version before go on; it runs when a newer node
//! starts, or by `vigil migrate`. `contract` removes what no running node needs any more; only `vigil migrate --contract`
//! runs it, and not while a node that knows less still serves.

use super::client::Client;
use crate::{
    StoreFault,
    engine::sql::{EngineError, Sql},
    fault::Doing,
    schema::{Phase, Schema, Waiting},
};

/// One step of the schema.
struct Migration {
    says: &'static str,
    expand: fn() -> String,
    contract: Option<&'static str>,
}

const MIGRATIONS: &[Migration] = &[
    Migration { says: "the log, what is kept beside it, the read models", expand: first, contract: None },
    Migration { says: "indexes that stores made before them lack", expand: second, contract: None },
    Migration { says: "bodies are compressed once, and fast", expand: third, contract: None },
    Migration {
        says: "messages and events are packed with a dictionary, which an older Vigil cannot read",
        expand: fourth,
        contract: Some("SELECT 1"),
    },
];

/// The step whose contraction lets new bodies be packed with a dictionary.
const PACKS: usize = 4;

/// Whether new bodies are packed with a dictionary.
pub(crate) fn packs(conn: &dyn Sql) -> Result<bool, StoreFault> {
    let sql = format!("SELECT COUNT(*) FROM schema_version WHERE version = {PACKS} AND contracted = 1");
    conn.query_row(&sql, (), |row| row.get::<_, i64>(0)).map(|n| n == 1).doing("read its schema version")
}

/// The newest schema this binary knows.
pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// What migrating did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Migrated {
    /// The schema version now.
    pub version: i64,
    /// Steps added.
    pub expanded: usize,
    /// Steps whose old half was removed.
    pub contracted: usize,
    /// Steps whose old half can be removed when all nodes run this version.
    pub waiting: usize,
}

/// Makes the schema and brings it to [`KNOWN`]; refuses one that is newer. Nodes may do it at once: each step is one
/// transaction that begins by taking the step's number, and whoever comes second finds it done.
pub(crate) fn migrate(client: &Client, schema: &str) -> Result<Migrated, StoreFault> {
    let make = format!(
        "CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TABLE IF NOT EXISTS {schema}.schema_version
         (version BIGINT PRIMARY KEY, contracted BIGINT NOT NULL DEFAULT 0)"
    );
    again(|| client.script(&make)).doing("make its schema")?;
    let mut migrated = Migrated::default();
    let new = version(client)? == 0;
    loop {
        let found = version(client)?;
        migrated.version = found;
        if found > KNOWN {
            return Err(StoreFault::Newer { found, known: KNOWN });
        }
        let Some(step) = MIGRATIONS.get(found as usize) else { break };
        let number = found + 1;
        let (expand, contracted) = ((step.expand)(), i64::from(step.contract.is_none()));
        let script = format!("BEGIN; INSERT INTO schema_version VALUES ({number}, {contracted}); {expand}; COMMIT");
        match client.script(&script) {
            Ok(()) => migrated.expanded += 1,
            Err(error) => {
                client.roll_back();
                if !error.lost_race() {
                    return Err(StoreFault::Sql { doing: "migrate", source: error });
                }
            }
        }
    }
    if new {
        // No older node has met it. Whoever makes it at the same time does the same.
        match contract(client) {
            Err(StoreFault::Sql { source, .. }) if source.lost_race() => {}
            other => other.map(|_| ())?,
        }
    }
    let old = "SELECT COUNT(*) FROM schema_version WHERE contracted = 0";
    migrated.waiting = client.one_number(old).doing("read its schema version")? as usize;
    Ok(migrated)
}

/// Removes what no node needs any more; refuses while a node that knows less serves.
pub(crate) fn contract(client: &Client) -> Result<usize, StoreFault> {
    let behind = format!("SELECT COUNT(*) FROM writers WHERE until > now() AND known < {KNOWN}");
    if client.one_number(&behind).doing("look for older nodes")? > 0 {
        return Err(StoreFault::OlderNodes);
    }
    let mut done = 0;
    for (place, step) in MIGRATIONS.iter().enumerate() {
        let Some(old) = step.contract else { continue };
        let number = place + 1;
        let open = format!("SELECT COUNT(*) FROM schema_version WHERE version = {number} AND contracted = 0");
        if client.one_number(&open).doing("read its schema version")? == 1 {
            let script =
                format!("BEGIN; UPDATE schema_version SET contracted = 1 WHERE version = {number}; {old}; COMMIT");
            let outcome = client.script(&script);
            client.roll_back();
            outcome.doing("contract")?;
            done += 1;
        }
    }
    Ok(done)
}

/// Where the schema stands. A version that a node does not know refuses it, whatever the version did.
pub(crate) fn look(client: &Client) -> Result<Schema, StoreFault> {
    look_for(client, MIGRATIONS)
}

/// The same; none when there is no store.
pub(crate) fn look_at(client: &Client) -> Result<Option<Schema>, StoreFault> {
    let table = "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('schema_version')";
    let there = client.one_number(table).doing("look for its schema version")?;
    if there == 0 { Ok(None) } else { look(client).map(Some) }
}

fn look_for(client: &Client, steps: &[Migration]) -> Result<Schema, StoreFault> {
    let found = version(client)?;
    let mut waiting = Vec::new();
    for (number, step) in (1..).zip(steps) {
        let open = format!("SELECT COUNT(*) FROM schema_version WHERE version = {number} AND contracted = 1");
        let contracted = client.one_number(&open).doing("read its schema version")? == 1;
        if number > found {
            waiting.push(Waiting { version: number, phase: Phase::Expand, says: step.says });
        }
        if step.contract.is_some() && !contracted {
            waiting.push(Waiting { version: number, phase: Phase::Contract, says: step.says });
        }
    }
    Ok(Schema { found, known: steps.len() as i64, lets_in: found, waiting })
}

fn version(client: &Client) -> Result<i64, StoreFault> {
    client.one_number("SELECT COALESCE(MAX(version), 0) FROM schema_version").doing("read its schema version")
}

/// Two nodes that make the same thing at once: one is told that it is there already, and looks again.
fn again(mut work: impl FnMut() -> Result<(), EngineError>) -> Result<(), EngineError> {
    for _ in 0..4 {
        match work() {
            Err(error) if error.lost_race() => std::thread::sleep(std::time::Duration::from_millis(50)),
            other => return other,
        }
    }
    work()
}

/// Whether the store is of this version already, so that a node that may not make tables can start.
pub(crate) fn is_current(conn: &dyn Sql) -> bool {
    let sql = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
    conn.query_row(sql, (), |row| row.get::<_, i64>(0)).is_ok_and(|found| found == KNOWN)
}

fn first() -> String {
    // Texts compare by their bytes, as SQLite's do: the order of pages does not depend on a locale.
    let made = [LOG, BESIDE, &read_models("", "1")].concat();
    made.replace(" TEXT", " TEXT COLLATE \"C\"")
}

/// Messages and documents come compressed; events are compressed by the database, which by itself takes its slow way: a fifth
/// of the writer's time. Engines of this protocol that know nothing of it stay as they are.
fn third() -> String {
    let settings = [
        "ALTER TABLE messages ALTER COLUMN request SET STORAGE EXTERNAL, ALTER COLUMN response SET STORAGE EXTERNAL",
        "ALTER TABLE documents ALTER COLUMN body SET STORAGE EXTERNAL",
        "ALTER TABLE events ALTER COLUMN body SET COMPRESSION lz4",
    ];
    let tried = |sql: &str| format!("DO $$ BEGIN {sql}; EXCEPTION WHEN OTHERS THEN NULL; END $$;\n");
    settings.map(tried).concat()
}

/// None where the body lies in the row as it was given: what was written before this column was known.
fn fourth() -> String {
    "ALTER TABLE events ADD COLUMN IF NOT EXISTS packed BIGINT".to_owned()
}

/// Two indexes that were put into the first step after stores had been made by it.
fn second() -> String {
    "CREATE INDEX IF NOT EXISTS messages_unread ON messages (tenant, channel, id) WHERE status >= 400;
     CREATE INDEX IF NOT EXISTS trail_by_number ON trail (number)"
        .to_owned()
}

/// The log and what commits with it. Each key is led by the tenant, so that a sharding engine can spread the tables by it;
/// what is looked for before the tenant is known (sessions, tokens) and what has none (codes, checkpoints, nodes) is small
/// and belongs on every shard.
const LOG: &str = "
CREATE SEQUENCE event_positions CACHE 1;
CREATE SEQUENCE trail_numbers CACHE 1;
CREATE TABLE events (
  tenant TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, version BIGINT NOT NULL,
  position BIGINT NOT NULL, kind TEXT NOT NULL, form BIGINT NOT NULL, occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL, actor TEXT NOT NULL, hash BYTEA NOT NULL, body BYTEA NOT NULL,
  PRIMARY KEY (tenant, subject_kind, subject_id, version));
CREATE INDEX events_by_position ON events (position);
CREATE TABLE heads (
  tenant TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, version BIGINT NOT NULL,
  position BIGINT NOT NULL, hash BYTEA NOT NULL, PRIMARY KEY (tenant, subject_kind, subject_id)) WITH (fillfactor = 85);
CREATE INDEX heads_by_position ON heads (position);
CREATE TABLE writers (
  node TEXT NOT NULL PRIMARY KEY, floor BIGINT, known BIGINT NOT NULL, until TIMESTAMPTZ NOT NULL)
  WITH (fillfactor = 20);
CREATE TABLE leases (name TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, until TIMESTAMPTZ NOT NULL);
CREATE TABLE checkpoints (
  number BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, after_position BIGINT NOT NULL,
  upto_position BIGINT NOT NULL, subjects BIGINT NOT NULL, root BYTEA NOT NULL, hash BYTEA NOT NULL);
CREATE TABLE messages (
  tenant TEXT NOT NULL, key BYTEA NOT NULL, id BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY, channel TEXT NOT NULL,
  base TEXT NOT NULL, operation TEXT NOT NULL, sender TEXT NOT NULL, received_at BIGINT NOT NULL,
  status BIGINT NOT NULL, business_id TEXT, subject_kind TEXT, subject_id TEXT, response BYTEA NOT NULL,
  request BYTEA NOT NULL, PRIMARY KEY (tenant, key));
CREATE INDEX messages_by_business_id ON messages (tenant, business_id) WHERE business_id IS NOT NULL;
CREATE INDEX messages_unread ON messages (tenant, channel, id) WHERE status >= 400;
CREATE INDEX messages_of_subject ON messages (tenant, subject_kind, subject_id) WHERE subject_id IS NOT NULL;
CREATE TABLE documents (
  tenant TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, name TEXT NOT NULL, size BIGINT NOT NULL,
  body BYTEA NOT NULL, PRIMARY KEY (tenant, digest));
CREATE TABLE pins (tenant TEXT NOT NULL, digest TEXT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (tenant, digest));
CREATE TABLE errands (
  tenant TEXT NOT NULL, key TEXT NOT NULL, id BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY, kind TEXT NOT NULL,
  subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, ready_at BIGINT NOT NULL, attempts BIGINT NOT NULL,
  lease_owner TEXT, last_error TEXT, done BIGINT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (tenant, key));
CREATE INDEX errands_by_id ON errands (id);
CREATE INDEX errands_ready ON errands (ready_at, id) WHERE done = 0;
CREATE TABLE trail (
  tenant TEXT NOT NULL, number BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  detail TEXT NOT NULL, PRIMARY KEY (tenant, number));
CREATE INDEX trail_of_actor ON trail (tenant, actor, number);
CREATE INDEX trail_by_number ON trail (number);
CREATE TABLE trail_subjects (
  tenant TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, number BIGINT NOT NULL,
  PRIMARY KEY (tenant, subject_kind, subject_id, number));
";

/// People, interfaces, the directory and code sets.
const BESIDE: &str = "
CREATE TABLE settings (tenant TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (tenant, name));
CREATE TABLE accounts (tenant TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, name));
CREATE TABLE sessions (
  token_hash BYTEA NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, account TEXT NOT NULL, created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL);
CREATE INDEX sessions_of_account ON sessions (tenant, account);
CREATE TABLE tokens (
  hash BYTEA NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT);
CREATE TABLE contracts (
  tenant TEXT NOT NULL, id TEXT NOT NULL, payer_id TEXT NOT NULL, plan_id TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (tenant, id));
CREATE INDEX contracts_by_plan ON contracts (tenant, payer_id, plan_id);
CREATE TABLE members (
  tenant TEXT NOT NULL, payer_id TEXT NOT NULL, member_id TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (tenant, member_id, payer_id));
CREATE INDEX members_by_name ON members (tenant, name);
CREATE TABLE coverages (
  tenant TEXT NOT NULL, payer_id TEXT NOT NULL, member_id TEXT NOT NULL, plan_id TEXT NOT NULL, from_day TEXT NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY (tenant, member_id, payer_id, plan_id, from_day));
CREATE TABLE providers (
  tenant TEXT NOT NULL, npi TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, npi));
CREATE INDEX providers_by_name ON providers (tenant, name);
CREATE TABLE records (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, kind, id));
CREATE TABLE codes (
  system TEXT NOT NULL, code TEXT NOT NULL, display TEXT NOT NULL, from_day TEXT, through_day TEXT,
  PRIMARY KEY (system, code));
";

/// The read models under a suffix: the live ones have none, a rebuild's shadow is `_next`. Index names carry the
/// generation, because they stay when a shadow table takes the live name.
pub(crate) fn read_models(suffix: &str, generation: &str) -> String {
    READ_MODEL_TABLES.replace("{s}", suffix).replace("{g}", generation)
}

/// The shadow tables of a rebuild.
pub(crate) fn shadow(generation: &str) -> String {
    read_models("_next", generation).replace(" TEXT", " TEXT COLLATE \"C\"")
}

const READ_MODEL_TABLES: &str = "
CREATE TABLE work{s} (
  tenant TEXT NOT NULL, case_id TEXT NOT NULL, stage TEXT NOT NULL, queue TEXT NOT NULL, open BIGINT NOT NULL,
  line_of_business TEXT NOT NULL, urgency TEXT NOT NULL, review TEXT NOT NULL, service TEXT NOT NULL,
  patient_name TEXT NOT NULL, member_id TEXT NOT NULL, birth_day TEXT, sex TEXT NOT NULL, provider_name TEXT NOT NULL,
  provider_npi TEXT NOT NULL, due_sort BIGINT NOT NULL, due_rule TEXT, late BIGINT NOT NULL, risk_sort BIGINT NOT NULL,
  why TEXT NOT NULL, next TEXT NOT NULL, owner TEXT, received_at BIGINT NOT NULL, decided_at BIGINT, outcome TEXT,
  authorization_number TEXT, episode TEXT, scenario TEXT, zone TEXT NOT NULL, PRIMARY KEY (tenant, case_id));
CREATE INDEX work_received_{g} ON work{s} (tenant, received_at, case_id);
CREATE INDEX work_due_{g} ON work{s} (tenant, due_sort, risk_sort, case_id) WHERE open = 1;
CREATE INDEX work_queue_{g} ON work{s} (tenant, queue, due_sort, risk_sort, case_id) WHERE open = 1;
CREATE INDEX work_late_{g} ON work{s} (tenant, late, due_sort, risk_sort, case_id) WHERE open = 1 AND late = 1;
CREATE INDEX work_owner_{g} ON work{s} (tenant, owner, due_sort, risk_sort, case_id)
  WHERE open = 1 AND owner IS NOT NULL;
CREATE INDEX work_episode_{g} ON work{s} (tenant, episode) WHERE episode IS NOT NULL;
CREATE INDEX work_scenario_{g} ON work{s} (tenant, scenario) WHERE scenario IS NOT NULL;
CREATE TABLE search{s} (
  tenant TEXT NOT NULL, word TEXT NOT NULL, newest BIGINT NOT NULL, case_id TEXT NOT NULL,
  PRIMARY KEY (tenant, word, newest, case_id));
CREATE TABLE keys{s} (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, newest BIGINT NOT NULL, case_id TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, value, newest, case_id));
CREATE TABLE deadlines{s} (
  tenant TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, clock_id TEXT NOT NULL,
  what TEXT NOT NULL, at BIGINT NOT NULL, done BIGINT NOT NULL,
  PRIMARY KEY (tenant, subject_kind, subject_id, clock_id, what));
CREATE INDEX deadlines_at_{g} ON deadlines{s} (at) WHERE done = 0;
CREATE TABLE measures{s} (
  tenant TEXT NOT NULL, day TEXT NOT NULL, line_of_business TEXT NOT NULL, urgency TEXT NOT NULL, key TEXT NOT NULL,
  slot BIGINT NOT NULL, n BIGINT NOT NULL, seconds BIGINT NOT NULL,
  PRIMARY KEY (tenant, day, line_of_business, urgency, key, slot)) WITH (fillfactor = 50);
CREATE TABLE decided{s} (
  tenant TEXT NOT NULL, case_id TEXT NOT NULL, line_of_business TEXT NOT NULL, urgency TEXT NOT NULL,
  received_at BIGINT NOT NULL, decided_at BIGINT NOT NULL, due_at BIGINT, outcome TEXT NOT NULL,
  automated BIGINT NOT NULL, service TEXT NOT NULL, PRIMARY KEY (tenant, case_id));
CREATE INDEX decided_at_{g} ON decided{s} (tenant, decided_at, case_id);
CREATE TABLE stays{s} (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, hospital TEXT NOT NULL, state BIGINT NOT NULL,
  due_sort BIGINT NOT NULL, day TEXT, scenario TEXT, body TEXT NOT NULL, PRIMARY KEY (tenant, kind, id));
CREATE INDEX stays_open_{g} ON stays{s} (tenant, kind, state, due_sort, id) WHERE state > 0;
CREATE INDEX stays_day_{g} ON stays{s} (tenant, kind, day) WHERE day IS NOT NULL;
CREATE INDEX stays_scenario_{g} ON stays{s} (tenant, scenario) WHERE scenario IS NOT NULL;
";
