#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

#[test]
fn case_accents_and_marks_of_trade_are_no_difference() {
    assert_eq!(terms("Café RÉSUMÉ SmartFit™ Core®"), ["cafe", "resume", "smartfit", "core"]);
}

#[test]
fn one_and_many_come_out_alike() {
    for (one, many) in [
        ("battery", "batteries"),
        ("cable", "cables"),
        ("watch", "watches"),
        ("lens", "lenses"),
        ("case", "cases"),
        ("box", "boxes"),
        ("shelf", "shelves"),
        ("size", "sizes"),
        ("glass", "glasses"),
        ("brush", "brushes"),
        ("woman", "women"),
        ("shoe", "shoes"),
    ] {
        assert_eq!(terms(one), terms(many), "{one}, {many}");
    }
}

#[test]
fn what_only_looks_like_a_plural_stays() {
    assert_eq!(terms("usb gps bus wireless plus"), ["usb", "gps", "bus", "wireless", "plus"]);
}

#[test]
fn numbers_and_units_are_two_terms_however_they_are_written() {
    for same in ["128GB", "128 GB", "128 gb"] {
        assert_eq!(terms(same), ["128", "gb"]);
    }
    for same in ["27\"", "27 inch", "27in", "27 in", "27 inches", "27-inch", "27”", "27inch", "27 Zoll"] {
        assert_eq!(terms(same), ["27", "inch"], "{same}");
    }
    assert_eq!(terms("10,000 mAh"), ["10000", "mah"]);
    assert_eq!(terms("H7, 24V"), ["h7", "24", "v"]);
}

#[test]
fn one_size_comes_out_alike_in_every_unit() {
    for (one, other) in [
        ("1TB", "1000 GB"),
        ("1 tb ssd", "1000gb SSD"),
        ("1.5 l", "1500 ml"),
        ("1,5 Liter", "1.50-litre"),
        ("1.5 kg", "1500 g"),
        ("6 ft", "72 inch"),
        ("1.8 m", "180 cm"),
        ("180cm", "1800 mm"),
        ("2.4 GHz", "2400MHz"),
        ("1.5 kVA", "1500VA"),
        ("two 2.0 m cables", "two 200 cm cable"),
    ] {
        assert_eq!(terms(one), terms(other), "{one}, {other}");
    }
    assert_eq!(terms("15.6 inch"), ["15.6", "inch"], "never rounded into centimetres");
}

#[test]
fn what_only_looks_like_a_size_stays() {
    assert_eq!(terms("2 in 1"), ["2", "in", "1"]);
    assert_eq!(terms("5 in stock"), ["5", "in", "stock"]);
    assert_eq!(terms("room 5; m"), ["room", "5", "m"]);
    assert_eq!(terms("4,5,6"), ["4", "5", "6"]);
    assert_eq!(terms("10,000"), ["10000"]);
    assert_eq!(terms("1,25"), ["1.25"]);
}

#[test]
fn model_numbers_stay_whole() {
    assert_eq!(terms("WH-1000XM4 C4872A"), ["wh", "1000xm4", "c4872a"]);
}

proptest! {
    #[test]
    fn any_text_has_bounded_terms(text in any::<String>()) {
        for term in terms(&text) {
            prop_assert!(!term.is_empty() && term.len() <= MAX_TERM_BYTES);
        }
    }
}

#[test]
fn a_megabyte_is_cut() {
    assert_eq!(terms(&"a b ".repeat(500_000)).len(), MAX_TERMS);
    assert_eq!(terms(&"x".repeat(1_000_000)), ["x".repeat(MAX_TERM_BYTES)]);
}
