//! More time on a clock: only where its rule allows it, only once, only before it is due, and only under one of the rule's
//! own conditions.

use super::{
    Draft,
    begin::warn,
    clocks::{days_of, recompute},
};
use crate::{
    case::{
        Case, Clock,
        command::Actor,
        event::Event,
        refusal::{Refusal, Refused},
    },
    clock::{Computed, Extended},
    law::{ConditionTaken, Extension, ExtensionCondition, LawBook},
    notice::Purpose,
    time::Moment,
};

/// The conditions on which the rules of a case's open clocks allow more time, each once, with the paragraph that says it.
pub fn conditions(case: &Case, law: &LawBook) -> Vec<(ExtensionCondition, String)> {
    let mut found: Vec<(ExtensionCondition, String)> = Vec::new();
    for clock in case.clocks.iter().filter(|c| c.is_open() && c.extension.is_none()) {
        let allowed = law.by_digest(&clock.pin.digest).and_then(|rule| rule.extension.as_ref());
        for condition in allowed.map(Extension::choices).unwrap_or_default() {
            // Two rules may name one condition: one choice serves both.
            if !found.iter().any(|(other, _)| other.key == condition.key) {
                let cite = condition.cite.clone().unwrap_or_else(|| clock.pin.cite.clone());
                found.push((condition, cite));
            }
        }
    }
    found
}

/// Takes more time on every clock whose rule allows it under this condition.
pub(super) fn extend(
    draft: &mut Draft<'_>,
    by: &Actor,
    days: i64,
    condition: &str,
    reason: String,
) -> Result<(), Refused> {
    draft.must_be_open()?;
    let mut why_not = unsaid(days, &reason);
    let open: Vec<Clock> = draft.case().clocks.iter().filter(|c| c.is_open()).cloned().collect();
    let mut extended = Vec::new();
    for clock in open.iter().filter(|_| days > 0) {
        match one_extension(draft, clock, days, condition) {
            Ok((due_at, taken)) => extended.push((clock.clone(), due_at, taken)),
            // Clocks of one rule say the same once.
            Err(refusal) if !why_not.contains(&refusal) => why_not.push(refusal),
            Err(_) => {}
        }
    }
    if extended.is_empty() || days < 1 || reason.trim().is_empty() {
        return Err(why_not);
    }
    for (clock, due_at, taken) in extended {
        draft.emit(Event::ClockExtended {
            clock: clock.id,
            days,
            condition: Some(taken),
            reason: reason.clone(),
            person: by.person.clone(),
            due_at,
            warn_at: warn(clock.started_at, due_at),
        })?;
    }
    let lines = draft.case().open_lines().map(|l| l.line.sequence).collect();
    super::tick::require_notice(draft, Purpose::Extension, lines)
}

/// What every extension needs, whatever the rule.
fn unsaid(days: i64, reason: &str) -> Refused {
    let mut lacks = Vec::new();
    if reason.trim().is_empty() {
        lacks.push(Refusal::house(
            "extension.reason",
            "Nothing says why the condition holds in this case.",
            "Say it in a sentence the member can read.",
        ));
    }
    if days < 1 {
        lacks.push(Refusal::house(
            "extension.days",
            format!("An extension of {days} days adds no time."),
            "Enter one day or more, up to what the rule allows.",
        ));
    }
    lacks
}

fn one_extension(
    draft: &Draft<'_>,
    clock: &Clock,
    days: i64,
    condition: &str,
) -> Result<(Moment, ConditionTaken), Refusal> {
    let no = |says: String, instead: &str| {
        Err(Refusal::law(clock.pin.rule.clone(), clock.pin.cite.clone(), says, instead.to_owned()))
    };
    if clock.extension.is_some() {
        return no("The extension was taken already.".into(), "Decide by the extended due time.");
    }
    if clock.is_past(draft.now) {
        return no("The due time has passed; an extension must be taken before it.".into(), "Decide now.");
    }
    let due = match recompute(draft, clock, Some(days_of(days, draft.now))) {
        None => {
            return no("The pinned rule is not on the shelf.".into(), "Open the library with this directory's pins.");
        }
        Some(Computed { due_at: Some(due), extended: Some(Extended::Applied), .. }) if due > clock.due_at => due,
        Some(computed) => {
            return match computed.invalid {
                Some(why) => {
                    no(format!("The rule does not allow it: {why}."), "Decide by the due time on what is here.")
                }
                None => no("The extension would not move the due time.".into(), "Decide by the due time."),
            };
        }
    };
    Ok((due, named(draft, clock, condition)?))
}

/// The rule's condition of this word, or a refusal that tells which there are.
fn named(draft: &Draft<'_>, clock: &Clock, condition: &str) -> Result<ConditionTaken, Refusal> {
    let rule = draft.books.law.by_digest(&clock.pin.digest);
    let choices = rule.and_then(|rule| rule.extension.as_ref()).map(Extension::choices).unwrap_or_default();
    let Some(chosen) = choices.iter().find(|choice| choice.key == condition) else {
        let says = if condition.trim().is_empty() {
            "None of the rule's conditions for more time was chosen.".to_owned()
        } else {
            format!("{:?} is none of the conditions on which this rule allows more time.", condition.trim())
        };
        let held: Vec<String> = choices.iter().map(|c| c.says.trim_end_matches('.').to_owned()).collect();
        let instead = format!("Choose the one that holds ({}), or decide by the due time.", held.join("; or "));
        return Err(Refusal::law(clock.pin.rule.clone(), clock.pin.cite.clone(), says, instead));
    };
    Ok(ConditionTaken {
        key: chosen.key.clone(),
        says: chosen.says.clone(),
        cite: chosen.cite.clone().unwrap_or_else(|| clock.pin.cite.clone()),
    })
}
