//! Where a state forbids even partial automation of an adverse decision, no machine verdict is shown to the physician until
//! she has marked her own.

use vigil_desk::act::History;
use vigil_domain::{case::event::Event, library::Library};

use super::commands::OWN_FINDING;

/// Whether the machine's verdict is hidden from this reader now.
pub fn from(history: &History, library: &Library, person: &str) -> bool {
    let case = &history.case;
    let contract = &case.contract;
    let (place, accreditation) = (contract.jurisdiction(), contract.accreditation.as_deref());
    let automation =
        library.authority.automation(&contract.line_of_business, &place, accreditation, case.received_on());
    if !automation.verdict_hidden {
        return false;
    }
    let marked = history.events.iter().any(|recorded| {
        matches!(&recorded.event, Event::Noted { person: who, kind, .. } if who == person && kind == OWN_FINDING)
    });
    !marked
}
