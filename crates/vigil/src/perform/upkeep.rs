//! Upkeep: verify, rebuild, back up. Long work: it runs beside the answers and says how far it is.

use std::path::PathBuf;

use serde_json::{Value, json};
use vigil_store::{FirstFault, Verified, VerifyError};

use super::Failed;
use crate::{app::App, control::Outlet, exit};

/// Steps between two lines of progress.
const PROGRESS: u64 = 50_000;

/// Says how far the work is, every [`PROGRESS`] steps.
struct Steps {
    outlet: Outlet,
    what: &'static str,
    next: u64,
}

impl Steps {
    fn new(outlet: &Outlet, what: &'static str) -> Self {
        Self { outlet: outlet.clone(), what, next: PROGRESS }
    }

    fn at(&mut self, done: u64, of: Option<u64>) {
        if done < self.next {
            return;
        }
        self.next = done + PROGRESS;
        let of = of.map_or(String::new(), |of| format!(" of {of}"));
        self.outlet.hint(&format!("{done}{of} {}", self.what));
    }
}

/// Work that blocks, on a thread where it may.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failed> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Failed::other("the work ended before its answer"))
}

pub async fn verify(app: &App, as_json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let (store, mut steps) = (app.desk.store.clone(), Steps::new(outlet, "events"));
    let (answer, text, code) = match aside(move || store.verify(&mut |done, of| steps.at(done, Some(of)))).await? {
        Ok(Verified { subjects, events, checkpoints }) => (
            json!({"sound": true, "subjects": subjects, "events": events, "checkpoints": checkpoints}),
            format!("sound: {events} events of {subjects} subjects, {checkpoints} checkpoints"),
            exit::SUCCESS,
        ),
        Err(VerifyError::Broken(fault)) => {
            (json!({"sound": false, "first_fault": of_fault(&fault)}), format!("not sound: {fault}"), exit::FAILURE)
        }
        Err(VerifyError::Damaged(findings)) => (
            json!({"sound": false, "damaged_file": findings}),
            format!("the database file is damaged: {}", findings.join("; ")),
            exit::FAILURE,
        ),
        Err(VerifyError::Fault(fault)) => return Err(fault.into()),
    };
    outlet.line(&if as_json { answer.to_string() } else { text }).await;
    Ok(code)
}

fn of_fault(fault: &FirstFault) -> Value {
    let subject = fault.subject.as_ref().map(|s| json!({"kind": s.kind, "id": s.id}));
    json!({"checkpoint": fault.checkpoint, "tenant": fault.tenant, "subject": subject, "version": fault.version,
           "what": fault.what})
}

pub async fn rebuild(app: &App, as_json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let (desk, mut steps) = (app.desk.clone(), Steps::new(outlet, "events"));
    let rebuilt = aside(move || desk.rebuild(|events| steps.at(events, None))).await?;
    let rebuilt = rebuilt.map_err(|e| Failed::other(e.to_string()))?;
    let text = if as_json {
        json!({"events": rebuilt.events, "rows": rebuilt.rows}).to_string()
    } else {
        format!("{} events read, {} rows written", rebuilt.events, rebuilt.rows)
    };
    outlet.line(&text).await;
    Ok(exit::SUCCESS)
}

pub async fn backup(app: &App, to: PathBuf, outlet: &Outlet) -> Result<u8, Failed> {
    let (store, mut steps, folder) = (app.desk.store.clone(), Steps::new(outlet, "pages"), to.clone());
    aside(move || store.backup(&folder, &mut |done, of| steps.at(done, Some(of)))).await??;
    outlet.say(&format!("backed up to {}", to.display())).await;
    Ok(exit::SUCCESS)
}
