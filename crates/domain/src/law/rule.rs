//! One version of one rule: what the law asks, from when, for whom, and what follows when it is missed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::extension::Extension;
use super::scope::{RuleScope, StatedScope};
use super::{telling::NoticeDuty, unit::Unit};
use crate::{library::Digest, time::Day};

/// Which way an amount runs from its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A due time after the event.
    #[default]
    After,
    /// The last day to act before the event.
    Before,
}

/// One time limit of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// How many units; none when the limit is an event in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u32>,
    /// The unit.
    pub unit: Unit,
    /// The event that starts it, or the sentence that describes it.
    pub from: String,
    /// Name of the branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the source adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// After the event, or before it.
    #[serde(default, skip_serializing_if = "is_after")]
    pub direction: Direction,
}

fn is_after(direction: &Direction) -> bool {
    *direction == Direction::After
}

impl Deadline {
    /// The number and unit, when the limit has a number.
    pub fn numeric(&self) -> Option<(u32, Unit)> {
        match self.unit {
            Unit::Event | Unit::None => None,
            unit => self.amount.map(|amount| (amount, unit)),
        }
    }

    /// The names of the events that start it: three limits of the library do not start at an event of their own name
    /// (CONVENTIONS section 1).
    pub fn events(&self) -> &[&str] {
        match self.from.as_str() {
            "before_action_date" => &["action_date"],
            "notice_sent_or_effective_date" => &["notice_sent", "intended_effective_date"],
            "day_after_QIO_receives_information" => &["QIO_receives_information"],
            _ => &[],
        }
    }
}

/// How several limits of one rule work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// All apply; the first one wins.
    Earliest,
    /// The branch that fits the kind of request.
    BySubtype,
    /// The branch of the request's urgency.
    ByUrgency,
    /// The branch of the line of business.
    ByLob,
    /// The branch of the party that acts.
    ByParty,
    /// Steps one after another; the branch names the step.
    Sequence,
    /// Advance notice: the last day to send, before the event.
    MinimumNotice,
    /// The latest of those that have started.
    Latest,
    /// The branch depends on the calendar (New York home health).
    Conditional,
}

impl Combine {
    /// One of its deadlines must be named.
    pub fn needs_branch(self) -> bool {
        matches!(self, Self::BySubtype | Self::ByLob | Self::ByParty | Self::Sequence)
    }
}

/// Do stops count?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stops {
    /// Nothing stops this clock.
    #[default]
    Never,
    /// Every stop counts.
    Always,
    /// Stops count once an extension has taken effect.
    WithExtension,
}

/// Tolling: whether the clock can be stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tolling {
    /// Which stops count.
    pub stops: Stops,
    /// The source's words, ours in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
}

/// What must be asked for, and by when, when something is missing: named parts in words.
pub type InfoRequest = BTreeMap<String, String>;

/// What takes the place of a limit when the request was incomplete, and that was told in time: time to answer, then time to
/// decide. The limits run in a case only, because they hang on what was asked there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incomplete {
    /// What is missing is told within this time of receipt.
    pub ask_within_hours: u32,
    /// The least time to answer.
    pub answer_at_least_hours: u32,
    /// The decision follows within this time of the answer, or of the end of the time to answer if that is earlier.
    pub decide_within_hours: u32,
}

/// When the advance notice of a rule may be shorter: one case that the law names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeException {
    /// Its word in a proposal.
    pub key: String,
    /// What must hold, in one sentence of ours.
    pub says: String,
    /// Citation to the paragraph.
    pub cite: String,
    /// How many units ahead the notice goes out then; 0: by the day itself.
    pub amount: u32,
    /// The unit.
    pub unit: Unit,
    /// How sure we are.
    pub confidence: Confidence,
}

