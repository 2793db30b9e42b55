//! The legal status over what orders and registration say. Who was formally admitted as an inpatient stays one until
//! condition code 44 is complete, whatever a class change or a later order says (42 CFR 412.3; status rules, section 4);
//! what registration says stands beside it. After it, the stay is what the change made it.

use super::{
    news::PatientStatus,
    standing::spans,
    track::{Basis, Confidence, FlagKind, StatusPeriod, Track},
};
use crate::time::Moment;

/// Condition code 44, complete.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changed {
    /// When the status was changed.
    pub(super) at: Moment,
    /// Observation was ordered with it.
    pub(super) observation: bool,
}

impl Track {
    /// Brings the periods in line with the law. Depends on the periods and the change alone, not on their arrival.
    pub(super) fn settle_legal(&mut self, changed: Option<Changed>) {
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
                Some(order) => self.formal(&mut legal, period, order, changed),
                None => legal.push(period),
            }
        }
        self.periods = legal;
        self.observation = spans(&self.periods, &PatientStatus::Observation);
    }

    /// A period of somebody who was formally admitted: before the change, and after it.
    fn formal(&mut self, legal: &mut Vec<StatusPeriod>, period: StatusPeriod, order: &str, changed: Option<Changed>) {
        let Some(changed) = changed.filter(|c| period.until.is_none_or(|until| c.at < until)) else {
            return add(legal, self.before(period, order));
        };
        if period.from < changed.at {
            let before = StatusPeriod { until: Some(changed.at), ..period.clone() };
            add(legal, self.before(before, order));
        }
        let from = period.from.max(changed.at);
        add(legal, after(StatusPeriod { from, ..period }, changed.observation));
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
