//! The ratchet under what the way does to envelopes.

use bespeak_protocol::channel::ratchet::{Ratchet, RatchetError, RatchetKeys};
use proptest::prelude::*;

/// Vendor and customer, who has not spoken yet.
fn pair() -> (Ratchet, Ratchet) {
    let (vendor, keys) = Ratchet::offer().unwrap();
    let customer = Ratchet::answer(&keys).unwrap();
    (vendor, customer)
}

fn opens(ratchet: &mut Ratchet, sealed: &[u8], plain: &[u8]) {
    assert_eq!(ratchet.open(sealed).unwrap().as_slice(), plain);
}

/// Both have heard each other once.
fn live() -> (Ratchet, Ratchet) {
    let (mut vendor, mut customer) = pair();
    let hello = customer.seal(b"hello").unwrap();
    opens(&mut vendor, &hello, b"hello");
    let welcome = vendor.seal(b"welcome").unwrap();
    opens(&mut customer, &welcome, b"welcome");
    (vendor, customer)
}

fn is_closed(result: &Result<zeroize::Zeroizing<Vec<u8>>, RatchetError>) -> bool {
    matches!(result, Err(RatchetError::Closed(_)))
}

#[test]
fn the_vendor_waits_for_an_answer() {
    let (mut vendor, customer) = pair();
    assert!(!vendor.is_live() && customer.is_live());
    assert_eq!(vendor.seal(b"anyone?"), Err(RatchetError::NotLive));
}

#[test]
fn case_03_an_envelope_opens_once() {
    let (mut vendor, mut customer) = live();
    let sealed = customer.seal(b"once").unwrap();
    opens(&mut vendor, &sealed, b"once");
    assert_eq!(vendor.open(&sealed), Err(RatchetError::Repeated));
    let next = customer.seal(b"next").unwrap();
    opens(&mut vendor, &next, b"next");
}

/// The library forgets a turn after the fifth that follows; a second host may give a copy later than that.
#[test]
fn a_copy_that_comes_many_turns_late_is_known() {
    let (mut vendor, mut customer) = live();
    let old = [customer.seal(b"early").unwrap(), customer.seal(b"earlier").unwrap()];
    opens(&mut vendor, &old[0], b"early");
    for turn in 0..40_u8 {
        let there = vendor.seal(&[turn]).unwrap();
        opens(&mut customer, &there, &[turn]);
        let answer = customer.seal(&[turn]).unwrap();
        opens(&mut vendor, &answer, &[turn]);
    }
    let mut again = Ratchet::from_bytes(&vendor.to_bytes().unwrap()).unwrap();
    for sealed in &old {
        assert_eq!(vendor.open(sealed), Err(RatchetError::Repeated));
        assert_eq!(again.open(sealed), Err(RatchetError::Repeated), "that is kept");
    }
    let (_, mut stranger) = live();
    assert!(is_closed(&vendor.open(&stranger.seal(b"new").unwrap())));
}

#[test]
fn the_first_envelopes_open_in_any_order_with_some_lost() {
    let (mut vendor, mut customer) = pair();
    let sealed: Vec<_> = (0..5_u8).map(|n| customer.seal(&[n]).unwrap()).collect();
    for n in [3, 0, 4] {
        opens(&mut vendor, &sealed[usize::from(n)], &[n]);
    }
    let answer = vendor.seal(b"I hear you").unwrap();
    opens(&mut customer, &answer, b"I hear you");
}

#[test]
fn another_conversation_s_envelope_stays_closed_and_does_no_harm() {
    let (mut vendor, mut customer) = live();
    let (mut other_vendor, mut other_customer) = live();
    let foreign = other_customer.seal(b"not for you").unwrap();
    assert!(is_closed(&vendor.open(&foreign)));
    opens(&mut other_vendor, &foreign, b"not for you");
    let own = customer.seal(b"for you").unwrap();
    opens(&mut vendor, &own, b"for you");
}

#[test]
fn a_stranger_who_saw_the_keys_is_another_customer() {
    let (mut vendor, keys) = Ratchet::offer().unwrap();
    let (mut one, mut other) = (Ratchet::answer(&keys).unwrap(), Ratchet::answer(&keys).unwrap());
    let (first, second) = (one.seal(b"one").unwrap(), other.seal(b"other").unwrap());
    opens(&mut vendor, &first, b"one");
    assert!(is_closed(&vendor.open(&second)), "the one-time key serves one");
}

