//! One log of two chains: in whatever order and however often messages come, both ends make the same of them.

use bespeak_identity::{Side, Signed};
use bespeak_protocol::channel::{
    limits::{MAX_CHAIN, MAX_PARKED},
    log::{Added, Entry, Log, LogError},
    message::{Body, ChatMessage, Message},
};
use bespeak_protocol::conversation::Conversation;
use proptest::prelude::*;

use crate::{common::*, talk::*};

fn entry(message: &Signed<Message>) -> Entry {
    Entry::new(message.clone())
}

/// A customer's chain of so many lines of chat, none of which she has told.
fn lines(count: usize) -> (Talk, Vec<Signed<Message>>) {
    let mut talk = Talk::new();
    let said = (0..count).map(|number| talk.say(Side::Customer, chat(&format!("line {number}")))).collect();
    (talk, said)
}

fn fresh(talk: &Talk) -> Log {
    empty_log(talk.log(Side::Vendor).thread())
}

#[test]
fn case_03_a_duplicate_has_no_effect() {
    let (talk, said) = lines(3);
    let mut log = fresh(&talk);
    for message in &said {
        assert_eq!(log.add(Side::Customer, entry(message)), Ok(Added::Joined(1)));
        let before = format!("{log:?}");
        for again in said.iter().take(usize::try_from(message.seq).unwrap()) {
            assert_eq!(log.add(Side::Customer, entry(again)), Ok(Added::Known));
        }
        assert_eq!(format!("{log:?}"), before);
    }
}

#[test]
fn case_03_a_parked_duplicate_has_no_effect() {
    let (talk, said) = lines(3);
    let mut log = fresh(&talk);
    assert_eq!(log.add(Side::Customer, entry(&said[2])), Ok(Added::Parked));
    assert_eq!(log.add(Side::Customer, entry(&said[2])), Ok(Added::Known));
    assert_eq!(log.parked(Side::Customer), 1);
}

#[test]
fn case_04_the_first_in_a_place_wins_and_the_other_is_kept_as_evidence() {
    let (talk, said) = lines(3);
    let other = |place: usize, words: &str| {
        let message = Message { body: chat(words), ..said[place].value().clone() };
        signed(message, CUSTOMER)
    };
    let mut log = fresh(&talk);
    for message in &said {
        log.add(Side::Customer, entry(message)).unwrap();
    }
    let kept = format!("{:?}", Conversation::fold(&talk.facts, &log));
    for place in 0..3 {
        let lie = other(place, "I never said that");
        assert_eq!(log.add(Side::Customer, entry(&lie)), Err(LogError::Conflict));
        assert!(log.evidence().any(|proof| *proof == lie));
    }
    assert_eq!(format!("{:?}", Conversation::fold(&talk.facts, &log)), kept);
    for number in 0..20 {
        assert_eq!(
            log.add(Side::Customer, entry(&other(0, &format!("lie {number}")))),
            Err(LogError::Conflict)
        );
    }
    assert!(log.evidence().count() <= 8, "a liar fills no memory");
}

#[test]
fn case_04_of_two_parked_in_one_place_the_first_wins() {
    let (talk, said) = lines(2);
    let lie = signed(Message { body: chat("another"), ..said[1].value().clone() }, CUSTOMER);
    let mut log = fresh(&talk);
    assert_eq!(log.add(Side::Customer, entry(&said[1])), Ok(Added::Parked));
    assert_eq!(log.add(Side::Customer, entry(&lie)), Err(LogError::Conflict));
    assert_eq!(log.add(Side::Customer, entry(&said[0])), Ok(Added::Joined(2)));
    assert_eq!(log.last(Side::Customer).unwrap().message, said[1]);
    assert_eq!(log.evidence().collect::<Vec<_>>(), [&lie]);
}

