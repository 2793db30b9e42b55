//! A guided procedure: its conditions in order, each answered, and what it produces once all hold.

use serde::{Deserialize, Serialize};

use crate::{
    codes,
    law::Confidence,
    time::{Day, Moment},
};

/// The three answers to a condition. Unknown is never a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// Shown to hold.
    Met,
    /// Shown not to hold.
    NotMet,
    /// Not shown either way.
    Unknown,
}

impl Met {
    /// From a fact that may be missing.
    pub fn of(known: Option<bool>) -> Self {
        match known {
            Some(true) => Self::Met,
            Some(false) => Self::NotMet,
            None => Self::Unknown,
        }
    }

    /// `met`, `not_met` or `unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::Unknown => "unknown",
        }
    }
}

/// One condition, answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name within the procedure; stable, and in order (`0-no-basis`, `1-committee`, …).
    pub id: String,
    /// The question, in plain words.
    pub question: String,
    /// The answer.
    pub met: Met,
    /// Why it is so, with the facts.
    pub why: String,
    /// What to do when it is not met or not known.
    pub instead: String,
    /// The rule.
    pub rule: String,
    /// Its citation.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
    /// By when the condition must be met, where time decides it.
    #[serde(default)]
    pub due_at: Option<Moment>,
}

/// The first unmet condition, as the reason why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The step.
    pub step: String,
    /// The rule.
    pub rule: String,
    /// Its citation.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
    /// Why not.
    pub says: String,
    /// What would do.
    pub instead: String,
}

/// A letter or notice that becomes owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The notice pack's id (`us.hospital.mcsn`), or a letter of the UR committee (`committee.not-necessary`).
    pub notice: String,
    /// `patient`, `hospital`, `attending`.
    pub to: String,
    /// Not before.
    #[serde(default)]
    pub not_before: Option<Moment>,
    /// No later than.
    #[serde(default)]
    pub due_at: Option<Moment>,
    /// The rule.
    pub rule: String,
    /// Its citation.
    pub cite: String,
}

codes! {
    /// Where on a bill a flag stands.
    BillPlace {
        TypeOfBill = "type-of-bill",
        ConditionCode = "condition-code",
        OccurrenceSpan = "occurrence-span",
        /// The treatment authorization field.
        Authorization = "treatment-authorization",
        Remark = "remark",
        /// An HCPCS line with units.
        Service = "service",
        /// What must not be on it.
        LeaveOff = "leave-off",
    }
}

/// One flag of one bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillFlag {
    /// Which bill of the procedure, counted from 1.
    pub bill: u8,
    /// Where.
    pub place: BillPlace,
    /// The code or the words.
    pub code: String,
    /// What it says, in our own words.
    pub says: String,
    /// First day of a span.
    #[serde(default)]
    pub from: Option<Day>,
    /// Last day of a span.
    #[serde(default)]
    pub through: Option<Day>,
    /// Units, of a service.
    #[serde(default)]
    pub units: Option<u32>,
    /// The rule.
    pub rule: String,
    /// Its citation.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
}

/// What the procedure makes owed once it passes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Produces {
    /// Letters and notices.
    pub letters: Vec<Letter>,
    /// Bill flags.
    pub bill: Vec<BillFlag>,
    /// What to do and to watch, in plain sentences.
    pub notes: Vec<String>,
}

/// One guided procedure on one stay at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// `condition-code-44`, `rebill-w2`, …
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Conditions in order.
    pub steps: Vec<Step>,
    /// The first unmet condition.
    pub refusal: Option<Refused>,
    /// Which way it comes out, where there are several (`part-a`, `w2`, `no-bill`).
    #[serde(default)]
    pub outcome: Option<String>,
    /// What it makes owed; empty until it passes.
    pub produces: Produces,
}

impl Procedure {
    /// A procedure of answered steps: refused by its first unmet one.
    pub fn of(id: &str, title: &str, steps: Vec<Step>) -> Self {
        let refusal = steps.iter().find(|step| step.met == Met::NotMet).map(|step| Refused {
            step: step.id.clone(),
            rule: step.rule.clone(),
            cite: step.cite.clone(),
            confidence: step.confidence,
            says: step.why.clone(),
            instead: step.instead.clone(),
        });
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            steps,
            refusal,
            outcome: None,
            produces: Produces::default(),
        }
    }

    /// Every condition holds.
    pub fn passes(&self) -> bool {
        self.refusal.is_none() && self.steps.iter().all(|step| step.met == Met::Met)
    }

    /// Nothing is refused and something is still to be answered.
    pub fn is_open(&self) -> bool {
        self.refusal.is_none() && !self.passes()
    }

    /// The first condition that is not met or not known: the next thing to do.
    pub fn next(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.met != Met::Met)
    }

    /// All that hold, or not, together.
    pub fn met(&self) -> Met {
        match (self.refusal.is_some(), self.passes()) {
            (true, _) => Met::NotMet,
            (_, true) => Met::Met,
            _ => Met::Unknown,
        }
    }
}
