//! (Case, Event) -> Case, or [`IllegalEvent`]: a corrupt or hand-edited log is found on load, not in a letter.

use std::collections::BTreeMap;

use super::{
    Awaiting, Case, Clock, Composed, Continuation, Evaluation, LineState, NoticeState, PeerToPeer, Requirement, Stage,
    event::{Event, Queue},
};
use crate::{
    determination::Opened,
    request::{Request, ServiceLine, Urgency},
    time::Moment,
};

/// The event does not fit the case it claims to have happened to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {kind} at version {version} does not fit the case: {why}")]
pub struct IllegalEvent {
    /// The event's kind.
    pub kind: &'static str,
    /// The case's version before it.
    pub version: u64,
    /// Why.
    pub why: String,
}

/// Applies one event that was recorded at a moment.
pub fn evolve(case: Option<Case>, event: &Event, at: Moment) -> Result<Case, IllegalEvent> {
    let Some(mut case) = case else { return born(event, at) };
    let version = case.version;
    case.apply(event, at).map_err(|why| IllegalEvent { kind: event.kind(), version, why })?;
    case.version += 1;
    Ok(case)
}

fn born(event: &Event, _at: Moment) -> Result<Case, IllegalEvent> {
    let Event::RequestReceived {
        case,
        authorization,
        request,
        member,
        coverage,
        contract,
        in_network,
        other_coverage,
        overlaps,
        library,
        scenario,
    } = event
    else {
        return Err(IllegalEvent { kind: event.kind(), version: 0, why: "a case begins with request_received".into() });
    };
    Ok(Case {
        id: case.clone(),
        version: 1,
        authorization: authorization.clone(),
        lines: fresh_lines(request),
        urgency: request.urgency.clone(),
        request: (**request).clone(),
        eligibility_open: member.provisional,
        member: (**member).clone(),
        coverage: (**coverage).clone(),
        contract: (**contract).clone(),
        in_network: *in_network,
        other_coverage: other_coverage.clone(),
        overlaps: overlaps.clone(),
        earlier_unknown: !request.updates.is_empty(),
        stage: Stage::Screening,
        clocks: Vec::new(),
        awaiting: None,
        owner: None,
        stated: Vec::new(),
        opened: Vec::new(),
        reviewers: Vec::new(),
        notices: Vec::new(),
        peer_to_peer: None,
        received: Vec::new(),
        asked_for: Vec::new(),
        expedite_declined: None,
        library: library.clone(),
        scenario: scenario.clone(),
        proposed_cuts: Vec::new(),
        continuation: None,
    })
}

fn fresh_lines(request: &Request) -> Vec<LineState> {
    request.lines.iter().map(fresh_line).collect()
}

fn fresh_line(line: &ServiceLine) -> LineState {
    LineState {
        line: line.clone(),
        requirement: None,
        evaluation: None,
        unbound: Vec::new(),
        administrative: Vec::new(),
        outcome: None,
        decided_at: None,
        before: None,
    }
}

impl Case {
    fn apply(&mut self, event: &Event, at: Moment) -> Result<(), String> {
        match event {
            Event::RequestReceived { .. } => return Err("the case has begun already".into()),
            Event::RequestUpdated { request } => self.update(request),
            Event::ClockStarted { .. }
            | Event::ClockTolled { .. }
            | Event::ClockResumed { .. }
            | Event::ClockExtended { .. }
            | Event::ClockSatisfied { .. }
            | Event::ClockEnded { .. }
            | Event::ClockWarned { .. }
            | Event::ClockLapsed { .. } => self.apply_clock(event, at)?,
            Event::RequirementJudged { line, answer, cite, says, .. } => {
                self.line_mut(*line)?.requirement =
                    Some(Requirement { answer: answer.clone(), cite: cite.clone(), says: says.clone() });
            }
            Event::CriteriaEvaluated { line, service, version, pack, trace } => {
                self.line_mut(*line)?.evaluation = Some(Evaluation {
                    service: service.clone(),
                    version: version.clone(),
                    pack: pack.clone(),
                    at,
                    trace: (**trace).clone(),
                });
            }
            Event::NoCriteriaBind { line, why } => self.line_mut(*line)?.unbound.clone_from(why),
            Event::LineDetermined { line, outcome, by } => self.determine(*line, outcome, by, at)?,
            Event::CaseDetermined => {
                if !self.is_determined() {
                    return Err("a line has no answer yet".into());
                }
                self.stage = Stage::Determined { at };
                self.awaiting = None;
            }
            Event::NoticeRequired { .. }
            | Event::NoticeComposed { .. }
            | Event::NoticeHeld { .. }
            | Event::NoticeFilled { .. }
            | Event::NoticeDelivered { .. } => self.apply_notice(event, at)?,
            _ => self.apply_work(event, at)?,
        }
        Ok(())
    }

