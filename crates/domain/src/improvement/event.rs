//! What happened to an improvement: the stored form. Fields are only added, with a default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Improvement;
use crate::{
    case::evolve::IllegalEvent,
    time::{Day, Moment},
};

/// The form version of newly written events.
pub const FORM: u16 = 1;

/// The signal of a control chart as it stood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// The figure (`late_notices`).
    pub measure: String,
    /// The Monday of the week it fell in.
    pub week: Day,
    /// How many had it.
    pub counted: i64,
    /// Of how many.
    pub of: i64,
    /// The centre line, as a share from 0 to 1.
    pub centre: f64,
    /// The upper limit, as a share from 0 to 1.
    pub high: f64,
    /// The rule of the chart that it broke, in words.
    pub rule: String,
}

/// One bar of a Pareto chart: a cause and the cases it was found in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The cause, in words.
    pub cause: String,
    /// The cases.
    pub cases: Vec<String>,
}

/// The parts of an A3, in the order of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Why it matters.
    Background,
    /// What happens today, in figures.
    Condition,
    /// What should be, by when.
    Goal,
    /// Why it happens.
    RootCause,
    /// What will be changed.
    Countermeasures,
    /// Who does what until when.
    Plan,
    /// How it will be seen that it holds.
    FollowUp,
}

impl Part {
    /// All, in the order of the sheet.
    pub const ALL: &'static [Part] = &[
        Self::Background,
        Self::Condition,
        Self::Goal,
        Self::RootCause,
        Self::Countermeasures,
        Self::Plan,
        Self::FollowUp,
    ];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::Condition => "condition",
            Self::Goal => "goal",
            Self::RootCause => "root_cause",
            Self::Countermeasures => "countermeasures",
            Self::Plan => "plan",
            Self::FollowUp => "follow_up",
        }
    }

    /// The heading on the sheet.
    pub fn title(self) -> &'static str {
        match self {
            Self::Background => "Background",
            Self::Condition => "Current condition",
            Self::Goal => "Goal",
            Self::RootCause => "Root cause",
            Self::Countermeasures => "Countermeasures",
            Self::Plan => "Plan",
            Self::FollowUp => "Follow-up",
        }
    }

    /// What belongs there.
    pub fn asks(self) -> &'static str {
        match self {
            Self::Background => "Why does it matter, and to whom?",
            Self::Condition => "What happens today? Figures, not opinions.",
            Self::Goal => "What should the figure be, and by when?",
            Self::RootCause => "Why does it happen? Ask why until an answer can be acted on.",
            Self::Countermeasures => "What will be changed, and which cause does it take away?",
            Self::Plan => "Who does what, until when?",
            Self::FollowUp => "When is the figure looked at again, and what if it has not moved?",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|part| part.word() == word)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody took up a signal.
    ImprovementOpened {
        /// Its id.
        improvement: String,
        /// What it is about.
        title: String,
        /// The signal.
        signal: Signal,
        /// The causes counted then, most frequent first.
        causes: Vec<Cause>,
        /// Account name.
        person: String,
    },
    /// A part of the A3 was written, or written anew.
    PartWritten {
        /// Which.
        part: Part,
        /// The words.
        text: String,
        /// Account name.
        person: String,
    },
    /// It ended.
    ImprovementClosed {
        /// What came of it.
        result: String,
        /// Account name.
        person: String,
    },
}

impl Event {
    /// The stable word of the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ImprovementOpened { .. } => "improvement_opened",
            Self::PartWritten { .. } => "part_written",
            Self::ImprovementClosed { .. } => "improvement_closed",
        }
    }
}

/// (Improvement, Event) -> Improvement, or why the event does not fit.
pub fn evolve(state: Option<Improvement>, event: &Event, at: Moment) -> Result<Improvement, IllegalEvent> {
    let illegal = |version: u64, why: &str| IllegalEvent { kind: event.kind(), version, why: why.to_owned() };
    match (state, event) {
        (None, Event::ImprovementOpened { improvement, title, signal, causes, person }) => Ok(Improvement {
            id: improvement.clone(),
            version: 1,
            title: title.clone(),
            signal: signal.clone(),
            causes: causes.clone(),
            opened: (person.clone(), at),
            parts: BTreeMap::new(),
            closed: None,
        }),
        (None, _) => Err(illegal(0, "an improvement begins with improvement_opened")),
        (Some(state), _) if state.closed.is_some() => Err(illegal(state.version, "it is closed")),
        (Some(mut state), event) => {
            match event {
                Event::PartWritten { part, text, person } => {
                    state.parts.insert(*part, (text.clone(), person.clone(), at));
                }
                Event::ImprovementClosed { result, person } => {
                    state.closed = Some((result.clone(), person.clone(), at));
                }
                Event::ImprovementOpened { .. } => return Err(illegal(state.version, "it is open already")),
            }
            state.version += 1;
            Ok(state)
        }
    }
}
