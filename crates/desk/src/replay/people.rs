//! The people of a replay: a provider sends what was asked for, a nurse approves or refers, a physician opens the evidence and
//! signs. Each step is the command of the page, refused where the page would refuse it.

use jiff::SignedDuration;
use vigil_domain::{
    case::{
        Case, Stage,
        command::{Actor, Command, LineDecision},
        event::Queue,
    },
    criteria::Outcome as Met,
    determination::{Finding, Grant, RuleOwner},
    library::Library,
    reason::Reason,
    request::Request,
    time::Moment,
};

use super::{Tally, pool::Entry};
use crate::sim::{
    arrivals::Truth,
    people::{self, Role},
    policy::{ground, in_member_words},
    rng::Rng,
};

/// Steps after which a case is left open.
const STEPS: usize = 12;

/// Who works on the year.
pub(super) struct Staff {
    nurse: Actor,
    physicians: Vec<Actor>,
    manager: Actor,
}

/// The simulation's people of a year.
pub(super) fn staff(year: i16) -> Staff {
    let all = people::staff(&mut Rng::new(1), year);
    let of = |role| all.iter().filter(move |p| p.role == role).map(|p| p.actor.clone());
    let first = |role| of(role).next().expect("the simulation's staff has every role");
    let physicians = of(Role::Physician).take(2).collect();
    Staff { nurse: first(Role::Nurse), physicians, manager: first(Role::Manager) }
}

/// Works on a case until it is determined, or nobody can go on.
pub(super) fn settle(
    library: &Library,
    staff: &Staff,
    mut case: Case,
    entry: &Entry,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Case {
    let mut now = case.request.receipt.received_at;
    for _ in 0..STEPS {
        if case.is_determined() {
            break;
        }
        now += SignedDuration::from_mins(wait(&case, rng));
        let next = match &case.stage {
            Stage::Review { queue: Queue::Administrative, .. } => {
                administrative(library, staff, &case, now, rng, tally)
            }
            Stage::Review { queue: Queue::Nurse, .. } => nurse(library, staff, &case, now, tally),
            Stage::Review { queue: Queue::Physician, .. } => physician(library, staff, &case, &entry.truth, now, tally),
            Stage::Screening => information(library, staff, &case, &entry.truth, now, rng, tally),
            Stage::Determined { .. } => None,
        };
        let Some(next) = next else { break };
        case = next;
    }
    case
}

/// Minutes until somebody looks: an expedited case is looked at within the day, another within three.
fn wait(case: &Case, rng: &mut Rng) -> i64 {
    let expedited = case.urgency == vigil_domain::request::Urgency::Expedited;
    let late = rng.per_mille(8);
    match (expedited, late) {
        (_, true) => rng.between(5_000, 14_000),
        (true, false) => rng.between(20, 900),
        (false, false) => rng.between(60, 3_000),
    }
}

fn administrative(
    library: &Library,
    staff: &Staff,
    case: &Case,
    now: Moment,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Option<Case> {
    let (line, question) = case
        .lines
        .iter()
        .filter(|l| l.outcome.is_none())
        .find_map(|l| Some((l.line.sequence, l.administrative.first()?.clone())))?;
    let by = staff.manager.clone();
    let benefit = question.starts_with("benefit");
    let command = if benefit || rng.per_mille(350) {
        Command::DetermineAdministrative {
            by,
            line,
            reason: if benefit { Reason::BenefitExcluded } else { Reason::Duplicate },
            basis: format!("contract and roster looked up: {question}"),
            plain_reason: "Your plan does not cover this service in this way.".into(),
        }
    } else {
        Command::ClearAdministrative { by, line, finding: "checked: it may go on to review".into() }
    };
    tally.decide(Some(case), command, library, now)
}

/// Approves what is met or unbound, refers the rest.
fn nurse(library: &Library, staff: &Staff, case: &Case, now: Moment, tally: &mut Tally) -> Option<Case> {
    let by = staff.nurse.clone();
    let met = |l: &vigil_domain::case::LineState| l.evaluation.as_ref().is_none_or(|e| e.trace.result == Met::Met);
    if case.open_lines().all(met) {
        let approve = Command::Approve {
            by: by.clone(),
            lines: Vec::new(),
            grant: None,
            why: "the documents show the need".into(),
        };
        if let Some(approved) = tally.decide(Some(case), approve, library, now) {
            return Some(approved);
        }
    }
    let why = "a criterion is not met or open: please decide".into();
    tally.decide(Some(case), Command::Refer { by, why }, library, now)
}

fn physician(
    library: &Library,
    staff: &Staff,
    case: &Case,
    truth: &[Truth],
    now: Moment,
    tally: &mut Tally,
) -> Option<Case> {
    for by in &staff.physicians {
        let mut read = case.clone();
        for evidence in case.evidence() {
            let open = Command::OpenEvidence { by: by.clone(), evidence };
            read = tally.decide(Some(&read), open, library, now)?;
        }
        let command = Command::Determine {
            by: by.clone(),
            decisions: decisions(library, case, truth),
            attests_no_conflict: true,
            expertise: Some("twelve years of practice with patients who need this service".into()),
        };
        if let Some(determined) = tally.decide(Some(&read), command, library, now) {
            return Some(determined);
        }
    }
    None
}

fn decisions(library: &Library, case: &Case, truth: &[Truth]) -> Vec<LineDecision> {
    case.open_lines()
        .map(|state| {
            let line = state.line.sequence;
            let on = ground(state, library);
            let (false, Some(on)) = (truth.iter().find(|t| t.line == line).is_none_or(|t| t.met), on) else {
                let grant =
                    Grant { authorization: String::new(), quantity: None, from: None, through: None, service: None };
                return LineDecision::Approve { line, grant };
            };
            let finding = Finding {
                line,
                reason: Reason::NotMedicallyNecessary,
                rationale: "The record was read in full; the criterion named here is not shown to be met.".into(),
                plain_reason: in_member_words(case.letter_language()).into(),
                criterion: Some(on),
                whose: Some(RuleOwner::PlanPolicy),
            };
            LineDecision::Deny { finding }
        })
        .collect()
}

/// Four times in five what was asked for comes; else a person refers what is here.
fn information(
    library: &Library,
    staff: &Staff,
    case: &Case,
    truth: &[Truth],
    now: Moment,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Option<Case> {
    if case.awaiting.is_some() && rng.per_mille(800) {
        let mut request = Request { items: Vec::new(), documents: Vec::new(), ..case.request.clone() };
        (request.receipt.received_at, request.receipt.entered_at) = (now, now);
        request.receipt.proof = "information".into();
        let on = case.contract.zone.day(now);
        for line in truth {
            request.items.extend(line.hidden.iter().map(|(id, value)| line.service.answer(id, value.clone(), on)));
        }
        let command = Command::ReceiveInformation { request: Box::new(request), complete: true };
        if let Some(next) = tally.decide(Some(case), command, library, now) {
            return Some(next);
        }
    }
    let why = "what was asked for has not come: decide on what is here".into();
    tally.decide(Some(case), Command::Refer { by: staff.nurse.clone(), why }, library, now)
}
