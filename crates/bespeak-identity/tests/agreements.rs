//! Records of two parties: both ways of signing end in the same bytes, and nothing else comes through.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use bespeak_identity::agreement::sign_half;
use bespeak_identity::{Agreement, drisl};
use bespeak_identity::{
    CoSigned, HalfSigned, RecordError, RecordId, Side, SignError, SignKey, UnverifiedAgreement,
};
use common::{Bargain, bargain, hex, key};
use coset::iana::Algorithm;
use coset::{
    CoseSign, CoseSignBuilder, CoseSignatureBuilder, HeaderBuilder, TaggedCborSerializable, cbor::Value,
};
use proptest::prelude::*;

fn parties() -> (SignKey, SignKey) {
    (key(1), key(2))
}

fn co_signed() -> CoSigned<Bargain> {
    let (customer, vendor) = parties();
    sign_half(bargain(&customer, &vendor), &customer).unwrap().countersign(&vendor).unwrap()
}

fn read(bytes: &[u8]) -> Result<CoSigned<Bargain>, RecordError> {
    UnverifiedAgreement::from_bytes(bytes.to_vec())?.verify()
}

fn refused(bytes: &[u8]) -> RecordError {
    read(bytes).unwrap_err()
}

/// What travels: payload and one signature there, one signature back.
fn exchange(first: &SignKey, second: &SignKey, agreed: Bargain) -> [CoSigned<Bargain>; 2] {
    let mine = sign_half(agreed, first).unwrap();
    let (payload, side, signature) = (mine.payload().to_vec(), mine.side(), *mine.signature());
    let theirs = HalfSigned::<Bargain>::verify(payload, side, signature).unwrap();
    assert_eq!((theirs.id(), theirs.value()), (mine.id(), mine.value()));
    let done_there = theirs.countersign(second).unwrap();
    let back = *done_there.signature(side.other());
    [mine.complete(back).unwrap(), done_there]
}

#[test]
fn whoever_begins_both_hold_the_same_bytes() {
    let (customer, vendor) = parties();
    let agreed = bargain(&customer, &vendor);
    let [one, two] = exchange(&customer, &vendor, agreed.clone());
    let [three, four] = exchange(&vendor, &customer, agreed.clone());
    for other in [&two, &three, &four] {
        assert_eq!(hex(other.bytes()), hex(one.bytes()));
    }
    assert_eq!(one.value(), &agreed);
    assert_eq!(one.id(), RecordId::of_payload(&drisl::to_vec(&agreed).unwrap()));
    assert_eq!(read(one.bytes()).unwrap(), one);
    assert_eq!(format!("{one:?}"), format!("CoSigned({})", one.id()));
}

#[test]
fn the_side_is_known_by_the_key() {
    let (customer, vendor) = parties();
    let agreed = bargain(&customer, &vendor);
    assert_eq!(sign_half(agreed.clone(), &customer).unwrap().side(), Side::Customer);
    assert_eq!(sign_half(agreed.clone(), &vendor).unwrap().side(), Side::Vendor);
    let stranger = sign_half(agreed, &key(3)).unwrap_err();
    assert_eq!(stranger, SignError::Issuer { named: customer.public(), key: key(3).public() });
    let alone = sign_half(bargain(&customer, &customer), &customer).unwrap_err();
    assert_eq!(alone, SignError::OneParty { party: customer.public() });
}

