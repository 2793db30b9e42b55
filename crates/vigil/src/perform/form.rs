//! `vigil form`: official forms loaded and listed.

use serde::Deserialize;
use serde_json::json;
use vigil_desk::hospital::paper::{LoadFault, NewForm};
use vigil_domain::notice::FormPlace;

use super::Failed;
use crate::{
    app::App,
    control::{FormAsk, Input, Outlet},
    exit,
};

/// The places file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    place: Vec<FormPlace>,
}

pub async fn form(app: &App, ask: FormAsk, inputs: Vec<Input>, outlet: &Outlet) -> Result<u8, Failed> {
    match ask {
        FormAsk::List { tenant, json } => list(app, &tenant, json, outlet).await,
        FormAsk::Load { tenant, notice, language, json } => {
            load(app, (&tenant, notice, language), json, inputs, outlet).await
        }
    }
}

async fn list(app: &App, tenant: &str, json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let forms = app.desk.loaded_forms(tenant)?;
    for form in &forms {
        if json {
            outlet.line(&serde_json::to_string(form).map_err(|e| Failed::other(e.to_string()))?).await;
        } else {
            let places = form.places.len();
            outlet
                .line(&format!("{} {} {} {} places, {}", form.notice, form.language, form.file, places, form.loaded_at))
                .await;
        }
    }
    if forms.is_empty() && !json {
        outlet.say("no form is loaded: notices are printed as data sheets").await;
    }
    Ok(exit::SUCCESS)
}

async fn load(
    app: &App,
    (tenant, notice, language): (&str, String, String),
    as_json: bool,
    inputs: Vec<Input>,
    outlet: &Outlet,
) -> Result<u8, Failed> {
    let mut inputs = inputs.into_iter();
    let Some(pdf) = inputs.next() else { return Err(Failed::usage("no file was named")) };
    let places = match inputs.next() {
        None => None,
        Some(input) => {
            let unreadable = |why: String| Failed::unreadable(format!("{}: {why}", input.name));
            let text = std::str::from_utf8(&input.bytes).map_err(|e| unreadable(e.to_string()))?;
            Some(toml::from_str::<Places>(text).map_err(|e| unreadable(e.to_string()))?.place)
        }
    };
    let file = pdf.name.rsplit('/').next().unwrap_or_default().to_owned();
    let new = NewForm { notice, language, file, bytes: pdf.bytes, places };
    let loaded = app.desk.load_form(tenant, new).await.map_err(|fault| match fault {
        LoadFault::Store(fault) => Failed::from(fault),
        LoadFault::Unknown(..) => Failed::usage(fault.to_string()),
        other => Failed::unreadable(format!("{}: {other}", pdf.name)),
    })?;
    let unused: Vec<&str> = loaded.unused.iter().map(|field| field.name.as_str()).collect();
    if as_json {
        let told = json!({ "form": loaded.form, "without_place": loaded.unplaced, "unused_fields": unused });
        outlet.line(&told.to_string()).await;
        return Ok(exit::SUCCESS);
    }
    outlet.line(&format!("{} {}: {} places", loaded.form.notice, loaded.form.language, loaded.form.places.len())).await;
    if !loaded.unplaced.is_empty() {
        outlet
            .say(&format!("no place for {}: they come on the data sheet behind the form", loaded.unplaced.join(", ")))
            .await;
    }
    if !unused.is_empty() {
        outlet.say(&format!("nothing goes into the form's fields {}", unused.join(", "))).await;
    }
    Ok(exit::SUCCESS)
}
