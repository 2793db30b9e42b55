//! More time: the rule's own conditions to choose from, and why one of them holds in this case.

use vigil_domain::{
    case::decide::extend::conditions,
    law::{Extension, Unit},
    notice::tongue,
};

use super::known::Known;
use crate::web::panel::{Choice, Field, Kind, Panel};

/// The form that extends a case's clocks.
pub(super) fn extend(panel: Panel, known: &Known<'_>) -> Panel {
    let conditions = conditions(known.case, &known.library.law);
    if conditions.is_empty() {
        return panel.says("No rule of an open clock here allows more time. Decide by the due time on what is here.");
    }
    let choices = conditions
        .into_iter()
        .map(|(condition, cite)| Choice::new(condition.key, format!("{} ({cite})", condition.says)))
        .collect();
    let language = tongue::name(known.case.letter_language());
    panel
        .says("Only under a condition of the rule, once, and before the due time. A notice tells the member why.")
        .field(Field::new("condition", "Which of the rule's conditions holds", Kind::Radio(choices)))
        .field(Field::area("reason", "Why it holds in this case", 2).hint(format!(
            "The member reads it in the letter, after the condition in plain words. Write it in {language}."
        )))
        .field(Field::new("days", "Days more", Kind::Number).value(most(known)))
}

/// The most days that the rule of the earliest open clock that can be extended allows.
fn most(known: &Known<'_>) -> String {
    let clocks = known.case.clocks.iter().filter(|c| c.is_open() && c.extension.is_none());
    let allowed = clocks.filter_map(|clock| {
        let rule = known.library.law.by_digest(&clock.pin.digest)?;
        let extension = rule.extension.as_ref().filter(|e| Extension::is_allowed(e) && e.unit == Unit::CalendarDays)?;
        Some((clock.due_at, extension.amount?))
    });
    allowed.min().map(|(_, days)| days.to_string()).unwrap_or_default()
}
