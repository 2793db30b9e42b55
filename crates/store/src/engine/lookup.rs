//! Look-ups in the directory: members, coverages, providers, contracts, codes, accounts, sessions, tokens, settings.

use serde::de::DeserializeOwned;
use vigil_domain::party::{Contract, Coverage, Member, Provider};

use super::{
    sql::{self, Connection, OptionalExtension, Params, Row, params},
    value::{day, from_json, moment},
    words,
};
use crate::{
    StoreFault,
    directory::{Account, CodeEntry, Session, Token},
    fault::Doing,
};

const LAST: &str = "\u{10FFFF}";

fn one<T: DeserializeOwned>(
    conn: &Connection<'_>,
    what: &'static str,
    sql: &str,
    values: impl Params,
) -> Result<Option<T>, StoreFault> {
    let mut select = conn.prepare_cached(sql).doing("look in the directory")?;
    let body: Option<String> = select.query_row(values, |row| row.get(0)).optional().doing("look in the directory")?;
    body.map(|body| from_json(what, &body)).transpose()
}

fn all<T: DeserializeOwned>(
    conn: &Connection<'_>,
    what: &'static str,
    sql: &str,
    values: impl Params,
) -> Result<Vec<T>, StoreFault> {
    let mut select = conn.prepare_cached(sql).doing("look in the directory")?;
    let bodies = select.query_map(values, |row| row.get(0));
    let bodies: Vec<String> = bodies.and_then(Iterator::collect).doing("look in the directory")?;
    bodies.iter().map(|body| from_json(what, body)).collect()
}

pub(crate) fn member(
    conn: &Connection<'_>,
    tenant: &str,
    payer_id: &str,
    member_id: &str,
) -> Result<Option<Member>, StoreFault> {
    let sql = "SELECT body FROM members WHERE tenant = ?1 AND member_id = ?2 AND payer_id = ?3";
    one(conn, "member", sql, [tenant, member_id, payer_id])
}

pub(crate) fn members_by_number(
    conn: &Connection<'_>,
    tenant: &str,
    member_id: &str,
) -> Result<Vec<Member>, StoreFault> {
    let sql = "SELECT body FROM members WHERE tenant = ?1 AND member_id = ?2 ORDER BY payer_id";
    all(conn, "member", sql, [tenant, member_id])
}

pub(crate) fn members_by_name(
    conn: &Connection<'_>,
    tenant: &str,
    name: &str,
    limit: usize,
) -> Result<Vec<Member>, StoreFault> {
    let name = words::plain(name);
    let sql = "SELECT body FROM members WHERE tenant = ?1 AND name >= ?2 AND name < ?3 ORDER BY name LIMIT ?4";
    all(conn, "member", sql, params![tenant, name, format!("{name}{LAST}"), limit as i64])
}

pub(crate) fn coverages(
    conn: &Connection<'_>,
    tenant: &str,
    payer_id: &str,
    member_id: &str,
) -> Result<Vec<Coverage>, StoreFault> {
    let sql = "SELECT body FROM coverages WHERE tenant = ?1 AND member_id = ?2 AND payer_id = ?3
      ORDER BY plan_id, from_day";
    let mut found: Vec<Coverage> = all(conn, "coverage", sql, [tenant, member_id, payer_id])?;
    found.sort_by_key(|coverage| coverage.order);
    Ok(found)
}

pub(crate) fn provider(conn: &Connection<'_>, tenant: &str, npi: &str) -> Result<Option<Provider>, StoreFault> {
    one(conn, "provider", "SELECT body FROM providers WHERE tenant = ?1 AND npi = ?2", [tenant, npi])
}

pub(crate) fn providers_by_name(
    conn: &Connection<'_>,
    tenant: &str,
    name: &str,
    limit: usize,
) -> Result<Vec<Provider>, StoreFault> {
    let name = words::plain(name);
    let sql = "SELECT body FROM providers WHERE tenant = ?1 AND name >= ?2 AND name < ?3 ORDER BY name LIMIT ?4";
    all(conn, "provider", sql, params![tenant, name, format!("{name}{LAST}"), limit as i64])
}

pub(crate) fn contract(conn: &Connection<'_>, tenant: &str, id: &str) -> Result<Option<Contract>, StoreFault> {
    one(conn, "contract", "SELECT body FROM contracts WHERE tenant = ?1 AND id = ?2", [tenant, id])
}

pub(crate) fn contract_of_plan(
    conn: &Connection<'_>,
    tenant: &str,
    payer_id: &str,
    plan_id: &str,
) -> Result<Option<Contract>, StoreFault> {
    let sql = "SELECT body FROM contracts WHERE tenant = ?1 AND payer_id = ?2 AND plan_id = ?3 ORDER BY id LIMIT 1";
    one(conn, "contract", sql, [tenant, payer_id, plan_id])
}

