//! The form of each action on a case's page, filled with what the case already knows: one file a subject.

mod cut;
mod ending;
mod extend;
mod known;
mod letters;
mod review;

pub use known::Known;
use known::choices;

use super::actions::Action;
use crate::web::panel::{Field, Panel};

/// The form of an action, filled with what is known.
pub fn panel(action: Action, known: &Known<'_>) -> Panel {
    let row = action.row();
    let new = |submit: &str| Panel::new(row.word, row.title, submit);
    match action {
        Action::Take => new("Take").says("The case becomes yours. Others see that you have it."),
        Action::Release => new("Release").says("The case goes back on its queue."),
        Action::Approve => review::approve(new("Approve"), known.case),
        Action::Ask => review::ask(new("Ask"), known),
        Action::Refer => new("Refer")
            .says("A nurse does not deny. The medical director reads your reason first.")
            .field(Field::area("why", "Why, for the medical director", 4).value(review::refer_reason(known))),
        Action::Note => new("Keep note")
            .field(Field::select(
                "kind",
                "Kind",
                choices(&[
                    ("note", "Note"),
                    ("intervention", "Intervention"),
                    ("contact", "Contact with member or family"),
                ]),
            ))
            .field(Field::area("text", "What you saw, did or heard", 4)),
        Action::Return => new("Return").field(Field::area("why", "What the nurse should do", 3)),
        Action::Facts => review::facts(new("State"), known),
        Action::Mark => review::mark(new("Keep finding"), known),
        Action::Outreach => new("Log")
            .field(Field::text("contact", "Whom, and at what number"))
            .field(Field::text("result", "What came of it").hint("Reached, left a message, no answer, wrong number")),
        Action::Received => review::received(new("Record"), known.case),
        Action::Clear | Action::Administrative | Action::Dismiss | Action::Eligibility => {
            ending::administrative(action, new, known.case)
        }
        Action::Schedule | Action::Record => review::peer(action, new, known.case),
        Action::Reduce | Action::Postpone | Action::Continuation => cut::cut(action, new, known),
        Action::Deliver => letters::deliver(new("Record delivery"), known.case),
        Action::Complete => letters::complete(new("Fill and write again"), known),
        Action::Extend => extend::extend(new("Extend"), known),
        _ => ending::ending(action, new, known.case),
    }
}
