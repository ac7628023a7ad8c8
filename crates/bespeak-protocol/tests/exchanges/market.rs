//! What a gate forwards, ignores and rejects.

use bespeak_identity::{Signed, drisl};
use bespeak_model::{category::Slug, intention::Intention, terms::TermsId, time::Time};
use bespeak_protocol::market::{Announcement, Gate, News, Verdict, limits, topic_of, topics};
use proptest::prelude::*;
use serde_bytes::ByteBuf;

use crate::common::*;

const TOPIC: &str = "/bespeak/1/test/furniture";

fn gate() -> Gate {
    Gate::new(net())
}

fn cast(wish: &Signed<Intention>) -> Vec<u8> {
    Announcement::intention(wish).to_bytes().unwrap()
}

fn judged(wish: Intention, now: Time) -> Verdict {
    gate().judge(TOPIC, &cast(&signed(wish, WISH)), now)
}

fn announced(kind: &str, record: Vec<u8>) -> Vec<u8> {
    drisl::to_vec(&Announcement { v: 1, kind: kind.to_owned(), record, stamp: None }).unwrap()
}

#[test]
fn an_intention_is_new_once_and_its_echo_is_ignored() {
    let mut gate = gate();
    let bytes = cast(&intention());
    let heard = gate.hear(TOPIC, &bytes, start());
    assert_eq!(heard.news, Some(News::Intention(Box::new(intention()))));
    assert_eq!(heard.verdict, Verdict::Accept);
    assert_eq!(gate.judge(TOPIC, &bytes, start()), Verdict::Ignore);
}

#[test]
fn one_s_own_intention_echoed_is_ignored() {
    let mut gate = gate();
    gate.remember_intention(&intention());
    assert_eq!(gate.judge(TOPIC, &cast(&intention()), start()), Verdict::Ignore);
}

#[test]
fn another_network_topic_or_type_is_rejected() {
    let bytes = cast(&intention());
    let elsewhere = ["/bespeak/1/test/garden", "/bespeak/1/main/furniture", "/bespeak/2/test/furniture", ""];
    for topic in elsewhere {
        assert_eq!(gate().judge(topic, &bytes, start()), Verdict::Reject, "{topic}");
    }
    let mut foreign = wish();
    foreign.net = "other".parse().unwrap();
    assert_eq!(judged(foreign.clone(), start()), Verdict::Reject);
    let bytes = cast(&signed(foreign, WISH));
    assert_eq!(
        gate().judge("/bespeak/1/other/furniture", &bytes, start()),
        Verdict::Reject,
        "at home, not here"
    );
    let as_withdrawal = announced("withdrawal", intention().bytes().to_vec());
    assert_eq!(gate().judge(TOPIC, &as_withdrawal, start()), Verdict::Reject);
    let a_card = announced("intention", card().bytes().to_vec());
    assert_eq!(gate().judge(TOPIC, &a_card, start()), Verdict::Reject);
}

#[test]
fn one_intention_on_two_topics_holds_on_its_own_alone() {
    let mut gate = gate();
    let bytes = cast(&intention());
    assert_eq!(gate.judge("/bespeak/1/test/garden", &bytes, start()), Verdict::Reject);
    assert_eq!(gate.judge(TOPIC, &bytes, start()), Verdict::Accept);
    assert_eq!(gate.judge("/bespeak/1/test/garden", &bytes, start()), Verdict::Reject);
}

#[test]
fn case_26_the_topics_are_a_fixed_list() {
    let all = topics(&net());
    assert_eq!(all.len(), 25);
    assert!(all.contains(&topic_of(&net(), &Slug::new("vehicles.bicycles.of-a-later-tree").unwrap())));
    assert!(Slug::new("root-that-a-peer-invents").is_err());
}

