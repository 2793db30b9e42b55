//! The arithmetic of the measures page: from rows to figures, with nothing read and nothing drawn.

use std::{collections::BTreeMap, fmt::Write as _};

use vigil_domain::{
    code::{Code, CodeSystem},
    library::Library,
    party::LineOfBusiness,
    time::Day,
};
use vigil_store::{DecidedRow, MeasureRow};

use vigil_desk::improve::{LateWeek, is_decision, late_by_week, late_chart, monday};
use vigil_domain::control_chart::Chart;

use crate::web::{picture, words};

/// What a figure means and where its definition comes from.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// The column.
    pub name: &'static str,
    /// Population and what is counted.
    pub says: &'static str,
    /// Citation, with its confidence.
    pub cite: &'static str,
}

/// One definition a column. The public metrics of 42 CFR 422.122(c) count standard and expedited requests apart.
pub const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "Received",
        says: "Requests whose first contact falls in the period, whatever became of them.",
        cite: "our definition",
    },
    Definition {
        name: "Decided",
        says: "Cases of which every line got its answer in the period, and at least one line was approved or denied. Withdrawn, dismissed and void cases are counted apart.",
        cite: "our definition",
    },
    Definition {
        name: "Pending",
        says: "Received less decided less ended without a decision, inside the period. It is negative when old work was cleared.",
        cite: "our definition",
    },
    Definition {
        name: "On time",
        says: "Decided cases whose controlling decision clock had not lapsed at the decision, of all decided cases.",
        cite: "42 CFR 422.568(b), 422.572(a), 438.210(d) set the clocks (from knowledge, verify)",
    },
    Definition {
        name: "Denied",
        says: "Decided cases with at least one line denied, in part or whole, on clinical or administrative grounds, of all decided cases.",
        cite: "42 CFR 422.122(c), 438.210(f), 457.732(c), 156.223(c) ask for approvals and denials (from knowledge, verify)",
    },
    Definition {
        name: "Automated",
        says: "Decided cases approved without a person, of all decided cases. No denial is ever in it.",
        cite: "our definition",
    },
    Definition {
        name: "Mean and median turnaround",
        says: "Time from first contact to the decision, over decided cases, in elapsed time; nights and weekends count.",
        cite: "42 CFR 422.122(c), 438.210(f) ask for average and median (from knowledge, verify)",
    },
    Definition {
        name: "Late notices",
        says: "Notices of a decision given after their due time, of all notices given in the week.",
        cite: "our definition; limits p ± 3·√(p(1−p)/n) (Shewhart)",
    },
];

/// One row: a line of business and an urgency.
#[derive(Debug, Clone)]
pub struct Line {
    /// Line of business.
    pub line: String,
    /// Urgency.
    pub urgency: String,
    /// Counts in the order of the columns.
    pub received: String,
    /// Decided.
    pub decided: String,
    /// Pending.
    pub pending: String,
    /// On time.
    pub on_time: String,
    /// Not every decision was on time.
    pub any_late: bool,
    /// Denied.
    pub denied: String,
    /// Automated.
    pub automated: String,
    /// Mean turnaround.
    pub mean: String,
    /// Median turnaround.
    pub median: String,
    /// Received by week.
    pub spark: String,
}

/// A service on the rule-value board.
#[derive(Debug, Clone, Default)]
pub struct Service {
    /// Its code.
    pub code: String,
    /// Decided.
    pub decided: i64,
    /// Approved whole.
    pub approved: i64,
    /// Without a person.
    pub automated: i64,
    /// One of its cases, for the requester's words where no pack names the code.
    pub example: String,
}

/// A service as the board shows it.
#[derive(Debug, Clone)]
pub struct Value {
    /// Code.
    pub code: String,
    /// Name, from the criteria that judge it.
    pub name: String,
    /// Criteria page.
    pub criteria: Option<String>,
    /// Decided.
    pub decided: String,
    /// Share approved.
    pub approved: String,
    /// Share automated.
    pub automated: String,
    /// Approved 99 in 100 or more, over 100 or more.
    pub candidate: bool,
    /// The last motion that was put about it: address, how it stands.
    pub motion: Option<(String, String)>,
}

/// Share from which a service is a candidate to retire, over at least [`ENOUGH`] decisions.
const RETIRE: f64 = 0.99;
/// Decisions below which a share says too little.
const ENOUGH: i64 = 100;

#[derive(Debug, Clone, Default)]
struct Tally {
    counts: BTreeMap<String, i64>,
    weekly: BTreeMap<Day, i64>,
    seconds: Vec<i64>,
}

impl Tally {
    fn n(&self, key: &str) -> i64 {
        self.counts.get(key).copied().unwrap_or(0)
    }

    fn denied(&self) -> i64 {
        ["not_approved", "partially_approved", "modified", "administrative_adverse"].iter().map(|k| self.n(k)).sum()
    }

