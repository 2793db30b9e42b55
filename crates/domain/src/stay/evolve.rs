//! (Stay, Event) -> Stay, or [`IllegalEvent`]: a corrupt or hand-edited log is found on load, not at the bedside.

use std::sync::Arc;

use super::{
    Alert, BillState, Stay,
    clock::Clock,
    delay::{Barrier, Query},
    event::Event,
    notice::{AppealOf, NoticeState, QioAppeal, Reconsideration},
    payer::{Dispute, PayerState, PostAcute, PostAcuteStep},
    review::Escalation,
    track::Track,
};
use crate::time::Moment;

pub use crate::case::evolve::IllegalEvent;

/// Applies one event that was recorded at a moment.
pub fn evolve(mut stay: Option<Stay>, event: &Event, at: Moment) -> Result<Stay, IllegalEvent> {
    evolve_in_place(&mut stay, event, at)?;
    stay.ok_or_else(|| IllegalEvent { kind: event.kind(), version: 0, why: "no stay was made".into() })
}

/// The same on a stay where it lies: a stay is large, and a decision applies many events. An illegal event leaves a stay
/// behind that nobody may use.
pub(super) fn evolve_in_place(stay: &mut Option<Stay>, event: &Event, at: Moment) -> Result<(), IllegalEvent> {
    let Some(stay) = stay else {
        *stay = Some(born(event, at)?);
        return Ok(());
    };
    stay.follow(event, at)?;
    if let Event::NewsTaken { .. } | Event::ProcedurePassed { .. } = event {
        stay.derive_track();
    }
    Ok(())
}

/// The same without deriving the track anew, for a replay of many events: [`Stay::derive_track`] follows the last one. No
/// event reads the track.
pub fn evolve_ahead(stay: Option<Stay>, event: &Event, at: Moment) -> Result<Stay, IllegalEvent> {
    let Some(mut stay) = stay else { return born(event, at) };
    stay.follow(event, at)?;
    Ok(stay)
}

fn born(event: &Event, at: Moment) -> Result<Stay, IllegalEvent> {
    let Event::StayOpened { stay, hospital, scenario } = event else {
        return Err(IllegalEvent { kind: event.kind(), version: 0, why: "a stay begins with stay_opened".into() });
    };
    Ok(Stay {
        id: stay.clone(),
        version: 1,
        opened_at: at,
        hospital: hospital.clone(),
        scenario: scenario.clone(),
        news: Vec::new(),
        track: Arc::default(),
        held: Vec::new(),
        coverage_changes: Vec::new(),
        judged: None,
        alerts: Vec::new(),
        facts: Vec::new(),
        owner: None,
        notes: Vec::new(),
        reviews: Vec::new(),
        dismissed: None,
        escalations: Vec::new(),
        procedures: Vec::new(),
        bill: BillState::default(),
        payers: Vec::new(),
        disputes: Vec::new(),
        post_acute: Vec::new(),
        choices: Vec::new(),
        barriers: Vec::new(),
        delays: Vec::new(),
        delays_made: 0,
        grouping: None,
        queries: Vec::new(),
        notices: Vec::new(),
        qio: None,
        change_appeal: None,
        earlier_appeals: Vec::new(),
        clocks: Vec::new(),
    })
}

/// Either it was there, or the event does not fit.
fn there<T>(found: Option<T>, what: &str, number: u32) -> Result<T, String> {
    found.ok_or_else(|| format!("there is no {what} {number}"))
}

impl Stay {
    /// What all news say today, and what the law makes of it.
    pub fn derive_track(&mut self) {
        let mut track = Track::derive(&self.news, &self.hospital.site, &self.hospital.zone);
        let changes = self.changes(&track.orders);
        track.settle_legal(&changes);
        self.track = Arc::new(track);
    }

    fn follow(&mut self, event: &Event, at: Moment) -> Result<(), IllegalEvent> {
        let version = self.version;
        self.apply(event, at).map_err(|why| IllegalEvent { kind: event.kind(), version, why })?;
        self.version += 1;
        Ok(())
    }

