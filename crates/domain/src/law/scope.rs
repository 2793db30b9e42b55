//! For whom and when a rule applies: its own reach, and the question put to it.

use serde::{Deserialize, Serialize};

use super::rule::{Basis, Combine, Rule};
use crate::time::Day;

/// The reach of a rule in closed words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleScope {
    /// Lines of business.
    pub lines_of_business: Vec<String>,
    /// Kinds of review.
    pub reviews: Vec<String>,
    /// standard, expedited, any.
    pub urgency: String,
    /// None: ordinary items and services. Otherwise the rule applies only to that subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Facts of the contract or the request that must hold.
    #[serde(default, skip_serializing_if = "Requires::is_empty")]
    pub requires: Requires,
    /// When it leaves the field to another version of its family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gives_way: Option<GivesWay>,
}

/// Facts that must hold; an absent one is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requires {
    /// The service is under the plan's prior-authorization rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pa_required: Option<bool>,
    /// The plan is grandfathered under the Affordable Care Act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grandfathered: Option<bool>,
    /// The accreditation the plan holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accreditation: Option<String>,
    /// The state's uniform form was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uniform_form: Option<bool>,
    /// The contract's rating period must be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating_period_start: Option<bool>,
}

impl Requires {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// From a day on, a version gives way to another one when a fact is stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivesWay {
    /// The version that applies instead.
    pub to: String,
    /// From this day of receipt.
    pub from: Day,
    /// When this fact is stated.
    pub pa_required: bool,
}

/// The reach as the source's own columns have it: for reading only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StatedScope {
    /// Line of business.
    #[serde(default)]
    pub line_of_business: String,
    /// Kind of request.
    #[serde(default)]
    pub request_type: String,
    /// Urgency.
    #[serde(default)]
    pub urgency: String,
    /// What narrows it further.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_when: Option<String>,
    /// How the table saw it on the day it was made; not used by the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// Facts of one contract and one request that rules ask for; an absent one was not stated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flags {
    /// The service is under the plan's prior-authorization rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pa_required: Option<bool>,
    /// First day of the rating period in which the request falls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating_period_start: Option<Day>,
    /// The accreditation the plan holds (`ncqa`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accreditation: Option<String>,
    /// The plan is grandfathered under the Affordable Care Act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grandfathered: Option<bool>,
    /// The state's uniform form was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uniform_form: Option<bool>,
}

/// A question to the library: which rules apply to this.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Scope {
    /// A line of business of the library's vocabulary.
    pub line_of_business: String,
    /// `US`, or the contract's state as `US-NY` (federal rules apply beside the state's).
    pub jurisdiction: String,
    /// A kind of review.
    pub review: String,
    /// standard or expedited.
    pub urgency: String,
    /// None for ordinary items and services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Facts stated.
    #[serde(default)]
    pub flags: Flags,
}

/// Whether a version applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It applies.
    InForce,
    /// It does not, and why.
    Not(NotBecause),
    /// It cannot be told without the contract's rating period.
    NeedsRatingPeriod,
}

/// Why a version does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotBecause {
    /// Proposed law never applies.
    Proposed,
    /// The tested day is before its first day.
    NotYet,
    /// The tested day is after its last day.
    NoLonger,
    /// The request is not under prior authorization.
    NotUnderPriorAuthorization,
    /// Another version of its family has taken over for this request.
    GaveWay,
    /// A fact that it asks for was not stated.
    FactNotStated,
    /// A fact that it asks for does not hold.
    FactDoesNotHold,
}

impl NotBecause {
    /// The words people read.
    pub fn says(self) -> &'static str {
        match self {
            Self::Proposed => "proposed law: shipped for reading, never applied",
            Self::NotYet => "not yet in force on that day",
            Self::NoLonger => "no longer in force on that day",
            Self::NotUnderPriorAuthorization => "applies only to services under prior authorization",
            Self::GaveWay => "gives way to the newer version for requests under prior authorization",
            Self::FactNotStated => "asks for a fact (accreditation or uniform form) that was not stated",
            Self::FactDoesNotHold => "asks for a fact of the contract or request that does not hold",
        }
    }
}

impl Rule {
    /// Does this version apply by its dates and by the facts that choose between versions? `day` is the local date of
    /// receipt; without one, calendar dates are not tested.
    pub fn standing(&self, flags: &Flags, day: Option<Day>) -> Standing {
        let tested = match self.effective.basis {
            Basis::Proposed => return Standing::Not(NotBecause::Proposed),
            Basis::CalendarDay => day,
            Basis::RatingPeriodStart if self.effective.from.is_none() && self.effective.to.is_none() => None,
            Basis::RatingPeriodStart => match flags.rating_period_start {
                None => return Standing::NeedsRatingPeriod,
                given => given,
            },
        };
        if let Some(tested) = tested {
            if self.effective.from.is_some_and(|from| tested < from) {
                return Standing::Not(NotBecause::NotYet);
            }
            if self.effective.to.is_some_and(|to| tested > to) {
                return Standing::Not(NotBecause::NoLonger);
            }
        }
        if self.scope.requires.pa_required == Some(true) && flags.pa_required == Some(false) {
            return Standing::Not(NotBecause::NotUnderPriorAuthorization);
        }
        if let (Some(way), Some(day)) = (&self.scope.gives_way, day)
            && flags.pa_required == Some(way.pa_required)
            && day >= way.from
        {
            return Standing::Not(NotBecause::GaveWay);
        }
        Standing::InForce
    }

    /// Do the contract's facts satisfy what the rule asks for? Unknown accreditation and form do not; an unstated
    /// grandfathered status does, because the earlier limit is the safe one.
    pub(super) fn facts_hold(&self, flags: &Flags) -> Result<(), NotBecause> {
        let requires = &self.scope.requires;
        if let Some(wanted) = &requires.accreditation {
            match &flags.accreditation {
                None => return Err(NotBecause::FactNotStated),
                Some(held) if held != wanted => return Err(NotBecause::FactDoesNotHold),
                Some(_) => {}
            }
        }
        if requires.uniform_form == Some(true) {
            match flags.uniform_form {
                None => return Err(NotBecause::FactNotStated),
                Some(false) => return Err(NotBecause::FactDoesNotHold),
                Some(true) => {}
            }
        }
        match (requires.grandfathered, flags.grandfathered) {
            (Some(wanted), Some(stated)) if wanted != stated => Err(NotBecause::FactDoesNotHold),
            _ => Ok(()),
        }
    }

    /// Is the question inside the rule's reach (line of business and review are looked up before)?
    pub(super) fn reaches(&self, scope: &Scope) -> bool {
        let place = self.jurisdiction == "US" || self.jurisdiction == scope.jurisdiction;
        let urgency =
            self.scope.urgency == "any" || self.combine == Combine::ByUrgency || self.scope.urgency == scope.urgency;
        place && urgency && self.scope.subject == scope.subject
    }
}
