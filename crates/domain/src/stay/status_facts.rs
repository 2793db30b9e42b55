//! The stay's facts as the status room asks for them: from the track, from what people stated, and from the payers.

use super::{
    Stay,
    documented::Stated,
    news::{OrderState, PatientStatus, StatusOrder},
    notice::{NoticeDelivery, NoticeKind, Receipt},
};
use crate::{
    code::Code,
    party::LineOfBusiness,
    status::{
        Because, Delivered, Departure, Discharge, Exception, Expectation, FacilityKind, InpatientOrder,
        ObservationOrder, PayerFacts, ProcedureFact, ProductResult, Span, StatusFacts, TransferIn,
    },
};

impl Stay {
    /// Everything the status room reads of this stay.
    pub fn status_facts(&self) -> StatusFacts {
        let track = &self.track;
        let mut facts = StatusFacts::new(self.zone().clone(), self.payer_facts());
        facts.jurisdiction = self.hospital.jurisdiction();
        facts.facility = facility(&self.hospital.kind);
        facts.arrived_at = track.arrival_at;
        facts.first_care_at = track.first_care_at.or(track.arrival_at);
        facts.order = self.order();
        facts.changed_at = self.changed_at();
        facts.observation = track
            .observation
            .iter()
            .map(|span| ObservationOrder { ordered_at: span.from, began_at: None, ended_at: span.until })
            .collect();
        facts.leave = track.leave.iter().map(|span| Span { from: span.from, to: span.until }).collect();
        facts.procedures = self.procedure_facts();
        facts.discharge = self.discharged_at().map(|at| Discharge {
            at,
            how: departure(track.discharge.as_ref().map_or("", |d| d.disposition.as_str())),
            rapid_improvement: false,
        });
        if track.patient.died_at.is_some()
            && let Some(discharge) = &mut facts.discharge
        {
            discharge.how = Departure::Death;
        }
        facts.expected_discharge_at = self.expected_discharge();
        let moon = self.notice(&NoticeKind::Moon).and_then(|n| n.delivered.as_ref());
        facts.outpatient_notice_at = moon.map(|(_, delivery)| delivery.at);
        for stated in self.stated() {
            put(&mut facts, &stated.fact);
        }
        facts
    }

    /// Who pays first, and who stands behind, in the status room's words.
    fn payer_facts(&self) -> PayerFacts {
        match self.primary() {
            Some(held) => PayerFacts {
                line_of_business: held.line_of_business.clone(),
                payer_id: Some(held.payer_id.clone()),
                plan_id: Some(held.plan_id.clone()).filter(|plan| !plan.is_empty()),
                part_b: held.part_b,
                behind: self.held.iter().skip(1).map(|h| h.line_of_business.clone()).collect(),
            },
            None => PayerFacts::of(LineOfBusiness::read("unknown")),
        }
    }

    /// The order to admit: the first that was not cancelled; after a change of status, the first that admits anew, if there
    /// is one. Without any, registration's class makes none.
    fn order(&self) -> Option<InpatientOrder> {
        let track = &self.track;
        let admits = |o: &&StatusOrder| o.status == Some(PatientStatus::Inpatient) && o.state != OrderState::Cancelled;
        let anew = self.changes(&track.orders).pop().and_then(|changed| changed.order);
        let order = match anew {
            Some(number) => track.orders.iter().find(|o| o.number == number)?,
            None => track.orders.iter().find(admits)?,
        };
        let mut told: Vec<_> = self.news.iter().filter_map(|n| Some((n.recorded_at, n.order.as_ref()?))).collect();
        told.retain(|(_, o)| o.number == order.number);
        let entered = told.iter().map(|(at, _)| *at).min();
        // An order first told without a signature was signed when the signed one was told.
        let waited = told.iter().any(|(_, o)| o.state == OrderState::Unsigned);
        let signed = told.iter().filter(|(_, o)| o.state == OrderState::Placed).map(|(at, _)| *at).min();
        let signed_at = if waited { signed } else { Some(order.at) };
        Some(InpatientOrder {
            at: order.at,
            entered_at: entered,
            // An order that was ended after it was carried out (at discharge) was signed all the same.
            signed_at: signed_at.filter(|_| order.state != OrderState::Unsigned),
            by: order.by.as_ref().map(|p| p.name.clone()).unwrap_or_default(),
            privileges: None,
            knows_case: None,
            defect: None,
        })
    }

