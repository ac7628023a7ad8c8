//! How long: spans of time as people write them, and the four lifetimes of an intention.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{DAY, HOUR, TimeError};
use crate::money::shortened;

/// Seconds in a minute; source: definition.
const MINUTE: u64 = 60;
/// Seconds in a week; source: definition.
const WEEK: u64 = 7 * DAY;

/// A span of time, one second to [`Span::MAX`], such as how long an offer is good for. In records whole
/// seconds; written `30m`, `12h`, `3d`, `2w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Span(u64);

impl Span {
    /// Three days: how long an offer stands when nothing else is said.
    pub const THREE_DAYS: Self = Self(3 * 86_400);

    /// The longest: a leap year. Source: wild guess; an offer that is good for longer is no offer.
    pub const MAX: Self = Self(366 * DAY);

    /// So many seconds; fails for none and beyond [`Span::MAX`].
    pub fn from_seconds(seconds: u64) -> Result<Self, TimeError> {
        if seconds == 0 || seconds > Self::MAX.0 { Err(TimeError::OutOfRange) } else { Ok(Self(seconds)) }
    }

    /// Whole seconds.
    pub fn seconds(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(WEEK, "w"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m")];
        match units.iter().find(|(length, _)| self.0.is_multiple_of(*length)) {
            Some((length, letter)) => write!(f, "{}{letter}", self.0 / length),
            None => write!(f, "{}s", self.0),
        }
    }
}

impl FromStr for Span {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let unreadable = || TimeError::UnreadableSpan(shortened(text));
        let trimmed = text.trim();
        let end = trimmed.find(|c: char| !c.is_ascii_digit()).ok_or_else(unreadable)?;
        let (number, letter) = trimmed.split_at_checked(end).ok_or_else(unreadable)?;
        let length = match letter {
            "s" => 1,
            "m" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            "w" => WEEK,
            _ => return Err(unreadable()),
        };
        let number: u64 = number.parse().map_err(|_| unreadable())?;
        let seconds = number.checked_mul(length).ok_or_else(unreadable)?;
        Self::from_seconds(seconds).map_err(|_| unreadable())
    }
}

impl TryFrom<u64> for Span {
    type Error = TimeError;
    fn try_from(seconds: u64) -> Result<Self, TimeError> {
        Self::from_seconds(seconds)
    }
}

impl From<Span> for u64 {
    fn from(span: Span) -> Self {
        span.0
    }
}

/// How long an intention lives: one of four, so that an unusual choice does not mark its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Lifetime {
    /// `1d`
    OneDay,
    /// `3d`
    ThreeDays,
    /// `7d`, where nothing is said.
    #[default]
    SevenDays,
    /// `30d`
    ThirtyDays,
}

impl Lifetime {
    /// All four, shortest first.
    pub const ALL: [Self; 4] = [Self::OneDay, Self::ThreeDays, Self::SevenDays, Self::ThirtyDays];

    /// Its length in seconds.
    pub fn seconds(self) -> u64 {
        match self {
            Self::OneDay => DAY,
            Self::ThreeDays => 3 * DAY,
            Self::SevenDays => 7 * DAY,
            Self::ThirtyDays => 30 * DAY,
        }
    }

    /// As it is written: `1d`, `3d`, `7d`, `30d`.
    pub fn word(self) -> &'static str {
        match self {
            Self::OneDay => "1d",
            Self::ThreeDays => "3d",
            Self::SevenDays => "7d",
            Self::ThirtyDays => "30d",
        }
    }

    /// The lifetime of exactly so many seconds, if there is one.
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|lifetime| lifetime.seconds() == seconds)
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Lifetime {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let found = Self::ALL.into_iter().find(|lifetime| lifetime.word() == text.trim());
        found.ok_or_else(|| TimeError::UnreadableLifetime(shortened(text)))
    }
}

impl TryFrom<String> for Lifetime {
    type Error = TimeError;
    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

impl From<Lifetime> for &'static str {
    fn from(lifetime: Lifetime) -> Self {
        lifetime.word()
    }
}
