//! First contact: only the intention's secret opens it, and only what it was sealed for.

use bespeak_identity::{Entropy, RecordId, SealSecret, Side};
use bespeak_protocol::{
    channel::{
        limits::{MAX_PACKET_COUNT, MAX_PACKET_MESSAGES},
        opening::{Opening, OpeningError},
        packet::{Packet, PacketError, Refused},
        ratchet::RatchetKeys,
    },
    enclosed::Enclosed,
};

use crate::{common::*, talk::*};

fn opening() -> Opening {
    let talk = Talk::new();
    Opening {
        card: Enclosed::new(&card()),
        messages: talk.said[1].iter().map(Enclosed::new).collect(),
        keys: RatchetKeys { identity: vec![1; 32], one_time: vec![2; 32] },
        drops: many(vec![mail_at(30)]),
    }
}

fn entropy(seed: u8) -> Entropy {
    Entropy::from_seed([seed; 32])
}

fn sealed() -> Vec<u8> {
    opening().seal(&seal_key(7).public(), &intention().id(), &mut entropy(1)).unwrap()
}

#[test]
fn it_opens_with_the_intention_s_secret() {
    let read = Opening::open(&sealed(), &seal_key(7), &intention().id()).unwrap();
    assert_eq!(read, opening());
    assert_eq!(read.card.open().unwrap(), card());
    let mut again = entropy(1);
    let one = opening().seal(&seal_key(7).public(), &intention().id(), &mut again).unwrap();
    let other = opening().seal(&seal_key(7).public(), &intention().id(), &mut again).unwrap();
    assert_ne!(one, other, "each sealing has a key of its own");
}

#[test]
fn another_secret_or_another_intention_opens_nothing() {
    let closed = Err(OpeningError::Closed);
    assert_eq!(Opening::open(&sealed(), &seal_key(8), &intention().id()), closed);
    assert_eq!(Opening::open(&sealed(), &seal_key(7), &RecordId::from_digest([1; 32])), closed);
    assert_eq!(Opening::open(&sealed(), &SealSecret::from_bytes(&[0; 32]), &intention().id()), closed);
}

#[test]
fn nothing_short_cut_or_changed_opens() {
    let whole = sealed();
    let open = |bytes: &[u8]| Opening::open(bytes, &seal_key(7), &intention().id());
    for length in [0, 1, 31, 32, 33, 47, 48, whole.len() - 1] {
        assert_eq!(open(&whole[..length]), Err(OpeningError::Closed), "{length}");
    }
    assert_eq!(open(&[whole.as_slice(), &[0]].concat()), Err(OpeningError::Closed));
    for at in (0..whole.len()).step_by(7).chain(0..40) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert_eq!(open(&changed), Err(OpeningError::Closed), "byte {at}");
    }
    for zeros in 0..3 {
        let low_order = [vec![zeros; 1], vec![0; 31], whole[32..].to_vec()].concat();
        assert_eq!(open(&low_order), Err(OpeningError::Closed));
    }
}

#[test]
fn what_is_sealed_is_bounded_both_ways() {
    let first = opening().messages[0].clone();
    let seal = |opening: &Opening| opening.seal(&seal_key(7).public(), &intention().id(), &mut entropy(2));
    let too_many = Opening { messages: vec![first.clone(); MAX_PACKET_COUNT + 1], ..opening() };
    assert_eq!(seal(&too_many), Err(OpeningError::TooLarge));
    let fits = MAX_PACKET_MESSAGES / first.len();
    let too_long = Opening { messages: vec![first; fits + 1], ..opening() };
    assert_eq!(seal(&too_long), Err(OpeningError::TooLarge));
    let silent = Opening { messages: vec![], ..opening() };
    let bytes = seal(&silent).unwrap();
    assert_eq!(
        Opening::open(&bytes, &seal_key(7), &intention().id()),
        Err(OpeningError::TooLarge),
        "no first offer"
    );
}

#[test]
fn a_packet_is_of_its_version_and_within_its_bounds() {
    let mut talk = Talk::new();
    let message = Enclosed::new(&talk.say(Side::Customer, chat("hello")));
    let packet = Packet {
        v: 1,
        introduction: None,
        messages: vec![message.clone()],
        yours: vec![],
        restoring: None,
        seen: 3,
        refused: vec![],
    };
    assert_eq!(Packet::from_bytes(&packet.to_bytes().unwrap()), Ok(packet.clone()));
    let raw = |packet: &Packet| Packet::from_bytes(&bespeak_identity::drisl::to_vec(packet).unwrap());
    assert_eq!(raw(&Packet { v: 2, ..packet.clone() }), Err(PacketError::Version(2)));
    let count = MAX_PACKET_COUNT + 1;
    let many_messages = Packet { messages: vec![message.clone(); count], ..packet.clone() };
    let one = Refused { message: talk.said[1][0].id(), code: bespeak_model::reason::RefusalCode::Conflict };
    let many_refused = Packet { refused: vec![one; count], ..packet.clone() };
    let long = Packet { messages: vec![message.clone(); MAX_PACKET_MESSAGES / message.len() + 1], ..packet };
    for packet in [many_messages, many_refused, long] {
        assert_eq!(raw(&packet), Err(PacketError::TooLarge));
        assert_eq!(packet.to_bytes(), Err(PacketError::TooLarge));
    }
}
