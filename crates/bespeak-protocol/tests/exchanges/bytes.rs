//! Bytes that a hostile signer can make: well signed, and yet no record.

use bespeak_identity::{Unverified, drisl};
use bespeak_model::intention::Intention;
use bespeak_protocol::{
    channel::{message::Message, opening::Introduction, packet::Packet},
    drop::{DropReply, DropRequest},
    market::{Announcement, Gate, Verdict},
};
use ipld_core::ipld::Ipld;
use proptest::prelude::*;

use crate::common::*;

fn judged(payload: &[u8]) -> Verdict {
    let record = sealed_payload("intention", payload, WISH);
    let said = Announcement { v: 1, kind: "intention".to_owned(), record, stamp: None };
    Gate::new(net()).judge("/bespeak/1/test/furniture", &drisl::to_vec(&said).unwrap(), start())
}

fn payload() -> Vec<u8> {
    drisl::to_vec(&wish()).unwrap()
}

/// The payload as its entries, each with its key encoded.
fn entries() -> Vec<(Vec<u8>, Vec<u8>)> {
    let Ipld::Map(map) = value_of(&payload()) else { panic!("no map") };
    let mut entries: Vec<_> =
        map.iter().map(|(key, value)| (bytes_of(&Ipld::String(key.clone())), bytes_of(value))).collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    entries
}

fn joined(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    head(&mut out, 5, entries.len());
    entries.iter().for_each(|(key, value)| out.extend([key.as_slice(), value].concat()));
    out
}

#[test]
fn the_tests_sign_as_the_house_does() {
    assert_eq!(sealed_payload("intention", &payload(), WISH), intention().bytes());
    assert_eq!(joined(&entries()), payload());
    assert_eq!(judged(&payload()), Verdict::Accept);
}

#[test]
fn doubled_or_unsorted_keys_are_rejected_under_a_signature_that_holds() {
    let mut doubled = entries();
    doubled.insert(1, doubled[0].clone());
    assert_eq!(judged(&joined(&doubled)), Verdict::Reject);
    for index in 1..entries().len() {
        let mut swapped = entries();
        swapped.swap(index - 1, index);
        assert_eq!(judged(&joined(&swapped)), Verdict::Reject, "{index}");
    }
}

/// An entry more, in its place.
fn with(key: &str, value: &[u8]) -> Vec<u8> {
    let mut all = entries();
    all.push((bytes_of(&Ipld::String(key.to_owned())), value.to_vec()));
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    joined(&all)
}

