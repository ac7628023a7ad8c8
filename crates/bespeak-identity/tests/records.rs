//! Records of one party: only good ones come through, and another implementation agrees on them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use bespeak_identity::{
    DecodeError, Document, KeyError, Nonce, PublicKey, RecordError, RecordId, Severity, SignError, Signed,
    Unverified, drisl,
};
use common::{Note, hex, key, note, unhex, vectors};
use coset::iana::{Algorithm, EnumI64};
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, HeaderBuilder, Label, TaggedCborSerializable};
use coset::{RegisteredLabelWithPrivate, cbor::Value};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

fn signed() -> Signed<Note> {
    Signed::sign(note(&key(1), "a red bicycle"), &key(1)).unwrap()
}

fn read<T: Document>(bytes: &[u8]) -> Result<Signed<T>, RecordError> {
    Unverified::<T>::from_bytes(bytes.to_vec())?.verify()
}

fn refused(bytes: &[u8]) -> RecordError {
    read::<Note>(bytes).unwrap_err()
}

#[test]
fn a_record_comes_back_as_it_was_said() {
    let signed = signed();
    let unverified = Unverified::<Note>::from_bytes(signed.bytes().to_vec()).unwrap();
    assert_eq!(unverified.id(), signed.id());
    assert_eq!(unverified.bytes(), signed.bytes());
    assert_eq!(unverified.claim(), signed.value());
    let verified = unverified.verify().unwrap();
    assert_eq!(verified, signed);
    assert_eq!(verified.text, "a red bicycle");
    assert_eq!(verified.issuer(), &key(1).public());
    assert_eq!(verified.id(), RecordId::of_payload(&drisl::to_vec(verified.value()).unwrap()));
}

#[test]
fn printing_shows_the_id_alone() {
    let printed = format!("{:?}", signed());
    assert_eq!(printed, format!("Signed({})", signed().id()));
}

/// [`signed`], built and signed by a second implementation (plain Python, from RFC 8032, 8949 and 9052).
const FROZEN: &str = "d284584ca30132045822ed018a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c10782161 \
     70706c69636174696f6e2f766e642e6265737065616b2e6e6f74652b63626f72a05863a5636973735822ed018a88e3dd \
     7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c636e6574647465737464746578746d6120726564 \
     2062696379636c6565636f756e7422656e6f6e6365500909090909090909090909090909090958409619cfac4fb2537a \
     882b7bb6ff266f72fd98be1241ecf731b376b885286d5e2d2254dfcf17d50998da49d2989ba115d34fd7e0f1e0c4af0b \
     4011dd2adb657b07";

#[test]
fn bytes_and_id_are_frozen() {
    assert_eq!(hex(signed().bytes()), FROZEN.replace(' ', ""));
    assert_eq!(signed().id().to_string(), "bafyreierpg7bddytcnk7efidc6t5dxlexit4j23femd7btocwtpok5ccdm");
}

#[test]
fn a_second_implementation_reads_ours() {
    let signed = signed();
    let theirs = CoseSign1::from_tagged_slice(signed.bytes()).unwrap();
    let header = &theirs.protected.header;
    assert_eq!(header.alg, Some(RegisteredLabelWithPrivate::Assigned(Algorithm::Ed25519)));
    assert_eq!(Algorithm::Ed25519.to_i64(), -19);
    assert_eq!(header.key_id, key(1).public().multikey());
    let kind = Value::Text("application/vnd.bespeak.note+cbor".to_owned());
    assert_eq!(header.rest, vec![(Label::Int(16), kind)]);
    assert!(theirs.unprotected.is_empty());
    let verify = |signature: &[u8], message: &[u8]| {
        let signature = signature.try_into().unwrap();
        if key(1).public().verify(message, &signature) { Ok(()) } else { Err("signature") }
    };
    theirs.verify_signature(&[], verify).unwrap();
    assert!(theirs.verify_signature(b"other", verify).is_err());
}

/// A record written by the second implementation, with headers to choose.
fn theirs(protected: HeaderBuilder, unprotected: HeaderBuilder, payload: Option<Vec<u8>>) -> CoseSign1 {
    let mut builder = CoseSign1Builder::new().protected(protected.build()).unprotected(unprotected.build());
    if let Some(payload) = payload {
        builder = builder.payload(payload);
    }
    builder.create_signature(&[], |message| key(1).sign(message).to_vec()).build()
}

fn header() -> HeaderBuilder {
    HeaderBuilder::new()
        .algorithm(Algorithm::Ed25519)
        .key_id(key(1).public().multikey().to_vec())
        .value(16, Value::Text("application/vnd.bespeak.note+cbor".to_owned()))
}

