//! The outside of sealed mail, and when it is sent again.

use bespeak_protocol::channel::{
    envelope::{EnvelopeError, Sealing, unwrap, wrap},
    limits::{FIRST_PAUSE, LONGEST_PAUSE},
    pace::Pace,
};
use proptest::prelude::*;

use crate::common::*;

#[test]
fn there_are_two_sizes_and_nothing_beyond() {
    for (length, size) in [(0, 4096), (4091, 4096), (4092, 16_384), (16_379, 16_384)] {
        assert_eq!(wrap(Sealing::Ratchet, &vec![7; length]).unwrap().len(), size, "{length}");
    }
    assert_eq!(wrap(Sealing::Opening, &vec![7; 16_380]), Err(EnvelopeError::TooLarge(16_380)));
    for length in [0, 1, 4095, 4097, 16_383, 16_385] {
        assert_eq!(unwrap(&vec![0; length]), Err(EnvelopeError::Size(length)));
    }
}

#[test]
fn a_head_that_lies_is_refused() {
    let good = wrap(Sealing::Opening, &[7; 100]).unwrap();
    assert_eq!(unwrap(&good), Ok((Sealing::Opening, &[7; 100][..])));
    for (at, to) in [(0, 0), (0, 4), (0, 255), (1, 255), (3, 16), (4, 99)] {
        let mut bad = good.clone();
        bad[at] = to;
        assert_eq!(unwrap(&bad), Err(EnvelopeError::Head), "byte {at} as {to}");
    }
    let mut padded_with_something = good;
    padded_with_something[4095] = 1;
    assert_eq!(unwrap(&padded_with_something), Err(EnvelopeError::Head), "nothing travels in the padding");
}

#[test]
fn pauses_grow_to_six_hours_and_start_anew_when_all_is_confirmed() {
    let mut pace = Pace::default();
    assert!(pace.is_fresh() && !pace.is_due(later(DAY)));
    let mut now = start();
    let mut last = 0;
    for jitter in 0..40_u64 {
        pace.sent(now, jitter.wrapping_mul(7919));
        let pause = pace.next().unwrap().seconds_since(now);
        assert!((FIRST_PAUSE..=LONGEST_PAUSE + LONGEST_PAUSE / 4).contains(&pause), "{pause}");
        assert!(pause >= last - last / 4, "they grow");
        assert!(!pace.is_due(now) && pace.is_due(now.saturating_add(pause)));
        last = pause;
        now = now.saturating_add(pause);
    }
    assert!(last >= LONGEST_PAUSE);
    pace.rest();
    pace.sent(now, u64::MAX);
    assert!(pace.next().unwrap().seconds_since(now) <= FIRST_PAUSE + FIRST_PAUSE / 4);
}

proptest! {
    #[test]
    fn what_is_wrapped_comes_out(sealed in prop::collection::vec(any::<u8>(), 0..16_379)) {
        let envelope = wrap(Sealing::Ratchet, &sealed).unwrap();
        prop_assert_eq!(unwrap(&envelope), Ok((Sealing::Ratchet, sealed.as_slice())));
    }
}
