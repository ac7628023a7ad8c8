//! The profile: official fixtures, codec cases by hand, and a second opinion for every byte string.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use bespeak_identity::drisl::{self, MAX_DEPTH, MAX_LEN, check};
use bespeak_identity::{DecodeError, EncodeError, RecordId};
use common::{hex, unhex, vectors};
use ipld_core::cid::Cid;
use ipld_core::ipld::Ipld;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

/// DASL fixtures that our profile answers otherwise: file, name, and why.
const OTHERWISE: [(&str, &str, &str); 13] = [
    ("cid", "Big DASL CID", "links of ours are sha2-256 only"),
    ("floats", "float reduction", "no floats"),
    ("floats", "64-bit floats only", "no floats"),
    ("floats", "short NaN", "no floats"),
    ("floats", "zero float64", "no floats"),
    ("floats", "zero float16", "no floats"),
    ("floats", "64-bit subnormal number", "no floats"),
    ("integer_range", "smallest CBOR integer, -(2^64)", "integers of 64 bits: below -(2^63) none"),
    ("integer_range", "smallest unsigned bigint", "tag 42 only"),
    ("integer_range", "highest negative bigint", "tag 42 only"),
    ("numeric_reduction", "map with equal int and float keys", "no floats, text keys only"),
    ("numeric_reduction", "too small for int reduction, <-(2^63)", "no floats"),
    ("utf8", "text not in Unicode Normalization Form C", "dCBOR's rule; bytes are never normalised here"),
];

/// Whether a fixture that is not in [`OTHERWISE`] is good: `roundtrip` is, `invalid_in` and `invalid_out` are not.
fn good(file: &str, fixture: &serde_json::Value, used: &mut Vec<&'static str>) -> bool {
    let (name, kind) = (fixture["name"].as_str().unwrap(), fixture["type"].as_str().unwrap());
    let named = OTHERWISE.iter().find(|(of, known, _)| *of == file && *known == name);
    // Under one name there may be a fixture that is good elsewhere and one that is bad elsewhere.
    let ours = match named {
        Some((.., why)) if file == "utf8" => (true, why),
        Some((.., why)) => (false, why),
        None => return kind == "roundtrip",
    };
    if ours.0 != (kind == "roundtrip") {
        used.push(named.unwrap().1);
    }
    ours.0
}

