//! Reviews that the UR plan owes by a day: what may be stated of them, and their clocks.

use super::{Draft, must_be_listed, refuse, status::Asked, window::Window};
use crate::{
    case::event::RulePin,
    status::Duty,
    stay::{
        documented::Stated,
        plan_duty::PlanReview,
        refusal::{Refusal, Refused},
    },
    time::Moment,
};

/// One that the rules know, that binds this stay, with its day where it has one, and done no later than today.
pub(super) fn may_state(draft: &Draft<'_>, stated: &Stated) -> Result<(), Refused> {
    let Stated::PlanDuty { duty, assigned_on, learned_on, done_on, void } = stated else { return Ok(()) };
    let stay = draft.stay();
    must_be_listed("ur.duty", duty.is_known() && *duty != Duty::Plan, duty.word(), "review of the UR plan")?;
    if !stay.plan_duty_binds(duty, &stay.status_facts(), draft.books, draft.now) {
        return refuse(Refusal::house(
            "ur.not-bound",
            "This review is owed for Medicare or Medicaid patients; its rule does not bind this stay.",
            "State the coverage first if it is wrong.",
        ));
    }
    if *duty == Duty::MedicaidContinuedStay && assigned_on.is_none() {
        return refuse(Refusal::house(
            "ur.assigned",
            "The day that the committee assigned is missing.",
            "Enter it as the committee\u{2019}s record has it.",
        ));
    }
    let today = stay.day(draft.now);
    if [*learned_on, *done_on].into_iter().flatten().any(|day| day > today) {
        return refuse(Refusal::house(
            "stay.ahead",
            "The day given lies in the future.",
            "Record it once it has happened, with its own day.",
        ));
    }
    if *void && done_on.is_some() {
        return refuse(Refusal::house(
            "ur.void",
            "A day that was assigned in error has no review that was done.",
            "State the one or the other.",
        ));
    }
    Ok(())
}

/// Each review whose days count from a known day and end with a known one: from when, and its window.
pub(super) fn windows(draft: &Draft<'_>, asked: &Asked) -> Vec<(PlanReview, Moment, Window)> {
    let reviews = draft.stay().plan_reviews(asked.facts(), draft.books, draft.now);
    let window = |review: PlanReview| {
        let (step, from) = (&review.step, review.from?);
        let window = Window {
            pin: RulePin { rule: step.rule.clone(), digest: String::new(), cite: step.cite.clone() },
            confidence: step.confidence.word().to_owned(),
            due_at: step.due_at?,
        };
        Some((review, from, window))
    };
    reviews.into_iter().filter_map(window).collect()
}