    fn apply(&mut self, event: &Event, at: Moment) -> Result<(), String> {
        match event {
            Event::StayOpened { .. } => return Err("the stay has begun already".into()),
            Event::NewsTaken { news } => self.news.push(news.clone()),
            Event::CoverageStated { held, change, from, basis, .. } => {
                self.held.clone_from(held);
                self.coverage_changes.push((at, change.clone(), *from, basis.clone()));
                for one in held {
                    self.payer_mut(&one.payer_id);
                }
            }
            Event::StatusJudged { judged } => self.judged = Some((at, (**judged).clone())),
            Event::AlertRaised { alert, says } => {
                self.alerts.push(Alert { id: alert.clone(), says: says.clone(), raised_at: at, cleared: None });
            }
            Event::AlertCleared { alert, person, why } => {
                let known = self.alerts.iter_mut().rev().find(|a| a.id == *alert && a.cleared.is_none());
                known.ok_or("there is no such alert")?.cleared = Some((at, person.clone(), why.clone()));
            }
            Event::FactsDocumented { person, facts } => {
                self.facts.extend(facts.iter().map(|f| (at, person.clone(), f.clone())));
            }
            Event::Assigned { person, name } => self.owner = Some((person.clone(), name.clone())),
            Event::Released { .. } => self.owner = None,
            Event::Noted { person, text } => self.notes.push((at, person.clone(), text.clone())),
            Event::ReviewsDismissed { why, .. } => self.dismissed = Some((at, why.clone())),
            Event::ReviewsResumed { .. } => self.dismissed = None,
            Event::Grouped { grouping, .. } => self.grouping = Some(grouping.clone()),
            Event::BillHeld { why, cite } => self.bill.held = Some((at, why.clone(), cite.clone())),
            Event::BillHoldLifted { .. } => self.bill.held = None,
            Event::BillReleased { route, flags, .. } => {
                self.bill.held = None;
                self.bill.released = Some((at, route.clone(), flags.clone()));
            }
            Event::ProcedurePassed { procedure, passed, person } => {
                self.procedures.push((at, procedure.clone(), (**passed).clone(), person.clone()));
            }
            Event::ClockStarted { .. }
            | Event::ClockSatisfied { .. }
            | Event::ClockEnded { .. }
            | Event::ClockWarned { .. }
            | Event::ClockLapsed { .. } => self.apply_clock(event, at)?,
            Event::ReviewRecorded { .. }
            | Event::Escalated { .. }
            | Event::Advised { .. }
            | Event::AttendingAnswered { .. }
            | Event::CommitteeDetermined { .. }
            | Event::EscalationClosed { .. } => self.apply_ladder(event, at)?,
            Event::PayerNotified { .. }
            | Event::ClinicalsSent { .. }
            | Event::PayerAsked { .. }
            | Event::PayerReviewAsked { .. }
            | Event::PayerAnswered { .. }
            | Event::EvidenceLocked { .. }
            | Event::DisputeOpened { .. }
            | Event::DisputeEnded { .. } => self.apply_payer(event, at)?,
            Event::QioCalled { .. }
            | Event::QioRecordsSent { .. }
            | Event::QioReconsiderationAsked { .. }
            | Event::QioDecided { .. } => self.apply_appeal(event)?,
            Event::NoticeOwed { .. }
            | Event::NoticePrepared { .. }
            | Event::NoticeDelivered { .. }
            | Event::NoticeEnded { .. } => self.apply_notice(event, at)?,
            _ => self.apply_discharge(event, at)?,
        }
        Ok(())
    }

    /// Where we stand with a payer, made when it is new.
    fn payer_mut(&mut self, payer: &str) -> &mut PayerState {
        let place = self.payers.iter().position(|p| p.payer_id == payer).unwrap_or_else(|| {
            self.payers.push(PayerState { payer_id: payer.to_owned(), ..PayerState::default() });
            self.payers.len() - 1
        });
        &mut self.payers[place]
    }

    fn clock_mut(&mut self, clock: u32) -> Result<&mut Clock, String> {
        there(self.clocks.iter_mut().find(|c| c.id == clock), "clock", clock)
    }

    fn apply_clock(&mut self, event: &Event, at: Moment) -> Result<(), String> {
        match event {
            Event::ClockStarted { clock } => {
                if self.clocks.iter().any(|c| c.id == clock.id) {
                    return Err(format!("clock {} runs already", clock.id));
                }
                self.clocks.push((**clock).clone());
            }
            Event::ClockSatisfied { clock, .. } => self.clock_mut(*clock)?.satisfied_at = Some(at),
            Event::ClockEnded { clock, why } => self.clock_mut(*clock)?.ended = Some((at, why.clone())),
            Event::ClockWarned { clock } => self.clock_mut(*clock)?.warned_at = Some(at),
            Event::ClockLapsed { clock, .. } => self.clock_mut(*clock)?.lapsed_at = Some(at),
            _ => {}
        }
        Ok(())
    }

    fn escalation_mut(&mut self, escalation: u32) -> Result<&mut Escalation, String> {
        there(self.escalations.iter_mut().find(|e| e.id == escalation), "escalation", escalation)
    }

