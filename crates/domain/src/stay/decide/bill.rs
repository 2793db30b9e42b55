//! Condition code 44, and the bill of a finished stay: guided procedures that check each condition in order, refuse with the
//! unmet one, and say what follows. No order is dated back.

use super::{
    Draft,
    finished::{self, AskedChange, AskedReview},
    must_say, refuse,
};
use crate::{
    law::Confidence,
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
pub(super) fn change_to_outpatient(draft: &mut Draft<'_>, by: &Actor, change: AskedChange) -> Result<(), Refused> {
    if draft.stay().changed_at().is_some() {
        return refuse(Refusal::house("cc44.done", "The status was changed already.", "Nothing to do."));
    }
    let determined = last_determination(draft).unwrap_or(draft.now);
    if let Some(at) = change.observation_order_at {
        draft.must_not_be_ahead(at)?;
        if at < determined {
            return refuse(Refusal::law(
                "ST-01",
                "42 CFR 412.3(a)-(c)",
                "The observation order would be dated before the determination; no order is dated back.",
                "Observation counts from an order written now; hours before it are no observation hours.",
            ));
        }
    }
    let procedure = finished::condition_code_44(draft, change);
    let refused = unmet(&procedure, BEFORE_THE_CHANGE);
    if !refused.is_empty() {
        return Err(refused);
    }
    let passed = Passed { observation_order_at: change.observation_order_at, ..kept(procedure) };
    let (passed, person) = (Box::new(passed), by.person.clone());
    draft.emit(Event::ProcedurePassed { procedure: ProcedureKind::ConditionCode44, passed, person })
}

fn last_determination(draft: &Draft<'_>) -> Option<Moment> {
    draft.stay().escalations.iter().flat_map(|e| e.committee.iter().map(|(at, ..)| *at)).max()
}

/// The unmet conditions among the first so many, first of all those that are shown not to hold.
fn unmet(procedure: &Procedure, first: usize) -> Refused {
    let steps = || procedure.steps.iter().take(first);
    let refusal =
        |s: &Step| Refusal::law(format!("{}.{}", procedure.id, s.id), sure(s), s.why.clone(), s.instead.clone());
    let against = steps().filter(|s| s.met == Met::NotMet);
    against.chain(steps().filter(|s| s.met == Met::Unknown)).map(refusal).collect()
}

/// The citation, with its confidence where the source was not seen.
fn sure(step: &Step) -> String {
    match step.confidence {
        Confidence::SourceSeen => step.cite.clone(),
        other if step.cite.contains(other.word()) => step.cite.clone(),
        other => format!("{} ({})", step.cite, other.word()),
    }
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
        observation_order_at: None,
    }
}

/// Post-discharge review: Part A, W2, no bill, the contract's way; or the outpatient bill of a status changed before
/// discharge.
pub(super) fn route(
    draft: &mut Draft<'_>,
    by: &Actor,
    route: ProcedureKind,
    rationale: String,
    asked: AskedReview,
) -> Result<(), Refused> {
    must_say("bill.rationale", &rationale, "The reasons")?;
    must_have_left(draft)?;
    if draft.stay().bill.released.is_some() {
        return refuse(Refusal::house(
            "bill.released",
            "The bill has left review already.",
            "Correct it with billing.",
        ));
    }
    may_bill(draft)?;
    if route == ProcedureKind::ConditionCode44 {
        return as_outpatient(draft, by);
    }
    if let Some(procedure) = finished::reversed(draft).filter(|_| route == ProcedureKind::BillPartA) {
        return release(draft, by, route, procedure);
    }
    let asked = asked.or_stated(draft.stay());
    let mut procedure = finished::post_discharge(draft, asked);
    let wanted = finished::outcome_of(&route);
    if !comes_out(&procedure, wanted) {
        return Err(not_that_way(&procedure, wanted));
    }
    if route == ProcedureKind::RebillW2 && asked.services_before_order.is_none() {
        return refuse(Refusal::house(
            "w2.services-before-order",
            "Nobody has said whether outpatient services were given before the inpatient order.",
            "Say so with the route: where they were, a third bill carries them.",
        ));
    }
    if route == ProcedureKind::ByContract {
        // Rebilling's own conditions are Original Medicare's and were not asked of this payer.
        procedure.steps.retain(|step| BY_CONTRACT.contains(&step.id.as_str()));
    }
    release(draft, by, route, procedure)
}

