//! Business days: holidays by rule, precomputed into bit tables, so that "the third business day after" costs a few
//! nanoseconds. Which days are holidays is data (`packs/calendars`); this file only counts.

use serde::{Deserialize, Serialize};

use crate::time::Day;

/// First and last year of the precomputed tables; other years are computed from the rules each time.
const YEARS: std::ops::RangeInclusive<i16> = 1965..=2125;

/// A day as a count of days since 1 January 1970, for arithmetic.
pub type DayNumber = i32;

/// The count of days from 1 January 1970 to a date (proleptic Gregorian).
pub fn number_of(day: Day) -> DayNumber {
    let year = i32::from(day.year()) - i32::from(day.month() <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (i32::from(day.month()) + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + i32::from(day.day()) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date of a day number; `None` outside the years -9999 to 9999.
pub fn day_of(number: DayNumber) -> Option<Day> {
    let shifted = number.checked_add(719_468)?;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = i8::try_from(day_of_year - (153 * shifted_month + 2) / 5 + 1).ok()?;
    let month = i8::try_from(if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 }).ok()?;
    let year = i16::try_from(year_of_era + era * 400 + i32::from(month <= 2)).ok()?;
    Day::new(year, month, day).ok()
}

/// 0 for Monday to 6 for Sunday.
fn weekday(number: DayNumber) -> i32 {
    (number + 3).rem_euclid(7)
}

/// When in the year a holiday falls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Falls {
    /// A fixed date, such as 4 July.
    Fixed {
        /// Month, 1 to 12.
        month: i8,
        /// Day of the month.
        day: i8,
    },
    /// The n-th weekday of a month, and so many days after it.
    Nth {
        /// Month, 1 to 12.
        month: i8,
        /// 1 to 5 from the start of the month; -1 for the last.
        nth: i8,
        /// 0 for Monday to 6 for Sunday.
        weekday: i8,
        /// Days to add (the Friday after Thanksgiving is 1; election day is the day after the first Monday).
        plus_days: i8,
    },
}

/// Where a holiday on a weekend is observed: days to add, 0 for "not moved".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moves {
    /// -1: a Saturday holiday is observed on the Friday before.
    pub saturday: i8,
    /// 1: a Sunday holiday is observed on the Monday after.
    pub sunday: i8,
}

/// One holiday of one calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The name people use.
    pub name: String,
    /// When it falls.
    pub falls: Falls,
    /// Where it is observed when it falls on a weekend.
    pub moves: Moves,
    /// First year in which it is a holiday.
    pub from_year: Option<i16>,
}

impl Holiday {
    /// The day number on which it is observed in the series of one year.
    fn observed(&self, year: i16) -> Option<DayNumber> {
        if self.from_year.is_some_and(|first| year < first) {
            return None;
        }
        let number = match self.falls {
            Falls::Fixed { month, day } => number_of(Day::new(year, month, day).ok()?),
            Falls::Nth { month, nth, weekday: wanted, plus_days } => {
                let base = if nth > 0 {
                    let first = number_of(Day::new(year, month, 1).ok()?);
                    first + (i32::from(wanted) - weekday(first)).rem_euclid(7) + 7 * (i32::from(nth) - 1)
                } else {
                    let last = number_of(Day::new(year, month, 1).ok()?.last_of_month());
                    last - (weekday(last) - i32::from(wanted)).rem_euclid(7)
                };
                base + i32::from(plus_days)
            }
        };
        Some(match weekday(number) {
            5 => number + i32::from(self.moves.saturday),
            6 => number + i32::from(self.moves.sunday),
            _ => number,
        })
    }
}

/// One jurisdiction's working calendar: Monday to Friday less its holidays.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// Short name, the pack file's (`us-ny`).
    pub id: String,
    /// What it is, for people.
    pub name: String,
    /// The jurisdictions that count by it (`US-NY`).
    pub jurisdictions: Vec<String>,
    /// The statute.
    pub cite: String,
    /// How sure we are of it, in the law packs' words.
    pub confidence: String,
    /// The holidays.
    pub holidays: Vec<Holiday>,
    /// Built by [`Calendar::new`].
    pub table: Table,
}

/// One bit a day: set on business days.
#[derive(Debug, Clone, Default)]
pub struct Table {
    first: DayNumber,
    words: Vec<u64>,
}

