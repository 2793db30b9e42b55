//! Condition code 44, and the bill of a finished stay: guided procedures that check each condition in order, refuse with the
//! unmet one, and say what follows. No order is dated back.

use super::{Draft, must_say, refuse, status};
use crate::{
    status::{BillFlag, Met, Procedure, Step},
    stay::{
        command::Actor,
        event::Event,
        procedure::{Condition, Passed, ProcedureKind},
        refusal::{Refusal, Refused},
    },
    time::Moment,
};

/// The conditions that hold before the status is changed; the written notices follow the change, and the bill follows all.
const BEFORE_THE_CHANGE: usize = 5;

/// Condition code 44: the change itself. The letters it makes owed are given before the patient leaves.
pub(super) fn change_to_outpatient(
    draft: &mut Draft<'_>,
    by: &Actor,
    observation_order_at: Option<Moment>,
) -> Result<(), Refused> {
    if draft.stay().changed_at().is_some() {
        return refuse(Refusal::house("cc44.done", "The status was changed already.", "Nothing to do."));
    }
    let determined = last_determination(draft).unwrap_or(draft.now);
    if observation_order_at.is_some_and(|at| at < determined) {
        return refuse(Refusal::law(
            "ST-01",
            "42 CFR 412.3(a)-(c)",
            "The observation order would be dated before the determination; no order is dated back.",
            "Observation counts from an order written now; hours before it are no observation hours.",
        ));
    }
    let procedure = status::condition_code_44(draft, observation_order_at);
    let refused = unmet(&procedure, BEFORE_THE_CHANGE);
    if !refused.is_empty() {
        return Err(refused);
    }
    let (passed, person) = (Box::new(kept(procedure)), by.person.clone());
    draft.emit(Event::ProcedurePassed { procedure: ProcedureKind::ConditionCode44, passed, person })
}

fn last_determination(draft: &Draft<'_>) -> Option<Moment> {
    draft.stay().escalations.iter().flat_map(|e| e.committee.iter().map(|(at, ..)| *at)).max()
}

/// The unmet conditions among the first so many, first of all those that are shown not to hold.
fn unmet(procedure: &Procedure, first: usize) -> Refused {
    let steps = || procedure.steps.iter().take(first);
    let refusal =
        |s: &Step| Refusal::law(format!("{}.{}", procedure.id, s.id), s.cite.clone(), s.why.clone(), s.instead.clone());
    let against = steps().filter(|s| s.met == Met::NotMet);
    against.chain(steps().filter(|s| s.met == Met::Unknown)).map(refusal).collect()
}

/// The procedure as the log keeps it.
fn kept(procedure: Procedure) -> Passed {
    let condition = |s: Step| Condition {
        id: s.id,
        question: s.question,
        met: s.met.word().to_owned(),
        why: s.why,
        cite: s.cite,
        confidence: s.confidence.word().to_owned(),
    };
    let letters = procedure.produces.letters.iter().map(|l| format!("{} to {}", l.notice, l.to)).collect();
    let flag = |f: &BillFlag| {
        let span = f.from.map(|from| format!(" {from} to {}", f.through.unwrap_or(from))).unwrap_or_default();
        let units = f.units.map(|n| format!(" x {n}")).unwrap_or_default();
        format!("bill {}: {} {}{units}{span} ({})", f.bill, f.place, f.code, f.says)
    };
    Passed {
        letters,
        flags: procedure.produces.bill.iter().map(flag).collect(),
        conditions: procedure.steps.into_iter().map(condition).collect(),
    }
}

/// Post-discharge review: Part A, W2, no bill; or the outpatient bill of a status changed before discharge.
pub(super) fn route(draft: &mut Draft<'_>, by: &Actor, route: ProcedureKind, rationale: String) -> Result<(), Refused> {
    must_say("bill.rationale", &rationale, "The reasons")?;
    if draft.stay().in_house() {
        return refuse(Refusal::house(
            "bill.in-house",
            "The patient is still in the house: post-discharge review comes after discharge.",
            "Before discharge condition code 44 is the way; look at its conditions.",
        ));
    }
    if draft.stay().bill.released.is_some() {
        return refuse(Refusal::house(
            "bill.released",
            "The bill has left review already.",
            "Correct it with billing.",
        ));
    }
    let procedure = if route == ProcedureKind::ConditionCode44 {
        let procedure = status::condition_code_44(draft, None);
        let refused = unmet(&procedure, usize::MAX);
        if !refused.is_empty() {
            return Err(refused);
        }
        procedure
    } else {
        let procedure = status::post_discharge(draft);
        let wanted = status::outcome_of(&route);
        if procedure.outcome.as_deref() != Some(wanted) {
            return Err(not_that_way(&procedure, wanted));
        }
        procedure
    };
    let (kept, person) = (kept(procedure), by.person.clone());
    let (flags, word) = (kept.flags.clone(), route.word().to_owned());
    draft.emit(Event::ProcedurePassed { procedure: route, passed: Box::new(kept), person: person.clone() })?;
    draft.emit(Event::BillReleased { route: word, flags, person })
}

/// Why the review does not come out the way that was asked for.
fn not_that_way(procedure: &Procedure, wanted: &str) -> Refused {
    let mut refused = unmet(procedure, usize::MAX);
    if let Some(outcome) = &procedure.outcome {
        refused.insert(
            0,
            Refusal::house(
                "bill.outcome",
                format!("The review comes out as {outcome}, not as {wanted}."),
                "Release it that way, or find what was missed.",
            ),
        );
    }
    refused
}

/// The bill went out.
pub(super) fn submitted(draft: &mut Draft<'_>, by: &Actor, at: Moment) -> Result<(), Refused> {
    draft.must_not_be_ahead(at)?;
    if let Some((_, why, cite)) = &draft.stay().bill.held {
        return refuse(Refusal::law(
            "bill.held",
            cite.clone(),
            format!("The bill is held for review: {why}"),
            "Finish the post-discharge review first.",
        ));
    }
    if draft.stay().bill.released.is_some() {
        return Ok(());
    }
    let inpatient = draft.stay().admitted_at().is_some() && draft.stay().changed_at().is_none();
    let route = if inpatient { "part_a" } else { "outpatient" };
    draft.emit(Event::BillReleased { route: route.into(), flags: Vec::new(), person: by.person.clone() })
}
