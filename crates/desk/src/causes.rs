//! Why letters were late: each late notice of a span is traced through the events of its case to the step that took the time.

use std::collections::BTreeMap;

use vigil_domain::{
    case::{Case, event::Event},
    improvement::Cause,
    time::Moment,
};

use crate::{
    Desk,
    act::{ActError, Recorded},
};

/// Decided cases looked through for one answer.
const LOOKED: usize = 20_000;
/// How long before the span a case may have been decided whose letter was late in it.
const BEFORE_DAYS: i64 = 45;

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Causes {
    /// By the step that took the time, most frequent first.
    pub by_step: Vec<Cause>,
    /// By the site that asked, most frequent first.
    pub by_site: Vec<Cause>,
    /// Late notices in all.
    pub late: usize,
    /// More cases were decided in the span than are looked through: the counts are of the first ones.
    pub cut: bool,
}

impl Desk {
    /// The causes of the notices given late from a moment up to, not including, another.
    ///
    /// # Errors
    /// Faults, a damaged log.
    pub fn causes_of_late_notices(&self, tenant: &str, from: Moment, until: Moment) -> Result<Causes, ActError> {
        let begin = from - jiff::SignedDuration::from_hours(BEFORE_DAYS * 24);
        let decided = self.store.decided(tenant, begin, until)?;
        let mut causes = Causes { cut: decided.len() > LOOKED, ..Causes::default() };
        let (mut steps, mut sites) = (BTreeMap::new(), BTreeMap::new());
        for row in decided.iter().take(LOOKED) {
            let Some(history) = self.history(tenant, &row.case_id)? else { continue };
            for clock in late_in(&history.case, &history.events, from, until) {
                causes.late += 1;
                let due = history.case.clocks.iter().find(|c| c.id == clock).map(|c| c.due_at);
                let step = due.map_or("the due time is not known", |due| step(&history.events, due));
                count(&mut steps, step.to_owned(), &row.case_id);
                count(&mut sites, site(&history.case), &row.case_id);
            }
        }
        causes.by_step = ranked(steps);
        causes.by_site = ranked(sites);
        Ok(causes)
    }
}

/// The notice clocks of a case that were met late in a span.
fn late_in(case: &Case, events: &[Recorded], from: Moment, until: Moment) -> Vec<u32> {
    let watches = |clock: u32| case.clocks.iter().any(|c| c.id == clock && c.watches.is_telling());
    let late = events.iter().filter(|e| from <= e.at && e.at < until).filter_map(|e| match e.event {
        Event::ClockSatisfied { clock, late: true } if watches(clock) => Some(clock),
        _ => None,
    });
    late.collect()
}

/// The step that took the time until after the due moment.
fn step(events: &[Recorded], due: Moment) -> &'static str {
    let first = |wanted: fn(&Event) -> bool| events.iter().find(|e| wanted(&e.event)).map(|e| e.at);
    let before = |at: Option<Moment>| at.is_some_and(|at| at <= due);
    let failed = |event: &Event| matches!(event, Event::NoticeDelivered { delivery, .. } if !delivery.succeeded);
    if !before(first(|e| matches!(e, Event::CaseDetermined))) {
        "decided after the notice was due"
    } else if before(first(|e| matches!(e, Event::NoticeHeld { .. }))) {
        "held: the letter lacked a required element"
    } else if before(first(failed)) {
        "the first delivery failed"
    } else if before(first(|e| matches!(e, Event::NoticeComposed { .. }))) {
        "written in time, not collected in time"
    } else {
        "decided in time, the letter was written after its due time"
    }
}

/// Who asked, as the directory names it.
fn site(case: &Case) -> String {
    let facility = case.request.facility.as_ref().map(|f| f.name.as_str()).filter(|name| !name.is_empty());
    facility.unwrap_or(&case.request.requester.name).to_owned()
}

fn count(into: &mut BTreeMap<String, Vec<String>>, cause: String, case: &str) {
    let cases = into.entry(cause).or_default();
    if cases.iter().all(|known| known != case) {
        cases.push(case.to_owned());
    }
}

fn ranked(counts: BTreeMap<String, Vec<String>>) -> Vec<Cause> {
    let mut ranked: Vec<Cause> = counts.into_iter().map(|(cause, cases)| Cause { cause, cases }).collect();
    ranked.sort_by(|a, b| b.cases.len().cmp(&a.cases.len()).then(a.cause.cmp(&b.cause)));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigil_domain::case::command::Delivery;

    fn recorded(at: i64, event: Event) -> Recorded {
        Recorded { version: 1, at: Moment::from_second(at).unwrap(), actor: "x".into(), event }
    }

    fn delivered(succeeded: bool) -> Event {
        let delivery = Delivery { channel: "mail".into(), recipient: "member".into(), proof: "1".into(), succeeded };
        Event::NoticeDelivered { notice: 1, by: "mail room".into(), delivery }
    }

    fn composed() -> Event {
        Event::NoticeComposed {
            notice: 1,
            template: "t".into(),
            template_digest: String::new(),
            document: String::new(),
            language: "en".into(),
            reading_level: 6.0,
        }
    }

    #[test]
    fn the_step_that_took_the_time_is_found() {
        let due = Moment::from_second(100).unwrap();
        let held = || Event::NoticeHeld { notice: 1, missing: vec!["address".into()] };
        for (events, expected) in [
            (vec![(101, Event::CaseDetermined)], "decided after the notice was due"),
            (vec![(50, Event::CaseDetermined), (60, held())], "held: the letter lacked a required element"),
            (vec![(50, Event::CaseDetermined), (60, composed()), (70, delivered(false))], "the first delivery failed"),
            (
                vec![(50, Event::CaseDetermined), (100, composed()), (170, delivered(true))],
                "written in time, not collected in time",
            ),
            (
                vec![(50, Event::CaseDetermined), (101, composed()), (102, delivered(true))],
                "decided in time, the letter was written after its due time",
            ),
        ] {
            let events: Vec<Recorded> = events.into_iter().map(|(at, event)| recorded(at, event)).collect();
            assert_eq!(step(&events, due), expected);
        }
    }
}