fn payload() -> Vec<u8> {
    drisl::to_vec(&note(&key(1), "a red bicycle")).unwrap()
}

#[test]
fn a_second_implementation_writes_the_same_bytes() {
    let theirs = theirs(header(), HeaderBuilder::new(), Some(payload())).to_tagged_vec().unwrap();
    assert_eq!(hex(&theirs), hex(signed().bytes()));
}

#[test]
fn other_headers_are_refused_though_signed() {
    let none = HeaderBuilder::new;
    let mime = || Value::Text("application/vnd.bespeak.note+cbor".to_owned());
    let kid = || key(1).public().multikey().to_vec();
    let cases = [
        (header(), none().key_id(vec![1]), RecordError::Headers),
        (header().value(99, Value::Null), none(), RecordError::Headers),
        (header().content_type("text/plain".to_owned()), none(), RecordError::Headers),
        (none().algorithm(Algorithm::Ed25519).key_id(kid()), none(), RecordError::Headers),
        (none().algorithm(Algorithm::Ed25519).value(16, mime()), none(), RecordError::Headers),
        (none().key_id(kid()).value(16, mime()), none(), RecordError::Headers),
        (none(), none(), RecordError::Cbor(DecodeError::Ended { at: 0 })),
        (none().algorithm(Algorithm::EdDSA).key_id(kid()).value(16, mime()), none(), RecordError::Algorithm),
        (none().algorithm(Algorithm::ES256).key_id(kid()).value(16, mime()), none(), RecordError::Algorithm),
        (
            none().algorithm(Algorithm::Ed25519).key_id(kid()[2..].to_vec()).value(16, mime()),
            none(),
            RecordError::Key(KeyError::Length { expected: 34, found: 32 }),
        ),
        (
            none().algorithm(Algorithm::Ed25519).key_id(kid()).value(16, Value::Text("note".to_owned())),
            none(),
            RecordError::Type {
                expected: "application/vnd.bespeak.note+cbor".to_owned(),
                found: "note".to_owned(),
            },
        ),
    ];
    for (protected, unprotected, expected) in cases {
        let bytes = theirs(protected, unprotected, Some(payload())).to_tagged_vec().unwrap();
        assert_eq!(refused(&bytes), expected, "{}", hex(&bytes));
    }
    let detached = theirs(header(), none(), None).to_tagged_vec().unwrap();
    assert!(matches!(refused(&detached), RecordError::Envelope { .. }));
    let untagged = theirs(header(), none(), Some(payload())).to_vec().unwrap();
    assert_eq!(refused(&untagged), RecordError::Tag { expected: 18, found: None });
}

#[test]
fn headers_in_another_order_or_length_are_refused_though_signed() {
    let kind = "782161".to_owned() + &hex(b"pplication/vnd.bespeak.note+cbor");
    let signer = hex(&key(1).public().multikey());
    for protected in [
        format!("a3045822{signer}013210{kind}"),         // 4, 1, 16
        format!("a401320132045822{signer}10{kind}"),     // 1 twice
        format!("a30132045822{signer}1810{kind}"),       // 16 in two bytes
        format!("a3013812045822{signer}10{kind}"),       // -19 in two bytes
        format!("bf0132045822{signer}10{kind}ff"),       // indefinite
        format!("a30132045822{signer}10{kind}00"),       // a byte after the end
        format!("a3013204{}{signer}10{kind}", "590022"), // a length in three bytes
    ] {
        let protected = unhex(&protected);
        let mut structure = vec![0x84, 0x6a];
        structure.extend_from_slice(b"Signature1");
        structure.extend_from_slice(&[0x58, protected.len() as u8]);
        structure.extend_from_slice(&protected);
        structure.extend_from_slice(&[0x40, 0x58, payload().len() as u8]);
        structure.extend_from_slice(&payload());
        let mut bytes = vec![0xd2, 0x84, 0x58, protected.len() as u8];
        bytes.extend_from_slice(&protected);
        bytes.extend_from_slice(&[0xa0, 0x58, payload().len() as u8]);
        bytes.extend_from_slice(&payload());
        bytes.extend_from_slice(&[0x58, 0x40]);
        bytes.extend_from_slice(&key(1).sign(&structure));
        let error = refused(&bytes);
        assert!(
            matches!(error, RecordError::Headers | RecordError::Cbor(_)),
            "{error:?} {}",
            hex(&protected)
        );
    }
}

