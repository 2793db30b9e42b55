//! The nurse's and the reviewer's everyday steps: take, open, state facts, note, approve, refer, hand back.

use super::{Draft, determine, judge, refuse};
use crate::{
    case::{
        LineState, STATEMENTS, Stage,
        command::Actor,
        event::{Event, Queue},
        refusal::{Refusal, Refused},
    },
    determination::{Approver, Grant, Outcome},
    evidence::{Fact, Source},
};

/// The word under which the reason of an approval is kept among the notes.
pub const APPROVAL: &str = "why_approved";

pub(super) fn take(draft: &mut Draft<'_>, by: &Actor) -> Result<(), Refused> {
    if let Some((owner, name)) = &draft.case().owner {
        if *owner == by.person {
            return Ok(());
        }
        return refuse(Refusal::house(
            "case.taken",
            format!("{name} has this case."),
            "Ask for it to be released, or work on it together with notes.",
        ));
    }
    draft.emit(Event::Taken { person: by.person.clone(), name: by.name.clone() })
}

pub(super) fn release(draft: &mut Draft<'_>, by: &Actor) -> Result<(), Refused> {
    if draft.case().owner.is_none() {
        return Ok(());
    }
    draft.emit(Event::Released { person: by.person.clone() })
}

pub(super) fn open_evidence(draft: &mut Draft<'_>, by: &Actor, evidence: String) -> Result<(), Refused> {
    if !draft.case().evidence().contains(&evidence) {
        return refuse(Refusal::house("evidence.unknown", "The case has no such evidence.", "Reload the case."));
    }
    if draft.case().opened_by(&by.person).iter().any(|o| o.evidence == evidence) {
        return Ok(());
    }
    draft.emit(Event::EvidenceOpened { person: by.person.clone(), evidence })
}

