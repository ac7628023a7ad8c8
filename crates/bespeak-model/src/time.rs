//! Time: whole seconds, calendar days, and how long things live. There is no clock here: `now` is always
//! an argument.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::money::shortened;

mod span;

pub use span::{Lifetime, Span};

/// The last second that can be named, in the year 9999. Source: the largest timestamp of `jiff`, in which
/// every offset from UTC can still be written.
pub const MAX_UNIX: u64 = 253_402_207_200;

/// Seconds in an hour; source: definition.
const HOUR: u64 = 3_600;
/// Seconds in a day; source: definition.
const DAY: u64 = 86_400;

/// Why something is not a time, a day or a span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Before 1970 or after 9999.
    #[error("the time is outside the years 1970 to 9999")]
    OutOfRange,
    /// Not an RFC 3339 time.
    #[error("“{0}” is not a time; write it as 2026-12-01T15:00:00Z")]
    UnreadableTime(String),
    /// Not a calendar day.
    #[error("“{0}” is not a day; write it as 2026-12-01")]
    UnreadableDate(String),
    /// Not a span.
    #[error("“{0}” is not a span of time; write 30m, 12h, 3d or 2w, up to a year")]
    UnreadableSpan(String),
    /// Not one of the four lifetimes.
    #[error("“{0}” is not one of the lifetimes 1d, 3d, 7d, 30d")]
    UnreadableLifetime(String),
}

/// A second of universal time, 1970 to 9999. In records unix seconds, in JSON an RFC 3339 text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Time(u64);

impl Time {
    /// The first second.
    pub const EPOCH: Self = Self(0);
    /// The last second, [`MAX_UNIX`].
    pub const MAX: Self = Self(MAX_UNIX);

    /// The time so many seconds after the start of 1970; fails beyond [`MAX_UNIX`].
    pub fn from_unix(seconds: u64) -> Result<Self, TimeError> {
        if seconds > MAX_UNIX { Err(TimeError::OutOfRange) } else { Ok(Self(seconds)) }
    }

    /// Seconds since the start of 1970.
    pub fn unix(self) -> u64 {
        self.0
    }

    /// So many seconds later; fails beyond [`MAX_UNIX`].
    pub fn checked_add(self, seconds: u64) -> Result<Self, TimeError> {
        Self::from_unix(self.0.checked_add(seconds).ok_or(TimeError::OutOfRange)?)
    }

    /// So many seconds later, but not after the last.
    pub fn saturating_add(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds).min(MAX_UNIX))
    }

    /// So many seconds earlier, but not before the first.
    pub fn saturating_sub(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Seconds from `earlier` to this; none when it is not earlier.
    pub fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The start of its hour: what is told of the moment an intention was cast.
    pub fn rounded_to_hour(self) -> Self {
        Self(self.0 - self.0 % HOUR)
    }

    /// The calendar day it falls on, in universal time.
    pub fn date(self) -> Date {
        Date(self.stamp().to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    fn stamp(self) -> jiff::Timestamp {
        let seconds = i64::try_from(self.0).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.stamp())
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Reads an RFC 3339 time, `2026-12-01T15:00:00Z` or with an offset; parts of a second are dropped.
impl FromStr for Time {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let unreadable = || TimeError::UnreadableTime(shortened(text));
        let stamp: jiff::Timestamp = text.trim().parse().map_err(|_| unreadable())?;
        Self::from_unix(u64::try_from(stamp.as_second()).map_err(|_| TimeError::OutOfRange)?)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(self) } else { to.serialize_u64(self.0) }
    }
}

/// In JSON a number of unix seconds is understood as well (and serde's buffered forms, which forget which
/// format they came from, need it).
impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            from.deserialize_any(TimeVisitor)
        } else {
            from.deserialize_u64(SecondsVisitor)
        }
    }
}

struct SecondsVisitor;

impl Visitor<'_> for SecondsVisitor {
    type Value = Time;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unix seconds up to the year 9999")
    }
    fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Time, E> {
        Time::from_unix(seconds).map_err(E::custom)
    }
    fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Time, E> {
        self.visit_u64(u64::try_from(seconds).map_err(|_| E::custom(TimeError::OutOfRange))?)
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = Time;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time such as 2026-12-01T15:00:00Z")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Time, E> {
        text.parse().map_err(E::custom)
    }
    fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Time, E> {
        SecondsVisitor.visit_u64(seconds)
    }
    fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Time, E> {
        SecondsVisitor.visit_i64(seconds)
    }
}

/// A calendar day, 1970-01-01 to 9999-12-30, told without a time zone. Everywhere written `2026-12-01`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(jiff::civil::Date);

impl Date {
    /// The last second of the day, in universal time.
    pub fn end(self) -> Time {
        self.start().saturating_add(DAY - 1)
    }

    /// The first second of the day, in universal time.
    pub fn start(self) -> Time {
        let midnight = self.0.to_zoned(jiff::tz::TimeZone::UTC);
        let seconds = midnight.map(|at| at.timestamp().as_second()).unwrap_or_default();
        Time(u64::try_from(seconds).unwrap_or_default())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Reads `2026-12-01` and nothing else.
impl FromStr for Date {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let unreadable = || TimeError::UnreadableDate(shortened(text));
        let day: jiff::civil::Date = text.parse().map_err(|_| unreadable())?;
        if day.to_string() != text {
            return Err(unreadable());
        }
        let (first, last) = (Time::EPOCH.date().0, Time::MAX.date().0);
        if day < first || day > last { Err(TimeError::OutOfRange) } else { Ok(Self(day)) }
    }
}

impl TryFrom<String> for Date {
    type Error = TimeError;
    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests;
