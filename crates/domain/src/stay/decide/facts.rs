//! Facts of the record, notes, and who has the stay.

use super::{Draft, duties, must_say, refuse};
use crate::stay::{
    command::Actor,
    documented::{Documented, Stated},
    event::Event,
    refusal::{Refusal, Refused},
};

/// States facts. What is written after the event it speaks of is kept with its own time; nothing is dated back.
pub(super) fn document(draft: &mut Draft<'_>, by: &Actor, facts: Vec<Documented>) -> Result<(), Refused> {
    if facts.is_empty() {
        return Ok(());
    }
    for fact in &facts {
        must_say("facts.place", &fact.found_in, "Where the record has it")?;
        let written = match &fact.fact {
            Stated::Expectation { documented_at, .. } | Stated::Exception { documented_at, .. } => Some(*documented_at),
            Stated::FirstCare(at) | Stated::Certified(at) => Some(*at),
            Stated::Transfer { care_began_at, .. } => Some(*care_began_at),
            _ => None,
        };
        if let Some(at) = written {
            draft.must_not_be_ahead(at)?;
        }
        duties::may_state(draft, &fact.fact)?;
    }
    draft.emit(Event::FactsDocumented { person: by.person.clone(), facts })
}

pub(super) fn take(draft: &mut Draft<'_>, by: &Actor) -> Result<(), Refused> {
    match &draft.stay().owner {
        Some((person, _)) if *person == by.person => Ok(()),
        Some((_, name)) => refuse(Refusal::house(
            "stay.taken",
            format!("{name} has this stay."),
            "Ask for it, or wait until it is put back.",
        )),
        None => draft.emit(Event::Assigned { person: by.person.clone(), name: by.name.clone() }),
    }
}

pub(super) fn note(draft: &mut Draft<'_>, by: &Actor, text: String) -> Result<(), Refused> {
    must_say("note.empty", &text, "The note")?;
    draft.emit(Event::Noted { person: by.person.clone(), text })
}

pub(super) fn clear_alert(draft: &mut Draft<'_>, by: &Actor, alert: String, why: String) -> Result<(), Refused> {
    must_say("alert.why", &why, "What was done about it")?;
    if !draft.stay().alerts.iter().any(|a| a.id == alert && a.cleared.is_none()) {
        return refuse(Refusal::house("alert.none", "This alert is not open.", "Reload the stay."));
    }
    draft.emit(Event::AlertCleared { alert, person: by.person.clone(), why })
}
