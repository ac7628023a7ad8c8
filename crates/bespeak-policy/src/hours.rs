//! Hours of a day in which nothing is offered without a person.

use std::{fmt, str::FromStr};

/// Minutes of a day; source: definition.
const DAY: u16 = 24 * 60;

/// A part of each day, written `22:00-07:00`; it may pass midnight. Which zone's clock is meant is for others to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    from: u16,
    to: u16,
}

/// Not a part of a day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no part of a day; write it as 22:00-07:00")]
pub struct HoursError(String);

impl Hours {
    /// How many minutes are left of it at this minute of the day; none outside of it.
    pub fn left(self, minute: u16) -> Option<u16> {
        let since = |start: u16, end: u16| (end + DAY - start) % DAY;
        let (length, gone) = (since(self.from, self.to), since(self.from, minute % DAY));
        (gone < length).then(|| length - gone)
    }
}

impl FromStr for Hours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let two = |text: &str| text.parse::<u16>().ok().filter(|_| text.len() == 2);
            let (hour, minute) = (two(hour)?, two(minute)?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let ends = text.split_once('-').and_then(|(from, to)| minute(from).zip(minute(to)));
        let (from, to) = ends
            .filter(|(from, to)| from != to)
            .ok_or_else(|| HoursError(text.chars().take(40).collect()))?;
        Ok(Self { from, to })
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_passes_midnight() -> Result<(), HoursError> {
        let night: Hours = "22:00-07:00".parse()?;
        for (minute, left) in [
            (21 * 60 + 59, None),
            (22 * 60, Some(540)),
            (0, Some(420)),
            (6 * 60 + 59, Some(1)),
            (7 * 60, None),
            (12 * 60, None),
        ] {
            assert_eq!(night.left(minute), left, "{minute}");
        }
        let noon: Hours = "12:00-13:30".parse()?;
        assert_eq!((noon.left(12 * 60), noon.left(13 * 60 + 30), noon.left(0)), (Some(90), None, None));
        assert_eq!(night.to_string(), "22:00-07:00");
        Ok(())
    }

    #[test]
    fn what_is_no_part_of_a_day_is_refused() {
        for text in [
            "",
            "22-7",
            "22:00",
            "24:00-07:00",
            "22:60-07:00",
            "07:00-07:00",
            "1:00-2:00",
            "22:00-07:00-08:00",
        ] {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
    }
}
