//! What every handler shares: the desk, access, and the settings in force.

use std::{
    ops::Deref,
    sync::{Arc, atomic::AtomicBool},
};

use vigil_desk::Desk;

use crate::{
    access::Access,
    http::limits::Limits,
    observe::{metrics::Metrics, traces::Traces},
    settings::Settings,
};

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
    /// What is counted while the process runs.
    pub metrics: Metrics,
    /// What is told to a collector of traces.
    pub traces: Traces,
    /// How much may go on at once.
    pub limits: Limits,
    /// The process was asked to stop: it answers what it has, and is not ready for more.
    pub stopping: AtomicBool,
}

impl App {
    /// Puts the parts together.
    pub fn new(desk: Desk, access: Access, settings: Settings) -> Self {
        let metrics = Metrics::new(desk.time.now());
        let limits = Limits::of(&settings);
        let traces = Traces::new(settings.traces_endpoint.is_some(), settings.traces_share.0);
        Self(Arc::new(Parts { desk, access, settings, metrics, traces, limits, stopping: AtomicBool::new(false) }))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
