//! Times and counts as people read them.

use crate::time::{Day, Moment, Zone};

/// `Mar 13, 2026, 11:59 PM EDT`.
pub(super) fn at_words(at: Moment, zone: &Zone) -> String {
    zone.at(at).strftime("%b %-d, %Y, %-I:%M %p %Z").to_string()
}

/// `Mar 13, 2026`.
pub(super) fn day_words(day: Day) -> String {
    day.strftime("%b %-d, %Y").to_string()
}

/// `1 midnight`, `2 midnights`.
pub(super) fn midnights(count: u32) -> String {
    if count == 1 { "1 midnight".to_owned() } else { format!("{count} midnights") }
}

/// `A, B and C`.
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
