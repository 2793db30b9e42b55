//! Commands that need the data directory: the same work whether they came over the control socket or hold the lock themselves.

mod account;
mod audit;
mod feed;
mod form;
mod hospital;
mod import;
mod message;
mod packs;
mod token;
mod upkeep;

pub use upkeep::schema_words;
use vigil_store::StoreFault;

use crate::{
    app::App,
    control::{Ask, Input, Outlet},
    exit,
};

/// Why a command did not come through: a sentence for standard error, and the exit code.
#[derive(Debug)]
pub struct Failed {
    says: String,
    code: u8,
}

impl Failed {
    pub(crate) fn usage(says: impl Into<String>) -> Self {
        Self { says: says.into(), code: exit::USAGE }
    }

    pub(crate) fn unreadable(says: impl Into<String>) -> Self {
        Self { says: says.into(), code: exit::UNREADABLE }
    }

    pub(crate) fn other(says: impl Into<String>) -> Self {
        Self { says: says.into(), code: exit::FAILURE }
    }
}

impl From<StoreFault> for Failed {
    fn from(fault: StoreFault) -> Self {
        let code = exit::of_fault(&fault);
        Self { says: fault.to_string(), code }
    }
}

/// Does the command, writes its answer, gives its exit code.
pub async fn perform(app: &App, ask: Ask, inputs: Vec<Input>, outlet: &Outlet) -> u8 {
    let done = match ask {
        Ask::Message(ask) => message::judge(app, ask, inputs, outlet).await,
        Ask::Token(ask) => token::tokens(app, ask, outlet).await,
        Ask::Account(ask) => account::accounts(app, ask, inputs, outlet).await,
        Ask::Import(ask) => import::import(app, &ask, inputs, outlet).await,
        Ask::Audit(ask) => audit::audit(app, ask, outlet).await,
        Ask::Hospital(ask) => hospital::import(app, &ask, inputs, outlet).await,
        Ask::HospitalRecords { tenant, json } => hospital::records(app, &tenant, json, inputs, outlet).await,
        Ask::Feed(ask) => feed::feed(app, ask, outlet).await,
        Ask::Form(ask) => form::form(app, ask, inputs, outlet).await,
        Ask::Verify { json } => upkeep::verify(app, json, outlet).await,
        Ask::Rebuild { json } => upkeep::rebuild(app, json, outlet).await,
        Ask::Backup { to, json } => upkeep::backup(app, to, json, outlet).await,
        Ask::Export { to, with_patients, json } => upkeep::export(app, to, with_patients, json, outlet).await,
        Ask::Migrate { contract, json } => upkeep::migrate(app, contract, json, outlet).await,
        Ask::PacksDiff(ask) => packs::diff(app, ask, outlet).await,
    };
    match done {
        Ok(code) => code,
        Err(failed) => {
            outlet.say(&failed.says).await;
            failed.code
        }
    }
}
