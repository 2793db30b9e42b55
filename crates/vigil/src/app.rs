//! What every handler shares: the desk, access, and the settings in force.

use std::{ops::Deref, sync::Arc};

use vigil_desk::Desk;

use crate::{access::Access, settings::Settings};

/// The running application; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// Its parts.
pub struct Parts {
    /// The desk: the one path of work. Pages read through `desk.store.view()`.
    pub desk: Desk,
    /// Who may come in.
    pub access: Access,
    /// The settings in force.
    pub settings: Settings,
}

impl App {
    /// Puts the parts together.
    pub fn new(desk: Desk, access: Access, settings: Settings) -> Self {
        Self(Arc::new(Parts { desk, access, settings }))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
