//! The hospital's measures: each one block (what is counted, of what, in words, on whose definition), summed over the rows of
//! the stays that count on a day of the period. Nothing is read and nothing drawn here.

mod list;

use std::collections::BTreeMap;

use vigil_domain::{
    control_chart::{Chart, p_chart, u_chart, xmr_chart},
    time::Day,
};
use vigil_store::FiguresRow;

pub use self::list::{Kind, MEASURES, Measure};
use crate::web::words;

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
            let mut chart = xmr_chart(&values);
            // Nothing that is counted here falls below nothing.
            chart.points.iter_mut().for_each(|point| point.low = point.low.max(0.0));
            chart
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
        let variance = [
            row("mercy", date(2026, 9, 1), &[("discharged", 1.0), ("gmlos_stays", 1.0), ("variance_days", 4.0)]),
            row("mercy", date(2026, 10, 1), &[("discharged", 2.0), ("gmlos_stays", 2.0)]),
            row("mercy", date(2026, 10, 1), &[("discharged", 1.0)]),
        ];
        let days = named("variance-days");
        assert_eq!(
            tally(days, variance.iter()).counted(),
            "4 of 3",
            "a stay without an expected length is not counted"
        );
        let drawn = chart(days, &by_month(days, &variance));
        assert!(drawn.points.iter().all(|point| point.low == 0.0), "no limit lies below nothing: {drawn:?}");
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