/// What post-discharge review asks whoever pays.
const BY_CONTRACT: [&str; 2] = ["payer", "inpatient"];

/// A change of status that was appealed in time holds the bill until the review is done.
fn may_bill(draft: &Draft<'_>) -> Result<(), Refused> {
    match finished::held_by_appeal(draft) {
        Some(step) => refuse(Refusal::law("mcsn.billing-hold", step.cite, step.why, step.instead)),
        None => Ok(()),
    }
}

/// The bill of a status changed before discharge, with its flags; every condition holds by now.
fn as_outpatient(draft: &mut Draft<'_>, by: &Actor) -> Result<(), Refused> {
    if let Some(procedure) = finished::reversed(draft) {
        let cite = procedure.steps.first().map(|step| step.cite.clone()).unwrap_or_default();
        return refuse(Refusal::law(
            "mcsn.reversed",
            cite,
            "The organization decided for the patient: the change of status does not stand for the bill.",
            "Bill Part A.",
        ));
    }
    let procedure = finished::condition_code_44(draft, AskedChange::default());
    let mut refused = unmet(&procedure, usize::MAX);
    if refused.is_empty() {
        return release(draft, by, ProcedureKind::ConditionCode44, procedure);
    }
    if finished::change_failed(draft) {
        let says =
            "A condition can no longer be met: this is not condition code 44, and the stay is an inpatient stay.";
        let instead =
            "Post-discharge review decides: Part A, rebilling (W2) or no bill; the contract, for another payer.";
        refused.push(Refusal::house("bill.cc44-failed", says, instead));
    }
    Err(refused)
}

fn release(draft: &mut Draft<'_>, by: &Actor, route: ProcedureKind, procedure: Procedure) -> Result<(), Refused> {
    let (kept, person) = (kept(procedure), by.person.clone());
    let (flags, word) = (kept.flags.clone(), route.word().to_owned());
    draft.emit(Event::ProcedurePassed { procedure: route, passed: Box::new(kept), person: person.clone() })?;
    draft.emit(Event::BillReleased { route: word, flags, person })
}

/// A bill of a stay that goes on would close what is still open.
fn must_have_left(draft: &Draft<'_>) -> Result<Moment, Refused> {
    let stay = draft.stay();
    match stay.discharged_at().filter(|_| !stay.in_house()) {
        Some(left) => Ok(left),
        None => refuse(Refusal::house(
            "bill.in-house",
            "The patient has not left: post-discharge review and the bill come after discharge.",
            "Before discharge condition code 44 is the way; look at its conditions.",
        )),
    }
}

/// The way asked for is the way the review comes out. Where written notice was not given in time, nothing can be rebilled
/// and no later act mends it: no bill is what is left.
fn comes_out(procedure: &Procedure, wanted: &str) -> bool {
    let late = procedure.steps.iter().any(|step| step.id == "told" && step.met == Met::NotMet);
    match procedure.outcome.as_deref() {
        Some(outcome) => outcome == wanted,
        None => wanted == "no-bill" && late,
    }
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
    let left = must_have_left(draft)?;
    if at < left {
        return refuse(Refusal::house(
            "bill.before-discharge",
            "The bill is dated before the patient left.",
            "Enter when it was submitted.",
        ));
    }
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
    may_bill(draft)?;
    if draft.stay().changed_at().is_some() {
        return as_outpatient(draft, by);
    }
    let (route, flags) = plain_way(draft);
    draft.emit(Event::BillReleased { route: route.into(), flags, person: by.person.clone() })
}

/// The way of a bill that no review holds, with its flags: an inpatient's goes to Part A or by the contract.
fn plain_way(draft: &Draft<'_>) -> (&'static str, Vec<String>) {
    let stay = draft.stay();
    if stay.status_facts().standing_order(draft.now).is_none() {
        return ("outpatient", Vec::new());
    }
    if !stay.is_original_medicare() {
        return ("by_contract", Vec::new());
    }
    let procedure = finished::post_discharge(draft, AskedReview::default());
    let flags = if comes_out(&procedure, "part-a") { kept(procedure).flags } else { Vec::new() };
    ("part_a", flags)
}
