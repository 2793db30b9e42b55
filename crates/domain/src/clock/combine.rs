//! From the limits of one rule to its due time.

use super::{
    days::Place,
    given::{Branch, Computed, Extended, Given, Invalid, Status},
    stops::Merged,
};
use crate::{
    calendar::Calendars,
    law::{Combine, Deadline, Direction, Rule, Standing, Stops, Unit},
    time::Moment,
};

/// Information events: one earlier than the request itself counts as of the request.
const INFORMATION: [&str; 5] = [
    "necessary_information_received",
    "reasonably_necessary_information_received",
    "supporting_documentation_received",
    "completed_uniform_PA_form_received",
    "all_information_received",
];

/// Computes one rule: first whether its version applies, then its due time.
pub fn compute(rule: &Rule, calendars: &Calendars, given: &Given<'_>) -> Computed {
    match rule.standing(given.flags, given.received_on()) {
        Standing::Not(why) => Computed { not: Some(why), ..Computed::bare(Status::NotInForce) },
        Standing::NeedsRatingPeriod => Computed::refused(Invalid::RatingPeriodMissing),
        Standing::InForce => compute_pinned(rule, calendars, given),
    }
}

/// Computes a rule that a case has pinned: the version found at receipt stays with the request, so its dates are not
/// tested again.
pub fn compute_pinned(rule: &Rule, calendars: &Calendars, given: &Given<'_>) -> Computed {
    if !rule.has_clock() {
        return Computed::bare(Status::NoClock);
    }
    let Some(calendar) = calendars.of(&rule.jurisdiction) else {
        return Computed::refused(Invalid::NoCalendar);
    };
    let counter = Counter { rule, given, place: Place { zone: given.zone, calendar } };
    counter.run().unwrap_or_else(Computed::refused)
}

/// One deadline that has an outcome.
#[derive(Clone, Copy)]
enum Outcome {
    NotStarted,
    Tolled,
    Due { at: Moment, from: Moment, index: usize },
}

struct Counter<'a> {
    rule: &'a Rule,
    given: &'a Given<'a>,
    place: Place<'a>,
}