    fn apply_work(&mut self, event: &Event, at: Moment) -> Result<(), String> {
        match event {
            Event::Queued { queue, lines, why } => self.queue(*queue, lines, why, at)?,
            Event::AdministrativeCleared { line, .. } => self.line_mut(*line)?.administrative.clear(),
            Event::Taken { person, name } => {
                self.owner = Some((person.clone(), name.clone()));
                self.took_part(person);
            }
            Event::Released { .. } => self.owner = None,
            Event::EvidenceOpened { person, evidence } => {
                self.took_part(person);
                self.opened.push((person.clone(), Opened { evidence: evidence.clone(), at }));
            }
            Event::FactsStated { person, facts } => {
                self.took_part(person);
                self.stated.extend(facts.iter().cloned());
            }
            Event::Noted { .. } | Event::OutreachLogged { .. } => {}
            Event::InformationRequested { by, from, wanted, facts, .. } => {
                self.asked_for.clone_from(wanted);
                self.awaiting = Some(Awaiting {
                    from: from.clone(),
                    wanted: wanted.clone(),
                    facts: facts.clone(),
                    since: at,
                    by: by.clone(),
                });
            }
            Event::InformationReceived { receipt, items, documents, complete } => {
                self.received.push(receipt.clone());
                if !items.is_empty() {
                    self.unread_statements();
                }
                self.request.items.extend(items.iter().cloned());
                self.request.documents.extend(documents.iter().cloned());
                if *complete {
                    self.awaiting = None;
                }
            }
            Event::Referred { person, why } => {
                self.took_part(person);
                self.owner = None;
                self.stage = Stage::Review { queue: Queue::Physician, why: why.clone(), since: at };
            }
            Event::Returned { why, .. } => {
                self.owner = None;
                self.stage = Stage::Review { queue: Queue::Nurse, why: why.clone(), since: at };
            }
            Event::Expedited { .. } => self.urgency = Urgency::Expedited,
            Event::ExpediteDeclined { why, .. } => {
                self.urgency = Urgency::Standard;
                self.expedite_declined = Some(why.clone());
            }
            Event::PeerToPeerScheduled { at, with, .. } => {
                self.peer_to_peer = Some(PeerToPeer { at: *at, with: with.clone(), held: None });
            }
            Event::PeerToPeerRecorded { outcome, summary, .. } => {
                let talk = self.peer_to_peer.as_mut().ok_or("no peer-to-peer talk was agreed")?;
                talk.held = Some((*outcome, summary.clone()));
            }
            Event::CutProposed { .. } | Event::CutPostponed { .. } | Event::ContinuationAsked { .. } => {
                self.apply_cut(event)?;
            }
            Event::EligibilityConfirmed { .. } => self.eligibility_open = false,
            other => return Err(format!("{} is not a work event", other.kind())),
        }
        Ok(())
    }