#[test]
fn case_10_what_is_not_yet_or_no_longer_so_is_nobody_s_fault() {
    let week = 7 * DAY;
    assert_eq!(judged(wish(), later(week - 1)), Verdict::Accept);
    assert_eq!(judged(wish(), later(week)), Verdict::Ignore);
    assert_eq!(judged(wish(), start().saturating_sub(limits::MAX_AHEAD)), Verdict::Accept);
    assert_eq!(judged(wish(), start().saturating_sub(limits::MAX_AHEAD + 1)), Verdict::Ignore);
    assert_eq!(judged(wish(), Time::EPOCH), Verdict::Ignore);
    assert_eq!(judged(wish(), Time::MAX), Verdict::Ignore);
}

#[test]
fn a_life_that_no_intention_has_is_rejected() {
    for seconds in [0, HOUR, 2 * DAY, 7 * DAY + 1, 31 * DAY, 36_500 * DAY] {
        let odd = Intention { expires_at: later(seconds), ..wish() };
        assert_eq!(judged(odd, start()), Verdict::Reject, "{seconds}");
    }
    for days in [1, 3, 7, 30] {
        assert_eq!(judged(Intention { expires_at: later(days * DAY), ..wish() }, start()), Verdict::Accept);
    }
    let not_rounded = Intention { cast_at: later(1), expires_at: later(DAY + 1), ..wish() };
    assert_eq!(judged(not_rounded, later(2)), Verdict::Reject);
}

#[test]
fn what_the_types_cannot_say_is_rejected() {
    let twice = Intention { terms: many(vec![TermsId::SdBase, TermsId::SdBase]), ..wish() };
    assert_eq!(judged(twice, start()), Verdict::Reject);
    let two_queues = Intention { drops: many(vec![mail_at(20), mail_at(21)]), ..wish() };
    assert_eq!(judged(two_queues, start()), Verdict::Reject);
}

#[test]
fn another_version_or_kind_is_ignored_whatever_else_it_says() {
    let mut said = Announcement::intention(&intention());
    said.v = 2;
    assert_eq!(gate().judge(TOPIC, &drisl::to_vec(&said).unwrap(), start()), Verdict::Ignore);
    assert_eq!(gate().judge(TOPIC, &announced("review", vec![1, 2, 3]), start()), Verdict::Ignore);
    let mut of_tomorrow = std::collections::BTreeMap::new();
    of_tomorrow.insert("v", 7);
    assert_eq!(gate().judge(TOPIC, &drisl::to_vec(&of_tomorrow).unwrap(), start()), Verdict::Ignore);
}

#[test]
fn a_stamp_is_carried_within_its_bound() {
    let stamped = |length| {
        let said = Announcement {
            stamp: Some(ByteBuf::from(vec![1; length])),
            ..Announcement::intention(&intention())
        };
        gate().judge(TOPIC, &drisl::to_vec(&said).unwrap(), start())
    };
    assert_eq!(stamped(0), Verdict::Accept);
    assert_eq!(stamped(limits::MAX_STAMP), Verdict::Accept);
    assert_eq!(stamped(limits::MAX_STAMP + 1), Verdict::Reject);
}

#[test]
fn case_25_a_message_has_16_kib_at_most() {
    let sized = |record: usize| {
        let said = Announcement { v: 1, kind: "x".to_owned(), record: vec![0; record], stamp: None };
        drisl::to_vec(&said).unwrap()
    };
    let words = sized(10_000).len() - 10_000;
    let fits = sized(limits::MAX_MESSAGE - words);
    assert_eq!(fits.len(), 16 * 1024);
    assert_eq!(
        gate().judge(TOPIC, &fits, start()),
        Verdict::Ignore,
        "of an unknown kind, but of a length that may be"
    );
    assert_eq!(gate().judge(TOPIC, &sized(limits::MAX_MESSAGE - words + 1), start()), Verdict::Reject);
    let too_long = Announcement { v: 1, kind: "x".to_owned(), record: vec![0; 16 * 1024], stamp: None };
    assert!(too_long.to_bytes().is_err());
}