pub(crate) fn contracts(conn: &Connection<'_>, tenant: &str) -> Result<Vec<Contract>, StoreFault> {
    all(conn, "contract", "SELECT body FROM contracts WHERE tenant = ?1 ORDER BY id", [tenant])
}

pub(crate) fn account(conn: &Connection<'_>, tenant: &str, name: &str) -> Result<Option<Account>, StoreFault> {
    one(conn, "account", "SELECT body FROM accounts WHERE tenant = ?1 AND name = ?2", [tenant, name])
}

pub(crate) fn accounts(conn: &Connection<'_>, tenant: &str) -> Result<Vec<Account>, StoreFault> {
    all(conn, "account", "SELECT body FROM accounts WHERE tenant = ?1 ORDER BY name", [tenant])
}

fn code_entry(row: &Row<'_>) -> sql::Result<CodeEntry> {
    let (from, through): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
    Ok(CodeEntry {
        system: row.get(0)?,
        code: row.get(1)?,
        display: row.get(2)?,
        from: from.map(|text| day(3, &text)).transpose()?,
        through: through.map(|text| day(4, &text)).transpose()?,
    })
}

pub(crate) fn code(conn: &Connection<'_>, system: &str, code: &str) -> Result<Option<CodeEntry>, StoreFault> {
    let sql = "SELECT system, code, display, from_day, through_day FROM codes WHERE system = ?1 AND code = ?2";
    let mut select = conn.prepare_cached(sql).doing("look for a code")?;
    select.query_row([system, code], code_entry).optional().doing("look for a code")
}

pub(crate) fn codes(
    conn: &Connection<'_>,
    system: &str,
    prefix: &str,
    limit: usize,
) -> Result<Vec<CodeEntry>, StoreFault> {
    let sql = "SELECT system, code, display, from_day, through_day FROM codes
      WHERE system = ?1 AND code >= ?2 AND code < ?3 ORDER BY code LIMIT ?4";
    let mut select = conn.prepare_cached(sql).doing("list codes")?;
    let rows = select.query_map(params![system, prefix, format!("{prefix}{LAST}"), limit as i64], code_entry);
    rows.and_then(Iterator::collect).doing("list codes")
}

pub(crate) fn session(conn: &Connection<'_>, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreFault> {
    let sql = "SELECT token_hash, tenant, account, created_at, expires_at FROM sessions WHERE token_hash = ?1";
    let mut select = conn.prepare_cached(sql).doing("look for a session")?;
    let found = select.query_row([&token_hash[..]], |row| {
        Ok(Session {
            token_hash: row.get(0)?,
            tenant: row.get(1)?,
            account: row.get(2)?,
            created_at: moment(3, row.get(3)?)?,
            expires_at: moment(4, row.get(4)?)?,
        })
    });
    found.optional().doing("look for a session")
}

fn token_row(row: &Row<'_>) -> sql::Result<Token> {
    let scopes: String = row.get(3)?;
    Ok(Token {
        hash: row.get(0)?,
        tenant: row.get(1)?,
        name: row.get(2)?,
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        created_at: moment(4, row.get(4)?)?,
        expires_at: row.get::<_, Option<i64>>(5)?.map(|at| moment(5, at)).transpose()?,
        revoked_at: row.get::<_, Option<i64>>(6)?.map(|at| moment(6, at)).transpose()?,
    })
}

const TOKEN: &str = "SELECT hash, tenant, name, scopes, created_at, expires_at, revoked_at FROM tokens";

pub(crate) fn token(conn: &Connection<'_>, hash: &[u8; 32]) -> Result<Option<Token>, StoreFault> {
    let sql = format!("{TOKEN} WHERE hash = ?1");
    let mut select = conn.prepare_cached(&sql).doing("look for a token")?;
    select.query_row([&hash[..]], token_row).optional().doing("look for a token")
}

pub(crate) fn tokens(conn: &Connection<'_>, tenant: &str) -> Result<Vec<Token>, StoreFault> {
    let sql = format!("{TOKEN} WHERE tenant = ?1 ORDER BY name, created_at");
    let mut select = conn.prepare_cached(&sql).doing("list tokens")?;
    select.query_map([tenant], token_row).and_then(Iterator::collect).doing("list tokens")
}

pub(crate) fn setting(conn: &Connection<'_>, tenant: &str, name: &str) -> Result<Option<String>, StoreFault> {
    let sql = "SELECT value FROM settings WHERE tenant = ?1 AND name = ?2";
    let mut select = conn.prepare_cached(sql).doing("read a setting")?;
    select.query_row([tenant, name], |row| row.get(0)).optional().doing("read a setting")
}
