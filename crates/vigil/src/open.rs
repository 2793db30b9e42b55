//! Opening the house: packs, data directory, contract, desk; each thing that can be wrong with its sentence and exit code.

use std::{fs, path::Path, sync::Arc};

use vigil_desk::{Desk, Settings as DeskSettings, maintain, time::Time};
use vigil_domain::{library::Library, party::Contract};
use vigil_packs::issue::PackIssue;
use vigil_store::{Options, Store, StoreFault};

use crate::{
    access::Access,
    app::App,
    exit,
    settings::{Membership, Settings, StoreAt},
};

/// Why the house cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    /// The packs are not sound.
    #[error("the packs cannot be opened:\n{}", .0.iter().map(|i| format!("  {i}")).collect::<Vec<_>>().join("\n"))]
    Packs(Vec<PackIssue>),
    /// The contract file cannot be read.
    #[error("the provisional contract {file} cannot be read: {why}")]
    Contract {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl CannotOpen {
    /// The exit code it ends a command with.
    pub fn code(&self) -> u8 {
        match self {
            Self::Packs(_) | Self::Contract { .. } => exit::UNREADABLE,
            Self::Store(fault) => exit::of_fault(fault),
        }
    }
}

/// Opens packs with the overlays of the settings.
///
/// # Errors
/// Every complaint about them.
pub fn library(settings: &Settings) -> Result<Library, CannotOpen> {
    let overlays: Vec<&Path> = settings.packs_overlay.iter().map(std::path::PathBuf::as_path).collect();
    vigil_packs::open(&overlays).map_err(CannotOpen::Packs)
}

/// Opens everything and takes the data directory's lock.
///
/// # Errors
/// What is wrong, with its exit code.
pub fn house(settings: &Settings, time: Time) -> Result<App, CannotOpen> {
    let contract = settings.provisional_contract.as_deref().map(contract).transpose()?;
    let mut library = library(settings)?;
    let options = Options { queue_depth: settings.write_queue, ..Options::default() };
    let store = match &settings.store {
        StoreAt::Sqlite => Store::open(&settings.data_dir, &options)?,
        StoreAt::Postgres(address) => Store::connect(address.clone(), &options)?,
    };
    for digest in maintain::shelve_pins(&store, &mut library, |text| vigil_packs::criteria::from_canonical(text).ok())?
    {
        tracing::warn!(digest, "a text that an old case pinned is not of a form this Vigil reads");
    }
    let desk = Desk::new(store, Arc::new(library), time, desk_settings(settings, contract));
    let access = Access::new(settings, &desk.store)?;
    Ok(App::new(desk, access, settings.clone()))
}

fn desk_settings(settings: &Settings, provisional_contract: Option<Contract>) -> DeskSettings {
    DeskSettings {
        membership: membership(settings.membership),
        provisional_contract,
        body_limit: settings.body_limit.0,
        base_url: settings.base_url(),
    }
}

/// The setting's word as the desk's.
pub fn membership(setting: Membership) -> vigil_desk::Membership {
    match setting {
        Membership::Roster => vigil_desk::Membership::Roster,
        Membership::Provisional => vigil_desk::Membership::Provisional,
    }
}

/// Reads a contract; zone and state are part of its type, an empty state is refused here.
fn contract(file: &Path) -> Result<Contract, CannotOpen> {
    let bad = |why: String| CannotOpen::Contract { file: file.display().to_string(), why };
    let text = fs::read_to_string(file).map_err(|e| bad(e.to_string()))?;
    let json = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let read: Result<Contract, String> = if json {
        serde_json::from_str(&text).map_err(|e| e.to_string())
    } else {
        toml::from_str(&text).map_err(|e| e.to_string())
    };
    let contract = read.map_err(bad)?;
    if contract.state.len() != 2 {
        return Err(bad(format!("state = {:?}: a contract names its two-letter state", contract.state)));
    }
    Ok(contract)
}
