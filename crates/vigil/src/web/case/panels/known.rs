//! What the forms of a case's actions are filled with, and the choices several of them offer.

use vigil_domain::{case::Case, library::Library, time::Moment};

use crate::web::{case::criteria::CriteriaView, panel::Choice, words};

/// What a form may be filled with.
pub struct Known<'a> {
    /// The case.
    pub case: &'a Case,
    /// The library.
    pub library: &'a Library,
    /// The criteria as shown to this reader.
    pub criteria: &'a [CriteriaView],
    /// `service/fact` of the criterion to answer.
    pub fact: &'a str,
    /// The present moment.
    pub now: Moment,
}

pub(super) fn choices(pairs: &[(&str, &str)]) -> Vec<Choice> {
    pairs.iter().map(|(value, label)| Choice::new(*value, *label)).collect()
}

pub(super) fn open_lines(case: &Case) -> Vec<Choice> {
    case.open_lines()
        .map(|state| {
            let asked = state.line.quantity.as_ref().map(|q| format!(", {}", words::quantity(q.amount, &q.unit)));
            let days = match (state.line.from, state.line.through) {
                (Some(from), Some(through)) => format!(", {} to {}", words::day(from), words::day(through)),
                (Some(from), None) => format!(", from {}", words::day(from)),
                _ => String::new(),
            };
            let label = format!("{}. {}{}{days}", state.line.sequence, state.line.title(), asked.unwrap_or_default());
            Choice { chosen: true, ..Choice::new(state.line.sequence.to_string(), label) }
        })
        .collect()
}

pub(super) fn one_line(case: &Case) -> Vec<Choice> {
    let mut lines = open_lines(case);
    for (place, choice) in lines.iter_mut().enumerate() {
        choice.chosen = place == 0;
    }
    lines
}