/// What the law says follows when the limit passes. A closed list; none of them is a determination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each word is defined by says()")]
pub enum BreachEffect {
    #[serde(rename = "accreditation_finding")]
    AccreditationFinding,
    #[serde(rename = "auto_forward_ire")]
    AutoForwardIre,
    #[serde(rename = "auto_forward_ire_if_untimely")]
    AutoForwardIreIfUntimely,
    #[serde(rename = "benefits_continue")]
    BenefitsContinue,
    #[serde(rename = "binding")]
    Binding,
    #[serde(rename = "deemed_approved")]
    DeemedApproved,
    #[serde(rename = "deemed_approved_if_uniform_form")]
    DeemedApprovedIfUniformForm,
    #[serde(rename = "deemed_denied")]
    DeemedDenied,
    #[serde(rename = "deemed_exhausted")]
    DeemedExhausted,
    #[serde(rename = "dismiss")]
    Dismiss,
    #[serde(rename = "dismiss_or_good_cause")]
    DismissOrGoodCause,
    #[serde(rename = "escalate")]
    Escalate,
    #[serde(rename = "late_request_still_QIO")]
    LateRequestStillQio,
    #[serde(rename = "liability_hold")]
    LiabilityHold,
    #[serde(rename = "next_level")]
    NextLevel,
    #[serde(rename = "none")]
    None,
    #[serde(rename = "prohibition")]
    Prohibition,
    #[serde(rename = "right_to_IMR")]
    RightToImr,
    #[serde(rename = "right_to_IRO")]
    RightToIro,
    #[serde(rename = "right_to_appeal")]
    RightToAppeal,
    #[serde(rename = "right_to_external")]
    RightToExternal,
    #[serde(rename = "right_to_fair_hearing")]
    RightToFairHearing,
    #[serde(rename = "right_to_grievance")]
    RightToGrievance,
    #[serde(rename = "unknown")]
    Unknown,
}

impl BreachEffect {
    /// The word as packs write it (`deemed_denied`).
    pub fn word(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(word)) => word,
            _ => "unknown".to_owned(),
        }
    }

    /// One sentence for people.
    pub fn says(self) -> &'static str {
        match self {
            Self::AccreditationFinding => "A missed limit is a finding against the accreditation standard.",
            Self::AutoForwardIre => {
                "A missed limit obliges the plan to forward the case to the independent review entity."
            }
            Self::AutoForwardIreIfUntimely => {
                "An untimely answer obliges the plan to forward the case to the review entity."
            }
            Self::BenefitsContinue => "The service and its coverage continue meanwhile.",
            Self::Binding => "The outcome binds the plan.",
            Self::DeemedApproved => {
                "A missed limit counts as approval by operation of law, once a person confirms the facts."
            }
            Self::DeemedApprovedIfUniformForm => "A missed limit counts as approval when the uniform form was used.",
            Self::DeemedDenied => {
                "A missed limit opens appeal rights as if denied; the case stays undecided and late, and a person still decides."
            }
            Self::DeemedExhausted => "A missed limit counts as having exhausted the plan's own appeal process.",
            Self::Dismiss => "A late filing is dismissed.",
            Self::DismissOrGoodCause => "A late filing is dismissed unless good cause is shown.",
            Self::Escalate => "The party may take the case to the next level.",
            Self::LateRequestStillQio => "A late request still goes to the quality improvement organization.",
            Self::LiabilityHold => "The member is not charged while the review runs.",
            Self::NextLevel => "The case may go to the next level.",
            Self::None => "The source names no effect of a missed limit.",
            Self::Prohibition => "The act is barred.",
            Self::RightToImr => "The member may ask for an independent medical review.",
            Self::RightToIro => "The member may ask for review by an independent review organization.",
            Self::RightToAppeal => "The member may appeal.",
            Self::RightToExternal => "The member may ask for external review.",
            Self::RightToFairHearing => "The member may ask for a state fair hearing.",
            Self::RightToGrievance => "The member may file a grievance.",
            Self::Unknown => "The effect of a missed limit has not been established; verify.",
        }
    }
}

/// The effect of missing the limit, and its detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// The effect, from the closed list.
    pub effect: BreachEffect,
    /// Detail in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How sure we are of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confidence {
    /// The text, or a copy of it, was seen.
    #[serde(rename = "source seen")]
    SourceSeen,
    /// Known to the writer, text not seen: verify before use.
    #[serde(rename = "from knowledge, verify")]
    FromKnowledgeVerify,
}

impl Confidence {
    /// The words as packs write them.
    pub fn word(self) -> &'static str {
        match self {
            Self::SourceSeen => "source seen",
            Self::FromKnowledgeVerify => "from knowledge, verify",
        }
    }
}

/// Where a rule was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Short name.
    pub key: String,
    /// Address, or how to find it.
    pub url: String,
    /// Primary text, mirror, summary.
    pub tier: String,
}

/// The second reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// confirmed, corrected, not found.
    pub verdict: String,
    /// primary, mirror, secondary.
    pub tier: String,
    /// The day it was read.
    pub read: Day,
    /// Where.
    pub source: String,
    /// Which edition of the text.
    pub text_version: String,
}

