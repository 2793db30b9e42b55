//! Intake: a request becomes a case, a sender's update changes it, a provisional member's eligibility is settled.

use super::{Draft, clocks, cut, judge, refuse};
use crate::{
    case::{
        command::{Actor, Resolved},
        event::{Event, Queue},
        refusal::{Refusal, Refused},
    },
    determination::Outcome,
    request::Request,
};

/// Makes the case, starts its clocks, judges its lines.
pub(super) fn receive(
    draft: &mut Draft<'_>,
    case: String,
    authorization: String,
    request: Request,
    resolved: Resolved,
    scenario: Option<String>,
) -> Result<(), Refused> {
    if request.lines.is_empty() {
        return refuse(Refusal::house(
            "request.no-lines",
            "The request asks for no service.",
            "Add at least one service line.",
        ));
    }
    let overlaps = resolved.overlaps;
    draft.emit(Event::RequestReceived {
        case,
        authorization,
        request: Box::new(request),
        member: Box::new(resolved.member),
        coverage: Box::new(resolved.coverage),
        contract: Box::new(resolved.contract),
        in_network: resolved.in_network,
        other_coverage: resolved.other_coverage,
        overlaps,
        library: draft.books.digest.clone(),
        scenario,
    })?;
    if draft.case().request.cut.is_some() {
        return cut::begin(draft);
    }
    clocks::start_at_receipt(draft)?;
    judge::lines(draft)?;
    clocks::complete_as_it_came(draft)
}

/// The sender changes the request: cancelled lines end, changed and added lines are judged anew.
pub(super) fn update(draft: &mut Draft<'_>, request: Request) -> Result<(), Refused> {
    let was_determined = draft.case().is_determined();
    let (proof, updated_at) = (request.receipt.proof.clone(), request.receipt.received_at);
    let mut request = request;
    super::information::places_of_their_own(draft.case(), &mut request.documents);
    let same = |line: &crate::request::ServiceLine| draft.case().line(line.sequence).is_some_and(|s| s.line == *line);
    let nothing_new = was_determined && request.lines.iter().all(same);
    let cancelled: Vec<u32> = request.lines.iter().filter(|l| l.cancelled).map(|l| l.sequence).collect();
    draft.emit(Event::RequestUpdated { request: Box::new(request) })?;
    for line in cancelled {
        let known = draft.case().line(line);
        let final_already = known.is_none_or(|l| matches!(l.outcome, Some(Outcome::Cancelled { .. })));
        if !final_already {
            let outcome = Outcome::Cancelled { by: proof.clone() };
            draft.emit(Event::LineDetermined { line, outcome: Box::new(outcome), by: "sender".into() })?;
        }
    }
    if nothing_new {
        return Ok(());
    }
    if draft.case().is_determined() {
        return super::determine::finish(draft);
    }
    if was_determined {
        clocks::start_at(draft, updated_at)?;
    }
    judge::lines(draft)?;
    clocks::complete_as_it_came(draft)
}

/// A person checked a provisional member against the roster or by telephone.
pub(super) fn confirm_eligibility(
    draft: &mut Draft<'_>,
    by: &Actor,
    eligible: bool,
    basis: String,
) -> Result<(), Refused> {
    if !draft.case().eligibility_open {
        return refuse(Refusal::house(
            "eligibility.settled",
            "The eligibility of this member is settled already.",
            "Nothing to do.",
        ));
    }
    if basis.trim().is_empty() {
        return refuse(Refusal::house(
            "eligibility.basis",
            "The check needs its basis.",
            "Say what was checked: roster, state file, telephone and name.",
        ));
    }
    draft.emit(Event::EligibilityConfirmed { person: by.person.clone(), eligible, basis })?;
    let open: Vec<u32> = draft.case().open_lines().map(|l| l.line.sequence).collect();
    if !eligible && !open.is_empty() {
        draft.emit(Event::Queued {
            queue: Queue::Administrative,
            lines: open,
            why: "member not eligible: sign an administrative denial, or clear".into(),
        })?;
    }
    Ok(())
}
