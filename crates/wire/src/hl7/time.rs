//! Times as HL7 writes them: as much as is known of year to fraction, and sometimes an offset. Without one they are local.

use vigil_domain::time::{Day, Moment, Zone};

/// A time as read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) at: Moment,
    /// The local hour is repeated or skipped that night: an offset would have said which is meant.
    pub(super) unsure: bool,
}

/// Reads `YYYYMMDD[HH[MM[SS[.F]]]][+ZZZZ]`; a day alone is its first moment. None when it is no time.
pub(super) fn moment(text: &str, zone: &Zone) -> Option<Read> {
    let (digits, offset) = match text.rfind(['+', '-']) {
        Some(at) => (&text[..at], Some(offset(&text[at..])?)),
        None => (text, None),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let known = matches!(whole.len(), 8 | 10 | 12 | 14) && whole.bytes().all(|b| b.is_ascii_digit());
    if !known || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| whole.get(from..from + 2).and_then(|p| p.parse::<i8>().ok()).unwrap_or(0);
    let nanos = format!("{fraction:0<9}").get(..9).and_then(|f| f.parse().ok()).unwrap_or(0);
    let local = day(whole)?.to_datetime(jiff::civil::Time::new(part(8), part(10), part(12), nanos).ok()?);
    match offset {
        Some(offset) => Some(Read { at: offset.to_timestamp(local).ok()?, unsure: false }),
        None => {
            let unsure = !matches!(
                zone.tz().to_ambiguous_timestamp(local).offset(),
                jiff::tz::AmbiguousOffset::Unambiguous { .. }
            );
            Some(Read { at: local.to_zoned(zone.tz().clone()).ok()?.timestamp(), unsure })
        }
    }
}

/// `+HHMM`.
fn offset(text: &str) -> Option<jiff::tz::Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..).filter(|d| d.len() == 4 && d.bytes().all(|b| b.is_ascii_digit()))?;
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    (hours < 24 && minutes < 60).then_some(())?;
    jiff::tz::Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// The day of a date or a time.
pub(super) fn day(text: &str) -> Option<Day> {
    let digits = text.get(..8).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    Day::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..8].parse().ok()?).ok()
}

/// A moment as HL7 writes it, in a zone, with its offset.
pub(super) fn write(at: Moment, zone: &Zone) -> String {
    zone.at(at).strftime("%Y%m%d%H%M%S%z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_length_and_the_nights_the_clocks_change() {
        let zone = Zone::named("America/New_York").unwrap();
        for (text, wanted) in [
            ("20260301", Some(("2026-03-01T05:00:00Z", false))),
            ("202603011015", Some(("2026-03-01T15:15:00Z", false))),
            ("20260301101530.25", Some(("2026-03-01T15:15:30.25Z", false))),
            ("20260301101530-0800", Some(("2026-03-01T18:15:30Z", false))),
            ("20260301101530.1234+0000", Some(("2026-03-01T10:15:30.1234Z", false))),
            // The hour that is repeated is read as the first; the hour that is skipped as the one after it.
            ("20261101013000", Some(("2026-11-01T05:30:00Z", true))),
            ("20261101013000-0500", Some(("2026-11-01T06:30:00Z", false))),
            ("20260308023000", Some(("2026-03-08T07:30:00Z", true))),
            ("2026030", None),
            ("20261301", None),
            ("2026030125", None),
            ("20260301x", None),
            ("20260301-5", None),
            ("", None),
        ] {
            let read = moment(text, &zone).map(|r| (r.at.to_string(), r.unsure));
            assert_eq!(read, wanted.map(|(at, unsure)| (at.to_owned(), unsure)), "{text}");
        }
    }
}