#[test]
fn no_float_no_strange_tag_no_long_form_even_where_it_is_ignored() {
    assert_eq!(judged(&with("novelty", &[0x01])), Verdict::Accept);
    let no_value: [&[u8]; 10] = [
        &[0xf9, 0x3e, 0x00],
        &[0xfa, 0x3f, 0xc0, 0, 0],
        &[0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
        &[0xf9, 0x80, 0x00],
        &[0xc0, 0x00],
        &[0x18, 0x01],
        &[0x5f, 0x41, 0x00, 0xff],
        &[0x9f, 0xff],
        &[0xf7],
        &[0x62, 0xff, 0xfe],
    ];
    for value in no_value {
        assert_eq!(judged(&with("novelty", value)), Verdict::Reject, "{value:02x?}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| [vec![0x81; depth], vec![0x00]].concat();
    assert_eq!(judged(&with("novelty", &nested(20))), Verdict::Accept);
    assert_eq!(judged(&with("novelty", &nested(1000))), Verdict::Reject);
}

#[test]
fn unknown_fields_are_kept_byte_for_byte_and_ignored() {
    let payload = with("novelty", &bytes_of(&Ipld::String("of a later version".to_owned())));
    let record = sealed_payload("intention", &payload, WISH);
    let signed = Unverified::<Intention>::from_bytes(record.clone()).unwrap().verify().unwrap();
    assert_eq!(signed.bytes(), record);
    assert_eq!(*signed.value(), wish());
    assert_ne!(signed.id(), intention().id(), "and they count for the id");
    let announced = Announcement::intention(&signed).to_bytes().unwrap();
    assert_eq!(Announcement::from_bytes(&announced).unwrap().record, record);
}

#[test]
fn values_beyond_their_bounds_are_rejected() {
    let changed = |key: &str, value: Ipld| {
        let Ipld::Map(mut map) = value_of(&payload()) else { panic!("no map") };
        map.insert(key.to_owned(), value);
        judged(&bytes_of(&Ipld::Map(map)))
    };
    let text = |words: &str| Ipld::String(words.to_owned());
    assert_eq!(changed("title", text("Two chairs")), Verdict::Accept);
    let evil = [
        "",
        " x",
        "x\0",
        "x\u{202e}y",
        "x\u{200b}y",
        "a\nb",
        &"é".repeat(101),
        &format!("a{}", "\u{301}".repeat(9)),
    ];
    for words in evil {
        assert_eq!(changed("title", text(words)), Verdict::Reject, "{words:?}");
    }
    for category in ["Furniture", "furniture.", "nothing.known", "furniture.a.b.c.d"] {
        assert_eq!(changed("category", text(category)), Verdict::Reject, "{category}");
    }
    let money = |amount: i128, currency: &str| {
        Ipld::Map(
            [("amount".to_owned(), Ipld::Integer(amount)), ("currency".to_owned(), text(currency))].into(),
        )
    };
    let budget = |money: Ipld| changed("budget", Ipld::Map([("max".to_owned(), money)].into()));
    assert_eq!(budget(money(100, "EUR")), Verdict::Accept);
    for (amount, currency) in [(i128::from(i64::MAX), "EUR"), (-1, "EUR"), (1, "XXX"), (1, "eur"), (1, "")] {
        assert_eq!(budget(money(amount, currency)), Verdict::Reject, "{amount} {currency}");
    }
    assert_eq!(budget(money(1, &"E".repeat(10_000))), Verdict::Reject);
    assert_eq!(changed("lines", Ipld::List(vec![])), Verdict::Reject);
    assert_eq!(changed("seal", Ipld::Bytes(vec![0; 32])), Verdict::Reject, "a point of low order");
    assert_eq!(changed("expires_at", Ipld::Integer(-1)), Verdict::Reject);
    assert_eq!(changed("nonce", Ipld::Bytes(vec![0; 15])), Verdict::Reject);
}

#[test]
fn quantities_are_more_than_nothing_and_in_one_form() {
    let judged = |steps: i128, scale: i128, unit: &str| {
        let Ipld::Map(mut map) = value_of(&payload()) else { panic!("no map") };
        let quantity = Ipld::Map(
            [
                ("steps".to_owned(), Ipld::Integer(steps)),
                ("scale".to_owned(), Ipld::Integer(scale)),
                ("unit".to_owned(), Ipld::String(unit.to_owned())),
            ]
            .into(),
        );
        let line = [("name".to_owned(), Ipld::String("Chair".to_owned())), ("quantity".to_owned(), quantity)];
        map.insert("lines".to_owned(), Ipld::List(vec![Ipld::Map(line.into())]));
        judged(&bytes_of(&Ipld::Map(map)))
    };
    assert_eq!(judged(15, 1, "KGM"), Verdict::Accept);
    for (steps, scale, unit) in [
        (0, 0, "C62"),
        (-1, 0, "C62"),
        (1_000_000_001, 0, "C62"),
        (15, 7, "KGM"),
        (150, 1, "KGM"),
        (1, 0, "XYZ"),
    ] {
        assert_eq!(judged(steps, scale, unit), Verdict::Reject, "{steps} {scale} {unit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// No decoder of the wire falls over any bytes, and what it reads it writes again as it was.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Unverified::<Message>::from_bytes(bytes.clone());
        let _ = Unverified::<Introduction>::from_bytes(bytes.clone());
        let _ = Packet::from_bytes(&bytes);
        let _ = DropReply::from_bytes(&bytes);
        if let Ok(request) = DropRequest::from_bytes(&bytes) {
            prop_assert_eq!(request.to_bytes().unwrap(), bytes);
        }
    }

    /// Nearly right bytes: one thing changed in a request that holds.
    #[test]
    fn a_request_with_a_changed_byte_is_another_or_none(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let request = DropRequest::Ack {
            queue: mail_at(20).queue,
            ids: vec![1, 2, 300],
            proof: bespeak_protocol::drop::Proof::new(&key(20), "host", &bespeak_protocol::drop::Errand::Ack { ids: &[1, 2, 300] }),
        };
        let mut bytes = request.to_bytes().unwrap();
        let at = at.index(bytes.len());
        let same = bytes[at] == to;
        bytes[at] = to;
        if let Ok(read) = DropRequest::from_bytes(&bytes) {
            prop_assert_eq!(read == request, same);
        }
    }
}
