//! Accounts: made without a default password; one that is not given is made and printed once.

use serde_json::json;

use super::Failed;
use crate::{
    access::accounts::{self, Change, Hand, NotChanged},
    app::App,
    control::{AccountAsk, Input, Outlet},
    exit,
};

/// Who the trail names when the command line changes an account.
const COMMAND_LINE: &str = "command line";

pub async fn accounts(app: &App, ask: AccountAsk, inputs: Vec<Input>, outlet: &Outlet) -> Result<u8, Failed> {
    let given = inputs.into_iter().next().map(|input| String::from_utf8_lossy(&input.bytes).trim().to_owned());
    let made = match ask {
        AccountAsk::List { tenant, json } => return list(app, &tenant, json, outlet).await,
        AccountAsk::Create { tenant, account } => accounts::create(app, hand(&tenant), *account, given).await,
        AccountAsk::Password { tenant, name } => accounts::set_password(app, hand(&tenant), &name, given).await,
        AccountAsk::Active { tenant, name, active } => changed(app, &tenant, &name, Change::Active(active)).await,
        AccountAsk::Roles { tenant, name, roles } => changed(app, &tenant, &name, Change::Roles(roles)).await,
    };
    if let Some(secret) = made.map_err(failed)? {
        outlet.line(&secret).await;
    }
    Ok(exit::SUCCESS)
}

fn hand(tenant: &str) -> Hand<'_> {
    Hand { tenant, actor: COMMAND_LINE }
}

async fn changed(app: &App, tenant: &str, name: &str, change: Change) -> Result<Option<String>, NotChanged> {
    accounts::change(app, hand(tenant), name, change).await.map(|()| None)
}

fn failed(why: NotChanged) -> Failed {
    match why {
        NotChanged::Wrong(says) => Failed::usage(says),
        NotChanged::Other(says) => Failed::other(says),
        NotChanged::Fault(fault) => fault.into(),
    }
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
