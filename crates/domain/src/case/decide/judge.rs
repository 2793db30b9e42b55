//! The order of judgement of each line (DECISIONS 4): eligibility was settled before the case was made; then: is review
//! required, benefit and limits, network, other coverage, duplicate or overlap, criteria. Automation may approve, ask or
//! refer; nothing here can deny.

use super::{Draft, standing};
use crate::{
    authority::Automation,
    case::{
        Case,
        event::{Event, Queue},
        refusal::Refused,
    },
    criteria::{self, Evidence, Facts, Ground, Outcome as Met, Service, Trace},
    determination::{Approver, Grant, Outcome},
    request::ServiceLine,
};

/// What is to be done with a line after automation has looked at it.
enum Next {
    Answered,
    Administrative(String),
    Nurse(String),
    Ask { wanted: Vec<String>, facts: Vec<String> },
}

/// Judges every open line and sends the case where its lines need it.
pub(super) fn lines(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let open: Vec<u32> = draft.case().open_lines().map(|l| l.line.sequence).collect();
    let mut administrative: Vec<(u32, String)> = Vec::new();
    let mut nurse: Vec<(u32, String)> = Vec::new();
    let mut asked: Vec<u32> = Vec::new();
    let (mut wanted, mut facts) = (Vec::new(), Vec::new());
    for sequence in open {
        match line(draft, sequence)? {
            Next::Answered => {}
            Next::Administrative(why) => administrative.push((sequence, why)),
            Next::Nurse(why) => nurse.push((sequence, why)),
            Next::Ask { wanted: w, facts: f } => {
                asked.push(sequence);
                wanted.extend(w.into_iter().filter(|x| !wanted.contains(x)).collect::<Vec<_>>());
                facts.extend(f);
            }
        }
    }
    for (sequence, why) in &administrative {
        draft.emit(Event::Queued { queue: Queue::Administrative, lines: vec![*sequence], why: why.clone() })?;
    }
    if administrative.is_empty() && !nurse.is_empty() {
        let lines = nurse.iter().map(|(l, _)| *l).chain(asked.iter().copied()).collect();
        let why = nurse.into_iter().next().map(|(_, why)| why).unwrap_or_default();
        draft.emit(Event::Queued { queue: Queue::Nurse, lines, why })?;
    } else if administrative.is_empty() && !asked.is_empty() {
        super::information::ask_by_automation(draft, wanted, facts)?;
    }
    if draft.case().is_determined() {
        super::determine::finish(draft)?;
    }
    Ok(())
}

fn line(draft: &mut Draft<'_>, sequence: u32) -> Result<Next, Refused> {
    let case = draft.case();
    let Some(state) = case.line(sequence) else { return Ok(Next::Answered) };
    let asked = state.line.clone();
    if asked.cancelled {
        let outcome = Outcome::Cancelled { by: case.request.receipt.proof.clone() };
        draft.emit(Event::LineDetermined { line: sequence, outcome: Box::new(outcome), by: "sender".into() })?;
        return Ok(Next::Answered);
    }
    let on = case.received_on();
    let needed = draft.books.requirements.needed(&asked, &case.contract.line_of_business, &case.contract.plan_id, on);
    draft.emit(Event::RequirementJudged {
        line: sequence,
        answer: needed.needed.word().to_owned(),
        cite: needed.citation.clone(),
        says: needed.says.clone(),
        service: needed.criteria.clone(),
    })?;
    if !needed.review {
        let outcome = Outcome::NoReviewRequired { cite: needed.citation, says: needed.says };
        draft.emit(Event::LineDetermined { line: sequence, outcome: Box::new(outcome), by: "automation".into() })?;
        return Ok(Next::Answered);
    }
    if let Some(why) = administrative(draft.case(), &asked) {
        return Ok(Next::Administrative(why));
    }
    clinical(draft, &asked)
}

