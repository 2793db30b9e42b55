//! Interface tokens: printed once when made, kept only as their SHA-256.

use serde_json::json;
use vigil_store::{Token, Write, WriteItem};

use super::Failed;
use crate::{
    access::{secret, token},
    app::App,
    control::{Outlet, TokenAsk},
    exit,
};

pub async fn tokens(app: &App, ask: TokenAsk, outlet: &Outlet) -> Result<u8, Failed> {
    match ask {
        TokenAsk::Create { tenant, name, scopes, days } => create(app, tenant, name, scopes, days, outlet).await,
        TokenAsk::List { tenant, json } => list(app, &tenant, json, outlet).await,
        TokenAsk::Revoke { tenant, name } => revoke(app, &tenant, &name, outlet).await,
    }
}

async fn create(
    app: &App,
    tenant: String,
    name: String,
    scopes: Vec<String>,
    days: Option<u32>,
    outlet: &Outlet,
) -> Result<u8, Failed> {
    if name.trim().is_empty() {
        return Err(Failed::usage("a token has the name of whoever sends with it"));
    }
    if let Some(unknown) = scopes.iter().find(|scope| !token::SCOPES.contains(&scope.as_str())) {
        let scopes = token::SCOPES.join(", ");
        return Err(Failed::usage(format!("there is no scope {unknown:?}; the scopes are: {scopes}")));
    }
    let made = secret::make(token::WORD);
    let now = app.desk.time.now();
    let kept = Token {
        hash: secret::hash(&made),
        tenant: tenant.clone(),
        name,
        scopes,
        created_at: now,
        expires_at: days.map(|days| now + jiff::SignedDuration::from_hours(24 * i64::from(days))),
        revoked_at: None,
    };
    app.desk.store.write(Write::of(tenant, vec![WriteItem::Token(kept)])).await?;
    outlet.line(&made).await;
    Ok(exit::SUCCESS)
}

async fn list(app: &App, tenant: &str, as_json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let tokens = app.desk.store.tokens(tenant)?;
    if as_json {
        let rows = tokens.iter().map(|t| {
            json!({"name": t.name, "scopes": t.scopes, "created_at": t.created_at, "expires_at": t.expires_at,
                   "revoked_at": t.revoked_at, "hash": secret::hex(&t.hash[..6])})
        });
        outlet.line(&serde_json::Value::from_iter(rows).to_string()).await;
        return Ok(exit::SUCCESS);
    }
    for token in tokens {
        let state = match (token.revoked_at, token.expires_at) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) => format!("until {at}"),
            (None, None) => "no end".into(),
        };
        let hash = secret::hex(&token.hash[..6]);
        outlet.line(&format!("{hash}  {:<24} {:<8} {state}", token.name, token.scopes.join(","))).await;
    }
    Ok(exit::SUCCESS)
}

async fn revoke(app: &App, tenant: &str, name: &str, outlet: &Outlet) -> Result<u8, Failed> {
    let now = app.desk.time.now();
    let tokens = app.desk.store.tokens(tenant)?;
    let open: Vec<_> = tokens.into_iter().filter(|t| t.name == name && t.revoked_at.is_none()).collect();
    if open.is_empty() {
        return Err(Failed::other(format!("{name} has no token that still opens anything")));
    }
    let count = open.len();
    let items = open.into_iter().map(|t| WriteItem::Token(Token { revoked_at: Some(now), ..t })).collect();
    app.desk.store.write(Write::of(tenant, items)).await?;
    app.access.tokens.forget();
    outlet.say(&format!("{count} revoked")).await;
    Ok(exit::SUCCESS)
}
