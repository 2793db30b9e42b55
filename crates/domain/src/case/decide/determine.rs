//! Answers to lines by people: the physician's determination, the signed administrative outcome, withdrawal, dismissal,
//! void.

use super::{Draft, clocks, cut, dispute, judge, refuse, review, telling, told};
use crate::{
    authority::PeerReviewer,
    case::{
        command::{Actor, LineDecision},
        event::Event,
        refusal::{Refusal, Refused},
        standing::{self, Saying},
    },
    determination::{AdverseDetermination, AdverseRecord, Approver, Finding, Footing, Grant, Incomplete, Outcome},
    law::BreachEffect,
    notice::Purpose,
    reason::Reason,
    request::ServiceLine,
};

/// Whether a person may approve here; every reason why not.
pub(super) fn may_approve(draft: &Draft<'_>, by: &Actor) -> Result<(), Refused> {
    standing::may_approve(draft.books, draft.case(), &by.credential, draft.now).map_err(unqualified)
}

/// Whether a person might also decide against the request, whatever her field: a peer in the eyes of the law here.
pub(super) fn is_peer(draft: &Draft<'_>, by: &Actor) -> bool {
    let saying = Saying { no_conflict: true, expertise: None };
    standing::peer(draft.books, draft.case(), &by.credential, &[], saying, draft.now).is_ok()
}

fn unqualified(reasons: Vec<crate::authority::Unqualified>) -> Refused {
    reasons
        .into_iter()
        .map(|r| Refusal { rule: r.rule, cite: Some(r.citation), says: r.says, instead: r.remedy })
        .collect()
}

