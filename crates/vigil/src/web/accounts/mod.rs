//! The administrator's page: who may sign in, as what, with which checked credential. Every change is on the trail.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use vigil_domain::party::Credential;
use vigil_store::Account;

use crate::{
    access::{
        Permission, Role, SignedIn,
        accounts::{self, Change, Hand, NotChanged},
        credential::{self, Stated},
        password, role,
    },
    app::App,
    web::{
        error::PageError,
        form::Form,
        frame::{Frame, Tab, render, render_with},
        words,
    },
};

#[derive(Debug, Clone)]
struct Row {
    name: String,
    display: String,
    roles: String,
    credential: String,
    active: bool,
}

/// A role to tick.
#[derive(Debug, Clone)]
struct RoleChoice {
    word: &'static str,
    title: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "accounts/list.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    roles: Vec<RoleChoice>,
    form: Form,
    shortest: usize,
    made: Option<(String, String)>,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/one.html")]
struct OnePage {
    frame: Frame,
    name: String,
    display: String,
    active: bool,
    own: bool,
    roles: Vec<RoleChoice>,
    licences: String,
    specialties: String,
    npi: String,
    reports_to: String,
    attested_on: String,
    shortest: usize,
    done: Option<String>,
    made: Option<String>,
    wrong: Option<String>,
}

fn titles(words: &[String]) -> String {
    let title = |word: &String| Role::of(word).map_or_else(|| word.clone(), |role| role.title().to_owned());
    words.iter().map(title).collect::<Vec<_>>().join(", ")
}

fn choices(chosen: impl Fn(&str) -> bool) -> Vec<RoleChoice> {
    role::TABLE.iter().map(|row| RoleChoice { word: row.1, title: row.2, chosen: chosen(row.1) }).collect()
}

fn row(account: &Account) -> Row {
    let of = account.credential.as_ref();
    let licences = of.into_iter().flat_map(|c| &c.licences);
    let licences = licences.map(|l| format!("{} {} to {}", l.kind, l.state, words::day(l.through)));
    let specialties = match of.map(|c| c.specialties.as_slice()) {
        None | Some([]) => None,
        Some([one]) => Some(one.clone()),
        Some(several) => Some(words::many(several.len() as i64, "specialty", "specialties")),
    };
    Row {
        name: account.name.clone(),
        display: account.display.clone(),
        roles: titles(&account.roles),
        credential: licences.chain(specialties).collect::<Vec<_>>().join(", "),
        active: account.active,
    }
}

fn list_page(
    app: &App,
    who: &SignedIn,
    form: Form,
    made: Option<(String, String)>,
    wrong: Option<String>,
) -> Result<ListPage, PageError> {
    let mut accounts = app.desk.store.accounts(&who.tenant)?;
    accounts.sort_by(|a, b| (!a.active, &a.name).cmp(&(!b.active, &b.name)));
    let chosen: Vec<String> = form.all("role").into_iter().map(str::to_owned).collect();
    Ok(ListPage {
        frame: who.frame("Accounts", Tab::Accounts),
        rows: accounts.iter().map(row).collect(),
        roles: choices(|word| chosen.iter().any(|c| c == word)),
        form,
        shortest: password::SHORTEST,
        made,
        wrong,
    })
}

/// `GET /accounts`: everybody who may sign in.
///
/// # Errors
/// No permission, or a fault.
pub async fn list(State(app): State<App>, who: SignedIn) -> Result<Response, PageError> {
    who.require(Permission::ManageAccess)?;
    Ok(render(&list_page(&app, &who, Form::default(), None, None)?))
}

/// What cannot be done, a sentence a line, for the page; a fault goes on.
fn sentence(why: NotChanged) -> Result<String, PageError> {
    match why {
        NotChanged::Wrong(says) | NotChanged::Other(says) => {
            let line = |says: &str| format!("{}.", words::capital(says.trim_end_matches('.')));
            Ok(says.lines().map(line).collect::<Vec<_>>().join("\n"))
        }
        NotChanged::Fault(fault) => Err(fault.into()),
    }
}

/// `POST /accounts`: makes one. A password that was made is shown on this page and never again.
///
/// # Errors
/// No permission, or a fault.
pub async fn create(
    State(app): State<App>,
    who: SignedIn,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::ManageAccess)?;
    let mut form = Form::new(pairs);
    let name = form.get("name").to_lowercase();
    let account = Account {
        name: name.clone(),
        display: form.get("display").to_owned(),
        roles: form.all("role").into_iter().map(str::to_owned).collect(),
        password_hash: String::new(),
        active: true,
        credential: None,
    };
    let password = form.some("password");
    let hand = Hand { tenant: &who.tenant, actor: &who.account.name };
    match accounts::create(&app, hand, account, password).await {
        Ok(None) => Ok(Redirect::to(&format!("/accounts/{name}")).into_response()),
        Ok(Some(secret)) => Ok(render(&list_page(&app, &who, Form::default(), Some((name, secret)), None)?)),
        Err(why) => {
            form.set("password", "");
            let page = list_page(&app, &who, form, None, Some(sentence(why)?))?;
            Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

fn one_page(app: &App, who: &SignedIn, name: &str) -> Result<OnePage, PageError> {
    let account = app.desk.store.account(&who.tenant, name)?.ok_or(PageError::NotFound)?;
    let credential = account.credential.as_ref();
    let licences = credential.into_iter().flat_map(|c| &c.licences);
    let licences = licences.map(|l| format!("{}:{}:{}:{}:{}", l.kind, l.state, l.number, l.from, l.through));
    Ok(OnePage {
        frame: who.frame(account.display.clone(), Tab::Accounts),
        own: account.name == who.account.name,
        roles: choices(|word| account.roles.iter().any(|r| r == word)),
        licences: licences.collect::<Vec<_>>().join("\n"),
        specialties: credential.map(|c| c.specialties.join("\n")).unwrap_or_default(),
        npi: credential.and_then(|c| c.npi.clone()).unwrap_or_default(),
        reports_to: credential.and_then(|c| c.reports_to.clone()).unwrap_or_default(),
        attested_on: credential.and_then(|c| c.attested_on).map(|d| d.to_string()).unwrap_or_default(),
        shortest: password::SHORTEST,
        name: account.name,
        display: account.display,
        active: account.active,
        done: None,
        made: None,
        wrong: None,
    })
}

/// `GET /accounts/{name}`.
///
/// # Errors
/// No permission, no such account, or a fault.
pub async fn show(State(app): State<App>, who: SignedIn, Path(name): Path<String>) -> Result<Response, PageError> {
    who.require(Permission::ManageAccess)?;
    Ok(render(&one_page(&app, &who, &name)?))
}

/// `POST /accounts/{name}`: one change, named by `then`.
///
/// # Errors
/// No permission, no such account, or a fault.
pub async fn change(
    State(app): State<App>,
    who: SignedIn,
    Path(name): Path<String>,
    axum::Form(pairs): axum::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    who.require(Permission::ManageAccess)?;
    let form = Form::new(pairs);
    let account = app.desk.store.account(&who.tenant, &name)?.ok_or(PageError::NotFound)?;
    let hand = Hand { tenant: &who.tenant, actor: &who.account.name };
    let mut made = None;
    let then = form.get("then").to_owned();
    let outcome = match then.as_str() {
        "password" => {
            accounts::set_password(&app, hand, &name, form.some("password")).await.map(|secret| made = secret)
        }
        _ => match wanted(&form, &account) {
            Ok(change) => accounts::change(&app, hand, &name, change).await,
            Err(says) => Err(NotChanged::Wrong(says)),
        },
    };
    let wrong = outcome.err().map(sentence).transpose()?;
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut page = one_page(&app, &who, &name)?;
    page.done = wrong.is_none().then(|| done_words(&then).to_owned());
    (page.made, page.wrong) = (made, wrong);
    Ok(render_with(status, &page))
}

fn done_words(then: &str) -> &'static str {
    match then {
        "password" => "The password is set. Sessions of this account have ended.",
        "roles" => "The roles are changed. Sessions of this account have ended.",
        "disable" => "Nobody gets in with this account any more.",
        "enable" => "This account gets in again.",
        _ => "Kept.",
    }
}

fn wanted(form: &Form, account: &Account) -> Result<Change, String> {
    match form.get("then") {
        "roles" => Ok(Change::Roles(form.all("role").into_iter().map(str::to_owned).collect())),
        "disable" => Ok(Change::Active(false)),
        "enable" => Ok(Change::Active(true)),
        "name" => Ok(Change::Display(form.get("display").to_owned())),
        "credential" => credential(form, account).map(|credential| Change::Credential(Box::new(credential))),
        other => Err(format!("there is nothing called {other:?} to change")),
    }
}

/// The credential as the form states it; none when nothing is stated.
fn credential(form: &Form, account: &Account) -> Result<Option<Credential>, String> {
    let licences = form.lines("licences");
    let stated = Stated {
        person: &account.name,
        name: &account.display,
        licences: &licences,
        specialties: form.lines("specialties"),
        npi: form.some("npi"),
        reports_to: form.some("reports_to"),
        attested_on: form.some("attested_on"),
    };
    credential::read(stated).map_err(|wrong| wrong.join("\n"))
}
