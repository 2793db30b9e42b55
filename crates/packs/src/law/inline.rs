//! A rule in the shape of the published table (JSON), as questions may carry one that is not in the library.

use std::collections::BTreeMap;

use serde::Deserialize;
use vigil_domain::{
    clock::read_day,
    law::{
        Basis, Breach, BreachEffect, Combine, Confidence, Deadline, Effective, Extension, Requires, Rule, RuleScope,
        Source, StatedScope, Stops, Tolling,
    },
    time::Day,
};

use crate::shelf::digest_of;

/// Rules whose stops count only once an extension has taken effect (CONVENTIONS section 7).
const STOPS_WITH_EXTENSION: [&str; 3] = ["ERISA-PRE", "ERISA-POST", "TX-RETRO"];

#[derive(Deserialize)]
struct RuleJson {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    jurisdiction: Option<String>,
    #[serde(default)]
    deadlines: Vec<Deadline>,
    #[serde(default)]
    combine: Option<Combine>,
    #[serde(default)]
    extension: Option<Extension>,
    #[serde(default)]
    tolling: Option<String>,
    #[serde(default)]
    on_breach: Option<BreachJson>,
    #[serde(default)]
    citation: Option<String>,
    #[serde(default)]
    says: Option<String>,
    #[serde(default)]
    effective_from: Option<String>,
    #[serde(default)]
    effective_to: Option<String>,
    #[serde(default)]
    effective_basis: Option<String>,
    #[serde(default)]
    effective_date: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    calendar: Option<String>,
    #[serde(default)]
    sources: Vec<Source>,
    #[serde(default)]
    scope: Option<ScopeJson>,
}

#[derive(Deserialize)]
struct BreachJson {
    #[serde(default)]
    effect: Option<BreachEffect>,
    #[serde(default)]
    detail: Option<String>,
}

#[derive(Deserialize, Default)]
struct ScopeJson {
    #[serde(default)]
    lines_of_business: Vec<String>,
    #[serde(default)]
    reviews: Vec<String>,
    #[serde(default)]
    urgency: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    requires: Option<BTreeMap<String, serde_json::Value>>,
}

/// Reads a complete rule in the table's shape.
pub fn rule(value: &serde_json::Value) -> Result<Rule, String> {
    let read: RuleJson = serde_json::from_value(value.clone()).map_err(|e| format!("inline rule: {e}"))?;
    let id = read.id.clone().unwrap_or_else(|| "inline".to_owned());
    let effective = effective(&read)?;
    let scope = read.scope.unwrap_or_default();
    let requires = scope.requires.unwrap_or_default();
    let mut rule = Rule {
        family: id.clone(),
        cite: read.citation.unwrap_or_default(),
        says: read.says.unwrap_or_default(),
        source: read.sources,
        read_on: None,
        confidence: Confidence::FromKnowledgeVerify,
        verification: None,
        partly_seen: None,
        jurisdiction: read.jurisdiction.unwrap_or_else(|| "US".to_owned()),
        effective,
        scope: RuleScope {
            lines_of_business: scope.lines_of_business,
            reviews: scope.reviews,
            urgency: scope.urgency.unwrap_or_else(|| "any".to_owned()),
            subject: scope.subject,
            requires: Requires {
                pa_required: requires.get("pa_required").and_then(serde_json::Value::as_bool),
                ..Requires::default()
            },
            gives_way: None,
        },
        stated: StatedScope { status: read.status, ..StatedScope::default() },
        deadlines: read.deadlines,
        combine: read.combine.unwrap_or(Combine::Earliest),
        extension: read.extension,
        tolling: tolling(&id, read.tolling),
        info_request: None,
        incomplete: None,
        exceptions: Vec::new(),
        notice: None,
        breach: Breach {
            effect: read.on_breach.as_ref().and_then(|b| b.effect).unwrap_or(BreachEffect::None),
            detail: read.on_breach.and_then(|b| b.detail),
        },
        calendar: read.calendar.unwrap_or_default(),
        notes: None,
        supersedes: None,
        tightens: None,
        prose_only: None,
        digest: String::new(),
        id,
    };
    rule.digest = digest_of(&rule.canonical());
    Ok(rule)
}

/// Stops count only where the rule says so: nothing said, or words that begin with "none", means they are ignored.
fn tolling(id: &str, says: Option<String>) -> Tolling {
    let stops = match &says {
        None => Stops::Never,
        Some(words) if words.trim_start().to_ascii_lowercase().starts_with("none") || words.trim().is_empty() => {
            Stops::Never
        }
        Some(_) if STOPS_WITH_EXTENSION.contains(&id) => Stops::WithExtension,
        Some(_) => Stops::Always,
    };
    Tolling { stops, says }
}

/// Effective dates may be words: the first date in them counts, and `<` before it means the day before.
fn effective(read: &RuleJson) -> Result<Effective, String> {
    let stated = [&read.effective_from, &read.effective_to, &read.effective_basis];
    let rating =
        stated.iter().any(|t| t.as_deref().is_some_and(|t| t.contains("rating_period") || t.contains("rating period")));
    let proposed = read.status.as_deref() == Some("proposed") || read.effective_basis.as_deref() == Some("proposed");
    let basis = match (proposed, rating) {
        (true, _) => Basis::Proposed,
        (_, true) => Basis::RatingPeriodStart,
        _ => Basis::CalendarDay,
    };
    let from = match &read.effective_from {
        Some(words) => date_in(words).or_else(|| read.effective_date.as_deref().and_then(date_in)),
        None => None,
    };
    let to = match &read.effective_to {
        None => None,
        Some(words) => {
            let day = date_in(words).ok_or_else(|| format!("inline rule: no date in effective_to {words:?}"))?;
            if words.contains('<') && !words.contains("<=") { day.yesterday().ok() } else { Some(day) }
        }
    };
    Ok(Effective { from, to, basis, note: None, stated: None })
}

fn date_in(words: &str) -> Option<Day> {
    (0..words.len().saturating_sub(9)).find_map(|at| read_day(words.get(at..at + 10)?).ok())
}
