//! The windows of the notices a hospital gives: observation, the Important Message, New York, and the model letters on
//! noncoverage.

use jiff::{SignedDuration, ToSpan};
use serde::{Deserialize, Serialize};

use super::{
    book::StatusBook,
    facts::{PayerFacts, StatusFacts},
    hours::{ObservationFacts, observation_hours},
    rulebook::{Rules, as_beneficiary},
    window::{Delivered, NoticeDue, NoticeState, Window},
    words::at_words,
};
use crate::{
    codes,
    time::{Day, Moment, Zone},
};

/// The last second of a local day.
pub(super) fn end_of(day: Day, zone: &Zone) -> Option<Moment> {
    zone.start_of(day.tomorrow().ok()?).map(|next| next - SignedDuration::from_secs(1))
}

/// Noon of the local day so many days after a moment's.
pub(super) fn noon_after(at: Moment, days: i64, zone: &Zone) -> Option<Moment> {
    let noon = zone.day(at).checked_add(days.days()).ok()?.at(12, 0, 0, 0);
    noon.to_zoned(zone.tz().clone()).ok().map(|zoned| zoned.timestamp())
}

fn hours(count: Option<i64>) -> SignedDuration {
    SignedDuration::from_hours(count.unwrap_or(0))
}

/// The Medicare Outpatient Observation Notice: owed to every Medicare patient with more than 24 hours of observation, no
/// later than 36 hours after it began, sooner when observation ends. It may be given before hour 24.
pub fn outpatient_observation_notice(
    stay: &StatusFacts,
    delivered: Option<&Delivered>,
    book: &StatusBook,
    now: Moment,
) -> NoticeDue {
    let began = stay.observation.iter().map(|o| o.begins()).min();
    let Some(medicare) = as_beneficiary(stay) else {
        let rules = Rules::on(stay, book, began.unwrap_or(now));
        let window = Window::of(&rules, "moon", "MOON", "us.hospital.moon");
        return window.not_owed("Only Medicare patients get this notice.");
    };
    let rules = Rules::on(&medicare, book, began.unwrap_or(now));
    let window = Window::of(&rules, "moon", "MOON", "us.hospital.moon");
    let (Some(rule), Some(began)) = (rules.get("moon"), began.filter(|at| *at <= now)) else {
        return window.not_owed("There is no observation.");
    };
    let over = hours(rule.figure("over_hours"));
    let seconds = |at: Moment| {
        let orders = stay.observation.clone();
        let facts = ObservationFacts { zone: stay.zone.clone(), orders, monitored: Vec::new(), care_ended_at: None };
        let counted = observation_hours(&facts, at).counted;
        counted.iter().map(|span| span.end(at).as_second() - span.from.as_second()).sum::<i64>()
    };
    let limit = began + hours(rule.figure("by_hours"));
    let running = stay.running_observation(now).is_some() && !stay.has_left(now);
    let ends = if running {
        stay.expected_discharge_at.filter(|at| *at > now)
    } else {
        stay.observation
            .iter()
            .filter_map(|o| o.ended_at)
            .chain(stay.discharge.as_ref().map(|d| d.at))
            .min_by_key(|at| (*at < began, *at))
    };
    let due = ends.map_or(limit, |ends| ends.min(limit));
    let window = window.at(Some(began), Some(due));
    let given = delivered.is_some();
    if !given && seconds(now) <= over.as_secs() {
        return if running {
            let says = format!(
                "Owed once observation passes {} hours, {}.",
                over.as_hours(),
                at_words(began + over, &stay.zone)
            );
            window.settle(NoticeState::NotYet, says)
        } else {
            window.not_owed(format!("Observation ended within {} hours.", over.as_hours()))
        };
    }
    window.given(
        delivered,
        now,
        &format!("Observation began {}; due {}.", at_words(began, &stay.zone), at_words(due, &stay.zone)),
    )
}

/// The two copies of the Important Message from Medicare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportantMessageFacts {
    /// The stay.
    pub stay: StatusFacts,
    /// The first copy.
    #[serde(default)]
    pub first: Option<Delivered>,
    /// The follow-up copy.
    #[serde(default)]
    pub follow_up: Option<Delivered>,
}

/// First copy: from seven days before a planned admission to the end of the second day after admission, or to discharge where
/// that is sooner. Follow-up copy:
/// from two days before discharge to four hours before it, unless the first copy itself fell into those two days.
pub fn important_message(facts: &ImportantMessageFacts, book: &StatusBook, now: Moment) -> Vec<NoticeDue> {
    let medicare = as_beneficiary(&facts.stay);
    let stay = medicare.as_deref().unwrap_or(&facts.stay);
    let admitted = stay.order.as_ref().map(|order| order.effective_at());
    let rules = Rules::on(stay, book, admitted.unwrap_or(now));
    let first = Window::of(&rules, "important-message-first", "IM", "us.hospital.im").copy("first");
    let follow = Window::of(&rules, "important-message-follow-up", "IM", "us.hospital.im").copy("follow-up");
    if !stay.payer.is_medicare() {
        return vec![first.not_owed("Only Medicare inpatients get this notice.")];
    }
    let Some(admitted) = admitted else { return vec![first.not_owed("The patient is not an inpatient.")] };
    let zone = &stay.zone;
    let figure = |topic: &str, name: &str| rules.get(topic).and_then(|rule| rule.figure(name)).unwrap_or(0);
    let day = |at: Moment, days: i64| zone.day(at).checked_add(days.days()).ok();
    let limit = day(admitted, figure("important-message-first", "days")).and_then(|day| end_of(day, zone));
    let leaves = stay.leaves_at(now).filter(|leaves| *leaves >= admitted);
    // Nobody who has left can be told of the right to stay.
    let sooner = leaves.filter(|leaves| limit.is_some_and(|limit| *leaves < limit));
    let due = sooner.or(limit);
    let opens = day(admitted, -figure("important-message-first", "planned_days")).and_then(|day| zone.start_of(day));
    let by = match sooner {
        Some(leaves) => format!("before the patient leaves, {}", at_words(leaves, zone)),
        None => "by the end of the second day after".to_owned(),
    };
    let says = format!("Admitted {}; the first copy is due {by}.", at_words(admitted, zone));
    vec![first.at(opens, due).given(facts.first.as_ref(), now, &says), follow_up(facts, &rules, follow, now)]
}

