//! Picking members out of a resource: each pick knows the JSON type it needs and notes what is wrong at its place.

use std::borrow::Cow;

use vigil_domain::{
    code::Code,
    request::Quantity,
    time::{Day, Moment},
};

use super::systems;
use crate::{
    issue::{IssueCode, Notes},
    json::{Kind, Value},
};

fn wrong_type(at: Value<'_>, wanted: &str, notes: &mut Notes) {
    notes.error(
        IssueCode::Structure,
        at,
        format!("{} must be {wanted}, but is {}.", at.name(), at.kind().words()),
        format!("Send {wanted}."),
    );
}

/// A member that is an object.
pub(crate) fn object<'j>(at: Value<'j>, name: &str, notes: &mut Notes) -> Option<Value<'j>> {
    let found = at.get(name)?;
    if found.kind() == Kind::Object {
        return Some(found);
    }
    wrong_type(found, "an object", notes);
    None
}

/// The objects of a member that is an array of objects.
pub(crate) fn objects<'j>(at: Value<'j>, name: &str, notes: &mut Notes) -> impl Iterator<Item = Value<'j>> + use<'j> {
    let found = at.get(name);
    if let Some(found) = found {
        if found.kind() != Kind::Array {
            wrong_type(found, "an array", notes);
        } else {
            for item in found.items().filter(|item| item.kind() != Kind::Object) {
                notes.error(
                    IssueCode::Structure,
                    item,
                    format!("Each entry must be an object, but this is {}.", item.kind().words()),
                    "Send an object.",
                );
            }
        }
    }
    found.into_iter().flat_map(Value::items).filter(|item| item.kind() == Kind::Object)
}

/// A member that is a string.
pub(crate) fn text<'j>(at: Value<'j>, name: &str, notes: &mut Notes) -> Option<Cow<'j, str>> {
    let found = at.get(name)?;
    let Some(text) = found.text() else {
        wrong_type(found, "a string", notes);
        return None;
    };
    if text.trim().is_empty() {
        notes.error(IssueCode::Value, found, format!("{name} is empty."), "Leave it out, or give it a value.");
        return None;
    }
    Some(text)
}

/// A member that is a boolean.
pub(crate) fn flag(at: Value<'_>, name: &str, notes: &mut Notes) -> Option<bool> {
    let found = at.get(name)?;
    if found.boolean().is_none() {
        wrong_type(found, "true or false", notes);
    }
    found.boolean()
}

/// A member that is a whole number above zero.
pub(crate) fn positive(at: Value<'_>, name: &str, notes: &mut Notes) -> Option<u32> {
    let found = at.get(name)?;
    let number = positive_value(found);
    if number.is_none() {
        not_positive(found, notes);
    }
    number
}

/// What a number is, where it is one that does not fit, says more than that it is a number.
fn not_positive(found: Value<'_>, notes: &mut Notes) {
    let is = found.number().unwrap_or(found.kind().words());
    let wanted = format!("a whole number from 1 to {MOST_COUNTED}");
    let details = format!("{} must be {wanted}, but is {is}.", found.name());
    notes.error(IssueCode::Structure, found, details, format!("Send {wanted}."));
}

/// The largest `positiveInt` of FHIR R4.
const MOST_COUNTED: u32 = 2_147_483_647;

/// The whole numbers above zero of an array.
pub(crate) fn positives(at: Value<'_>, name: &str, notes: &mut Notes) -> Vec<u32> {
    let Some(found) = at.get(name) else { return Vec::new() };
    if found.kind() != Kind::Array {
        wrong_type(found, "an array", notes);
    }
    let mut numbers = Vec::new();
    for item in found.items() {
        match positive_value(item) {
            Some(number) => numbers.push(number),
            None => {
                let details = format!("This must be a whole number from 1 to {MOST_COUNTED}.");
                notes.error(IssueCode::Structure, item, details, "Correct it.");
            }
        }
    }
    numbers
}

fn positive_value(found: Value<'_>) -> Option<u32> {
    found.number()?.parse().ok().filter(|number| (1..=MOST_COUNTED).contains(number))
}

/// A member that is a decimal.
pub(crate) fn decimal(at: Value<'_>, name: &str, notes: &mut Notes) -> Option<f64> {
    let found = at.get(name)?;
    let number = found.number().and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
    if number.is_none() && found.number().is_some() {
        let details = format!("{name} is a number beyond what can be read.");
        notes.error(IssueCode::Value, found, details, "Send a number of ordinary size.");
    } else if number.is_none() {
        wrong_type(found, "a number", notes);
    }
    number
}

/// A day as `YYYY-MM-DD`, exactly.
pub(crate) fn parse_day(text: &str) -> Option<Day> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0i16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0')))
    };
    Day::new(number(0..4)?, i8::try_from(number(5..7)?).ok()?, i8::try_from(number(8..10)?).ok()?).ok()
}

