//! What a stay says when it is asked: status, place, days, midnights, money at risk. Nothing here changes anything.

use super::{
    Stay,
    clock::{Clock, Watch},
    documented::{Documented, Stated},
    news::PatientStatus,
    notice::{NoticeKind, NoticeState, QioAppeal},
    payer::{AnswerKind, Held, PayerState},
    review::{Escalation, Review, Rung},
};
use crate::{
    calendar::number_of,
    party::LineOfBusiness,
    status,
    time::{Day, Moment, Zone},
};

impl Stay {
    /// The zone of its days: the facility's.
    pub fn zone(&self) -> &Zone {
        &self.hospital.zone
    }

    /// The local day of a moment.
    pub fn day(&self, at: Moment) -> Day {
        self.hospital.zone.day(at)
    }

    /// What the patient is now by law: a formal inpatient until condition code 44 is complete, then what the change made of
    /// the stay, whatever registration says.
    pub fn status(&self) -> PatientStatus {
        self.track.status().cloned().unwrap_or(PatientStatus::PreAdmit)
    }

    /// What registration or a later order says beside the legal status, where it says something else.
    pub fn said_beside(&self) -> Option<&PatientStatus> {
        self.track.periods.last().and_then(|p| p.beside.as_ref())
    }

    /// When condition code 44 made it outpatient; none where a later order has admitted the patient anew.
    pub fn changed_at(&self) -> Option<Moment> {
        self.changes(&self.track.orders).last().filter(|changed| changed.until.is_none()).map(|changed| changed.at)
    }

    /// When a later order admitted anew a patient whom condition code 44 had made an outpatient.
    pub fn readmitted_at(&self) -> Option<Moment> {
        self.changes(&self.track.orders).last().and_then(|changed| changed.until)
    }

    /// Condition code 44 was complete at a moment, and no later order had admitted anew.
    pub fn is_changed_at(&self, at: Moment) -> bool {
        self.changes(&self.track.orders).iter().any(|changed| changed.holds(at))
    }

    /// The patient was in the house at a moment and no inpatient then: never admitted by it, or made an outpatient before it.
    pub fn is_outpatient_at(&self, at: Moment) -> bool {
        let told = self.track.period_at(at).map(|period| &period.status);
        self.is_changed_at(at)
            || matches!(told, Some(PatientStatus::Observation | PatientStatus::Outpatient | PatientStatus::Emergency))
    }

    /// The appeal of the change of status that is in force.
    pub fn change_appeal_in_force(&self) -> Option<&QioAppeal> {
        let changed = self.changed_at()?;
        self.change_appeal.as_ref().filter(|appeal| appeal.called_at >= changed)
    }

    /// Still in the house.
    pub fn in_house(&self) -> bool {
        self.status().in_house() || self.status() == PatientStatus::LeaveOfAbsence
    }

    /// When the patient left.
    pub fn discharged_at(&self) -> Option<Moment> {
        self.track.discharged_at()
    }

    /// The visit never was.
    pub fn is_cancelled(&self) -> bool {
        self.track.status() == Some(&PatientStatus::Cancelled)
    }

    /// When inpatient status began: by the order, else by registration; of a stay that condition code 44 made outpatient and
    /// a later order admitted anew, by that order.
    pub fn admitted_at(&self) -> Option<Moment> {
        self.readmitted_at().or_else(|| self.first_admitted_at())
    }

    /// When the patient first became an inpatient, whatever was changed afterwards.
    pub fn first_admitted_at(&self) -> Option<Moment> {
        self.track.inpatient_order_at.or_else(|| self.track.first(&PatientStatus::Inpatient))
    }

    /// When the first observation began.
    pub fn observed_at(&self) -> Option<Moment> {
        self.track.observation.first().map(|span| span.from)
    }

    /// When the patient was first bedded: inpatient or observation, whichever was first.
    pub fn bedded_at(&self) -> Option<Moment> {
        [self.first_admitted_at(), self.observed_at()].into_iter().flatten().min()
    }

    /// The attending's name at a moment.
    pub fn attending_at(&self, at: Moment) -> String {
        self.track.attending_at(at).map(|p| p.name.clone()).unwrap_or_default()
    }

    /// Unit and bed at a moment.
    pub fn place_at(&self, at: Moment) -> (String, String) {
        let at = self.discharged_at().map_or(at, |left| at.min(left));
        self.track.place_at(at).map(|p| (p.unit.clone(), p.listed())).unwrap_or_default()
    }

