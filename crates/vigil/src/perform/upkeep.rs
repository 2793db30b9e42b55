//! Upkeep: verify, rebuild, back up. Long work: it runs beside the answers and says how far it is.

use std::path::PathBuf;

use serde_json::{Value, json};
use vigil_store::{FirstFault, Phase, Schema, Verified, VerifyError};

use super::Failed;
use crate::{
    app::App,
    control::Outlet,
    exit,
    export::{ExportError, Wanted},
};

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
    let (store, mut steps) = (app.desk.store.clone(), Steps::new(outlet, "rows"));
    let (answer, text, code) = match aside(move || store.verify(&mut |done, of| steps.at(done, Some(of)))).await? {
        Ok(found) => (of_sound(&found), sound(&found), exit::SUCCESS),
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

fn of_sound(found: &Verified) -> Value {
    let Verified { subjects, events, checkpoints, messages, unproven, documents, pins } = found;
    json!({"sound": true, "subjects": subjects, "events": events, "checkpoints": checkpoints, "messages": messages,
           "messages_unproven": unproven, "documents": documents, "pinned_texts": pins})
}

/// What was found, for people.
fn sound(found: &Verified) -> String {
    let Verified { subjects, events, checkpoints, messages, unproven, documents, pins } = found;
    let unproven = match unproven {
        0 => String::new(),
        n => format!(" ({n} of the messages could be read but not proven: an earlier Vigil kept them)"),
    };
    format!(
        "sound: {events} events of {subjects} subjects, {checkpoints} checkpoints; beside them {messages} messages, \
         {documents} documents, {pins} pinned texts{unproven}"
    )
}

fn of_fault(fault: &FirstFault) -> Value {
    let subject = fault.subject.as_ref().map(|s| json!({"kind": s.kind, "id": s.id}));
    json!({"checkpoint": fault.checkpoint, "tenant": fault.tenant, "row": fault.row, "subject": subject,
           "version": fault.version, "what": fault.what})
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

pub async fn backup(app: &App, to: PathBuf, as_json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let (store, mut steps, folder) = (app.desk.store.clone(), Steps::new(outlet, "pages"), to.clone());
    let (vigil, at) = (env!("CARGO_PKG_VERSION"), app.desk.time.now());
    let made = aside(move || store.backup(&folder, vigil, at, &mut |done, of| steps.at(done, Some(of)))).await??;
    let bytes: u64 = made.files.iter().map(|file| file.bytes).sum();
    let text = if as_json {
        json!({"backed_up_to": to, "made_at": made.made_at, "events": made.events, "files": made.files.len(),
               "bytes": bytes, "checkpoint": made.checkpoint})
        .to_string()
    } else {
        let (events, files, mib) = (made.events, made.files.len(), bytes >> 20);
        format!("backed up to {}: {events} events, {files} files, {mib} MiB", to.display())
    };
    outlet.line(&text).await;
    Ok(exit::SUCCESS)
}

pub async fn export(app: &App, to: PathBuf, patients: bool, as_json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let (view, say, now) = (app.desk.store.view(), outlet.clone(), app.desk.time.now());
    let wanted = Wanted { to: to.clone(), patients, now, window: crate::export::WINDOW };
    let exported = aside(move || crate::export::export(&view, &wanted, &mut |doing| say.hint(doing))).await?;
    let exported = exported.map_err(|error| match error {
        ExportError::Store(fault) => fault.into(),
        ExportError::Folder { .. } => Failed::unreadable(error.to_string()),
        ExportError::File(_) => Failed::other(error.to_string()),
    })?;
    if as_json {
        outlet.line(&json!(exported).to_string()).await;
        return Ok(exit::SUCCESS);
    }
    for (table, rows) in &exported.rows {
        outlet.line(&format!("{rows} {table}")).await;
    }
    let (files, kept) = (exported.files, exported.windows_kept);
    outlet.say(&format!("{files} files written to {}, {kept} windows were there already", to.display())).await;
    Ok(exit::SUCCESS)
}

/// Opening the store has run what only adds; what takes away runs when asked for.
pub async fn migrate(app: &App, contract: bool, as_json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let store = app.desk.store.clone();
    if contract {
        aside(move || store.contract()).await??;
    }
    outlet.line(&schema_words(&app.desk.store.schema()?, as_json)).await;
    Ok(exit::SUCCESS)
}

/// Where a store stands, for people or for machines.
pub fn schema_words(schema: &Schema, as_json: bool) -> String {
    if as_json {
        return json!(schema).to_string();
    }
    let mut lines = vec![format!(
        "schema {}; this Vigil knows {}; a Vigil that knows less than {} is refused",
        schema.found, schema.known, schema.lets_in
    )];
    lines.extend(schema.waiting.iter().map(|waiting| {
        let phase = if waiting.phase == Phase::Expand { "adds" } else { "takes away" };
        format!("waiting: {} ({phase}): {}", waiting.version, waiting.says)
    }));
    lines.join("\n")
}
