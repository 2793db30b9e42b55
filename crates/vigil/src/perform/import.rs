//! `vigil import`: the files sent along, each read fully before anything of it is written, each row accounted for.

use vigil_desk::import::Report;

use super::{Failed, hospital};
use crate::{
    app::App,
    control::{ImportAsk, Input, Outlet},
    exit,
};

/// Issues shown for one file; a report as JSON names them all.
const SHOWN: usize = 20;

pub async fn import(app: &App, ask: &ImportAsk, inputs: Vec<Input>, outlet: &Outlet) -> Result<u8, Failed> {
    if let Some(hospital) = &ask.hospital {
        return hospital::import(app, ask, hospital, inputs, outlet).await;
    }
    if inputs.is_empty() {
        return Err(Failed::usage("there is no CSV, JSON or NDJSON file in what was named"));
    }
    let mut report = Report::default();
    let files = inputs.len();
    for (index, input) in inputs.into_iter().enumerate() {
        outlet.say(&format!("{} of {files}: {}", index + 1, input.name)).await;
        if input.name.ends_with(".toml") {
            for (kind, count) in hospital::records(app, &ask.tenant, &input).await? {
                *report.taken.entry(kind.to_owned()).or_default() += count;
            }
            continue;
        }
        app.desk.import_file(&ask.tenant, &input.name, &input.bytes, &ask.payer_id, &mut report).await?;
    }
    if ask.json {
        let text = serde_json::to_string(&report).map_err(|e| Failed::other(e.to_string()))?;
        outlet.line(&text).await;
    } else {
        tell(&report, outlet).await;
    }
    let nothing = report.taken.is_empty();
    Ok(if !report.refused.is_empty() || nothing { exit::UNREADABLE } else { exit::SUCCESS })
}

async fn tell(report: &Report, outlet: &Outlet) {
    for (kind, count) in &report.taken {
        outlet.line(&format!("{count} {kind}")).await;
    }
    for ignored in &report.ignored {
        outlet.say(&format!("{} was not looked into: {}", ignored.file, ignored.why)).await;
    }
    for warning in &report.warnings {
        outlet.say(warning).await;
    }
    for refused in &report.refused {
        outlet.say(&format!("{}: nothing was taken", refused.file)).await;
        for issue in refused.issues.iter().take(SHOWN) {
            outlet.say(&format!("  {issue}")).await;
        }
        if refused.issues.len() > SHOWN {
            outlet.say(&format!("  and {} more; --json names them all", refused.issues.len() - SHOWN)).await;
        }
    }
}
