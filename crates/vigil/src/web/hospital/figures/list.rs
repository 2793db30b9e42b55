//! The measures themselves: what is counted, of what, in words, and on whose definition.

/// How a measure is computed and drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A share of stays: a p chart.
    Share,
    /// Events for each unit of something counted: a u chart.
    Rate,
    /// A quotient of sums, a number for itself: an XmR chart.
    Ratio,
}

/// A measure.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Its word in addresses.
    pub word: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What is counted.
    pub hits: &'static str,
    /// Of what.
    pub of: &'static str,
    /// How.
    pub kind: Kind,
    /// In words.
    pub says: &'static str,
    /// Whose definition, with its confidence.
    pub cite: &'static str,
}

const fn measure(
    word: &'static str,
    name: &'static str,
    (hits, of): (&'static str, &'static str),
    kind: Kind,
    says: &'static str,
    cite: &'static str,
) -> Measure {
    Measure { word, name, hits, of, kind, says, cite }
}

const OURS: &str = "our definition";
const FIELD: &str = "usual in the field (from knowledge, verify)";

/// Every measure, in the order of the page.
pub const MEASURES: &[Measure] = &[
    measure(
        "observation-rate",
        "Observation rate",
        ("observation_patient", "bedded"),
        Kind::Share,
        "Stays that ended or stand as observation, of these and inpatient stays together.",
        FIELD,
    ),
    measure(
        "conversion",
        "Observation converted to inpatient",
        ("observation_converted", "observation_started"),
        Kind::Share,
        "Observation stays that became inpatient, of all that began in observation.",
        FIELD,
    ),
    measure(
        "observation-hours",
        "Mean observation hours",
        ("observation_hours", "observation_started"),
        Kind::Ratio,
        "Hours under observation orders for each stay that began in observation.",
        FIELD,
    ),
    measure(
        "observation-over-24",
        "Observation over 24 hours",
        ("observation_over_24", "observation_started"),
        Kind::Share,
        "Observation of more than 24 hours (24 hours to the second are not more), of all that began in observation.",
        FIELD,
    ),
    measure(
        "observation-over-48",
        "Observation over 48 hours",
        ("observation_over_48", "observation_started"),
        Kind::Share,
        "Observation of more than 48 hours, of all that began in observation.",
        FIELD,
    ),
    measure(
        "cc44-rate",
        "Condition code 44 rate",
        ("cc44", "inpatient_order"),
        Kind::Share,
        "Inpatient stays changed to outpatient before discharge, of stays with an inpatient order. There is no official benchmark.",
        FIELD,
    ),
    measure(
        "w2-rate",
        "W2 rate",
        ("w2", "medicare_discharged"),
        Kind::Share,
        "Stays rebilled under Part B after discharge, of Medicare inpatient discharges.",
        FIELD,
    ),
    measure(
        "los-ratio",
        "Length of stay, observed to expected",
        ("gmlos_length_days", "gmlos_days"),
        Kind::Ratio,
        "Days of inpatient stays that are grouped, over the geometric mean days of their MS-DRGs.",
        "IPPS Table 5 gives the expected days",
    ),
    measure(
        "variance-days",
        "Variance days a discharge",
        ("variance_days", "gmlos_stays"),
        Kind::Ratio,
        "Days above the expected length, for each inpatient discharge whose MS-DRG has one.",
        FIELD,
    ),
    measure(
        "avoidable-days",
        "Avoidable days a stay",
        ("avoidable_days", "bedded_stay"),
        Kind::Rate,
        "Days coded to a reason that counts as avoidable, for each inpatient or observation stay, those in the house included; all of a stay’s days count on the stay’s day. The board lists the same days one by one, by their own dates.",
        OURS,
    ),
    measure(
        "one-day-stays",
        "One-day stays",
        ("one_day_stay", "discharged"),
        Kind::Share,
        "Inpatient stays of one day or less, of inpatient discharges.",
        FIELD,
    ),
    measure(
        "short-stays",
        "Inpatient stays under two midnights",
        ("short_stay", "ordered_discharged"),
        Kind::Share,
        "Inpatient stays of less than two midnights after the order took effect (never before it was written; leave not counted), of inpatient discharges with an order.",
        FIELD,
    ),
    measure(
        "initial-review",
        "Initial review on time",
        ("initial_review_on_time", "initial_review"),
        Kind::Share,
        "First reviews done before policy’s due time, of first reviews that were due. Whoever left without one is a miss.",
        OURS,
    ),
    measure(
        "referred",
        "Referred to physician advisor",
        ("advisor_referred", "reviews"),
        Kind::Rate,
        "Cases sent up for second-level review, for each first-level review. Sent up is not decided.",
        OURS,
    ),
    measure(
        "agreement",
        "Advisor agreed with the first level",
        ("advisor_agreed", "advisor_answered"),
        Kind::Share,
        "Second-level answers that found what the first level found, of all answers.",
        OURS,
    ),
    measure(
        "authorization",
        "Authorization obtained",
        ("authorization_obtained", "elective_needs_authorization"),
        Kind::Share,
        "Elective admissions approved with a number on the day of admission or before, of elective admissions whose payer needs one.",
        FIELD,
    ),
    measure(
        "notification",
        "Payer told on time",
        ("notified_on_time", "notified"),
        Kind::Share,
        "Admissions told within the contract’s time, of those whose contract sets one.",
        "the payer’s contract",
    ),
    measure(
        "days-at-risk",
        "Days at risk a stay",
        ("days_at_risk", "left_stay"),
        Kind::Rate,
        "Days without the first payer’s approval where it needs one, for each inpatient or observation stay that has ended.",
        OURS,
    ),
    measure(
        "denial",
        "Denied at first",
        ("denied_first", "authorization_needed"),
        Kind::Share,
        "Stays whose first answer of the payer was a denial, of stays that need an authorization.",
        FIELD,
    ),
    measure(
        "denial-final",
        "Denied in the end",
        ("denied_final", "authorization_needed"),
        Kind::Share,
        "Stays that stand denied after peer-to-peer and appeal, of stays that need an authorization.",
        FIELD,
    ),
    measure(
        "p2p-overturn",
        "Overturned by peer-to-peer",
        ("peer_to_peer_overturned", "peer_to_peer_held"),
        Kind::Share,
        "Talks held that changed the answer, in whole or part, of talks held.",
        OURS,
    ),
    measure(
        "appeal-overturn",
        "Overturned on appeal",
        ("appeals_overturned", "appeals_decided"),
        Kind::Share,
        "Appeals that changed the answer, in whole or part, of appeals decided.",
        OURS,
    ),
    measure(
        "moon",
        "MOON on time",
        ("moon_on_time", "moon_owed"),
        Kind::Share,
        "Medicare Outpatient Observation Notices given within their window, of those owed.",
        "42 CFR 489.20(y)",
    ),
    measure(
        "im",
        "Important Message on time",
        ("im_on_time", "im_owed"),
        Kind::Share,
        "First copies given within two days of admission, of those owed.",
        "42 CFR 405.1205, 422.620",
    ),
    measure(
        "im-follow-up",
        "Important Message follow-up on time",
        ("im_follow_up_on_time", "im_follow_up_owed"),
        Kind::Share,
        "Follow-up copies given within their window, of those owed.",
        "42 CFR 405.1205, 422.620",
    ),
    measure(
        "mcsn",
        "Change of status notice before release",
        ("mcsn_before_release", "mcsn_owed"),
        Kind::Share,
        "Medicare Change of Status Notices given before release, of those owed.",
        "42 CFR 405.1210",
    ),
    measure(
        "mcsn-window",
        "Change of status notice in its window",
        ("mcsn_on_time", "mcsn_owed"),
        Kind::Share,
        "Medicare Change of Status Notices given no later than four hours before release, of those owed.",
        "42 CFR 405.1210(b)(1)",
    ),
    measure(
        "ny-notice",
        "New York observation notice on time",
        ("ny_obs_on_time", "ny_obs_owed"),
        Kind::Share,
        "New York observation notices given within 24 hours of assignment, of those owed.",
        "NY PHL 2805-w",
    ),
];