impl Calendar {
    /// A calendar with its tables built.
    pub fn new(mut self) -> Self {
        let first = Day::new(*YEARS.start(), 1, 1).map(number_of).unwrap_or_default();
        let last = Day::new(*YEARS.end(), 12, 31).map(number_of).unwrap_or_default();
        let days = usize::try_from(last - first + 1).unwrap_or_default();
        let mut table = vec![0_u64; days.div_ceil(64)];
        for index in 0..days {
            if weekday(first + index as i32) < 5 {
                table[index / 64] |= 1 << (index % 64);
            }
        }
        for year in *YEARS.start() - 1..=*YEARS.end() + 1 {
            for number in self.holidays.iter().filter_map(|holiday| holiday.observed(year)) {
                if let Ok(index) = usize::try_from(number - first)
                    && index < days
                {
                    table[index / 64] &= !(1 << (index % 64));
                }
            }
        }
        self.table = Table { first, words: table };
        self
    }

    /// Is the day a business day here?
    pub fn is_business_day(&self, number: DayNumber) -> bool {
        let Table { first, words } = &self.table;
        match usize::try_from(number - first).ok().and_then(|i| Some((words.get(i / 64)?, i % 64))) {
            Some((word, bit)) => word >> bit & 1 == 1,
            None => weekday(number) < 5 && self.holiday_on(number).is_none(),
        }
    }

    /// The holiday observed on a day.
    pub fn holiday_on(&self, number: DayNumber) -> Option<&Holiday> {
        let year = day_of(number)?.year();
        self.holidays.iter().find(|h| (year - 1..=year + 1).any(|y| h.observed(y) == Some(number)))
    }

    /// All days of one calendar year on which a holiday is observed, in order.
    pub fn holidays_in(&self, year: i16) -> Vec<Day> {
        let mut days: Vec<Day> = (year - 1..=year + 1)
            .flat_map(|y| self.holidays.iter().filter_map(move |h| h.observed(y)))
            .filter_map(day_of)
            .filter(|d| d.year() == year)
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The n-th business day after a day (n = 0: the day itself, whatever day it is).
    pub fn business_day_after(&self, start: DayNumber, n: u32) -> DayNumber {
        if n == 0 {
            return start;
        }
        self.jump(start, n).unwrap_or_else(|| self.walk(start, n, 1))
    }

    /// The n-th business day before a day.
    pub fn business_day_before(&self, start: DayNumber, n: u32) -> DayNumber {
        self.walk(start, n, -1)
    }

    fn walk(&self, start: DayNumber, n: u32, step: i32) -> DayNumber {
        let (mut at, mut left) = (start, n);
        while left > 0 {
            at += step;
            left -= u32::from(self.is_business_day(at));
        }
        at
    }

    /// `business_day_after` inside the table, a word at a time.
    fn jump(&self, start: DayNumber, n: u32) -> Option<DayNumber> {
        let Table { first, words } = &self.table;
        let from = usize::try_from(start.checked_add(1)? - first).ok()?;
        let mut left = n;
        let mut at = from / 64;
        let mut word = *words.get(at)? & (u64::MAX << (from % 64));
        while word.count_ones() < left {
            left -= word.count_ones();
            at += 1;
            word = *words.get(at)?;
        }
        for _ in 1..left {
            word &= word - 1;
        }
        let index = at * 64 + word.trailing_zeros() as usize;
        Some(first + i32::try_from(index).ok()?)
    }
}

/// All calendars of the library, found by jurisdiction.
#[derive(Debug, Clone, Default)]
pub struct Calendars {
    all: Vec<Calendar>,
}

impl Calendars {
    /// Builds the tables of every calendar.
    pub fn new(calendars: Vec<Calendar>) -> Self {
        Self { all: calendars.into_iter().map(Calendar::new).collect() }
    }

    /// The calendar of a jurisdiction (`US-NY`); jurisdictions without a list of their own are named by one that has.
    pub fn of(&self, jurisdiction: &str) -> Option<&Calendar> {
        self.all.iter().find(|c| c.jurisdictions.iter().any(|j| j == jurisdiction))
    }

    /// Every calendar.
    pub fn iter(&self) -> impl Iterator<Item = &Calendar> {
        self.all.iter()
    }
}
