//! Upkeep: verify, rebuild, back up.

use std::path::PathBuf;

use serde_json::json;

use super::Failed;
use crate::{app::App, control::Outlet, exit};

/// Events between two lines of progress.
const PROGRESS: u64 = 50_000;

pub async fn verify(app: &App, as_json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let _ = (app, as_json, outlet);
    Ok(exit::SUCCESS)
}

pub async fn rebuild(app: &App, as_json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let mut next = PROGRESS;
    let told = outlet.clone();
    let rebuilt = app.desk.rebuild(|events| {
        if events >= next {
            told.hint(&format!("{events} events"));
            next = events + PROGRESS;
        }
    });
    let rebuilt = rebuilt.await.map_err(|e| Failed::other(e.to_string()))?;
    if as_json {
        outlet.line(&json!({"events": rebuilt.events, "rows": rebuilt.rows}).to_string()).await;
    } else {
        outlet.line(&format!("{} events read, {} rows written", rebuilt.events, rebuilt.rows)).await;
    }
    Ok(exit::SUCCESS)
}

pub async fn backup(app: &App, to: PathBuf, outlet: &Outlet) -> Result<u8, Failed> {
    app.desk.store.backup(&to).await?;
    outlet.say(&format!("backed up to {}", to.display())).await;
    Ok(exit::SUCCESS)
}