    /// The first coverage.
    pub fn primary(&self) -> Option<&Held> {
        self.held.first()
    }

    /// The primary payer's line of business; self-pay when nothing is known.
    pub fn line_of_business(&self) -> Option<&LineOfBusiness> {
        self.primary().map(|h| &h.line_of_business)
    }

    /// Original Medicare pays first.
    pub fn is_original_medicare(&self) -> bool {
        self.line_of_business() == Some(&LineOfBusiness::OriginalMedicare)
    }

    /// Any coverage is Medicare, original or Advantage: the patient is a Medicare beneficiary.
    pub fn is_medicare(&self) -> bool {
        self.held.iter().any(|h| {
            matches!(
                h.line_of_business,
                LineOfBusiness::OriginalMedicare | LineOfBusiness::MedicareAdvantage | LineOfBusiness::DsnpIntegrated
            )
        })
    }

    /// Where we stand with a payer.
    pub fn payer(&self, payer: &str) -> Option<&PayerState> {
        self.payers.iter().find(|p| p.payer_id == payer)
    }

    /// Where we stand with the primary payer.
    pub fn primary_state(&self) -> Option<&PayerState> {
        self.primary().and_then(|h| self.payer(&h.payer_id))
    }

    /// Midnights in the house since hospital care began.
    pub fn midnights(&self, now: Moment) -> u32 {
        let from = self.track.first_care_at.or(self.track.arrival_at);
        from.map_or(0, |from| self.track.midnights(self.zone(), from, now))
    }

    /// Midnights of hospital care that the practitioner expects in all: those before the expectation was written, and the
    /// further ones it names.
    pub fn expected_midnights(&self) -> Option<u32> {
        let written = self.facts.iter().rev().find_map(|(_, _, stated)| match &stated.fact {
            Stated::Expectation { further_midnights, documented_at, .. } => Some((*further_midnights, *documented_at)),
            _ => None,
        });
        written.map(|(further, at)| self.midnights(at) + further)
    }

    /// Midnights after the inpatient order, counted from when it took effect: never before it was written, and none once
    /// the stay was changed to outpatient or never was. The same count that the status rules use.
    pub fn inpatient_midnights(&self, now: Moment) -> u32 {
        if self.is_cancelled() {
            return 0;
        }
        status::counted(&self.status_facts(), now).after_order
    }

    /// Midnights since the patient was first bedded as an inpatient, by order or by registration alone.
    pub fn bedded_midnights(&self, now: Moment) -> u32 {
        self.first_admitted_at().map_or(0, |from| self.track.midnights(self.zone(), from, now))
    }

    /// The facts stated, the last of each key.
    pub fn stated(&self) -> Vec<&Documented> {
        let mut last: Vec<&Documented> = Vec::new();
        for (_, _, fact) in &self.facts {
            last.retain(|f| f.fact.key() != fact.fact.key());
            last.push(fact);
        }
        last
    }

    /// A yes or no that was stated.
    pub fn answered(&self, id: &str) -> Option<bool> {
        self.facts.iter().rev().find_map(|(_, _, f)| match &f.fact {
            Stated::Answer { id: known, yes } if known == id => Some(*yes),
            _ => None,
        })
    }

    /// The last word of anybody: a feed, a reviewer, a payer, who delivered a notice.
    pub fn last_heard_at(&self) -> Option<Moment> {
        let told = self.news.iter().map(|n| n.recorded_at.max(n.effective_at)).max();
        let reviewed = self.reviews.last().map(|(at, ..)| *at);
        let noted = self.notes.last().map(|(at, ..)| *at);
        let given = self.notices.iter().filter_map(|n| n.delivered.as_ref()).map(|(_, d)| d.at).max();
        let answered = self.payers.iter().flat_map(|p| p.answers.iter().map(|(at, ..)| *at)).max();
        let stated = self.facts.last().map(|(at, ..)| *at);
        // Whoever clears an alert has looked after the patient.
        let cleared = self.alerts.iter().filter_map(|a| a.cleared.as_ref());
        let looked = cleared.filter(|(_, person, _)| person != "vigil").map(|(at, ..)| *at).max();
        [told, reviewed, noted, given, answered, stated, looked].into_iter().flatten().max()
    }

    /// The last review.
    pub fn last_review(&self) -> Option<&(Moment, String, Review)> {
        self.reviews.last()
    }

    /// When to review next: none when no review is needed.
    pub fn next_review_on(&self) -> Option<Day> {
        if self.dismissed.is_some() || !self.in_house() {
            return None;
        }
        match self.last_review() {
            Some((_, _, review)) => review.next_review_on,
            None => self.bedded_at().map(|at| self.day(at)),
        }
    }

