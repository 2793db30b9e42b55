//! Words for pages: days, times with zone, time left, people. One place, so that every page says them alike.

use vigil_domain::{
    party::{Member, Sex},
    request::{Channel, Circumstance},
    time::{Day, Moment, Zone},
};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Less than this many seconds before the due time counts as due soon on lists, when the clock has not warned itself.
const SOON_SECONDS: i64 = 24 * 3600;

fn month(day: Day) -> &'static str {
    MONTHS.get(usize::from(day.month().unsigned_abs()).saturating_sub(1)).copied().unwrap_or("")
}

/// `Fri`.
pub fn weekday(day: Day) -> &'static str {
    WEEKDAYS.get(usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())).copied().unwrap_or("")
}

/// `Mar 13, 2026`.
pub fn day(day: Day) -> String {
    format!("{} {}, {}", month(day), day.day(), day.year())
}

/// `Mar 13, 2026` or nothing.
pub fn day_or(value: Option<Day>, none: &str) -> String {
    value.map_or_else(|| none.to_owned(), day)
}

/// `Fri Mar 13`, with the year when it is not this one.
pub fn short_day(value: Day, today: Day) -> String {
    let words = format!("{} {} {}", weekday(value), month(value), value.day());
    if value.year() == today.year() { words } else { format!("{words}, {}", value.year()) }
}

/// `4:10 PM`.
pub fn time_of_day(at: Moment, zone: &Zone) -> String {
    let local = zone.at(at);
    let half = if local.hour() < 12 { "AM" } else { "PM" };
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    format!("{hour}:{:02} {half}", local.minute())
}

/// `EDT`.
pub fn zone_name(at: Moment, zone: &Zone) -> String {
    zone.tz().to_offset_info(at).abbreviation().to_owned()
}

/// `Mar 13, 2026, 4:10 PM EDT`.
pub fn moment(at: Moment, zone: &Zone) -> String {
    format!("{}, {} {}", day(zone.day(at)), time_of_day(at, zone), zone_name(at, zone))
}

/// `Today 4:10 PM EDT`, `Tomorrow 9:00 AM EDT`, `Fri Mar 13, 11:59 PM EDT`.
pub fn near(at: Moment, zone: &Zone, now: Moment) -> String {
    let (then, today) = (zone.day(at), zone.day(now));
    let day = if then == today {
        "Today".to_owned()
    } else if today.tomorrow().is_ok_and(|t| t == then) {
        "Tomorrow".to_owned()
    } else if today.yesterday().is_ok_and(|y| y == then) {
        "Yesterday".to_owned()
    } else {
        format!("{},", short_day(then, today))
    };
    format!("{day} {} {}", time_of_day(at, zone), zone_name(at, zone))
}

