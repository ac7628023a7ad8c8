//! Whether this machine's clock can be right.

use std::{path::Path, time::UNIX_EPOCH};

use bespeak_model::time::Time;

use super::{
    Line,
    words::{moment, span},
};

/// Seconds by which something kept may lie ahead of the clock. Source: a wild guess, two minutes; clocks are stepped by
/// seconds, and a difference that matters to others begins here.
const SLACK: u64 = 120;

/// No clock that is right shows less: 2026-11-01, the month in which this was written.
const EARLIEST: u64 = 1_793_491_200;

const SET_IT: &str = "set the clock, for example with `sudo timedatectl set-ntp true`";

/// Compares the clock with the newest thing that is kept.
pub(crate) fn clock(now: Time, newest: Option<Time>) -> Line {
    let here = format!("This machine's clock shows {}", moment(now));
    if now.unix() < EARLIEST {
        return Line::broken(
            "clock",
            format!("{here}, which is long past: others will not hear it."),
            SET_IT,
        );
    }
    let ahead = newest.map_or(0, |newest| newest.seconds_since(now));
    match newest {
        Some(newest) if ahead > SLACK => {
            let says = format!(
                "{here}, and the newest thing kept here is of {}, {} later: the clock is late, or it was early then.",
                moment(newest),
                span(ahead)
            );
            Line::attention("clock", says, SET_IT)
        }
        Some(_) => Line::fine("clock", format!("{here}, and nothing kept here is newer.")),
        None => Line::fine("clock", format!("{here}.")),
    }
}

/// When a file of the journal was last written, as the file system tells; none when there is none. Blocks.
pub(crate) fn newest_file(home: &Path) -> Option<Time> {
    let entries = std::fs::read_dir(home.join("journal")).ok()?;
    let written = entries.flatten().filter_map(|entry| entry.metadata().ok()?.modified().ok()).max()?;
    Time::from_unix(written.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn a_clock_before_what_is_kept_is_told() {
        let now = Time::from_unix(1_800_000_000).unwrap_or(Time::MAX);
        assert_eq!(clock(now, None).state, State::Fine);
        assert_eq!(clock(now, Some(now.saturating_sub(9))).state, State::Fine);
        assert_eq!(clock(now, Some(now.saturating_add(SLACK))).state, State::Fine);
        let late = clock(now, Some(now.saturating_add(7_200)));
        assert_eq!(late.state, State::Attention);
        assert!(late.says.contains("2 hours later") && late.mend.is_some(), "{late:?}");
        assert_eq!(clock(Time::EPOCH, None).state, State::Broken);
        assert_eq!(moment(Time::from_unix(EARLIEST).unwrap_or(Time::MAX)), "2026-11-01 00:00 UTC");
    }
}