fn follow_up(facts: &ImportantMessageFacts, rules: &Rules<'_>, window: Window, now: Moment) -> NoticeDue {
    let stay = &facts.stay;
    if stay.changed_at.is_some_and(|changed| changed <= now) {
        return window.not_owed("The patient is no longer an inpatient.");
    }
    let Some(leaves) = stay.discharge.as_ref().map(|d| d.at).or(stay.expected_discharge_at) else {
        return window.settle(NoticeState::NotYet, "Owed once a discharge is planned.");
    };
    let figure = |name: &str| rules.get("important-message-follow-up").and_then(|rule| rule.figure(name)).unwrap_or(0);
    let opens = stay.zone.day(leaves).checked_add((-figure("days")).days()).ok();
    let inside = |at: Moment| opens.is_some_and(|opens| stay.zone.day(at) >= opens) && at <= leaves;
    if facts.first.as_ref().is_some_and(|first| inside(first.at)) {
        return window.not_owed("The first copy was given within the two days before discharge.");
    }
    let opens_at = opens.and_then(|day| stay.zone.start_of(day));
    let due = leaves - hours(Some(figure("hours_before")));
    let says =
        format!("Discharge {}; the follow-up copy is due {}.", at_words(leaves, &stay.zone), at_words(due, &stay.zone));
    let window = window.at(opens_at, Some(due));
    if facts.follow_up.is_none() && opens_at.is_some_and(|opens| now < opens) {
        return window.settle(NoticeState::NotYet, says);
    }
    window.given(facts.follow_up.as_ref(), now, &says)
}

/// New York: every patient assigned to observation is told within 24 hours, orally and in writing, whoever pays.
pub fn new_york_observation_notice(
    stay: &StatusFacts,
    delivered: Option<&Delivered>,
    book: &StatusBook,
    now: Moment,
) -> NoticeDue {
    let began = stay.observation.iter().map(|o| o.ordered_at).min();
    let rules = Rules::on(stay, book, began.unwrap_or(now));
    let window = Window::of(&rules, "ny-observation", "NY-OBS", "us-ny.hospital.observation");
    let Some(rule) = rules.get("ny-observation") else {
        return window.not_owed("This hospital is not in New York.");
    };
    let Some(began) = began.filter(|at| *at <= now) else { return window.not_owed("There is no observation.") };
    let due = began + hours(rule.figure("hours"));
    let says = format!("Assigned to observation {}; due {}.", at_words(began, &stay.zone), at_words(due, &stay.zone));
    window.at(Some(began), Some(due)).given(delivered, now, &says)
}

codes! {
    /// The hospital-issued notices of noncoverage that are still in use.
    NoncoverageKind {
        /// Before or on admission.
        Admission = "hinn-1",
        /// The hospital asks the QIO because the attending disagrees with discharge.
        RequestedReview = "hinn-10",
        /// One item or service inside a covered stay.
        Service = "hinn-11",
        /// Continued stay, once liability can begin.
        ContinuedStay = "hinn-12",
    }
}

/// What a notice of noncoverage is judged by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoncoverageFacts {
    /// Which.
    pub kind: NoncoverageKind,
    /// The facility's zone.
    pub zone: Zone,
    /// Who pays.
    pub payer: PayerFacts,
    /// The moment that ends its window: admission, the request to the QIO, the service, the start of liability.
    #[serde(default)]
    pub before: Option<Moment>,
    /// The notice, once delivered.
    #[serde(default)]
    pub delivered: Option<Delivered>,
}

/// Original Medicare only. Before the event (with the request, for a hospital-requested review); on the day of admission,
/// by 3 p.m.
pub fn noncoverage_notice(facts: &NoncoverageFacts, book: &StatusBook, now: Moment) -> NoticeDue {
    let stay = StatusFacts::new(facts.zone.clone(), facts.payer.clone());
    let rules = Rules::on(&stay, book, facts.before.unwrap_or(now));
    let topic = format!("noncoverage-{}", facts.kind);
    let notice = format!("us.hospital.{}", facts.kind);
    let window = Window::of(&rules, &topic, &facts.kind.word().to_uppercase(), &notice);
    if !facts.payer.is_original_medicare() {
        return window.not_owed("Only Original Medicare patients get this notice.");
    }
    let Some(before) = facts.before else {
        return window.settle(NoticeState::NotYet, "Its event has not been set.");
    };
    let same_day = rules.get(&topic).and_then(|rule| rule.figure("same_day_hour"));
    let due = match same_day.and_then(|hour| i8::try_from(hour).ok()) {
        Some(hour) => {
            let until = facts.zone.day(before).at(hour, 0, 0, 0).to_zoned(facts.zone.tz().clone());
            until.map_or(before, |until| until.timestamp().max(before))
        }
        None if facts.kind == NoncoverageKind::RequestedReview => before,
        None => before - SignedDuration::from_secs(1),
    };
    window.at(None, Some(due)).given(facts.delivered.as_ref(), now, &format!("Due {}.", at_words(due, &facts.zone)))
}
