//! When somebody must look: the trigger points of a stay, those to come included.

use jiff::{SignedDuration, ToSpan};

use super::{
    alert::{Alert, AlertKind},
    answer::{Basis, Standing, Supported},
    book::{StatusRule, Timing},
    count::{midnights_to, nth_midnight},
    lens::{Draft, Lens, asked},
    words::at_words,
};
use crate::{law::Confidence, time::Moment};

/// Trigger points in order of time. A stay that is over has none but a held order.
pub(super) fn alerts(lens: &Lens<'_>, draft: &Draft, standing: &Standing) -> Vec<Alert> {
    let mut alerts: Vec<Alert> = Vec::new();
    if draft.basis == Basis::DefectiveOrder {
        alerts.extend(held_order(lens, draft));
    }
    if !lens.facts.has_left(lens.now) {
        match standing {
            Standing::Inpatient => {
                alerts.extend(short_discharge(lens));
                alerts.extend(long_stay(lens));
            }
            Standing::Observation => alerts.extend(observation(lens)),
            _ => alerts.extend(emergency(lens)),
        }
        if *standing != Standing::Inpatient {
            alerts.extend(second_midnight(lens, draft));
        }
    }
    alerts.sort_by_key(|alert| alert.at);
    alerts
}

fn by_timing(lens: &Lens<'_>, kind: AlertKind, timing: &Timing, at: Moment, says: String) -> Alert {
    Alert {
        kind,
        at,
        raised: at <= lens.now,
        says,
        rule: timing.id.clone(),
        cite: format!("Policy: {}", timing.basis),
        confidence: Confidence::FromKnowledgeVerify,
    }
}

fn by_rule(lens: &Lens<'_>, kind: AlertKind, rule: &StatusRule, at: Moment, says: String) -> Alert {
    Alert {
        kind,
        at,
        raised: at <= lens.now,
        says,
        rule: rule.id.clone(),
        cite: rule.cite.clone(),
        confidence: rule.confidence,
    }
}

fn held_order(lens: &Lens<'_>, draft: &Draft) -> Option<Alert> {
    let rule = lens.rule("order-defect")?;
    let at = lens.order().map(|order| order.effective_at())?;
    Some(by_rule(lens, AlertKind::OrderHeld, rule, at, draft.says.clone()))
}

fn emergency(lens: &Lens<'_>) -> Option<Alert> {
    let timing = lens.book.timing("emergency.review")?;
    let from = lens.facts.arrived_at.or(lens.facts.first_care_at)?;
    let says = format!("{} hours without a status order: decide the status.", timing.amount);
    Some(by_timing(lens, AlertKind::EmergencyHours, timing, from + timing.span(), says))
}

fn observation(lens: &Lens<'_>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let Some(running) = lens.facts.running_observation(lens.now) else { return alerts };
    let began = running.begins();
    if let Some(timing) = lens.book.timing("observation.review") {
        let says = format!("{} hours of observation: review.", timing.amount);
        alerts.push(by_timing(lens, AlertKind::ObservationReview, timing, began + timing.span(), says));
    }
    if let Some(timing) = lens.book.timing("observation.long") {
        let says =
            format!("More than {} hours of observation: decide; the outpatient notice becomes owed.", timing.amount);
        alerts.push(by_timing(lens, AlertKind::ObservationHours, timing, began + timing.span(), says));
    }
    let today = lens.facts.zone.day(lens.now);
    let given = lens.facts.outpatient_notice_at.is_some_and(|at| at >= began);
    if !given
        && let Some(payer) = lens.facts.payer.as_beneficiary()
        && let Some(rule) = lens.book.rule("moon", &payer, &lens.facts.jurisdiction, today)
        && let Some(limit) = rule.figure("by_hours")
    {
        let at = began + SignedDuration::from_hours(limit);
        let says = format!("Medicare Outpatient Observation Notice due {}.", at_words(at, &lens.facts.zone));
        alerts.push(by_rule(lens, AlertKind::OutpatientNotice, rule, at, says));
    }
    alerts
}

/// An outpatient with a hospital-level need is about to cross the midnight that meets the benchmark.
fn second_midnight(lens: &Lens<'_>, draft: &Draft) -> Option<Alert> {
    if draft.status == Supported::OtherRules || lens.facts.hospital_need == Some(false) || !lens.two_midnight_binds() {
        return None;
    }
    let rule = lens.rule("benchmark")?;
    let expected = lens.counted.expected >= asked(rule) || lens.facts.hospital_need == Some(true);
    let midnight = nth_midnight(lens.facts, asked(rule)).filter(|_| expected)?;
    let timing = lens.book.timing("second-midnight.ahead")?;
    let says = format!(
        "Second midnight of hospital care at {}: with a continuing need, an order to admit is due before it.",
        at_words(midnight, &lens.facts.zone)
    );
    let alert = by_timing(lens, AlertKind::SecondMidnight, timing, midnight - timing.span(), says);
    Some(Alert { cite: format!("{}; {}", rule.cite, alert.cite), ..alert })
}

/// A discharge is planned before the second midnight after the order: the last moment for condition code 44.
fn short_discharge(lens: &Lens<'_>) -> Option<Alert> {
    let leaves = lens.facts.expected_discharge_at.filter(|at| *at > lens.now)?;
    let rule = lens.rule_on("short-stay-review", lens.facts.zone.day(lens.now))?;
    let order = lens.order()?.effective_at();
    let after = super::span::midnights_between(order, leaves, &lens.facts.zone, &lens.facts.leave);
    if after >= asked(rule) {
        return None;
    }
    let leaving = at_words(leaves, &lens.facts.zone);
    let says = if midnights_to(lens.facts, leaves) >= asked(rule) {
        format!("Discharge planned {leaving}, {after} after the order: report the outpatient midnights on the bill.")
    } else {
        format!(
            "Discharge planned {leaving}, before the second midnight: check the basis now; condition code 44 ends with discharge."
        )
    };
    let alert = by_rule(lens, AlertKind::ShortInpatientDischarge, rule, leaves, says);
    Some(Alert { raised: true, ..alert })
}

fn long_stay(lens: &Lens<'_>) -> Option<Alert> {
    let rule = lens.rule("long-stay-certification").filter(|_| lens.facts.certified_at.is_none())?;
    let ahead = lens.book.timing("long-stay.day")?;
    let admitted = lens.facts.zone.day(lens.order()?.effective_at());
    let day = admitted.checked_add((i64::from(ahead.amount) - 1).days()).ok()?;
    let at = lens.facts.zone.start_of(day)?;
    let limit = rule.figure("day")?;
    let says = format!("Day {} of the stay: a physician certifies no later than day {limit}.", ahead.amount);
    Some(by_rule(lens, AlertKind::LongStayCertification, rule, at, says))
}