    fn ended(&self) -> i64 {
        ["withdrawn", "dismissed", "void", "cancelled", "no_review_required"].iter().map(|k| self.n(k)).sum()
    }
}

/// Everything the page shows.
#[derive(Debug, Default)]
pub struct Figures {
    rows: BTreeMap<(String, String), Tally>,
    weeks: Vec<Day>,
    /// Notices by week.
    pub late: Vec<LateWeek>,
    /// Services, most decided first.
    pub services: Vec<Service>,
}

/// Figures of a period.
pub fn figures(measures: &[MeasureRow], decided: &[DecidedRow], from: Day, to: Day) -> Figures {
    let mut found = Figures::default();
    let mut week = monday(from);
    while week <= to {
        found.weeks.push(week);
        match week.checked_add(jiff::Span::new().days(7)) {
            Ok(next) => week = next,
            Err(_) => break,
        }
    }
    for row in measures {
        let tally = found.rows.entry((row.line_of_business.clone(), row.urgency.clone())).or_default();
        *tally.counts.entry(row.key.clone()).or_default() += row.n;
        let week = monday(row.day);
        if row.key == "received" {
            *tally.weekly.entry(week).or_default() += row.n;
        }
    }
    found.late = late_by_week(measures);
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    for row in decided {
        let taken = row.decided_at.as_second() - row.received_at.as_second();
        let key = (row.line_of_business.clone(), row.urgency.clone());
        if !is_decision(row) {
            continue;
        }
        found.rows.entry(key).or_default().seconds.push(taken);
        let service = services.entry(row.service.clone()).or_default();
        service.code.clone_from(&row.service);
        service.example.clone_from(&row.case_id);
        service.decided += 1;
        service.approved += i64::from(row.outcome == "approved");
        service.automated += i64::from(row.automated);
    }
    found.services = services.into_values().filter(|s| !s.code.is_empty()).collect();
    found.services.sort_by_key(|s| (-s.decided, s.code.clone()));
    found.services.truncate(60);
    found
}

/// The middle of sorted values; the mean of the two middle ones when their number is even.
fn median(values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => sorted.get(middle).copied(),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2),
    }
}

fn mean(values: &[i64]) -> Option<i64> {
    let n = i64::try_from(values.len()).ok().filter(|n| *n > 0)?;
    Some(values.iter().sum::<i64>() / n)
}

impl Figures {
    /// The rows of the table.
    pub fn lines(&self) -> Vec<Line> {
        self.rows
            .iter()
            .map(|((line, urgency), tally)| self.line(LineOfBusiness::read(line).title(), urgency, tally))
            .collect()
    }

    /// The row over all, when there is more than one.
    pub fn total(&self) -> Option<Line> {
        if self.rows.len() < 2 {
            return None;
        }
        let mut all = Tally::default();
        for tally in self.rows.values() {
            for (key, n) in &tally.counts {
                *all.counts.entry(key.clone()).or_default() += n;
            }
            for (week, n) in &tally.weekly {
                *all.weekly.entry(*week).or_default() += n;
            }
            all.seconds.extend(&tally.seconds);
        }
        Some(self.line("All", "", &all))
    }

    fn line(&self, line: &str, urgency: &str, tally: &Tally) -> Line {
        let decided = tally.n("decided");
        let received = tally.n("received");
        let on_time = tally.n("decided_on_time");
        let weekly: Vec<f64> = self.weeks.iter().map(|w| tally.weekly.get(w).copied().unwrap_or(0) as f64).collect();
        let span = |seconds: Option<i64>| seconds.map_or_else(|| "–".to_owned(), words::span);
        Line {
            line: line.to_owned(),
            urgency: urgency.to_owned(),
            received: words::count(received),
            decided: words::count(decided),
            pending: words::count(received - decided - tally.ended()),
            on_time: words::percent(on_time, decided),
            any_late: on_time < decided,
            denied: words::percent(tally.denied(), decided),
            automated: words::percent(tally.n("automated"), decided),
            mean: span(mean(&tally.seconds)),
            median: span(median(&tally.seconds)),
            spark: picture::sparkline(
                &weekly,
                &format!("Received by week: {}", weekly.iter().map(|v| v.to_string()).collect::<Vec<_>>().join(", ")),
            ),
        }
    }

    /// The control chart of late notices by week.
    pub fn late_chart(&self) -> Chart {
        late_chart(&self.late)
    }

    /// The rows for a spreadsheet; seconds stay seconds there.
    pub fn csv(&self, from: Day, to: Day) -> String {
        let mut out = String::from(
            "from,to,line_of_business,urgency,received,decided,decided_on_time,denied,automated,mean_seconds,median_seconds\n",
        );
        for ((line, urgency), tally) in &self.rows {
            let number = |seconds: Option<i64>| seconds.map(|s| s.to_string()).unwrap_or_default();
            let _ = writeln!(
                out,
                "{from},{to},{line},{urgency},{},{},{},{},{},{},{}",
                tally.n("received"),
                tally.n("decided"),
                tally.n("decided_on_time"),
                tally.denied(),
                tally.n("automated"),
                number(mean(&tally.seconds)),
                number(median(&tally.seconds)),
            );
        }
        out
    }
}

