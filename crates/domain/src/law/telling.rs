//! Who is told an answer beside the rule's own limit: by letter or by telephone, each in its own time.

use serde::{Deserialize, Serialize};

use super::unit::Unit;

/// Who is told, how.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoticeDuty {
    /// To whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Oral notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oral: Option<String>,
    /// Written notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// Within which time the letter follows when the member was told by telephone first; none: telling is not enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_after_oral: Option<Span>,
    /// Who else is told the answer, and how: each starts a clock of its own in a case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tells: Vec<Telling>,
}

/// So many units of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// How many.
    pub amount: u32,
    /// The unit.
    pub unit: Unit,
}

/// One duty to tell an answer, as a rule states it. A case starts a clock for it when the answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telling {
    /// Who is told.
    pub whom: Listener,
    /// How.
    pub by: Means,
    /// Which answers.
    #[serde(default, skip_serializing_if = "Answers::is_any")]
    pub of: Answers,
    /// Within which time; none: within the rule's own limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// What that time counts from.
    #[serde(default, skip_serializing_if = "After::is_decision")]
    pub after: After,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listener {
    /// The member, or who acts for that person.
    Member,
    /// The requesting provider.
    Provider,
}

/// How somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// In writing.
    Letter,
    /// By telephone.
    Telephone,
    /// By telephone or fax.
    TelephoneOrFax,
}

/// Which answers are told so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answers {
    /// Every answer.
    #[default]
    Any,
    /// An approval as asked.
    Approval,
    /// An answer less than asked.
    Adverse,
}

/// What the time to tell counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// The answer.
    #[default]
    Decision,
    /// The call to the provider.
    Call,
}

impl Answers {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    fn is_any(&self) -> bool {
        *self == Self::Any
    }

    /// Whether answers with these parts (approved as asked, less than asked) are meant.
    pub fn fits(self, approved: bool, adverse: bool) -> bool {
        match self {
            Self::Any => approved || adverse,
            Self::Approval => approved,
            Self::Adverse => adverse,
        }
    }
}

impl After {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    fn is_decision(&self) -> bool {
        *self == Self::Decision
    }
}

impl Means {
    /// Whether a delivery by this channel (`mail`, `fax`, `telephone`, …) is this way of telling.
    pub fn accepts(self, channel: &str) -> bool {
        match self {
            Self::Letter => channel != "telephone",
            Self::Telephone => channel == "telephone",
            Self::TelephoneOrFax => matches!(channel, "telephone" | "fax"),
        }
    }
}

impl Telling {
    /// One plain sentence.
    pub fn says(&self) -> String {
        let whom = match self.whom {
            Listener::Member => "The member",
            Listener::Provider => "The requesting provider",
        };
        let of = match self.of {
            Answers::Any => "every answer",
            Answers::Approval => "an approval",
            Answers::Adverse => "an answer less than asked",
        };
        let by = match self.by {
            Means::Letter => "in writing",
            Means::Telephone => "by telephone",
            Means::TelephoneOrFax => "by telephone or fax",
        };
        let when = match (self.within, self.after) {
            (None, _) => "within the rule's own limit".to_owned(),
            (Some(span), After::Decision) => format!("within {} of the decision", span.unit.spoken(span.amount)),
            (Some(span), After::Call) => {
                format!("within {} of the call to the provider", span.unit.spoken(span.amount))
            }
        };
        format!("{whom} is told {of} {by} {when}")
    }
}

impl NoticeDuty {
    /// The duties to tell answers with these parts.
    pub fn tellings(&self, approved: bool, adverse: bool) -> impl Iterator<Item = &Telling> {
        self.tells.iter().filter(move |telling| telling.of.fits(approved, adverse))
    }
}