/// What the effective dates are tested against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The local date of receipt.
    #[default]
    CalendarDay,
    /// The first day of the contract's rating period in which the request falls.
    RatingPeriodStart,
    /// Proposed: shipped, shown, never applied.
    Proposed,
}

/// From when to when a version applies. Both days are inclusive; an absent one is open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Effective {
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// Which day is tested.
    #[serde(default)]
    pub basis: Basis,
    /// Doubts and history, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the source states the dates in words: those words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<String>,
}

/// One version of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The version's id, the id of the published table.
    pub id: String,
    /// The family it is a version of.
    pub family: String,
    /// Citation to the paragraph.
    pub cite: String,
    /// One plain sentence of ours.
    pub says: String,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<Source>,
    /// The day it was read; none when it is from knowledge only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_on: Option<Day>,
    /// How sure we are.
    pub confidence: Confidence,
    /// The second reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// Which part of the text was seen, when only a part was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partly_seen: Option<String>,
    /// `US` or `US-NY`.
    pub jurisdiction: String,
    /// From when to when.
    #[serde(default)]
    pub effective: Effective,
    /// For whom, in closed words.
    pub scope: RuleScope,
    /// For whom, in the source's words.
    #[serde(default)]
    pub stated: StatedScope,
    /// The limits.
    #[serde(default)]
    pub deadlines: Vec<Deadline>,
    /// How the limits work together.
    pub combine: Combine,
    /// Whether they may be lengthened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// Whether they may be stopped.
    #[serde(default)]
    pub tolling: Tolling,
    /// The duty to ask for what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info_request: Option<InfoRequest>,
    /// The limits of an incomplete request, where they are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<Incomplete>,
    /// When the advance notice may be shorter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<NoticeException>,
    /// Who is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeDuty>,
    /// What follows when it is missed.
    pub breach: Breach,
    /// How days are counted, in words.
    pub calendar: String,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// What it took the place of, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
    /// The rule of a wider jurisdiction that this one claims never to be later than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tightens: Option<String>,
    /// A clock of the source that is prose here and has no deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prose_only: Option<String>,
    /// SHA-256 of [`Rule::canonical`]; set by the reader, not part of the canonical form.
    #[serde(skip)]
    pub digest: Digest,
}

/// A stored canonical text is not a rule.
#[derive(Debug, thiserror::Error)]
#[error("the stored text of a rule cannot be read: {0}")]
pub struct RuleUnreadable(String);

impl Rule {
    /// The canonical text: compact JSON, fields in the order of the type, absent ones left out. Its SHA-256 is the digest
    /// that a clock pins.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).expect("a rule holds only strings, numbers and maps with string keys")
    }

    /// Reads a canonical text back; the digest is left empty for the caller, who knows it.
    pub fn from_canonical(text: &str) -> Result<Self, RuleUnreadable> {
        serde_json::from_str(text).map_err(|error| RuleUnreadable(error.to_string()))
    }

    /// Has at least one limit with a number.
    pub fn has_clock(&self) -> bool {
        self.deadlines.iter().any(|d| d.numeric().is_some())
    }

    /// The rule as it stands when one of its exceptions holds: the advance notice is that of the exception.
    pub fn under(&self, exception: &str) -> Option<Self> {
        let taken = self.exceptions.iter().find(|e| e.key == exception)?;
        let mut rule = self.clone();
        for deadline in rule.deadlines.iter_mut().filter(|d| d.numeric().is_some()) {
            (deadline.amount, deadline.unit) = (Some(taken.amount), taken.unit);
        }
        Some(rule)
    }

    /// The branches one may name.
    pub fn branches(&self) -> impl Iterator<Item = &str> {
        self.deadlines.iter().filter_map(|d| d.key.as_deref())
    }

    /// The branch that the scope's own words already settle, if any: the urgency, or the line of business.
    pub fn branch_from_scope(&self, line_of_business: &str, urgency: &str) -> Option<&str> {
        let same: &[&str] = match urgency {
            "expedited" => &["expedited", "urgent"],
            "standard" => &["standard"],
            _ => &[],
        };
        match self.combine {
            // "standard" answers the urgency only where the other branch is the urgent one.
            Combine::BySubtype if self.branches().any(|key| ["expedited", "urgent", "emergent"].contains(&key)) => {
                self.branches().find(|key| same.contains(key))
            }
            Combine::ByLob => self.branches().find(|key| *key == line_of_business),
            _ => None,
        }
    }
}
