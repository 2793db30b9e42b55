//! The legal status over what orders and registration say. Who was formally admitted as an inpatient stays one until
//! condition code 44 is complete, whatever a class change or a later order says (42 CFR 412.3; status rules, section 4);
//! what registration says stands beside it. After it, the stay is what the change made it, until a practitioner orders
//! admission anew: from that order on, and never from before it, the patient is an inpatient again.

use super::{
    Stay,
    news::{OrderState, PatientStatus, StatusOrder},
    procedure::ProcedureKind,
    standing::spans,
    track::{Basis, Confidence, FlagKind, StatusPeriod, Track},
};
use crate::time::Moment;

/// Condition code 44, complete.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    /// When the status was changed.
    pub(super) at: Moment,
    /// Observation was ordered with it.
    pub(super) observation: bool,
    /// Until a new order to admit took effect.
    pub(super) until: Option<Moment>,
    /// That order, by number.
    pub(super) order: Option<String>,
}

impl Changed {
    /// The patient was an outpatient by this change at a moment.
    pub(super) fn holds(&self, at: Moment) -> bool {
        self.at <= at && self.until.is_none_or(|until| at < until)
    }
}

impl Stay {
    /// Every completed change, in order, each until the order that admitted anew. The procedure passes a second time when
    /// the bill of a change is released: that is no change of its own.
    pub(super) fn changes(&self, orders: &[StatusOrder]) -> Vec<Changed> {
        let mut changes: Vec<Changed> = Vec::new();
        for (at, kind, passed, _) in &self.procedures {
            if *kind != ProcedureKind::ConditionCode44 || changes.last().is_some_and(|last| last.holds(*at)) {
                continue;
            }
            let again =
                orders.iter().filter_map(|order| Some((self.admits_after(order, *at)?, order))).min_by_key(|o| o.0);
            changes.push(Changed {
                at: *at,
                observation: passed.observation_order_at.is_some(),
                until: again.map(|(from, _)| from),
                order: again.map(|(_, order)| order.number.clone()),
            });
        }
        changes
    }

    /// From when an order admits anew after a change: from its writing, whatever earlier moment it names. One that was there
    /// before the change, and the end of one, admit nobody.
    pub(super) fn admits_after(&self, order: &StatusOrder, changed: Moment) -> Option<Moment> {
        if order.status != Some(PatientStatus::Inpatient) {
            return None;
        }
        let entered = self.entered_at(order);
        let from = entered.map_or(order.at, |entered| order.at.max(entered));
        let stands = match order.state {
            OrderState::Placed => true,
            OrderState::Discontinued => order.at > changed,
            _ => false,
        };
        (stands && from > changed).then_some(from)
    }

    /// When an order was first entered, as its source recorded it.
    pub(super) fn entered_at(&self, order: &StatusOrder) -> Option<Moment> {
        let told = self.news.iter().filter_map(|n| Some((n.recorded_at, n.order.as_ref()?)));
        told.filter(|(_, o)| o.number == order.number).map(|(at, _)| at).min()
    }
}

impl Track {
    /// Brings the periods in line with the law. Depends on the periods and the change alone, not on their arrival.
    pub(super) fn settle_legal(&mut self, changes: &[Changed]) {
        let mut order: Option<String> = None;
        let mut legal: Vec<StatusPeriod> = Vec::new();
        for period in std::mem::take(&mut self.periods) {
            if !period.status.in_house() && period.status != PatientStatus::LeaveOfAbsence {
                order = None;
            }
            if period.status == PatientStatus::Inpatient && period.order.is_some() {
                order.clone_from(&period.order);
            }
            match order.as_deref().filter(|_| period.status.in_house()) {
                Some(order) => self.formal(&mut legal, period, order, changes),
                None => legal.push(period),
            }
        }
        self.periods = legal;
        self.observation = spans(&self.periods, &PatientStatus::Observation);
    }

    /// A period of somebody who was formally admitted: before a change, after it, and admitted anew.
    fn formal(&mut self, legal: &mut Vec<StatusPeriod>, period: StatusPeriod, order: &str, changes: &[Changed]) {
        let inside = |at: &Moment| period.from < *at && period.until.is_none_or(|until| *at < until);
        let cuts = changes.iter().flat_map(|c| [Some(c.at), c.until]).flatten().filter(inside);
        let ends: Vec<Option<Moment>> = cuts.map(Some).chain([period.until]).collect();
        let mut from = period.from;
        for until in ends {
            let piece = StatusPeriod { from, until, ..period.clone() };
            match changes.iter().find(|change| change.holds(from)) {
                Some(change) => add(legal, after(piece, change.observation)),
                None => {
                    let anew = changes.iter().rev().find(|change| change.until.is_some_and(|until| until <= from));
                    let anew = anew.and_then(|change| change.order.as_deref());
                    let mut piece = self.before(piece, anew.unwrap_or(order));
                    if anew.is_some() {
                        piece.order = anew.map(str::to_owned);
                    }
                    add(legal, piece);
                }
            }
            from = until.unwrap_or(from);
        }
    }

    /// Inpatient still, whatever registration or a later order says.
    fn before(&mut self, period: StatusPeriod, order: &str) -> StatusPeriod {
        let (from, number) = (period.from, Some(order.to_owned()));
        if period.status == PatientStatus::Inpatient {
            if period.order.is_some() {
                return period;
            }
            // The order was carried out: that it was ended later does not undo the admission.
            self.flags.retain(|flag| flag.at != from || flag.kind != FlagKind::OrderMissing);
            return StatusPeriod { order: number, basis: Basis::Both, confidence: Confidence::High, ..period };
        }
        self.flags.retain(|flag| flag.at != from || flag.kind != FlagKind::RegistrationLag);
        StatusPeriod {
            status: PatientStatus::Inpatient,
            beside: Some(period.status),
            basis: Basis::Order,
            confidence: Confidence::Medium,
            order: number,
            ..period
        }
    }
}

/// What the completed change made of the patient.
fn after(period: StatusPeriod, observation: bool) -> StatusPeriod {
    let registered = period.basis == Basis::Registration;
    let made = if observation { PatientStatus::Observation } else { PatientStatus::Outpatient };
    match period.status {
        PatientStatus::Observation if observation && registered => {
            StatusPeriod { basis: Basis::Both, confidence: Confidence::High, ..period }
        }
        PatientStatus::Observation => period,
        PatientStatus::Inpatient => StatusPeriod {
            status: made,
            beside: Some(PatientStatus::Inpatient),
            basis: Basis::Order,
            confidence: Confidence::Medium,
            order: None,
            ..period
        },
        _ if observation && registered => StatusPeriod {
            status: made,
            beside: Some(period.status),
            basis: Basis::Order,
            confidence: Confidence::Medium,
            order: None,
            ..period
        },
        _ => period,
    }
}

/// Goes on with the period before where the law makes both the same.
fn add(legal: &mut Vec<StatusPeriod>, next: StatusPeriod) {
    if let Some(last) = legal.last_mut()
        && last.status == next.status
        && last.until == Some(next.from)
        && (last.beside.is_some() || next.beside.is_some() || last.order == next.order)
    {
        last.until = next.until;
        last.basis =
            if last.basis == Basis::Order && next.basis == Basis::Registration { Basis::Both } else { next.basis };
        last.confidence = next.confidence;
        last.beside = next.beside;
        last.order = next.order.or(last.order.take());
        return;
    }
    legal.push(next);
}
