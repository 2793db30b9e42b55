//! What happened to a motion: the stored form. Fields are only added, with a default.

use serde::{Deserialize, Serialize};

use super::Motion;
use crate::{
    case::evolve::IllegalEvent,
    time::{Day, Moment},
};

/// The form version of newly written events.
pub const FORM: u16 = 1;

/// The figures of the rule-value board that a motion rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// First day counted.
    pub from: Day,
    /// Last day counted.
    pub through: Day,
    /// Cases decided.
    pub decided: i64,
    /// Of these, approved whole.
    pub approved: i64,
    /// Of these, approved without a person.
    pub automated: i64,
}

/// A vote of the committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The day of the meeting.
    pub on: Day,
    /// Members of the committee.
    pub members: u32,
    /// Of these, practicing physicians.
    pub physicians: u32,
    /// Members present.
    pub present: u32,
    /// Votes for.
    pub in_favour: u32,
    /// Votes against.
    pub against: u32,
    /// Abstentions.
    pub abstained: u32,
    /// From when it holds, when it is carried.
    pub effective_on: Option<Day>,
    /// What was said.
    pub minutes: String,
}

impl Vote {
    /// More votes for than against.
    pub fn carried(&self) -> bool {
        self.in_favour > self.against
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody put the motion to retire a service from review.
    MotionPut {
        /// Its id.
        motion: String,
        /// The service code.
        code: String,
        /// The service, in words.
        service: String,
        /// The figures it rests on.
        figures: Figures,
        /// Why.
        why: String,
        /// Account name.
        person: String,
    },
    /// The committee decided.
    MotionDecided {
        /// The vote.
        vote: Vote,
        /// Who recorded it (account name).
        person: String,
    },
    /// It was taken back before a vote.
    MotionWithdrawn {
        /// Why.
        why: String,
        /// Account name.
        person: String,
    },
}

impl Event {
    /// The stable word of the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MotionPut { .. } => "motion_put",
            Self::MotionDecided { .. } => "motion_decided",
            Self::MotionWithdrawn { .. } => "motion_withdrawn",
        }
    }
}

/// (Motion, Event) -> Motion, or why the event does not fit.
pub fn evolve(state: Option<Motion>, event: &Event, at: Moment) -> Result<Motion, IllegalEvent> {
    let illegal = |version: u64, why: &str| IllegalEvent { kind: event.kind(), version, why: why.to_owned() };
    match (state, event) {
        (None, Event::MotionPut { motion, code, service, figures, why, person }) => Ok(Motion {
            id: motion.clone(),
            version: 1,
            code: code.clone(),
            service: service.clone(),
            figures: figures.clone(),
            why: why.clone(),
            put: (person.clone(), at),
            decided: None,
            withdrawn: None,
        }),
        (None, _) => Err(illegal(0, "a motion begins with motion_put")),
        (Some(state), _) if state.decided.is_some() || state.withdrawn.is_some() => {
            Err(illegal(state.version, "it is over"))
        }
        (Some(mut state), event) => {
            match event {
                Event::MotionDecided { vote, person } => state.decided = Some((vote.clone(), person.clone(), at)),
                Event::MotionWithdrawn { why, person } => state.withdrawn = Some((why.clone(), person.clone(), at)),
                Event::MotionPut { .. } => return Err(illegal(state.version, "it was put already")),
            }
            state.version += 1;
            Ok(state)
        }
    }
}