#[test]
fn keys_that_are_none_are_refused() {
    let (_, good) = Ratchet::offer().unwrap();
    for bad in [vec![], vec![1; 31], vec![1; 33], vec![0; 32]] {
        let identity = RatchetKeys { identity: bad.clone(), ..good.clone() };
        let one_time = RatchetKeys { one_time: bad.clone(), ..good.clone() };
        for keys in [identity, one_time] {
            assert_eq!(Ratchet::answer(&keys).map(drop), Err(RatchetError::Keys), "{bad:?}");
        }
    }
}

/// Where the counter of the sender's chain stands in an Olm message: tag 0x10, then a varint.
fn with_counter(sealed: &[u8], counter: &[u8]) -> Vec<u8> {
    let at = sealed.iter().skip(2 + 34).position(|byte| *byte == 0x10).unwrap() + 2 + 34;
    [&sealed[..=at], counter, &sealed[at + 2..]].concat()
}

#[test]
fn a_demand_for_two_thousand_million_skipped_keys_is_refused_at_once() {
    let (mut vendor, mut customer) = live();
    let sealed = customer.seal(b"x").unwrap();
    for counter in [&[0xff, 0xff, 0xff, 0xff, 0x07][..], &[0xff, 0xff, 0x7f], &[0xd0, 0x0f]] {
        assert!(is_closed(&vendor.open(&with_counter(&sealed, counter))));
    }
    opens(&mut vendor, &sealed, b"x");
}

#[test]
fn a_kept_state_goes_on_where_it_was() {
    let (vendor, keys) = Ratchet::offer().unwrap();
    let mut vendor = Ratchet::from_bytes(&vendor.to_bytes().unwrap()).unwrap();
    let mut customer = Ratchet::answer(&keys).unwrap();
    for n in 0..10_u8 {
        customer = Ratchet::from_bytes(&customer.to_bytes().unwrap()).unwrap();
        let sealed = customer.seal(&[n]).unwrap();
        vendor = Ratchet::from_bytes(&vendor.to_bytes().unwrap()).unwrap();
        opens(&mut vendor, &sealed, &[n]);
        let back = vendor.seal(&[n, n]).unwrap();
        opens(&mut customer, &back, &[n, n]);
    }
    assert!(matches!(Ratchet::from_bytes(b"{}"), Err(RatchetError::Pickle(_))));
    assert!(matches!(Ratchet::from_bytes(b""), Err(RatchetError::Pickle(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Doubled, reordered, lost: what arrives opens, once.
    #[test]
    fn case_05_envelopes_open_in_any_order(
        order in Just((0..20_usize).collect::<Vec<_>>()).prop_shuffle(),
        lost in prop::collection::btree_set(0..20_usize, 0..10),
    ) {
        let (mut vendor, mut customer) = live();
        let sealed: Vec<_> = (0..20_u8).map(|n| customer.seal(&[n]).unwrap()).collect();
        for n in order.into_iter().filter(|n| !lost.contains(n)) {
            prop_assert_eq!(vendor.open(&sealed[n]).unwrap()[0] as usize, n);
            prop_assert_eq!(vendor.open(&sealed[n]), Err(RatchetError::Repeated));
        }
        let answer = vendor.seal(b"still here").unwrap();
        prop_assert!(customer.open(&answer).is_ok());
    }

    /// A changed envelope opens to nothing, and the true one still opens.
    #[test]
    fn a_changed_envelope_stays_closed(at in any::<prop::sample::Index>(), bit in 0..8_u32, first in any::<bool>()) {
        let (mut vendor, mut customer) = if first { pair() } else { live() };
        let sealed = customer.seal(b"the true one").unwrap();
        let mut forged = sealed.clone();
        let at = at.index(forged.len());
        forged[at] ^= 1 << bit;
        if let Ok(plain) = vendor.open(&forged) {
            // Bytes that bear on nothing exist in Olm's framing; what comes out is then the true words.
            prop_assert_eq!(plain.as_slice(), b"the true one");
        } else {
            let plain = vendor.open(&sealed).unwrap();
            prop_assert_eq!(plain.as_slice(), b"the true one");
        }
    }

    #[test]
    fn any_bytes_are_refused_without_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (mut vendor, mut customer) = live();
        prop_assert!(is_closed(&vendor.open(&bytes)));
        let sealed = customer.seal(b"x").unwrap();
        prop_assert!(vendor.open(&sealed).is_ok());
    }
}
