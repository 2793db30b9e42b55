//! Status over time, from registration's class and practitioners' orders. An order counts from its own moment, never before;
//! a class change is registration's echo of it, and both are shown.

use std::collections::BTreeMap;

use super::{
    facility::SiteMap,
    news::{OrderState, PatientStatus, StatusOrder, StayNews},
    track::{Basis, Confidence, Flag, FlagKind, Span, StatusPeriod, Track},
};
use crate::time::Moment;

/// Registration's word at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) at: Moment,
    pub(super) status: PatientStatus,
    pub(super) trigger: String,
}

/// The orders, one of each number, from news in recorded order: the last word on an order wins, but an end does not move
/// its beginning.
pub(super) fn orders(recorded: &[&StayNews], site: &SiteMap, flags: &mut Vec<Flag>) -> Vec<StatusOrder> {
    let mut by_number: BTreeMap<&str, StatusOrder> = BTreeMap::new();
    for told in recorded.iter().filter_map(|n| n.order.as_ref()) {
        let mut order = told.clone();
        order.status = site.status_of_order(&order.code).or(order.status);
        let ends = matches!(order.state, OrderState::Cancelled | OrderState::Discontinued);
        if let Some(before) = by_number.get(told.number.as_str()).filter(|_| ends) {
            order.at = before.at;
            order.by = before.by.clone().or(order.by);
            order.status = before.status.clone().or(order.status);
        }
        by_number.insert(&told.number, order);
    }
    let mut orders: Vec<StatusOrder> = by_number.into_values().collect();
    orders.sort_by(|a, b| (a.at, &a.number).cmp(&(b.at, &b.number)));
    for order in &orders {
        let words = order.code.label.as_deref().unwrap_or(&order.code.value);
        let flag = match (&order.status, &order.state) {
            (None, _) => {
                Some((FlagKind::OrderUnmapped, format!("order {}: {words} is not in the site map", order.number)))
            }
            (_, OrderState::Unsigned) => {
                Some((FlagKind::OrderUnsigned, format!("order {}: {words} is not signed", order.number)))
            }
            (_, OrderState::Cancelled) => {
                Some((FlagKind::OrderCancelled, format!("order {}: {words} was cancelled", order.number)))
            }
            _ => None,
        };
        flags.extend(flag.map(|(kind, says)| Flag { at: order.ended_at.unwrap_or(order.at), kind, says }));
    }
    orders
}

fn counts(order: &StatusOrder) -> bool {
    matches!(order.state, OrderState::Placed | OrderState::Discontinued)
        && matches!(
            order.status,
            Some(PatientStatus::Inpatient | PatientStatus::Observation | PatientStatus::Outpatient)
        )
}

/// The order in force at a moment: the latest that counts and has not ended.
fn in_force(orders: &[StatusOrder], at: Moment) -> Option<&StatusOrder> {
    let stands = |o: &&StatusOrder| counts(o) && o.at <= at && o.ended_at.is_none_or(|end| end > at);
    orders.iter().rev().find(stands)
}

/// Whether law or the payer asks for an order behind a status.
fn needs_order(status: &PatientStatus) -> bool {
    matches!(status, PatientStatus::Inpatient | PatientStatus::Observation)
}

/// Puts changes and orders together into periods, and flags what does not agree.
pub(super) fn periods(track: &mut Track, changes: &[Change]) {
    let mut changes = changes.to_vec();
    changes.sort_by_key(|c| c.at);
    let mut points: Vec<Moment> = changes.iter().map(|c| c.at).collect();
    let first = points.first().copied();
    let orders = track.orders.iter().filter(|o| counts(o));
    points.extend(orders.flat_map(|o| [Some(o.at), o.ended_at]).flatten().filter(|at| first.is_some_and(|f| *at >= f)));
    points.sort();
    points.dedup();
    for at in points {
        let Some(registered) = changes.iter().rev().find(|c| c.at <= at) else { continue };
        let next = period(registered, in_force(&track.orders, at), at);
        add(track, next);
    }
    flag_changes(track);
    track.inpatient_order_at =
        track.orders.iter().find(|o| counts(o) && o.status == Some(PatientStatus::Inpatient)).map(|o| o.at);
    track.observation = spans(&track.periods, &PatientStatus::Observation);
    track.leave = spans(&track.periods, &PatientStatus::LeaveOfAbsence);
}

