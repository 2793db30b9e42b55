//! Delivery windows of hospital notices: is it owed, from when, by when, and was it given in time.

use serde::{Deserialize, Serialize};

use super::rulebook::Rules;
use crate::{codes, law::Confidence, time::Moment};

/// A delivery, or a refusal to sign, which counts as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    /// When it was given or refused; by telephone, the time of the call.
    pub at: Moment,
    /// Signed, or refusal annotated.
    #[serde(default)]
    pub signed_or_refused: bool,
    /// Explained orally.
    #[serde(default)]
    pub explained: bool,
}

codes! {
    /// Where one notice stands.
    NoticeState {
        /// Not owed on these facts.
        NotOwed = "not-owed",
        /// Not owed yet; it may become so.
        NotYet = "not-yet",
        /// A fact is missing without which nobody can say.
        Unknown = "unknown",
        /// Owed, and the window is open.
        Owed = "owed",
        /// The window passed without delivery.
        Overdue = "overdue",
        /// Given inside the window.
        Delivered = "delivered",
        /// Given after the window.
        DeliveredLate = "delivered-late",
        /// Given before it could count.
        DeliveredEarly = "delivered-early",
    }
}

/// One notice of one stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeDue {
    /// Short name (`MOON`).
    pub short: String,
    /// The notice pack's id (`us.hospital.moon`).
    pub notice: String,
    /// Which copy, where there are several (`first`, `follow-up`).
    #[serde(default)]
    pub copy: Option<String>,
    /// Where it stands.
    pub state: NoticeState,
    /// Not before.
    pub opens_at: Option<Moment>,
    /// No later than.
    pub due_at: Option<Moment>,
    /// Why it is so.
    pub says: String,
    /// The rule.
    pub rule: String,
    /// Its citation.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
}

impl NoticeDue {
    /// It must be given, or should have been.
    pub fn is_open(&self) -> bool {
        matches!(self.state, NoticeState::Owed | NoticeState::Overdue)
    }
}

/// A notice while its window is worked out.
#[derive(Debug, Clone)]
pub(super) struct Window(NoticeDue);

impl Window {
    /// The notice of a topic, with the citation of the rule in force.
    pub(super) fn of(rules: &Rules<'_>, topic: &str, short: &str, notice: &str) -> Self {
        let rule = rules.get(topic);
        Self(NoticeDue {
            short: short.to_owned(),
            notice: notice.to_owned(),
            copy: None,
            state: NoticeState::NotOwed,
            opens_at: None,
            due_at: None,
            says: String::new(),
            rule: rule.map_or_else(|| topic.to_owned(), |rule| rule.id.clone()),
            cite: rule.map(|rule| rule.cite.clone()).unwrap_or_default(),
            confidence: rule.map_or(Confidence::FromKnowledgeVerify, |rule| rule.confidence),
        })
    }

    pub(super) fn copy(mut self, copy: &str) -> Self {
        self.0.copy = Some(copy.to_owned());
        self
    }

    pub(super) fn at(mut self, opens_at: Option<Moment>, due_at: Option<Moment>) -> Self {
        (self.0.opens_at, self.0.due_at) = (opens_at, due_at);
        self
    }

    pub(super) fn settle(mut self, state: NoticeState, says: impl Into<String>) -> NoticeDue {
        self.0.state = state;
        self.0.says = says.into();
        self.0
    }

    pub(super) fn not_owed(self, says: impl Into<String>) -> NoticeDue {
        self.settle(NoticeState::NotOwed, says)
    }

    /// Owed in its window; what was delivered decides. A delivery at the very due time is in time.
    pub(super) fn given(self, delivered: Option<&Delivered>, now: Moment, says: &str) -> NoticeDue {
        let (opens, due) = (self.0.opens_at, self.0.due_at);
        let late = |at: Moment| due.is_some_and(|due| at > due);
        match delivered {
            Some(d) if opens.is_some_and(|opens| d.at < opens) => {
                self.settle(NoticeState::DeliveredEarly, format!("{says} It was given before its window opened."))
            }
            Some(d) if late(d.at) => self.settle(NoticeState::DeliveredLate, format!("{says} It was given late.")),
            Some(d) if d.signed_or_refused => {
                self.settle(NoticeState::Delivered, format!("{says} It was given in time."))
            }
            Some(_) => self.settle(
                NoticeState::Owed,
                format!("{says} It was handed over; the signature or the refusal is missing."),
            ),
            None if late(now) => self.settle(NoticeState::Overdue, format!("{says} It was not given in time.")),
            None => self.settle(NoticeState::Owed, says),
        }
    }
}
