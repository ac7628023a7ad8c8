//! Bytes of unknown kind are described, whatever they are.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use bespeak_identity::agreement::sign_half;
use bespeak_identity::{Kind, Signed, drisl, inspect};
use common::{bargain, hex, key, note};
use proptest::prelude::*;

#[test]
fn a_record() {
    let signed = Signed::sign(note(&key(1), "a red bicycle"), &key(1)).unwrap();
    let seen = inspect(signed.bytes());
    assert_eq!((seen.kind, seen.verified), (Kind::Record, Ok(())));
    assert_eq!(seen.content_type.unwrap(), "application/vnd.bespeak.note+cbor");
    assert_eq!(seen.id.unwrap(), signed.id().to_string());
    assert_eq!(seen.signers, [key(1).public()]);
    let signer = hex(&key(1).public().multikey());
    let signature = hex(&signed.bytes()[signed.bytes().len() - 64..]);
    let expected = format!(
        "18([\n  << {{1: -19, 4: h'{signer}', 16: \"application/vnd.bespeak.note+cbor\"}} >>,\n  {{}},\n  << {{\n    \
         \"iss\": h'{signer}',\n    \"net\": \"test\",\n    \"text\": \"a red bicycle\",\n    \"count\": -3,\n    \
         \"nonce\": h'{}'\n  }} >>,\n  h'{signature}'\n])",
        "09".repeat(16)
    );
    assert_eq!(seen.diagnostic, expected);
}

#[test]
fn an_agreement() {
    let agreed = sign_half(bargain(&key(1), &key(2)), &key(1)).unwrap().countersign(&key(2)).unwrap();
    let seen = inspect(agreed.bytes());
    assert_eq!((seen.kind, seen.verified), (Kind::Agreement, Ok(())));
    assert_eq!(seen.content_type.unwrap(), "application/vnd.bespeak.bargain+cbor");
    assert_eq!(seen.id.unwrap(), agreed.id().to_string());
    assert_eq!(seen.signers, [key(1).public(), key(2).public()]);
    assert!(
        seen.diagnostic.starts_with("98([") && seen.diagnostic.contains("two chairs"),
        "{}",
        seen.diagnostic
    );
}

#[test]
fn what_does_not_hold_is_said() {
    let record = Signed::sign(note(&key(1), "a red bicycle"), &key(1)).unwrap();
    let altered = hex(record.bytes()).replace(&hex(b"red"), &hex(b"tan"));
    let seen = inspect(&common::unhex(&altered));
    assert_eq!(seen.kind, Kind::Record);
    assert!(seen.verified.unwrap_err().contains("does not hold"));
    assert!(seen.diagnostic.contains("a tan bicycle"));

    let agreed = sign_half(bargain(&key(1), &key(2)), &key(1)).unwrap().countersign(&key(2)).unwrap();
    let mut altered = agreed.bytes().to_vec();
    *altered.last_mut().unwrap() ^= 1;
    let said = inspect(&altered).verified.unwrap_err();
    assert!(said.contains(&key(2).public().short()), "{said}");

    // Signed by one who is not named.
    let named = hex(&key(1).public().multikey());
    let other = hex(&key(3).public().multikey());
    let renamed = hex(record.bytes()).replacen(&named, &other, 1);
    let said = inspect(&common::unhex(&renamed)).verified.unwrap_err();
    assert!(said.contains("another iss"), "{said}");
}

#[test]
fn bare_payloads_other_cbor_and_rubbish() {
    let seen = inspect(&drisl::to_vec(&note(&key(1), "text")).unwrap());
    assert_eq!(seen.kind, Kind::Payload);
    assert!(seen.verified.is_err() && seen.id.is_some() && seen.diagnostic.contains("\"text\": \"text\""));

    let seen = inspect(&common::unhex("d28443a10126a10442313140405840"));
    assert_eq!(seen.kind, Kind::Unknown);
    assert!(seen.verified.is_err() && seen.diagnostic.starts_with("h'd284"));

    let seen = inspect(&common::unhex("d28443a10126a1044231314040"));
    assert_eq!((seen.kind, seen.id), (Kind::Unknown, None));
    assert!(
        seen.diagnostic.starts_with("18([\n    h'a10126',\n    {\n      4: h'3131'\n    }"),
        "{}",
        seen.diagnostic
    );

    let seen = inspect(&[]);
    assert_eq!((seen.kind, seen.diagnostic.as_str()), (Kind::Unknown, "h''"));
    let large = inspect(&vec![0x81; 1_000_000]);
    assert!(large.diagnostic.len() < 200);
    // Deep enough to overflow the stack of one who follows: arrays, maps, tags.
    for head in [[0x81].as_slice(), &[0xa1, 0x61, 0x61], &[0xc1]] {
        let deep = inspect(&[head.repeat(20_000), vec![0]].concat());
        assert_eq!(deep.kind, Kind::Unknown);
        assert!(deep.diagnostic.starts_with("h'"));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_described(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(inspect(&bytes).verified.is_err());
        let _ = inspect(&[vec![0xd2, 0x84], bytes.clone()].concat());
        let _ = inspect(&[vec![0xd8, 0x62, 0x84], bytes].concat());
    }
}
