#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{assert_refused, assert_round_trips};

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

#[test]
fn records_hold_seconds_and_json_holds_text() {
    let moment = time("2026-12-01T15:04:05Z");
    assert_eq!(serde_json::to_value(moment).unwrap(), json!("2026-12-01T15:04:05Z"));
    let as_number = serde_ipld_dagcbor::to_vec(&moment.unix()).unwrap();
    assert_eq!(serde_ipld_dagcbor::to_vec(&moment).unwrap(), as_number);
    assert_eq!(serde_json::from_value::<Time>(json!(moment.unix())).unwrap(), moment);
    let as_text = serde_ipld_dagcbor::to_vec("2026-12-01T15:04:05Z").unwrap();
    assert!(serde_ipld_dagcbor::from_slice::<Time>(&as_text).is_err());
}

#[test]
fn times_outside_the_years_are_refused() {
    for wrong in [json!(MAX_UNIX + 1), json!(-1), json!(u64::MAX), json!(1.5), json!(null), json!("")] {
        assert_refused::<Time>(&wrong);
    }
    assert_eq!(Time::from_unix(MAX_UNIX + 1), Err(TimeError::OutOfRange));
    assert_eq!("1969-12-31T23:59:59Z".parse::<Time>(), Err(TimeError::OutOfRange));
    for wrong in ["", "tomorrow", "2026-12-01", "2026-13-01T00:00:00Z", "2026-12-01T15:04:05"] {
        assert!(matches!(wrong.parse::<Time>(), Err(TimeError::UnreadableTime(_))), "{wrong}");
    }
    assert_eq!(Time::MAX.to_string().parse(), Ok(Time::MAX));
}

#[test]
fn an_offset_names_the_same_moment() {
    assert_eq!(time("2026-12-01T16:04:05+01:00"), time("2026-12-01T15:04:05.999Z"));
}

#[test]
fn reckoning_stays_within_the_years() {
    let moment = time("2026-12-01T15:04:05Z");
    assert_eq!(moment.rounded_to_hour(), time("2026-12-01T15:00:00Z"));
    assert_eq!(moment.checked_add(55), Ok(time("2026-12-01T15:05:00Z")));
    assert_eq!(moment.checked_add(u64::MAX), Err(TimeError::OutOfRange));
    assert_eq!(moment.saturating_add(u64::MAX), Time::MAX);
    assert_eq!(moment.saturating_sub(u64::MAX), Time::EPOCH);
    assert_eq!(moment.seconds_since(moment.saturating_sub(7)), 7);
    assert_eq!(Time::EPOCH.seconds_since(moment), 0);
}

#[test]
fn a_day_has_a_first_and_a_last_second() {
    let day: Date = "2026-12-01".parse().unwrap();
    assert_eq!(day.start(), time("2026-12-01T00:00:00Z"));
    assert_eq!(day.end(), time("2026-12-01T23:59:59Z"));
    assert_eq!(day.end().date(), day);
    assert_eq!(serde_json::to_value(day).unwrap(), json!("2026-12-01"));
}

#[test]
fn other_ways_to_write_a_day_are_refused() {
    let wrong =
        ["", "2026-12-1", "1 December 2026", "01.12.2026", "2026-02-30", "2026-12-01T00:00:00", "20261201"];
    for text in wrong.into_iter().chain([" 2026-12-01", "2026-12-01 ", "+002026-12-01"]) {
        assert!(matches!(text.parse::<Date>(), Err(TimeError::UnreadableDate(_))), "{text}");
        assert_refused::<Date>(&json!(text));
    }
    for text in ["1969-12-31", "0001-01-01", "9999-12-31"] {
        assert_eq!(text.parse::<Date>(), Err(TimeError::OutOfRange), "{text}");
    }
    assert!("10000-01-01".parse::<Date>().is_err() && "-000001-01-01".parse::<Date>().is_err());
}

#[test]
fn spans_are_read_as_people_write_them() {
    for (text, seconds) in [("45s", 45), ("30m", 1_800), ("12h", 43_200), ("3d", 259_200), ("2w", 1_209_600)]
    {
        let span: Span = text.parse().unwrap();
        assert_eq!((span.seconds(), span.to_string().as_str()), (seconds, text));
    }
    assert_eq!("24h".parse::<Span>().unwrap().to_string(), "1d");
    for text in ["", "3", "d", "-3d", "3 d", "3d12h", "0d", "367d", "1.5d", "3D", "99999999999999999999d"] {
        assert!(matches!(text.parse::<Span>(), Err(TimeError::UnreadableSpan(_))), "{text}");
    }
    for wrong in [json!(0), json!(-1), json!(Span::MAX.seconds() + 1), json!("3d")] {
        assert_refused::<Span>(&wrong);
    }
}

#[test]
fn there_are_four_lifetimes() {
    for lifetime in Lifetime::ALL {
        assert_eq!(lifetime.to_string().parse(), Ok(lifetime));
        assert_eq!(Lifetime::from_seconds(lifetime.seconds()), Some(lifetime));
        assert_round_trips(&lifetime);
    }
    for wrong in ["", "2d", "7", "7 d", "1w", "07d"] {
        assert!(wrong.parse::<Lifetime>().is_err(), "{wrong}");
        assert_refused::<Lifetime>(&json!(wrong));
    }
    assert_eq!(Lifetime::from_seconds(0), None);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(seconds in 0..=MAX_UNIX, span in 1..=Span::MAX.seconds()) {
        let time = Time::from_unix(seconds).unwrap();
        prop_assert_eq!(time.to_string().parse(), Ok(time));
        assert_round_trips(&time);
        prop_assert_eq!(time.date().to_string().parse(), Ok(time.date()));
        assert_round_trips(&time.date());
        let span = Span::from_seconds(span).unwrap();
        prop_assert_eq!(span.to_string().parse(), Ok(span));
        assert_round_trips(&span);
    }

    #[test]
    fn no_text_brings_the_readers_down(text in any::<String>()) {
        let _ = (text.parse::<Time>(), text.parse::<Date>(), text.parse::<Span>(), text.parse::<Lifetime>());
    }
}