    fn apply_ladder(&mut self, event: &Event, at: Moment) -> Result<(), String> {
        match event {
            Event::ReviewRecorded { review, person } => self.reviews.push((at, person.clone(), (**review).clone())),
            Event::Escalated { escalation, review, why, rung, to, name, chosen, .. } => {
                let step = (at, rung.clone(), to.clone(), name.clone(), chosen.clone());
                let stands = (rung.clone(), to.clone(), name.clone());
                if let Some(known) = self.escalations.iter_mut().find(|e| e.id == *escalation) {
                    known.steps.push(step);
                    known.at = stands;
                } else {
                    self.escalations.push(Escalation {
                        id: *escalation,
                        review: *review,
                        why: why.clone(),
                        since: at,
                        at: stands,
                        steps: vec![step],
                        advice: Vec::new(),
                        attending: None,
                        committee: Vec::new(),
                        closed: None,
                    });
                }
            }
            Event::Advised { escalation, person, name, advice, rationale } => {
                let advice = (at, person.clone(), name.clone(), advice.clone(), rationale.clone());
                self.escalation_mut(*escalation)?.advice.push(advice);
            }
            Event::AttendingAnswered { escalation, attending, view, at: given, .. } => {
                self.escalation_mut(*escalation)?.attending = Some((*given, view.clone(), attending.clone()));
            }
            Event::CommitteeDetermined { escalation, person, name, necessary, .. } => {
                let voice = (at, person.clone(), name.clone(), *necessary);
                self.escalation_mut(*escalation)?.committee.push(voice);
            }
            Event::EscalationClosed { escalation, outcome } => {
                self.escalation_mut(*escalation)?.closed = Some((at, outcome.clone()));
            }
            _ => {}
        }
        Ok(())
    }

    fn apply_payer(&mut self, event: &Event, recorded: Moment) -> Result<(), String> {
        match event {
            Event::PayerNotified { payer, channel, at, reference, late, person } => {
                let known = self.payer_mut(payer);
                known.notified = Some((*at, person.clone(), channel.clone(), reference.clone()));
                known.late.clone_from(late);
            }
            Event::ClinicalsSent { payer, channel, at, confirmation, person, .. } => {
                let sent = (*at, person.clone(), channel.clone(), confirmation.clone());
                self.payer_mut(payer).clinicals.push(sent);
            }
            Event::PayerAsked { payer, ask, days, channel, at, reference, .. } => {
                let asked = (*at, ask.clone(), *days, channel.clone(), reference.clone());
                self.payer_mut(payer).asked.push(asked);
            }
            Event::PayerReviewAsked { payer, what, .. } => {
                self.payer_mut(payer).reviews_asked.push((recorded, what.clone()));
            }
            Event::PayerAnswered { payer, answer, source, person } => {
                let said = (recorded, (**answer).clone(), source.clone(), person.clone());
                self.payer_mut(payer).answers.push(said);
            }
            Event::EvidenceLocked { payer, authorization, approver, approved_at, .. } => {
                self.payer_mut(payer).locked = Some((authorization.clone(), approver.clone(), *approved_at));
            }
            Event::DisputeOpened { dispute, payer, kind, asker, grounds, agreed_for, .. } => {
                self.disputes.push(Dispute {
                    id: *dispute,
                    payer_id: payer.clone(),
                    kind: kind.clone(),
                    asker: asker.clone(),
                    grounds: grounds.clone(),
                    agreed_for: *agreed_for,
                    opened_at: recorded,
                    ended: None,
                });
            }
            Event::DisputeEnded { dispute, end, words, .. } => {
                let known = self.disputes.iter_mut().find(|d| d.id == *dispute);
                there(known, "dispute", *dispute)?.ended = Some((recorded, end.clone(), words.clone()));
            }
            _ => {}
        }
        Ok(())
    }

    fn apply_notice(&mut self, event: &Event, recorded: Moment) -> Result<(), String> {
        match event {
            Event::NoticeOwed { notice, kind, why, cite, before } => self.notices.push(NoticeState {
                id: *notice,
                kind: kind.clone(),
                why: why.clone(),
                cite: cite.clone(),
                owed_at: recorded,
                before: *before,
                prepared: None,
                delivered: None,
                ended: None,
            }),
            Event::NoticePrepared { notice, fields, person } => {
                let known = self.notices.iter_mut().find(|n| n.id == *notice);
                there(known, "notice", *notice)?.prepared = Some((recorded, person.clone(), fields.clone()));
            }
            Event::NoticeDelivered { notice, delivery, person } => {
                let known = self.notices.iter_mut().find(|n| n.id == *notice);
                there(known, "notice", *notice)?.delivered = Some((person.clone(), (**delivery).clone()));
            }
            Event::NoticeEnded { notice, why } => {
                let known = self.notices.iter_mut().find(|n| n.id == *notice);
                there(known, "notice", *notice)?.ended = Some((recorded, why.clone()));
            }
            _ => {}
        }
        Ok(())
    }