#[test]
fn a_half_is_checked_before_it_is_taken() {
    let (customer, vendor) = parties();
    let half = sign_half(bargain(&customer, &vendor), &customer).unwrap();
    let (payload, good) = (half.payload().to_vec(), *half.signature());
    assert_eq!(good, signature_for(&payload, Bargain::TYPE, &customer));
    let verify = HalfSigned::<Bargain>::verify;
    let wrong_side = verify(payload.clone(), Side::Vendor, good).unwrap_err();
    assert_eq!(wrong_side, RecordError::Signature { signer: vendor.public() });
    let mut bad = good;
    bad[5] ^= 4;
    let signer = customer.public();
    assert_eq!(verify(payload.clone(), Side::Customer, bad).unwrap_err(), RecordError::Signature { signer });
    let other_kind = signature_for(&payload, "order", &customer);
    assert_eq!(
        verify(payload.clone(), Side::Customer, other_kind).unwrap_err(),
        RecordError::Signature { signer }
    );
    let longer = [payload.as_slice(), &[0]].concat();
    assert!(matches!(verify(longer, Side::Customer, good), Err(RecordError::Payload(_))));
    let alone = drisl::to_vec(&bargain(&customer, &customer)).unwrap();
    let signature = signature_for(&alone, Bargain::TYPE, &customer);
    let alone = verify(alone, Side::Customer, signature).unwrap_err();
    assert_eq!(alone, RecordError::OneParty { party: signer });
}

#[test]
fn only_the_other_side_completes() {
    let (customer, vendor) = parties();
    let half = || sign_half(bargain(&customer, &vendor), &customer).unwrap();
    for wrong in [&customer, &key(3)] {
        let error = half().countersign(wrong).unwrap_err();
        assert_eq!(error, SignError::Issuer { named: vendor.public(), key: wrong.public() });
        let signature = signature_for(half().payload(), Bargain::TYPE, wrong);
        let error = half().complete(signature).unwrap_err();
        assert_eq!(error, RecordError::Signature { signer: vendor.public() });
    }
    // The vendor's signature, but over another bargain.
    let mut other = bargain(&customer, &vendor);
    other.what = "three chairs".to_owned();
    let other = signature_for(&drisl::to_vec(&other).unwrap(), Bargain::TYPE, &vendor);
    assert!(half().complete(other).is_err());
}

#[test]
fn a_second_implementation_reads_ours() {
    let (customer, vendor) = parties();
    let theirs = CoseSign::from_tagged_slice(co_signed().bytes()).unwrap();
    assert!(theirs.unprotected.is_empty() && theirs.signatures.len() == 2);
    for (which, signer) in [customer, vendor].iter().enumerate() {
        let header = &theirs.signatures[which].protected.header;
        assert_eq!(header.key_id, signer.public().multikey());
        assert!(header.rest.is_empty() && theirs.signatures[which].unprotected.is_empty());
        let verify = |signature: &[u8], message: &[u8]| {
            let signature = signature.try_into().unwrap();
            if signer.public().verify(message, &signature) { Ok(()) } else { Err("signature") }
        };
        theirs.verify_signature(which, &[], verify).unwrap();
    }
}

/// One signature over a payload of any bytes, by the second implementation.
fn signature_for(payload: &[u8], kind: &str, signer: &SignKey) -> [u8; 64] {
    let kind = Value::Text(format!("application/vnd.bespeak.{kind}+cbor"));
    let body = HeaderBuilder::new().value(16, kind).build();
    let header = HeaderBuilder::new().algorithm(Algorithm::Ed25519);
    let header = header.key_id(signer.public().multikey().to_vec()).build();
    let signature = CoseSignatureBuilder::new().protected(header).build();
    let builder = CoseSignBuilder::new().protected(body).payload(payload.to_vec());
    let signed =
        builder.add_created_signature(signature, &[], |message| signer.sign(message).to_vec()).build();
    signed.signatures[0].signature.as_slice().try_into().unwrap()
}

fn theirs(signers: &[&SignKey], agreed: &Bargain) -> Vec<u8> {
    let kind = Value::Text("application/vnd.bespeak.bargain+cbor".to_owned());
    let body = HeaderBuilder::new().value(16, kind).build();
    let mut builder = CoseSignBuilder::new().protected(body).payload(drisl::to_vec(agreed).unwrap());
    for signer in signers {
        let header = HeaderBuilder::new().algorithm(Algorithm::Ed25519);
        let header = header.key_id(signer.public().multikey().to_vec()).build();
        let signature = CoseSignatureBuilder::new().protected(header).build();
        builder = builder.add_created_signature(signature, &[], |message| signer.sign(message).to_vec());
    }
    builder.build().to_tagged_vec().unwrap()
}

