//! First-level reviews: saved and locked. A review not met goes up; it decides nothing.

use super::{Draft, ladder, must_say, refuse};
use crate::{
    calendar::{day_of, number_of},
    stay::{
        command::{Actor, EnteredReview, OnDuty},
        event::Event,
        evidence::{DocumentNews, LookedAt, Measured},
        refusal::{Refusal, Refused},
        review::{CriteriaUse, Review, ReviewKind, ReviewResult},
    },
    time::Day,
};

/// How old a measurement may be to stand in a review, in seconds: a day.
const SHOWN_SECONDS: i64 = 86_400;

pub(super) fn record(
    draft: &mut Draft<'_>,
    by: &Actor,
    entered: EnteredReview,
    advisor: Option<OnDuty>,
    officer: Option<OnDuty>,
) -> Result<(), Refused> {
    let refusals = faults(draft, &entered);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let id = draft.stay().reviews.iter().map(|(_, _, r)| r.id).max().unwrap_or(0) + 1;
    let next_review_on = match (&entered.no_further, entered.next_review_on) {
        (Some(_), _) => None,
        (None, Some(day)) => Some(day),
        (None, None) => next_by_policy(draft, entered.day),
    };
    let track = &draft.stay().track;
    let seen = |d: &&DocumentNews| entered.looked_at.contains(&d.id);
    let looked_at = track.documents.iter().filter(seen);
    let looked_at =
        looked_at.map(|d| LookedAt { document: d.id.clone(), title: d.title.clone(), digest: d.digest.clone() });
    let looked_at: Vec<LookedAt> = looked_at.collect();
    let fresh = |m: &&Measured| (0..=SHOWN_SECONDS).contains(&(draft.now.as_second() - m.at.as_second()));
    let measured = track.measured.iter().filter(fresh).cloned().collect();
    let not_met = entered.result == ReviewResult::NotMet;
    let no_further = entered.no_further.clone();
    let review = Review {
        id,
        kind: entered.kind,
        day: entered.day,
        criteria: entered.criteria,
        result: entered.result,
        level: entered.level,
        recommended: entered.recommended,
        reason: entered.reason,
        comments: entered.comments,
        next_review_on,
        no_further: entered.no_further,
        looked_at,
        measured,
    };
    draft.emit(Event::ReviewRecorded { review: Box::new(review), person: by.person.clone() })?;
    if let Some(why) = no_further {
        draft.emit(Event::ReviewsDismissed { why, person: by.person.clone() })?;
    } else if draft.stay().dismissed.is_some() {
        draft.emit(Event::ReviewsResumed { why: "a review was recorded".into() })?;
    }
    if not_met && draft.stay().open_escalation().is_none() {
        ladder::escalate(draft, by, Some(id), "first-level review not met".into(), advisor, officer)?;
    }
    Ok(())
}

/// The next day by policy: tomorrow, or as many days on as the policy's timing says.
fn next_by_policy(draft: &Draft<'_>, day: Day) -> Option<Day> {
    let days = match draft.books.status.timing("continued-review") {
        Some(t) if t.unit == "days" => t.amount,
        _ => 1,
    };
    day_of(number_of(day) + i32::try_from(days).ok()?)
}

fn faults(draft: &Draft<'_>, entered: &EnteredReview) -> Refused {
    let stay = draft.stay();
    let mut refusals = Vec::new();
    let mut no = |rule: &str, says: String, instead: &str| refusals.push(Refusal::house(rule, says, instead));
    let today = stay.day(draft.now);
    let begun = stay.track.arrival_at.or_else(|| stay.bedded_at()).map(|at| stay.day(at));
    if entered.day > today {
        no("review.ahead", "A day that has not come cannot be reviewed.".into(), "Review it on that day.");
    }
    if begun.is_some_and(|first| entered.day < first) {
        no("review.before", "The day lies before the stay.".into(), "Choose a day of the stay.");
    }
    if entered.kind == ReviewKind::PostDischarge && stay.in_house() {
        no("review.in-house", "The patient is still in the house.".into(), "Record a continued-stay review.");
    }
    if entered.kind == ReviewKind::Initial && stay.reviews.iter().any(|(_, _, r)| r.kind == ReviewKind::Initial) {
        no("review.initial-twice", "This stay has its initial review.".into(), "Record a continued-stay review.");
    }
    let known = |id: &&String| stay.track.documents.iter().any(|d| d.id == **id);
    if entered.looked_at.iter().any(|id| !known(&id)) {
        no("review.document", "A document named is not on this stay.".into(), "Choose from the documents of the stay.");
    }
    if let CriteriaUse::Licensed { product, version, subset, result } = &entered.criteria
        && [product, version, subset, result].iter().any(|w| w.trim().is_empty())
    {
        no(
            "review.criteria",
            "A licensed product is named with its version, the subset used and its result.".into(),
            "Enter all four; Vigil holds none of the product's content.",
        );
    }
    if let CriteriaUse::Pack { digest, .. } = &entered.criteria
        && draft.books.criteria.by_digest(digest).is_none()
    {
        no("review.pack", "The criteria named are not on the shelf.".into(), "Choose a pack of the library.");
    }
    if matches!(entered.result, ReviewResult::NotMet | ReviewResult::NotMetExempt) {
        for (missing, what) in [
            (entered.recommended.is_none(), "the recommended level of care"),
            (entered.reason.as_ref().is_none_or(|r| r.trim().is_empty()), "a reason"),
            (entered.comments.trim().is_empty(), "the reviewer's words"),
        ] {
            if missing {
                no("review.not-met", format!("A review not met needs {what}."), "Add it and save again.");
            }
        }
    }
    if entered.next_review_on.is_some_and(|next| next < entered.day) {
        no("review.next", "The next review lies before this one.".into(), "Choose a later day.");
    }
    refusals
}

/// No further reviews: a new movement or review revives them.
pub(super) fn dismiss(draft: &mut Draft<'_>, by: &Actor, why: String) -> Result<(), Refused> {
    must_say("review.dismiss", &why, "Why no review is needed")?;
    if draft.stay().dismissed.is_some() {
        return refuse(Refusal::house("review.dismissed", "Reviews are dismissed already.", "Nothing to do."));
    }
    draft.emit(Event::ReviewsDismissed { why, person: by.person.clone() })
}
