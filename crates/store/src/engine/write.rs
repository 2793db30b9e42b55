//! Records that belong to no subject: accounts, sessions, tokens, the directory, code sets, errands' fates.

use vigil_domain::party::{Contract, Coverage, Member, Provider};

use super::{
    sql::{Connection, Params, params},
    value::{micros, to_json},
    words,
};
use crate::{
    StoreFault,
    directory::{Account, CodeEntry, Session, Token, WriteItem},
    fault::Doing,
};

/// Writes one record by its key. What also belongs to commits (trail, documents, pins, errands) each engine keeps in its way.
pub(crate) fn record(conn: &Connection<'_>, tenant: &str, item: &WriteItem) -> Result<(), StoreFault> {
    match item {
        WriteItem::Account(item) => account(conn, tenant, item),
        WriteItem::Session(item) => session(conn, item),
        WriteItem::EndSession(hash) => run(conn, "DELETE FROM sessions WHERE token_hash = ?1", params![&hash[..]]),
        WriteItem::EndSessionsOf(name) => {
            run(conn, "DELETE FROM sessions WHERE tenant = ?1 AND account = ?2", params![tenant, name])
        }
        WriteItem::SweepSessions(at) => run(conn, "DELETE FROM sessions WHERE expires_at < ?1", params![micros(*at)]),
        WriteItem::Token(item) => token(conn, item),
        WriteItem::Contract(item) => contract(conn, tenant, item),
        WriteItem::Member(item) => member(conn, tenant, item),
        WriteItem::Coverage(item) => coverage(conn, tenant, item),
        WriteItem::Provider(item) => provider(conn, tenant, item),
        WriteItem::Record(item) => run(
            conn,
            "INSERT INTO records (tenant, kind, id, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tenant, kind, id) DO UPDATE SET body = excluded.body",
            params![tenant, item.kind, item.id, item.body],
        ),
        WriteItem::Code(item) => code(conn, item),
        WriteItem::ErrandFailed { id, error, retry_at } => run(
            conn,
            "UPDATE errands SET last_error = ?2, ready_at = ?3, lease_owner = NULL WHERE id = ?1 AND done = 0",
            params![id.0, error, micros(*retry_at)],
        ),
        WriteItem::Setting { name, value } => run(
            conn,
            "INSERT INTO settings (tenant, name, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value",
            params![tenant, name, value],
        ),
        WriteItem::Trail(_)
        | WriteItem::Document(_)
        | WriteItem::Pin(_)
        | WriteItem::Errand(_)
        | WriteItem::ErrandDone(_) => Err(StoreFault::Spoiled { what: "write", why: "its engine keeps it".to_owned() }),
    }
}

fn run(conn: &Connection<'_>, sql: &str, values: impl Params) -> Result<(), StoreFault> {
    conn.prepare_cached(sql).and_then(|mut statement| statement.execute(values)).doing("write a record").map(|_| ())
}

fn account(conn: &Connection<'_>, tenant: &str, item: &Account) -> Result<(), StoreFault> {
    let sql = "INSERT INTO accounts (tenant, name, body) VALUES (?1, ?2, ?3)
      ON CONFLICT (tenant, name) DO UPDATE SET body = excluded.body";
    run(conn, sql, params![tenant, item.name, to_json("account", item)?])
}

fn session(conn: &Connection<'_>, item: &Session) -> Result<(), StoreFault> {
    let sql = "INSERT INTO sessions (token_hash, tenant, account, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (token_hash) DO UPDATE SET expires_at = excluded.expires_at";
    let (from, until) = (micros(item.created_at), micros(item.expires_at));
    run(conn, sql, params![&item.token_hash[..], item.tenant, item.account, from, until])
}

fn token(conn: &Connection<'_>, item: &Token) -> Result<(), StoreFault> {
    let sql = "INSERT INTO tokens (hash, tenant, name, scopes, created_at, expires_at, revoked_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (hash) DO UPDATE SET name = excluded.name,
      scopes = excluded.scopes, expires_at = excluded.expires_at, revoked_at = excluded.revoked_at";
    let scopes = item.scopes.join(" ");
    let (until, revoked) = (item.expires_at.map(micros), item.revoked_at.map(micros));
    let made = micros(item.created_at);
    run(conn, sql, params![&item.hash[..], item.tenant, item.name, scopes, made, until, revoked])
}

fn contract(conn: &Connection<'_>, tenant: &str, item: &Contract) -> Result<(), StoreFault> {
    let sql = "INSERT INTO contracts (tenant, id, payer_id, plan_id, body) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (tenant, id) DO UPDATE SET payer_id = excluded.payer_id, plan_id = excluded.plan_id,
      body = excluded.body";
    run(conn, sql, params![tenant, item.id, item.payer_id, item.plan_id, to_json("contract", item)?])
}

fn member(conn: &Connection<'_>, tenant: &str, item: &Member) -> Result<(), StoreFault> {
    let sql = "INSERT INTO members (tenant, payer_id, member_id, name, body) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (tenant, member_id, payer_id) DO UPDATE SET name = excluded.name, body = excluded.body";
    let name = words::plain(&item.name.listed());
    run(conn, sql, params![tenant, item.payer_id, item.member_id, name, to_json("member", item)?])
}

fn coverage(conn: &Connection<'_>, tenant: &str, item: &Coverage) -> Result<(), StoreFault> {
    let sql = "INSERT INTO coverages (tenant, payer_id, member_id, plan_id, from_day, body)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (tenant, member_id, payer_id, plan_id, from_day) DO UPDATE SET body = excluded.body";
    let from = item.from.to_string();
    let body = to_json("coverage", item)?;
    run(conn, sql, params![tenant, item.payer_id, item.member_id, item.plan_id, from, body])
}

fn provider(conn: &Connection<'_>, tenant: &str, item: &Provider) -> Result<(), StoreFault> {
    let Some(npi) = &item.npi else {
        return Err(StoreFault::Spoiled { what: "provider", why: "a directory entry needs an NPI".to_owned() });
    };
    let sql = "INSERT INTO providers (tenant, npi, name, body) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (tenant, npi) DO UPDATE SET name = excluded.name, body = excluded.body";
    run(conn, sql, params![tenant, npi, words::plain(&item.name), to_json("provider", item)?])
}

fn code(conn: &Connection<'_>, item: &CodeEntry) -> Result<(), StoreFault> {
    let sql = "INSERT INTO codes (system, code, display, from_day, through_day) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (system, code) DO UPDATE SET display = excluded.display, from_day = excluded.from_day,
      through_day = excluded.through_day";
    let (from, through) = (item.from.map(|day| day.to_string()), item.through.map(|day| day.to_string()));
    run(conn, sql, params![item.system, item.code, item.display, from, through])
}
