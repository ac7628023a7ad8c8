#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{assert_refused, assert_round_trips};

#[test]
fn the_check_digit_of_the_standard_example_is_3() {
    assert_eq!(Gtin::check_digit("629104150021"), Some(3));
    let gtin: Gtin = "6291041500213".parse().unwrap();
    assert_eq!((gtin.to_string().as_str(), gtin.as_14().as_str()), ("6291041500213", "06291041500213"));
    assert_eq!(
        "6291041500214".parse::<Gtin>(),
        Err(GtinError::CheckDigit { text: "6291041500214".into(), expected: 3 })
    );
}

#[test]
fn leading_zeros_name_the_same_goods() {
    let (short, long): (Gtin, Gtin) = ("036000291452".parse().unwrap(), "00036000291452".parse().unwrap());
    assert_eq!(short, long);
    assert_eq!(short.as_14(), long.as_14());
    assert_ne!(short.to_string(), long.to_string());
    let set = std::collections::HashSet::from([short, long]);
    assert_eq!(set.len(), 1);
}

#[test]
fn other_forms_are_refused() {
    let long = "0".repeat(10_000);
    let wrong = [
        "",
        "0",
        "6291041500",
        "629104150021x",
        "00000000",
        "00000000000000",
        " 6291041500213",
        "6291041500213 ",
    ];
    for text in wrong.into_iter().chain(["-291041500213", "٦٢٩١", "629-1041500213", &long]) {
        assert!(matches!(text.parse::<Gtin>(), Err(GtinError::Form(_))), "{text}");
        assert_refused::<Gtin>(&json!(text));
    }
    assert_refused::<Gtin>(&json!(6_291_041_500_213_u64));
    assert_eq!(Gtin::check_digit(""), None);
    assert_eq!(Gtin::check_digit("12345678901234"), None);
    assert_eq!(Gtin::check_digit("12a"), None);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(body in "[0-9]{7}|[0-9]{11}|[0-9]{12}|[0-9]{13}") {
        prop_assume!(body.bytes().any(|b| b != b'0'));
        let text = format!("{body}{}", Gtin::check_digit(&body).unwrap());
        let gtin: Gtin = text.parse().unwrap();
        prop_assert_eq!(gtin.to_string(), text);
        assert_round_trips(&gtin);
    }

    #[test]
    fn one_wrong_digit_is_always_found(body in "[1-9][0-9]{11}", at in 0..13_usize, by in 1..10_u8) {
        let text = format!("{body}{}", Gtin::check_digit(&body).unwrap());
        let mut bytes = text.into_bytes();
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        prop_assert!(String::from_utf8(bytes).unwrap().parse::<Gtin>().is_err());
    }

    #[test]
    fn no_text_brings_the_reader_down(text in any::<String>()) {
        let _ = text.parse::<Gtin>();
    }
}