#[test]
fn a_link_that_does_not_fit_is_a_conflict() {
    let (talk, said) = lines(2);
    let changed = |change: &dyn Fn(&mut Message)| {
        let mut log = fresh(&talk);
        log.add(Side::Customer, entry(&said[0])).unwrap();
        let mut message = said[1].value().clone();
        change(&mut message);
        log.add(Side::Customer, entry(&signed(message, CUSTOMER)))
    };
    assert_eq!(changed(&|_| ()), Ok(Added::Joined(1)));
    assert_eq!(changed(&|message| message.prev = None), Err(LogError::Conflict));
    assert_eq!(changed(&|message| message.prev = Some(said[1].id())), Err(LogError::Conflict));
    assert_eq!(changed(&|message| message.seen = 0), Err(LogError::Conflict), "nobody unlearns");
    assert_eq!(changed(&|message| message.seq = 1), Err(LogError::Conflict));
}

#[test]
fn another_party_or_conversation_is_refused() {
    let (talk, said) = lines(1);
    let changed = |by: u8, change: &dyn Fn(&mut Message)| {
        let mut message = Message { iss: party(by), ..said[0].value().clone() };
        change(&mut message);
        fresh(&talk).add(Side::Customer, entry(&signed(message, by)))
    };
    assert_eq!(changed(CUSTOMER, &|_| ()), Ok(Added::Joined(1)));
    assert_eq!(changed(STRANGER, &|_| ()), Err(LogError::NotParty));
    assert_eq!(changed(VENDOR, &|_| ()), Err(LogError::NotParty));
    assert_eq!(changed(CUSTOMER, &|message| message.seq = 0), Err(LogError::NotParty));
    let elsewhere =
        bespeak_protocol::thread::ThreadId::opened_by(bespeak_identity::RecordId::from_digest([1; 32]));
    assert_eq!(changed(CUSTOMER, &|message| message.thread = elsewhere), Err(LogError::NotParty));
    let mut unknown = Log::new(talk.log(Side::Vendor).thread(), party(VENDOR));
    assert_eq!(
        unknown.add(Side::Customer, entry(&said[0])),
        Err(LogError::NotParty),
        "she is not introduced"
    );
    unknown.introduce(party(CUSTOMER));
    unknown.introduce(party(STRANGER));
    assert_eq!(unknown.customer(), Some(party(CUSTOMER)), "the first stays");
}

#[test]
fn case_05_what_waits_for_its_predecessor_is_bounded() {
    let (talk, said) = lines(MAX_PARKED + 2);
    let mut log = fresh(&talk);
    for message in said.iter().skip(1).take(MAX_PARKED - 1) {
        assert_eq!(log.add(Side::Customer, entry(message)), Ok(Added::Parked));
    }
    assert_eq!(log.add(Side::Customer, entry(&said[MAX_PARKED])), Err(LogError::Full));
    assert_eq!(log.add(Side::Customer, entry(&said[0])), Ok(Added::Joined(MAX_PARKED)));
    assert_eq!(log.parked(Side::Customer), 0);
    assert_eq!(log.add(Side::Customer, entry(&said[MAX_PARKED])), Ok(Added::Joined(1)));
}

#[test]
fn case_34_a_chain_has_an_end() {
    let (talk, said) = lines(1);
    let far = Message { seq: MAX_CHAIN as u64 + 1, ..said[0].value().clone() };
    assert_eq!(fresh(&talk).add(Side::Customer, entry(&signed(far, CUSTOMER))), Err(LogError::Full));
    let words = "x".repeat(4001);
    assert!(bespeak_model::text::Text::<4000, true>::new(&words).is_err());
}

#[test]
fn what_is_said_before_hearing_the_other_reads_after_the_vendor_s() {
    let mut talk = Talk::new();
    let hers = talk.say(Side::Customer, chat("first by the clock"));
    let theirs = talk.say(Side::Vendor, chat("at the same time"));
    talk.meet();
    for side in BOTH {
        let merged: Vec<_> =
            talk.log(side).merged().into_iter().map(|(_, entry)| entry.message.id()).collect();
        assert_eq!(merged[1..], [theirs.id(), hers.id()]);
    }
}