/// A FHIR date or dateTime as far as it is exact: a moment, a day, or nothing for a bare year or month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Date {
    Moment(Moment, Day),
    Day(Day),
    Vague,
}

impl Date {
    /// The day as written: in the sender's own offset.
    pub(crate) fn day(self) -> Option<Day> {
        match self {
            Self::Moment(_, day) | Self::Day(day) => Some(day),
            Self::Vague => None,
        }
    }
}

/// Reads a date or dateTime.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    if text.len() == 10 {
        return parse_day(text).map(Date::Day);
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        4 if digits(text) => return Some(Date::Vague),
        7 if text.get(..4).is_some_and(digits) && text.as_bytes()[4] == b'-' => {
            return text
                .get(5..)
                .and_then(|month| month.parse::<u8>().ok())
                .filter(|m| (1..=12).contains(m))
                .map(|_| Date::Vague);
        }
        _ => {}
    }
    let day = parse_day(text.get(..10)?)?;
    (text.as_bytes()[10] == b'T').then_some(())?;
    text.parse::<Moment>().ok().map(|moment| Date::Moment(moment, day))
}

/// A member that is a date or a dateTime.
pub(crate) fn date(at: Value<'_>, name: &str, notes: &mut Notes) -> Option<Date> {
    let text = text(at, name, notes)?;
    let date = parse_date(&text);
    if let (None, Some(found)) = (date, at.get(name)) {
        notes.error(
            IssueCode::Value,
            found,
            format!("{name} is not a date: {text:?}."),
            "Write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ss with a zone offset.",
        );
    }
    date
}

/// A member that is a day.
pub(crate) fn day(at: Value<'_>, name: &str, notes: &mut Notes) -> Option<Day> {
    date(at, name, notes)?.day()
}

/// First and last day of a member that is a Period; an end before its start is an error.
pub(crate) fn period(at: Value<'_>, name: &str, notes: &mut Notes) -> Option<(Option<Day>, Option<Day>)> {
    let found = object(at, name, notes)?;
    let start = date(found, "start", notes);
    let end = date(found, "end", notes);
    let backwards = match (start, end) {
        (Some(Date::Moment(start, _)), Some(Date::Moment(end, _))) => end < start,
        (Some(start), Some(end)) => matches!((start.day(), end.day()), (Some(s), Some(e)) if e < s),
        _ => false,
    };
    if backwards {
        notes.error(IssueCode::Invariant, found, "The period ends before it starts.", "Correct start or end.");
    }
    Some((start.and_then(Date::day), end.and_then(Date::day)))
}

/// A Coding as a code.
pub(crate) fn coding(at: Value<'_>, notes: &mut Notes) -> Option<Code> {
    let value = text(at, "code", notes)?.into_owned();
    let system = text(at, "system", notes).map_or_else(|| systems::system_of(""), |url| systems::system_of(&url));
    let label = at.get("display").and_then(Value::text).map(Cow::into_owned);
    Some(Code { system, value, label })
}

/// The codes of a CodeableConcept.
pub(crate) fn concept_codes(at: Value<'_>, notes: &mut Notes) -> Vec<Code> {
    objects(at, "coding", notes).filter_map(|found| coding(found, notes)).collect()
}

/// The codes of a member that is a CodeableConcept.
pub(crate) fn codes(at: Value<'_>, name: &str, notes: &mut Notes) -> Vec<Code> {
    object(at, name, notes).map_or_else(Vec::new, |found| concept_codes(found, notes))
}

/// The first code of a CodeableConcept, borrowed: system URL and code.
pub(crate) fn first_coding<'j>(concept: Value<'j>) -> Option<(Cow<'j, str>, Cow<'j, str>)> {
    concept.get("coding")?.items().find_map(|found| {
        let code = found.get("code")?.text()?;
        Some((found.get("system").and_then(Value::text).unwrap_or_default(), code))
    })
}

/// The largest amount that is read as one.
const MOST: f64 = 1e9;

/// A Quantity: amount with `unit` as stated, else its code.
pub(crate) fn quantity(at: Value<'_>, name: &str, notes: &mut Notes) -> Option<Quantity> {
    let found = object(at, name, notes)?;
    let amount = decimal(found, "value", notes)?;
    if !(0.0..=MOST).contains(&amount) {
        let at = found.get("value").unwrap_or(found);
        let details = format!("{amount} is no amount that can be asked for.");
        notes.error(IssueCode::Value, at, details, "Send an amount of at least zero and at most a thousand million.");
        return None;
    }
    let unit = found.get("unit").or_else(|| found.get("code")).and_then(Value::text);
    Some(Quantity { amount, unit: unit.map_or_else(|| "unit".to_owned(), Cow::into_owned) })
}