    fn apply_cut(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::CutProposed { line, case, .. } => {
                self.line_mut(*line)?;
                self.proposed_cuts.push((*line, case.clone()));
                Ok(())
            }
            Event::CutPostponed { person, effective_on, .. } => {
                self.took_part(person);
                self.request.cut.as_mut().ok_or("this case decides no cut")?.effective_on = *effective_on;
                Ok(())
            }
            Event::ContinuationAsked { asked_by, asked_at, timely, rule, cite, .. } => {
                self.continuation = Some(Continuation {
                    asked_at: *asked_at,
                    asked_by: asked_by.clone(),
                    timely: *timely,
                    rule: rule.clone(),
                    cite: cite.clone(),
                });
                Ok(())
            }
            other => Err(format!("{} is not about a cut", other.kind())),
        }
    }

    fn apply_clock(&mut self, event: &Event, at: Moment) -> Result<(), String> {
        if let Event::ClockStarted { clock, watches, pin, from, started_at, due_at, warn_at, day_clock } = event {
            if self.clocks.iter().any(|c| c.id == *clock) {
                return Err(format!("clock {clock} runs already"));
            }
            self.clocks.push(Clock {
                id: *clock,
                watches: *watches,
                pin: pin.clone(),
                from: from.clone(),
                started_at: *started_at,
                due_at: *due_at,
                first_due_at: *due_at,
                warn_at: *warn_at,
                day_clock: *day_clock,
                stops: Vec::new(),
                extension: None,
                extended_under: None,
                warned_at: None,
                satisfied_at: None,
                lapsed: None,
                ended: None,
            });
            return Ok(());
        }
        let (Event::ClockTolled { clock, .. }
        | Event::ClockResumed { clock, .. }
        | Event::ClockExtended { clock, .. }
        | Event::ClockSatisfied { clock, .. }
        | Event::ClockEnded { clock, .. }
        | Event::ClockWarned { clock }
        | Event::ClockLapsed { clock, .. }) = event
        else {
            return Err("not a clock event".into());
        };
        let c = self.clocks.iter_mut().find(|c| c.id == *clock).ok_or(format!("clock {clock} is unknown"))?;
        if !c.is_open() {
            return Err(format!("clock {clock} is over"));
        }
        c.apply(event, at)
    }

    fn apply_notice(&mut self, event: &Event, at: Moment) -> Result<(), String> {
        if let Event::NoticeRequired { notice, purpose, lines, to } = event {
            self.notices.push(NoticeState {
                id: *notice,
                purpose: *purpose,
                to: *to,
                lines: lines.clone(),
                required_at: at,
                composed: None,
                held: Vec::new(),
                filled: BTreeMap::new(),
                deliveries: Vec::new(),
            });
            return Ok(());
        }
        let (Event::NoticeComposed { notice, .. }
        | Event::NoticeHeld { notice, .. }
        | Event::NoticeFilled { notice, .. }
        | Event::NoticeDelivered { notice, .. }) = event
        else {
            return Err("not a notice event".into());
        };
        let n = self.notices.iter_mut().find(|n| n.id == *notice).ok_or(format!("notice {notice} is unknown"))?;
        match event {
            Event::NoticeComposed { template, template_digest, document, language, reading_level, .. } => {
                n.held.clear();
                n.composed = Some(Composed {
                    template: template.clone(),
                    template_digest: template_digest.clone(),
                    document: document.clone(),
                    language: language.clone(),
                    reading_level: *reading_level,
                    at,
                });
            }
            Event::NoticeHeld { missing, .. } => n.held.clone_from(missing),
            Event::NoticeFilled { fields, .. } => n.filled.extend(fields.clone()),
            Event::NoticeDelivered { delivery, .. } => {
                if n.composed.is_none() && !delivery.is_oral() {
                    return Err("a notice that was not composed cannot be delivered".into());
                }
                n.deliveries.push((at, delivery.clone()));
            }
            _ => {}
        }
        Ok(())
    }

    fn determine(
        &mut self,
        line: u32,
        outcome: &crate::determination::Outcome,
        by: &str,
        at: Moment,
    ) -> Result<(), String> {
        if by != "automation" {
            self.took_part(by);
        }
        let state = self.line_mut(line)?;
        if state.outcome.is_some() {
            return Err(format!("line {line} is final"));
        }
        state.outcome = Some(outcome.clone());
        state.decided_at = Some(at);
        Ok(())
    }

    fn queue(&mut self, queue: Queue, lines: &[u32], why: &str, at: Moment) -> Result<(), String> {
        if queue == Queue::Administrative {
            for line in lines {
                self.line_mut(*line)?.administrative.push(why.to_owned());
            }
        }
        self.stage = Stage::Review { queue, why: why.to_owned(), since: at };
        Ok(())
    }

    fn update(&mut self, request: &Request) {
        if self.is_determined() {
            // Whoever decided it is done with it; what is asked anew is anybody's.
            self.owner = None;
        }
        // A change that reached this case names one that is known.
        self.earlier_unknown = false;
        for line in &request.lines {
            match self.lines.iter_mut().find(|l| l.line.sequence == line.sequence) {
                Some(state) if state.line == *line => {}
                Some(state) => {
                    let before = state.outcome.take().or(state.before.take());
                    *state = LineState { before, ..fresh_line(line) };
                }
                None => self.lines.push(fresh_line(line)),
            }
        }
        self.keep_what_came_before(request);
        if !self.is_determined() {
            self.stage = Stage::Screening;
        }
    }

    /// An update says what is asked now. When it was first received, the numbers it is known by and the evidence that came
    /// earlier stay; new statements have not been read by anybody.
    fn keep_what_came_before(&mut self, request: &Request) {
        let earlier = std::mem::replace(&mut self.request, request.clone());
        self.received.push(std::mem::replace(&mut self.request.receipt, earlier.receipt));
        for identifier in earlier.identifiers {
            if !self.request.identifiers.contains(&identifier) {
                self.request.identifiers.push(identifier);
            }
        }
        let new_documents = std::mem::replace(&mut self.request.documents, earlier.documents);
        for document in new_documents {
            if document.digest.is_none() || self.request.documents.iter().all(|d| d.digest != document.digest) {
                self.request.documents.push(document);
            }
        }
        if request.items.iter().any(|item| !earlier.items.contains(item)) {
            self.unread_statements();
        }
        for item in earlier.items {
            if self.request.items.iter().all(|i| i.place != item.place) {
                self.request.items.push(item);
            }
        }
    }

    /// Statements were added: whoever looked before has not seen them.
    fn unread_statements(&mut self) {
        self.opened.retain(|(_, opened)| opened.evidence != super::STATEMENTS);
    }

    fn took_part(&mut self, person: &str) {
        if !self.reviewers.iter().any(|r| r == person) {
            self.reviewers.push(person.to_owned());
        }
    }

    fn line_mut(&mut self, sequence: u32) -> Result<&mut LineState, String> {
        self.lines.iter_mut().find(|l| l.line.sequence == sequence).ok_or(format!("line {sequence} is unknown"))
    }
}

