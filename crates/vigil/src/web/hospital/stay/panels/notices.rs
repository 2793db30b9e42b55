//! Forms about notices and the appeals to the quality improvement organization.

use vigil_domain::stay::notice::{NoticeKind, QioAppeal, Receipt};

use super::super::{
    actions::Action,
    known::{Known, words_of},
};
use crate::web::panel::{Choice, Field, Kind, Panel};

fn first_chosen(mut choices: Vec<Choice>) -> Vec<Choice> {
    if let Some(first) = choices.first_mut() {
        first.chosen = true;
    }
    choices
}

/// What is done with a notice.
pub(super) fn notice(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    let open: Vec<Choice> = known.stay.open_notices().map(|n| Choice::new(n.id.to_string(), n.kind.title())).collect();
    match action {
        Action::RequireNotice => new("Require")
            .says("For a notice that only a person can see is owed.")
            .field(Field::select("kind", "Notice", NoticeKind::ALL.iter().filter(|k| k.noncoverage().is_some()).map(|k| Choice::new(k.word(), k.title())).collect()).value("hinn_1"))
            .field(known.when("before", "Its window ends with").hint("HINN 1: the admission. HINN 10: the request to the organization. HINN 11: the service. HINN 12: the start of liability"))
            .field(Field::area("why", "Why", 2)),
        Action::EndNotice => new("End").field(known.numbered("Notice", open)).field(Field::area("why", "Why", 2)),
        _ => new("Record delivery")
            .says("Explain it aloud, answer questions, give a paper copy. A refusal is certified by the staff member; a representative who is away is told by telephone and mailed the same day.")
            .field(known.numbered("Notice", open))
            .field(Field::new("receipt", "Received", Kind::Radio(first_chosen(words_of!(Receipt)))))
            .field(known.when("at", "Delivered"))
            .field(Field::text("to", "To").value("patient").hint("patient, or the representative’s name and standing"))
            .field(Field::text("signer", "Signed by").hint("On refusal: staff member’s name and title"))
            .field(Field::new("explained", "Explained aloud, questions answered", Kind::Tick))
            .field(Field::new("paper", "A paper copy was given", Kind::Tick))
            .field(Field::select("language", "Language", vec![Choice::new("en", "English"), Choice::new("es", "Spanish"), Choice::new("other", "Another")]).value("en"))
            .field(Field::new("drawn", "Signature", Kind::Signature).hint("Draw with finger, pen or mouse; empty when signed on paper")),
    }
}

/// The appeal of discharge, or of the change of status that is in force.
pub(super) fn qio(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    let change = known.stay.changed_at().is_some() || known.stay.change_appeal.as_ref().is_some_and(QioAppeal::runs);
    let what = if change { "change of status" } else { "discharge" };
    let in_time = if change {
        "The change of status is appealed (42 CFR 405.1210-1212). In time, before release, the patient’s bill is held until the review is done; records are due by noon of the day after the organization tells the hospital."
    } else {
        "In time (by midnight of the planned day of discharge, still in the hospital), the patient may not be charged while the organization decides, and the Detailed Notice is owed by noon of the day after it tells the hospital."
    };
    match action {
        Action::QioCall => new("Record")
            .says(in_time)
            .field(known.when("called_at", "The patient called"))
            .field(known.when("told_at", "The organization told us")),
        Action::QioRecords => new("Record").field(known.when("at", "Records sent")),
        Action::QioReconsider => new("Record")
            .says("In time: by noon of the day after the decision. It is decided in two calendar days, three when late (42 CFR 405.1212).")
            .field(known.when("at", "The patient asked")),
        _ => new("Record")
            .field(known.when("at", "The organization told us"))
            .field(Field::new("upheld", "Decision", Kind::Radio(vec![
                Choice::new("yes", format!("The {what} is upheld")),
                Choice::new("no", format!("The {what} is not upheld")),
            ])))
            .field(Field::area("words", "In its words", 2)),
    }
}
