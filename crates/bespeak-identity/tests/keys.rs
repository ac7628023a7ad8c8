//! Keys against RFC 8032, the did:key vectors, and keys that must be refused.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use bespeak_identity::{KeyError, Nonce, PublicKey, SealPublic, SealSecret, SignKey};
use common::{bytes, hex, vectors};
use multibase::Base;
use proptest::prelude::*;

/// RFC 8032 §7.1, tests 1 and 2: secret, public, message, signature.
const RFC_8032: [[&str; 4]; 2] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
];

#[test]
fn rfc_8032_signatures() {
    for [secret, public, message, signature] in RFC_8032 {
        let key = SignKey::from_bytes(&bytes(secret));
        assert_eq!(hex(key.public().as_bytes()), public);
        assert_eq!(hex(&key.sign(&common::unhex(message))), signature);
        assert!(key.public().verify(&common::unhex(message), &bytes(signature)));
        assert_eq!(hex(key.to_bytes().as_slice()), secret);
    }
}

#[test]
fn names_of_known_keys() {
    let zero = SignKey::from_bytes(&[0; 32]).public();
    assert_eq!(zero.to_string(), "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp");
    assert_eq!(zero.short(), "X3mDooWp");
    let first = SignKey::from_bytes(&bytes(RFC_8032[0][0])).public();
    assert_eq!(first.to_string(), "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw");
    // libp2p's PeerId of the same key: the identity multihash of its protobuf.
    assert_eq!(zero.peer_id(), "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");
}

#[test]
fn did_key_vectors() {
    let Some(file) = vectors("did-key-ed25519-x25519.json") else { return };
    let mut seen = 0;
    for (did, entry) in file.as_object().unwrap() {
        let key = SignKey::from_bytes(&bytes(entry["seed"].as_str().unwrap()));
        assert_eq!(key.public().to_string(), *did);
        assert_eq!(did.parse::<PublicKey>().unwrap(), key.public());
        let sealing = &entry["keyAgreementKeyPair"];
        let name = sealing["id"].as_str().unwrap().rsplit('#').next().unwrap();
        let public: SealPublic = name.parse().unwrap();
        // One entry gives its keys as JWK and not in base58.
        if let Some(secret) = sealing["privateKeyBase58"].as_str() {
            let secret: [u8; 32] = Base::Base58Btc.decode(secret).unwrap().try_into().unwrap();
            assert_eq!(SealSecret::from_bytes(&secret).public(), public);
            seen += 1;
        }
    }
    assert!(seen >= 4, "the file holds fewer keys than it did");
}

/// The eight points of small order and their other spellings.
const SMALL_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn keys_of_small_order_are_refused() {
    for key in SMALL_ORDER {
        let key: [u8; 32] = bytes(key);
        assert!(PublicKey::from_bytes(&key).is_err(), "{key:02x?}");
        let multikey = [&[0xed, 0x01], key.as_slice()].concat();
        let did = format!("did:key:{}", multibase::encode(Base::Base58Btc, multikey));
        assert!(did.parse::<PublicKey>().is_err());
    }
    assert_eq!(PublicKey::from_bytes(&bytes(SMALL_ORDER[0])), Err(KeyError::Weak));
}

#[test]
fn a_second_spelling_of_a_key_is_refused() {
    // y = p + k for k in 3..19 is read as y = k by libraries that do not look.
    for k in 3..=18 {
        let mut spelling = [0xff; 32];
        (spelling[0], spelling[31]) = (0xed + k, 0x7f);
        assert_eq!(PublicKey::from_bytes(&spelling), Err(KeyError::NotAPoint));
    }
    // y = 2 is on no point; y = 3 is.
    let mut small = [0; 32];
    small[0] = 2;
    assert_eq!(PublicKey::from_bytes(&small), Err(KeyError::NotAPoint));
    small[0] = 3;
    assert!(PublicKey::from_bytes(&small).is_ok());
}

/// The order of the group, little-endian (RFC 8032 §5.1).
const L: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

#[test]
fn a_signature_with_s_beyond_the_order_is_refused() {
    let key = common::key(1);
    let mut signature = key.sign(b"message");
    assert!(key.public().verify(b"message", &signature));
    let order: [u8; 32] = bytes(L);
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(carry, 0, "S + L still fits 32 bytes");
    assert!(!key.public().verify(b"message", &signature));
}

/// Over `message` by the key of seed 32 × 01, made with the secret (plain Python): R is the neutral element and
/// S = k·a, so the bare equation of RFC 8032 holds.
const R_OF_SMALL_ORDER: &str = "0100000000000000000000000000000000000000000000000000000000000000\
                                95c0fdcc54fccad1f2b8bc9b96aa6837c82f86349e6576ad29ca3ece7b7ea905";

#[test]
fn a_signature_with_r_of_small_order_is_refused() {
    use ed25519_dalek::{Signature, Verifier, VerifyingKey};
    let (public, signature) = (common::key(1).public(), bytes(R_OF_SMALL_ORDER));
    let lax = VerifyingKey::from_bytes(public.as_bytes()).unwrap();
    assert!(lax.verify(b"message", &Signature::from_bytes(&signature)).is_ok(), "the equation holds");
    assert!(!public.verify(b"message", &signature));
}