/// Eligibility as stated, benefit, network, other coverage, duplicate: a person looks, and is told every question there is;
/// nothing is answered by machine.
fn administrative(case: &Case, line: &ServiceLine) -> Option<String> {
    let mut asked = standing::questions(case, line);
    asked.extend(plan_questions(case, line));
    (!asked.is_empty()).then(|| asked.join("; "))
}

fn plan_questions(case: &Case, line: &ServiceLine) -> Option<String> {
    if line.codes().any(|code| case.contract.excluded_services.iter().any(|x| x.same(code))) {
        return Some(format!("benefit: {} is on the plan's list of exclusions", line.service.value));
    }
    if case.contract.network_only && case.in_network == Some(false) {
        return Some("network: the servicing provider is not in the plan's network".into());
    }
    if let Some(other) = &case.other_coverage {
        return Some(format!("other coverage: {other}"));
    }
    case.overlaps
        .iter()
        .find(|o| o.line == line.sequence)
        .map(|o| format!("possible duplicate of {}: {}", o.case, o.why))
}

/// Where the law wants the reviewer's own finding first, the reason on the pile gives no verdict away: it is one and the
/// same whatever the criteria came to.
fn clinical(draft: &mut Draft<'_>, asked: &ServiceLine) -> Result<Next, Refused> {
    match by_criteria(draft, asked)? {
        Next::Nurse(why) if why != NOTHING_BINDS && automation(draft).verdict_hidden => {
            Ok(Next::Nurse(OWN_FINDING_FIRST.into()))
        }
        next => Ok(next),
    }
}

fn by_criteria(draft: &mut Draft<'_>, asked: &ServiceLine) -> Result<Next, Refused> {
    let sequence = asked.sequence;
    let Some(found) = evaluate(draft, sequence)? else {
        return Ok(Next::Nurse(NOTHING_BINDS.into()));
    };
    let automation = automation(draft);
    match found.result {
        Met::Met if !automation.may_approve => {
            Ok(Next::Nurse("criteria met; the rules of this jurisdiction leave the approval to a person".into()))
        }
        Met::Met if found.approvable => {
            let case = draft.case();
            let grant = as_asked(case, asked);
            let by = Approver::Automation { service: found.service, pack: found.pack };
            let outcome = Outcome::Approved { grant, by };
            draft.emit(Event::LineDetermined {
                line: sequence,
                outcome: Box::new(outcome),
                by: "automation".into(),
            })?;
            Ok(Next::Answered)
        }
        Met::Met => Ok(Next::Nurse("criteria met, but on a source that was not read: a person confirms".into())),
        Met::NotMet => Ok(Next::Nurse(format!("not met: {}", found.open))),
        Met::Unknown if draft.case().has_unread() => {
            Ok(Next::Nurse(format!("unread documents may answer: {}", found.open)))
        }
        Met::Unknown if found.facts.is_empty() => Ok(Next::Nurse("criteria cannot be judged by machine".into())),
        Met::Unknown => Ok(Next::Ask { wanted: found.wanted, facts: found.facts }),
    }
}

/// Said of a line that no criteria speak of.
const NOTHING_BINDS: &str = "no criteria bind here: a person decides";

/// Said of a case whose machine verdict stays hidden until a person has found for herself.
const OWN_FINDING_FIRST: &str = "for initial clinical review: here the law wants a person's own finding first";

/// What the authority books let automation do here (never deny, whatever they say).
fn automation(draft: &Draft<'_>) -> Automation {
    let contract = &draft.case().contract;
    let day = contract.zone.day(draft.now);
    let accreditation = contract.accreditation.as_deref();
    draft.books.authority.automation(&contract.line_of_business, &contract.jurisdiction(), accreditation, day)
}

/// What an evaluation found, for the next step.
pub(super) struct Found {
    service: String,
    pack: String,
    result: Met,
    approvable: bool,
    /// What the answer hangs on, in words.
    open: String,
    wanted: Vec<String>,
    facts: Vec<String>,
}

