//! Where a state forbids even partial automation of an adverse decision, no machine verdict is shown to a reviewer until
//! she has marked her own.

use vigil_desk::act::{History, Recorded};
use vigil_domain::{
    case::{Case, event::Event},
    library::Library,
};

use super::commands::OWN_FINDING;

/// Whether the law of this case's place and day wants a reviewer's own finding before any machine verdict.
pub fn own_finding_first(case: &Case, library: &Library) -> bool {
    let contract = &case.contract;
    let (place, accreditation) = (contract.jurisdiction(), contract.accreditation.as_deref());
    library.authority.automation(&contract.line_of_business, &place, accreditation, case.received_on()).verdict_hidden
}

/// Whether the machine's verdict is hidden from this reader now: an open line was judged by criteria, and she has not marked
/// her finding of it. What is decided hides nothing any more.
pub fn from(history: &History, library: &Library, person: &str) -> bool {
    let case = &history.case;
    if !own_finding_first(case, library) {
        return false;
    }
    let marked = |line: u32| {
        history.events.iter().any(|recorded| {
            matches!(&recorded.event, Event::Noted { person: who, kind, text, .. }
                if who == person && kind == OWN_FINDING && text.starts_with(&format!("line {line}:")))
        })
    };
    case.open_lines().any(|state| state.evaluation.is_some() && !marked(state.line.sequence))
}

/// The events that a reader may see told: no machine verdict while it is hidden.
pub fn shown(events: &[Recorded], hidden: bool) -> impl DoubleEndedIterator<Item = &Recorded> {
    events.iter().filter(move |recorded| !(hidden && matches!(recorded.event, Event::CriteriaEvaluated { .. })))
}