impl Clock {
    fn apply(&mut self, event: &Event, at: Moment) -> Result<(), String> {
        match event {
            Event::ClockTolled { .. } if self.is_tolled() => return Err("it is stopped already".into()),
            Event::ClockTolled { .. } => self.stops.push((at, None)),
            Event::ClockResumed { due_at, warn_at, .. } => {
                match self.stops.last_mut() {
                    Some((_, until @ None)) => *until = Some(at),
                    _ => return Err("it is not stopped".into()),
                }
                (self.due_at, self.warn_at, self.warned_at) = (*due_at, *warn_at, None);
            }
            Event::ClockExtended { days, condition, reason, due_at, warn_at, .. } => {
                self.extended_under.clone_from(condition);
                self.extension = Some((*days, at, reason.clone()));
                (self.due_at, self.warn_at, self.warned_at) = (*due_at, *warn_at, None);
            }
            Event::ClockSatisfied { .. } => self.satisfied_at = Some(at),
            Event::ClockEnded { why, .. } => self.ended = Some((at, why.clone())),
            Event::ClockWarned { .. } => self.warned_at = Some(at),
            Event::ClockLapsed { .. } if self.lapsed.is_some() => return Err("it lapsed already".into()),
            Event::ClockLapsed { effect, cite, .. } => self.lapsed = Some((at, *effect, cite.clone())),
            other => return Err(format!("{} is not a clock event", other.kind())),
        }
        Ok(())
    }
}