#[test]
fn a_message_waits_for_what_its_sender_had_seen() {
    let mut talk = Talk::new();
    let question = talk.say(Side::Customer, chat("Is it oak?"));
    talk.meet();
    let answer = talk.say(Side::Vendor, chat("It is."));
    let mut log = fresh(&talk);
    let first = talk.said[1][0].clone();
    log.add(Side::Vendor, entry(&first)).unwrap();
    log.add(Side::Vendor, entry(&answer)).unwrap();
    let read = |log: &Log| log.merged().into_iter().map(|(_, entry)| entry.message.id()).collect::<Vec<_>>();
    assert_eq!(read(&log), [first.id()], "the answer is kept, and read once the question is there");
    log.add(Side::Customer, entry(&question)).unwrap();
    assert_eq!(read(&log), [first.id(), question.id(), answer.id()]);
}

#[test]
fn one_cannot_claim_to_have_read_what_one_has_not_heard() {
    let mut talk = Talk::new();
    talk.does(Side::Customer, Body::Chat(ChatMessage::Read { up_to: u64::MAX }));
    assert_eq!(talk.view(Side::Vendor).read, [1, 0]);
    talk.does(Side::Customer, Body::Chat(ChatMessage::Read { up_to: 0 }));
    assert_eq!(talk.view(Side::Vendor).read, [1, 0], "and nothing is unread again");
}

/// One step of a conversation by chance: who speaks, what, how much, and how many messages each hears before.
type Step = (bool, u8, u8, [usize; 2]);

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((any::<bool>(), any::<u8>(), any::<u8>(), [0..3_usize, 0..3]), 0..most)
}

fn spoken(steps: &[Step]) -> Talk {
    let mut talk = Talk::new();
    for &(vendor, verb, amount, [hers, theirs]) in steps {
        talk.hear(Side::Customer, hers);
        talk.hear(Side::Vendor, theirs);
        let by = if vendor { Side::Vendor } else { Side::Customer };
        let body = by_chance(&talk, by, verb, amount);
        talk.say(by, body);
    }
    talk.meet();
    talk
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Both ends end with the same state, and so does whoever gets all messages in any order, some of them twice.
    #[test]
    fn case_05_any_order_of_delivery_gives_the_same_state(
        steps in steps(30),
        shuffle in prop::collection::vec(any::<prop::sample::Index>(), 64),
    ) {
        let talk = spoken(&steps);
        let [hers, theirs] = BOTH.map(|side| format!("{:?}", talk.view(side)));
        prop_assert_eq!(&hers, &theirs);

        let mut under_way = talk.all();
        for (at, index) in shuffle.iter().enumerate() {
            let (one, other) = (at % under_way.len(), index.index(under_way.len()));
            under_way.swap(one, other);
        }
        let twice: Vec<_> = under_way.iter().rev().step_by(3).cloned().collect();
        under_way.extend(twice);
        let mut log = fresh(&talk);
        for (side, message) in &under_way {
            prop_assert!(log.add(*side, entry(message)).is_ok());
        }
        prop_assert_eq!(&format!("{:?}", Conversation::fold(&talk.facts, &log)), &hers);
        prop_assert_eq!(log.evidence().count(), 0);
    }

    /// At every moment, on either side: what is known is the beginning of what will be known of each chain, and the
    /// laws of quantities and of the one open order hold.
    #[test]
    fn case_14_no_line_gets_more_than_was_ordered(steps in steps(40)) {
        let talk = spoken(&steps);
        let state = talk.view(Side::Customer);
        prop_assert!(state.deals.iter().filter(|deal| deal.is_open()).count() <= 1);
        for line in state.deals.iter().flat_map(|deal| &deal.lines) {
            prop_assert!(line.shipped.max(line.delivered).max(line.received) <= line.ordered);
        }
        prop_assert_eq!(state.history.len(), talk.all().len());
    }
}
