//! The patient's fast appeal of a discharge to the quality improvement organization: in time or not, who owes what by
//! when, and from when the patient may be liable.

use serde::{Deserialize, Serialize};

use super::{
    book::StatusBook,
    facts::StatusFacts,
    notices::{end_of, noon_after},
    procedure::Met,
    rulebook::{Rules, as_beneficiary},
    window::{Delivered, NoticeDue, NoticeState, Window},
    words::at_words,
};
use crate::time::Moment;

/// An appeal from call to outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DischargeAppealFacts {
    /// The stay, with its planned or actual discharge.
    pub stay: StatusFacts,
    /// When the patient called the organization.
    #[serde(default)]
    pub called_at: Option<Moment>,
    /// When the organization told the hospital or plan.
    #[serde(default)]
    pub hospital_told_at: Option<Moment>,
    /// The Detailed Notice of Discharge, once delivered.
    #[serde(default)]
    pub detailed_notice: Option<Delivered>,
    /// When the medical records went to the organization.
    #[serde(default)]
    pub records_sent_at: Option<Moment>,
    /// When the patient was told of its decision.
    #[serde(default)]
    pub decision_told_at: Option<Moment>,
    /// The decision: the discharge stands.
    #[serde(default)]
    pub discharge_upheld: Option<bool>,
}

/// Where an appeal stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DischargeAppeal {
    /// Asked for by midnight of the day of discharge: this alone shields the patient.
    pub timely: Met,
    /// The last moment to ask in time.
    pub ask_by: Option<Moment>,
    /// The Detailed Notice of Discharge.
    pub detailed_notice: NoticeDue,
    /// By when the hospital's records are due at the organization.
    pub records_due_at: Option<Moment>,
    /// They were not sent in time.
    pub records_late: bool,
    /// The patient is not liable now.
    pub liability_held: bool,
    /// From when the patient may be liable; none while the review runs, or when the discharge was not upheld.
    pub liable_from: Option<Moment>,
    /// Days waited for this appeal are not avoidable days.
    pub avoidable: bool,
    /// Rule ids it rests on.
    pub rules: Vec<String>,
    /// In plain words.
    pub says: String,
}

/// Where the appeal stands under the rules in force on the day of the call.
pub fn discharge_appeal(facts: &DischargeAppealFacts, book: &StatusBook, now: Moment) -> DischargeAppeal {
    let beneficiary = as_beneficiary(&facts.stay);
    let medicare = beneficiary.is_some();
    let stay = beneficiary.as_deref().unwrap_or(&facts.stay);
    let zone = &stay.zone;
    let rules = Rules::on(stay, book, facts.called_at.unwrap_or(now));
    let leaves = stay.expected_discharge_at.or(stay.discharge.as_ref().map(|d| d.at));
    let ask_by = leaves.and_then(|at| end_of(zone.day(at), zone));
    let timely = match (facts.called_at, ask_by) {
        (Some(called), Some(by)) => Met::of(Some(called <= by)),
        _ => Met::Unknown,
    };
    let noon_days = |topic: &str| rules.get(topic).and_then(|rule| rule.figure("noon-days")).unwrap_or(1);
    let window = Window::of(&rules, "detailed-notice", "DND", "us.hospital.dnd");
    let detailed_notice = match facts.hospital_told_at {
        _ if !medicare => window.not_owed("Only Medicare inpatients have this appeal."),
        None => window.settle(NoticeState::NotYet, "Owed once the organization tells the hospital or plan."),
        Some(told) => {
            let due = noon_after(told, noon_days("detailed-notice"), zone);
            let says =
                format!("The organization told the hospital {}; due noon of the next day.", at_words(told, zone));
            window.at(Some(told), due).given(signed(facts.detailed_notice.as_ref()).as_ref(), now, &says)
        }
    };
    let records_due_at = facts
        .hospital_told_at
        .filter(|_| medicare)
        .and_then(|told| noon_after(told, noon_days("discharge-records"), zone));
    let records_late = records_due_at.is_some_and(|due| facts.records_sent_at.map_or(now > due, |sent| sent > due));
    let (liability_held, liable_from, says) = liability(facts, timely, leaves, now);
    let topics = ["discharge-appeal", "detailed-notice", "discharge-liability"];
    DischargeAppeal {
        timely,
        ask_by,
        detailed_notice,
        records_due_at,
        records_late,
        liability_held: medicare && liability_held,
        liable_from,
        avoidable: false,
        rules: topics.iter().filter_map(|topic| rules.get(topic)).map(|rule| rule.id.clone()).collect(),
        says,
    }
}

/// This notice needs no signature.
fn signed(delivered: Option<&Delivered>) -> Option<Delivered> {
    delivered.map(|d| Delivered { signed_or_refused: true, ..d.clone() })
}

fn liability(
    facts: &DischargeAppealFacts,
    timely: Met,
    leaves: Option<Moment>,
    now: Moment,
) -> (bool, Option<Moment>, String) {
    let zone = &facts.stay.zone;
    if facts.called_at.is_none() {
        return (false, None, "No appeal was made.".to_owned());
    }
    if timely != Met::Met {
        let says = "The appeal came after the day of discharge: it is heard, and does not hold liability.";
        return (false, leaves.and_then(|at| noon_after(at, 1, zone)), says.to_owned());
    }
    match (facts.decision_told_at, facts.discharge_upheld) {
        (Some(told), Some(true)) => {
            let from = noon_after(told, 1, zone);
            let held = from.is_some_and(|from| now < from);
            (
                held,
                from,
                "The discharge was upheld: liability may begin at noon of the day after the patient was told."
                    .to_owned(),
            )
        }
        (Some(_), Some(false)) => {
            (true, None, "The discharge was not upheld: the stay goes on without liability.".to_owned())
        }
        _ => (true, None, "The appeal was made in time: no liability while it runs.".to_owned()),
    }
}
