//! The patient's fast appeal of a change from inpatient to outpatient with observation (42 CFR 405.1210-1212): who may
//! appeal, in time or not, who owes what by when, what may be billed meanwhile, and what a decision does.

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use super::{
    book::StatusBook,
    change_notice::{ChangeFacts, change_of_status_notice},
    facts::StatusFacts,
    notices::{end_of, noon_after},
    procedure::{Met, Step},
    rulebook::{Answered, Rules},
    window::NoticeState,
    words::{at_words, day_words},
};
use crate::time::Moment;

/// An appeal of a change of status, from call to outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeAppealFacts {
    /// The stay, with its observation after the change and its planned or actual release.
    pub stay: StatusFacts,
    /// When the status was changed.
    #[serde(default)]
    pub changed_at: Option<Moment>,
    /// When the patient asked the organization.
    #[serde(default)]
    pub called_at: Option<Moment>,
    /// When the organization told the hospital.
    #[serde(default)]
    pub hospital_told_at: Option<Moment>,
    /// When the records went to the organization.
    #[serde(default)]
    pub records_sent_at: Option<Moment>,
    /// When its decision was told.
    #[serde(default)]
    pub decision_told_at: Option<Moment>,
    /// The decision: the change was right.
    #[serde(default)]
    pub change_upheld: Option<bool>,
    /// When reconsideration was asked for.
    #[serde(default)]
    pub reconsideration_asked_at: Option<Moment>,
    /// When the outcome of the reconsideration was told.
    #[serde(default)]
    pub reconsideration_told_at: Option<Moment>,
    /// The reconsideration: the change was right.
    #[serde(default)]
    pub reconsidered_upheld: Option<bool>,
}

/// Where an appeal of a change of status stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeAppeal {
    /// The patient has this appeal.
    pub eligible: Step,
    /// Asked for before release: this alone holds the bill.
    pub timely: Met,
    /// By when the hospital's records are due at the organization.
    pub records_due_at: Option<Moment>,
    /// They were not sent in time.
    pub records_late: bool,
    /// By when the organization decides.
    pub decision_due_at: Option<Moment>,
    /// By when reconsideration is asked for in time.
    pub reconsider_by: Option<Moment>,
    /// It was.
    pub reconsidered_in_time: Met,
    /// By when it is decided.
    pub reconsideration_due_at: Option<Moment>,
    /// The hospital may bill the patient.
    pub may_bill: Step,
    /// Part A may be billed, and the stay counts as inpatient for skilled nursing.
    pub part_a: Step,
    /// The rule of the review's times.
    pub rule: String,
    /// Its citation.
    pub cite: String,
}

/// Where the appeal stands. The notice's rule is the one of the day of admission, the review's of the day of the call.
pub fn change_appeal(facts: &ChangeAppealFacts, book: &StatusBook, now: Moment) -> ChangeAppeal {
    let rules = Rules::on(&facts.stay, book, facts.called_at.unwrap_or(now));
    let review = rules.get("change-of-status-review");
    let figure = |name: &str| review.and_then(|rule| rule.figure(name));
    let zone = &facts.stay.zone;
    let timely = in_time(facts);
    let ends = |at: Moment, days: Option<i64>| end_of(zone.day(at).checked_add(days?.days()).ok()?, zone);
    let records_due_at = facts.hospital_told_at.and_then(|told| noon_after(told, figure("noon-days")?, zone));
    let days = figure(if timely == Met::Met { "days" } else { "late_days" });
    let reconsider_by = facts.decision_told_at.and_then(|told| noon_after(told, figure("reconsider_noon_days")?, zone));
    let reconsidered_in_time = match (facts.reconsideration_asked_at, reconsider_by) {
        (Some(asked), Some(by)) => Met::of(Some(asked <= by)),
        _ => Met::Unknown,
    };
    let again = if reconsidered_in_time == Met::NotMet { "reconsider_late_days" } else { "reconsider_days" };
    let late = |due: Moment| facts.records_sent_at.map_or(now > due, |sent| sent > due);
    ChangeAppeal {
        eligible: eligible(facts, book, now),
        timely,
        records_late: records_due_at.is_some_and(late),
        records_due_at,
        decision_due_at: facts.records_sent_at.and_then(|sent| ends(sent, days)),
        reconsider_by,
        reconsidered_in_time,
        reconsideration_due_at: facts.reconsideration_asked_at.and_then(|asked| ends(asked, figure(again))),
        may_bill: rules.step(
            "may-bill",
            "change-of-status-billing",
            "May the hospital bill the patient?",
            may_bill(facts, timely, reconsidered_in_time),
        ),
        part_a: rules.step("part-a", "change-of-status-effect", "Did the review favor the patient?", part_a(facts)),
        rule: review.map(|rule| rule.id.clone()).unwrap_or_default(),
        cite: review.map(|rule| rule.cite.clone()).unwrap_or_default(),
    }
}

