//! What may be asked of an improvement, and the answers.

use super::{Cause, Event, Improvement, Part, Signal};
use crate::case::refusal::{Refusal, Refused};

/// What may be asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Takes up a signal.
    Open {
        /// The id it gets.
        improvement: String,
        /// What it is about.
        title: String,
        /// The signal.
        signal: Signal,
        /// The causes counted, most frequent first.
        causes: Vec<Cause>,
    },
    /// Writes parts of the A3; blank ones and those that do not change are left alone.
    Write {
        /// The parts with their words.
        parts: Vec<(Part, String)>,
    },
    /// Ends it.
    Close {
        /// What came of it.
        result: String,
    },
}

/// Answers a command of a person with events, or with every reason why not.
pub fn decide(state: Option<&Improvement>, command: Command, person: &str) -> Result<Vec<Event>, Refused> {
    let no = |rule: &str, says: String, instead: &str| Err(vec![Refusal::house(rule, says, instead)]);
    let person = person.to_owned();
    match (state, command) {
        (None, Command::Open { improvement, title, signal, causes }) => {
            if title.trim().is_empty() {
                return no("improvement.title", "It is not said what this is about.".into(), "Write one line.");
            }
            Ok(vec![Event::ImprovementOpened { improvement, title: title.trim().to_owned(), signal, causes, person }])
        }
        (None, _) => no("improvement.unknown", "There is no such improvement.".into(), "Open one from a signal."),
        (Some(_), Command::Open { .. }) => {
            no("improvement.known", "This improvement is open already.".into(), "Go on with it.")
        }
        (Some(state), _) if state.closed.is_some() => {
            no("improvement.closed", "This improvement is closed.".into(), "A new signal is a new improvement.")
        }
        (Some(state), Command::Write { parts }) => {
            let changed =
                parts.into_iter().map(|(part, text)| (part, text.trim().to_owned())).filter(|(part, text)| {
                    !text.is_empty() && state.parts.get(part).is_none_or(|(known, ..)| known != text)
                });
            Ok(changed.map(|(part, text)| Event::PartWritten { part, text, person: person.clone() }).collect())
        }
        (Some(state), Command::Close { result }) => {
            let unwritten = state.unwritten();
            let mut reasons = Vec::new();
            if !unwritten.is_empty() {
                let titles: Vec<&str> = unwritten.iter().map(|part| part.title()).collect();
                reasons.push(Refusal::house(
                    "improvement.unwritten",
                    format!("Nobody has written: {}.", titles.join(", ")),
                    "Write these parts first; one sentence may do.",
                ));
            }
            if result.trim().is_empty() {
                reasons.push(Refusal::house(
                    "improvement.result",
                    "It is not said what came of it.",
                    "Say what the figure is now.",
                ));
            }
            if !reasons.is_empty() {
                return Err(reasons);
            }
            Ok(vec![Event::ImprovementClosed { result: result.trim().to_owned(), person }])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{improvement::evolve, time::Moment};

    fn open() -> Command {
        let signal = Signal {
            measure: "late_notices".into(),
            week: jiff::civil::date(2026, 11, 9),
            counted: 8,
            of: 60,
            centre: 0.02,
            high: 0.07,
            rule: "outside the limits".into(),
        };
        let causes = vec![Cause { cause: "the mail was not collected".into(), cases: vec!["C-1".into()] }];
        Command::Open { improvement: "I-1".into(), title: "Late letters".into(), signal, causes }
    }

    fn play(commands: Vec<Command>) -> Result<Improvement, Refused> {
        let mut state = None;
        for command in commands {
            for event in decide(state.as_ref(), command, "miriam")? {
                state = Some(evolve(state, &event, Moment::UNIX_EPOCH).unwrap());
            }
        }
        Ok(state.unwrap())
    }

    #[test]
    fn it_is_closed_only_when_every_part_is_written() {
        let rules =
            |commands| -> Vec<String> { play(commands).unwrap_err().into_iter().map(|refusal| refusal.rule).collect() };
        assert_eq!(
            rules(vec![open(), Command::Close { result: String::new() }]),
            ["improvement.unwritten", "improvement.result"]
        );
        let parts: Vec<(Part, String)> = Part::ALL.iter().map(|part| (*part, part.title().to_owned())).collect();
        let closed = Command::Close { result: "0 of 58 late".into() };
        let state = play(vec![open(), Command::Write { parts }, closed.clone()]).unwrap();
        assert_eq!(state.version, 1 + 7 + 1);
        assert_eq!(rules(vec![open(), open()]), ["improvement.known"]);
        assert_eq!(rules(vec![closed]), ["improvement.unknown"]);
    }

    #[test]
    fn what_does_not_change_is_not_written_again() {
        let write = |text: &str| Command::Write { parts: vec![(Part::Goal, text.into()), (Part::Plan, "  ".into())] };
        let state = play(vec![open(), write("none late"), write(" none late "), write("one late at most")]).unwrap();
        assert_eq!(state.version, 3);
        assert_eq!(state.parts[&Part::Goal].0, "one late at most");
    }
}
