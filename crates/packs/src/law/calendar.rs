//! Calendar packs: holidays as sentences (`third Monday of January`) to rules.

use serde::Deserialize;
use vigil_domain::calendar::{Calendar, Calendars, Falls, Holiday, Moves};

use crate::{
    issue::{PackIssue, line_of},
    shelf::Shelf,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarToml {
    id: String,
    name: String,
    jurisdictions: Vec<String>,
    cite: String,
    confidence: String,
    #[serde(default)]
    #[expect(dead_code, reason = "read by people")]
    notes: String,
    moves: MovesToml,
    #[serde(default)]
    holiday: Vec<HolidayToml>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct MovesToml {
    saturday: String,
    sunday: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayToml {
    name: String,
    on: toml::Spanned<String>,
    moves: Option<MovesToml>,
    from_year: Option<i16>,
}

/// Reads every calendar; a later layer's calendar takes the place of an earlier one with the same id.
pub(super) fn read(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> Calendars {
    let mut all: Vec<(usize, Calendar)> = Vec::new();
    for file in shelf.under("calendars/", ".toml") {
        match toml::from_str::<CalendarToml>(&file.text) {
            Ok(read) => {
                let calendar = build(read, &file.path, &file.text, issues);
                all.retain(|(layer, had)| had.id != calendar.id || *layer > file.layer);
                all.push((file.layer, calendar));
            }
            Err(error) => {
                let line = error.span().map_or(0, |span| line_of(&file.text, span.start));
                issues.push(PackIssue::new(&file.path, line, error.message()));
            }
        }
    }
    Calendars::new(all.into_iter().map(|(_, calendar)| calendar).collect())
}

fn build(read: CalendarToml, path: &str, text: &str, issues: &mut Vec<PackIssue>) -> Calendar {
    let mut holidays = Vec::new();
    for holiday in read.holiday {
        let line = line_of(text, holiday.on.span().start);
        let moved = holiday.moves.unwrap_or_else(|| read.moves.clone());
        let Some(moves) = moves(&moved) else {
            issues.push(PackIssue::new(path, line, "moves: saturday is friday or none, sunday is monday or none"));
            continue;
        };
        match falls(holiday.on.get_ref()) {
            Some(falls) => holidays.push(Holiday { name: holiday.name, falls, moves, from_year: holiday.from_year }),
            None => issues.push(PackIssue::new(
                path,
                line,
                "write a date as \"4 July\", \"third Monday of January\" or \"first Monday of November plus 1 day\"",
            )),
        }
    }
    Calendar {
        id: read.id,
        name: read.name,
        jurisdictions: read.jurisdictions,
        cite: read.cite,
        confidence: read.confidence,
        holidays,
        ..Calendar::default()
    }
}

fn moves(read: &MovesToml) -> Option<Moves> {
    let saturday = match read.saturday.as_str() {
        "friday" => -1,
        "none" => 0,
        _ => return None,
    };
    let sunday = match read.sunday.as_str() {
        "monday" => 1,
        "none" => 0,
        _ => return None,
    };
    Some(Moves { saturday, sunday })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const ORDINALS: [(&str, i8); 6] =
    [("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("fifth", 5), ("last", -1)];

fn place_in(list: &[&str], word: &str) -> Option<i8> {
    list.iter().position(|w| *w == word).and_then(|at| i8::try_from(at).ok())
}

/// Reads `4 July`, `last Monday of May`, `fourth Thursday of November plus 1 day`.
fn falls(sentence: &str) -> Option<Falls> {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let (words, plus_days) = match words.as_slice() {
        [head @ .., "plus", days, "day" | "days"] => (head, days.parse().ok()?),
        all => (all, 0),
    };
    match words {
        [day, month] => {
            let (day, month) = (day.parse().ok()?, place_in(&MONTHS, month)? + 1);
            let known = vigil_domain::time::Day::new(2024, month, day).is_ok();
            (known && plus_days == 0).then_some(Falls::Fixed { month, day })
        }
        [nth, weekday, "of", month] => Some(Falls::Nth {
            month: place_in(&MONTHS, month)? + 1,
            nth: ORDINALS.iter().find(|(word, _)| word == nth)?.1,
            weekday: place_in(&WEEKDAYS, weekday)?,
            plus_days,
        }),
        _ => None,
    }
}
