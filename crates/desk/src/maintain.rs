//! Upkeep: verify the log, rebuild the read models, write checkpoints, keep pinned texts on the shelf.

use vigil_domain::{
    case::{Case, event::Event, evolve::evolve},
    criteria::Service,
    law::Rule,
    library::Library,
};
use vigil_store::{Row, Store, StoreFault, StoredEvent, SubjectKey};

use crate::{
    Desk,
    act::{ActError, read_event},
    project,
};

/// What a rebuild did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Events read.
    pub events: u64,
    /// Rows written.
    pub rows: u64,
}

/// Puts the texts that old cases pinned and that are no longer on the shelf back on it (DECISIONS 16).
///
/// # Errors
/// Faults of the store; a text that cannot be read is named in the answer and left out.
pub fn shelve_pins(store: &Store, library: &mut Library) -> Result<Vec<String>, StoreFault> {
    let mut unreadable = Vec::new();
    for pin in store.pins()? {
        if library.text_of(&pin.digest).is_some() {
            continue;
        }
        if let Ok(mut rule) = Rule::from_canonical(&pin.text) {
            rule.digest.clone_from(&pin.digest);
            library.law.keep(rule);
        } else if let Ok(service) = Service::from_canonical(&pin.text, pin.digest.clone()) {
            library.criteria.keep(service.into());
        } else {
            unreadable.push(pin.digest);
        }
    }
    Ok(unreadable)
}

impl Desk {
    /// Writes every read model anew from the log, while serving.
    ///
    /// # Errors
    /// Faults, and a log that does not make a case.
    pub async fn rebuild(&self, mut progress: impl FnMut(u64)) -> Result<Rebuilt, ActError> {
        let mut rebuild = self.store.begin_rebuild().await?;
        let mut rebuilt = Rebuilt::default();
        while let Some(subject) = rebuild.next_subject()? {
            let events = rebuild.events(&subject)?;
            rebuilt.events += events.len() as u64;
            let rows = project_subject(&subject.1, &events)?;
            rebuilt.rows += rows.len() as u64;
            rebuild.write(&subject.0, rows).await?;
            progress(rebuilt.events);
        }
        rebuild.finish().await?;
        Ok(rebuilt)
    }
}

/// The rows that the whole history of one subject makes, commit by commit as they were first written.
pub fn project_subject(subject: &SubjectKey, stored: &[StoredEvent]) -> Result<Vec<Row>, ActError> {
    let damaged = |source| ActError::Damaged { case: subject.id.clone(), source };
    let mut rows = Vec::new();
    let mut case: Option<Case> = None;
    let mut batch: Vec<Event> = Vec::new();
    for (index, event) in stored.iter().enumerate() {
        let read = read_event(event).map_err(damaged)?;
        case = Some(evolve(case, &read, event.occurred_at).map_err(|e| damaged(e.into()))?);
        batch.push(read);
        let ends = stored.get(index + 1).is_none_or(|next| next.recorded_at != event.recorded_at);
        if ends && let Some(case) = &case {
            rows.extend(project::rows(case, &batch, event.recorded_at));
            batch.clear();
        }
    }
    Ok(rows)
}
