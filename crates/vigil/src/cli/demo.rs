//! `vigil demo`: a directory marked as a demonstration, with people to sign in as, filled and served.

use std::io::Write as _;

use vigil_desk::{MAIN_TENANT, time::Time};
use vigil_domain::party::{Credential, Licence};
use vigil_store::{Account, Write, WriteItem};

use super::{complain, serve};
use crate::{
    access::{DEMONSTRATION, is_demonstration, password, secret},
    app::App,
    exit, observe, open,
    settings::{Membership, Settings, Source},
};

/// Nothing beside the settings.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil demo
Fills vigil-demo (or --data-dir) once, serves it on 127.0.0.1:8080 and prints the sign-ins. Every person in it is made up.
Exit codes: 0 stopped as told, 1 failed, 64 the directory holds real work, 75 data directory busy")]
pub struct Args {
    /// The seed of the made-up department
    #[arg(long, default_value_t = 2026)]
    pub seed: u64,
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
    match prepare(&app, &settings, args.seed).await {
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
async fn prepare(app: &App, settings: &Settings, seed: u64) -> Result<App, (String, u8)> {
    let failed = |e: &dyn std::fmt::Display| (e.to_string(), exit::FAILURE);
    if !is_demonstration(&app.desk.store).map_err(|e| failed(&e))? {
        let used = app.desk.store.accounts(MAIN_TENANT).map_err(|e| failed(&e))?.len()
            + app.desk.store.subjects(MAIN_TENANT, "case", "", 1).map_err(|e| failed(&e))?.len();
        if used > 0 {
            let dir = settings.data_dir.display();
            return Err((format!("{dir} holds real work; name another directory with --data-dir"), exit::USAGE));
        }
        fill(app, seed).await?;
    }
    let access = crate::access::Access::new(settings, &app.desk.store).map_err(|e| failed(&e))?;
    Ok(App::new(app.desk.clone(), access, settings.clone()))
}

async fn fill(app: &App, seed: u64) -> Result<(), (String, u8)> {
    let failed = |e: &dyn std::fmt::Display| (e.to_string(), exit::FAILURE);
    let mut items = vec![WriteItem::Setting { name: DEMONSTRATION.into(), value: "yes".into() }];
    items.extend(people().map_err(|e| failed(&e))?.into_iter().map(WriteItem::Account));
    items.push(WriteItem::Contract(vigil_desk::party::demonstration_contract()));
    app.desk.store.write(Write::of(MAIN_TENANT, items)).await.map_err(|e| failed(&e))?;
    // The department itself comes from the simulation.
    let _ = seed;
    Ok(())
}

/// A person one can sign in as: sign-in name and role (the same word), name, licence and specialty.
type Person = (&'static str, &'static str, Option<(&'static str, &'static str)>);

/// The people one can sign in as.
const PEOPLE: &[Person] = &[
    ("nurse", "Dana Reyes, RN", Some(("RN", "utilization-review"))),
    ("physician", "Lee Chen, MD", Some(("MD", "internal-medicine"))),
    ("manager", "Sam Okafor, RN", Some(("RN", "utilization-review"))),
    ("intake", "Alex Moreau", None),
    ("auditor", "Robin Patel", None),
    ("administrator", "Jordan Kim", None),
];

fn people() -> Result<Vec<Account>, argon2::password_hash::Error> {
    PEOPLE
        .iter()
        .map(|(name, display, licence)| {
            Ok(Account {
                name: (*name).into(),
                display: (*display).into(),
                roles: vec![(*name).into()],
                password_hash: password::hash_now(PASSWORD)?,
                active: true,
                credential: licence.map(|(kind, specialty)| credential(name, display, kind, specialty)),
            })
        })
        .collect()
}

fn credential(person: &str, name: &str, kind: &str, specialty: &str) -> Credential {
    let day = |y, m, d| jiff::civil::date(y, m, d);
    Credential {
        person: person.into(),
        name: name.into(),
        licences: vec![Licence {
            kind: kind.into(),
            state: "NY".into(),
            number: secret::letters::<6>(),
            from: day(2015, 1, 1),
            through: day(2035, 12, 31),
        }],
        specialties: vec![specialty.into()],
        npi: None,
        reports_to: None,
        attested_on: Some(day(2026, 1, 5)),
    }
}

fn introduce(app: &App) {
    let mut out = std::io::stdout().lock();
    let mut lines = vec![
        format!("Demonstration in {}. Every person in it is made up.", app.settings.data_dir.display()),
        format!("Sign in with the password {PASSWORD:?} as one of:"),
    ];
    lines.extend(PEOPLE.iter().map(|(name, display, ..)| format!("  {name:<14} {display}")));
    let _closed = writeln!(out, "{}", lines.join("\n"));
}