#[test]
fn cose_working_group_failures_are_refused() {
    let expected = [
        ("01", RecordError::Tag { expected: 18, found: Some(998) }),
        ("02", RecordError::Headers),
        ("03", RecordError::Headers),
        ("04", RecordError::Headers),
        ("06", RecordError::Headers),
        ("07", RecordError::Headers),
    ];
    for (number, expected) in expected {
        let Some(case) = vectors(&format!("cose/sign1-fail-{number}.json")) else { return };
        assert_eq!(refused(&unhex(case["output"]["cbor"].as_str().unwrap())), expected, "{}", case["title"]);
    }
    // Good COSE, but other than our one form: ES256, kid outside, no tag, EdDSA -8.
    for name in ["sign1-pass-01", "sign1-pass-02", "sign1-pass-03", "eddsa-sig-01", "eddsa-01"] {
        let Some(case) = vectors(&format!("cose/{name}.json")) else { return };
        refused(&unhex(case["output"]["cbor"].as_str().unwrap()));
    }
}

/// The changes of the working group's failing cases, made to a record of ours: each is refused where the check
/// for it sits, and not because the headers were other than ours to begin with.
#[test]
fn the_same_failures_in_a_record_of_ours() {
    let good = signed().bytes().to_vec();
    let with = |change: fn(&mut CoseSign1)| {
        let mut record = CoseSign1::from_tagged_slice(&good).unwrap();
        change(&mut record);
        record.protected.original_data = None;
        record.to_tagged_vec().unwrap()
    };
    let signer = key(1).public();
    let other_tag = [&[0xd9, 0x03, 0xe6], &good[1..]].concat();
    assert_eq!(refused(&other_tag), RecordError::Tag { expected: 18, found: Some(998) });
    let last = |record: &mut CoseSign1| *record.signature.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&with(last)), RecordError::Signature { signer });
    let alg = |record: &mut CoseSign1| {
        record.protected.header.alg = Some(RegisteredLabelWithPrivate::PrivateUse(-70_000));
    };
    assert_eq!(refused(&with(alg)), RecordError::Algorithm);
    let text = |record: &mut CoseSign1| {
        record.protected.header.alg = Some(RegisteredLabelWithPrivate::Text("unknown".to_owned()));
    };
    assert_eq!(refused(&with(text)), RecordError::Algorithm);
    let added = |record: &mut CoseSign1| record.protected.header.rest.push((Label::Int(20), Value::Null));
    assert_eq!(refused(&with(added)), RecordError::Headers);
    let removed = |record: &mut CoseSign1| record.protected.header.rest.clear();
    assert_eq!(refused(&with(removed)), RecordError::Headers);
    let short = |record: &mut CoseSign1| record.signature.truncate(63);
    assert!(matches!(refused(&with(short)), RecordError::Envelope { .. }));
}

#[test]
fn every_bit_counts() {
    let good = signed().bytes().to_vec();
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(read::<Note>(&bytes).is_err(), "bit {bit}");
    }
}

