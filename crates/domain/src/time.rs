//! Time as the field uses it: a [`Moment`] is an instant, a [`Day`] is a date on a wall calendar, a [`Zone`] is the
//! IANA zone in which a legal day begins and ends. There is no default zone anywhere, and nothing here reads a clock.

pub use jiff::Timestamp as Moment;
pub use jiff::civil::Date as Day;

use serde::{Deserialize, Serialize};

/// An IANA time zone by name (`America/New_York`), looked up in the bundled database so that results never depend on
/// the machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(jiff::tz::TimeZone);

/// The zone name is not in the bundled IANA database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone {0:?}: use an IANA name such as America/New_York")]
pub struct UnknownZone(pub String);

impl Zone {
    /// Finds a zone by its IANA name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let known = name == "UTC" || name.contains('/');
        match jiff::tz::TimeZone::get(name) {
            Ok(zone) if known => Ok(Self(zone)),
            _ => Err(UnknownZone(name.to_owned())),
        }
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The local calendar day of a moment.
    pub fn day(&self, moment: Moment) -> Day {
        self.0.to_datetime(moment).date()
    }

    /// The first instant of a local day; none for a day beyond what can be told.
    pub fn start_of(&self, day: Day) -> Option<Moment> {
        day.to_zoned(self.0.clone()).ok().map(|zoned| zoned.timestamp())
    }

    /// The local date and time of a moment, with its offset.
    pub fn at(&self, moment: Moment) -> jiff::Zoned {
        moment.to_zoned(self.0.clone())
    }

    /// The underlying zone, for arithmetic.
    pub fn tz(&self) -> &jiff::tz::TimeZone {
        &self.0
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Self::named(&name).map_err(serde::de::Error::custom)
    }
}
