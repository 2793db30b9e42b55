//! `vigil import --hospital`: a hospital's stays out of FHIR files, every record accounted for.

use serde::Deserialize;
use vigil_desk::hospital::{
    import::{Census, HospitalReport},
    records,
};
use vigil_domain::{
    stay::{facility::Facility, payer::PayerTerms},
    time::{Day, Moment},
};
use vigil_store::{Write, WriteItem};
use vigil_wire::fhir::hospital::Gathering;

use super::Failed;
use crate::{
    app::App,
    control::{HospitalAsk, Input, Outlet},
    exit,
};

/// Reasons shown for refused records; a report as JSON names them all.
const SHOWN: usize = 20;

pub async fn import(app: &App, ask: &HospitalAsk, inputs: Vec<Input>, outlet: &Outlet) -> Result<u8, Failed> {
    let facility = facility_of(app, &ask.tenant, ask.facility.as_deref())?;
    let mut gathering = Gathering::new(facility.zone.clone());
    let mut recorded_at = None;
    let (mut records, files) = (0_usize, inputs.len());
    for (index, input) in inputs.into_iter().enumerate() {
        let file = input.name.rsplit('/').next().unwrap_or_default();
        if file == "manifest.json" {
            recorded_at = recorded_at.or_else(|| written_at(&input.bytes, &facility));
            continue;
        }
        outlet.hint(&format!("{} of {files}: {}", index + 1, input.name));
        records += gather(&mut gathering, file, &input);
        tokio::task::yield_now().await;
    }
    for (kind, count) in &ask.counted {
        gathering.ignore(kind, *count);
        records += usize::try_from(*count).unwrap_or(usize::MAX);
    }
    if records == 0 {
        return Err(Failed::usage("there is no FHIR resource in what was named"));
    }
    let recorded_at = recorded_at.unwrap_or_else(|| app.desk.time.now());
    outlet.say(&format!("{records} records read; taking the stays")).await;
    let mut report = app.desk.import_hospital(&ask.tenant, &facility, gathering, "import", recorded_at).await?;
    if let Some(as_of) = ask.as_of {
        report.census = Some(census(app, &ask.tenant, &facility, as_of)?);
    }
    if ask.json {
        let text = serde_json::to_string(&report).map_err(|e| Failed::other(e.to_string()))?;
        outlet.line(&text).await;
    } else {
        tell(&report, outlet).await;
    }
    Ok(if report.account.refused.is_empty() { exit::SUCCESS } else { exit::UNREADABLE })
}

/// One file: a resource or Bundle, or one resource a line.
fn gather(gathering: &mut Gathering, file: &str, input: &Input) -> usize {
    if !file.ends_with(".ndjson") {
        gathering.read(&input.name, &input.bytes);
        return 1;
    }
    let lines = input.bytes.split(|b| *b == b'\n').enumerate().filter(|(_, l)| !l.trim_ascii().is_empty());
    let mut count = 0;
    for (number, line) in lines {
        gathering.read(&format!("{}:{}", input.name, number + 1), line);
        count += 1;
    }
    count
}

/// When a bulk export was written, as its manifest says; a time without a zone is the facility's.
fn written_at(manifest: &[u8], facility: &Facility) -> Option<Moment> {
    let json: serde_json::Value = serde_json::from_slice(manifest).ok()?;
    let text = json.get("transactionTime")?.as_str()?;
    text.parse::<Moment>().ok().or_else(|| {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        Some(local.to_zoned(facility.zone.tz().clone()).ok()?.timestamp())
    })
}

/// The facility named, or the only one there is.
pub fn facility_of(app: &App, tenant: &str, named: Option<&str>) -> Result<Facility, Failed> {
    let all = app.desk.facilities(tenant)?;
    let known = || all.iter().map(|f| f.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = match named {
        Some(id) => all.iter().find(|f| f.id == id),
        None if all.len() == 1 => all.first(),
        None => None,
    };
    found.cloned().ok_or_else(|| match (named, all.is_empty()) {
        (_, true) => Failed::usage("no facility is known: load one first, see docs/operate/hospital-feeds.md"),
        (Some(id), false) => Failed::usage(format!("there is no facility {id}; known: {}", known())),
        (None, false) => Failed::usage(format!("name the facility with --facility; known: {}", known())),
    })
}

/// The census of a day's end.
pub fn census(app: &App, tenant: &str, facility: &Facility, as_of: Day) -> Result<Census, Failed> {
    app.desk.census_on(tenant, facility, as_of).map_err(|e| Failed::other(e.to_string()))
}

async fn tell(report: &HospitalReport, outlet: &Outlet) {
    outlet
        .line(&format!("{} records, {} stays, {} of them new", report.account.records, report.stays, report.begun))
        .await;
    for (kind, count) in &report.account.taken {
        outlet.line(&format!("taken    {count:>8} {kind}")).await;
    }
    for (kind, reasons) in &report.account.ignored {
        for (why, count) in reasons {
            outlet.line(&format!("ignored  {count:>8} {kind}: {why}")).await;
        }
    }
    for refused in report.account.refused.iter().take(SHOWN) {
        outlet.say(&format!("refused {} at {}: {}", refused.kind, refused.place, refused.why.join(" "))).await;
    }
    if report.account.refused.len() > SHOWN {
        outlet.say(&format!("and {} more; --json names them all", report.account.refused.len() - SHOWN)).await;
    }
    if let Some(census) = &report.census {
        tell_census(census, outlet).await;
    }
}

/// Writes a census, one line a patient.
pub async fn tell_census(census: &Census, outlet: &Outlet) {
    outlet.line(&format!("{} in the house at the end of {}", census.open.len(), census.as_of)).await;
    for line in &census.open {
        let told = [&line.visit, &line.status, &line.place, &line.payer];
        outlet.line(&format!("  {} since {}", told.map(String::as_str).join(" · "), line.since)).await;
    }
}

/// A file of records about hospitals: facilities, and their payers' terms.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    #[serde(default)]
    facility: Vec<Facility>,
    #[serde(default)]
    terms: Vec<PayerTerms>,
}

/// Loads facilities and terms out of TOML files: each whole, or nothing of it.
pub async fn records(app: &App, tenant: &str, json: bool, inputs: Vec<Input>, outlet: &Outlet) -> Result<u8, Failed> {
    let (mut facilities, mut terms) = (0, 0);
    for input in &inputs {
        let unreadable = |why: String| Failed::unreadable(format!("{}: {why}", input.name));
        let text = std::str::from_utf8(&input.bytes).map_err(|e| unreadable(e.to_string()))?;
        let told: Records = toml::from_str(text).map_err(|e| unreadable(e.to_string()))?;
        if told.facility.is_empty() && told.terms.is_empty() {
            return Err(unreadable("there is no [[facility]] and no [[terms]] in it".into()));
        }
        let kept = told.facility.iter().map(|f| records::record(records::FACILITY, &f.id, f));
        let kept = kept.chain(told.terms.iter().map(records::terms_record)).collect::<Result<Vec<WriteItem>, _>>()?;
        app.desk.store.write(Write::of(tenant, kept)).await?;
        facilities += told.facility.len();
        terms += told.terms.len();
    }
    if json {
        outlet.line(&serde_json::json!({ "facilities": facilities, "payer_terms": terms }).to_string()).await;
    } else {
        outlet.line(&format!("{facilities} facilities, {terms} payer terms")).await;
    }
    Ok(exit::SUCCESS)
}
