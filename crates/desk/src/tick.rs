//! Time's own errand: due deadlines are rows; each becomes a `Tick` command like any other.

use vigil_domain::{
    case::{Case, command::Command},
    stay::{self, Stay},
    time::Moment,
};
use vigil_store::{StoreFault, SubjectKey};

use crate::{Desk, act::ActError, subject::Subject};

/// What one round of ticking did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Ticked {
    /// Cases and stays touched.
    pub cases: usize,
    /// Those that could not be ticked; their deadlines stay due and are tried again.
    pub failed: usize,
}

impl Desk {
    /// Brings every deadline that is due to its case or stay. Bounded; call again until nothing was touched.
    ///
    /// # Errors
    /// Only when the store cannot be read.
    pub async fn tick(&self, limit: usize) -> Result<Ticked, StoreFault> {
        let now = self.time.now();
        let mut due = self.store.due_deadlines(now, limit)?;
        due.sort_by(|a, b| (&a.tenant, &a.deadline.subject.id).cmp(&(&b.tenant, &b.deadline.subject.id)));
        due.dedup_by(|a, b| a.tenant == b.tenant && a.deadline.subject == b.deadline.subject);
        let mut ticked = Ticked::default();
        for one in due {
            match self.tick_one(&one.tenant, &one.deadline.subject).await {
                Ok(()) => ticked.cases += 1,
                Err(ActError::Fault(fault)) if fault.is_busy() => return Err(fault),
                Err(_) => ticked.failed += 1,
            }
        }
        Ok(ticked)
    }

    async fn tick_one(&self, tenant: &str, subject: &SubjectKey) -> Result<(), ActError> {
        let id = subject.id.as_str();
        match subject.kind.as_str() {
            Case::KIND => self.act(tenant, id, "clock", Command::Tick).await.map(|_| ()),
            Stay::KIND => {
                let after = self.act_stay(tenant, id, "clock", stay::command::Command::Tick).await?;
                self.cover_for_advisor(tenant, &after).await
            }
            _ => Err(ActError::Unknown(id.to_owned())),
        }
    }

    /// The next moment at which something is due.
    pub fn next_deadline(&self) -> Result<Option<Moment>, StoreFault> {
        self.store.next_deadline()
    }
}
