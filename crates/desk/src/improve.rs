//! The figures that improvements and motions rest on: late notices by week with their signal, and what became of a service.

use std::collections::BTreeMap;

use vigil_domain::{
    control_chart::{self, Chart},
    improvement::Signal,
    motion::Figures,
    time::{Day, Moment, Zone},
};
use vigil_store::{DecidedRow, MeasureRow, StoreFault};

use crate::Desk;

/// The figure whose signals are taken up.
pub const LATE_NOTICES: &str = "late_notices";

/// Notices of one week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateWeek {
    /// Its Monday.
    pub week: Day,
    /// Given late.
    pub late: i64,
    /// Given in all.
    pub sent: i64,
}

/// Monday of a day's week.
pub fn monday(day: Day) -> Day {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(jiff::Span::new().days(back)).unwrap_or(day)
}

/// Notices given, by week, oldest first; weeks without notices are left out.
pub fn late_by_week(measures: &[MeasureRow]) -> Vec<LateWeek> {
    let mut weeks: BTreeMap<Day, (i64, i64)> = BTreeMap::new();
    for row in measures {
        let late = row.key == "notice_late";
        if late || row.key == "notice_on_time" {
            let entry = weeks.entry(monday(row.day)).or_default();
            entry.0 += if late { row.n } else { 0 };
            entry.1 += row.n;
        }
    }
    weeks.into_iter().map(|(week, (late, sent))| LateWeek { week, late, sent }).collect()
}

/// The control chart of late notices; each point's label is its Monday as `YYYY-MM-DD`.
pub fn late_chart(weeks: &[LateWeek]) -> Chart {
    let groups: Vec<(String, i64, i64)> = weeks.iter().map(|w| (w.week.to_string(), w.late, w.sent)).collect();
    control_chart::p_chart(&groups)
}

/// The first and the last moment of a week in a zone, the last not included.
pub fn week_span(week: Day, zone: &Zone) -> (Moment, Moment) {
    let next = week.checked_add(jiff::Span::new().days(7)).unwrap_or(week);
    (midnight(week, zone), midnight(next, zone))
}

/// The first moment of a day in a zone.
pub fn midnight(day: Day, zone: &Zone) -> Moment {
    zone.start_of(day).unwrap_or(Moment::MIN)
}

impl Desk {
    /// The signal of a week on the chart of a period; none where the week has none.
    ///
    /// # Errors
    /// Faults of the store.
    pub fn late_signal(&self, tenant: &str, from: Day, through: Day, week: Day) -> Result<Option<Signal>, StoreFault> {
        let chart = late_chart(&late_by_week(&self.store.measures(tenant, from, through)?));
        let label = week.to_string();
        let point = chart.points.iter().find(|point| point.label == label && !point.signals.is_empty());
        Ok(point.map(|point| Signal {
            measure: LATE_NOTICES.to_owned(),
            week,
            counted: point.counted.0,
            of: point.counted.1,
            centre: chart.centre,
            high: point.high,
            rule: point.signals.iter().map(|signal| signal.says()).collect::<Vec<_>>().join("; "),
        }))
    }

    /// What became of a service in a period, by the day of decision in a zone.
    ///
    /// # Errors
    /// Faults of the store.
    pub fn figures_of(
        &self,
        tenant: &str,
        code: &str,
        (from, through): (Day, Day),
        zone: &Zone,
    ) -> Result<Figures, StoreFault> {
        let end = through.tomorrow().unwrap_or(through);
        let decided = self.store.decided(tenant, midnight(from, zone), midnight(end, zone))?;
        let mut figures = Figures { from, through, decided: 0, approved: 0, automated: 0 };
        for row in decided.iter().filter(|row| row.service == code && is_decision(row)) {
            figures.decided += 1;
            figures.approved += i64::from(row.outcome == "approved");
            figures.automated += i64::from(row.automated);
        }
        Ok(figures)
    }
}

/// Whether a row counts as a decision; what was taken back, dismissed or not reviewed does not.
pub fn is_decision(row: &DecidedRow) -> bool {
    !matches!(row.outcome.as_str(), "withdrawn" | "dismissed" | "void" | "cancelled" | "no_review_required")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn row(day: Day, key: &str, n: i64) -> MeasureRow {
        MeasureRow {
            day,
            line_of_business: "medicare-advantage".into(),
            urgency: "standard".into(),
            key: key.into(),
            n,
            seconds: 0,
        }
    }

    #[test]
    fn notices_are_counted_by_week_and_eight_late_ones_are_a_signal() {
        let mut rows = Vec::new();
        for week in 0..6_i64 {
            let monday = date(2026, 10, 5).checked_add(jiff::Span::new().days(week * 7)).unwrap();
            rows.push(row(monday, "notice_on_time", 40));
            rows.push(row(monday, "received", 9));
        }
        rows.push(row(date(2026, 11, 10), "notice_late", 8));
        let weeks = late_by_week(&rows);
        assert_eq!(weeks.len(), 6);
        assert_eq!(weeks[5], LateWeek { week: date(2026, 11, 9), late: 8, sent: 48 });
        let chart = late_chart(&weeks);
        assert!(chart.points[..5].iter().all(|point| point.signals.is_empty()));
        assert!(!chart.points[5].signals.is_empty());
    }
}