    /// The escalation that waits for somebody.
    pub fn open_escalation(&self) -> Option<&Escalation> {
        self.escalations.iter().rev().find(|e| e.is_open())
    }

    /// The physician advisor it waits for has not answered inside the policy's time: the cover is asked.
    pub fn advisor_is_late(&self) -> bool {
        let Some(open) = self.open_escalation().filter(|e| e.at.0 == Rung::Advisor) else { return false };
        let about = format!("{}/{}", open.id, open.steps.len().saturating_sub(1));
        let late = |c: &&Clock| c.watch == Watch::AdvisorAnswer && c.about == about && c.is_open();
        self.clocks.iter().filter(late).any(|c| c.lapsed_at.is_some())
    }

    /// Notices still to be given.
    pub fn open_notices(&self) -> impl Iterator<Item = &NoticeState> {
        self.notices.iter().filter(|n| n.is_open())
    }

    /// The last notice of a kind that was not called off.
    pub fn notice(&self, kind: &NoticeKind) -> Option<&NoticeState> {
        self.notices.iter().rev().find(|n| n.kind == *kind && n.ended.is_none())
    }

    /// The earliest open clock.
    pub fn next_clock(&self) -> Option<&Clock> {
        self.clocks.iter().filter(|c| c.asks()).min_by_key(|c| (c.due_at, c.id))
    }

    /// A due moment has passed unmet.
    pub fn is_late(&self) -> bool {
        self.clocks.iter().any(|c| c.asks() && c.lapsed_at.is_some())
    }

    /// The patient may not be charged: a timely appeal of discharge runs.
    pub fn liability_held(&self) -> bool {
        self.qio.as_ref().is_some_and(|q| q.timely && q.decided.is_none())
    }

    /// The days of the stay so far, each by its date: from the first bedded day through the day before discharge (the day of
    /// discharge is not a day of care), or through today.
    pub fn days_used(&self, now: Moment) -> Vec<Day> {
        let Some(from) = self.bedded_at() else { return Vec::new() };
        let first = self.day(from);
        let last = match self.discharged_at() {
            Some(left) if self.day(left) > first => self.day(left).yesterday().unwrap_or(first),
            Some(_) => first,
            None => self.day(now).max(first),
        };
        first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).collect()
    }

    /// Whether the primary payer's answer is asked for: by its terms, or because it has answered so.
    pub fn needs_authorization(&self) -> bool {
        let Some(state) = self.primary_state() else { return false };
        let by_terms = self.primary().and_then(|h| h.terms.as_ref()).is_some_and(|t| t.needs_authorization);
        let answered = state.answers.iter().any(|(_, a, ..)| a.kind != AnswerKind::NotRequired);
        // Original Medicare authorizes no days; its contractor reviews after the bill.
        let asks = (by_terms || answered) && !self.is_original_medicare();
        asks && !state.not_required() && !self.is_cancelled()
    }

    /// When discharge is expected: as stated last, else as the feed told.
    pub fn expected_discharge(&self) -> Option<Moment> {
        let stated = self.facts.iter().rev().find_map(|(_, _, f)| match &f.fact {
            Stated::ExpectedDischarge(at) => Some(*at),
            _ => None,
        });
        stated.or(self.track.expected_discharge)
    }

    /// Days used that no approval of the primary payer covers. Empty where no authorization is asked for.
    pub fn days_at_risk(&self, now: Moment) -> Vec<Day> {
        let Some(state) = self.primary_state().filter(|_| self.needs_authorization()) else { return Vec::new() };
        self.days_used(now).into_iter().filter(|day| !state.covers(*day)).collect()
    }

    /// Whole days between admission and discharge (or now); a stay within one day counts one.
    pub fn length_of_stay(&self, now: Moment) -> Option<i64> {
        let from = self.day(self.admitted_at()?);
        let until = self.day(self.discharged_at().unwrap_or(now));
        Some(i64::from((number_of(until) - number_of(from)).max(1)))
    }

    /// Whether the stay still asks for anybody's work.
    pub fn has_work(&self) -> bool {
        self.in_house()
            || self.clocks.iter().any(Clock::asks)
            || self.open_notices().next().is_some()
            || self.open_escalation().is_some()
            || self.bill.held.is_some()
            || self.queries.iter().any(|q| q.answered.is_none())
            || (self.is_cancelled() && self.alerts.iter().any(|a| a.cleared.is_none()))
    }
}
