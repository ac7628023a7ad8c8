//! No bytes make a decoder panic, and what is written is read again.

use proptest::prelude::*;

use crate::change::{self, Change, Family};
use crate::index::Location;
use crate::journal::entry::{self, Group, HEAD, Head, Place};
use crate::journal::header::{self, Found, Header, Kind};
use crate::journal::ledger::{Ledger, Numbers};
use crate::key::StoreKey;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..300)
}

fn ranges() -> impl Strategy<Value = Numbers> {
    proptest::collection::vec((0u64..1000, 0u64..50), 0..8)
        .prop_map(|pairs| pairs.into_iter().map(|(from, length)| from..=from + length).collect())
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in bytes()) {
        let key = StoreKey::from_bytes([1; 32]);
        let _ = header::decode(&bytes);
        let _ = Ledger::decode(&bytes);
        let _ = change::decode(&bytes);
        prop_assert!(Head::decode(&bytes).is_none());
        prop_assert!(Location::decode(&key.index(), b"key", &bytes).is_none());
        for count in [0, 1, 7, u32::MAX] {
            let head = Head { sequence: 1, length: bytes.len(), count, nonce: [0; 20], body_crc: 0 };
            let _ = entry::parts(1, 8192, &head, &bytes);
        }
    }

    #[test]
    fn ledgers_are_read_as_written(
        replaces in proptest::collection::vec(any::<u32>(), 0..9),
        covered in ranges(),
        void in ranges(),
        entries in proptest::option::of(0u64..1 << 40),
    ) {
        let ledger = Ledger { replaces, covered, void, entries };
        let bytes = ledger.encode();
        prop_assert_eq!(Ledger::decode(&bytes), Some(ledger));
        for cut in 0..bytes.len() {
            prop_assert_eq!(Ledger::decode(&bytes[..cut]), None);
        }
    }

    #[test]
    fn changes_are_read_as_sealed_and_only_in_their_place(
        changes in proptest::collection::vec((any::<u8>(), bytes(), proptest::option::of(bytes())), 1..5),
        start in 8192u64..1 << 40,
    ) {
        let changes: Vec<Change> = changes.into_iter().map(|(family, key, body)| match body {
            Some(body) => Change::Keep { family: Family(family), key, body },
            None => Change::Remove { family: Family(family), key },
        }).collect();
        let cipher = StoreKey::from_bytes([2; 32]).journal().segment(9, &[3; 32]);
        let place = Place { cipher: &cipher, segment: 9, sequence: 77 };
        let mut out = Vec::new();
        let written = entry::seal(&place, &mut Group::new().unwrap(), &changes, start, &mut out).unwrap();
        let head = Head::decode(&out).unwrap();
        prop_assert_eq!(head.total(), out.len() as u64);
        let parts = entry::parts(9, start, &head, &out[HEAD..]).unwrap();
        prop_assert_eq!(parts.len(), changes.len());
        for ((location, sealed), (change, written)) in parts.iter().zip(changes.iter().zip(&written)) {
            let removed = change.body().is_none();
            prop_assert_eq!(&Location { removed, ..location.clone() }, written);
            let plain = entry::unseal(&cipher, location, sealed).unwrap();
            prop_assert_eq!(change::decode(&plain), Some(change.clone()));
            for other in elsewhere(location) {
                prop_assert!(entry::unseal(&cipher, &other, sealed).is_none());
            }
        }
    }

    #[test]
    fn a_head_with_a_turned_bit_is_none(at in 0..HEAD * 8) {
        let cipher = StoreKey::from_bytes([2; 32]).journal().segment(1, &[3; 32]);
        let mut out = Vec::new();
        let place = Place { cipher: &cipher, segment: 1, sequence: 5 };
        entry::seal(&place, &mut Group::new().unwrap(), &[Change::Remove { family: Family(0), key: vec![] }], 8192, &mut out).unwrap();
        out[at / 8] ^= 1 << (at % 8);
        prop_assert_eq!(Head::decode(&out), None);
    }

    #[test]
    fn a_header_survives_any_one_turned_bit(at in 0usize..8192 * 8, number in any::<u32>(), base in any::<u64>()) {
        let header = Header { kind: Kind::Compacted, number, base, valid_through: 3, salt: [4; 32], check: [5; 16] };
        let mut bytes = header::encode(&header);
        prop_assert_eq!(read(&bytes), Some((header.clone(), true)));
        bytes[at / 8] ^= 1 << (at % 8);
        prop_assert_eq!(read(&bytes), Some((header, false)));
    }
}

fn read(bytes: &[u8]) -> Option<(Header, bool)> {
    match header::decode(bytes) {
        Found::Header { header, whole } => Some((header, whole)),
        Found::Newer(_) | Found::Nothing => None,
    }
}

/// The same bytes claimed to lie elsewhere.
fn elsewhere(location: &Location) -> [Location; 5] {
    let same = || location.clone();
    let mut nonce = location.nonce;
    nonce[0] ^= 1;
    [
        Location { segment: location.segment + 1, ..same() },
        Location { sequence: location.sequence + 1, ..same() },
        Location { position: location.position + 1, ..same() },
        Location { count: location.count + 1, ..same() },
        Location { nonce, ..same() },
    ]
}

#[test]
fn a_location_is_bound_to_its_key_and_its_home() {
    let (ours, theirs) = (StoreKey::from_bytes([1; 32]).index(), StoreKey::from_bytes([2; 32]).index());
    let location = Location {
        segment: 1,
        sequence: 2,
        position: 3,
        count: 4,
        nonce: [5; 20],
        offset: 6,
        length: 7,
        removed: true,
    };
    let bytes = location.encode(&ours, b"key");
    assert_eq!(Location::decode(&ours, b"key", &bytes), Some(location));
    assert_eq!(Location::decode(&ours, b"other", &bytes), None);
    assert_eq!(Location::decode(&theirs, b"key", &bytes), None);
}