/// The decision of one moment.
fn period(registered: &Change, order: Option<&StatusOrder>, at: Moment) -> StatusPeriod {
    let status = &registered.status;
    let ordered = order.and_then(|o| o.status.as_ref().map(|s| (o, s)));
    let (status, basis, confidence, order) = match ordered {
        _ if !status.in_house() => (status, Basis::Registration, Confidence::High, None),
        Some((order, ordered)) if ordered == status => (status, Basis::Both, Confidence::High, Some(order)),
        Some((order, ordered)) if order.at >= registered.at => (ordered, Basis::Order, Confidence::Medium, Some(order)),
        _ if needs_order(status) => (status, Basis::Registration, Confidence::Low, None),
        _ => (status, Basis::Registration, Confidence::High, None),
    };
    StatusPeriod {
        status: status.clone(),
        from: at,
        until: None,
        basis,
        confidence,
        trigger: registered.trigger.clone(),
        order: order.map(|o| o.number.clone()),
        beside: None,
    }
}

/// Adds a period: registration that follows an order confirms its period, an order that follows registration begins one of
/// its own, since it counts from its own moment only.
fn add(track: &mut Track, next: StatusPeriod) {
    if let Some(last) = track.periods.last_mut() {
        if last.status == next.status {
            match (&last.basis, &next.basis) {
                (Basis::Order, Basis::Both) => {
                    last.basis = Basis::Both;
                    last.confidence = Confidence::High;
                    return;
                }
                (Basis::Registration, Basis::Both | Basis::Order) if needs_order(&next.status) => {}
                _ => return,
            }
        }
        last.until = Some(next.from);
        if last.from == next.from {
            track.periods.pop();
        }
    }
    track.periods.push(next);
}

fn flag_changes(track: &mut Track) {
    let mut flags = Vec::new();
    let mut flag = |at: Moment, kind: FlagKind, says: String| flags.push(Flag { at, kind, says });
    for (index, period) in track.periods.iter().enumerate() {
        let next = track.periods.get(index + 1);
        let followed = next.is_some_and(|n| n.status == period.status && n.basis != Basis::Registration);
        if period.confidence == Confidence::Low && !followed {
            flag(
                period.from,
                FlagKind::OrderMissing,
                format!("{} by {} without a signed order", period.status, period.trigger),
            );
        }
        if period.basis == Basis::Order {
            let order = period.order.as_deref().unwrap_or_default();
            flag(
                period.from,
                FlagKind::RegistrationLag,
                format!("order {order} makes {}; registration has not followed", period.status),
            );
        }
        let down = next.filter(|n| {
            period.status == PatientStatus::Inpatient && n.status.in_house() && n.status != PatientStatus::Inpatient
        });
        if let Some(next) = down {
            let by = cause(next, &track.orders);
            let says = if period.order.is_some() {
                format!(
                    "{by} says {}; the order to admit stands, and the patient is an inpatient until condition code 44 is complete",
                    next.status
                )
            } else {
                format!("inpatient becomes {} by {by}", next.status)
            };
            flag(next.from, FlagKind::InpatientToOutpatient, says);
        }
    }
    track.flags.extend(flags);
}

/// What began a period: the order written then, else the feed's trigger.
fn cause(period: &StatusPeriod, orders: &[StatusOrder]) -> String {
    let written = orders.iter().find(|o| period.order.as_ref() == Some(&o.number) && o.at == period.from);
    written.map_or_else(|| period.trigger.clone(), |o| format!("order {}", o.number))
}

pub(super) fn spans(periods: &[StatusPeriod], status: &PatientStatus) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for period in periods.iter().filter(|p| p.status == *status) {
        match spans.last_mut() {
            Some(last) if last.until == Some(period.from) => last.until = period.until,
            _ => spans.push(Span { from: period.from, until: period.until }),
        }
    }
    spans
}
