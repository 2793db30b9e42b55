//! The hospital's measures: each one block (what is counted, of what, in words, on whose definition), summed over the rows of
//! the stays that count on a day of the period. Nothing is read and nothing drawn here.

use std::collections::BTreeMap;

use vigil_domain::{
    control_chart::{Chart, p_chart, u_chart, xmr_chart},
    time::Day,
};
use vigil_store::FiguresRow;

use crate::web::words;

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
        ("variance_days", "discharged"),
        Kind::Ratio,
        "Days above the expected length, for each inpatient discharge.",
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
        "Change of status notice on time",
        ("mcsn_on_time", "mcsn_owed"),
        Kind::Share,
        "Medicare Change of Status Notices given before release, of those owed.",
        "42 CFR 405.1210",
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

/// Sums that are no figure of one stay but the sum of two.
const SUMS: &[(&str, &[&str])] = &[
    ("bedded", &["observation_patient", "inpatient"]),
    ("initial_review", &["initial_review_on_time", "initial_review_late"]),
    ("notified", &["notified_on_time", "notified_late"]),
];

fn value(row: &FiguresRow, name: &str) -> f64 {
    let one = |name: &str| row.figures.get(name).copied().unwrap_or(0.0);
    SUMS.iter().find(|(sum, _)| *sum == name).map_or_else(|| one(name), |(_, parts)| parts.iter().map(|p| one(p)).sum())
}

/// Counted and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Counted.
    pub hits: f64,
    /// Of.
    pub of: f64,
}

impl Tally {
    fn add(&mut self, measure: &Measure, row: &FiguresRow) {
        self.hits += value(row, measure.hits);
        self.of += value(row, measure.of);
    }

    /// The figure as shown; a dash when nothing was counted.
    pub fn shown(&self, kind: Kind) -> String {
        if self.of <= 0.0 {
            return "–".to_owned();
        }
        let quotient = self.hits / self.of;
        if kind == Kind::Share { format!("{:.1} %", quotient * 100.0) } else { format!("{quotient:.2}") }
    }

    /// `3 of 41`.
    pub fn counted(&self) -> String {
        format!(
            "{} of {}",
            words::number((self.hits * 10.0).round() / 10.0),
            words::number((self.of * 10.0).round() / 10.0)
        )
    }
}

/// The sum of a measure over rows.
pub fn tally<'a>(measure: &Measure, rows: impl Iterator<Item = &'a FiguresRow>) -> Tally {
    let mut tally = Tally::default();
    rows.for_each(|row| tally.add(measure, row));
    tally
}

/// A way to break a figure down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// By hospital.
    Hospital,
    /// By unit.
    Unit,
    /// By payer.
    Payer,
    /// By attending.
    Attending,
}

impl Split {
    /// All, with word and title.
    pub const ALL: &'static [(Split, &'static str, &'static str)] = &[
        (Self::Hospital, "hospital", "Hospital"),
        (Self::Unit, "unit", "Unit"),
        (Self::Payer, "payer", "Payer"),
        (Self::Attending, "attending", "Attending"),
    ];

    /// From its word; by hospital otherwise.
    pub fn of(word: &str) -> Self {
        Self::ALL.iter().find(|(_, w, _)| *w == word).map_or(Self::Hospital, |(split, ..)| *split)
    }

    fn key(self, row: &FiguresRow) -> &str {
        match self {
            Self::Hospital => &row.hospital,
            Self::Unit => &row.unit,
            Self::Payer => &row.payer,
            Self::Attending => &row.attending,
        }
    }
}

/// A measure by group, the largest population first.
pub fn by_group(measure: &Measure, rows: &[FiguresRow], split: Split) -> Vec<(String, Tally)> {
    let mut groups: BTreeMap<&str, Tally> = BTreeMap::new();
    for row in rows {
        groups.entry(split.key(row)).or_default().add(measure, row);
    }
    let mut groups: Vec<(String, Tally)> =
        groups.into_iter().filter(|(_, t)| t.of > 0.0).map(|(name, t)| (name.to_owned(), t)).collect();
    groups.sort_by(|a, b| b.1.of.total_cmp(&a.1.of).then_with(|| a.0.cmp(&b.0)));
    groups
}

/// A measure by month, oldest first: the label and the tally.
pub fn by_month(measure: &Measure, rows: &[FiguresRow]) -> Vec<(Day, Tally)> {
    let mut months: BTreeMap<Day, Tally> = BTreeMap::new();
    for row in rows {
        months.entry(row.day.first_of_month()).or_default().add(measure, row);
    }
    months.into_iter().filter(|(_, t)| t.of > 0.0).collect()
}

/// The control chart of a measure by month.
pub fn chart(measure: &Measure, months: &[(Day, Tally)]) -> Chart {
    let label = |day: Day| day.strftime("%b %Y").to_string();
    let whole = |n: f64| n.round() as i64;
    match measure.kind {
        Kind::Share => {
            let groups: Vec<(String, i64, i64)> =
                months.iter().map(|(day, t)| (label(*day), whole(t.hits), whole(t.of))).collect();
            p_chart(&groups)
        }
        Kind::Rate => {
            let groups: Vec<(String, f64, f64)> = months.iter().map(|(day, t)| (label(*day), t.hits, t.of)).collect();
            u_chart(&groups)
        }
        Kind::Ratio => {
            let values: Vec<(String, f64)> = months.iter().map(|(day, t)| (label(*day), t.hits / t.of)).collect();
            xmr_chart(&values)
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn row(hospital: &str, day: Day, figures: &[(&str, f64)]) -> FiguresRow {
        FiguresRow {
            hospital: hospital.into(),
            day,
            figures: figures.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect(),
            ..FiguresRow::default()
        }
    }

    fn named(word: &str) -> &'static Measure {
        MEASURES.iter().find(|m| m.word == word).unwrap()
    }

    #[test]
    fn shares_and_ratios_by_group_and_month_worked_by_hand() {
        let rows = [
            row("mercy", date(2026, 9, 30), &[("observation_patient", 1.0)]),
            row("mercy", date(2026, 10, 1), &[("inpatient", 1.0), ("gmlos_days", 4.0), ("gmlos_length_days", 6.0)]),
            row("mercy", date(2026, 10, 2), &[("inpatient", 1.0), ("gmlos_days", 2.0), ("gmlos_length_days", 3.0)]),
            row("north", date(2026, 10, 2), &[("inpatient", 1.0)]),
        ];
        let rate = named("observation-rate");
        let all = tally(rate, rows.iter());
        assert_eq!((all.hits, all.of, all.shown(rate.kind).as_str()), (1.0, 4.0, "25.0 %"));
        let groups = by_group(rate, &rows, Split::Hospital);
        assert_eq!(groups[0].0, "mercy");
        assert_eq!(groups[0].1.counted(), "1 of 3");
        let ratio = named("los-ratio");
        assert_eq!(tally(ratio, rows.iter()).shown(ratio.kind), "1.50");
        let months = by_month(rate, &rows);
        assert_eq!(
            months.iter().map(|(m, t)| (*m, t.of)).collect::<Vec<_>>(),
            [(date(2026, 9, 1), 1.0), (date(2026, 10, 1), 3.0)]
        );
        assert_eq!(tally(named("moon"), rows.iter()).shown(Kind::Share), "–", "a share of nothing is not a value");
    }

    #[test]
    fn every_measure_has_a_word_of_its_own() {
        let mut words: Vec<&str> = MEASURES.iter().map(|m| m.word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), MEASURES.len());
    }
}
