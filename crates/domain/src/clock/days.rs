//! The two kinds of counting: elapsed time between instants, and local dates.

use jiff::{SignedDuration, civil};

use super::{given::Invalid, stops::Merged};
use crate::{
    calendar::{Calendar, DayNumber, day_of, number_of},
    law::Unit,
    time::{Day, Moment, Zone},
};

/// The end of the legal day.
const END: civil::Time = civil::Time::constant(23, 59, 59, 0);
/// Noon.
const NOON: civil::Time = civil::Time::constant(12, 0, 0, 0);

/// A due time, or stopped with no known end.
pub(super) type Reached = Result<Option<Moment>, Invalid>;

/// What day counting needs to know of the place.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) zone: &'a Zone,
    pub(super) calendar: &'a Calendar,
}

impl Place<'_> {
    /// A local time of a date as an instant: moved forward over a gap, the first of two.
    pub(super) fn at(&self, day: DayNumber, time: civil::Time) -> Result<Moment, Invalid> {
        let date = day_of(day).ok_or(Invalid::OutOfRange)?;
        self.zone.tz().to_timestamp(date.to_datetime(time)).map_err(|_| Invalid::OutOfRange)
    }

    pub(super) fn end_of(&self, day: DayNumber) -> Result<Moment, Invalid> {
        self.at(day, END)
    }

    pub(super) fn day(&self, at: Moment) -> DayNumber {
        number_of(self.zone.day(at))
    }

    /// The due time of `amount` units from `start`, counted around stops; `None` when a stop has no known end.
    pub(super) fn due(&self, start: Moment, amount: u32, unit: Unit, stops: &Merged) -> Reached {
        if unit.is_elapsed() {
            return elapsed(start, amount, unit, stops);
        }
        let time = if unit == Unit::NoonDays { NOON } else { END };
        match self.count(self.day(start), amount, unit, stops)? {
            Some(day) => self.at(day, time).map(Some),
            None => Ok(None),
        }
    }

    /// The last moment to act `amount` units before an event.
    pub(super) fn before(&self, event: Moment, amount: u32, unit: Unit) -> Result<Moment, Invalid> {
        if unit.is_elapsed() {
            return event.checked_sub(duration(amount, unit)).map_err(|_| Invalid::OutOfRange);
        }
        let day = self.day(event);
        let last = match unit {
            Unit::BusinessDays | Unit::WorkingDays => self.calendar.business_day_before(day, amount),
            Unit::Months => months(day, -i64::from(amount))?,
            _ => day.checked_sub_unsigned(amount).ok_or(Invalid::OutOfRange)?,
        };
        self.end_of(last)
    }

    /// The due time moved by an extension: date units keep the local time of day.
    pub(super) fn extend(&self, due: Moment, amount: u32, unit: Unit, stops: &Merged) -> Reached {
        if amount == 0 {
            return Ok(Some(due));
        }
        if unit.is_elapsed() {
            return elapsed(due, amount, unit, stops);
        }
        let local = self.zone.tz().to_datetime(due);
        match self.count(number_of(local.date()), amount, unit, stops)? {
            Some(day) => self.at(day, local.time()).map(Some),
            None => Ok(None),
        }
    }

    /// The date that is `amount` counted dates after day 0. A date counts only when the clock runs at its end; when the
    /// clock is stopped at the end of day 0, the date on which it runs again becomes day 0.
    fn count(&self, zero: DayNumber, amount: u32, unit: Unit, stops: &Merged) -> Result<Option<DayNumber>, Invalid> {
        let business = matches!(unit, Unit::BusinessDays | Unit::WorkingDays);
        let amount = match unit {
            Unit::Months => u32::try_from(months(zero, i64::from(amount))? - zero).unwrap_or_default(),
            _ => amount,
        };
        let ahead = |from: DayNumber, n: u32| -> Result<DayNumber, Invalid> {
            if business {
                Ok(self.calendar.business_day_after(from, n))
            } else {
                from.checked_add_unsigned(n).ok_or(Invalid::OutOfRange)
            }
        };
        if stops.is_empty() {
            return ahead(zero, amount).map(Some);
        }
        let quiet_after = stops.last_end().map(|end| self.day(end));
        let mut day = zero;
        let mut left = amount;
        let mut counting_zero = true;
        loop {
            if quiet_after.is_some_and(|quiet| day > quiet) {
                return if counting_zero { ahead(day, left) } else { ahead(day - 1, left) }.map(Some);
            }
            if let Some(stop) = stops.holding(self.end_of(day)?) {
                match stop.end {
                    None => return Ok(None),
                    // The end of this day is inside the stop, so the stop ends on a later day.
                    Some(end) => day = self.day(end).max(day + 1),
                }
                continue;
            }
            if counting_zero {
                counting_zero = false;
            } else if !business || self.calendar.is_business_day(day) {
                left -= 1;
            }
            if left == 0 {
                return Ok(Some(day));
            }
            day += 1;
        }
    }
}

/// Elapsed time, around stops.
fn elapsed(start: Moment, amount: u32, unit: Unit, stops: &Merged) -> Reached {
    let mut left = duration(amount, unit);
    let mut at = start;
    let add = |at: Moment, left: SignedDuration| at.checked_add(left).map(Some).map_err(|_| Invalid::OutOfRange);
    for stop in &stops.0 {
        if stop.end.is_some_and(|end| end <= at) {
            continue;
        }
        let ran = stop.start.duration_since(at).max(SignedDuration::ZERO);
        if left <= ran {
            return add(at, left);
        }
        left -= ran;
        match stop.end {
            Some(end) => at = end,
            None => return Ok(None),
        }
    }
    add(at, left)
}

fn duration(amount: u32, unit: Unit) -> SignedDuration {
    match unit {
        Unit::Minutes => SignedDuration::from_mins(i64::from(amount)),
        _ => SignedDuration::from_hours(i64::from(amount)),
    }
}

/// The same day number so many months away, or that month's last day.
fn months(day: DayNumber, amount: i64) -> Result<DayNumber, Invalid> {
    let date = day_of(day).ok_or(Invalid::OutOfRange)?;
    let total = i64::from(date.year()) * 12 + i64::from(date.month()) - 1 + amount;
    let year = i16::try_from(total.div_euclid(12)).map_err(|_| Invalid::OutOfRange)?;
    let month = i8::try_from(total.rem_euclid(12) + 1).map_err(|_| Invalid::OutOfRange)?;
    let first = Day::new(year, month, 1).map_err(|_| Invalid::OutOfRange)?;
    let last = first.days_in_month();
    Day::new(year, month, date.day().min(last)).map(number_of).map_err(|_| Invalid::OutOfRange)
}