    fn procedure_facts(&self) -> Vec<ProcedureFact> {
        let today = self.bedded_at().or(self.track.arrival_at).unwrap_or(self.opened_at);
        let on = |at: Option<crate::time::Moment>| self.day(at.unwrap_or(today));
        let fact = |code: &Code, at| ProcedureFact { code: code.clone(), on: on(at) };
        self.track.procedures.iter().map(|p| fact(&p.code, p.at)).collect()
    }
}

/// What a person stated goes before what a feed told.
fn put(facts: &mut StatusFacts, stated: &Stated) {
    match stated.clone() {
        Stated::Expectation { further_midnights, documented_at, by, because } => {
            facts.expectation = Some(Expectation { further_midnights, documented_at, by, because });
        }
        Stated::HospitalNeed(need) => facts.hospital_need = Some(need),
        Stated::Exception { factors, documented_at, by, minor_procedure } => {
            facts.exception = Some(Exception { factors, documented_at, by, minor_procedure });
        }
        Stated::Transfer { care_began_at, from } => facts.transfer = Some(TransferIn { care_began_at, from }),
        Stated::FirstCare(at) => facts.first_care_at = Some(at),
        Stated::Departure { how, rapid_improvement } => {
            if let Some(discharge) = &mut facts.discharge {
                discharge.how = Departure::read(&how);
                discharge.rapid_improvement = rapid_improvement;
            }
        }
        Stated::Product { product, version, subset, met, at } => {
            facts.product = Some(ProductResult { product, version, subset, met, at });
        }
        Stated::Delay { from, until, why } => facts.delays.push(Because { span: Span { from, to: until }, why }),
        Stated::Certified(at) => facts.certified_at = Some(at),
        Stated::ExpectedDischarge(at) => facts.expected_discharge_at = Some(at),
        Stated::Answer { id, yes } => {
            facts.answers.insert(id, yes);
        }
        // Judged apart: see `plan_duty`.
        Stated::PlanDuty { .. } => {}
    }
}

/// The kind of hospital, in either room's words.
fn facility(kind: &str) -> FacilityKind {
    match kind {
        "" | "acute" => FacilityKind::Acute,
        "irf" => FacilityKind::Rehabilitation,
        "ltch" => FacilityKind::LongTermCare,
        other => FacilityKind::read(other),
    }
}

/// Discharge disposition where it decides a rule: UB-04 patient status codes, as HL7 table 0112 suggests them, and the words of
/// HL7's own list (`discharge-disposition`) that encounters carry. `other-hcf` need not be a hospital: it is no transfer.
fn departure(code: &str) -> Departure {
    match code.trim_start_matches('0') {
        // The codes from 81 are the same places with a readmission planned.
        "2" | "5" | "43" | "65" | "66" | "82" | "85" | "88" | "93" | "94" => Departure::Transfer,
        "3" | "4" | "6" | "61" | "62" | "63" | "64" | "70" => Departure::PostAcute,
        "83" | "84" | "86" | "89" | "90" | "91" | "92" | "95" => Departure::PostAcute,
        "snf" | "rehab" | "long" | "other-hcf" => Departure::PostAcute,
        "psy" => Departure::Transfer,
        "7" | "aadvice" => Departure::AgainstAdvice,
        "20" | "40" | "41" | "42" | "exp" => Departure::Death,
        "50" | "51" | "hosp" => Departure::Hospice,
        _ => Departure::Home,
    }
}

impl Stay {
    /// A delivery as the status room asks for it. People write minutes: a change-of-status notice given in the minute of the
    /// change was given after it.
    pub fn as_given(&self, kind: &NoticeKind, delivery: &NoticeDelivery) -> Delivered {
        let mut given = delivery.as_status();
        if *kind == NoticeKind::ChangeOfStatus
            && let Some(changed) = self.changed_at()
            && given.at < changed
            && given.at.as_second() + 59 >= changed.as_second()
        {
            given.at = changed;
        }
        given
    }
}

impl NoticeDelivery {
    /// The delivery as the status room asks for it.
    pub fn as_status(&self) -> Delivered {
        Delivered { at: self.at, signed_or_refused: self.receipt != Receipt::Handed, explained: self.explained }
    }
}