#[test]
fn cut_anywhere_or_continued_it_is_refused() {
    let good = signed().bytes().to_vec();
    for len in 0..good.len() {
        assert!(Unverified::<Note>::from_bytes(good[..len].to_vec()).is_err(), "cut at {len}");
    }
    for more in [vec![0], vec![0xf6], good.clone()] {
        let longer = [good.clone(), more].concat();
        assert_eq!(refused(&longer), RecordError::Cbor(DecodeError::Trailing { at: good.len() }));
    }
    assert!(matches!(refused(&vec![0xd2; 200_000]), RecordError::Cbor(DecodeError::TooLong { .. })));
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Remark(Note);

impl Document for Remark {
    const TYPE: &'static str = "remark";

    fn issuer(&self) -> &PublicKey {
        &self.0.iss
    }
}

#[test]
fn a_signature_holds_for_one_kind_only() {
    let error = read::<Remark>(signed().bytes()).unwrap_err();
    assert!(matches!(&error, RecordError::Type { expected, .. } if expected.contains("remark")));
    assert_eq!(error.severity(), Severity::Unknown);
    // The same payload under the other name: the type is signed too.
    let remark = Signed::sign(Remark(note(&key(1), "a red bicycle")), &key(1)).unwrap();
    assert_eq!(remark.id().as_digest(), signed().id().as_digest());
    let renamed = hex(remark.bytes()).replace(&hex(b"remark"), &hex(b"noteXX"));
    assert!(read::<Note>(&unhex(&renamed)).is_err());
    let mut swapped = signed().bytes().to_vec();
    let at = swapped.len() - 64;
    swapped[at..].copy_from_slice(&remark.bytes()[remark.bytes().len() - 64..]);
    assert_eq!(refused(&swapped), RecordError::Signature { signer: key(1).public() });
}

#[test]
fn only_the_issuer_can_say_it() {
    let (named, other) = (key(1).public(), key(2).public());
    let unsigned = Signed::sign(note(&key(1), "text"), &key(2));
    assert_eq!(unsigned.unwrap_err(), SignError::Issuer { named, key: other });
    // Somebody signs, correctly, a payload that names another.
    let kind = Value::Text("application/vnd.bespeak.note+cbor".to_owned());
    let protected = HeaderBuilder::new().algorithm(Algorithm::Ed25519);
    let protected = protected.key_id(other.multikey().to_vec()).value(16, kind).build();
    let forged = CoseSign1Builder::new().protected(protected).payload(payload());
    let forged = forged.create_signature(&[], |message| key(2).sign(message).to_vec()).build();
    let forged = forged.to_tagged_vec().unwrap();
    let error = refused(&forged);
    assert_eq!(error, RecordError::Issuer { named, signer: other });
    assert_eq!(error.severity(), Severity::Invalid);
    let recalled = |bytes: &[u8]| Unverified::<Note>::from_bytes(bytes.to_vec()).unwrap().recall();
    assert_eq!(recalled(&forged).unwrap_err(), error, "not even from under one's own seal");
    assert_eq!(recalled(signed().bytes()).unwrap().bytes(), signed().bytes());
}

#[test]
fn a_payload_outside_the_profile_is_refused_though_signed() {
    let good = hex(&payload());
    let cases = [
        good.replace("636e6574", "636e657a"), // net is missing, nez unknown
        good.replace(&hex(b"text"), &hex(b"tex\xff")), // not UTF-8
        good.replace("65636f756e7422", "65636f756e74fbc008000000000000"), // a float
        good.replace("65636f756e7422", "65636f756e743802"), // -3 in two bytes
        format!("bf{}ff", &good[2..]),        // indefinite
        format!("{good}00"),                  // bytes after the end
        "80".to_owned(),                      // no map
        String::new(),
    ];
    for case in cases {
        assert_ne!(case, good);
        let bytes = theirs(header(), HeaderBuilder::new(), Some(unhex(&case))).to_tagged_vec().unwrap();
        assert!(matches!(refused(&bytes), RecordError::Payload(_)), "{case}");
    }
}

/// What a later version may say: more than we know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LaterNote {
    iss: PublicKey,
    nonce: Nonce,
    net: String,
    text: String,
    mood: String,
    links: Vec<RecordId<Note>>,
}

impl Document for LaterNote {
    const TYPE: &'static str = "note";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}

#[test]
fn unknown_keys_are_kept_byte_for_byte() {
    let Note { iss, nonce, net, text, .. } = note(&key(1), "later");
    let (mood, links) = ("calm".to_owned(), vec![signed().id()]);
    let later = Signed::sign(LaterNote { iss, nonce, net, text, mood, links }, &key(1)).unwrap();
    let ours = read::<Note>(later.bytes()).unwrap();
    assert_eq!((ours.text.as_str(), ours.count), ("later", None));
    assert_eq!(ours.bytes(), later.bytes());
    assert_eq!(ours.id().as_digest(), later.id().as_digest());
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Short {
    iss: PublicKey,
    #[serde(deserialize_with = "at_most_three")]
    text: String,
}

fn at_most_three<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.len() <= 3 { Ok(text) } else { Err(serde::de::Error::custom("longer than three")) }
}

impl Document for Short {
    const TYPE: &'static str = "short";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}

#[test]
fn what_nobody_could_read_is_not_signed() {
    let long = Short { iss: key(1).public(), text: "four".to_owned() };
    assert!(matches!(Signed::sign(long, &key(1)), Err(SignError::Unreadable(_))));
    let huge = note(&key(1), &"x".repeat(drisl::MAX_LEN));
    assert!(matches!(Signed::sign(huge, &key(1)), Err(SignError::Encode(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_record_comes_back(
        secret: [u8; 32], nonce: [u8; 16], net in ".{0,20}", text in ".{0,400}", count: Option<i64>,
    ) {
        let signer = bespeak_identity::SignKey::from_bytes(&secret);
        let nonce = Nonce::from_bytes(nonce);
        let said = Note { iss: signer.public(), nonce, net, text, count };
        let signed = Signed::sign(said.clone(), &signer).unwrap();
        let again = read::<Note>(signed.bytes()).unwrap();
        prop_assert_eq!(again.value(), &said);
        prop_assert_eq!(again, signed);
    }

    #[test]
    fn any_damage_is_refused(text in ".{0,100}", at: proptest::sample::Index, xor in 1_u8..) {
        let mut bytes = Signed::sign(note(&key(3), &text), &key(3)).unwrap().bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= xor;
        prop_assert!(read::<Note>(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Unverified::<Note>::from_bytes(bytes.clone());
        let _ = Unverified::<Note>::from_bytes([vec![0xd2, 0x84], bytes].concat());
    }
}
