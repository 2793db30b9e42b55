//! Payer-specific admission guidelines: what one contract asks before it calls a stay inpatient, as data.

use serde::{Deserialize, Serialize};

use super::facts::PayerFacts;
use crate::{codes, law::Confidence, party::LineOfBusiness, time::Day};

codes! {
    /// What one condition of a guideline looks at.
    Needs {
        /// At least so many midnights expected in all (`figure`).
        ExpectedMidnights = "expected-midnights",
        /// At least so many hours of hospital care or observation spent (`figure`).
        HoursOfCare = "hours-of-care",
        /// A licensed criteria product found it met; `product` names it, if the contract does.
        Product = "licensed-product",
        /// A reviewer answered the question with yes.
        Answered = "answered",
        /// An order to admit is there.
        Order = "order",
    }
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Name within the guideline; answers are keyed by it.
    pub id: String,
    /// The question, in plain words.
    pub asks: String,
    /// What it looks at.
    pub needs: Needs,
    /// The figure, where one is asked.
    #[serde(default)]
    pub figure: Option<u32>,
    /// The product, where one is named.
    #[serde(default)]
    pub product: Option<String>,
}

/// One payer's guideline. All of `all` and one of `any` (when there are some) make inpatient status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdmissionGuideline {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// The payer it binds; none: every payer of these lines of business.
    #[serde(default)]
    pub payer_id: Option<String>,
    /// Plans of that payer; empty for all.
    #[serde(default)]
    pub plan_ids: Vec<String>,
    /// Lines of business it binds. Medicare is never bound by one (its own rules apply).
    pub lines_of_business: Vec<LineOfBusiness>,
    /// `US`, or `US-NY`.
    #[serde(default = "everywhere")]
    pub jurisdiction: String,
    /// First day of admission it applies to.
    #[serde(default)]
    pub from: Option<Day>,
    /// Last day.
    #[serde(default)]
    pub through: Option<Day>,
    /// Contract clause or rule.
    pub cite: String,
    /// One plain sentence.
    pub says: String,
    /// Where it was read.
    pub source: String,
    /// When.
    pub read_on: Day,
    /// How sure.
    pub confidence: Confidence,
    /// Made for demonstration; shown wherever it decides.
    #[serde(default)]
    pub demonstration: bool,
    /// All of these.
    #[serde(default)]
    pub all: Vec<Condition>,
    /// And one of these.
    #[serde(default)]
    pub any: Vec<Condition>,
}

fn everywhere() -> String {
    "US".to_owned()
}

impl AdmissionGuideline {
    /// Whether it binds this payer, here, on this day of admission.
    pub fn binds(&self, payer: &PayerFacts, jurisdiction: &str, on: Day) -> bool {
        !payer.is_medicare()
            && self.lines_of_business.contains(&payer.line_of_business)
            && (self.jurisdiction == "US" || self.jurisdiction == jurisdiction)
            && self.payer_id.as_ref().is_none_or(|id| payer.payer_id.as_ref() == Some(id))
            && (self.plan_ids.is_empty() || payer.plan_id.as_ref().is_some_and(|plan| self.plan_ids.contains(plan)))
            && self.from.is_none_or(|from| from <= on)
            && self.through.is_none_or(|through| on <= through)
    }

    /// How closely it names the payer: the closest of several applies.
    pub fn closeness(&self) -> u8 {
        u8::from(self.payer_id.is_some()) * 4
            + u8::from(!self.plan_ids.is_empty()) * 2
            + u8::from(self.jurisdiction != "US")
    }
}

/// What a guideline says of a stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuidelineAnswer {
    /// Which.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Met, not met, or not known.
    pub met: super::procedure::Met,
    /// Conditions that are not met.
    pub unmet: Vec<String>,
    /// Conditions nobody has answered.
    pub unanswered: Vec<String>,
    /// Made for demonstration.
    pub demonstration: bool,
}
