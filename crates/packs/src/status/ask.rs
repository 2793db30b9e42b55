//! Questions about hospital status as JSON facts, and their answers as JSON: what the command line and the worked rows ask.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use vigil_domain::{
    status::{
        Cc44Facts, ChangeAppealFacts, ChangeFacts, CommitteeFacts, Delivered, DischargeAppealFacts, DutyFacts,
        EscalationFacts, ImportantMessageFacts, InpatientOrder, NoncoverageFacts, ObservationFacts, RebillFacts,
        ReopeningFacts, StatusBook, StatusFacts, change_appeal, change_of_status_notice, committee_determination,
        condition_code_44, decide_status, discharge_appeal, escalation, important_message, new_york_observation_notice,
        noncoverage_notice, observation_hours, outpatient_observation_notice, plan_duty, rebill_w2, refuse_order,
        reopen_approved_admission,
    },
    time::{Moment, Zone},
};

/// What can be asked, by name, with what it is.
pub const QUESTIONS: &[(&str, &str)] = &[
    ("status", "What status do the facts support, and why"),
    ("condition-code-44", "May inpatient become outpatient before discharge"),
    ("rebill-w2", "After discharge: Part A, Part B rebilling, or no bill"),
    ("committee-determination", "Is a determination of the UR committee sound"),
    ("change-of-status-notice", "Is the Medicare Change of Status Notice owed, and by when"),
    ("change-appeal", "An appeal of a change of status to the quality improvement organization"),
    ("plan-duty", "A duty of the UR plan: the plan itself, extended stays, Medicaid's notices"),
    ("outpatient-observation-notice", "Is the Medicare Outpatient Observation Notice owed, and by when"),
    ("important-message", "The two copies of the Important Message"),
    ("new-york-observation-notice", "New York's observation notice"),
    ("noncoverage-notice", "Hospital-issued notices of noncoverage"),
    ("discharge-appeal", "A discharge appeal to the quality improvement organization"),
    ("observation-hours", "Observation hours with every deduction"),
    ("escalation", "Who is asked next in second-level review"),
    ("order", "May this order to admit be written"),
    ("reopen-approved-admission", "May a plan take back an approved admission"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticeFacts {
    stay: StatusFacts,
    #[serde(default)]
    delivered: Option<Delivered>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderFacts {
    stay: StatusFacts,
    order: InpatientOrder,
}

/// Answers one question on JSON facts. Times in facts without an offset (`2026-11-19 21:40`) are local in the zone that
/// the facts name.
///
/// An unknown question, or facts that do not read, come back as a sentence that says where.
pub fn answer(question: &str, facts: &Value, book: &StatusBook, now: Moment) -> Result<Value, String> {
    let facts = &localized(facts)?;
    let answer = match question {
        "status" => to_json(decide_status(&read(facts)?, book, now)),
        "condition-code-44" => to_json(condition_code_44(&read::<Cc44Facts>(facts)?, book, now)),
        "rebill-w2" => to_json(rebill_w2(&read::<RebillFacts>(facts)?, book, now)),
        "committee-determination" => to_json(committee_determination(&read::<CommitteeFacts>(facts)?, book, now)),
        "change-of-status-notice" => to_json(change_of_status_notice(&read::<ChangeFacts>(facts)?, book, now)),
        "change-appeal" => to_json(change_appeal(&read::<ChangeAppealFacts>(facts)?, book, now)),
        "plan-duty" => to_json(plan_duty(&read::<DutyFacts>(facts)?, book, now)),
        "outpatient-observation-notice" => {
            let read: NoticeFacts = read(facts)?;
            to_json(outpatient_observation_notice(&read.stay, read.delivered.as_ref(), book, now))
        }
        "important-message" => to_json(important_message(&read::<ImportantMessageFacts>(facts)?, book, now)),
        "new-york-observation-notice" => {
            let read: NoticeFacts = read(facts)?;
            to_json(new_york_observation_notice(&read.stay, read.delivered.as_ref(), book, now))
        }
        "noncoverage-notice" => to_json(noncoverage_notice(&read::<NoncoverageFacts>(facts)?, book, now)),
        "discharge-appeal" => to_json(discharge_appeal(&read::<DischargeAppealFacts>(facts)?, book, now)),
        "observation-hours" => to_json(observation_hours(&read::<ObservationFacts>(facts)?, now)),
        "escalation" => to_json(escalation(&read::<EscalationFacts>(facts)?, book)),
        "order" => {
            let read: OrderFacts = read(facts)?;
            to_json(json!({"refused": refuse_order(&read.stay, &read.order, now, book)}))
        }
        "reopen-approved-admission" => to_json(reopen_approved_admission(&read::<ReopeningFacts>(facts)?, book)),
        other => {
            let known: Vec<&str> = QUESTIONS.iter().map(|(name, _)| *name).collect();
            return Err(format!("{other:?} is not a question; one of {}", known.join(", ")));
        }
    };
    answer.map_err(|error| error.to_string())
}

fn to_json(answer: impl serde::Serialize) -> Result<Value, serde_json::Error> {
    serde_json::to_value(answer)
}

fn read<T: DeserializeOwned>(facts: &Value) -> Result<T, String> {
    T::deserialize(facts).map_err(|error| format!("facts: {error}"))
}

/// The zone that facts name: their own, or their stay's.
pub fn zone_of(facts: &Value) -> Option<Zone> {
    let named = facts.get("zone").or_else(|| facts.get("stay")?.get("zone"))?.as_str()?;
    Zone::named(named).ok()
}

/// The facts with local times made instants, in the zone they name.
fn localized(facts: &Value) -> Result<Value, String> {
    let mut facts = facts.clone();
    if let Some(zone) = zone_of(&facts) {
        make_instants(&mut facts, &zone)?;
    }
    Ok(facts)
}

/// `2026-11-19 21:40` becomes an instant in the zone; of an hour that comes twice, the first.
pub(super) fn make_instants(value: &mut Value, zone: &Zone) -> Result<(), String> {
    match value {
        Value::String(text) if is_local(text) => {
            let at = local(text, zone).ok_or_else(|| format!("{text:?} is not a time in {}", zone.name()))?;
            *text = at.to_string();
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| make_instants(item, zone))?,
        Value::Object(fields) => fields.values_mut().try_for_each(|field| make_instants(field, zone))?,
        _ => {}
    }
    Ok(())
}

fn is_local(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes.len(), 16 | 19)
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            10 => *byte == b' ',
            13 | 16 => *byte == b':',
            _ => byte.is_ascii_digit(),
        })
}

/// A local time as an instant.
pub fn local(text: &str, zone: &Zone) -> Option<Moment> {
    let text = text.replace(' ', "T");
    let text = if text.len() == 16 { format!("{text}:00") } else { text };
    let at: jiff::civil::DateTime = text.parse().ok()?;
    at.to_zoned(zone.tz().clone()).ok().map(|zoned| zoned.timestamp())
}
