//! Control charts: is a figure moving by itself, or did something happen? p charts for shares, XmR charts for single
//! values, with their limits and run rules (Shewhart 1931; Western Electric 1956; Nelson 1984: from knowledge, verify).

/// Why a point, or a run that ends at it, is a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// Outside its three-sigma limits.
    Outside,
    /// Two of three in a row beyond two sigma on one side.
    TwoOfThree,
    /// Eight in a row on one side of the centre line.
    Shift,
    /// Six in a row, each higher (or each lower) than the one before.
    Trend,
}

impl Signal {
    /// In words.
    pub fn says(self) -> &'static str {
        match self {
            Self::Outside => "outside the limits",
            Self::TwoOfThree => "two of three beyond two sigma",
            Self::Shift => "eight in a row on one side of the centre line",
            Self::Trend => "six in a row in one direction",
        }
    }
}

/// One point of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What it stands for (`Mar 9, 2026`).
    pub label: String,
    /// How many were counted of how many; both 0 on an XmR chart.
    pub counted: (i64, i64),
    /// The value drawn: a share from 0 to 1, or the measured value.
    pub value: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// What is remarkable about it.
    pub signals: Vec<Signal>,
}

/// A chart ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The centre line.
    pub centre: f64,
    /// The points, oldest first.
    pub points: Vec<Point>,
}

impl Chart {
    /// Whether anything is remarkable.
    pub fn has_signal(&self) -> bool {
        self.points.iter().any(|p| !p.signals.is_empty())
    }
}

/// A p chart of shares: (label, how many had it, of how many). Groups without members are left out, because a share of
/// nothing is not a value.
pub fn p_chart(groups: &[(String, i64, i64)]) -> Chart {
    let used: Vec<&(String, i64, i64)> = groups.iter().filter(|(_, _, n)| *n > 0).collect();
    let (hits, all) = used.iter().fold((0, 0), |(h, a), (_, hit, n)| (h + hit, a + n));
    if all == 0 {
        return Chart { centre: 0.0, points: Vec::new() };
    }
    let centre = hits as f64 / all as f64;
    let mut sigmas = Vec::with_capacity(used.len());
    let mut points: Vec<Point> = Vec::with_capacity(used.len());
    for (label, hit, n) in used {
        let sigma = (centre * (1.0 - centre) / *n as f64).sqrt();
        sigmas.push(sigma);
        points.push(Point {
            label: label.clone(),
            counted: (*hit, *n),
            value: *hit as f64 / *n as f64,
            low: (centre - 3.0 * sigma).max(0.0),
            high: (centre + 3.0 * sigma).min(1.0),
            signals: Vec::new(),
        });
    }
    mark(centre, &sigmas, &mut points);
    Chart { centre, points }
}

/// An XmR chart of single values: limits are the mean plus and minus 2.66 times the mean moving range.
pub fn xmr_chart(values: &[(String, f64)]) -> Chart {
    if values.is_empty() {
        return Chart { centre: 0.0, points: Vec::new() };
    }
    let centre = values.iter().map(|(_, v)| v).sum::<f64>() / values.len() as f64;
    let ranges: Vec<f64> = values.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).collect();
    let mean_range = if ranges.is_empty() { 0.0 } else { ranges.iter().sum::<f64>() / ranges.len() as f64 };
    let reach = 2.66 * mean_range;
    let mut points: Vec<Point> = values
        .iter()
        .map(|(label, value)| Point {
            label: label.clone(),
            counted: (0, 0),
            value: *value,
            low: centre - reach,
            high: centre + reach,
            signals: Vec::new(),
        })
        .collect();
    let sigmas = vec![reach / 3.0; points.len()];
    mark(centre, &sigmas, &mut points);
    Chart { centre, points }
}

/// A u chart of rates: (label, how many events, over how much). Limits are u plus and minus three times the root of u over
/// the group's size.
pub fn u_chart(groups: &[(String, f64, f64)]) -> Chart {
    let used: Vec<&(String, f64, f64)> = groups.iter().filter(|(_, _, over)| *over > 0.0).collect();
    let (events, all) = used.iter().fold((0.0, 0.0), |(e, a), (_, events, over)| (e + events, a + over));
    if all <= 0.0 {
        return Chart { centre: 0.0, points: Vec::new() };
    }
    let centre = events / all;
    let sigmas: Vec<f64> = used.iter().map(|(_, _, over)| (centre / over).sqrt()).collect();
    let point = |((label, events, over), sigma): (&&(String, f64, f64), &f64)| Point {
        label: label.clone(),
        counted: (events.round() as i64, over.round() as i64),
        value: events / over,
        low: (centre - 3.0 * sigma).max(0.0),
        high: centre + 3.0 * sigma,
        signals: Vec::new(),
    };
    let mut points: Vec<Point> = used.iter().zip(&sigmas).map(point).collect();
    mark(centre, &sigmas, &mut points);
    Chart { centre, points }
}

