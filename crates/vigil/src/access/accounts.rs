//! The accounts of people: made without a default password, changed one thing at a time, every change on the trail. The
//! command line and the page of the administrator go through here.

use vigil_domain::party::Credential;
use vigil_store::{Account, StoreFault, Write, WriteItem};

use super::{Role, password, role, secret, trail};
use crate::app::App;

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// What was asked for cannot be taken, in words.
    #[error("{0}")]
    Wrong(String),
    /// There is no such account, or there is one already.
    #[error("{0}")]
    Other(String),
    /// The store broke.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// One change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Other roles.
    Roles(Vec<String>),
    /// Let in again, or no more.
    Active(bool),
    /// Another name shown.
    Display(String),
    /// A newly checked credential.
    Credential(Box<Option<Credential>>),
}

/// Whose hand it is: the tenant, and the account (or `command line`) that the trail names.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// Who.
    pub actor: &'a str,
}

/// The account of a sign-in name.
///
/// # Errors
/// There is none; faults.
pub fn find(app: &App, tenant: &str, name: &str) -> Result<Account, NotChanged> {
    let found = app.desk.store.account(tenant, name)?;
    found.ok_or_else(|| NotChanged::Other(format!("there is no account {name:?}")))
}

fn known_roles(roles: &[String]) -> Vec<String> {
    let known: Vec<&str> = role::TABLE.iter().map(|row| row.1).collect();
    let list = known.join(", ");
    if roles.is_empty() {
        return vec![format!("an account has a role; give it one of: {list}")];
    }
    let unknown = roles.iter().filter(|word| Role::of(word).is_none());
    unknown.map(|word| format!("there is no role {word:?}; the roles are: {list}")).collect()
}

/// What is wrong with an account that is to be made: one sentence each, with what to do.
pub fn faults(name: &str, display: &str, roles: &[String]) -> Vec<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '@');
    let mut wrong = Vec::new();
    if name.is_empty() || !name.chars().all(plain) {
        wrong.push(format!("{name:?} is no sign-in name: use small letters, digits and . - _ @ only"));
    }
    if display.trim().is_empty() {
        wrong.push("an account has a name that is shown: write the person's name".to_owned());
    }
    wrong.extend(known_roles(roles));
    wrong
}

fn none_wrong(wrong: &[String]) -> Result<(), NotChanged> {
    if wrong.is_empty() { Ok(()) } else { Err(NotChanged::Wrong(wrong.join("\n"))) }
}

/// Makes an account. The password that was made for it comes back when none was given.
///
/// # Errors
/// A name, role or password that cannot be taken; a name that is taken; faults.
pub async fn create(
    app: &App,
    hand: Hand<'_>,
    account: Account,
    password: Option<String>,
) -> Result<Option<String>, NotChanged> {
    none_wrong(&faults(&account.name, &account.display, &account.roles))?;
    if app.desk.store.account(hand.tenant, &account.name)?.is_some() {
        return Err(NotChanged::Other(format!("there is an account {:?} already", account.name)));
    }
    let detail = format!("{}: {}", account.name, account.roles.join(", "));
    keep_with_password(app, hand, account, password, "account-made", detail).await
}

/// Sets a password and ends every session of the account. The one that was made comes back when none was given.
///
/// # Errors
/// No such account, a weak password, faults.
pub async fn set_password(
    app: &App,
    hand: Hand<'_>,
    name: &str,
    password: Option<String>,
) -> Result<Option<String>, NotChanged> {
    let account = find(app, hand.tenant, name)?;
    keep_with_password(app, hand, account, password, "account-password", name.to_owned()).await
}

async fn keep_with_password(
    app: &App,
    hand: Hand<'_>,
    account: Account,
    given: Option<String>,
    action: &str,
    detail: String,
) -> Result<Option<String>, NotChanged> {
    let made = given.is_none();
    let secret = given.unwrap_or_else(secret::password);
    password::acceptable(&account.name, &secret).map_err(|weak| NotChanged::Wrong(weak.to_string()))?;
    let hash = app.access.passwords.hash(secret.clone()).await;
    let Some(password_hash) = hash else {
        return Err(NotChanged::Other("the password cannot be hashed".into()));
    };
    keep(app, hand, Account { password_hash, ..account }, action, detail).await?;
    Ok(made.then_some(secret))
}

/// Changes an account and ends its sessions, so that what it may no longer do ends at once.
///
/// # Errors
/// No such account, an unknown role, the last way in of the administrator who asks; faults.
pub async fn change(app: &App, hand: Hand<'_>, name: &str, change: Change) -> Result<(), NotChanged> {
    let account = find(app, hand.tenant, name)?;
    let own = name == hand.actor;
    let (account, action, detail) = match change {
        Change::Roles(roles) => {
            none_wrong(&known_roles(&roles))?;
            if own && !roles.iter().any(|word| word == Role::Administrator.word()) {
                return Err(NotChanged::Wrong(
                    "you cannot take the administrator's role from yourself; another administrator can".into(),
                ));
            }
            let detail = format!("{name}: {} instead of {}", roles.join(", "), account.roles.join(", "));
            (Account { roles, ..account }, "account-roles", detail)
        }
        Change::Active(false) if own => {
            return Err(NotChanged::Wrong("you cannot disable your own account; another administrator can".into()));
        }
        Change::Active(active) => {
            let action = if active { "account-enabled" } else { "account-disabled" };
            (Account { active, ..account }, action, name.to_owned())
        }
        Change::Display(display) if display.trim().is_empty() => {
            return Err(NotChanged::Wrong("an account has a name that is shown".into()));
        }
        Change::Display(display) => {
            let display = display.trim().to_owned();
            (Account { display, ..account }, "account-name", name.to_owned())
        }
        Change::Credential(credential) => {
            (Account { credential: *credential, ..account }, "account-credential", name.to_owned())
        }
    };
    keep(app, hand, account, action, detail).await
}

async fn keep(app: &App, hand: Hand<'_>, account: Account, action: &str, detail: String) -> Result<(), NotChanged> {
    let name = account.name.clone();
    let mut items = vec![WriteItem::Account(account)];
    if name != hand.actor {
        items.push(WriteItem::EndSessionsOf(name));
    }
    items.push(WriteItem::Trail(trail::entry(app, hand.actor, action, Vec::new(), &detail)));
    app.desk.store.write(Write::of(hand.tenant, items)).await?;
    Ok(())
}