#[test]
fn a_second_implementation_writes_the_same_bytes() {
    let (customer, vendor) = parties();
    let theirs = theirs(&[&customer, &vendor], &bargain(&customer, &vendor));
    assert_eq!(hex(&theirs), hex(co_signed().bytes()));
}

#[test]
fn other_signers_are_refused_though_they_signed() {
    let (customer, vendor) = parties();
    let agreed = bargain(&customer, &vendor);
    let with = |signers: &[&SignKey]| refused(&theirs(signers, &agreed));
    let (c, v, s) = (customer.public(), vendor.public(), key(3).public());
    assert_eq!(with(&[&vendor, &customer]), RecordError::Issuer { named: c, signer: v });
    assert_eq!(with(&[&customer, &customer]), RecordError::Issuer { named: v, signer: c });
    assert_eq!(with(&[&key(3), &vendor]), RecordError::Issuer { named: c, signer: s });
    assert!(matches!(with(&[]), RecordError::Envelope { .. }));
    assert!(matches!(with(&[&customer]), RecordError::Envelope { .. }));
    assert!(matches!(with(&[&customer, &vendor, &key(3)]), RecordError::Envelope { .. }));
    let alone = theirs(&[&customer, &customer], &bargain(&customer, &customer));
    assert_eq!(refused(&alone), RecordError::OneParty { party: c });
}

#[test]
fn exchanged_signatures_are_refused() {
    let bytes = co_signed().bytes().to_vec();
    let text = hex(&bytes);
    let [one, two] = [Side::Customer, Side::Vendor].map(|side| hex(co_signed().signature(side)));
    let exchanged = text.replace(&one, "x").replace(&two, &one).replace('x', &two);
    assert_ne!(exchanged, text);
    let signer = key(1).public();
    assert_eq!(refused(&common::unhex(&exchanged)), RecordError::Signature { signer });
}

#[test]
fn a_record_is_no_agreement_and_the_other_way_round() {
    let record = bespeak_identity::Signed::sign(common::note(&key(1), "text"), &key(1)).unwrap();
    assert_eq!(refused(record.bytes()), RecordError::Tag { expected: 98, found: Some(18) });
    let agreement = co_signed().bytes().to_vec();
    let error = bespeak_identity::Unverified::<common::Note>::from_bytes(agreement).unwrap_err();
    assert_eq!(error, RecordError::Tag { expected: 18, found: Some(98) });
    // A half's signature is none of a record over the same payload: the structures signed differ.
    let half = signature_for(&[0xa0], "note", &key(1));
    assert_ne!(half.to_vec(), key(1).sign(&[0xa0]).to_vec());
}

#[test]
fn every_bit_counts() {
    let good = co_signed().bytes().to_vec();
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&bytes).is_err(), "bit {bit}");
    }
    for len in 0..good.len() {
        assert!(read(&good[..len]).is_err(), "cut at {len}");
    }
    assert!(read(&[good.as_slice(), &[0]].concat()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_agreement_comes_back(one: [u8; 32], two: [u8; 32], what in ".{0,200}", vendor_first: bool) {
        prop_assume!(one != two);
        let (customer, vendor) = (SignKey::from_bytes(&one), SignKey::from_bytes(&two));
        let mut agreed = bargain(&customer, &vendor);
        agreed.what = what;
        let (first, second) = if vendor_first { (&vendor, &customer) } else { (&customer, &vendor) };
        let [here, there] = exchange(first, second, agreed);
        prop_assert_eq!(&here, &there);
        prop_assert_eq!(read(here.bytes()).unwrap(), here);
    }

    #[test]
    fn any_damage_is_refused(at: proptest::sample::Index, xor in 1_u8..) {
        let mut bytes = co_signed().bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= xor;
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        let _ = read(&[vec![0xd8, 0x62, 0x84], bytes].concat());
    }
}
