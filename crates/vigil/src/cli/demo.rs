//! `vigil demo`: a directory marked as a demonstration, with people to sign in as, filled and served.

use std::io::Write as _;

use vigil_desk::{
    MAIN_TENANT,
    errand::{MailRoom, Printer},
    sim::demo,
    time::Time,
};
use vigil_store::{Account, Write, WriteItem};

use super::{complain, serve};
use crate::{
    access::{DEMONSTRATION, is_demonstration, password},
    app::App,
    exit, observe, open,
    settings::{Membership, Settings, Source},
};

/// Whether to serve.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil demo
Fills vigil-demo (or --data-dir) once, serves it on 127.0.0.1:8080 and prints the sign-ins. Every person in it is made up.
Exit codes: 0 stopped as told, 1 failed, 64 the directory holds real work, 75 data directory busy")]
pub struct Args {
    /// Fill the directory and end, without serving
    #[arg(long)]
    pub fill_only: bool,
}

/// The directory when nobody names one.
const DIRECTORY: &str = "vigil-demo";
/// The password of every demonstration account; they exist in directories marked as a demonstration only.
const PASSWORD: &str = "demonstration";

/// Fills and serves.
pub async fn run(args: Args, settings: &Settings) -> u8 {
    observe::start(settings);
    let mut settings = settings.clone();
    let unsaid = |name: &str| settings.in_force.iter().any(|v| v.name == name && v.from == Source::Default);
    let (no_directory, no_membership) = (unsaid("data-dir"), unsaid("membership"));
    if no_directory {
        settings.data_dir = DIRECTORY.into();
    }
    // Anybody may send a made-up request to a demonstration.
    if no_membership {
        settings.membership = Membership::Provisional;
    }
    let app = match open::house(&settings, Time::Wall) {
        Ok(app) => app,
        Err(error) => return complain(&error, error.code()),
    };
    match prepare(&app, &settings).await {
        Ok(app) => {
            introduce(&app);
            if args.fill_only {
                app.desk.store.close();
                return exit::SUCCESS;
            }
            serve::serve(app).await
        }
        Err((says, code)) => complain(&says, code),
    }
}

/// Marks and fills an empty directory; a marked one is taken as it is; any other is left alone.
async fn prepare(app: &App, settings: &Settings) -> Result<App, (String, u8)> {
    let failed = |e: &dyn std::fmt::Display| (e.to_string(), exit::FAILURE);
    if !is_demonstration(&app.desk.store).map_err(|e| failed(&e))? {
        let used = app.desk.store.accounts(MAIN_TENANT).map_err(|e| failed(&e))?.len()
            + app.desk.store.subjects(MAIN_TENANT, "case", "", 1).map_err(|e| failed(&e))?.len();
        if used > 0 {
            let dir = settings.data_dir.display();
            return Err((format!("{dir} holds real work; name another directory with --data-dir"), exit::USAGE));
        }
        fill(app).await?;
    }
    let access = crate::access::Access::new(settings, &app.desk.store).map_err(|e| failed(&e))?;
    let mut desk = app.desk.clone();
    desk.time = clock(app).map_err(|e| failed(&e))?;
    Ok(App::new(desk, access, settings.clone()))
}

async fn fill(app: &App) -> Result<(), (String, u8)> {
    let failed = |e: &dyn std::fmt::Display| (e.to_string(), exit::FAILURE);
    eprintln!("Filling {} with a made-up department; this takes some seconds.", app.settings.data_dir.display());
    let mut items = vec![WriteItem::Setting { name: DEMONSTRATION.into(), value: "yes".into() }];
    items.extend(people().map_err(|e| failed(&e))?.into_iter().map(WriteItem::Account));
    items.push(WriteItem::Contract(vigil_desk::party::demonstration_contract()));
    app.desk.store.write(Write::of(MAIN_TENANT, items)).await.map_err(|e| failed(&e))?;
    let mail = MailRoom { printer: Printer::Pdf, outbox: None };
    let filled = demo::fill(&app.desk, demo::moment(), mail).await.map_err(|e| failed(&e))?;
    eprintln!("{} cases are there, {} of them open.", filled.cases, filled.open);
    Ok(())
}

/// The clock of a demonstration: it stands at the demonstration's moment when it is first served, and never goes back
/// behind what the log holds.
fn clock(app: &App) -> Result<Time, vigil_store::StoreFault> {
    let last = app.desk.store.watermark()?;
    let written = app.desk.store.feed(last.saturating_sub(1), 1)?.first().map(|event| event.recorded_at);
    Ok(Time::shifted(demo::moment().max(written.unwrap_or_else(demo::moment))))
}

/// The people one can sign in as: those of the made-up department, and one who administers.
fn people() -> Result<Vec<Account>, argon2::password_hash::Error> {
    let mut accounts = Vec::new();
    for (name, display, roles, credential) in demo::people() {
        let password_hash = password::hash_now(PASSWORD)?;
        accounts.push(Account { name, display, roles, password_hash, active: true, credential: Some(credential) });
    }
    accounts.push(Account {
        name: "administrator".into(),
        display: "Jordan Kim".into(),
        roles: vec!["administrator".into()],
        password_hash: password::hash_now(PASSWORD)?,
        active: true,
        credential: None,
    });
    Ok(accounts)
}

fn introduce(app: &App) {
    let mut out = std::io::stdout().lock();
    let mut lines = vec![
        format!("Demonstration in {}. Every person in it is made up.", app.settings.data_dir.display()),
        format!("Sign in with the password {PASSWORD:?} as one of:"),
    ];
    lines.extend(demo::people().iter().map(|(name, display, ..)| format!("  {name:<14} {display}")));
    lines.push("  administrator  Jordan Kim".into());
    let _closed = writeln!(out, "{}", lines.join("\n"));
}
