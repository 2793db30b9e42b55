//! `vigil audit`: the packet of a case, the universe of a span, a sample of it. Each export goes on the trail.

use serde_json::json;
use vigil_desk::{
    act::ActError,
    audit::{Selection, Universe, UniverseError, sample},
    improve::midnight,
};
use vigil_domain::{party::LineOfBusiness, time::Zone};
use vigil_store::{SubjectKey, TrailEntry, Write, WriteItem};

use super::Failed;
use crate::{
    app::App,
    control::{AuditAsk, Outlet, UniverseAsk},
    exit,
};

/// Cases between two lines of progress.
const PROGRESS: u64 = 1_000;
/// Who it was, for the trail: somebody with the data directory at hand.
const ACTOR: &str = "command line";

pub async fn audit(app: &App, ask: AuditAsk, outlet: &Outlet) -> Result<u8, Failed> {
    match ask {
        AuditAsk::Packet { tenant, case } => {
            let known = app.desk.load(&tenant, &case).map_err(failed)?;
            if known.is_none() {
                return Err(Failed::other(format!("there is no case {case}")));
            }
            // First the trail, so that the packet itself says who asked for it.
            record(app, &tenant, vec![SubjectKey::case(&case)], "audit packet").await?;
            let packet = app.desk.audit_packet(&tenant, &case).map_err(failed)?;
            outlet.say(&format!("{}: {} files, {} bytes", packet.name, packet.files, packet.bytes.len())).await;
            outlet.out(packet.bytes).await;
        }
        AuditAsk::Universe(ask) => {
            let found = universe(app, &ask, outlet)?;
            let subjects = found.cases.iter().map(SubjectKey::case).collect();
            record(app, &ask.tenant, subjects, "universe").await?;
            let zone = found.zone.as_ref().map_or("no zone", Zone::name);
            outlet.say(&format!("{} cases, times in {zone}", found.cases.len())).await;
            outlet.out(found.csv).await;
        }
        AuditAsk::Sample { of, count, seed, json } => {
            let found = universe(app, &of, outlet)?;
            let drawn = sample(&found.cases, &seed, count);
            record(app, &of.tenant, drawn.iter().map(SubjectKey::case).collect(), "audit, sample").await?;
            outlet.say(&format!("{} of {} cases drawn", drawn.len(), found.cases.len())).await;
            let text = if json {
                json!({"of": found.cases.len(), "seed": seed, "cases": drawn}).to_string()
            } else {
                drawn.join("\n")
            };
            outlet.line(&text).await;
        }
    }
    Ok(exit::SUCCESS)
}

fn failed(error: ActError) -> Failed {
    Failed::other(error.to_string())
}

fn universe(app: &App, ask: &UniverseAsk, outlet: &Outlet) -> Result<Universe, Failed> {
    let line_of_business = LineOfBusiness::read(&ask.line_of_business);
    if !line_of_business.is_known() {
        let known: Vec<&str> = LineOfBusiness::ALL.iter().map(LineOfBusiness::word).collect();
        return Err(Failed::usage(format!("--line-of-business: use one of {}", known.join(", "))));
    }
    let named = ask.zone.as_deref().map(Zone::named).transpose();
    let named = named.map_err(|e| Failed::usage(format!("--zone: {e}")))?;
    let days = match &named {
        Some(zone) => Some(zone.clone()),
        None => app.desk.store.contracts(&ask.tenant)?.into_iter().next().map(|contract| contract.zone),
    };
    let Some(days) = days else { return Err(Failed::usage("no contract is loaded: name a zone with --zone")) };
    let until = ask.to.tomorrow().unwrap_or(ask.to);
    let selection =
        Selection { from: midnight(ask.from, &days), until: midnight(until, &days), line_of_business, zone: named };
    let progress = |done: u64, of: u64| {
        if done.is_multiple_of(PROGRESS) {
            outlet.hint(&format!("{done} of {of} cases"));
        }
    };
    app.desk.universe(&ask.tenant, &selection, progress).map_err(|error| match error {
        UniverseError::Act(error) => failed(error),
        zones => Failed::usage(format!("{zones}: --zone")),
    })
}

async fn record(app: &App, tenant: &str, subjects: Vec<SubjectKey>, detail: &str) -> Result<(), Failed> {
    let entry = TrailEntry {
        at: app.desk.time.now(),
        actor: ACTOR.to_owned(),
        action: "export".to_owned(),
        subjects,
        detail: detail.to_owned(),
    };
    Ok(app.desk.store.write(Write::of(tenant, vec![WriteItem::Trail(entry)])).await?)
}
