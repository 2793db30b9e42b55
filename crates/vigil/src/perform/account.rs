//! Accounts: made without a default password; one that is not given is made and printed once.

use serde_json::json;
use vigil_store::{Account, Write, WriteItem};

use super::Failed;
use crate::{
    access::{Role, password, role, secret},
    app::App,
    control::{AccountAsk, Input, Outlet},
    exit,
};

pub async fn accounts(app: &App, ask: AccountAsk, inputs: Vec<Input>, outlet: &Outlet) -> Result<u8, Failed> {
    match ask {
        AccountAsk::Create { tenant, account } => create(app, &tenant, *account, inputs, outlet).await,
        AccountAsk::List { tenant, json } => list(app, &tenant, json, outlet).await,
        AccountAsk::Password { tenant, name } => {
            let account = find(app, &tenant, &name)?;
            set_password(app, &tenant, account, inputs, outlet).await
        }
        AccountAsk::Active { tenant, name, active } => {
            let account = Account { active, ..find(app, &tenant, &name)? };
            let items = vec![WriteItem::Account(account), WriteItem::EndSessionsOf(name)];
            app.desk.store.write(Write::of(tenant, items)).await?;
            Ok(exit::SUCCESS)
        }
    }
}

fn find(app: &App, tenant: &str, name: &str) -> Result<Account, Failed> {
    let found = app.desk.store.account(tenant, name)?;
    found.ok_or_else(|| Failed::other(format!("there is no account {name:?}")))
}

async fn create(app: &App, tenant: &str, account: Account, inputs: Vec<Input>, outlet: &Outlet) -> Result<u8, Failed> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '@');
    if account.name.is_empty() || !account.name.chars().all(plain) {
        return Err(Failed::usage("a sign-in name has small letters, digits and . - _ @ only"));
    }
    let known: Vec<&str> = role::TABLE.iter().map(|row| row.1).collect();
    if account.roles.is_empty() {
        return Err(Failed::usage(format!("an account has a role; the roles are: {}", known.join(", "))));
    }
    if let Some(unknown) = account.roles.iter().find(|word| Role::of(word).is_none()) {
        return Err(Failed::usage(format!("there is no role {unknown:?}; the roles are: {}", known.join(", "))));
    }
    if app.desk.store.account(tenant, &account.name)?.is_some() {
        return Err(Failed::other(format!("there is an account {:?} already", account.name)));
    }
    set_password(app, tenant, account, inputs, outlet).await
}

async fn set_password(
    app: &App,
    tenant: &str,
    account: Account,
    inputs: Vec<Input>,
    outlet: &Outlet,
) -> Result<u8, Failed> {
    let given = inputs.into_iter().next().map(|input| String::from_utf8_lossy(&input.bytes).trim().to_owned());
    let made = given.is_none();
    let secret = given.unwrap_or_else(secret::password);
    password::acceptable(&account.name, &secret).map_err(|weak| Failed::usage(weak.to_string()))?;
    let hash = app.access.passwords.hash(secret.clone()).await;
    let Some(password_hash) = hash else { return Err(Failed::other("the password cannot be hashed")) };
    let name = account.name.clone();
    let items = vec![WriteItem::Account(Account { password_hash, ..account }), WriteItem::EndSessionsOf(name)];
    app.desk.store.write(Write::of(tenant, items)).await?;
    if made {
        outlet.line(&secret).await;
    }
    Ok(exit::SUCCESS)
}

async fn list(app: &App, tenant: &str, as_json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let accounts = app.desk.store.accounts(tenant)?;
    if as_json {
        let rows = accounts.iter().map(|a| {
            json!({"name": a.name, "display": a.display, "roles": a.roles, "active": a.active,
                   "credential": a.credential})
        });
        outlet.line(&serde_json::Value::from_iter(rows).to_string()).await;
        return Ok(exit::SUCCESS);
    }
    for account in accounts {
        let state = if account.active { "" } else { "  disabled" };
        outlet.line(&format!("{:<20} {:<28} {}{state}", account.name, account.display, account.roles.join(","))).await;
    }
    Ok(exit::SUCCESS)
}
