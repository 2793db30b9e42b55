//! The end of a span: everything is looked at once more, from the log up.

use sha2::{Digest, Sha256};
use vigil_domain::{
    case::{Case, event::Event, evolve::evolve},
    determination::{Approver, Outcome},
    time::Moment,
};
use vigil_store::{DeadlineKind, StoredEvent, SubjectKey, View};

use super::{invariants::first_difference, report::Report, run::Sim};
use crate::{
    MAIN_TENANT,
    act::{ActError, read_event},
    project,
};

impl Sim {
    /// Counts, and checks everything that must hold at the end.
    ///
    /// # Errors
    /// Faults of the store.
    pub(super) async fn end(&mut self) -> Result<(), ActError> {
        let mut trace = Sha256::new();
        let mut numbers = std::collections::BTreeSet::new();
        for id in self.made.clone() {
            let subject = SubjectKey::case(&id);
            let stored = self.desk.store.load(MAIN_TENANT, &subject)?;
            trace.update(id.as_bytes());
            if let Some(last) = stored.last() {
                trace.update(last.hash);
            }
            let Some(case) = self.replay(&id, &stored)? else { continue };
            let fresh = numbers.insert(case.authorization.clone());
            self.checks.hold("authorization numbers are unique", fresh, &id, self.now, || case.authorization.clone());
            if self.plan.drain > 0 {
                self.checks.ended(&case, self.now);
            }
            self.rows_are_the_cases_own(&case)?;
            self.count(&case);
        }
        self.the_log_verifies().await?;
        self.a_rebuild_gives_the_same_rows()?;
        let digest = trace.finalize();
        self.report.trace = crate::ids::hex(&digest[..16]);
        self.report.checks = self.checks.made;
        self.report.failures = self.checks.failures.clone();
        Ok(())
    }

    /// Every event again, each seen with the case before it; the result is the case that was last answered.
    fn replay(&mut self, id: &str, stored: &[StoredEvent]) -> Result<Option<Case>, ActError> {
        let mut case: Option<Case> = None;
        let mut last: Option<Moment> = None;
        for event in stored {
            let at = event.occurred_at;
            let read = match read_event(event) {
                Ok(read) => read,
                Err(damage) => {
                    self.checks.hold("every event can be read", false, id, at, || damage.to_string());
                    return Ok(None);
                }
            };
            self.checks.event(case.as_ref(), &read, &event.actor, at);
            self.checks
                .hold("events stand in order of time", last.is_none_or(|l| l <= at), id, at, || event.kind.clone());
            last = Some(at);
            self.count_event(case.as_ref(), &read);
            match evolve(case, &read, at) {
                Ok(next) => case = Some(next),
                Err(illegal) => {
                    self.checks.hold("every event fits its case", false, id, at, || illegal.to_string());
                    return Ok(None);
                }
            }
        }
        self.report.events += stored.len() as u64;
        let live = self.live.get(id);
        let same = live.is_none() || live == case.as_ref();
        self.checks.hold("replay at the end equals live", same, id, self.now, || match (live, &case) {
            (Some(live), Some(case)) => {
                let unseen: Vec<String> = stored
                    .iter()
                    .skip(live.version as usize)
                    .map(|e| format!("{} by {} at {}", e.kind, e.actor, e.occurred_at))
                    .collect();
                format!("{}; not seen: {}", first_difference(live, case), unseen.join(", "))
            }
            _ => "the log makes no case".into(),
        });
        Ok(case)
    }

    /// The stored rows are what the history projects to.
    fn rows_are_the_cases_own(&mut self, case: &Case) -> Result<(), ActError> {
        let row = self.desk.store.work(MAIN_TENANT, &case.id)?;
        let own = project::work(case);
        self.checks.hold("the stored row is the case's own", row.as_ref() == Some(&own), &case.id, self.now, || {
            format!("{row:?} instead of {own:?}")
        });
        let subject = SubjectKey::case(&case.id);
        let kept = self.desk.store.deadlines_of(MAIN_TENANT, &subject)?;
        let pending = kept.iter().filter(|k| k.deadline.what == DeadlineKind::Due && !k.deadline.done).count();
        let running = case.clocks.iter().filter(|c| c.is_open() && !c.is_tolled() && c.lapsed.is_none()).count();
        self.checks.hold("each running clock has its deadline", pending == running, &case.id, self.now, || {
            format!("{pending} deadlines, {running} clocks")
        });
        Ok(())
    }

    /// The hash chains hold, a checkpoint over them is written and holds.
    async fn the_log_verifies(&mut self) -> Result<(), ActError> {
        self.desk.store.write_checkpoint(self.now).await?;
        let verified = self.desk.store.verify(&mut |_, _| {});
        self.checks.hold("the log verifies", verified.is_ok(), "", self.now, || format!("{verified:?}"));
        let whole = verified.is_ok_and(|v| v.events >= self.report.events);
        self.checks.hold("the log verifies whole", whole, "", self.now, || "events are missing".into());
        Ok(())
    }

    /// The read models written anew from the log are those that were written as it went.
    fn a_rebuild_gives_the_same_rows(&mut self) -> Result<(), ActError> {
        let dump = |sim: &Self| -> Result<Vec<(&'static str, Vec<String>)>, ActError> {
            View::read_models().iter().map(|table| Ok((*table, sim.desk.store.dump_rows(table)?))).collect()
        };
        let live = dump(self)?;
        self.desk.rebuild(|_| {})?;
        for ((table, live), (_, again)) in live.into_iter().zip(dump(self)?) {
            self.checks.hold("rebuild equals live", live == again, table, self.now, || {
                let only = live.iter().find(|row| again.binary_search(row).is_err());
                let new = again.iter().find(|row| live.binary_search(row).is_err());
                format!("live only {only:?}; rebuilt only {new:?}")
            });
        }
        Ok(())
    }

    fn count_event(&mut self, before: Option<&Case>, event: &Event) {
        match event {
            Event::NoticeDelivered { .. } => self.report.notices += 1,
            Event::Queued { why, .. } => {
                let head = why.split_once(": ").map_or(why.as_str(), |(head, _)| head);
                Report::count(&mut self.report.queued, head.split(" of ").next().unwrap_or(head));
            }
            Event::ClockLapsed { clock, .. } => {
                let watched = before.and_then(|c| c.clocks.iter().find(|c| c.id == *clock)).map(|c| c.watches);
                match watched {
                    Some(watches) if watches.is_telling() => self.report.notice_lapses += 1,
                    _ => self.report.decision_lapses += 1,
                }
            }
            _ => {}
        }
    }

    fn count(&mut self, case: &Case) {
        Report::count(&mut self.report.outcomes, case.outcome_word().unwrap_or("open"));
        let machine =
            |o: Option<&Outcome>| matches!(o, Some(Outcome::Approved { by: Approver::Automation { .. }, .. }));
        let decision = case.lines.iter().any(|l| l.outcome.as_ref().is_some_and(Outcome::is_decision));
        let untouched = case
            .lines
            .iter()
            .all(|l| machine(l.outcome.as_ref()) || matches!(l.outcome, Some(Outcome::NoReviewRequired { .. })));
        self.report.automated += u64::from(decision && untouched);
    }
}