#[test]
fn a_forged_signature_is_rejected_and_not_remembered() {
    let mut gate = gate();
    let mut bytes = cast(&intention());
    let last_of_signature = bytes.len() - 6;
    bytes[last_of_signature] ^= 1;
    assert_eq!(gate.judge(TOPIC, &bytes, start()), Verdict::Reject);
    assert_eq!(gate, self::gate());
    let payload = drisl::to_vec(&wish()).unwrap();
    let by_another = announced("intention", sealed_payload("intention", &payload, STRANGER));
    assert_eq!(gate.judge(TOPIC, &by_another, start()), Verdict::Reject);
    assert_eq!(
        gate.judge(TOPIC, &cast(&intention()), start()),
        Verdict::Accept,
        "the true one still counts as new"
    );
}

#[test]
fn case_23_a_withdrawal_buries_for_good() {
    let (wish, tombstone) = (intention(), withdrawal_by(WISH, &intention()));
    let buried = Announcement::withdrawal(&tombstone).to_bytes().unwrap();
    let mut after = gate();
    assert_eq!(after.judge(TOPIC, &cast(&wish), start()), Verdict::Accept);
    assert_eq!(
        after.hear(TOPIC, &buried, later(HOUR)).news,
        Some(News::Withdrawal(Box::new(tombstone.clone())))
    );
    let mut before = gate();
    assert_eq!(before.judge(TOPIC, &buried, later(HOUR)), Verdict::Accept);
    let (mut told, mut recalled) = (gate(), gate());
    told.remember_withdrawal(&tombstone);
    recalled.remember_withdrawal(&tombstone);
    recalled.remember_intention(&wish);
    for gate in [&mut after, &mut before, &mut told, &mut recalled] {
        for time in [2 * HOUR, 3 * DAY, 7 * DAY - 1] {
            assert!(gate.is_withdrawn(&wish.id()));
            assert_eq!(gate.judge(TOPIC, &cast(&wish), later(time)), Verdict::Ignore);
            assert_eq!(gate.judge(TOPIC, &buried, later(time)), Verdict::Ignore);
        }
        assert_eq!(gate.judge(TOPIC, &cast(&wish), later(7 * DAY)), Verdict::Ignore, "dead by the clock");
        assert!(!gate.is_withdrawn(&wish.id()), "and forgotten");
    }
}

#[test]
fn a_stranger_s_tombstone_buries_nothing() {
    let (wish, theirs) = (intention(), withdrawal_by(STRANGER, &intention()));
    let theirs = Announcement::withdrawal(&theirs).to_bytes().unwrap();
    let mut after = gate();
    assert_eq!(after.judge(TOPIC, &cast(&wish), start()), Verdict::Accept);
    assert_eq!(after.judge(TOPIC, &theirs, later(HOUR)), Verdict::Ignore);
    assert!(!after.is_withdrawn(&wish.id()));
    let mut before = gate();
    before.judge(TOPIC, &theirs, later(HOUR));
    assert_eq!(before.judge(TOPIC, &cast(&wish), later(HOUR)), Verdict::Accept);
    assert!(!before.is_withdrawn(&wish.id()));
}

#[test]
fn a_stranger_s_tombstone_keeps_nobody_s_own_away() {
    let (wish, own) = (intention(), withdrawal_by(WISH, &intention()));
    let theirs = Announcement::withdrawal(&withdrawal_by(STRANGER, &wish)).to_bytes().unwrap();
    let own = Announcement::withdrawal(&own).to_bytes().unwrap();
    for order in [[&theirs, &own], [&own, &theirs]] {
        let mut gate = gate();
        for tombstone in order {
            gate.judge(TOPIC, tombstone, later(HOUR));
        }
        assert_eq!(
            gate.judge(TOPIC, &cast(&wish), later(HOUR)),
            Verdict::Ignore,
            "withdrawn before it was heard"
        );
        assert!(gate.is_withdrawn(&wish.id()));
    }
}

