//! Duties of the hospital's UR plan that hang on what people know and no feed tells: the plan itself, reviews of extended
//! stays, and the notices that Medicaid's UR rules ask for. Each is a guided question with its due day.

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use super::{
    book::StatusBook,
    facts::StatusFacts,
    notices::end_of,
    procedure::Procedure,
    rulebook::{Answered, Rules},
    words::day_words,
};
use crate::{
    codes,
    time::{Day, Moment},
};

codes! {
    /// Which duty is asked about.
    Duty {
        /// The hospital has a UR plan, or is exempt.
        Plan = "plan",
        /// Review of an extended stay.
        ExtendedStay = "extended-stay",
        /// Medicaid: decision and notice on a continued stay.
        MedicaidContinuedStay = "medicaid-continued-stay",
        /// Medicaid: decision and notice on an admission.
        MedicaidAdmission = "medicaid-admission",
    }
}

impl Duty {
    /// The topic of the rule that says it.
    pub fn topic(&self) -> &'static str {
        match self {
            Self::Plan => "ur-plan",
            Self::ExtendedStay => "extended-stay-review",
            Self::MedicaidContinuedStay => "medicaid-continued-stay-notice",
            _ => "medicaid-admission-notice",
        }
    }
}

/// What a duty is judged by. What nobody has answered is unknown, never a yes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyFacts {
    /// Which.
    pub duty: Duty,
    /// The stay, or for the plan one of the hospital's Medicare or Medicaid patients.
    pub stay: StatusFacts,
    /// The hospital has a UR plan.
    #[serde(default)]
    pub has_plan: Option<bool>,
    /// A quality improvement organization has assumed binding review.
    #[serde(default)]
    pub binding_review: Option<bool>,
    /// The state's UR process was found superior.
    #[serde(default)]
    pub superior_process: Option<bool>,
    /// The hospital is paid prospectively.
    #[serde(default)]
    pub prospective_payment: Option<bool>,
    /// The stay is an outlier as the plan defines it (cost, or its day threshold).
    #[serde(default)]
    pub outlier: Option<bool>,
    /// Part 456 applies here, as the state plan says.
    #[serde(default)]
    pub part_456: Option<bool>,
    /// The day that the committee or the plan assigned for review.
    #[serde(default)]
    pub assigned_on: Option<Day>,
    /// When the hospital learned of an application for Medicaid after admission.
    #[serde(default)]
    pub learned_on: Option<Day>,
    /// When it was reviewed, or decided and told.
    #[serde(default)]
    pub done_on: Option<Day>,
    /// Days between Monday and Friday on which nobody works here.
    #[serde(default)]
    pub holidays: Vec<Day>,
}

impl DutyFacts {
    /// The day from which its days count: the assigned one; of an admission its own, or the day on which the hospital learned
    /// of the application.
    pub fn counts_from(&self) -> Option<Day> {
        match self.duty {
            Duty::MedicaidAdmission => {
                let admitted = self.stay.order.as_ref().map(|order| self.stay.zone.day(order.effective_at()));
                [admitted, self.learned_on].into_iter().flatten().max()
            }
            _ => self.assigned_on,
        }
    }
}

/// One duty, under the rule in force today.
pub fn plan_duty(facts: &DutyFacts, book: &StatusBook, now: Moment) -> Procedure {
    let rules = Rules::on(&facts.stay, book, now);
    let today = facts.stay.zone.day(now);
    let topic = facts.duty.topic();
    let (question, answer) = match facts.duty {
        Duty::Plan => ("Does the hospital have a UR plan, or is it exempt?", plan(facts)),
        Duty::ExtendedStay => ("Is the extended stay reviewed as the plan says?", extended(facts, &rules, today)),
        Duty::MedicaidContinuedStay => {
            ("Were decision and notice on the continued stay in time?", notice(facts, &rules, today))
        }
        _ => ("Were decision and notice on the admission in time?", notice(facts, &rules, today)),
    };
    let answer = if rules.get(topic).is_none() {
        Answered::met("This rule is for Medicare and Medicaid patients; it does not bind here.")
    } else {
        answer
    };
    let step = rules.step(facts.duty.word(), topic, question, answer);
    Procedure::of("plan-duty", "Duties of the UR plan", vec![step])
}

