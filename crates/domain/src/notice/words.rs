//! Days in words, as letters print them: "March 13, 2026" and "13 de marzo de 2026".

use crate::time::Day;

const ENGLISH: [&str; 12] = [
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
const SPANISH: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// A day in the letter's language; English where the language has no form here.
pub fn day_in_words(day: Day, language: &str) -> String {
    let month = usize::try_from(day.month() - 1).unwrap_or_default();
    match primary(language) {
        "es" => format!("{} de {} de {}", day.day(), SPANISH[month], day.year()),
        _ => format!("{} {}, {}", ENGLISH[month], day.day(), day.year()),
    }
}

/// A day and a time of day: "March 13, 2026 at 4:05 p.m." and "13 de marzo de 2026 a las 4:05 p. m.".
pub fn day_to_the_hour_in_words(at: jiff::civil::DateTime, language: &str) -> String {
    let hour = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let morning = at.hour() < 12;
    let day = day_in_words(at.date(), language);
    match primary(language) {
        "es" => {
            let half = if morning { "a. m." } else { "p. m." };
            let article = if hour == 1 { "a la" } else { "a las" };
            format!("{day} {article} {hour}:{:02} {half}", at.minute())
        }
        _ => {
            let half = if morning { "a.m." } else { "p.m." };
            format!("{day} at {hour}:{:02} {half}", at.minute())
        }
    }
}

/// `es` of `es-MX`.
pub(super) fn primary(language: &str) -> &str {
    language.split(['-', '_']).next().unwrap_or(language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_and_hours_read_as_people_write_them() {
        let day = date(2026, 3, 13);
        assert_eq!(day_in_words(day, "en"), "March 13, 2026");
        assert_eq!(day_in_words(day, "es-MX"), "13 de marzo de 2026");
        let rows = [
            (day.at(0, 5, 0, 0), "March 13, 2026 at 12:05 a.m.", "13 de marzo de 2026 a las 12:05 a. m."),
            (day.at(13, 0, 0, 0), "March 13, 2026 at 1:00 p.m.", "13 de marzo de 2026 a la 1:00 p. m."),
        ];
        for (at, english, spanish) in rows {
            assert_eq!(day_to_the_hour_in_words(at, "en"), english);
            assert_eq!(day_to_the_hour_in_words(at, "es"), spanish);
        }
    }
}