pub(super) fn state_facts(draft: &mut Draft<'_>, by: &Actor, facts: Vec<Fact>) -> Result<(), Refused> {
    draft.must_be_open()?;
    let mut refused = Vec::new();
    for fact in &facts {
        if !matches!(&fact.source, Source::Reviewer { person, found_in } if *person == by.person && !found_in.trim().is_empty())
        {
            refused.push(Refusal::house(
                "fact.source",
                format!("The fact {} does not say where it was found.", fact.id),
                "Name the document and page, or the call.",
            ));
        }
        if let Err(why) = draft.books.criteria.accepts(fact) {
            refused.push(Refusal::house("fact.type", why, "Enter a value of the kind the criterion asks for."));
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let services: Vec<String> = facts.iter().map(|f| f.service.clone()).collect();
    draft.emit(Event::FactsStated { person: by.person.clone(), facts })?;
    let again: Vec<u32> = draft
        .case()
        .open_lines()
        .filter(|l| l.evaluation.as_ref().is_some_and(|e| services.contains(&e.service)))
        .map(|l| l.line.sequence)
        .collect();
    for line in again {
        judge::evaluate(draft, line)?;
    }
    Ok(())
}

pub(super) fn note(draft: &mut Draft<'_>, by: &Actor, kind: String, text: String) -> Result<(), Refused> {
    if text.trim().is_empty() {
        return refuse(Refusal::house("note.empty", "The note is empty.", "Write the note first."));
    }
    draft.emit(Event::Noted { person: by.person.clone(), kind, text })
}

/// Approves lines as asked, by a person who may approve in this jurisdiction.
pub(super) fn approve(
    draft: &mut Draft<'_>,
    by: &Actor,
    lines: &[u32],
    grant: Option<Grant>,
    why: String,
) -> Result<(), Refused> {
    draft.must_be_open()?;
    let lines = chosen(draft, lines)?;
    determine::may_approve(draft, by)?;
    stands_on_something(draft, by, &lines, &why)?;
    if !why.trim().is_empty() {
        draft.emit(Event::Noted { person: by.person.clone(), kind: APPROVAL.into(), text: why })?;
    }
    for sequence in lines {
        administrative_open(draft, sequence)?;
        let case = draft.case();
        let Some(state) = case.line(sequence) else { continue };
        let mut given = judge::as_asked(case, &state.line);
        if let Some(limits) = &grant {
            determine::not_less_than_asked(&state.line, limits)?;
            given.from = limits.from.or(given.from);
            given.through = limits.through.or(given.through);
            given.quantity = limits.quantity.clone().or(given.quantity);
        }
        let by_person = Approver::Person { person: by.person.clone(), name: by.name.clone() };
        let outcome = Outcome::Approved { grant: given, by: by_person };
        draft.emit(Event::LineDetermined { line: sequence, outcome: Box::new(outcome), by: by.person.clone() })?;
    }
    determine::finish(draft)
}

/// Where criteria are met, they are the reason. Elsewhere the person gives one, after looking at every document, and what was
/// referred is the physician's.
fn stands_on_something(draft: &Draft<'_>, by: &Actor, lines: &[u32], why: &str) -> Result<(), Refused> {
    let case = draft.case();
    if lines.iter().filter_map(|l| case.line(*l)).all(LineState::criteria_met) {
        return Ok(());
    }
    let mut refused = Vec::new();
    let referred = matches!(case.stage, Stage::Review { queue: Queue::Physician, .. });
    if referred && !determine::is_peer(draft, by) {
        refused.push(Refusal::house(
            "approve.with-physician",
            "The case was referred to a physician, and its criteria are not met.",
            "Tell the physician in a note, or have the case returned; then it may be approved.",
        ));
    }
    let opened = case.opened_by(&by.person);
    let unread: Vec<String> = case
        .evidence()
        .iter()
        .filter(|place| *place != STATEMENTS && !opened.iter().any(|o| o.evidence == **place))
        .map(|place| case.evidence_title(place))
        .collect();
    if !unread.is_empty() {
        refused.push(Refusal::house(
            "approve.unread",
            format!(
                "The criteria do not support an approval by themselves, and you have not opened: {}.",
                unread.join(", ")
            ),
            "Open every document first.",
        ));
    }
    if why.trim().is_empty() {
        refused.push(Refusal::house(
            "approve.why",
            "The criteria are not all met, or none bind, and no reason is given.",
            "Write on what the approval rests.",
        ));
    }
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

/// The open lines meant: those named, or all.
pub(super) fn chosen(draft: &Draft<'_>, lines: &[u32]) -> Result<Vec<u32>, Refused> {
    let open: Vec<u32> = draft.case().open_lines().map(|l| l.line.sequence).collect();
    if lines.is_empty() {
        return Ok(open);
    }
    match lines.iter().find(|l| !open.contains(l)) {
        Some(line) => refuse(Refusal::house(
            "line.final",
            format!("Line {line} has its answer, or does not exist."),
            "Choose among the open lines.",
        )),
        None => Ok(lines.to_vec()),
    }
}

pub(super) fn administrative_open(draft: &Draft<'_>, sequence: u32) -> Result<(), Refused> {
    match draft.case().line(sequence).and_then(|l| l.administrative.first()) {
        Some(question) => refuse(Refusal::house(
            "line.administrative-open",
            format!("Line {sequence} waits for an administrative check ({question})."),
            "Clear the check, or sign it as an administrative denial.",
        )),
        None => Ok(()),
    }
}

pub(super) fn refer(draft: &mut Draft<'_>, by: &Actor, why: String) -> Result<(), Refused> {
    draft.must_be_open()?;
    if why.trim().is_empty() {
        return refuse(Refusal::house(
            "refer.why",
            "The physician needs the reason for the referral.",
            "Say which criterion is open or not met.",
        ));
    }
    draft.emit(Event::Referred { person: by.person.clone(), why })
}

pub(super) fn hand_back(draft: &mut Draft<'_>, by: &Actor, why: String) -> Result<(), Refused> {
    draft.must_be_open()?;
    draft.emit(Event::Returned { person: by.person.clone(), why })
}

pub(super) fn clear_administrative(
    draft: &mut Draft<'_>,
    by: &Actor,
    line: u32,
    finding: String,
) -> Result<(), Refused> {
    draft.must_be_open()?;
    if draft.case().line(line).is_none_or(|l| l.administrative.is_empty()) {
        return refuse(Refusal::house("administrative.none", "This line has no open check.", "Nothing to clear."));
    }
    draft.emit(Event::AdministrativeCleared { line, finding, person: by.person.clone() })?;
    on_to_review(draft)
}

/// Once no administrative question is open any more, the lines that are left go on to the nurse.
pub(super) fn on_to_review(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let at_desk = matches!(draft.case().stage, Stage::Review { queue: Queue::Administrative, .. });
    let asked = draft.case().open_lines().any(|l| !l.administrative.is_empty());
    if !at_desk || asked || draft.case().is_determined() {
        return Ok(());
    }
    let open: Vec<u32> = draft.case().open_lines().map(|l| l.line.sequence).collect();
    for line in &open {
        judge::evaluate(draft, *line)?;
    }
    let why = "administrative check cleared: initial clinical review".to_owned();
    draft.emit(Event::Queued { queue: Queue::Nurse, lines: open, why })
}
