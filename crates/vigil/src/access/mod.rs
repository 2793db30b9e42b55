//! Who may come in and what they may do: people by password and session, interfaces by bearer token.

pub mod accounts;
pub mod cookie;
pub mod credential;
pub mod csrf;
pub mod guard;
pub mod lockout;
pub mod password;
pub mod role;
pub mod secret;
pub mod seen;
pub mod session;
pub mod token;
pub mod trail;

pub use guard::{Gate, guard};
pub use role::{Permission, Role};
pub use session::SignedIn;

use vigil_store::Store;

/// What access keeps in memory while the process runs.
#[derive(Debug)]
pub struct Access {
    /// Interface tokens seen lately.
    pub tokens: seen::Seen,
    /// Sign-ins that failed lately.
    pub lockout: lockout::Lockout,
    /// Password hashing, a few at a time.
    pub passwords: password::Passwords,
    /// Session and cookie rules.
    pub sessions: cookie::Rules,
    /// The data directory is a demonstration; pages say so.
    pub demonstration: bool,
}

/// The setting of a data directory that makes it a demonstration.
pub const DEMONSTRATION: &str = "demonstration";

impl Access {
    /// Access under the settings, for one data directory.
    ///
    /// # Errors
    /// When the store cannot say whether it is a demonstration.
    pub fn new(settings: &crate::settings::Settings, store: &Store) -> Result<Self, vigil_store::StoreFault> {
        let demonstration = is_demonstration(store)?;
        Ok(Self {
            tokens: seen::Seen::default(),
            lockout: lockout::Lockout::default(),
            passwords: password::Passwords::default(),
            sessions: cookie::Rules::of(settings),
            demonstration,
        })
    }
}

/// Whether a data directory was made as a demonstration.
///
/// # Errors
/// Faults of the store.
pub fn is_demonstration(store: &Store) -> Result<bool, vigil_store::StoreFault> {
    Ok(store.setting(vigil_desk::MAIN_TENANT, DEMONSTRATION)?.is_some_and(|value| value == "yes"))
}
