//! What came of an attempt.

use bespeak_model::time::Time;
use serde::{Deserialize, Serialize};

/// What a target answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// When it wishes to be asked again.
    pub retry_after: Option<RetryAfter>,
    /// The beginning of the body.
    pub body: Vec<u8>,
    /// Whether that is all of the body.
    pub whole: bool,
}

impl Answer {
    /// An answer that says nothing more than its status.
    pub const fn bare(status: u16) -> Self {
        Self { status, retry_after: None, body: Vec::new(), whole: true }
    }

    /// Whether it says yes.
    pub const fn is_yes(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// When a target wishes to be asked again (RFC 9110, section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many seconds.
    Seconds(u64),
    /// At this time.
    At(Time),
}

impl RetryAfter {
    /// Reads the header; what cannot be read says nothing.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Self::Seconds(seconds));
        }
        let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Time::from_unix(u64::try_from(at.as_second()).ok()?).ok().map(Self::At)
    }

    /// How many seconds from now.
    pub fn seconds(self, now: Time) -> u64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::At(at) => at.seconds_since(now),
        }
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The target said no.
    #[error("it answered {0}")]
    Status(u16),
    /// The target is somewhere else. Nothing is sent after it: whoever moves it says so to its owner.
    #[error("it answered {0}: it has moved, and the new address must be set by hand")]
    Redirect(u16),
    /// It cannot be reached: no such name, nobody there, the line broke.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("it did not answer within {0} s")]
    TimedOut(u64),
    /// It could not prove who it is.
    #[error("its certificate is not trusted: {0}")]
    Tls(String),
    /// Its address is one that nothing is sent to.
    #[error("nothing is sent there: {0}")]
    Address(String),
    /// It said yes, and what it said besides is not what its documents say.
    #[error("it said yes, but {0}")]
    Answer(String),
}

impl Fault {
    /// Whether it is the target that is ill, and not this one message that it does not like.
    pub const fn is_ill(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 429 | 500..),
            Self::Unreachable(_) | Self::TimedOut(_) | Self::Tls(_) => true,
            Self::Redirect(_) | Self::Address(_) | Self::Answer(_) => false,
        }
    }
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is there.
    Delivered,
    /// The target wants no more (410), ever.
    Gone,
    /// It is not there.
    Failed {
        /// Why.
        fault: Fault,
        /// When the target wishes to be asked again.
        retry_after: Option<RetryAfter>,
    },
}

impl Outcome {
    /// What an answer means. Source: Standard Webhooks 1.0.0, delivery success and failure.
    pub fn of(answer: &Answer) -> Self {
        match answer.status {
            200..=299 => Self::Delivered,
            410 => Self::Gone,
            status => Self::Failed { fault: refused(status), retry_after: answer.retry_after },
        }
    }

    /// A failure without more.
    pub const fn failed(fault: Fault) -> Self {
        Self::Failed { fault, retry_after: None }
    }
}

const fn refused(status: u16) -> Fault {
    if matches!(status, 300..=399) { Fault::Redirect(status) } else { Fault::Status(status) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_retry_after_is_a_number_or_a_date() {
        let now = Time::from_unix(784_111_777).unwrap();
        let at = Time::from_unix(784_111_777 + 60).unwrap();
        assert_eq!(RetryAfter::read(" 120 "), Some(RetryAfter::Seconds(120)));
        assert_eq!(RetryAfter::read("Sun, 06 Nov 1994 08:50:37 GMT"), Some(RetryAfter::At(at)));
        assert_eq!(RetryAfter::At(at).seconds(now), 60);
        assert_eq!(RetryAfter::At(now).seconds(at), 0);
        for text in ["", "-1", "soon", "1.5", "99999999999999999999999"] {
            assert_eq!(RetryAfter::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_status_means_what_the_standard_says() {
        for status in [200, 204, 299] {
            assert_eq!(Outcome::of(&Answer::bare(status)), Outcome::Delivered);
        }
        assert_eq!(Outcome::of(&Answer::bare(410)), Outcome::Gone);
        for status in [301, 307] {
            assert_eq!(Outcome::of(&Answer::bare(status)), Outcome::failed(Fault::Redirect(status)));
        }
        for (status, ill) in [(400, false), (404, false), (429, true), (500, true), (503, true)] {
            assert_eq!(Outcome::of(&Answer::bare(status)), Outcome::failed(Fault::Status(status)));
            assert_eq!(Fault::Status(status).is_ill(), ill);
        }
    }
}
