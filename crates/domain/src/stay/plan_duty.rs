//! Reviews that the hospital's UR plan owes by a day and no feed tells of: of extended stays (42 CFR 482.30(e)), and the
//! decision and notice of Medicaid's UR rules (42 CFR part 456). What people stated, judged by the status rules.

use std::collections::BTreeMap;

use super::{Stay, documented::Stated};
use crate::{
    calendar::{Calendar, day_of, number_of},
    library::Library,
    status::{Duty, DutyFacts, StatusFacts, Step, plan_duty},
    time::{Day, Moment},
};

/// The answer that says whether the hospital is paid prospectively.
pub const PROSPECTIVE: &str = "ur.prospective-payment";
/// The answer that says whether the stay is an outlier as the plan defines it.
pub const OUTLIER: &str = "ur.outlier";
/// The answer that says whether Medicaid's UR rules apply, as the state plan says.
pub const PART_456: &str = "ur.part-456";

/// Days ahead in which free days are looked up: more than any of these limits has.
const AHEAD: i32 = 30;

/// One review that is owed, was done, or hangs on an answer.
#[derive(Debug, Clone)]
pub struct PlanReview {
    /// Which, and from what it follows.
    pub facts: DutyFacts,
    /// It, among the stay's others: `medicaid-admission`, `extended-stay/2026-11-20`.
    pub about: String,
    /// From when its days count; none while that is not known.
    pub from: Option<Moment>,
    /// When it was done, to the day.
    pub done_at: Option<Moment>,
    /// How it stands, with its rule and due moment.
    pub step: Step,
}

/// What was stated of one duty and day.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    learned_on: Option<Day>,
    done_on: Option<Day>,
    void: bool,
}

impl Stay {
    /// The rule of a duty binds this stay by its payer and place.
    pub fn plan_duty_binds(&self, duty: &Duty, facts: &StatusFacts, books: &Library, now: Moment) -> bool {
        books.status.rule(duty.topic(), &facts.payer, &facts.jurisdiction, self.day(now)).is_some()
    }

    /// Every review of the UR plan that this stay has to do with.
    pub fn plan_reviews(&self, facts: &StatusFacts, books: &Library, now: Moment) -> Vec<PlanReview> {
        let calendars = books.law.calendars();
        let Some(calendar) = calendars.of(&self.hospital.jurisdiction()).or_else(|| calendars.of("US")) else {
            return Vec::new();
        };
        let mut duties = self.duties_told();
        duties.retain(|(duty, assigned_on, told)| {
            !told.void && self.plan_duty_binds(duty, facts, books, now) && !self.left_before(*assigned_on, told)
        });
        duties.into_iter().map(|duty| self.plan_review(facts, duty, calendar, books, now)).collect()
    }

    /// The duties that were stated, and those that follow from the stay by themselves: Medicaid's notice of an admission, and
    /// the review of an outlier.
    fn duties_told(&self) -> Vec<(Duty, Option<Day>, Told)> {
        let mut told: BTreeMap<(String, Option<Day>), Told> = BTreeMap::new();
        if self.admitted_at().is_some() {
            told.insert((Duty::MedicaidAdmission.word().to_owned(), None), Told::default());
        }
        if self.answered(OUTLIER) == Some(true) && self.is_paid_prospectively() == Some(true) {
            told.insert((Duty::ExtendedStay.word().to_owned(), None), Told::default());
        }
        for (_, _, fact) in &self.facts {
            let Stated::PlanDuty { duty, assigned_on, learned_on, done_on, void } = &fact.fact else { continue };
            let known = told.entry((duty.word().to_owned(), *assigned_on)).or_default();
            known.learned_on = learned_on.or(known.learned_on);
            known.done_on = done_on.or(known.done_on);
            known.void = *void;
        }
        told.into_iter().map(|((duty, day), told)| (Duty::read(&duty), day, told)).collect()
    }

    /// As stated of this stay, else as the hospital's record says.
    fn is_paid_prospectively(&self) -> Option<bool> {
        self.answered(PROSPECTIVE).or(self.hospital.prospective_payment)
    }

    /// Whoever left before the assigned day continued no stay on it.
    fn left_before(&self, assigned_on: Option<Day>, told: &Told) -> bool {
        let left = self.discharged_at().map(|at| self.day(at));
        told.done_on.is_none() && left.zip(assigned_on).is_some_and(|(left, assigned)| left < assigned)
    }

    fn plan_review(
        &self,
        facts: &StatusFacts,
        (duty, assigned_on, told): (Duty, Option<Day>, Told),
        calendar: &Calendar,
        books: &Library,
        now: Moment,
    ) -> PlanReview {
        let about = match assigned_on {
            Some(day) => format!("{duty}/{day}"),
            None => duty.word().to_owned(),
        };
        let mut facts = DutyFacts {
            duty,
            stay: facts.clone(),
            has_plan: None,
            binding_review: None,
            superior_process: None,
            prospective_payment: self.is_paid_prospectively(),
            outlier: self.answered(OUTLIER),
            part_456: self.answered(PART_456).or(self.hospital.part_456),
            assigned_on,
            learned_on: told.learned_on,
            done_on: told.done_on,
            holidays: Vec::new(),
        };
        let from = facts.counts_from();
        facts.holidays = from.map(|from| free_days(calendar, from)).unwrap_or_default();
        let procedure = plan_duty(&facts, &books.status, now);
        let step = procedure.steps.into_iter().next().expect("a duty has one step");
        let start = |day: Day| self.zone().start_of(day);
        PlanReview { from: from.and_then(start), done_at: told.done_on.and_then(start), about, facts, step }
    }
}

/// Days after a day on which nobody works, Saturdays and Sundays apart.
fn free_days(calendar: &Calendar, from: Day) -> Vec<Day> {
    let first = number_of(from);
    let weekend = |number: i32| (number + 3).rem_euclid(7) >= 5;
    let free = (first + 1..=first + AHEAD).filter(|number| !weekend(*number) && !calendar.is_business_day(*number));
    free.filter_map(day_of).collect()
}