/// A service as the board shows it.
pub fn value(service: &Service, library: &Library) -> Value {
    let systems = [CodeSystem::Hcpcs, CodeSystem::Cpt, CodeSystem::Icd10Pcs, CodeSystem::Drg, CodeSystem::Revenue];
    let codes: Vec<Code> = systems.into_iter().map(|system| Code::new(system, service.code.clone())).collect();
    let entry = || {
        library.requirements.packs().iter().flat_map(|pack| &pack.entries).find(|e| e.codes.names_value(&service.code))
    };
    // Several criteria may speak of one code: the list of reviewed services says which one is asked for first.
    let listed = entry().and_then(|e| e.criteria.clone()).filter(|id| library.criteria.latest(id).is_some());
    let any = || library.criteria.services_for(codes.iter()).first().map(|id| (*id).to_owned());
    let criteria = listed.or_else(any);
    let name = criteria.as_deref().and_then(|id| library.criteria.latest(id)).map(|s| s.definition().name.clone());
    let share = service.approved as f64 / service.decided.max(1) as f64;
    Value {
        code: service.code.clone(),
        name: name.or_else(|| entry().map(|e| e.name.clone())).unwrap_or_default(),
        criteria,
        decided: words::count(service.decided),
        approved: words::percent(service.approved, service.decided),
        automated: words::percent(service.automated, service.decided),
        candidate: service.decided >= ENOUGH && share >= RETIRE,
        motion: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigil_domain::time::Moment;

    fn measure(day: &str, key: &str, n: i64) -> MeasureRow {
        MeasureRow {
            day: day.parse().unwrap(),
            line_of_business: "medicare-advantage".into(),
            urgency: "standard".into(),
            key: key.into(),
            n,
            seconds: 0,
        }
    }

    fn decided(service: &str, hours: i64, outcome: &str) -> DecidedRow {
        let start = Moment::from_second(1_800_000_000).unwrap();
        DecidedRow {
            case_id: "c".into(),
            line_of_business: "medicare-advantage".into(),
            urgency: "standard".into(),
            received_at: start,
            decided_at: Moment::from_second(1_800_000_000 + hours * 3600).unwrap(),
            due_at: None,
            outcome: outcome.into(),
            automated: false,
            service: service.into(),
        }
    }

    #[test]
    fn figures_worked_by_hand() {
        let measures = [
            measure("2026-03-02", "received", 5),
            measure("2026-03-09", "received", 3),
            measure("2026-03-10", "decided", 4),
            measure("2026-03-10", "decided_on_time", 3),
            measure("2026-03-10", "not_approved", 1),
            measure("2026-03-10", "withdrawn", 1),
            measure("2026-03-11", "notice_on_time", 9),
            measure("2026-03-11", "notice_late", 1),
        ];
        let rows = [
            decided("E1390", 2, "approved"),
            decided("E1390", 4, "approved"),
            decided("K0861", 10, "not_approved"),
            decided("K0861", 9, "withdrawn"),
        ];
        let found = figures(&measures, &rows, "2026-03-01".parse().unwrap(), "2026-03-31".parse().unwrap());
        let line = &found.lines()[0];
        assert_eq!((line.received.as_str(), line.decided.as_str(), line.pending.as_str()), ("8", "4", "3"));
        assert_eq!((line.on_time.as_str(), line.denied.as_str()), ("75.0 %", "25.0 %"));
        assert_eq!((line.mean.as_str(), line.median.as_str()), ("5 h 20 min", "4 h"));
        assert!(line.any_late && found.total().is_none());
        assert_eq!((found.late[0].late, found.late[0].sent), (1, 10));
        assert_eq!(found.services.len(), 2, "a withdrawn case is no decision");
        assert!(
            found
                .csv("2026-03-01".parse().unwrap(), "2026-03-31".parse().unwrap())
                .contains(",8,4,3,1,0,19200,14400\n")
        );
    }

    #[test]
    fn a_candidate_needs_the_share_and_the_number() {
        let library = Library::default();
        for (decided, approved, candidate) in [(100, 99, true), (99, 99, false), (100, 98, false), (1000, 990, true)] {
            let service = Service { code: "E1390".into(), decided, approved, automated: 0, example: String::new() };
            assert_eq!(value(&service, &library).candidate, candidate, "{decided} {approved}");
        }
    }

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3, 1, 2]), Some(2));
        assert_eq!(median(&[4, 1, 3, 2]), Some(2));
    }
}