#[test]
fn a_tombstone_s_own_claims_are_checked() {
    let wish = intention();
    let judged = |change: &dyn Fn(&mut bespeak_model::intention::Withdrawal)| {
        let mut tombstone = withdrawal_by(WISH, &wish).value().clone();
        change(&mut tombstone);
        let bytes = Announcement::withdrawal(&signed(tombstone, WISH)).to_bytes().unwrap();
        gate().judge(TOPIC, &bytes, later(HOUR))
    };
    assert_eq!(judged(&|_| ()), Verdict::Accept);
    assert_eq!(judged(&|said| said.net = "other".parse().unwrap()), Verdict::Reject);
    assert_eq!(judged(&|said| said.category = Slug::new("garden").unwrap()), Verdict::Reject);
    assert_eq!(judged(&|said| said.at = later(2 * HOUR + 1)), Verdict::Ignore);
    assert_eq!(judged(&|said| said.expires_at = later(HOUR)), Verdict::Ignore);
    assert_eq!(judged(&|said| said.expires_at = said.at.saturating_add(36_500 * DAY)), Verdict::Reject);
}

#[test]
fn an_algorithm_of_a_later_version_is_nobody_s_fault() {
    let payload = drisl::to_vec(&wish()).unwrap();
    let mut record = sealed_payload("intention", &payload, WISH);
    let algorithm = record.windows(2).position(|pair| pair == [0x01, 0x32]).unwrap() + 1;
    assert_eq!(gate().judge(TOPIC, &announced("intention", record.clone()), start()), Verdict::Accept);
    record[algorithm] = 0x27;
    assert_eq!(gate().judge(TOPIC, &announced("intention", record), start()), Verdict::Ignore);
}

#[test]
fn case_25_strangers_tombstones_close_the_market_to_nobody() {
    let mut gate = gate();
    for number in 0..=limits::MAX_UNHEARD as u64 {
        let mut never = wish();
        (never.nonce, never.expires_at) = (nonce(100 + number), later(30 * DAY));
        let tombstone = Announcement::withdrawal(&withdrawal_by(WISH, &signed(never, WISH)));
        let verdict = gate.judge(TOPIC, &tombstone.to_bytes().unwrap(), later(HOUR));
        assert_eq!(verdict, Verdict::Accept, "number {number}");
    }
    let wish = signed(Intention { expires_at: later(DAY), ..wish() }, WISH);
    let tombstone = Announcement::withdrawal(&withdrawal_by(WISH, &wish)).to_bytes().unwrap();
    let mut early = gate.clone();
    assert_eq!(gate.judge(TOPIC, &cast(&wish), later(HOUR)), Verdict::Accept);
    assert_eq!(gate.judge(TOPIC, &tombstone, later(HOUR)), Verdict::Accept);
    assert_eq!(early.judge(TOPIC, &tombstone, later(HOUR)), Verdict::Accept);
    assert_eq!(early.judge(TOPIC, &cast(&wish), later(HOUR)), Verdict::Ignore, "buried before it was heard");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, nothing is accepted but what the owners signed, and each of it once.
    #[test]
    fn case_27_no_changed_byte_passes(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let whole = cast(&intention());
        let mut bytes = whole.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let mut gate = gate();
        prop_assert_ne!(gate.judge(TOPIC, &bytes, start()), Verdict::Accept);
        prop_assert_eq!(gate.judge(TOPIC, &whole, start()), Verdict::Accept);
    }

    #[test]
    fn a_message_cut_or_lengthened_is_rejected(at in any::<prop::sample::Index>(), more in prop::collection::vec(any::<u8>(), 1..40)) {
        let whole = cast(&intention());
        let at = at.index(whole.len());
        prop_assert_eq!(gate().judge(TOPIC, &whole[..at], start()), Verdict::Reject);
        prop_assert_eq!(gate().judge(TOPIC, &[whole.clone(), more].concat(), start()), Verdict::Reject);
    }

    #[test]
    fn any_bytes_are_judged_without_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_ne!(gate().judge(TOPIC, &bytes, start()), Verdict::Accept);
    }
}