/// Evaluates the binding pack of a line, if any, and drafts what came of it.
pub(super) fn evaluate(draft: &mut Draft<'_>, sequence: u32) -> Result<Option<Found>, Refused> {
    let case = draft.case();
    let Some(state) = case.line(sequence) else { return Ok(None) };
    let on = case.received_on();
    let age = case.member.age_on(on);
    let contract = &case.contract;
    let binding = draft.books.criteria.binding(&state.line, &contract.line_of_business, &contract.contractors, age, on);
    let Some(bound) = binding.only() else {
        let mut why: Vec<String> = binding.apart.iter().map(|a| format!("{}: {}", a.service, a.why)).collect();
        why.extend(binding.bound.iter().map(|b| format!("{}: binds too; a person chooses", b.service.definition().id)));
        why.extend(binding.individual.iter().map(|i| format!("{} ({})", i.says, i.cite)));
        draft.emit(Event::NoCriteriaBind { line: sequence, why })?;
        return Ok(None);
    };
    let service = bound.service.clone();
    let facts = Facts::gather(
        &service,
        &Evidence {
            items: &case.request.items,
            reviewed: &case.stated,
            age,
            sex: Some(&case.member.sex),
            on,
            until: contract.zone.day(draft.now).max(on),
            zone: Some(&contract.zone),
        },
    );
    let trace = criteria::evaluate_where(&service, &facts, bound.authorities);
    let ask: Vec<String> = trace.to_ask().map(ToString::to_string).collect();
    let wanted = ask.iter().filter_map(|id| service.fact(id)).map(|fact| question(fact, &trace)).collect();
    let found = Found {
        service: service.definition().id.clone(),
        pack: service.digest().clone(),
        result: trace.result,
        approvable: trace.approvable,
        open: what_is_open(&service, &trace),
        wanted,
        facts: ask,
    };
    draft.emit(Event::CriteriaEvaluated {
        line: sequence,
        service: service.definition().id.clone(),
        version: service.definition().version.clone(),
        pack: service.digest().clone(),
        trace: Box::new(trace),
    })?;
    Ok(Some(found))
}

/// The question as it is asked for; where something was said that does not count, with why.
fn question(fact: &criteria::FactDef, trace: &Trace) -> String {
    match trace.aside(&fact.id).next() {
        None => fact.question.clone(),
        Some(why) => format!("{} (what came does not count: {})", fact.question, why.says()),
    }
}

/// Criteria named on the pile; a person reads the rest on the case.
const NAMED: usize = 3;

/// What the answer hangs on, in the criteria's own sentences: what is not met where that settles it, else what is open; never
/// a branch that a met one beside it makes idle.
fn what_is_open(service: &Service, trace: &Trace) -> String {
    let leaves = service.leaves(trace);
    let is = |ground: &Ground, result: Met| leaves.iter().any(|l| l.says == ground.says && l.result == result);
    let grounds = service.grounds(trace);
    let settled: Vec<&Ground> = grounds.iter().filter(|ground| is(ground, trace.result)).collect();
    let grounds = if settled.is_empty() { grounds.iter().collect() } else { settled };
    let mut named: Vec<&str> = grounds.iter().take(NAMED).map(|ground| ground.says.trim_end_matches('.')).collect();
    let rest = grounds.len().saturating_sub(NAMED);
    let more = format!("and {rest} more");
    if rest > 0 {
        named.push(&more);
    }
    named.join("; ")
}

/// The grant that gives exactly what was asked.
pub(super) fn as_asked(case: &Case, line: &ServiceLine) -> Grant {
    let issued = case.contract.zone.day(case.request.receipt.received_at);
    // What a proposed cut leaves goes on under the number it was approved by.
    let number = case.request.cut.as_ref().map_or(&case.authorization, |cut| &cut.authorization);
    Grant {
        authorization: number.clone(),
        quantity: line.quantity.clone(),
        from: line.from.or(Some(issued)),
        through: line.through,
        service: None,
    }
}
