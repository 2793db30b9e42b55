//! Asking for information, outreach, and what comes in.

use super::{Draft, clocks, incomplete, judge, refuse};
use crate::{
    case::{
        Case, Stage,
        command::Actor,
        event::Event,
        refusal::{Refusal, Refused},
    },
    evidence::Document,
    notice::Purpose,
    request::Request,
};

pub(super) fn ask_by_automation(draft: &mut Draft<'_>, wanted: Vec<String>, facts: Vec<String>) -> Result<(), Refused> {
    asked(draft, "automation", "requester".into(), wanted, facts, "response to the request".into())
}

pub(super) fn ask(
    draft: &mut Draft<'_>,
    by: &Actor,
    from: String,
    wanted: Vec<String>,
    via: String,
) -> Result<(), Refused> {
    draft.must_be_open()?;
    let wanted: Vec<String> = wanted.into_iter().filter(|w| !w.trim().is_empty()).collect();
    if wanted.is_empty() {
        return refuse(Refusal::house(
            "information.wanted",
            "The request for information names nothing.",
            "Name exactly what is needed, one thing a line.",
        ));
    }
    let facts = draft
        .case()
        .open_lines()
        .filter_map(|l| l.evaluation.as_ref())
        .flat_map(|e| e.trace.could_change.iter().map(ToString::to_string))
        .collect();
    asked(draft, &by.person, from, wanted, facts, via)
}

fn asked(
    draft: &mut Draft<'_>,
    by: &str,
    from: String,
    wanted: Vec<String>,
    facts: Vec<String>,
    via: String,
) -> Result<(), Refused> {
    let lines: Vec<u32> = draft.case().open_lines().map(|l| l.line.sequence).collect();
    draft.emit(Event::InformationRequested { by: by.into(), from, wanted, facts, via })?;
    clocks::toll_where_allowed(draft, "information was asked for")?;
    clocks::information_is_missing(draft)?;
    incomplete::told(draft)?;
    super::tick::require_notice(draft, Purpose::RequestForInformation, lines)
}

pub(super) fn outreach(draft: &mut Draft<'_>, by: &Actor, contact: String, result: String) -> Result<(), Refused> {
    if contact.trim().is_empty() || result.trim().is_empty() {
        return refuse(Refusal::house(
            "outreach.incomplete",
            "An outreach needs whom and what came of it.",
            "Enter the name and number, and the result.",
        ));
    }
    draft.emit(Event::OutreachLogged { person: by.person.clone(), contact, result })
}

/// Evidence that came after the request. Criteria are evaluated again; automation may approve only while no person has
/// taken the case up.
pub(super) fn receive(draft: &mut Draft<'_>, request: Request, complete: bool) -> Result<(), Refused> {
    draft.must_be_open()?;
    let received_at = request.receipt.received_at;
    let mut documents = request.documents;
    places_of_their_own(draft.case(), &mut documents);
    draft.emit(Event::InformationReceived { receipt: request.receipt, items: request.items, documents, complete })?;
    if complete {
        clocks::resume(draft)?;
        clocks::information_complete(draft, received_at)?;
    }
    let untouched = matches!(draft.case().stage, Stage::Screening) && draft.case().owner.is_none();
    if untouched {
        return judge::lines(draft);
    }
    let open: Vec<u32> = draft.case().open_lines().map(|l| l.line.sequence).collect();
    for line in open {
        judge::evaluate(draft, line)?;
    }
    Ok(())
}

/// Later documents never take the place of an earlier one: what was opened there is not what came now.
pub(super) fn places_of_their_own(case: &Case, documents: &mut [Document]) {
    let nth = case.received.len() + 2;
    for document in documents {
        let known = case.request.documents.iter().find(|d| d.place == document.place);
        if known.is_some_and(|known| known.digest != document.digest || known.digest.is_none()) {
            document.place = format!("{}@{nth}", document.place);
        }
    }
}