fn plan(facts: &DutyFacts) -> Answered {
    if facts.binding_review == Some(true) {
        return Answered::met("A quality improvement organization has assumed binding review: no plan is needed.");
    }
    if facts.superior_process == Some(true) {
        return Answered::met("The state's process was found superior: it is used instead.");
    }
    match facts.has_plan {
        Some(true) => Answered::met("The hospital has a UR plan."),
        Some(false) if facts.binding_review.is_none() || facts.superior_process.is_none() => {
            Answered::unknown("There is no plan, and nobody has said whether the hospital is exempt.", "Find out.")
        }
        Some(false) => Answered::not_met(
            "There is no UR plan, and nothing exempts the hospital.",
            "Adopt a plan for services to Medicare and Medicaid patients.",
        ),
        None => Answered::unknown("Nobody has said whether there is a plan.", "Ask the UR committee."),
    }
}

fn extended(facts: &DutyFacts, rules: &Rules<'_>, today: Day) -> Answered {
    match (facts.prospective_payment, facts.outlier, facts.assigned_on) {
        (None, ..) => {
            Answered::unknown("Nobody has said how the hospital is paid.", "Say whether it is paid prospectively.")
        }
        (Some(true), None, _) => Answered::unknown(
            "Nobody has said whether the stay is an outlier.",
            "Look at its cost and at the plan's days.",
        ),
        (Some(true), Some(false), _) => Answered::met("The stay is no outlier: no review of its length is owed."),
        (Some(true), Some(true), _) if facts.done_on.is_some() => Answered::met("The outlier was reviewed."),
        (Some(true), Some(true), _) => {
            Answered::unknown("The outlier waits for its review.", "Review it as the plan says.")
        }
        (Some(false), _, None) => {
            Answered::unknown("No day of review is assigned.", "Assign the day that the plan names.")
        }
        (Some(false), _, Some(assigned)) => {
            let days = rules.get("extended-stay-review").and_then(|rule| rule.figure("days")).unwrap_or(0);
            by_day(facts, assigned.checked_add(days.days()).ok(), today)
        }
    }
}

fn notice(facts: &DutyFacts, rules: &Rules<'_>, today: Day) -> Answered {
    let figure = rules.get(facts.duty.topic()).and_then(|rule| rule.figure("working_days"));
    match (facts.part_456, facts.counts_from()) {
        (None, _) => {
            Answered::unknown("Nobody has said whether part 456 applies here.", "Look it up in the state plan.")
        }
        (Some(false), _) => Answered::met("Part 456 does not apply here."),
        (Some(true), None) => Answered::unknown("The day it counts from is not known.", "Enter the assigned day."),
        (Some(true), Some(from)) => {
            by_day(facts, figure.and_then(|n| working_day_after(from, n, &facts.holidays)), today)
        }
    }
}

/// Done by the end of a day.
fn by_day(facts: &DutyFacts, due: Option<Day>, today: Day) -> Answered {
    let Some(due) = due else { return Answered::unknown("The last day cannot be computed.", "Ask the committee.") };
    let words = day_words(due);
    let answer = match facts.done_on {
        Some(done) if done <= due => Answered::met(format!("Done in time: the last day is {words}.")),
        Some(_) => Answered::not_met(format!("Done too late: the last day was {words}."), "Record why it was late."),
        None if today <= due => Answered::unknown(format!("Open: the last day is {words}."), "Do it by then."),
        None => {
            Answered::not_met(format!("Not done: the last day was {words}."), "Do it now, and record why it is late.")
        }
    };
    answer.by(end_of(due, &facts.stay.zone))
}

/// The working day so many after a day, Monday to Friday without the days named.
fn working_day_after(from: Day, count: i64, holidays: &[Day]) -> Option<Day> {
    let mut day = from;
    let mut left = count;
    while left > 0 {
        day = day.tomorrow().ok()?;
        let weekend = matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
        left -= i64::from(!weekend && !holidays.contains(&day));
    }
    Some(day)
}
