//! Condition code 44, and the bill of a finished stay: guided procedures that check each condition in order, refuse with the
//! unmet one, and say what follows. No order is dated back.

use super::{Draft, must_say, refuse, status};
use crate::{
    status::{Met, Procedure},
    stay::{
        command::Actor,
        event::Event,
        procedure::{Condition, Passed, ProcedureKind},
        refusal::{Refusal, Refused},
    },
    time::Moment,
};

/// Condition code 44.
pub(super) fn change_to_outpatient(
    draft: &mut Draft<'_>,
    by: &Actor,
    observation_order_at: Option<Moment>,
) -> Result<(), Refused> {
    if draft.stay().changed_at().is_some() {
        return refuse(Refusal::house("cc44.done", "The status was changed already.", "Nothing to do."));
    }
    if observation_order_at.is_some_and(|at| at < last_determination(draft).unwrap_or(draft.now)) {
        return refuse(Refusal::law(
            "ST-01",
            "42 CFR 412.3(a)-(c)",
            "The observation order would be dated before the determination; no order is dated back.",
            "Observation counts from an order written now; hours before it are no observation hours.",
        ));
    }
    let procedure = status::condition_code_44(draft, observation_order_at)?;
    let passed = passed(procedure)?;
    let person = by.person.clone();
    draft.emit(Event::ProcedurePassed { procedure: ProcedureKind::ConditionCode44, passed: Box::new(passed), person })
}

fn last_determination(draft: &Draft<'_>) -> Option<Moment> {
    draft.stay().escalations.iter().flat_map(|e| e.committee.iter().map(|(at, ..)| *at)).max()
}

/// What passed, or the unmet condition first and what is not known after it.
fn passed(procedure: Procedure) -> Result<Passed, Refused> {
    if !procedure.passes() {
        let unmet = procedure.steps.iter().filter(|s| s.met == Met::NotMet);
        let unknown = procedure.steps.iter().filter(|s| s.met == Met::Unknown);
        let id = &procedure.id;
        let refusal = |s: &crate::status::Step| {
            Refusal::law(format!("{id}.{}", s.id), s.cite.clone(), s.why.clone(), s.instead.clone())
        };
        return Err(unmet.chain(unknown).map(refusal).collect());
    }
    let condition = |s: crate::status::Step| Condition {
        id: s.id,
        question: s.question,
        met: s.met.word().to_owned(),
        why: s.why,
        cite: s.cite,
        confidence: s.confidence.word().to_owned(),
    };
    let letters = procedure.produces.letters.iter().map(|l| format!("{} to {}", l.notice, l.to)).collect();
    let flag = |f: &crate::status::BillFlag| {
        let span = f.from.map(|from| format!(" {from} to {}", f.through.unwrap_or(from))).unwrap_or_default();
        format!("bill {}: {} {}{span} ({})", f.bill, f.place, f.code, f.says)
    };
    Ok(Passed {
        letters,
        flags: procedure.produces.bill.iter().map(flag).collect(),
        conditions: procedure.steps.into_iter().map(condition).collect(),
    })
}

/// Post-discharge review: Part A, W2, or no bill.
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
    let procedure = status::bill_route(draft, &route)?;
    let passed = passed(procedure)?;
    let (flags, person) = (passed.flags.clone(), by.person.clone());
    let word = route.word().to_owned();
    draft.emit(Event::ProcedurePassed { procedure: route, passed: Box::new(passed), person: person.clone() })?;
    draft.emit(Event::BillReleased { route: word, flags, person })
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
    let route = if draft.stay().admitted_at().is_some() && draft.stay().changed_at().is_none() {
        "part_a"
    } else {
        "outpatient"
    };
    draft.emit(Event::BillReleased { route: route.into(), flags: Vec::new(), person: by.person.clone() })
}