/// Applies the run rules.
fn mark(centre: f64, sigmas: &[f64], points: &mut [Point]) {
    let values: Vec<f64> = points.iter().map(|p| p.value).collect();
    let beyond = |at: usize, side: f64| side * (values[at] - centre) > 2.0 * sigmas[at] && sigmas[at] > 0.0;
    for at in 0..values.len() {
        let mut found = Vec::new();
        let (low, high) = (points[at].low, points[at].high);
        if values[at] > high + 1e-12 || values[at] < low - 1e-12 {
            found.push(Signal::Outside);
        }
        if at >= 2 {
            let two = |side: f64| (at - 2..=at).filter(|i| beyond(*i, side)).count() >= 2 && beyond(at, side);
            if two(1.0) || two(-1.0) {
                found.push(Signal::TwoOfThree);
            }
        }
        if at >= 7 {
            let run = &values[at - 7..=at];
            if run.iter().all(|v| *v > centre) || run.iter().all(|v| *v < centre) {
                found.push(Signal::Shift);
            }
        }
        if at >= 5 {
            let run = &values[at - 5..=at];
            if run.windows(2).all(|w| w[1] > w[0]) || run.windows(2).all(|w| w[1] < w[0]) {
                found.push(Signal::Trend);
            }
        }
        points[at].signals = found;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weeks(hits: &[(i64, i64)]) -> Vec<(String, i64, i64)> {
        hits.iter().enumerate().map(|(week, (hit, n))| (format!("week {week}"), *hit, *n)).collect()
    }

    fn signals(chart: &Chart) -> Vec<Vec<Signal>> {
        chart.points.iter().map(|p| p.signals.clone()).collect()
    }

    #[test]
    fn limits_of_a_p_chart_worked_by_hand() {
        // 20 of 400 overall: p = 0.05; n = 100: sigma = sqrt(0.05 * 0.95 / 100) = 0.0217945
        let chart = p_chart(&weeks(&[(5, 100), (4, 100), (6, 100), (5, 100), (0, 0)]));
        assert_eq!(chart.points.len(), 4, "a week without notices has no share");
        assert!((chart.centre - 0.05).abs() < 1e-12);
        assert!((chart.points[0].high - 0.115_383_5).abs() < 1e-6, "{}", chart.points[0].high);
        assert_eq!(chart.points[0].low, 0.0, "a share is never below nothing");
        assert!(!chart.has_signal());
    }

    #[test]
    fn eight_late_letters_in_one_week_are_a_signal() {
        let mut counts = vec![(1, 100); 11];
        counts.push((8, 100));
        let chart = p_chart(&weeks(&counts));
        assert_eq!(chart.points[11].signals, [Signal::Outside]);
        assert!(chart.points[..11].iter().all(|p| !p.signals.contains(&Signal::Outside)));
    }

    #[test]
    fn run_rules_each_on_both_sides_of_their_boundary() {
        let rising = xmr_chart(
            &["a", "b", "c", "d", "e", "f"]
                .iter()
                .zip(1..)
                .map(|(l, v)| ((*l).into(), f64::from(v)))
                .collect::<Vec<_>>(),
        );
        assert_eq!(signals(&rising)[5], [Signal::Trend]);
        assert!(signals(&rising)[4].is_empty(), "five in a row are not six");
        let side = |low: usize| {
            let mut values = vec![("x".to_owned(), 0.9); low];
            values.extend((0..low).map(|i| ("y".to_owned(), 1.1 + 0.000_1 * (i % 2) as f64)));
            xmr_chart(&values)
        };
        assert!(signals(&side(8)).iter().flatten().any(|s| *s == Signal::Shift));
        assert!(!signals(&side(7)).iter().flatten().any(|s| *s == Signal::Shift));
    }

    #[test]
    fn limits_of_a_u_chart_worked_by_hand() {
        // 10 events over 40: u = 0.25; over 25: sigma = sqrt(0.25 / 25) = 0.1
        let chart = u_chart(&[("a".into(), 4.0, 25.0), ("b".into(), 6.0, 15.0), ("c".into(), 3.0, 0.0)]);
        assert_eq!(chart.points.len(), 2, "a group without anything to count over has no rate");
        assert!((chart.centre - 0.25).abs() < 1e-12);
        assert!((chart.points[0].high - 0.55).abs() < 1e-9 && chart.points[0].low == 0.0);
        let far = u_chart(&[("a".into(), 1.0, 100.0), ("b".into(), 1.0, 100.0), ("c".into(), 30.0, 100.0)]);
        assert_eq!(far.points[2].signals, [Signal::Outside]);
    }

    #[test]
    fn nothing_and_one_value_make_no_signal() {
        assert!(p_chart(&[]).points.is_empty());
        assert!(!xmr_chart(&[("only".into(), 3.0)]).has_signal());
    }
}
