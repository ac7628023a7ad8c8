//! The only places where this crate asks the system for the time and for random numbers.

use std::time::{SystemTime, UNIX_EPOCH};

use bespeak_model::time::Time;

/// Now, in whole seconds; a clock set before 1970 or after 9999 shows the nearer end.
pub(crate) fn now() -> Time {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Time::from_unix(seconds).unwrap_or(Time::MAX)
}

/// The minute of the day that the clocks of a time zone show now.
pub(crate) fn minute_of_day(zone: &jiff::tz::TimeZone) -> u16 {
    let seconds = i64::try_from(now().unix()).unwrap_or(i64::MAX);
    let stamp = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    let time = stamp.to_zoned(zone.clone()).time();
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or(0)
}

/// The system gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random numbers")]
pub struct NoRandomness;

/// 32 bytes nobody can guess.
pub(crate) fn random32() -> Result<[u8; 32], NoRandomness> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}