#[test]
fn names_that_are_no_keys() {
    let good = common::key(1).public().to_string();
    let x25519 = common::bytes::<32>(RFC_8032[0][1]);
    let x25519 = multibase::encode(Base::Base58Btc, [&[0xec, 0x01], x25519.as_slice()].concat());
    for bad in [
        "".to_owned(),
        "did:key:".to_owned(),
        good.replace("did:key:", "did:web:"),
        good.replace("did:key:z", "did:key:m"),
        good.replace("z6Mk", "z6Ml0"),
        format!("{good} "),
        format!("{good}1"),
        good[..good.len() - 1].to_owned(),
        format!("did:key:{x25519}"),
        format!("did:key:z{}", "1".repeat(100_000)),
    ] {
        assert!(bad.parse::<PublicKey>().is_err(), "{}", &bad[..bad.len().min(80)]);
    }
}

#[test]
fn sealing_keys_of_low_order_are_refused() {
    for low in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        let point: [u8; 32] = bytes(low);
        // The library agrees that these give no secret.
        let shared = x25519_dalek::StaticSecret::from([7; 32]).diffie_hellman(&point.into());
        assert!(!shared.was_contributory(), "{low}");
        assert_eq!(SealPublic::from_bytes(&point), Err(KeyError::Weak), "{low}");
        let mut high = point;
        high[31] |= 0x80;
        assert!(SealPublic::from_bytes(&high).is_err(), "{low} with the top bit");
    }
}

#[test]
fn secrets_print_nothing() {
    let secret = [0xab; 32];
    let (sign, seal) = (SignKey::from_bytes(&secret), SealSecret::from_bytes(&secret));
    for printed in [format!("{sign:?}"), format!("{seal:?}")] {
        assert!(!printed.contains("abab") && !printed.contains("171"), "{printed}");
    }
    assert_eq!(format!("{sign:?}"), format!("SignKey({})", sign.public()));
}

#[test]
fn forms_in_cbor_and_json() {
    let (sign, seal) = (common::key(1).public(), SealSecret::from_bytes(&[2; 32]).public());
    let nonce = Nonce::from_bytes([0xa5; 16]);
    let cbor = |value: &[u8]| bespeak_identity::drisl::to_vec(serde_bytes::Bytes::new(value)).unwrap();
    assert_eq!(bespeak_identity::drisl::to_vec(&sign).unwrap(), cbor(&sign.multikey()));
    assert_eq!(bespeak_identity::drisl::to_vec(&seal).unwrap(), cbor(seal.as_bytes()));
    assert_eq!(bespeak_identity::drisl::to_vec(&nonce).unwrap(), cbor(nonce.as_bytes()));
    let json = serde_json::to_string(&(sign, seal, nonce)).unwrap();
    assert_eq!(json, format!("[\"{sign}\",\"{seal}\",\"{}\"]", "a5".repeat(16)));
    assert_eq!(serde_json::from_str::<(PublicKey, SealPublic, Nonce)>(&json).unwrap(), (sign, seal, nonce));
}

#[test]
fn wrong_lengths_and_kinds_in_cbor() {
    let cbor = |value: &[u8]| bespeak_identity::drisl::to_vec(serde_bytes::Bytes::new(value)).unwrap();
    let multikey = common::key(1).public().multikey();
    let mut other_codec = multikey;
    other_codec[0] = 0xec;
    for bad in [&multikey[2..], &multikey[..33], &[multikey.as_slice(), &[0]].concat(), &other_codec, &[]] {
        assert!(bespeak_identity::drisl::from_slice::<PublicKey>(&cbor(bad)).is_err());
    }
    for len in [0, 15, 17, 32] {
        assert!(bespeak_identity::drisl::from_slice::<Nonce>(&cbor(&vec![1; len])).is_err());
    }
    for bad in ["", "a5", &"A5".repeat(16), &"g0".repeat(16), &"a5".repeat(17), "ééééééééééééééééé"]
    {
        assert!(bad.parse::<Nonce>().is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_key_keeps_its_name(secret: [u8; 32]) {
        let public = SignKey::from_bytes(&secret).public();
        prop_assert_eq!(public.to_string().parse::<PublicKey>(), Ok(public));
        prop_assert_eq!(PublicKey::from_multikey(&public.multikey()), Ok(public));
        let sealing = SealSecret::from_bytes(&secret).public();
        prop_assert_eq!(sealing.to_string().parse::<SealPublic>(), Ok(sealing));
        prop_assert_eq!(SealPublic::from_bytes(sealing.as_bytes()), Ok(sealing));
    }

    #[test]
    fn only_the_message_signed_verifies(secret: [u8; 32], message: Vec<u8>, other: Vec<u8>) {
        let key = SignKey::from_bytes(&secret);
        let signature = key.sign(&message);
        prop_assert!(key.public().verify(&message, &signature));
        prop_assert_eq!(key.public().verify(&other, &signature), message == other);
    }

    #[test]
    fn any_text_is_read_without_panic(text in ".{0,80}") {
        let _ = text.parse::<PublicKey>();
        let _ = format!("did:key:{text}").parse::<PublicKey>();
        let _ = format!("did:key:z{text}").parse::<PublicKey>();
        let _ = text.parse::<SealPublic>();
        let _ = text.parse::<Nonce>();
    }
}