/// Before release.
fn in_time(facts: &ChangeAppealFacts) -> Met {
    match (facts.called_at, facts.stay.discharge.as_ref()) {
        (None, _) => Met::Unknown,
        (Some(_), None) => Met::Met,
        (Some(called), Some(left)) => Met::of(Some(called < left.at)),
    }
}

/// Whoever is owed the notice has the appeal. Changes before the notice existed had a filing window of their own.
fn eligible(facts: &ChangeAppealFacts, book: &StatusBook, now: Moment) -> Step {
    let question = "Does the patient have this appeal?";
    let asked = facts.called_at.unwrap_or(now);
    let stay = &facts.stay;
    let admitted = stay.order.as_ref().map(|order| order.effective_at());
    let rules = Rules::on(stay, book, admitted.unwrap_or(asked));
    let original = stay.payer.is_original_medicare();
    if let (true, Some(changed), None) = (original, facts.changed_at, rules.get("change-of-status-notice")) {
        let on_the_day = Rules::on(stay, book, asked);
        let answer = retrospective(&on_the_day, changed, asked);
        return on_the_day.step("eligible", "change-of-status-retrospective", question, answer);
    }
    let change = ChangeFacts { stay: stay.clone(), changed_at: facts.changed_at, by_hospital: true, delivered: None };
    let notice = change_of_status_notice(&change, book, asked);
    let instead = "For another payer the plan's own appeal; a discharge of an inpatient has the appeal of discharge.";
    let answer = match notice.state {
        NoticeState::NotOwed => Answered::not_met(notice.says, instead),
        NoticeState::NotYet => {
            Answered::not_met(notice.says, "The appeal begins with the notice: deliver it once it is owed.")
        }
        NoticeState::Unknown => Answered::unknown(notice.says, "Look up Part B, and state the coverage."),
        _ => Answered::met(format!("The Medicare Change of Status Notice is owed to this patient. {}", notice.says)),
    };
    rules.step("eligible", "change-of-status-notice", question, answer)
}

/// Changes between the first day and the notice's could be appealed until the end of the filing window.
fn retrospective(rules: &Rules<'_>, changed: Moment, asked: Moment) -> Answered {
    let date = |name: &str| rules.get("change-of-status-retrospective").and_then(|rule| rule.dates.get(name)).copied();
    let (Some(first), Some(last)) = (date("first_change"), date("filing_end")) else {
        return Answered::unknown("No rule for earlier changes is loaded.", "Ask the contractor.");
    };
    let zone = &rules.facts.zone;
    if zone.day(changed) < first {
        let says =
            format!("The status was changed before {}: this appeal does not reach back so far.", day_words(first));
        return Answered::not_met(says, "No appeal of this change is left.");
    }
    if zone.day(asked) > last {
        let says = format!("The window for earlier changes closed {}.", day_words(last));
        return Answered::not_met(says, "Only for good cause: the contractor judges it, not the hospital.");
    }
    Answered::met(format!("The change was before the notice existed; it could be appealed until {}.", day_words(last)))
}

fn may_bill(facts: &ChangeAppealFacts, timely: Met, again: Met) -> Answered {
    let runs = |at: Option<Moment>| at.is_none();
    let asked_again = facts.reconsideration_asked_at.is_some();
    match timely {
        Met::Met if runs(facts.decision_told_at) => Answered::not_met(
            "The patient asked in time and the review is not done.",
            "Hold the patient's bill until the organization has decided.",
        ),
        Met::Met if asked_again && again == Met::Met && runs(facts.reconsideration_told_at) => Answered::not_met(
            "The patient asked for reconsideration in time and it is not decided.",
            "Hold the patient's bill until it is.",
        ),
        Met::Met => Answered::met("The review is done."),
        Met::NotMet => Answered::met("The patient asked after release: a late request holds no bill."),
        _ => Answered::met("No appeal was made."),
    }
}

fn part_a(facts: &ChangeAppealFacts) -> Answered {
    let last = match (facts.reconsideration_told_at, facts.reconsidered_upheld) {
        (Some(at), Some(upheld)) => Some((at, upheld)),
        _ => facts.decision_told_at.zip(facts.change_upheld),
    };
    match last {
        Some((at, false)) => Answered::met(format!(
            "Decided for the patient {}: the hospital may bill Part A, and the stay counts as inpatient for skilled nursing.",
            at_words(at, &facts.stay.zone)
        )),
        Some((_, true)) => Answered::not_met(
            "The change was upheld: the stay is outpatient.",
            "Bill the whole episode as outpatient with condition code 44.",
        ),
        None => Answered::unknown("The organization has not decided.", "Wait for its decision."),
    }
}
