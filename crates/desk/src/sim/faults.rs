//! Misfortunes: crashes between commit and errand, restarts, clocks that stand still, weeks without staff, two at once.

use std::sync::Arc;

use jiff::SignedDuration;
use vigil_domain::{case::command::Command, time::Moment};

use super::{people::Role, report::Report, rng::Rng, run::Sim};
use crate::{
    Desk, MAIN_TENANT,
    act::ActError,
    errand::{COMPOSE, DELIVER},
};

/// When things stand still; spans in hours since the start of the plan.
#[derive(Debug, Clone, Default)]
pub(super) struct Weather {
    begin: Option<Moment>,
    no_staff: Vec<(i64, i64)>,
    no_ticks: Vec<(i64, i64)>,
    no_mail: Vec<(i64, i64)>,
    /// One misfortune of an hour in so many.
    crash_in: usize,
}

impl Weather {
    /// Nothing goes wrong.
    pub(super) fn fair() -> Self {
        Self::default()
    }

    /// The misfortunes of a span.
    pub(super) fn new(dice: &mut Rng, days: i64) -> Self {
        let hours = days.max(1) * 24;
        let mut spans = |many: i64, low: i64, high: i64| -> Vec<(i64, i64)> {
            (0..many)
                .map(|_| {
                    let from = dice.between(0, hours);
                    (from, from + dice.between(low, high))
                })
                .collect()
        };
        Self {
            begin: None,
            no_staff: spans(1 + days / 120, 24 * 5, 24 * 10),
            no_ticks: spans(1 + days / 30, 3, 40),
            no_mail: spans(1 + days / 60, 12, 90),
            crash_in: 40,
        }
    }

    /// The mail room is closed between two moments.
    pub(super) fn close_mail(&mut self, from: Moment, until: Moment) {
        let begin = *self.begin.get_or_insert(from);
        let hour = |at: Moment| (at.as_second() - begin.as_second()).div_euclid(3600);
        self.no_mail.push((hour(from), hour(until)));
    }

    /// Hours count from here.
    pub(super) fn begins(&mut self, at: Moment) {
        self.begin = Some(at);
    }

    fn within(&self, spans: &[(i64, i64)], at: Moment) -> bool {
        let Some(begin) = self.begin else { return false };
        let hour = (at.as_second() - begin.as_second()).div_euclid(3600);
        spans.iter().any(|(from, until)| (*from..*until).contains(&hour))
    }

    pub(super) fn nobody_at_work(&self, at: Moment) -> bool {
        self.within(&self.no_staff, at)
    }

    pub(super) fn ticks_stand_still(&self, at: Moment) -> bool {
        self.within(&self.no_ticks, at)
    }

    pub(super) fn mail_stands_still(&self, at: Moment) -> bool {
        self.within(&self.no_mail, at)
    }
}

impl Sim {
    /// Once in a while the machine lets us down.
    pub(super) async fn misfortune(&mut self) -> Result<(), ActError> {
        if self.weather.crash_in == 0 || self.dice.below(self.weather.crash_in) != 0 {
            return Ok(());
        }
        if self.dice.per_mille(600) {
            // Somebody takes errands, and dies before doing them: when the lease runs out, another does.
            let taken = {
                let until = self.now + SignedDuration::from_secs(60);
                self.desk.store.lease_errands("dead", self.now, until, &[COMPOSE, DELIVER], 3).await?
            };
            if !taken.is_empty() {
                Report::count(&mut self.report.faults, "died with errands in hand");
            }
            return Ok(());
        }
        self.restart()
    }

    /// The process ends and comes back. What is on disk is all there is; a store in memory cannot be
    /// restarted and goes on, but what was remembered of it is gone.
    fn restart(&mut self) -> Result<(), ActError> {
        Report::count(&mut self.report.faults, "restart");
        if self.plan.dir.is_none() && self.plan.address.is_none() {
            self.desk.recent = Arc::default();
            return Ok(());
        }
        let (library, time) = (self.desk.library.clone(), self.desk.time.clone());
        let (settings, numbers) = ((*self.desk.settings).clone(), self.desk.numbers.clone());
        // The lock of the directory is let go before it is taken again.
        let memory = vigil_store::Store::in_memory()?;
        drop(std::mem::replace(&mut self.desk, Desk::new(memory, library.clone(), time.clone(), settings.clone())));
        let store = super::run::open(&self.plan)?;
        self.desk = Desk { numbers, ..Desk::new(store, library, time, settings) };
        Ok(())
    }

    /// Two people act on one case at the same moment.
    pub(super) async fn race(&mut self, id: &str) -> Result<(), ActError> {
        let Some(before) = self.reload(id)? else { return Ok(()) };
        if before.is_determined() {
            return Ok(());
        }
        Report::count(&mut self.report.faults, "two at once");
        let (one, two) = (self.someone(Role::Nurse), self.someone(Role::Physician));
        let desk = self.desk.clone();
        let first = desk.act(MAIN_TENANT, id, &one.person, Command::Take { by: one.clone() });
        let second = desk.act(MAIN_TENANT, id, &two.person, Command::Take { by: two.clone() });
        let third = desk.act(
            MAIN_TENANT,
            id,
            &one.person,
            Command::Note { by: one.clone(), kind: "note".into(), text: "written at the same moment".into() },
        );
        let (first, second, third) = tokio::join!(first, second, third);
        let owners = usize::from(first.is_ok()) + usize::from(second.is_ok());
        let noted = third.is_ok();
        for answer in [first, second, third] {
            // Answers of a race are older than the case: only refusals are counted.
            if let Err(error) = answer {
                self.answered(Err(error))?;
            }
        }
        let after = self.reload(id)?;
        self.checks.a_race_has_one_winner(&before, after.as_ref(), owners, noted, self.now);
        self.now += SignedDuration::from_secs(1);
        if let Some((owner, _)) = after.and_then(|c| c.owner) {
            let by = if owner == one.person { one } else { two };
            if by.person == owner {
                let actor = by.person.clone();
                self.act(id, &actor, Command::Release { by }).await?;
            }
        }
        Ok(())
    }
}