impl Counter<'_> {
    fn run(&self) -> Result<Computed, Invalid> {
        let mut extended = self.extension_allowed()?;
        let none = Merged::default();
        let (extension, tolling) = (self.given.extension.filter(|_| extended.is_none()), self.rule.tolling.stops);
        let all = if tolling == Stops::Never { Merged::default() } else { Merged::of(self.given.stops) };
        let mut stops = if tolling == Stops::Always { &all } else { &none };
        let Some(mut outcome) = self.outcome(stops)? else {
            return Ok(Computed::bare(Status::NoClock));
        };
        let mut original = None;
        let mut lengthen = None;
        if let (Some(extension), Outcome::Due { at, .. }) = (extension, outcome) {
            original = Some(at);
            if extension.notice_at > at {
                extended = Some(Extended::NoticeTooLate);
            } else {
                extended = Some(Extended::Applied);
                lengthen = Some(extension);
                if tolling == Stops::WithExtension && !all.is_empty() {
                    stops = &all;
                    outcome = self.outcome(stops)?.unwrap_or(Outcome::NotStarted);
                }
            }
        }
        let (status, due) = match outcome {
            Outcome::NotStarted => (Status::NotStarted, None),
            Outcome::Tolled => (Status::Tolled, None),
            Outcome::Due { at, .. } => {
                let at = match lengthen {
                    Some(extension) => self.place.extend(at, extension.amount, extension.unit, stops)?,
                    None => Some(at),
                };
                (if at.is_some() { Status::Due } else { Status::Tolled }, at)
            }
        };
        let (deadline, started_at) = match outcome {
            Outcome::Due { from, index, .. } => (Some(index), Some(from)),
            _ => (None, None),
        };
        Ok(Computed {
            due_at: due,
            deadline,
            started_at,
            original_due_at: original,
            extended,
            ..Computed::bare(status)
        })
    }

    /// Whether the extension may be asked of this rule at all; `Some` when it is left out in a set.
    fn extension_allowed(&self) -> Result<Option<Extended>, Invalid> {
        let Some(asked) = &self.given.extension else {
            return Ok(None);
        };
        let allowed = self.rule.extension.as_ref().filter(|e| e.max_count != Some(0));
        let Some(allowed) = allowed else {
            return if self.given.in_set {
                Ok(Some(Extended::NotForThisRule))
            } else {
                Err(Invalid::ExtensionNotAllowed)
            };
        };
        if allowed.unit != asked.unit {
            return Err(Invalid::ExtensionUnit);
        }
        if allowed.amount.is_some_and(|most| asked.amount > most) {
            return Err(Invalid::ExtensionTooLong);
        }
        Ok(None)
    }

    /// The outcome of the rule's own combination; `None` when the branch has no number.
    fn outcome(&self, stops: &Merged) -> Result<Option<Outcome>, Invalid> {
        let deadlines = &self.rule.deadlines;
        match self.rule.combine {
            Combine::Earliest | Combine::MinimumNotice => self.best(0..deadlines.len(), stops, false),
            Combine::Latest => self.best(0..deadlines.len(), stops, true),
            Combine::ByUrgency => {
                let wanted = if self.given.urgency == "expedited" { "expedited" } else { "standard" };
                self.one(self.keyed(wanted)?, stops)
            }
            Combine::BySubtype | Combine::ByLob | Combine::ByParty | Combine::Sequence => {
                self.one(self.branch()?, stops)
            }
            Combine::Conditional => self.conditional(stops),
        }
    }

    fn keyed(&self, key: &str) -> Result<usize, Invalid> {
        self.rule.deadlines.iter().position(|d| d.key.as_deref() == Some(key)).ok_or(Invalid::BranchUnknown)
    }

    fn branch(&self) -> Result<usize, Invalid> {
        match self.given.branch {
            None => Err(Invalid::BranchMissing),
            Some(Branch::Key(key)) => self.keyed(key),
            Some(Branch::Index(at)) if *at < self.rule.deadlines.len() => Ok(*at),
            Some(Branch::Index(_)) => Err(Invalid::BranchUnknown),
        }
    }

    /// The earliest (or latest) of several deadlines; without a due time, tolled before not started.
    fn best(
        &self,
        which: impl Iterator<Item = usize>,
        stops: &Merged,
        latest: bool,
    ) -> Result<Option<Outcome>, Invalid> {
        let mut best: Option<Outcome> = None;
        for index in which {
            let Some(next) = self.one(index, stops)? else { continue };
            best = Some(match (best, next) {
                (None, next) => next,
                (Some(Outcome::Due { at: a, .. }), Outcome::Due { at: b, .. }) if (b < a) != latest && a != b => next,
                (Some(had @ Outcome::Due { .. }), _) => had,
                (Some(_), next @ Outcome::Due { .. }) => next,
                (Some(Outcome::Tolled), _) => Outcome::Tolled,
                (Some(_), next) => next,
            });
        }
        Ok(best)
    }

    /// One deadline from its own start event.
    fn one(&self, index: usize, stops: &Merged) -> Result<Option<Outcome>, Invalid> {
        let deadline = &self.rule.deadlines[index];
        let Some((amount, unit)) = deadline.numeric() else {
            return Ok(None);
        };
        if deadline.from == "notice_sent_or_effective_date" {
            return self.aid_continuing(index, amount, unit);
        }
        let Some(from) = self.start(deadline) else {
            return Ok(Some(Outcome::NotStarted));
        };
        let backwards = deadline.direction == Direction::Before || self.rule.combine == Combine::MinimumNotice;
        let due = if backwards {
            Some(self.place.before(from, amount, unit)?)
        } else {
            self.place.due(from, amount, unit, stops)?
        };
        Ok(Some(due.map_or(Outcome::Tolled, |at| Outcome::Due { at, from, index })))
    }

    /// The start event of a deadline; information on file before the request counts as of the request.
    fn start(&self, deadline: &Deadline) -> Option<Moment> {
        let name = deadline.events().first().copied().unwrap_or(&deadline.from);
        let at = self.given.event(name)?;
        if INFORMATION.contains(&name)
            && let Some(request) = self.given.event("request_received")
        {
            return Some(at.max(request));
        }
        Some(at)
    }

    /// Aid continuing: the later of so many days after the notice and the end of the intended effective date.
    fn aid_continuing(&self, index: usize, amount: u32, unit: Unit) -> Result<Option<Outcome>, Invalid> {
        let none = Merged::default();
        let by_notice = match self.given.event("notice_sent") {
            Some(from) => self.place.due(from, amount, unit, &none)?.map(|at| (at, from)),
            None => None,
        };
        let by_date = match self.given.event("intended_effective_date") {
            Some(from) => Some((self.place.end_of(self.place.day(from))?, from)),
            None => None,
        };
        let later = match (by_notice, by_date) {
            (Some(a), Some(b)) => Some(if b.0 > a.0 { b } else { a }),
            (a, b) => a.or(b),
        };
        Ok(Some(later.map_or(Outcome::NotStarted, |(at, from)| Outcome::Due { at, from, index })))
    }

    /// New York home health: 72 hours when the day after the request is no business day, else one business day; and the
    /// earlier of that and the cap, where there is one.
    fn conditional(&self, stops: &Merged) -> Result<Option<Outcome>, Invalid> {
        let normal = self.keyed("normal")?;
        let weekend = self.keyed("next-day-weekend-or-holiday")?;
        let cap = self.keyed("cap").ok();
        let received = self.given.event("request_received").or_else(|| self.start(&self.rule.deadlines[normal]));
        let chosen = match received {
            Some(at) if !self.place.calendar.is_business_day(self.place.day(at) + 1) => weekend,
            _ => normal,
        };
        self.best([Some(chosen), cap].into_iter().flatten(), stops, false)
    }
}