/// The physician signs. All problems of all lines come back at once, and nothing is recorded unless every line stands.
pub(super) fn determine(
    draft: &mut Draft<'_>,
    by: &Actor,
    decisions: Vec<LineDecision>,
    attests_no_conflict: bool,
    expertise: Option<String>,
) -> Result<(), Refused> {
    draft.must_be_open()?;
    let lines: Vec<u32> = decisions.iter().map(LineDecision::line).collect();
    if lines.is_empty() {
        return refuse(Refusal::house("determine.none", "No line was decided.", "Decide at least one open line."));
    }
    review::chosen(draft, &lines)?;
    let adverse = decisions.iter().any(|d| !matches!(d, LineDecision::Approve { .. }));
    let peer = if adverse {
        cut::still_in_time(draft)?;
        dispute::must_be_offered(draft)?;
        let saying = Saying { no_conflict: attests_no_conflict, expertise: expertise.as_deref() };
        match standing::peer(draft.books, draft.case(), &by.credential, &lines, saying, draft.now) {
            Ok(peer) => Some(peer),
            Err(why) => {
                // Who may not sign is told all the same what the finding lacks.
                let lacks = decisions.iter().filter_map(LineDecision::finding).flat_map(|f| lacking(draft, by, f));
                return Err(unqualified(why).into_iter().chain(lacks).collect());
            }
        }
    } else {
        may_approve(draft, by)?;
        None
    };
    let mut refused = Vec::new();
    let mut outcomes = Vec::new();
    for decision in decisions {
        let line = decision.line();
        if let Err(why) = review::administrative_open(draft, line) {
            refused.extend(why);
            continue;
        }
        match outcome(draft, by, decision, peer.as_ref()) {
            Ok(outcome) => outcomes.push((line, outcome)),
            Err(why) => refused.extend(why),
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    for (line, outcome) in outcomes {
        draft.emit(Event::LineDetermined { line, outcome: Box::new(outcome), by: by.person.clone() })?;
    }
    finish(draft)
}

fn outcome(
    draft: &Draft<'_>,
    by: &Actor,
    decision: LineDecision,
    peer: Option<&PeerReviewer>,
) -> Result<Outcome, Refused> {
    let case = draft.case();
    let Some(state) = case.line(decision.line()) else { return Err(Vec::new()) };
    let filled = |limits: Grant| {
        let whole = judge::as_asked(case, &state.line);
        Grant {
            authorization: whole.authorization,
            quantity: limits.quantity.or(whole.quantity),
            from: limits.from.or(whole.from),
            through: limits.through.or(whole.through),
            service: limits.service,
        }
    };
    Ok(match decision {
        LineDecision::Approve { grant, .. } => {
            not_less_than_asked(&state.line, &grant)?;
            let by = Approver::Person { person: by.person.clone(), name: by.name.clone() };
            Outcome::Approved { grant: filled(grant), by }
        }
        LineDecision::Partial { grant, finding } => {
            Outcome::PartiallyApproved { grant: filled(grant), adverse: adverse(draft, by, finding, peer)? }
        }
        LineDecision::Modify { grant, finding } if grant.service.is_none() => {
            let _ = finding;
            return refuse(Refusal::house(
                "modify.service",
                "A modified line names the service that is approved instead.",
                "Enter the service, or choose a partial approval.",
            ));
        }
        LineDecision::Modify { grant, finding } => {
            Outcome::Modified { grant: filled(grant), adverse: adverse(draft, by, finding, peer)? }
        }
        LineDecision::Deny { finding } => Outcome::NotApproved { adverse: adverse(draft, by, finding, peer)? },
    })
}

fn adverse(
    draft: &Draft<'_>,
    by: &Actor,
    finding: Finding,
    peer: Option<&PeerReviewer>,
) -> Result<AdverseRecord, Refused> {
    let Some(peer) = peer else {
        return refuse(Refusal::house(
            "adverse.peer",
            "Only a qualified peer reviewer may decide less than asked.",
            "Refer the case to a physician.",
        ));
    };
    with_footing(draft, by, finding.line, |on| AdverseDetermination::new(finding, on, peer))
        .map(AdverseDetermination::into_record)
        .map_err(told)
}

/// What a finding lacks, whoever signs it.
fn lacking(draft: &Draft<'_>, by: &Actor, finding: &Finding) -> Refused {
    told(with_footing(draft, by, finding.line, |on| finding.lacks(on)))
}

fn told(missing: Vec<Incomplete>) -> Refused {
    let refusal =
        |m: Incomplete| Refusal::house("adverse.incomplete", format!("The denial cannot be signed: {m}."), m.instead());
    missing.into_iter().map(refusal).collect()
}

/// What a finding about a line is held against: the criteria left open, the letter's language, the evidence opened.
fn with_footing<T>(draft: &Draft<'_>, by: &Actor, line: u32, then: impl FnOnce(&Footing<'_>) -> T) -> T {
    let case = draft.case();
    let grounds = case.line(line).and_then(|state| state.grounds(&draft.books.criteria));
    let titled = |place: String| (case.evidence_title(&place), place);
    let must_open: Vec<(String, String)> =
        case.evidence().into_iter().map(titled).map(|(title, place)| (place, title)).collect();
    then(&Footing {
        grounds: grounds.as_deref(),
        language: case.letter_language(),
        must_open: &must_open,
        opened: &case.opened_by(&by.person),
    })
}

/// An approval may not quietly give less than was asked.
pub(super) fn not_less_than_asked(line: &ServiceLine, grant: &Grant) -> Result<(), Refused> {
    if let (Some(from), Some(through)) = (grant.from.or(line.from), grant.through.or(line.through))
        && through < from
    {
        return refuse(Refusal::house(
            "approve.days",
            format!("The days run backwards: the last day, {through}, is before the first, {from}."),
            "Enter the first day first.",
        ));
    }
    let less_units = match (&line.quantity, &grant.quantity) {
        (Some(asked), Some(given)) => given.unit == asked.unit && given.amount < asked.amount,
        _ => false,
    };
    let later = matches!((line.from, grant.from), (Some(asked), Some(given)) if given > asked);
    let shorter = match (line.through, grant.through) {
        (Some(asked), Some(given)) => given < asked,
        (None, Some(_)) => false,
        _ => false,
    };
    if less_units || later || shorter {
        return refuse(Refusal::house(
            "approve.less-than-asked",
            "This gives less than was asked, which is an adverse determination.",
            "Approve as asked, or refer to a physician for a partial approval.",
        ));
    }
    Ok(())
}

/// Signs an administrative adverse outcome.
pub(super) fn administrative(
    draft: &mut Draft<'_>,
    by: &Actor,
    line: u32,
    reason: Reason,
    basis: String,
    plain_reason: String,
) -> Result<(), Refused> {
    draft.must_be_open()?;
    review::chosen(draft, &[line])?;
    if reason.is_clinical() {
        return refuse(Refusal::house(
            "administrative.clinical-reason",
            "This reason is a clinical judgement; only a peer reviewer may use it.",
            "Refer the case to a physician.",
        ));
    }
    if basis.trim().is_empty() || plain_reason.trim().is_empty() {
        return refuse(Refusal::house(
            "administrative.basis",
            "An administrative denial needs its basis and a plain reason.",
            "Name the contract section, benefit or roster entry, and write the reason for the member.",
        ));
    }
    let outcome = Outcome::AdministrativeAdverse {
        reason,
        basis,
        plain_reason,
        person: by.person.clone(),
        name: by.name.clone(),
    };
    draft.emit(Event::LineDetermined { line, outcome: Box::new(outcome), by: by.person.clone() })?;
    if draft.case().is_determined() {
        return finish(draft);
    }
    review::on_to_review(draft)
}

pub(super) fn withdraw(
    draft: &mut Draft<'_>,
    by: &Actor,
    lines: &[u32],
    asked_by: String,
    why: String,
) -> Result<(), Refused> {
    draft.must_be_open()?;
    if asked_by.trim().is_empty() {
        return refuse(Refusal::house(
            "withdraw.asked-by",
            "A withdrawal needs the name of who took the request back.",
            "Enter who said so, when and how.",
        ));
    }
    for line in review::chosen(draft, lines)? {
        let outcome = Outcome::Withdrawn { by: asked_by.clone(), why: why.clone() };
        draft.emit(Event::LineDetermined { line, outcome: Box::new(outcome), by: by.person.clone() })?;
    }
    if draft.case().is_determined() {
        return finish(draft);
    }
    review::on_to_review(draft)
}

pub(super) fn dismiss(draft: &mut Draft<'_>, by: &Actor, why: String, cite: String) -> Result<(), Refused> {
    draft.must_be_open()?;
    if why.trim().is_empty() || cite.trim().is_empty() {
        return refuse(Refusal::house(
            "dismiss.why",
            "A dismissal needs its reason and the rule it rests on.",
            "Enter both.",
        ));
    }
    for line in review::chosen(draft, &[])? {
        let outcome = Outcome::Dismissed { why: why.clone(), cite: cite.clone(), person: by.person.clone() };
        draft.emit(Event::LineDetermined { line, outcome: Box::new(outcome), by: by.person.clone() })?;
    }
    finish(draft)
}

pub(super) fn void(draft: &mut Draft<'_>, by: &Actor, why: String) -> Result<(), Refused> {
    draft.must_be_open()?;
    if why.trim().is_empty() {
        return refuse(Refusal::house("void.why", "Voiding needs its reason.", "Say what was entered in error."));
    }
    for line in review::chosen(draft, &[])? {
        let outcome = Outcome::Void { why: why.clone(), person: by.person.clone() };
        draft.emit(Event::LineDetermined { line, outcome: Box::new(outcome), by: by.person.clone() })?;
    }
    finish(draft)
}

/// The law has approved what was not answered in time; a person has confirmed the facts.
pub(super) fn deemed_approval(draft: &mut Draft<'_>, by: &Actor, basis: String) -> Result<(), Refused> {
    draft.must_be_open()?;
    let found = draft.case().clocks.iter().find_map(|c| match &c.lapsed {
        Some((_, BreachEffect::DeemedApproved | BreachEffect::DeemedApprovedIfUniformForm, cite)) => {
            Some((c.pin.rule.clone(), cite.clone()))
        }
        _ => None,
    });
    let Some((rule, cite)) = found else {
        return refuse(Refusal::house(
            "deemed-approval.none",
            "No clock of this case has lapsed with a deemed approval.",
            "Decide the case on its evidence.",
        ));
    };
    if basis.trim().is_empty() {
        return refuse(Refusal::house("deemed-approval.basis", "Say what was checked.", "Enter the facts confirmed."));
    }
    for line in review::chosen(draft, &[])? {
        let case = draft.case();
        let Some(state) = case.line(line) else { continue };
        let grant = judge::as_asked(case, &state.line);
        let approver =
            Approver::OperationOfLaw { rule: rule.clone(), cite: cite.clone(), confirmed_by: by.person.clone() };
        let outcome = Outcome::Approved { grant, by: approver };
        draft.emit(Event::LineDetermined { line, outcome: Box::new(outcome), by: by.person.clone() })?;
    }
    finish(draft)
}

/// When every line is final: the decision clocks are met, and the notices the law asks for become owed.
pub(super) fn finish(draft: &mut Draft<'_>) -> Result<(), Refused> {
    if !draft.case().is_determined() {
        return Ok(());
    }
    draft.emit(Event::CaseDetermined)?;
    if cut::stands(draft)? {
        return Ok(());
    }
    let case = draft.case();
    // An answer that was told is not told again when another line of the case is answered later.
    let told = |l: &&crate::case::LineState| {
        case.notices.iter().any(|n| {
            clocks::tells_outcome(n.purpose)
                && n.lines.contains(&l.line.sequence)
                && l.decided_at.is_some_and(|decided| decided <= n.required_at)
        })
    };
    let of = |test: fn(&Outcome) -> bool| -> Vec<u32> {
        let such = case.lines.iter().filter(|l| l.outcome.as_ref().is_some_and(test));
        such.filter(|l| !told(l)).map(|l| l.line.sequence).collect()
    };
    let whole = of(|o| matches!(o, Outcome::Approved { .. }));
    let part = of(|o| o.grant().is_some() && o.is_adverse());
    let none = of(|o| o.grant().is_none() && o.is_adverse());
    let dismissed = of(|o| matches!(o, Outcome::Dismissed { .. }));
    let clinical = !of(|o| o.adverse().is_some()).is_empty();
    let owed = case.notices.iter().any(|n| clocks::tells_outcome(n.purpose) && n.given().is_none());
    let decided = owed || !(whole.is_empty() && part.is_empty() && none.is_empty());
    clocks::decided(draft, decided || !dismissed.is_empty())?;
    told::answered(draft, !whole.is_empty(), clinical)?;
    for (purpose, lines) in [
        (Purpose::Approval, whole),
        (Purpose::PartialApproval, part),
        (Purpose::AdverseDetermination, none),
        (Purpose::Dismissal, dismissed),
    ] {
        if lines.is_empty() {
            continue;
        }
        super::tick::require_notice(draft, purpose, lines.clone())?;
        telling::provider_too(draft, purpose, lines)?;
    }
    telling::begin(draft)
}