/// A machine time for `<time datetime>`.
pub fn machine(at: Moment) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2 d 4 h`, `3 h 10 min`, `45 min`, `under a minute`; the size of a span, without its sign.
pub fn span(seconds: i64) -> String {
    let minutes = seconds.abs() / 60;
    let (days, hours, rest) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
    match (days, hours, rest) {
        (0, 0, 0) => "under a minute".to_owned(),
        (0, 0, m) => format!("{m} min"),
        (0, h, m) if h < 6 && m > 0 => format!("{h} h {m} min"),
        (0, h, _) => format!("{h} h"),
        (d, 0, _) => format!("{d} d"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}

/// How near a due time is. Never shown by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Nothing due.
    None,
    /// Time enough.
    Quiet,
    /// Due soon.
    Soon,
    /// Past its due time.
    Late,
}

impl Press {
    /// The class of the stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quiet => "quiet",
            Self::Soon => "soon",
            Self::Late => "late",
        }
    }

    /// The mark before the words, for readers who do not see colour.
    pub fn mark(self) -> &'static str {
        match self {
            Self::None | Self::Quiet => "",
            Self::Soon => "!",
            Self::Late => "!!",
        }
    }

    /// What the mark means, read aloud.
    pub fn says(self) -> &'static str {
        match self {
            Self::None => "no due time",
            Self::Quiet => "on time",
            Self::Soon => "due soon",
            Self::Late => "late",
        }
    }
}

/// A due time as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// `Fri Mar 13, 11:59 PM EDT`.
    pub words: String,
    /// `2 d 4 h` or `late by 3 h`.
    pub left: String,
    /// For `<time datetime>`.
    pub machine: String,
    /// How near.
    pub press: Press,
}

impl Due {
    /// A due time seen from now. `warned`: its clock has reached its own warning moment.
    pub fn new(at: Option<Moment>, zone: &Zone, now: Moment, warned: bool) -> Self {
        let Some(at) = at else {
            let none = String::new();
            return Self { words: "no due time".into(), left: none.clone(), machine: none, press: Press::None };
        };
        let seconds = at.as_second() - now.as_second();
        let press = match seconds {
            s if s < 0 => Press::Late,
            s if warned || s < SOON_SECONDS => Press::Soon,
            _ => Press::Quiet,
        };
        let left = if seconds < 0 { format!("late by {}", span(seconds)) } else { span(seconds) };
        Self { words: near(at, zone, now), left, machine: machine(at), press }
    }
}

/// `F`, `M`, `X` or nothing.
pub fn sex_letter(word: &str) -> &'static str {
    match word {
        "female" => "F",
        "male" => "M",
        "other" => "X",
        _ => "",
    }
}

/// Age in whole years.
pub fn age(born: Option<Day>, today: Day) -> Option<i16> {
    let born = born?;
    let had = (today.month(), today.day()) >= (born.month(), born.day());
    Some(today.year() - born.year() - i16::from(!had))
}

/// `71 F`.
pub fn age_and_sex(born: Option<Day>, sex: &str, today: Day) -> String {
    let age = age(born, today).map(|a| a.to_string()).unwrap_or_default();
    format!("{age} {}", sex_letter(sex)).trim().to_owned()
}

/// `Doe, Jane · 71 F`.
pub fn patient(member: &Member, today: Day) -> String {
    let sex = if member.sex == Sex::Unknown { "" } else { member.sex.word() };
    let rest = age_and_sex(member.birth_day, sex, today);
    if rest.is_empty() { member.name.listed() } else { format!("{} · {rest}", member.name.listed()) }
}

/// `3 units`, `1 unit`, `2.5 hours`.
pub fn quantity(amount: f64, unit: &str) -> String {
    let number = number(amount);
    let plural = (amount - 1.0).abs() > f64::EPSILON && !unit.ends_with('s') && unit.chars().all(char::is_alphabetic);
    format!("{number} {unit}{}", if plural { "s" } else { "" })
}

/// A size as people say it: `8 MB`, `300 kB`.
pub fn bytes(size: usize) -> String {
    match size {
        n if n >= 1 << 20 => format!("{} MB", n >> 20),
        n if n >= 1 << 10 => format!("{} kB", n >> 10),
        n => format!("{n} bytes"),
    }
}

/// A number without needless decimals.
pub fn number(value: f64) -> String {
    if value.fract().abs() < 1e-9 { format!("{value:.0}") } else { format!("{value}") }
}

/// `1,234`.
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// `97.4 %`; a dash when nothing was counted.
pub fn percent(part: i64, whole: i64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

/// `1 case`, `3 cases`.
pub fn many(n: i64, one: &str, more: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { more })
}

/// `request_received` as people say it: `request received`.
pub fn plain(word: &str) -> String {
    word.replace(['_', '-'], " ")
}

/// A text of the library with its dates as people write them: `2026-01-01` becomes `Jan 1, 2026`.
pub fn dated(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        let alone = !after.starts_with(|c: char| c.is_alphanumeric());
        match word.parse::<Day>() {
            Ok(found) if word.len() == 10 && alone => out.push_str(&day(found)),
            _ => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A place of the library as people say it: `US-NY` is `New York`; one without a name stays as it is written.
pub fn place(word: &str) -> String {
    let name = match word {
        "US" => "United States",
        "US-CA" => "California",
        "US-FL" => "Florida",
        "US-IL" => "Illinois",
        "US-MA" => "Massachusetts",
        "US-NJ" => "New Jersey",
        "US-NY" => "New York",
        "US-OH" => "Ohio",
        "US-PA" => "Pennsylvania",
        "US-TX" => "Texas",
        other => other,
    };
    name.to_owned()
}

/// The door a request came through, after `by`.
pub fn channel(channel: &Channel) -> &str {
    match channel {
        Channel::Fhir => "FHIR message",
        Channel::Phone => "telephone",
        Channel::X12 => "X12 message",
        other => other.word(),
    }
}

/// A circumstance of a request as people say it.
pub fn circumstance(circumstance: &Circumstance) -> &'static str {
    match circumstance {
        Circumstance::CourtOrdered => "Mental health or substance use care that a court ordered or may order",
        Circumstance::PostStabilization => "Care after an emergency was stabilized, asked for from the hospital",
        Circumstance::LifeThreatening => "A condition that threatens life",
        Circumstance::StepTherapy => "Asks not to have to try another drug first (step therapy)",
        Circumstance::RehabilitationAfterHospital => "Inpatient rehabilitation after a hospital stay",
        Circumstance::HomeCareAfterHospital => "Home care after a hospital stay",
        Circumstance::PostAcuteTransfer => "A transfer from the hospital to post-acute care",
        Circumstance::UniformForm => "Came on the state's uniform prior authorization form",
        Circumstance::Other(_) => "Another circumstance",
    }
}

/// A language of letters as people say it.
pub fn language(word: &str) -> String {
    match word.split('-').next().unwrap_or(word) {
        "en" => "English".to_owned(),
        "es" => "Spanish".to_owned(),
        other => other.to_owned(),
    }
}

/// A first letter in capitals.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        Zone::named("America/New_York").unwrap()
    }

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn due_times_read_as_people_say_them() {
        let now = at("2026-03-11T19:59:59-04:00");
        for (due, words, left, press) in [
            ("2026-03-13T23:59:59-04:00", "Fri Mar 13, 11:59 PM EDT", "2 d 4 h", Press::Quiet),
            ("2026-03-11T23:09:59-04:00", "Today 11:09 PM EDT", "3 h 10 min", Press::Soon),
            ("2026-03-12T09:00:00-04:00", "Tomorrow 9:00 AM EDT", "13 h", Press::Soon),
            ("2026-03-11T17:59:59-04:00", "Today 5:59 PM EDT", "late by 2 h", Press::Late),
            ("2027-01-04T00:05:00-05:00", "Mon Jan 4, 2027, 12:05 AM EST", "298 d 5 h", Press::Quiet),
        ] {
            let due = Due::new(Some(at(due)), &zone(), now, false);
            assert_eq!((due.words.as_str(), due.left.as_str(), due.press), (words, left, press));
        }
        assert_eq!(Due::new(None, &zone(), now, false).press, Press::None);
    }

    #[test]
    fn dates_in_a_sentence_are_american_ones() {
        for (text, says) in [
            ("from 2026-01-01 on; 14 before", "from Jan 1, 2026 on; 14 before"),
            ("(2026-04-01).", "(Apr 1, 2026)."),
            ("2026-04-01", "Apr 1, 2026"),
            ("CMS-10003-NDMCP and 2026-13-01, 2026-01-01T00:00", "CMS-10003-NDMCP and 2026-13-01, 2026-01-01T00:00"),
            ("§ 422.568(b) é 7", "§ 422.568(b) é 7"),
        ] {
            assert_eq!(dated(text), says);
        }
    }

    #[test]
    fn numbers_and_people() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(0, 0), "–");
        assert_eq!(quantity(1.0, "unit"), "1 unit");
        assert_eq!(quantity(2.5, "hour"), "2.5 hours");
        let born = Some(jiff::civil::date(1955, 3, 12));
        assert_eq!(age_and_sex(born, "female", jiff::civil::date(2026, 3, 11)), "70 F");
        assert_eq!(age_and_sex(None, "unknown", jiff::civil::date(2026, 3, 11)), "");
    }
}
