//! The forms of a stay's actions: each has its action's title and is filled with what is known already.

mod leaving;
mod notices;
mod payers;
mod physicians;

use vigil_domain::stay::review::ReviewKind;

use super::{
    actions::Action,
    known::{Known, reasons, words_of},
};
use crate::web::panel::{Choice, Field, Kind, Panel};

/// The newest documents that a review may name.
const DOCUMENTS: usize = 12;
/// How the name of a document's tick begins.
pub(super) const LOOKED_AT: &str = "document.";

/// The form of an action.
pub fn panel(action: Action, known: &Known<'_>) -> Panel {
    let row = action.row();
    let new = |submit: &str| Panel::new(row.word, row.title, submit);
    match action {
        Action::Take => new("Take").says("The stay becomes yours. Others see that you have it."),
        Action::Release => new("Put back"),
        Action::Review => review(new("Save and lock"), known),
        Action::PlanReview => super::duties::panel(new("Keep"), known),
        Action::Document => super::documents::panel(new("State"), known),
        Action::Escalate => new("Send up")
            .says("The physician advisor on duty answers; with none on duty, the chief medical officer.")
            .field(Field::area("why", "Why", 3)),
        Action::Advise => physicians::advise(new("Advise"), known),
        Action::Attending => physicians::attending(new("Record"), known),
        Action::Determine => physicians::determine(new("Sign"), known),
        Action::Code44 => physicians::code_44(new("Check and complete"), known),
        Action::Deliver | Action::EndNotice | Action::RequireNotice => notices::notice(action, new, known),
        Action::Prepare => super::form::panel(new("Keep"), known),
        Action::QioCall | Action::QioRecords | Action::QioReconsider | Action::QioDecision => {
            notices::qio(action, new, known)
        }
        Action::Notify
        | Action::Clinicals
        | Action::Ask
        | Action::Answer
        | Action::PayerReview
        | Action::Dispute
        | Action::DisputeEnd => payers::payer(action, new, known),
        Action::Note => new("Keep note").field(Field::area("text", "What you saw, did or heard", 4)),
        Action::Coverage => payers::coverage(new("State"), known),
        Action::Query | Action::AnswerQuery | Action::ClearAlert => physicians::query(action, new, known),
        Action::Bill | Action::BillOut | Action::NoFurther => physicians::bill(action, new, known),
        _ => leaving::leaving(action, new, known),
    }
}
fn review(panel: Panel, known: &Known<'_>) -> Panel {
    let kinds = words_of!(ReviewKind);
    let kind = if known.stay.reviews.is_empty() { "initial" } else { "continued" };
    let criteria = [
        ("two_midnight", "Two-midnight rule"),
        ("licensed", "A licensed product, by reference"),
        ("pack", "A criteria pack of the library"),
        ("judgement", "Judgement"),
    ];
    let results = [
        ("met", "Met"),
        ("not_met", "Not met: to the physician advisor"),
        ("not_met_exempt", "Not met, exempt by written policy"),
    ];
    let mut panel = panel
        .says("A review is saved and locked; a later one stands beside it. Not met is a finding, not a decision.")
        .field(Field::select("kind", "Review", kinds).value(kind))
        .field(known.day("day", "Day reviewed"))
        .field(
            Field::select("criteria", "Criteria", criteria.iter().map(|(v, l)| Choice::new(*v, *l)).collect())
                .value("two_midnight"),
        )
        .field(Field::text("product", "Product or pack").hint("Name, or the pack’s service id"))
        .field(Field::text("version", "Version"))
        .field(Field::text("subset", "Subset or guideline"))
        .field(Field::text("found", "Its result").hint("As the product words it"))
        .field(Field::new("result", "Result", Kind::Radio(results.iter().map(|(v, l)| Choice::new(*v, *l)).collect())))
        .field(Field::text("level", "Level of care").value("acute"))
        .field(Field::text("recommended", "Recommended level").hint("When not met"))
        .field(Field::select("reason", "Reason", reasons(known.library)).hint("When not met"))
        .field(Field::new("next", "Next review", Kind::Day).hint("Empty: by policy"))
        .field(Field::area("comments", "Comments", 3));
    // What was opened on this page or beside it: the reviewer says so, and the review keeps it as it was.
    for document in known.stay.track.documents.iter().rev().take(DOCUMENTS) {
        let name = format!("{LOOKED_AT}{}", document.id);
        panel = panel.field(Field::new(&name, &format!("Looked at: {}", document.title), Kind::Tick));
    }
    panel
}
