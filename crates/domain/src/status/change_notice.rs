//! The Medicare Change of Status Notice: is it owed, from when, and by when before release.

use jiff::{SignedDuration, ToSpan};
use serde::{Deserialize, Serialize};

use super::{
    book::StatusBook,
    facts::StatusFacts,
    rulebook::Rules,
    window::{Delivered, NoticeDue, NoticeState, Window},
    words::at_words,
};
use crate::{calendar::number_of, time::Moment};

/// A change from inpatient to outpatient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeFacts {
    /// The stay, with its observation after the change.
    pub stay: StatusFacts,
    /// When the status was changed.
    #[serde(default)]
    pub changed_at: Option<Moment>,
    /// The hospital changed it.
    #[serde(default = "yes")]
    pub by_hospital: bool,
    /// The notice, once delivered.
    #[serde(default)]
    pub delivered: Option<Delivered>,
}

fn yes() -> bool {
    true
}

/// Whether and when the notice is owed, under the rule in force on the day of admission.
pub fn change_of_status_notice(facts: &ChangeFacts, book: &StatusBook, now: Moment) -> NoticeDue {
    let stay = &facts.stay;
    let admitted = stay.order.as_ref().map(|order| order.effective_at());
    let rules = Rules::on(stay, book, admitted.unwrap_or(now));
    let window = Window::of(&rules, "change-of-status-notice", "MCSN", "us.hospital.mcsn");
    let no = |says: &str| window.clone().not_owed(says);
    if !stay.payer.is_original_medicare() {
        return no("Only Original Medicare patients get this notice.");
    }
    let Some(rule) = rules.get("change-of-status-notice") else {
        return no("The patient was admitted before the notice was required.");
    };
    let Some(admitted) = admitted else { return no("The patient was never formally an inpatient.") };
    let Some(changed) = facts.changed_at else { return no("The status has not been changed.") };
    if !facts.by_hospital || changed < admitted {
        return no("The hospital did not change the status from inpatient.");
    }
    if !stay.observation.iter().any(|o| o.ended_at.is_none_or(|ended| ended > changed)) {
        return no("The patient receives no observation after the change.");
    }
    let release = stay.discharge.as_ref().map(|d| d.at).or(stay.expected_discharge_at);
    if release.is_some_and(|release| release <= changed) {
        return no("The patient had left when the status was changed.");
    }
    let before = SignedDuration::from_hours(rule.figure("hours_before_release").unwrap_or(4));
    let due = release.map(|release| release - before);
    let opens = match stay.payer.part_b {
        None => {
            return window
                .at(None, due)
                .settle(NoticeState::Unknown, "Whether the patient has Part B is not known: look it up.");
        }
        Some(false) => changed,
        Some(true) => match with_part_b(&rules, stay, admitted, changed, release, now) {
            Err(notice) => return window.at(None, due).settle(notice.0, notice.1),
            Ok(opens) => opens,
        },
    };
    let by = due.map_or_else(|| "before release".to_owned(), |due| format!("by {}", at_words(due, &stay.zone)));
    let part_b = if stay.payer.part_b == Some(true) { "with Part B, from day 3" } else { "without Part B, at once" };
    window.at(Some(opens), due).given(facts.delivered.as_ref(), now, &format!("Owed {by} ({part_b})."))
}

/// With Part B: a hospital stay of at least three days, the day of release not counted, fewer than three of them inpatient.
fn with_part_b(
    rules: &Rules<'_>,
    stay: &StatusFacts,
    admitted: Moment,
    changed: Moment,
    release: Option<Moment>,
    now: Moment,
) -> Result<Moment, (NoticeState, &'static str)> {
    let rule = rules.get("change-of-status-notice");
    let figure = |name: &str| rule.and_then(|rule| rule.figure(name)).unwrap_or(3);
    let zone = &stay.zone;
    let first = stay.care_began_here().unwrap_or(admitted).min(admitted);
    let day = |at: Moment| i64::from(number_of(zone.day(at)));
    let inpatient_days = day(changed) - day(admitted);
    if inpatient_days >= figure("inpatient_days_below") {
        return Err((NoticeState::NotOwed, "Three inpatient days were spent before the change."));
    }
    if release.is_some_and(|release| day(release) - day(first) < figure("hospital_days")) {
        return Err((
            NoticeState::NotOwed,
            "With Part B it takes a hospital stay of three days, the day of release not counted.",
        ));
    }
    let third = zone.day(first).checked_add((figure("hospital_days") - 1).days()).ok().and_then(|d| zone.start_of(d));
    let opens = third.map_or(changed, |third| third.max(changed));
    if release.is_none() && now < opens {
        return Err((NoticeState::NotYet, "With Part B it is owed once day 3 of the hospital stay is reached."));
    }
    Ok(opens)
}