    fn appeal_mut(&mut self, about: &AppealOf) -> Result<&mut QioAppeal, String> {
        let appeal = if *about == AppealOf::ChangeOfStatus { &mut self.change_appeal } else { &mut self.qio };
        appeal.as_mut().ok_or_else(|| "there is no appeal".to_owned())
    }

    fn apply_appeal(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::QioCalled { about, called_at, told_at, timely, person } => {
                let appeal = Some(QioAppeal {
                    called_at: *called_at,
                    learned_by: person.clone(),
                    told_at: *told_at,
                    timely: *timely,
                    records_at: None,
                    decided: None,
                    reconsidered: None,
                    liable_from: None,
                });
                let stands = if *about == AppealOf::ChangeOfStatus { &mut self.change_appeal } else { &mut self.qio };
                let before = std::mem::replace(stands, appeal);
                self.earlier_appeals.extend(before.map(|before| (about.clone(), before)));
            }
            Event::QioRecordsSent { about, at, .. } => self.appeal_mut(about)?.records_at = Some(*at),
            Event::QioReconsiderationAsked { at, timely, .. } => {
                let again = Reconsideration { asked_at: *at, timely: *timely, decided: None };
                self.appeal_mut(&AppealOf::ChangeOfStatus)?.reconsidered = Some(again);
            }
            Event::QioDecided { about, at, discharge_upheld, words, liable_from, .. } => {
                let appeal = self.appeal_mut(about)?;
                let decided = Some((*at, *discharge_upheld, words.clone()));
                match &mut appeal.reconsidered {
                    Some(again) => again.decided = decided,
                    None => appeal.decided = decided,
                }
                appeal.liable_from = *liable_from;
            }
            _ => {}
        }
        Ok(())
    }

    fn apply_discharge(&mut self, event: &Event, recorded: Moment) -> Result<(), String> {
        match event {
            Event::PostAcuteAsked { request, kind, payer, facility, at, person } => self.post_acute.push(PostAcute {
                id: *request,
                kind: kind.clone(),
                payer_id: payer.clone(),
                facility: facility.clone(),
                steps: vec![(*at, PostAcuteStep::Requested, person.clone(), None, String::new())],
            }),
            Event::PostAcuteMoved { request, step, said_by, authorization, words, at, .. } => {
                let known = self.post_acute.iter_mut().find(|p| p.id == *request);
                let step = (*at, step.clone(), said_by.clone(), authorization.clone(), words.clone());
                there(known, "post-acute request", *request)?.steps.push(step);
            }
            Event::ChoiceGiven { offered, chosen, person, .. } => {
                self.choices.push((recorded, offered.clone(), chosen.clone(), person.clone()));
            }
            Event::BarrierFound { barrier, code, note, person } => self.barriers.push(Barrier {
                id: *barrier,
                code: code.clone(),
                note: note.clone(),
                found: (recorded, person.clone()),
                cleared: None,
            }),
            Event::BarrierCleared { barrier, person } => {
                let known = self.barriers.iter_mut().find(|b| b.id == *barrier);
                there(known, "barrier", *barrier)?.cleared = Some((recorded, person.clone()));
            }
            Event::AvoidableDaysRecorded { stretch, .. } => {
                self.delays.push((**stretch).clone());
                self.delays_made = self.delays_made.max(stretch.id);
            }
            Event::AvoidableDaysWithdrawn { stretch, .. } => {
                let known = self.delays.iter().position(|d| d.id == *stretch);
                self.delays.remove(there(known, "stretch of avoidable days", *stretch)?);
            }
            Event::QueryAsked { query, kind, to, question, because, person } => self.queries.push(Query {
                id: *query,
                kind: kind.clone(),
                to: to.clone(),
                question: question.clone(),
                because: because.clone(),
                asked: (recorded, person.clone()),
                answered: None,
            }),
            Event::QueryAnswered { query, outcome, words, .. } => {
                let known = self.queries.iter_mut().find(|q| q.id == *query);
                there(known, "query", *query)?.answered = Some((recorded, outcome.clone(), words.clone()));
            }
            other => return Err(format!("{} has no meaning here", other.kind())),
        }
        Ok(())
    }
}