#[test]
fn dasl_fixtures() {
    let (mut seen, mut used) = (0, Vec::new());
    for file in [
        "cid",
        "concat",
        "floats",
        "indefinite",
        "integer_range",
        "map_keys",
        "numeric_reduction",
        "short_form",
        "simple",
        "tags",
        "utf8",
    ] {
        let Some(fixtures) = vectors(&format!("dasl/{file}.json")) else { return };
        for fixture in fixtures.as_array().unwrap() {
            let bytes = unhex(fixture["data"].as_str().unwrap());
            let good = good(file, fixture, &mut used);
            assert_eq!(check(&bytes).is_ok(), good, "{file}: {fixture}");
            if good {
                let value: Ipld = drisl::from_slice(&bytes).unwrap();
                assert_eq!(drisl::to_vec(&value).unwrap(), bytes, "{file}: {fixture}");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 105);
    for (file, name, why) in OTHERWISE {
        assert!(used.contains(&name), "{file}: {name} needs no exception ({why})");
    }
}

/// All of RFC 8949's Appendix A that is in the profile.
const APPENDIX_A: [&str; 28] = [
    "00",
    "01",
    "0a",
    "17",
    "1818",
    "1819",
    "1864",
    "1903e8",
    "1a000f4240",
    "1b000000e8d4a51000",
    "1bffffffffffffffff",
    "20",
    "29",
    "3863",
    "3903e7",
    "f4",
    "f5",
    "f6",
    "40",
    "4401020304",
    "60",
    "6161",
    "6449455446",
    "62225c",
    "62c3bc",
    "63e6b0b4",
    "64f0908591",
    "80",
];
/// The same, arrays and maps.
const APPENDIX_A_NESTED: [&str; 7] = [
    "83010203",
    "8301820203820405",
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    "a0",
    "a26161016162820203",
    "826161a161626163",
    "a56161614161626142616361436164614461656145",
];

#[test]
fn rfc_8949_appendix_a() {
    let Some(rows) = vectors("cbor-appendix_a.json") else { return };
    let mut accepted = 0;
    for row in rows.as_array().unwrap() {
        let text = row["hex"].as_str().unwrap();
        let ours = APPENDIX_A.contains(&text) || APPENDIX_A_NESTED.contains(&text);
        assert_eq!(check(&unhex(text)).is_ok(), ours, "{row}");
        accepted += usize::from(ours);
        if let (true, Some(decoded)) = (ours, row.get("decoded")) {
            let value: Ipld = drisl::from_slice(&unhex(text)).unwrap();
            assert_eq!(serde_json::to_value(&value).unwrap(), *decoded);
        }
    }
    assert_eq!(accepted, APPENDIX_A.len() + APPENDIX_A_NESTED.len());
}

#[test]
fn atproto_fixtures_and_their_ids() {
    let Some(rows) = vectors("atproto-data-model-fixtures.json") else { return };
    for row in rows.as_array().unwrap() {
        let bytes = multibase::Base::Base64.decode(row["cbor_base64"].as_str().unwrap()).unwrap();
        let value: Ipld = drisl::from_slice(&bytes).unwrap();
        assert_eq!(drisl::to_vec(&value).unwrap(), bytes);
        assert_eq!(RecordId::<()>::of_payload(&bytes).to_string(), row["cid"].as_str().unwrap());
    }
}

fn fault(text: &str) -> DecodeError {
    check(&unhex(text)).unwrap_err()
}

#[test]
fn each_fault_is_named_with_its_place() {
    assert_eq!(fault(""), DecodeError::Ended { at: 0 });
    assert_eq!(fault("8201"), DecodeError::Ended { at: 2 });
    assert_eq!(fault("430102"), DecodeError::Ended { at: 3 });
    assert_eq!(fault("5bffffffffffffffff"), DecodeError::Ended { at: 9 });
    assert_eq!(fault("9bffffffffffffffff"), DecodeError::Ended { at: 9 });
    assert_eq!(fault("0000"), DecodeError::Trailing { at: 1 });
    assert_eq!(fault("811817"), DecodeError::NotShortest { at: 1 });
    assert_eq!(fault("829fff00"), DecodeError::Indefinite { at: 1 });
    assert_eq!(fault("ff"), DecodeError::Indefinite { at: 0 });
    assert_eq!(fault("1c"), DecodeError::Reserved { at: 0 });
    assert_eq!(fault("81fb7ff8000000000000"), DecodeError::Float { at: 1 });
    assert_eq!(fault("f98000"), DecodeError::Float { at: 0 });
    assert_eq!(fault("f7"), DecodeError::Simple { at: 0 });
    assert_eq!(fault("f814"), DecodeError::Simple { at: 0 });
    assert_eq!(fault("3b8000000000000000"), DecodeError::IntegerRange { at: 0 });
    assert_eq!(fault("62c328"), DecodeError::NotUtf8 { at: 0 });
    assert_eq!(fault("c001"), DecodeError::Tag { tag: 0, at: 0 });
    assert_eq!(fault("d82a4100"), DecodeError::Link { at: 0 });
    assert_eq!(fault("d82a6100"), DecodeError::Link { at: 0 });
    let link = format!("0001711220{}", "00".repeat(32));
    assert_eq!(check(&unhex(&format!("d82a5825{link}"))), Ok(()));
    assert_eq!(fault(&format!("d82a5826{link}00")), DecodeError::Link { at: 0 });
    assert_eq!(fault("a10000"), DecodeError::KeyNotText { at: 1 });
    assert_eq!(fault("a1410000"), DecodeError::KeyNotText { at: 1 });
    assert_eq!(fault("a2616100616101"), DecodeError::KeyOrder { at: 4 });
    assert_eq!(fault("a2616200616101"), DecodeError::KeyOrder { at: 4 });
    // The shorter key first, whatever its letters.
    assert_eq!(fault("a262616100616200"), DecodeError::KeyOrder { at: 5 });
    assert_eq!(check(&unhex("a261620062616100")), Ok(()));
    // The empty key is a key, and once.
    assert_eq!(check(&unhex("a16000")), Ok(()));
    assert_eq!(fault("a260006000"), DecodeError::KeyOrder { at: 3 });
}

fn nested(head: &[u8], depth: usize) -> Vec<u8> {
    [head.repeat(depth), vec![0]].concat()
}

#[test]
fn nesting_is_bounded() {
    for head in [[0x81].as_slice(), &[0xa1, 0x61, 0x61]] {
        assert_eq!(check(&nested(head, MAX_DEPTH)), Ok(()));
        let at = head.len() * MAX_DEPTH;
        for depth in [MAX_DEPTH + 1, 1_000, MAX_LEN / head.len() - 1] {
            assert_eq!(check(&nested(head, depth)), Err(DecodeError::TooDeep { at }));
            assert!(drisl::diagnostic(&nested(head, depth)).is_err());
        }
        let value: Ipld = drisl::from_slice(&nested(head, MAX_DEPTH)).unwrap();
        assert_eq!(drisl::to_vec(&value).unwrap(), nested(head, MAX_DEPTH));
        assert!(drisl::to_vec(&Ipld::List(vec![value])).is_err());
    }
    // Tags do not nest at all.
    assert!(check(&nested(&[0xd8, 0x2a], 1_000)).is_err());
}

#[test]
fn length_is_bounded() {
    let fits = Ipld::Bytes(vec![0; MAX_LEN - 3]);
    assert_eq!(drisl::to_vec(&fits).unwrap().len(), MAX_LEN);
    let longer = DecodeError::TooLong { len: MAX_LEN + 1, max: MAX_LEN };
    assert_eq!(drisl::to_vec(&Ipld::Bytes(vec![0; MAX_LEN - 2])), Err(EncodeError::Profile(longer)));
}

#[test]
fn what_the_profile_has_no_place_for_is_not_written() {
    for float in [0.0, -0.0, 1.5] {
        assert!(matches!(drisl::to_vec(&float), Err(EncodeError::Profile(DecodeError::Float { at: 0 }))));
    }
    assert!(matches!(drisl::to_vec(&f64::NAN), Err(EncodeError::Write { .. })));
    assert!(matches!(drisl::to_vec(&f64::INFINITY), Err(EncodeError::Write { .. })));
    assert!(drisl::to_vec(&(i128::from(i64::MIN) - 1)).is_err());
    assert!(drisl::to_vec(&(u128::from(u64::MAX) + 1)).is_err());
    assert!(drisl::to_vec(&std::collections::BTreeMap::from([(1, 2)])).is_err());
    let sha1 = Cid::try_from(unhex("01551114f572d396fae9206628714fb2ce00f72e94f2258f")).unwrap();
    assert_eq!(drisl::to_vec(&sha1), Err(EncodeError::Profile(DecodeError::Link { at: 0 })));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair {
    zebra: u8,
    ant: u8,
}

#[test]
fn fields_are_sorted_and_unknown_keys_passed_over() {
    let bytes = drisl::to_vec(&Pair { zebra: 1, ant: 2 }).unwrap();
    assert_eq!(hex(&bytes), "a263616e7402657a6562726101");
    let more = unhex("a363616e7402656f7468657282f6a0657a6562726101");
    assert_eq!(drisl::from_slice::<Pair>(&more).unwrap(), Pair { zebra: 1, ant: 2 });
    for other in ["a163616e7402", "a263616e7402657a6562726120", "a263616e7402657a65627261190100", "80", "00"]
    {
        let refused = drisl::from_slice::<Pair>(&unhex(other));
        assert!(matches!(refused, Err(DecodeError::Shape { .. })), "{other}: {refused:?}");
    }
}

#[test]
fn ids_stand_as_links_and_refuse_other_links() {
    let id = RecordId::<Pair>::of_payload(b"payload");
    let bytes = drisl::to_vec(&id).unwrap();
    assert_eq!(hex(&bytes), format!("d82a58250001711220{}", hex(id.as_digest())));
    assert_eq!(drisl::from_slice::<RecordId<Pair>>(&bytes).unwrap(), id);
    let text = serde_json::to_string(&id).unwrap();
    assert_eq!(text, format!("\"{id}\""));
    assert_eq!(serde_json::from_str::<RecordId<Pair>>(&text).unwrap(), id);
    // A link to raw bytes is in the profile, but names no record.
    let raw = unhex(&hex(&bytes).replace("000171", "000155"));
    assert_eq!(check(&raw), Ok(()));
    assert!(matches!(drisl::from_slice::<RecordId<Pair>>(&raw), Err(DecodeError::Shape { .. })));
}

#[test]
fn ids_have_one_spelling() {
    let id = RecordId::<Pair>::of_payload(b"payload");
    let text = id.to_string();
    assert!(text.starts_with(RecordId::<Pair>::COMMON_PREFIX) && text.len() == 59);
    assert_eq!(id.short(), text[7..15]);
    assert_eq!(text.parse(), Ok(id));
    assert_eq!(id.cast::<()>().as_digest(), id.as_digest());
    let cid: Cid = text.parse().unwrap();
    let other_base = cid.to_string_of_base(multibase::Base::Base58Btc).unwrap();
    let raw = Cid::new_v1(0x55, *cid.hash()).to_string();
    for bad in
        [text.to_uppercase(), other_base, raw, text[1..].to_owned(), format!("{text}a"), "b".repeat(99)]
    {
        assert!(bad.parse::<RecordId<Pair>>().is_err(), "{bad}");
    }
}

#[test]
fn diagnostic_notation() {
    let id = RecordId::<()>::from_digest([0; 32]);
    let value = Ipld::Map(
        [
            ("list", Ipld::List(vec![Ipld::Integer(-1), Ipld::Bool(true), Ipld::Null])),
            ("none", Ipld::List(vec![])),
            ("what", Ipld::String("\"a\\\"\n\u{1b}[2J\u{202e}é".to_owned())),
            ("bytes", Ipld::Bytes(vec![0xca, 0xfe])),
            ("of", Ipld::Link(id.to_string().parse().unwrap())),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into(),
    );
    let zeros = "0".repeat(64);
    assert_eq!(
        drisl::diagnostic(&drisl::to_vec(&value).unwrap()).unwrap(),
        format!(
            "{{\n  \"of\": 42(h'0001711220{zeros}') / {id} /,\n  \"list\": [\n    -1,\n    true,\n    null\n  ],\n  \
             \"none\": [],\n  \"what\": \"\\\"a\\\\\\\"\\n\\u001b[2J\\u202eé\",\n  \"bytes\": h'cafe'\n}}"
        )
    );
}

/// The long way to the same answer as [`check`]: decode whatever it is, look at it, encode it again.
fn second_opinion(bytes: &[u8]) -> bool {
    fn in_profile(value: &Ipld, depth: usize) -> bool {
        match value {
            Ipld::Float(_) => false,
            Ipld::Integer(value) => *value >= i128::from(i64::MIN),
            Ipld::List(items) => depth < MAX_DEPTH && items.iter().all(|item| in_profile(item, depth + 1)),
            Ipld::Map(items) => depth < MAX_DEPTH && items.values().all(|item| in_profile(item, depth + 1)),
            Ipld::Link(cid) => {
                let known = cid.codec() == 0x71 || cid.codec() == 0x55;
                known && cid.hash().code() == 0x12 && cid.hash().digest().len() == 32
            }
            _ => true,
        }
    }
    match serde_ipld_dagcbor::from_slice::<Ipld>(bytes) {
        Ok(value) => in_profile(&value, 0) && serde_ipld_dagcbor::to_vec(&value).unwrap() == bytes,
        Err(_) => false,
    }
}

fn values() -> impl Strategy<Value = Ipld> {
    let link = any::<[u8; 32]>().prop_map(|digest| {
        let id = RecordId::<()>::from_digest(digest);
        Ipld::Link(id.to_string().parse().unwrap())
    });
    let leaf = prop_oneof![
        Just(Ipld::Null),
        any::<bool>().prop_map(Ipld::Bool),
        any::<i64>().prop_map(|value| Ipld::Integer(value.into())),
        any::<u64>().prop_map(|value| Ipld::Integer(value.into())),
        (-300_i128..300).prop_map(Ipld::Integer),
        ".{0,30}".prop_map(Ipld::String),
        proptest::collection::vec(any::<u8>(), 0..300).prop_map(Ipld::Bytes),
        link,
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Ipld::List),
            proptest::collection::btree_map(".{0,4}", inner, 0..8).prop_map(Ipld::Map),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_comes_back(value in values()) {
        let bytes = drisl::to_vec(&value).unwrap();
        prop_assert!(second_opinion(&bytes));
        prop_assert_eq!(drisl::from_slice::<Ipld>(&bytes).unwrap(), value);
        prop_assert!(drisl::diagnostic(&bytes).is_ok());
    }

    #[test]
    fn damaged_values_are_judged_as_the_second_opinion_does(
        value in values(), at: proptest::sample::Index, byte: u8, cut: bool,
    ) {
        let mut bytes = drisl::to_vec(&value).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        prop_assert_eq!(check(&bytes).is_ok(), second_opinion(&bytes), "{}", hex(&bytes));
        prop_assert!(!cut || check(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_judged_as_the_second_opinion_does(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(check(&bytes).is_ok(), second_opinion(&bytes));
        prop_assert_eq!(drisl::diagnostic(&bytes).is_ok(), check(&bytes).is_ok());
    }
}
